"""Numbers read, flagged, telephoned and calculated."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import (
    CriticalLimit,
    Flag,
    Interval,
    Qualifier,
    Reading,
    adjusted_calcium,
    calculate,
    egfr,
    flag,
    implausible,
    interval_for,
    is_critical,
    read_number,
    transferrin_saturation,
)
from lab_contingency.catalogue.rules.readings import in_sentence
from lab_contingency.foundation.errors import RuleBroken

KNOWN = catalogue()
decimals = st.decimals(-1000, 1000, allow_nan=False, allow_infinity=False, places=2)


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
            ("<-30", Interval(Decimal(-2), Decimal(2)), Flag.LOW),
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

    @given(decimals, decimals, st.sampled_from(Qualifier), st.data())
    def test_a_qualified_value_is_flagged_only_when_every_value_behind_it_is(
        self, bound, value, qualifier, data
    ):
        may_be = {"": value == bound, "<": value < bound, "<=": value <= bound}
        may_be |= {">": value > bound, ">=": value >= bound}
        assume(may_be[qualifier])
        # a low end of nought means that nothing lies below it
        low = data.draw(st.none() | decimals.filter(bool))
        high = data.draw(st.none() | decimals.filter(lambda end: low is None or end >= low))
        interval = Interval(low, high)
        said = flag(Reading(qualifier, bound), interval)
        assert said in (Flag.NONE, flag(value, interval))

    def test_only_low_and_high_are_spoken(self):
        assert [each.words for each in Flag] == ["low", "high", "", ""]


class TestIntervalFor:
    intervals: ClassVar = {
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

    @pytest.mark.hazard("H06")
    @pytest.mark.parametrize(
        ("analyte", "text"),
        [
            ("BCUL", "No growth aerobic Staph aureus anaerobic"),
            ("BCUL", "No growth at 24h then yeast"),
            ("BCUL", "No growth in 1 of 2 bottles"),
            ("BCUL", "Not tested in one bottle yeasts in the other"),
            ("MALF", "negative film falciparum on repeat"),
            ("MALF", "Not seen on film RDT reactive"),
            ("MALF", "No P vivax falciparum seen"),
            ("ABS", "Negative anti-K identified"),
            ("XMI", "Compatible 1 unit incompatible 1 unit"),
            ("XMI", "None compatible"),
            ("HIVAB", "Non reactive p24 reactive"),
            ("HIVAB", "Not detected on first reactive on second"),
            ("FILMC", "No rouleaux blasts present"),
        ],
    )
    def test_a_harmless_beginning_does_not_hide_what_follows(self, analyte, text):
        assert is_critical(text, KNOWN.analyte(analyte).critical)

    @pytest.mark.parametrize(
        ("analyte", "text"),
        [
            ("BCUL", "No growth"),
            ("BCUL", "No  growth in both bottles"),
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
            ("HIVAB", "HIV antibody negative"),
            ("MALF", "No malaria parasites seen on thick film"),
            ("FILMC", "No circulating blasts seen"),
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
        [
            (None, "M", 50),
            ("80", "M", 17),
            ("80", "M", None),
            ("80", "not known", 50),
            ("0", "M", 50),
        ],
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


class TestWords:
    def test_intervals_and_limits_in_words(self):
        assert POTASSIUM.words == "3.5–5.3"
        assert TROUGH.words == "up to 1"
        assert AT_LEAST_90.words == "90 or more"
        assert Interval(Decimal(-2), Decimal(2)).words == "−2 to 2"
        assert Interval(None, None, "Negative").words == "Negative"
        assert KNOWN.analyte("K").critical.words == "≤ 2.5 or ≥ 6.5"
        assert KNOWN.analyte("HCG").critical.words == "every result"
        assert KNOWN.analyte("BCUL").critical.words == "any positive result"
