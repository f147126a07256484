"""Tubes, flags, criticals, numbers and calculations."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn, verhoeff

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import (
    CriticalLimit,
    Flag,
    Interval,
    Qualifier,
    Reading,
    adjusted_calcium,
    calculate,
    caution_at,
    egfr,
    flag,
    human_unit,
    implausible,
    interval_for,
    is_critical,
    is_transfusion,
    loinc_is_valid,
    questions_of,
    read_number,
    snomed_is_valid,
    transferrin_saturation,
    transfusion_conflict,
    tube_plan,
    unusable_at,
)
from lab_contingency.catalogue.rules.readings import in_sentence
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.places.rules import TubeSystem

KNOWN = catalogue()
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
some_tests = st.lists(st.sampled_from(sorted(KNOWN.tests)), unique=True).map(
    lambda codes: [KNOWN.test(code) for code in codes]
)
decimals = st.decimals(-1000, 1000, allow_nan=False, allow_infinity=False, places=2)


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
        plan = KNOWN.tube_plan("LAC FBC BCUL UE CRP COAG LFT VBG".split())
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
        (serum,) = KNOWN.tube_plan("UE LFT BONE MG CRP TROP PARA SALI".split())
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


POTASSIUM = Interval(Decimal("3.5"), Decimal("5.3"))
CRP = Interval(Decimal(0), Decimal(5))
AT_LEAST_90 = Interval(Decimal(90), None)
TROUGH = Interval(None, Decimal(1))


class TestFlag:
    @pytest.mark.parametrize(
        ("typed", "interval", "expected"),
        [
            ("3.4", POTASSIUM, Flag.LOW),
            ("3.5", POTASSIUM, Flag.NORMAL),
            ("5.3", POTASSIUM, Flag.NORMAL),
            ("5.4", POTASSIUM, Flag.HIGH),
            ("<5", CRP, Flag.NORMAL),
            ("<10", CRP, Flag.NONE),
            (">300", CRP, Flag.HIGH),
            (">5", CRP, Flag.HIGH),
            (">=5", CRP, Flag.NONE),
            (">90", AT_LEAST_90, Flag.NORMAL),
            (">60", AT_LEAST_90, Flag.NONE),
            ("<90", AT_LEAST_90, Flag.LOW),
            ("<=90", AT_LEAST_90, Flag.NONE),
            ("89", AT_LEAST_90, Flag.LOW),
            ("<0.2", TROUGH, Flag.NORMAL),
            ("1.2", TROUGH, Flag.HIGH),
            ("<3.5", POTASSIUM, Flag.LOW),
            ("<5", POTASSIUM, Flag.NONE),
            ("1", None, Flag.NONE),
            ("1", Interval(None, None, "trough"), Flag.NONE),
        ],
    )
    def test_table(self, typed, interval, expected):
        assert flag(read_number(typed), interval) is expected

    @given(decimals, decimals, decimals)
    def test_exactly_the_numbers_between_the_ends_are_normal(self, value, one, other):
        interval = Interval(min(one, other), max(one, other))
        assert (flag(value, interval) is Flag.NORMAL) is (interval.low <= value <= interval.high)

    @given(decimals, decimals, decimals, st.sampled_from(Qualifier))
    def test_a_qualified_value_is_flagged_only_when_every_value_behind_it_is(
        self, bound, value, end, qualifier
    ):
        interval = Interval(end, None)
        said = flag(Reading(qualifier, bound), interval)
        may_be = {"": value == bound, "<": value < bound, "<=": value <= bound}
        may_be |= {">": value > bound, ">=": value >= bound}
        if said in (Flag.LOW, Flag.HIGH) and may_be[qualifier]:
            assert flag(value, interval) is said

    def test_only_low_and_high_are_spoken(self):
        assert [each.words for each in Flag] == ["low", "high", "", ""]


class TestIntervalFor:
    intervals = {
        ("HB", "M"): Interval(Decimal(130), Decimal(170)),
        ("HB", "F"): Interval(Decimal(120), Decimal(150)),
        ("NA", "M"): Interval(Decimal(133), Decimal(146)),
        ("NA", "F"): Interval(Decimal(133), Decimal(146)),
    }

    @pytest.mark.parametrize(
        ("analyte", "sex", "age", "low"),
        [
            ("HB", "M", 40, 130),
            ("HB", "F", 16, 120),
            ("HB", "not known", 40, None),
            ("NA", "not known", 40, 133),
            ("NA", "M", 15, None),
            ("NA", "M", None, None),
            ("K", "M", 40, None),
        ],
    )
    def test_table(self, analyte, sex, age, low):
        found = interval_for(self.intervals, analyte, sex, age)
        assert (found.low if found else None) == low


class TestCriticalNumbers:
    @pytest.mark.parametrize(
        ("analyte", "typed", "critical"),
        [
            ("HB", "70", False),  # < 70
            ("HB", "69", True),
            ("HB", "190", False),  # > 190
            ("HB", "191", True),
            ("K", "2.5", True),  # <= 2.5
            ("K", "2.6", False),
            ("K", "6.4", False),
            ("K", "6.5", True),  # >= 6.5
            ("WBC", "2.0", True),
            ("WBC", "2.1", False),
            ("PARA", "<5", False),
            ("PARA", "<20", True),
            ("PARA", "10", True),
            ("TNT", ">10000", True),
            ("CORT", "<28", True),
            ("HB", "<70", True),
            ("HCG", "0.7", True),  # every result is telephoned
            ("DDIM", "20000", False),
            ("BE", "-10.1", True),
            ("BE", "-10", False),
        ],
    )
    def test_the_sign_decides(self, analyte, typed, critical):
        assert is_critical(read_number(typed), KNOWN.analyte(analyte).critical) is critical

    @given(decimals)
    def test_without_a_limit_nothing_is_critical(self, number):
        assert not is_critical(number, None)
        assert not is_critical(number, CriticalLimit())


class TestCriticalTexts:
    @pytest.mark.parametrize(
        ("analyte", "text"),
        [
            ("BCUL", "Positive"),
            ("BCUL", "POS"),
            ("BCUL", "Gram-negative rods"),
            ("BCUL", "Gram negative cocci, no growth in anaerobic bottle"),
            ("BCUL", "No growth in aerobic, Gram-positive cocci in anaerobic"),
            ("BCUL", "Growth at 14 h"),
            ("MALF", "P. falciparum 2 %"),
            ("MALF", "Positive (P. vivax)"),
            ("MALAG", "Negative for P. vivax, positive for P. falciparum"),
            ("HIVAB", "Reactive"),
            ("HIVAB", "Weakly reactive"),
            ("HIVAB", "HIV-1 positive HIV-2 negative"),
            ("HIVAB", "Detected"),
            ("HBSAG", "REACTIVE"),
            ("XMI", "Incompatible"),
            ("XMI", "Not compatible"),
            ("XMI", "Compatible, except unit 3"),
            ("ABS", "Anti-K detected"),
            ("DAT", "pos"),
            ("FILMC", "Blasts 12 %"),
            ("FILMC", "Occasional blast seen"),
            ("FILMC", "Lymphoblasts"),
            ("FILMC", "No rouleaux, blasts present"),
            ("FILMC", "Cannot exclude blasts"),
        ],
    )
    def test_is_telephoned(self, analyte, text):
        assert is_critical(text, KNOWN.analyte(analyte).critical)

    @pytest.mark.parametrize(
        ("analyte", "text"),
        [
            ("BCUL", "No growth"),
            ("BCUL", "no growth after 5 days"),
            ("BCUL", "No growth, 48 h"),
            ("BCUL", "No growth to date (interim)"),
            ("MALF", "Not seen"),
            ("MALF", "No malaria parasites seen"),
            ("MALF", "Parasites not seen"),
            ("MALAG", "Negative"),
            ("MALAG", "NEG"),
            ("HIVAB", "Not detected"),
            ("HIVAB", "Non-reactive"),
            ("HIVAB", "Not reactive"),
            ("HIVAB", "Negative"),
            ("HIVAB", "Not tested"),
            ("HCVAB", "Insufficient"),
            ("XMI", "Compatible"),
            ("ABS", "Negative"),
            ("ABS", "No antibodies detected"),
            ("DAT", "Negative."),
            ("FILMC", "No blasts seen"),
            ("FILMC", "Blasts not seen"),
            ("FILMC", "Rouleaux"),
            ("FILMC", ""),
            ("ABO", "O"),
        ],
    )
    def test_is_not_telephoned(self, analyte, text):
        assert not is_critical(text, KNOWN.analyte(analyte).critical)


class TestReadNumber:
    @pytest.mark.parametrize(
        ("typed", "qualifier", "number"),
        [
            ("6.8", "", "6.8"),
            (" 6.8 ", "", "6.8"),
            ("7.0", "", "7.0"),
            ("<5", "<", "5"),
            ("< 5", "<", "5"),
            (">1000", ">", "1000"),
            ("≤0.5", "<=", "0.5"),
            (">=90", ">=", "90"),
            ("-4.2", "", "-4.2"),
            ("−4.2", "", "-4.2"),
            ("+2", "", "2"),
            ("0", "", "0"),
        ],
    )
    def test_takes(self, typed, qualifier, number):
        reading = read_number(typed)
        assert (reading.qualifier, str(reading.number)) == (qualifier, number)

    @pytest.mark.parametrize(
        ("typed", "what_to_do"),
        [
            ("6,8", "with a point"),
            ("1,234", "with a point"),
            ("1,234.5", "with a point"),
            ("", "Type the number"),
            ("   ", "Type the number"),
            (".5", "nought before the point"),
            ("6.8 mmol/L", "without unit"),
            ("1e5", "without unit"),
            ("abc", "is not a number"),
            ("6..8", "is not a number"),
            ("5.", "is not a number"),
            ("<", "is not a number"),
            ("<<5", "is not a number"),
            ("1 000", "is not a number"),
            ("٣", "is not a number"),
            ("NaN", "is not a number"),
            ("999999999", "is not a number"),
        ],
    )
    def test_refuses_and_says_what_to_type(self, typed, what_to_do):
        with pytest.raises(RuleBroken, match=what_to_do):
            read_number(typed)

    @given(st.text())
    def test_nothing_else_can_come_out(self, typed):
        try:
            reading = read_number(typed)
        except RuleBroken as refused:
            assert refused.message.endswith(".")
        else:
            assert reading.number.is_finite()

    @given(decimals, st.sampled_from(Qualifier))
    def test_what_is_shown_reads_the_same_again(self, number, qualifier):
        reading = Reading(qualifier, number)
        assert read_number(reading.words) == reading


class TestImplausible:
    def test_says_so_in_the_words_of_the_bench(self):
        assert implausible(KNOWN.analyte("HB"), Decimal(740)) == (
            "740 g/L cannot be haemoglobin. Possible: 20–250. Read the print-out and type it again."
        )

    def test_without_a_unit(self):
        sentence = implausible(KNOWN.analyte("VPH"), Decimal("12.63"))
        assert sentence.startswith("12.63 cannot be pH venous. Possible: 6.3–8.")

    def test_both_ends_are_possible(self):
        potassium = KNOWN.analyte("K")
        assert implausible(potassium, Decimal(1)) is None
        assert implausible(potassium, Decimal(12)) is None
        assert implausible(potassium, Decimal("12.1")) is not None

    def test_a_range_below_nought_is_written_out(self):
        assert "Possible: −40 to 40." in implausible(KNOWN.analyte("BE"), Decimal(-41))

    def test_a_text_has_no_range(self):
        assert implausible(KNOWN.analyte("ABO"), Decimal(1)) is None

    @pytest.mark.parametrize(
        ("name", "written"),
        [
            ("Haemoglobin", "haemoglobin"),
            ("White cells", "white cells"),
            ("INR", "INR"),
            ("pH venous", "pH venous"),
            ("D-dimer FEU", "D-dimer FEU"),
            ("Free T4", "Free T4"),
            ("Sodium, blood", "sodium, blood"),
        ],
    )
    def test_names_inside_a_sentence(self, name, written):
        assert in_sentence(name) == written


class TestCalculations:
    @pytest.mark.parametrize(
        ("creatinine", "sex", "age", "expected"),
        [
            # by hand: 0.9 mg/dL is κ for men, so 141 × 0.993^50 = 99.24
            ("79.56", "M", 50, 99),
            # 1.5 mg/dL, man of 60: 141 × (1.5/0.9)^−1.209 × 0.993^60 = 49.9
            ("132.6", "M", 60, 50),
            # 0.7 mg/dL is κ for women: 141 × 0.993^40 × 1.018 = 108.4
            ("61.88", "F", 40, 108),
            # 2.0 mg/dL, woman of 70: 141 × (2/0.7)^−1.209 × 0.993^70 × 1.018 = 24.7
            ("176.8", "F", 70, 25),
            # 0.5 mg/dL, woman of 30: 141 × (0.5/0.7)^−0.329 × 0.993^30 × 1.018 = 129.9
            ("44.2", "F", 30, 130),
        ],
    )
    def test_egfr(self, creatinine, sex, age, expected):
        assert egfr(Decimal(creatinine), sex, age) == expected

    @pytest.mark.parametrize(
        ("creatinine", "sex", "age"),
        [(None, "M", 50), ("80", "M", 17), ("80", "M", None), ("80", "not known", 50), ("0", "M", 50)],
    )
    def test_no_egfr_without_its_inputs(self, creatinine, sex, age):
        value = None if creatinine is None else Decimal(creatinine)
        assert egfr(value, sex, age) is None

    def test_adjusted_calcium(self):
        assert adjusted_calcium(Decimal("2.10"), Decimal(30)) == Decimal("2.30")
        assert adjusted_calcium(Decimal("2.40"), Decimal("47.5")) == Decimal("2.25")
        assert adjusted_calcium(Decimal("2.40"), None) is None

    def test_transferrin_saturation(self):
        # 20 × 100 ÷ (2.5 × 25.1) = 31.87
        assert transferrin_saturation(Decimal(20), Decimal("2.5")) == 32
        assert transferrin_saturation(Decimal(20), None) is None
        assert transferrin_saturation(Decimal(20), Decimal(0)) is None

    def test_calculate_finds_its_inputs_and_its_decimals(self):
        values = {"CA": Decimal("2.10"), "ALB": Decimal(30), "CREA": Decimal("79.56")}
        values |= {"FE": Decimal(20), "TRF": Decimal("2.5")}
        found = {
            code: calculate(KNOWN.analyte(code), values, "M", 50)
            for code in ("CAADJ", "EGFR", "TSAT", "NA")
        }
        assert found == {"CAADJ": Decimal("2.30"), "EGFR": 99, "TSAT": 32, "NA": None}


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

    def test_intervals_and_limits_in_words(self):
        assert POTASSIUM.words == "3.5–5.3"
        assert TROUGH.words == "up to 1"
        assert AT_LEAST_90.words == "90 or more"
        assert Interval(Decimal(-2), Decimal(2)).words == "−2 to 2"
        assert Interval(None, None, "Negative").words == "Negative"
        assert KNOWN.analyte("K").critical.words == "≤ 2.5 or ≥ 6.5"
        assert KNOWN.analyte("HCG").critical.words == "every result"
        assert KNOWN.analyte("BCUL").critical.words == "pos"
