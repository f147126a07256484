"""A solved queue told line by line: where, when, why, and what would help."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from lab_contingency.foundation.web.disclosure import not_for_pages
from lab_contingency.network.rules import opens_next
from lab_contingency.routing.planning.queries.gathering import Queue, Waits
from lab_contingency.routing.planning.rules import Placing, Plan
from lab_contingency.routing.planning.rules.options import begins_at
from lab_contingency.routing.planning.rules.telling import (
    FIXED_THERE,
    NO_SOONER,
    Filled,
    Told,
    nobody_helps,
    why,
    wish,
    wish_text,
)
from lab_contingency.routing.rules import Candidate, Offer, judge, nobody_can

OTHER_METHOD = "its series began at {}, by another method: values cannot be compared"
ELSEWHERE = "its series began at {}, by the same method"
UNFIXED = "was fixed at {}, which is out of action"
NO_ROOM = "no capacity within a day where it can be done"
NO_ROOM_THERE = "no capacity within a day where it was fixed"
LET_MOVE = "if it is no longer fixed there"


@not_for_pages
@dataclass(frozen=True, slots=True)
class Proposed:
    """One test as a plan answers it; `laboratory_id` None: nobody can."""

    waits: Waits
    laboratory_id: uuid.UUID | None = None
    arrives_at: dt.datetime | None = None
    begins_at: dt.datetime | None = None
    result_at: dt.datetime | None = None
    late: bool = False
    aliquot: bool = False
    why: str = ""
    helps: str = ""


def proposed(queue: Queue, plan: Plan) -> tuple[Proposed, ...]:
    """Every test of the queue, in its order."""
    telling = _Telling(queue, plan)
    return tuple(telling.line(one) for one in queue.waits.values())


class _Telling:
    def __init__(self, queue: Queue, plan: Plan) -> None:
        self._queue, self._plan = queue, plan
        self._filled = Filled(queue.problem, plan.placed)
        self._tubes: dict[Hashable, list[int]] = defaultdict(list)
        self._series: dict[Hashable, int] = defaultdict(int)
        for task in queue.problem.tasks:
            placing = plan.placed.get(task.id)
            if placing is not None:
                self._tubes[task.tube].append(placing.option.place)
            if task.series is not None:
                self._series[task.series] += 1

    def line(self, one: Waits) -> Proposed:
        placing = self._plan.placed.get(one.task.id)
        return self._nobody(one) if placing is None else self._somebody(one, placing)

    def _nobody(self, one: Waits) -> Proposed:
        if one.task.options and one.locked:
            return Proposed(one, why=NO_ROOM_THERE, helps=LET_MOVE)
        if one.task.options:
            wanted = wish(one.task, self._filled, in_time=False)
            helps = wish_text(wanted, self._queue.problem) if wanted else NO_SOONER
            return Proposed(one, why=NO_ROOM, helps=helps)
        now = self._queue.now
        answers = [judge(one.asked, each, now) for each in one.candidates]
        if one.locked:
            return Proposed(one, why=self._lock_refused(one), helps=LET_MOVE)
        said = nobody_can(answers)
        if any(isinstance(answer, Offer) for answer in answers):
            said = "a laboratory that can opens only after a day"
        return Proposed(one, why=said, helps=nobody_helps(one.asked, one.candidates, now))

    def _lock_refused(self, one: Waits) -> str:
        return "the laboratory it was fixed to cannot do it"

    def _somebody(self, one: Waits, placing: Placing) -> Proposed:
        option = placing.option
        there = one.candidates[option.place]
        arrives_at = self._queue.now + (there.travel or dt.timedelta(0))
        begins = self._begins(placing, there, arrives_at)
        result_at = begins + (there.turnaround or dt.timedelta(0))
        places = self._tubes[one.task.tube]
        late = result_at > one.due_at
        told = Told(
            placing=placing,
            candidate=there,
            begins_at=begins,
            result_at=result_at,
            needed_by=one.due_at,
            only=len(one.task.options) == 1 and not one.locked,
            together=len(places) > 1 and len(set(places)) == 1,
            aliquot=places.count(option.place) < len(places),
            series=self._series.get(one.task.series, 0) > 1,
            locked=one.locked,
            notes=(*self._unfixed(one), *self._series_left(one, there.laboratory_id)),
        )
        return Proposed(
            one,
            there.laboratory_id,
            arrives_at,
            begins,
            result_at,
            late,
            told.aliquot,
            why(told),
            self._sooner(one) if late else "",
        )

    def _unfixed(self, one: Waits) -> tuple[str, ...]:
        """That it was fixed at a laboratory that takes no work."""
        if one.unfixed_from is None:
            return ()
        return (UNFIXED.format(self._queue.setting.snapshot.laboratories[one.unfixed_from].name),)

    def _series_left(self, one: Waits, laboratory_id: uuid.UUID) -> tuple[str, ...]:
        """That the series goes on at another laboratory than it began at."""
        if one.begun_in is None or one.begun_in == laboratory_id:
            return ()
        snapshot, code = self._queue.setting.snapshot, one.facts.test.code
        began, goes_on = (
            snapshot.network.menus.get(each, {}).get(code) for each in (one.begun_in, laboratory_id)
        )
        alike = began is not None and goes_on is not None and began.method == goes_on.method
        words = ELSEWHERE if alike else OTHER_METHOD
        return (words.format(snapshot.laboratories[one.begun_in].name),)

    def _begins(self, placing: Placing, there: Candidate, arrives_at: dt.datetime) -> dt.datetime:
        ready = opens_next(there.hours, arrives_at) or arrives_at
        return begins_at(self._queue.openings[placing.option.place], ready, placing.hour)

    def _sooner(self, one: Waits) -> str:
        if one.locked and self._in_time_elsewhere(one):
            return FIXED_THERE
        wanted = wish(one.task, self._filled, in_time=True)
        return wish_text(wanted, self._queue.problem) if wanted else NO_SOONER

    def _in_time_elsewhere(self, one: Waits) -> bool:
        answers = (judge(one.asked, each, self._queue.now) for each in one.candidates)
        return any(isinstance(answer, Offer) and not answer.late for answer in answers)


def summary(lines: tuple[Proposed, ...]) -> Mapping[str, int]:
    """How many tests are in time, late, or done by nobody."""
    nobody = sum(one.laboratory_id is None for one in lines)
    late = sum(one.late for one in lines)
    return {"in time": len(lines) - nobody - late, "late": late, "nobody": nobody}
