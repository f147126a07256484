"""The data files themselves, and how broken ones are refused."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from lab_contingency.catalogue.queries import DATA, CatalogueError, catalogue, load_catalogue
from lab_contingency.catalogue.rules import read_number, transfusion_conflict
from lab_contingency.foundation.errors import NotFound

KNOWN = catalogue()


class TestTheCatalogueAsShipped:
    def test_holds_59_tests_and_107_analytes_in_10_containers(self):
        assert (len(KNOWN.tests), len(KNOWN.analytes), len(KNOWN.containers)) == (59, 107, 10)

    def test_the_card_shows_every_test_once_in_four_balanced_columns(self):
        shown = [
            test.code for column in KNOWN.card_columns for head in column for test in head.tests
        ]
        assert sorted(shown) == sorted(KNOWN.tests)
        lines = [sum(1 + len(head.tests) for head in column) for column in KNOWN.card_columns]
        assert len(lines) == 4
        assert max(lines) - min(lines) <= 2

    def test_a_heading_stands_once_on_the_card(self):
        headings = [head.heading for column in KNOWN.card_columns for head in column]
        assert len(set(headings)) == len(headings)

    def test_labels_fit_the_card(self):
        assert all(0 < len(test.label) <= 22 for test in KNOWN.tests.values())

    def test_no_panel_holds_a_group_and_its_check(self):
        assert not any(transfusion_conflict(KNOWN.tests_of(panel.tests)) for panel in KNOWN.panels)

    def test_every_starter_value_is_possible(self):
        for analyte in KNOWN.analytes.values():
            ends = [analyte.critical.low, analyte.critical.high] if analyte.critical else []
            for interval in (analyte.male, analyte.female):
                ends += [interval.low, interval.high] if interval else []
            possible = analyte.plausible
            # an interval "up to 5" starts at nought, which the method may never report
            ends = [end for end in ends if end]
            outside = [e for e in ends if not possible.low <= e <= possible.high]
            assert outside == [], analyte.code

    def test_a_critical_limit_lies_outside_the_interval(self):
        # HCG and fasting ranges aside, a normal value is never telephoned
        for analyte in KNOWN.analytes.values():
            for interval in (analyte.male, analyte.female):
                if analyte.critical is None or interval is None:
                    continue
                if analyte.critical.low is not None and interval.low is not None:
                    assert analyte.critical.low < interval.low, analyte.code
                if analyte.critical.high is not None and interval.high is not None:
                    assert analyte.critical.high > interval.high, analyte.code

    def test_the_reasons_are_those_of_the_field(self):
        codes = {reason.code for reason in KNOWN.reasons}
        assert len(codes) == 25
        assert KNOWN.reason_words("MAJOR_HAEM") == "Major haemorrhage"
        assert {"SEPSIS", "PE_DVT", "OTHER"} <= codes

    def test_retest_intervals(self):
        assert KNOWN.retest("B12F").after.days == 90
        assert KNOWN.retest("TROP").after is None
        assert KNOWN.retest("LAC") is None

    def test_analytes_of_a_test_and_in_two_tests(self):
        assert [each.code for each in KNOWN.analytes_of("COAG")] == ["PT", "INR", "APTT", "FIB"]
        assert KNOWN.analyte("ALB").tests == ("LFT", "BONE")
        assert KNOWN.analyte("TSH").unit == "mIU/L"

    @pytest.mark.parametrize(
        "look_up", ["test", "analyte", "container", "analytes_of", "reason_words"]
    )
    def test_what_is_not_there_is_not_found(self, look_up):
        with pytest.raises(NotFound):
            getattr(KNOWN, look_up)("NOPE")

    def test_tests_come_back_once_and_in_order(self):
        assert [test.code for test in KNOWN.tests_of(["UE", "FBC", "UE"])] == ["FBC", "UE"]


class TestRefusal:
    @pytest.mark.parametrize(
        ("file", "old", "new", "sentence"),
        [
            ("tests.csv", "HAEM,EDTA,BLOOD,1,1,ambient,8", "HAEM,EDTB,BLOOD,1,1,ambient,8", "EDTB"),
            ("tests.csv", "FILM,Blood film", "FBC,Blood film", "stands already on line 2"),
            ("tests.csv", "26604007", "26604008", "no SNOMED CT code"),
            ("tests.csv", "travel!", "journey!", "no question “journey”"),
            ("tests.csv", "ambient,2,6,240", "ambient,six,6,240", "must be a number, not “six”"),
            ("tests.csv", "ambient,2,6,240", "ambient,NaN,6,240", "must be a number, not “NaN”"),
            ("tests.csv", "ambient,2,6,240", "ambient,7,6,240", "caution must come before"),
            ("tests.csv", "CULTURE,2,16", "CULTURE,-2,16", "not be below nought"),
            ("tests.csv", "CULTURE,2,16", "CULTURE,0,16", "bedside test has 0 tubes"),
            ("tests.csv", "Blood film,HAEM", "Blood film,HEAM", "discipline must be one of"),
            ("analytes.csv", "718-7,yes", "718-8,yes", "no LOINC code"),
            ("analytes.csv", "Haemoglobin,FBC", "Haemoglobin,FBD", "no test “FBD”"),
            ("analytes.csv", "3.5,5.3,3.5,5.3", "5.3,3.5,3.5,5.3", "wrong way round"),
            ("analytes.csv", "<=,2.5,>=,6.5", ",2.5,>=,6.5", "stand together"),
            ("analytes.csv", "<=,2.5,>=,6.5", "<=,2.5,<=,6.5", "critical_high_op must be one of"),
            ("analytes.csv", "<=,2.5,>=,6.5", "<=,7.5,>=,6.5", "wrong way round"),
            ("analytes.csv", "SALI,number,mg/L", "SALI,number,mg%", "unit “mg%” is not known"),
            ("analytes.csv", ",egfr,", ",egrf,", "calculated must be one of"),
            ("analytes.csv", "SALI,number", "SALI,text", "only a number"),
            (
                "analytes.csv",
                "Negative,,,,,,pos,,,;N if",
                "Negative,,,,,,pos,,;N if",
                "cells instead",
            ),
            ("containers.csv", "CIT,citrate", "CIT,", "name must be filled"),
            ("containers.csv", "SST,serum", "CIT,serum", "stands already"),
            ("plausible.csv", "K,1,12", "K,12,1", "wrong way round"),
            ("plausible.csv", "K,1,12", "KK,1,12", "no analyte “KK”"),
            ("questions.csv", "yes|no|not known", "", "Choices belong"),
            ("questions.csv", ",text,,", ",prose,,", "kind must be one of"),
            ("retest_intervals.csv", "24,hours", "24,weeks", "unit must be one of"),
            ("retest_intervals.csv", "24,hours", "24,", "stand together"),
            ("retest_intervals.csv", "FERR,", "IRN,", "no test “IRN”"),
            ("panels.csv", "FBC UE COAG FIB GS", "FBC GS CHK", "second group"),
            ("panels.csv", "FBC UE TROP", "FBC UE TRPO", "no test “TRPO”"),
            ("card.csv", "2,Chemistry,UE,U&E\n", "", "The test “UE” is missing"),
            ("card.csv", "2,Chemistry,UE,U&E", "5,Chemistry,UE,U&E", "column must be 1 to 4"),
            ("card.csv", "2,Chemistry,UE,U&E", "2,,UE,U&E", "heading is missing"),
            ("card.csv", "UE,U&E", "UE,Urea and all electrolytes", "1 to 22 signs"),
            ("card.csv", "UE,U&E", "UEE,U&E", "no test “UEE”"),
            ("reasons.csv", "code,words", "code,word", "columns must be"),
        ],
    )
    def test_a_broken_row_is_refused_by_name(self, tmp_path, file, old, new, sentence):
        folder = _copy(tmp_path)
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(CatalogueError) as refused:
            load_catalogue(folder)
        assert any(sentence in problem for problem in refused.value.problems)
        assert all(".csv" in problem for problem in refused.value.problems)

    def test_every_bad_row_is_said_not_only_the_first(self, tmp_path):
        folder = _copy(tmp_path)
        file = folder / "analytes.csv"
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text.replace("718-7,", "718-8,").replace("2823-3", "2823-4"), encoding="utf-8"
        )
        with pytest.raises(CatalogueError) as refused:
            load_catalogue(folder)
        assert [problem.split(":")[0] for problem in refused.value.problems] == [
            "analytes.csv, line 2",
            "analytes.csv, line 34",
        ]

    def test_a_missing_file(self, tmp_path):
        folder = _copy(tmp_path)
        (folder / "reasons.csv").unlink()
        with pytest.raises(CatalogueError, match=r"reasons\.csv is missing"):
            load_catalogue(folder)

    def test_a_file_of_another_encoding(self, tmp_path):
        folder = _copy(tmp_path)
        (folder / "reasons.csv").write_bytes("code,words\nX,café\n".encode("latin-1"))
        with pytest.raises(CatalogueError, match="not UTF-8"):
            load_catalogue(folder)


class TestNumbersOfADay:
    """A day of values like the sample's: nearly all possible, none refused by the reader."""

    def test_ordinary_values_are_possible(self):
        ordinary = {
            "HB": "133",
            "NA": "142",
            "K": "9.01",
            "CREA": "24.8",
            "PLT": "697",
            "TACR": "6.4",
        }
        for code, value in ordinary.items():
            possible = KNOWN.analyte(code).plausible
            assert possible.low <= read_number(value).number <= possible.high

    def test_every_number_has_a_range_and_decimals(self):
        for analyte in KNOWN.analytes.values():
            assert (analyte.plausible is not None) is analyte.numeric
            assert (analyte.decimals is not None) is analyte.numeric
            assert analyte.plausible is None or analyte.plausible.high > Decimal(0)


def _copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def test_the_data_files_are_plain_csv():
    for path in DATA.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            widths = {len(row) for row in csv.reader(file)}
        assert len(widths) == 1, path.name
