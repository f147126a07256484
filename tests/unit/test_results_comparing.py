"""When a value and the one before may be read side by side."""

from __future__ import annotations

import pytest

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.results.rules.comparing import (
    METHOD_MATTERS,
    Measured,
    alike,
    in_place_of,
    incomparable,
)
from lab_contingency.results.rules.values import ResultValue

pytestmark = [pytest.mark.feature(103), pytest.mark.hazard("08")]


def measured(code, method="", unit="umol/L", laboratory="Ours"):
    return Measured(code, code.title(), ResultValue("1", unit=unit, method=method), laboratory)


@pytest.mark.parametrize(
    ("now", "before", "why"),
    [
        (("CREA", "enzymatic"), ("CREA", "enzymatic"), ""),
        (("CREA", "Enzymatic "), ("CREA", "enzymatic"), ""),
        (("CREA", "enzymatic"), ("CREA", "Jaffe"), "Jaffe before, enzymatic now"),
        (("CREA", "enzymatic"), ("CREA", ""), "method not stated before, enzymatic now"),
        (("TNI", "Abbott"), ("TNT", "Roche"), "Tnt before, Tni now"),
        (("TNI", "same"), ("TNT", "same"), "Tnt before, Tni now"),
        (("NA", "Roche"), ("NA", "Abbott"), ""),
    ],
)
def test_methods(now, before, why):
    assert incomparable(measured(*now), measured(*before)) == why


def test_units_that_differ_are_never_compared_whatever_the_method():
    feu = measured("DDIM", "Sysmex CN", "µg/L FEU")
    ddu = measured("DDIM", "Sysmex CN", "µg/L DDU")
    assert incomparable(feu, ddu) == "µg/L DDU before, µg/L FEU now"
    assert incomparable(measured("NA", unit="mmol/L"), measured("NA", unit="mg/L"))


def test_two_laboratories_that_state_no_method_are_not_compared_where_it_matters():
    ours, theirs = measured("CREA"), measured("CREA", laboratory="Theirs")
    assert incomparable(ours, theirs) == "method not stated, Theirs before"
    assert incomparable(ours, measured("CREA")) == ""
    assert incomparable(measured("NA"), measured("NA", laboratory="Theirs")) == ""


def test_what_is_measured_in_place_of_another_is_looked_for_too():
    assert in_place_of("TNT") == {"TNT", "TNI"}
    assert alike({"TNT", "NA"}) == {"TNT", "TNI", "NA"}
    assert alike({"NA"}) == {"NA"}


def test_the_list_of_methods_that_matter_holds_analytes_of_the_catalogue():
    assert len(METHOD_MATTERS & set(catalogue().analytes)) > 15
    assert set(catalogue().analytes) >= METHOD_MATTERS, METHOD_MATTERS - set(catalogue().analytes)
