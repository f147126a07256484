"""What is asked for and how urgently: rules that can be told before the rest of the card is right."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.tubes import questions_of, transfusion_conflict
from lab_contingency.catalogue.rules.vocabulary import Question, Test
from lab_contingency.incidents.queries import stops
from lab_contingency.requests.rules.bands import Band, priority_problem


@dataclass(frozen=True, slots=True)
class Choices:
    """Boxes 3 and 4 of the card, with the answers that the tests ask for.

    `site_id`: where blood is to be taken; None when it was taken before the card, as for a written form.
    """

    tests: tuple[str, ...]
    answers: Mapping[str, str]
    anticoagulant: str
    band: Band | None
    reason_code: str
    reason_text: str
    site_id: uuid.UUID | None = None


def choice_problems(choices: Choices) -> dict[str, str]:
    """Sentences by field of the card."""
    problems = _test_problems(choices, catalogue().tests_of(choices.tests))
    if choices.band is not None:
        reason = priority_problem(choices.band, choices.reason_code, choices.reason_text)
        problems |= dict([reason] if reason else [])
    return problems


def _test_problems(choices: Choices, tests: tuple[Test, ...]) -> dict[str, str]:
    if not tests:
        return {"tests": "Tick at least one test."}
    problems = {}
    stopped = stops(choices.site_id)
    for test in tests:
        if test.code in stopped:
            stop = stopped[test.code]
            cannot = "cannot be done now" if stop.found_by_routing else "is not offered today"
            problems["tests"] = f"{test.name} {cannot}. {stop.sentence}"
    if conflict := transfusion_conflict(tests):
        problems["tests"] = conflict
    for question in questions_of(tests):
        if question.demanded and not _answered(choices, question):
            field = question.field or f"answer-{question.key}"
            problems[field] = "Answer this; “not known” is an answer too."
    return problems


def _answered(choices: Choices, question: Question) -> bool:
    """Some questions are answered by a box that the card has anyway."""
    if question.field == "anticoagulant":
        return bool(choices.anticoagulant)
    return question.field == "needed_by" or bool(choices.answers.get(question.key))
