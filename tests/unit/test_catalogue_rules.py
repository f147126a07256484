"""Tubes, questions, ages, check digits and units."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn, verhoeff

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import (
    caution_at,
    human_unit,
    is_transfusion,
    loinc_is_valid,
    questions_of,
    snomed_is_valid,
    transfusion_conflict,
    tube_plan,
    unusable_at,
)
from lab_contingency.places.rules import TubeSystem

KNOWN = catalogue()
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
some_tests = st.lists(st.sampled_from(sorted(KNOWN.tests)), unique=True).map(
    lambda codes: [KNOWN.test(code) for code in codes]
)


class TestTubePlan:
    @given(some_tests)
    def test_one_plan_a_container_group_and_bottle(self, tests):
        plan = tube_plan(tests, KNOWN.containers)
        places = [(tube.container.code, tube.tube_group, tube.bottle) for tube in plan]
        assert len(set(places)) == len(places)
        assert [tube.ordinal for tube in plan] == list(range(1, len(plan) + 1))

    @given(some_tests)
    def test_the_order_of_draw_never_goes_back(self, tests):
        orders = [tube.container.draw_order for tube in tube_plan(tests, KNOWN.containers)]
        assert orders == sorted(orders)

    @given(some_tests)
    def test_each_test_stands_on_exactly_its_tubes(self, tests):
        plan = tube_plan(tests, KNOWN.containers)
        for test in tests:
            on = [tube for tube in plan if test.code in tube.tests]
            assert len(on) == test.tubes
            assert all(
                (tube.container.code, tube.tube_group) == (test.container, test.tube_group)
                for tube in on
            )

    @given(some_tests, st.randoms())
    def test_the_order_of_ticking_does_not_matter(self, tests, random):
        shuffled = list(tests)
        random.shuffle(shuffled)
        assert tube_plan(shuffled, KNOWN.containers) == tube_plan(tests, KNOWN.containers)

    def test_a_septic_patient_fills_these_tubes_in_this_order(self):
        plan = KNOWN.tube_plan(["LAC", "FBC", "BCUL", "UE", "CRP", "COAG", "LFT", "VBG"])
        assert [(tube.container.code, tube.bottle, tube.tests) for tube in plan] == [
            ("BCULT", 1, ("BCUL",)),
            ("BCULT", 2, ("BCUL",)),
            ("CIT", 1, ("COAG",)),
            ("SST", 1, ("UE", "LFT", "CRP")),
            ("EDTA", 1, ("FBC",)),
            ("FLOX", 1, ("LAC",)),
        ]
        assert [tube.on_ice for tube in plan] == [False] * 5 + [True]
        assert plan[0].min_ml == 8

    def test_minimum_volumes_are_not_summed(self):
        (serum,) = KNOWN.tube_plan(["UE", "LFT", "BONE", "MG", "CRP", "TROP", "PARA", "SALI"])
        assert serum.min_ml == Decimal("1.5")

    def test_glucose_and_lactate_never_share_a_tube(self):
        groups = [tube.tube_group for tube in KNOWN.tube_plan(["LAC", "GLU"])]
        assert sorted(groups) == ["FLUORIDE", "LACTATE ON ICE"]

    def test_transfusion_tubes_are_written_by_hand(self):
        by_hand = {tube.container.code: tube.by_hand for tube in KNOWN.tube_plan(["GS", "FBC"])}
        assert by_hand == {"PINK": True, "EDTA": False}

    def test_plain_ambient_gives_way_to_the_stricter_condition(self):
        (serum,) = KNOWN.tube_plan(["LFT", "UE"])
        assert serum.transport == "ambient never ice/fridge"


class TestTransfusion:
    def test_exactly_the_tests_of_the_pink_tube(self):
        codes = {test.code for test in KNOWN.tests.values() if is_transfusion(test)}
        assert codes == {"GS", "CHK", "XM", "DAT"}

    @pytest.mark.parametrize(
        ("codes", "refused"),
        [
            ("GS CHK", True),
            ("XM CHK", True),
            ("GS XM", False),
            ("CHK", False),
            ("DAT CHK", False),
            ("FBC GS", False),
        ],
    )
    def test_a_group_and_its_check_are_never_one_request(self, codes, refused):
        sentence = transfusion_conflict(KNOWN.tests_of(codes.split()))
        assert (sentence is not None) is refused


class TestAge:
    def test_the_shortest_lived_test_decides(self):
        tests = KNOWN.tests_of(["FBC", "UE", "LAC"])
        assert caution_at(tests, NOON) == NOON + dt.timedelta(minutes=15)
        assert unusable_at(tests, NOON) == NOON + dt.timedelta(hours=1)

    def test_no_tests_no_age(self):
        assert caution_at([], NOON) is None
        assert unusable_at([], NOON) is None


class TestQuestions:
    def test_each_question_is_put_once_and_demanded_if_any_test_demands_it(self):
        asked = questions_of(KNOWN.tests_of(["THEO", "DIG", "GENT"]))
        assert [(each.key, each.demanded) for each in asked] == [
            ("dose_time", True),
            ("drug_dose", True),
        ]

    def test_a_question_without_a_mark_only_warns(self):
        (asked,) = questions_of([KNOWN.test("SALI")])
        assert not asked.demanded

    def test_what_the_card_asks_anyway_names_its_box(self):
        (asked,) = questions_of([KNOWN.test("COAG")])
        assert asked.field == "anticoagulant"
        assert "not known" in asked.choices


class TestContainers:
    @pytest.mark.parametrize(
        ("code", "bd", "sarstedt"),
        [
            ("CIT", "light-blue", "green"),
            ("SST", "gold", "brown"),
            ("EDTA", "lavender", "red"),
            ("RED", "red", "white"),
            ("HEP", "green", "orange"),
            ("FLOX", "grey", "yellow"),
            ("PINK", "pink", "red"),
            ("TRACE", "royal-blue", "royal-blue"),
            ("BCULT", "bottle", "bottle"),
            ("GAS", "syringe", "syringe"),
        ],
    )
    def test_colour_follows_the_system(self, code, bd, sarstedt):
        container = KNOWN.container(code)
        assert container.css(TubeSystem.BD) == bd
        assert container.css(TubeSystem.SARSTEDT) == sarstedt

    def test_volume_follows_the_system(self):
        assert KNOWN.container("CIT").millilitres(TubeSystem.SARSTEDT) == "4.3"
        assert KNOWN.container("TRACE").millilitres(TubeSystem.SARSTEDT) == "6"


class TestCheckDigits:
    @given(st.integers(1, 999_999), st.integers(0, 9))
    def test_loinc_agrees_with_stdnum(self, body, digit):
        assert loinc_is_valid(f"{body}-{digit}") is luhn.is_valid(f"{body}{digit}")

    @given(st.integers(10**5, 10**17))
    def test_snomed_agrees_with_stdnum(self, number):
        assert snomed_is_valid(str(number)) is verhoeff.is_valid(str(number))

    @pytest.mark.parametrize("code", ["", "718", "718-", "718-77", "abc-7", "７18-7"])
    def test_loinc_of_another_shape_is_refused(self, code):
        assert not loinc_is_valid(code)

    @pytest.mark.parametrize("code", ["", "12", "026604007", "2660400x"])
    def test_snomed_of_another_shape_is_refused(self, code):
        assert not snomed_is_valid(code)

    def test_the_paracetamol_slip_is_caught(self):
        assert loinc_is_valid("3298-7")
        assert not loinc_is_valid("3298-8")


class TestUnits:
    @pytest.mark.parametrize(
        ("ucum", "human"),
        [
            ("10*9/L", "×10⁹/L"),
            ("m[IU]/L", "mIU/L"),
            ("ug/L", "µg/L"),
            ("{INR}", ""),
            ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
            ("mmol/L", "mmol/L"),
            ("cubits", None),
        ],
    )
    def test_as_people_write_them(self, ucum, human):
        assert human_unit(ucum) == human
