"""Reading and checking the data files. All that is wrong is said at once, with file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count, groupby
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from lab_contingency.catalogue.queries import rows
from lab_contingency.catalogue.rules import Analyte, CardHeading, Catalogue, Reason, Test
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.places.services import Row, read_rows, unique_rows

COLUMNS = {
    "containers.csv": "code name additive draw_order colour_bd ml_bd colour_sarstedt ml_sarstedt",
    "questions.csv": "key wording kind choices field",
    "card.csv": "column heading test label",
    "tests.csv": "code name discipline container tube_group tubes min_ml transport "
    "warn_after_hours reject_after_hours urgent_target_minutes snomed_ct bedside "
    "defer_by_default ask note",
    "plausible.csv": "analyte low high decimals",
    "analytes.csv": "code name tests kind ucum loinc loinc_checked male_low male_high female_low "
    "female_high expected_text interval_note critical_low_op critical_low critical_high_op "
    "critical_high critical_text critical_note calculated basis choices",
    "retest_intervals.csv": "test interval unit override_or_note",
    "panels.csv": "code name tests",
    "reasons.csv": "code words",
}
CARD_COLUMNS = ("1", "2", "3", "4")
LONGEST_LABEL = 22

_Thing = TypeVar("_Thing")


class CatalogueError(StartRefused):
    """The data files contradict themselves or the field; `problems` are sentences, one a row."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("Put right in the catalogue:\n" + "\n".join(self.problems))


def load_catalogue(folder: Path) -> Catalogue:
    """The catalogue of a folder of data files; CatalogueError with every bad row."""
    return _Loading(folder).load()


class _Loading:
    """Works through the files in the order in which they refer to one another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []

    def load(self) -> Catalogue:
        containers = self._each("containers.csv", rows.container_of)
        questions = self._each("questions.csv", rows.question_of)
        card = self._rows("card.csv", "test")
        labels = {row["test"]: row["label"] for row in card}
        order = count(1)
        tests = self._each(
            "tests.csv", lambda row: rows.test_of(row, next(order), containers, questions, labels)
        )
        analytes = self._analytes(tests)
        retest = self._each("retest_intervals.csv", lambda row: rows.retest_of(row, tests))
        panels = self._each("panels.csv", lambda row: rows.panel_of(row, tests))
        reasons = self._each("reasons.csv", lambda row: Reason(row["code"], row["words"]))
        columns = self._card(card, tests)
        by_test = self._by_test(tests, analytes)
        if self.problems:
            raise CatalogueError(self.problems)
        return Catalogue(
            containers=MappingProxyType(containers),
            questions=MappingProxyType(questions),
            tests=MappingProxyType(tests),
            analytes=MappingProxyType(analytes),
            retest_intervals=MappingProxyType(retest),
            panels=tuple(panels.values()),
            card_columns=columns,
            reasons=tuple(reasons.values()),
            by_test=MappingProxyType(by_test),
        )

    def _rows(self, file: str, key: str) -> tuple[Row, ...]:
        found = read_rows(self.folder / file, COLUMNS[file].split(), self.problems)
        return unique_rows(found, (key,), self.problems)

    def _each(self, file: str, make: Callable[[Row], _Thing]) -> dict[str, _Thing]:
        """Every good row by its first column; the bad ones join the problems."""
        key = COLUMNS[file].split()[0]
        made: dict[str, _Thing] = {}
        for row in self._rows(file, key):
            try:
                made[row[key]] = make(row)
            except ValueError as refused:
                self.problems.append(row.problem(str(refused)))
        return made

    def _analytes(self, tests: Mapping[str, Test]) -> dict[str, Analyte]:
        plausible = {row["analyte"]: row for row in self._rows("plausible.csv", "analyte")}
        named = {
            row["code"]
            for row in read_rows(self.folder / "analytes.csv", COLUMNS["analytes.csv"].split(), [])
        }
        for code, row in plausible.items():
            if code not in named:
                self.problems.append(row.problem(f"There is no analyte “{code}”."))
        return self._each("analytes.csv", lambda row: rows.analyte_of(row, tests, plausible))

    def _by_test(
        self, tests: Mapping[str, Test], analytes: Mapping[str, Analyte]
    ) -> dict[str, tuple[Analyte, ...]]:
        by_test = {
            code: tuple(each for each in analytes.values() if code in each.tests) for code in tests
        }
        empty = [code for code, reported in by_test.items() if not reported]
        self.problems += [
            f"analytes.csv: Nothing is reported for the test “{code}”." for code in empty
        ]
        return by_test

    def _card(
        self, card: tuple[Row, ...], tests: Mapping[str, Test]
    ) -> tuple[tuple[CardHeading, ...], ...]:
        good = [row for row in card if self._card_row_is_good(row, tests)]
        shown = {row["test"] for row in card}
        self.problems += [
            f"card.csv: The test “{code}” is missing." for code in tests if code not in shown
        ]
        return tuple(
            tuple(
                CardHeading(heading, tuple(tests[row["test"]] for row in members))
                for heading, members in groupby(
                    (row for row in good if row["column"] == column), key=lambda row: row["heading"]
                )
            )
            for column in CARD_COLUMNS
        )

    def _card_row_is_good(self, row: Row, tests: Mapping[str, Test]) -> bool:
        sentence = ""
        if row["test"] not in tests:
            sentence = f"There is no test “{row['test']}”."
        elif row["column"] not in CARD_COLUMNS:
            sentence = f"The column must be 1 to 4, not “{row['column']}”."
        elif not row["heading"]:
            sentence = "The heading is missing."
        elif not 0 < len(row["label"]) <= LONGEST_LABEL:
            sentence = f"The label must have 1 to {LONGEST_LABEL} signs."
        if sentence:
            self.problems.append(row.problem(sentence))
        return not sentence
