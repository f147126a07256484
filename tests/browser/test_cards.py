"""The card: quick for a known patient, possible for an unknown one, and patient with what is typed."""

from __future__ import annotations

import re

import pytest

from lab_contingency.incidents.rules import PaperKind, compose_paper
from tests.browser.patients import a_patient
from tests.browser.people import numbers_on
from tests.browser.rounds import asked
from tests.printing import reading

# Thirty seconds at three keys a second.
KEYS_MOST = 90

BAD = (
    ("#nhs_number", "999 123 4567 ", "last digit does not fit"),
    ("#nhs_number", "99912345", "That has 8 digits"),
    ("#nhs_number", "999123456O", "without letters"),
    ("#nhs_number", "4010232137", "only invented numbers"),
    ("#born", "31-Feb-1958", "not in the calendar"),
    ("#born", "04/11/1858", "over 125"),
    ("#born", "04/11/2199", "in the future"),
    ("#born", "yesterday", "Type the date as day, month and year"),
    ("#surname", "Ash\u0000down", "cannot be printed (U+0000)"),
    ("#surname", "Ash\u0007down", "cannot be printed (U+0007)"),
    ("#surname", "\u202enwodhsA", "cannot be printed (U+202E)"),
    ("#surname", "A" * 61, "Keep this to 60 characters"),
    ("#surname", "", "Type the surname as on the wristband."),
    ("#clinical_details", "x" * 601, "Keep this to 600 characters"),
    ("#clinical_details", "bleeding \u200f from", "cannot be printed (U+200F)"),
    ("#needed_by", "25:61", "24-hour clock"),
    ("#needed_by", "31-Feb 03:00", "not in the calendar"),
    ("#collected_at", "noon", "24-hour clock"),
)  # fmt: skip


def test_a_card_for_a_known_patient_takes_few_keys_and_no_mouse(person, record_property):
    patient = a_patient()
    doctor = person("okafor")
    asked(doctor, patient, "UE")
    doctor.goes_to("Request")
    doctor.keystrokes = 0
    doctor.fills_card_by_keyboard(patient, "FBC", known=True)
    doctor.presses("Control+Enter")
    doctor.sees_page("Where is it?")
    doctor.sees(patient.surname.upper(), "FBC")
    record_property("keys for a known patient", doctor.keystrokes)
    assert doctor.keystrokes <= KEYS_MOST


def test_another_date_of_birth_shows_nothing_of_the_patient_who_holds_the_number(person):
    patient = a_patient()
    doctor = person("okafor")
    asked(doctor, patient, "UE")
    doctor.goes_to("Request")
    doctor.types(patient.nhs)
    doctor.presses("Tab")
    doctor.types("05111958")
    doctor.presses("Tab")
    doctor.sees("another date of birth")
    assert patient.surname not in doctor.page.content()


def test_bad_input_gets_a_sentence_and_everything_typed_stays(person):
    patient = a_patient()
    doctor = person("okafor")
    doctor.fills_card(patient, "FBC")
    for selector, text, sentence in BAD:
        box = doctor.page.locator(selector)
        good = box.input_value()
        box.evaluate("(box, text) => { box.value = text; }", text)  # past maxlength
        doctor.clicks("Sign and send")
        doctor.sees(sentence)
        # what no page can show comes back as the sign for it, at its place
        kept = re.sub("[\u0000\u0007\u202e\u200f]", "\ufffd", text).strip()
        found = box.input_value()
        assert found == kept, (selector, text)
        doctor.still_filled(patient, but=selector)
        doctor.sees_page("Urgent pathology request")
        box.fill(good)
    doctor.goes_to("My patients")
    doctor.does_not_see_waiting(patient.surname)


def test_a_ward_that_is_none_is_refused_and_nothing_is_stored(person):
    patient = a_patient()
    doctor = person("okafor")
    doctor.fills_card(patient, "FBC")
    for value in ("00000000-0000-7000-8000-000000000000", "nowhere", "'; DROP TABLE request"):
        doctor.page.locator("#ward").evaluate(
            "(list, value) => { list.add(new Option('?', value)); list.value = value; }", value
        )
        doctor.clicks("Sign and send")
        doctor.sees("Choose")
        assert any("Ward" in each for each in doctor.refusals()), doctor.refusals()
        doctor.still_filled(patient)
    doctor.goes_to("My patients")
    doctor.does_not_see_waiting(patient.surname)


@pytest.mark.parametrize(
    "name", ["=1+1", "<script>alert(1)</script>", "{{ 7*7 }}", "O’Neill & Żółć"]
)
def test_formulas_and_script_are_a_name_like_any_other(person, name):
    patient = a_patient(name)
    doctor = person("okafor")
    doctor.page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    asked(doctor, patient, "FBC")
    doctor.sees(name.upper())
    labels = doctor.prints("Print labels")
    assert "".join(name.upper().split()) in reading.joined(labels)
    doctor.goes_to("My patients")
    doctor.sees(name.upper())


def test_foreign_barcodes_are_named_in_a_scan_field(person):
    doctor = person("okafor")
    (label,) = numbers_on(_label_of(doctor))
    scientist = person("nair")
    scientist.goes_to("Receive")
    misread = label[:-1] + str((int(label[-1]) + 1) % 10)
    for scanned, sentence in (
        ("9994000004", "an NHS number"),
        ("G123416000001", "a blood component (ISBT 128)"),
        ("5012345678900", "a shop barcode (EAN)"),
        ("8018501234567890123450", "a GS1 wristband"),
        (compose_paper(PaperKind.SLIP, 41, 1, 1), "number of a result slip"),
        (misread, "one digit was misread"),
        ("4110000", "That has 7 digits"),
        ("=1+1", "twelve digits"),
    ):
        scientist.scans(scanned)
        scientist.sees(sentence)
    scientist.sees_page("Receive", about="foreign")
    scientist.asks_where("9994000004")
    scientist.sees("an NHS number")
    scientist.sees_page("Where is it?", about="foreign")


def _label_of(doctor):
    asked(doctor, a_patient(), "FBC")
    return doctor.prints("Print labels")


def test_somebody_nobody_knows_gets_a_prepared_name(person):
    doctor = person("okafor")
    doctor.goes_to("Request")
    doctor.follows("Patient not identified?")
    doctor.sees("Prepared name for a patient nobody can identify")
    doctor.sees_page("Urgent pathology request", about="unidentified")
    surname = doctor.page.locator("#surname").input_value()
    doctor.fills("Age, estimated", "40")
    doctor.fills_rest_of_card("FBC")
    doctor.sends()
    doctor.sees("Not identified, age guessed", surname.upper())
    labels = doctor.prints("Print labels")
    assert surname.upper().split()[0] in reading.joined(labels)
