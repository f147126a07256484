"""Reading and judging one value."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Flag
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.results.rules.values import (
    LONGEST_TEXT,
    Bench,
    Repeated,
    Reported,
    judge,
    record_of,
    value_of,
    worked_out,
)

NOW = dt.datetime(2026, 11, 24, 3, 31, tzinfo=dt.UTC)


def analyte(code):
    return catalogue().analyte(code)


def bench(sex="F", age=68, **changes):
    held = catalogue().analytes.values()
    intervals = {(a.code, "M"): a.male for a in held if a.male}
    intervals |= {(a.code, "F"): a.female for a in held if a.female}
    limits = {a.code: a.critical for a in held if a.critical}
    return Bench(sex, age, "cobas", intervals=intervals, limits=limits, **changes)


def judged(code, typed, where=None, **keys):
    return judge(analyte(code), typed, where or bench(), NOW, **keys)


def test_a_value_carries_all_that_it_was_judged_by():
    value = judged("K", "6.8", bench(taken_at=NOW - dt.timedelta(minutes=26))).value

    assert (value.words, value.unit, value.interval) == ("6.8", "mmol/L", "3.5–5.3")
    assert (value.flag, value.limit, value.method) == (Flag.HIGH, "≤ 2.5 or ≥ 6.5", "cobas")
    assert value.age == dt.timedelta(minutes=26)


@pytest.mark.parametrize(
    ("typed", "critical"), [("6.4", False), ("6.5", True), ("2.5", True), (">6.4", True)]
)
def test_critical_is_what_the_issuers_limit_says(typed, critical):
    assert judged("K", typed).critical is critical


def test_a_text_is_critical_by_its_words():
    assert judged("MALF", "P. falciparum seen").critical
    assert not judged("MALF", "Not seen").critical


@pytest.mark.parametrize("typed", ["..", "not done", "NOT DONE"])
def test_not_done_has_no_unit_and_is_never_critical(typed):
    result = judged("K", typed)

    assert (result.value.words, result.value.unit, result.critical) == ("not done", "", False)


def test_a_sample_taken_after_the_measurement_is_not_negative_minutes_old():
    value = judged("K", "4.4", bench(taken_at=NOW + dt.timedelta(minutes=5))).value

    assert value.age_minutes == 0


def test_a_text_that_does_not_fit_the_slip_is_refused():
    with pytest.raises(RuleBroken, match="would not fit"):
        judged("FILMC", "x" * (LONGEST_TEXT + 1))


@pytest.mark.parametrize("unit", ["mmol/L", ""])
def test_a_report_in_the_fixed_unit_is_taken(unit):
    assert judged("K", "4.4", reported=Reported(unit=unit)).value.unit == "mmol/L"


def test_a_reports_interval_and_flag_win_over_ours():
    value = judged("K", "5.4", reported=Reported(interval="3.5–5.5", flag=Flag.NORMAL)).value

    assert (value.interval, value.flag) == ("3.5–5.5", Flag.NORMAL)


def test_egfr_is_not_worked_out_for_a_child():
    assert worked_out(analyte("EGFR"), {"CREA": Decimal(80)}, bench(age=12), NOW) is None


def test_a_worked_out_calcium_can_be_critical():
    numbers = {"CA": Decimal("3.60"), "ALB": Decimal(40)}

    result = worked_out(analyte("CAADJ"), numbers, bench(), NOW)

    assert result is not None
    assert result.critical


@given(st.sampled_from(["6.8", "<5", ">=10", "-4.2", "0.50", ".."]), st.sampled_from(["BE", "NA"]))
def test_a_value_comes_back_from_its_record_as_it_was(typed, code):
    try:
        value = judged(code, typed, bench(taken_at=NOW)).value
    except RuleBroken:
        return

    assert value_of(record_of(value)) == value


@pytest.mark.parametrize(
    ("repeated", "comment", "said"),
    [
        (Repeated.UNSAID, "", ""),
        (Repeated.YES, "", "Repeated, the same."),
        (Repeated.NO, "clotted", "Not repeated yet. clotted"),
    ],
)
def test_what_is_said_beside_a_value_is_kept_with_it(repeated, comment, said):
    value = replace(judged("K", "6.8", bench()).value, repeated=repeated, comment=comment)

    assert value_of(record_of(value)) == value
    assert value.said == said


@pytest.mark.parametrize(("code", "typed"), [("ABO", "zebra"), ("RHD", "posit"), ("HIVAB", "?")])
def test_a_coded_text_takes_only_what_it_can_be(code, typed):
    with pytest.raises(RuleBroken, match="Choose one of these"):
        judged(code, typed)


@pytest.mark.parametrize(
    ("code", "typed", "kept"),
    [("ABO", "ab", "AB"), ("RHD", "POSITIVE", "Positive"), ("ABS", "Negative", "Negative")],
)
def test_a_choice_is_kept_as_it_is_spelt(code, typed, kept):
    assert judged(code, typed).value.text == kept


def test_what_can_be_chosen_is_said():
    with pytest.raises(RuleBroken) as refused:
        judged("ABS", "pos")

    assert refused.value.message == (
        "Antibody screen is Negative, Positive or Inconclusive. "
        "Choose one of these, or “..” for not done."
    )


@pytest.mark.parametrize("code", ["FILMC", "MALF", "BCUL"])
def test_a_description_stays_free(code):
    assert judged(code, "Gram-positive cocci, clusters").value.text


@pytest.mark.hazard("H06")
def test_every_choice_but_the_expected_one_is_telephoned():
    coded = [each for each in catalogue().analytes.values() if each.choices and each.critical]

    silent = {
        (each.code, one)
        for each in coded
        for one in each.choices
        if not judged(each.code, one).critical
    }

    assert silent == {(each.code, each.expected_text) for each in coded}


def test_a_limit_of_words_is_said_as_words():
    assert judged("ABS", "Positive").value.limit == "any positive result"
    assert judged("HIVAB", "Reactive").value.limit == "any reactive result"
    assert judged("FILMC", "blasts").value.limit == "blasts"
