"""What the machine notices."""

import datetime as dt
from decimal import Decimal

from lab_contingency.results.rules.findings import Sighted, Weight, findings

NAMES = {
    "WBC": "White cells", "NEUT": "Neutrophils", "LYMPH": "Lymphocytes", "MONO": "Monocytes",
    "EOS": "Eosinophils", "BASO": "Basophils", "K": "Potassium", "LI": "Lithium", "INR": "INR",
    "EGFR": "eGFR",
}  # fmt: skip
PARTS = {"WBC": "14.2", "NEUT": "11.9", "LYMPH": "1.4", "MONO": "0.8"}


def noticed(numbers, **changes):
    held = {code: Decimal(text) for code, text in numbers.items()}
    return findings(
        Sighted(held, NAMES | {code: code for code in held if code not in NAMES}, **changes)
    )


def sentences(found, weight=Weight.CAUTION):
    return [each.sentence for each in found if each.weight is weight]


def test_empty_parts_of_the_white_cells_are_named():
    found = noticed(PARTS, empty=frozenset({"EOS", "BASO"}))

    assert sentences(found, Weight.NOTE) == [
        "The parts of the white cells do not add up yet: eosinophils and basophils are empty."
    ]


def test_parts_that_add_up_are_said_to():
    found = noticed({**PARTS, "EOS": "0.1", "BASO": "0.0"})

    assert sentences(found, Weight.FINE) == ["The parts of the white cells add up."]


def test_parts_that_do_not_add_up_are_a_caution():
    found = noticed({**PARTS, "EOS": "4.0", "BASO": "0.0"})

    assert "add up to 18.1" in sentences(found)[0]


def test_red_cells_that_do_not_fit_one_another_are_a_caution():
    assert "Haematocrit" in sentences(noticed({"HCT": "0.45", "MCV": "85", "RBC": "2.60"}))[0]


def test_high_potassium_with_low_calcium_and_alp_may_be_edta():
    assert "low calcium and ALP" in sentences(noticed({"K": "9.1", "CA": "1.2", "ALP": "5"}))[0]


def test_high_potassium_with_ordinary_calcium_is_not_edta():
    assert "not an EDTA pattern" in sentences(noticed({"K": "6.8", "CA": "2.3"}), Weight.FINE)[0]


def test_high_potassium_in_an_old_sample_may_come_from_standing():
    found = noticed({"K": "6.8"}, ages={"K": dt.timedelta(hours=5)})

    assert "5 h old" in sentences(found)[0]


def test_high_potassium_in_a_fresh_sample_is_left_alone():
    assert noticed({"K": "6.8"}, ages={"K": dt.timedelta(minutes=26)}) == ()


def test_lithium_from_lithium_heparin_is_a_caution():
    assert "measures the tube" in sentences(noticed({"LI": "1.1"}, containers={"LI": "HEP"}))[0]


def test_an_inr_without_the_anticoagulant_is_noted():
    assert sentences(noticed({"INR": "3.1"}, no_anticoagulant=True), Weight.NOTE)


def test_ten_times_the_value_before_may_be_a_slip_of_the_point():
    found = noticed({"K": "4.4"}, before={"K": Decimal(44)})

    assert sentences(found) == [
        "Potassium was 44 before and is 4.4 now. Look at the point on the print-out."
    ]


def test_a_reported_egfr_that_differs_from_ours_is_pointed_out():
    found = noticed({"EGFR": "71"}, worked_out={"EGFR": Decimal(35)})

    assert "It stays as reported." in sentences(found)[0]


def test_cautions_come_first():
    weights = [
        each.weight
        for each in noticed({**PARTS, "K": "9.1", "CA": "1.2"}, empty=frozenset({"EOS"}))
    ]

    assert weights[0] is Weight.CAUTION
