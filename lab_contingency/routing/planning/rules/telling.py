"""The sentence of each line: why there, and what would help where a test is late or nobody can do it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lab_contingency.foundation.wording import and_text, count_text, near_time_text
from lab_contingency.routing.planning.rules.options import HOUR
from lab_contingency.routing.planning.rules.problem import (
    Desk,
    Option,
    Placed,
    Placing,
    Problem,
    Task,
    room,
)
from lab_contingency.routing.rules import Asked, Candidate

AGAIN = "if it is taken again"
NO_SOONER = "no laboratory is quick enough for when it is needed"
FIXED_THERE = "late because it was fixed there"
NOBODY_OFFERS = "if another laboratory takes it on"


@dataclass(frozen=True, slots=True)
class Wish:
    """Places that are lacking: so many at a desk in an hour."""

    desk: Desk
    hour: int
    places: int


class Filled:
    """What a plan leaves at each desk."""

    def __init__(self, problem: Problem, placed: Placed) -> None:
        tasks = {task.id: task for task in problem.tasks}
        self._problem = problem
        self._used: Counter[tuple[Desk, int]] = Counter()
        self._days: Counter[tuple[Desk, int]] = Counter()
        for task_id, placing in placed.items():
            desk = (placing.option.place, tasks[task_id].discipline)
            self._used[desk, placing.hour] += 1
            self._days[desk, problem.days[placing.hour]] += 1

    def lacking(self, tests: Iterable[Task], option: Option, hour: int) -> int:
        """How many more places the tests need at that laboratory in that hour."""
        needed = Counter(task.discipline for task in tests)
        return max(
            number - self._left((option.place, discipline), hour)
            for discipline, number in needed.items()
        )

    def _left(self, desk: Desk, hour: int) -> int:
        left = room(self._problem, desk, hour) - self._used[desk, hour]
        if desk in self._problem.slots:
            day = self._problem.days[hour]
            left = min(left, self._problem.slots[desk][day] - self._days[desk, day])
        return left


def wish(task: Task, filled: Filled, *, in_time: bool) -> Wish | None:
    """The fewest places that would let the test be done (in time); None where places are not what is lacking."""
    found = []
    for option in task.options:
        last = min(option.in_time, option.last) if in_time else option.last
        for hour in range(option.first, last + 1):
            lacking = filled.lacking([task], option, hour)
            found.append((max(lacking, 1), hour, option.place))
    if not found:
        return None
    places, hour, place = min(found)
    return Wish((place, task.discipline), hour, places)


def wish_text(one: Wish, problem: Problem) -> str:
    """`if King's core laboratory had 1 more place in Chemistry at 05:00`."""
    place, discipline = one.desk
    at = near_time_text(problem.start + one.hour * HOUR)
    return (
        f"if {problem.places[place]} had {count_text(one.places, 'more place')} "
        f"in {discipline.words} at {at}"
    )


def nobody_helps(asked: Asked, candidates: Iterable[Candidate], now: dt.datetime) -> str:
    """What would help a test that no laboratory can do, rooms aside."""
    held = [one for one in candidates if one.turnaround is not None]
    if asked.stop:
        return "if it is offered again"
    if not held:
        return NOBODY_OFFERS
    if all(one.takes_nothing for one in held):
        return f"if {_taking_work_again(held)}"
    expires_at = asked.expires_at(now)
    if expires_at <= now:
        return AGAIN
    for one in held:
        if one.leaves_at is not None and one.travel is not None and not one.takes_nothing:
            gone_now = now + one.travel - (one.leaves_at - now)
            if gone_now < expires_at:
                return f"if the {near_time_text(one.leaves_at)} to {one.name} went now"
    return AGAIN


def _taking_work_again(held: Sequence[Candidate]) -> str:
    """`King’s is back in work or the agreement with St George’s is renewed`."""
    out = [one.name for one in held if one.out]
    lapsed = [one.name for one in held if not one.out]
    parts = []
    if out:
        parts.append(f"{and_text(out)} {'is' if len(out) == 1 else 'are'} back in work")
    if lapsed:
        one = len(lapsed) == 1
        agreed = f"the agreement{'' if one else 's'} with {and_text(lapsed)}"
        parts.append(f"{agreed} {'holds' if one else 'hold'} again")
    return " or ".join(parts)


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a placed test: `together`: the tube's other tests go there too."""

    placing: Placing
    candidate: Candidate
    begins_at: dt.datetime
    result_at: dt.datetime
    needed_by: dt.datetime
    only: bool
    together: bool
    aliquot: bool
    series: bool
    locked: bool
    notes: tuple[str, ...] = ()


def why(told: Told) -> str:
    """Why that laboratory and when, in one sentence."""
    parts = [*told.notes, *_sets_apart(told)]
    if told.aliquot:
        parts.append("aliquot: the tube’s other tests go elsewhere")
    if told.candidate.leaves_at is not None:
        parts.append(f"leaves {near_time_text(told.candidate.leaves_at)}")
    if told.placing.hour > told.placing.option.first:
        parts.append(f"place from {near_time_text(told.begins_at)}")
    parts.append(f"result about {near_time_text(told.result_at)}")
    if told.placing.late:
        parts.append(f"needed by {near_time_text(told.needed_by)}")
    return "; ".join(parts)


def _sets_apart(told: Told) -> Iterator[str]:
    """What decided for the place, the strongest alone."""
    said = (
        (told.locked, "fixed by hand"),
        (told.only, "only place that can do it"),
        (told.series, "same laboratory as its series"),
        (told.together, "keeps the tube together"),
    )
    yield from [words for holds, words in said if holds][:1]
