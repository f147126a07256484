"""What wristbands carry: NHS number, hospital number, GS1; and whether it is the patient’s on the card."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.places.rules import BandSettings, band_problems
from lab_contingency.requests.rules.gs1 import IDENTIFIERS, has_check_digit, read_gs1
from lab_contingency.requests.rules.identity import Identity, Sex
from lab_contingency.requests.rules.wristbands import (
    Agreement,
    CodeKind,
    cannot_tell,
    compare,
    read_wristband,
)
from tests.factories.world import nhs_number
from tests.factories.wristbands import gsrn

MINE, OTHER = nhs_number(1), nhs_number(2)
PATIENT = Identity("Doe", "Jo", dt.date(1958, 11, 4), Sex.FEMALE, MINE, "H0000001", "RJZ")
PLAIN = BandSettings()
SET = BandSettings(
    nhs_ai="98", hospital_ai="91", gsrn_prefix="5050898", hospital_form="@####### RJZ#######"
)
GSRN_MINE, GSRN_OTHER = gsrn(f"5050898{MINE}"), gsrn(f"5050898{OTHER}")


def of(scanned, settings=PLAIN, patient=PATIENT):
    return compare(read_wristband(scanned, settings, patient.hospital_number), patient)


@pytest.mark.parametrize(
    ("scanned", "settings", "kind"),
    [
        (MINE, PLAIN, CodeKind.NHS),
        (f" {MINE[:3]} {MINE[3:6]} {MINE[6:]}\r\n", PLAIN, CodeKind.NHS),
        (f"]C0{MINE}", PLAIN, CodeKind.NHS),
        ("H0000001", PLAIN, CodeKind.HOSPITAL),
        ("h0000001", SET, CodeKind.HOSPITAL),
        (f"(8018){GSRN_MINE}", SET, CodeKind.GS1),
        (f"8018{GSRN_MINE}", SET, CodeKind.GS1),
        (f"]d28018{GSRN_MINE}91RJZ,H0000001\x1d725019581104", SET, CodeKind.GS1),
        (f"]C1|98{MINE}|91RJZH0000001", SET, CodeKind.GS1),
        ("(91)RJZ H0000001(7250)19581104", SET, CodeKind.GS1),
        (f"(8018){GSRN_MINE}", PLAIN, CodeKind.GS1),
    ],
)
def test_each_code_of_the_right_wristband_agrees(scanned, settings, kind):
    assert read_wristband(scanned, settings, "H0000001").kind is kind
    assert of(scanned, settings) is Agreement.AGREES


@pytest.mark.hazard("H01")
@pytest.mark.parametrize(
    ("scanned", "settings"),
    [
        (OTHER, PLAIN),
        ("H0000002", PLAIN),
        ("H0000002", SET),
        ("RJZ1234567", SET),
        (f"(8018){GSRN_OTHER}", SET),
        (f"(8018){GSRN_OTHER}(91)RJZ,H0000001", SET),
        (f"(8018){GSRN_MINE}(91)RJZ,H0000009", SET),
        (f"(8018){GSRN_MINE}(7250)19581105", SET),
    ],
)
def test_one_thing_that_differs_outweighs_all_that_agrees(scanned, settings):
    assert of(scanned, settings) is Agreement.DIFFERS


def test_what_a_gsrn_cannot_tell_is_said_and_the_second_identifier_asked():
    held = gsrn("50000000000000000")
    band = read_wristband(f"(8018){held}", PLAIN)

    assert compare(band, PATIENT) is Agreement.CANNOT_TELL
    assert "patient (GSRN)" in cannot_tell(band)
    assert "type the number that stands on it" in cannot_tell(band)


def test_a_number_the_card_does_not_have_tells_nothing():
    only_hospital = Identity("Doe", "Jo", PATIENT.born, Sex.FEMALE, "", "H0000001", "RJZ")

    assert of(MINE, PLAIN, only_hospital) is Agreement.CANNOT_TELL
    assert "hospital number" in cannot_tell(read_wristband(MINE, PLAIN))


@pytest.mark.parametrize(
    ("scanned", "settings", "words"),
    [
        ("OLDLIMS24/0001", SET, "perhaps a label of the main system"),
        (MINE[:9] + str((int(MINE[9]) + 1) % 10), SET, "last digit does not fit"),
        ("(01)12345678901231(10)A", SET, "product (GTIN), batch"),
        ("(9999)1", SET, "identifier 9999"),
        (f"(8018){GSRN_MINE[:-1]}", SET, "not whole"),
        (f"(8018){GSRN_MINE[:-1]}{(int(GSRN_MINE[-1]) + 1) % 10}", SET, "check digit of the GSRN"),
        ("(7250)19581399", SET, "date of birth in this code is none"),
        ("(91)A(91)B", SET, "stands twice"),
        ("(91A", SET, "perhaps a label"),
        ("é", PLAIN, "perhaps a label"),
    ],
)
def test_what_is_no_wristband_is_refused_by_name(scanned, settings, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(").replace(")", r"\)")):
        read_wristband(scanned, settings, "H0000001")


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_in_a_sentence(typed):
    try:
        band = read_wristband(typed, SET)
    except ValueError as refused:
        assert str(refused).endswith((".", "whole."))
    else:
        assert (
            compare(band, PATIENT) is not Agreement.AGREES or MINE in typed or "H0000001" in typed
        )


@pytest.mark.hazard("H32")
@given(st.integers(0, 10**17 - 1), st.integers(0, 17), st.integers(1, 9))
def test_a_gsrn_with_one_wrong_digit_is_never_read(seed, place, change):
    held = gsrn(f"{seed:017d}")
    wrong = held[:place] + str((int(held[place]) + change) % 10) + held[place + 1 :]

    assert has_check_digit(held)
    assert not has_check_digit(wrong)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(IDENTIFIERS)), st.text("ABC123", min_size=1, max_size=90)),
        min_size=1,
        max_size=5,
        unique_by=lambda pair: pair[0],
    )
)
def test_brackets_and_separators_say_the_same(pairs):
    held = [(ai, _of_length(ai, value)) for ai, value in pairs if ai != "8018"]
    bracketed = "".join(f"({ai}){value}" for ai, value in held)
    separated = "]d2" + "\x1d".join(f"{ai}{value}" for ai, value in held)

    if held:
        assert read_gs1(bracketed) == read_gs1(separated) == dict(held)


def _of_length(ai, value):
    kind = IDENTIFIERS[ai]
    return (value * 90)[: kind.most] if kind.fixed else value[: kind.most]


def test_settings_that_cannot_be_are_named():
    wrong = BandSettings(nhs_ai="1", hospital_ai="91", gsrn_prefix="12", hospital_form="a*")
    twice = BandSettings(nhs_ai="91", hospital_ai="91")

    assert set(band_problems(wrong)) == {"nhs_ai", "gsrn_prefix", "hospital_form"}
    assert set(band_problems(twice)) == {"hospital_ai"}
    assert not band_problems(SET)
