"""One blood count from the card to the slip, by keyboard and scanner."""

from __future__ import annotations

from tests.browser.patients import a_patient
from tests.browser.people import numbers_on

COUNT = {
    "HB": "74", "WBC": "14.2", "PLT": "231", "RBC": "3.95", "HCT": "0.34", "MCV": "86", "MCH": "28.3",
    "MCHC": "329", "RDW": "14.0", "NEUT": "11.9", "LYMPH": "1.4", "MONO": "0.7", "EOS": "0.15",
    "BASO": "0.05",
}  # fmt: skip


def test_first(person):
    patient = a_patient()
    doctor = person("okafor")
    doctor.fills_card(patient, "FBC")
    number = doctor.sends()
    labels = doctor.prints("Print labels")
    print(number, numbers_on(labels))
