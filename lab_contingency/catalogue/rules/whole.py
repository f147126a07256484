"""The catalogue as one frozen thing with its look-ups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab_contingency.catalogue.rules.tubes import PlannedTube, tube_plan
from lab_contingency.catalogue.rules.vocabulary import (
    Analyte,
    CardHeading,
    Container,
    Panel,
    Question,
    Reason,
    RetestInterval,
    Test,
)
from lab_contingency.foundation.errors import NotFound


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every test, analyte and container, in the order of the data files."""

    containers: Mapping[str, Container]
    questions: Mapping[str, Question]
    tests: Mapping[str, Test]
    analytes: Mapping[str, Analyte]
    retest_intervals: Mapping[str, RetestInterval]
    panels: tuple[Panel, ...]
    card_columns: tuple[tuple[CardHeading, ...], ...]
    reasons: tuple[Reason, ...]
    by_test: Mapping[str, tuple[Analyte, ...]]

    def test(self, code: str) -> Test:
        """One test; NotFound."""
        if code not in self.tests:
            raise NotFound(f"There is no test “{code}” in the catalogue.")
        return self.tests[code]

    def analyte(self, code: str) -> Analyte:
        """One analyte; NotFound."""
        if code not in self.analytes:
            raise NotFound(f"There is no analyte “{code}” in the catalogue.")
        return self.analytes[code]

    def container(self, code: str) -> Container:
        """One container; NotFound."""
        if code not in self.containers:
            raise NotFound(f"There is no container “{code}” in the catalogue.")
        return self.containers[code]

    def retest(self, code: str) -> RetestInterval | None:
        """The retest interval of a test, None where none is held."""
        return self.retest_intervals.get(code)

    def analytes_of(self, test_code: str) -> tuple[Analyte, ...]:
        """What a test can report, in order; which of it a laboratory reports stands in its menu."""
        return self.by_test[self.test(test_code).code]

    def tests_of(self, codes: Iterable[str]) -> tuple[Test, ...]:
        """The tests of these codes, each once, in the catalogue's order; NotFound."""
        found = {code: self.test(code) for code in codes}
        return tuple(sorted(found.values(), key=lambda test: test.order))

    def tube_plan(self, codes: Iterable[str]) -> tuple[PlannedTube, ...]:
        """The tubes to fill for these tests, in order of draw."""
        return tube_plan(self.tests_of(codes), self.containers)

    def reason_words(self, code: str) -> str:
        """The reason in words; NotFound."""
        for reason in self.reasons:
            if reason.code == code:
                return reason.words
        raise NotFound(f"There is no reason “{code}” in the catalogue.")
