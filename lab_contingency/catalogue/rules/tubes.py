"""Which tubes to fill, in which order, and how long they stay usable."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from lab_contingency.catalogue.rules.vocabulary import Container, Discipline, Question, Test

PINK = "PINK"
CHECK_GROUP = "CHK"
GROUPS = frozenset({"GS", "XM"})
_PLAIN_TRANSPORT = "ambient"


@dataclass(frozen=True, slots=True)
class PlannedTube:
    """One tube to fill. `min_ml` is the largest minimum of its tests: minima are never summed."""

    ordinal: int
    container: Container
    tube_group: str
    bottle: int
    bottles: int
    tests: tuple[str, ...]
    min_ml: Decimal
    transport: str
    on_ice: bool
    by_hand: bool


def tube_plan(
    tests: Iterable[Test], containers: Mapping[str, Container]
) -> tuple[PlannedTube, ...]:
    """One tube a (container, tube group), in order of draw; bedside tests get none.

    The same tests give the same plan in whatever order they were ticked.
    """

    def key(test: Test) -> tuple[float, str, str, int]:
        order = containers[test.container].draw_order
        place = math.inf if order is None else order
        return (place, test.container, test.tube_group, test.order)

    filled = sorted({test.code: test for test in tests if test.tubes}.values(), key=key)
    plan: list[PlannedTube] = []
    for (code, group), members in groupby(
        filled, key=lambda test: (test.container, test.tube_group)
    ):
        plan += _bottles(tuple(members), containers[code], group, len(plan))
    return tuple(plan)


def _bottles(
    tests: tuple[Test, ...], container: Container, group: str, already: int
) -> Iterable[PlannedTube]:
    bottles = max(test.tubes for test in tests)
    for bottle in range(1, bottles + 1):
        yield PlannedTube(
            ordinal=already + bottle,
            container=container,
            tube_group=group,
            bottle=bottle,
            bottles=bottles,
            tests=tuple(test.code for test in tests),
            min_ml=max(test.min_ml / test.tubes for test in tests),
            transport=_transport(tests),
            on_ice=any(test.transport.startswith("ice") for test in tests),
            by_hand=any(is_transfusion(test) for test in tests),
        )


def _transport(tests: tuple[Test, ...]) -> str:
    """Every condition once; plain "ambient" only when nothing stricter stands beside it."""
    conditions = dict.fromkeys(test.transport for test in tests)
    stricter = [words for words in conditions if words != _PLAIN_TRANSPORT]
    return "; ".join(stricter or conditions)


def is_transfusion(test: Test) -> bool:
    """Its tube is written by hand at the bedside: no printed patient label."""
    return test.discipline is Discipline.TRANSF or test.container == PINK


def transfusion_conflict(tests: Iterable[Test]) -> str | None:
    """A group and its check group never share a request: the sentence to show, or None."""
    codes = {test.code for test in tests}
    if CHECK_GROUP in codes and codes & GROUPS:
        return (
            "A second group cannot be asked for together with the first. "
            "Send the group and screen now, then take "
            "the second group on its own card, at another time and by another person."
        )
    return None


def caution_at(tests: Iterable[Test], collected_at: dt.datetime) -> dt.datetime | None:
    """When the first test on the tube is reported only with a caution; None without tests."""
    ages = [test.warn_after for test in tests]
    return collected_at + min(ages) if ages else None


def unusable_at(tests: Iterable[Test], collected_at: dt.datetime) -> dt.datetime | None:
    """When the first test on the tube can no longer be done; None without tests."""
    ages = [test.reject_after for test in tests]
    return collected_at + min(ages) if ages else None


def questions_of(tests: Iterable[Test]) -> tuple[Question, ...]:
    """Each question once, demanded when any of the tests demands it."""
    asked: dict[str, Question] = {}
    for test in sorted(tests, key=lambda each: each.order):
        for question in test.questions:
            held = asked.get(question.key)
            if held is None or (question.demanded and not held.demanded):
                asked[question.key] = question
    return tuple(asked.values())
