"""One request's whole story: three sentences, a lane for each tube, a table with who and where."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import duration_text, near_time_text, until_text
from lab_contingency.places.queries import laboratories
from lab_contingency.requests.queries import (
    PlannedTubeView,
    RequestView,
    TestView,
    planned_tubes,
    request_view,
)
from lab_contingency.requests.queries.card import TubeChip, chip_of
from lab_contingency.requests.rules.statuses import FINAL
from lab_contingency.requests.scope import is_partner
from lab_contingency.results.queries.released import unread_releases
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.tracking.queries.answers import Answer, answers_of, is_lost
from lab_contingency.tracking.queries.happenings import (
    Happening,
    happenings,
    in_time,
    told_together,
)
from lab_contingency.tracking.queries.missing import MissingTube, missing_tubes
from lab_contingency.tracking.queries.traces import traces
from lab_contingency.tracking.queries.travels import with_travels
from lab_contingency.tracking.rules import LaneState, Step
from lab_contingency.triage.queries import DecisionView, decisions_of

_LANES = 12


@discloses(time=NOTHING, label=NOTHING, who=lambda step: step.who_tells)
@dataclass(frozen=True, slots=True)
class LaneStep:
    """One row of the picture."""

    patient_id: uuid.UUID | None
    who_tells: Field
    time: str
    label: str
    who: str


@discloses(name=NOTHING, tests=Field.TESTS, notes=NOTHING, next=NOTHING)
@dataclass(frozen=True, slots=True)
class Lane:
    """One tube's lane."""

    patient_id: uuid.UUID
    container: TubeChip
    number: int
    name: str
    tests: str
    state: LaneState
    done_at: tuple[int, ...]
    notes: tuple[Mapping[str, object], ...]
    next: str | None


@discloses(laboratories=NOTHING)
@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one request."""

    request: RequestView
    answers: tuple[Answer, ...]
    lanes: tuple[Lane, ...]
    steps: tuple[LaneStep, ...]
    table: tuple[Happening, ...]
    decisions: tuple[DecisionView, ...]
    laboratories: Mapping[uuid.UUID, str]
    unread: bool
    now: dt.datetime

    @property
    def patient_id(self) -> uuid.UUID:
        """Whose request it is."""
        return self.request.patient_id


def story(request_id: uuid.UUID, actor: Actor) -> Story:
    """The story of a request in the actor's scope, or in a look beyond it; NotFound."""
    request = request_view(request_id, actor, reading=True)
    tubes = planned_tubes(request_id, actor)
    specimens = {row.planned_tube_id: row for row in _specimens(request_id)}
    missing = missing_tubes(request_id)
    told = with_travels(happenings(request, tubes, actor), request, tubes)
    happened = sorted(told, key=in_time)
    marked = [one for one in happened if one.step is not None]
    return Story(
        request=request,
        answers=answers_of(request, tubes, specimens, missing, actor),
        lanes=tuple(
            _lane(request, tube, specimens.get(tube.id), missing.get(tube.id), marked)
            for tube in tubes[:_LANES]
        ),
        steps=tuple(_step(step, marked) for step in _steps(marked)),
        table=told_together(sorted((*happened, *traces(request, actor)), key=in_time)),
        decisions=() if is_partner(actor) else decisions_of(request_id),
        laboratories={lab.id: lab.name for lab in laboratories()},
        unread=bool(unread_releases(request_id, actor)),
        now=clock.now(),
    )


def _specimens(request_id: uuid.UUID) -> list[Specimen]:
    return list(session().scalars(select(Specimen).where(Specimen.request_id == request_id)))


def _steps(marked: list[Happening]) -> list[Step]:
    held = {one.step for one in marked}
    return [step for step in Step if step in held and step is not Step.LABELLED]


def _step(step: Step, marked: list[Happening]) -> LaneStep:
    first = next(one for one in marked if one.step is step)
    where = (
        f", {first.place}"
        if first.place and step is not Step.REQUESTED and first.place != first.who
        else ""
    )
    who = f"{first.who}{where}"
    return LaneStep(first.patient_id, first.who_tells, near_time_text(first.at), step.value, who)


def _lane(
    request: RequestView,
    tube: PlannedTubeView,
    specimen: Specimen | None,
    missing: MissingTube | None,
    marked: list[Happening],
) -> Lane:
    steps = _steps(marked)
    done = tuple(i for i, step in enumerate(steps) if any(_of(one, step, tube) for one in marked))
    chip = chip_of(catalogue().container(tube.container), request.ward.site.tube_system)
    state = LaneState.UNSEEN if missing else _lane_state(request, tube, specimen)
    labels = ", ".join(catalogue().test(code).label for code in tube.test_codes)
    return Lane(
        request.patient_id,
        chip,
        tube.ordinal,
        chip.colour_name,
        labels,
        state,
        done or (0,),
        _missing_note(missing, len(done))
        if missing
        else _notes(request, specimen, state, len(done)),
        _next(request, state),
    )


def _of(one: Happening, step: Step, tube: PlannedTubeView) -> bool:
    return one.step is step and tube.ordinal in one.tubes


def _tests_on(request: RequestView, tube: PlannedTubeView) -> list[TestView]:
    return [view for view in request.tests if view.test.code in tube.test_codes]


def _lane_state(
    request: RequestView, tube: PlannedTubeView, specimen: Specimen | None
) -> LaneState:
    if all(view.status in FINAL for view in _tests_on(request, tube)):
        return LaneState.FINISHED
    if specimen is not None and is_lost(request, specimen):
        return LaneState.UNSEEN
    return LaneState.OVERDUE if request.overdue else LaneState.FINE


def _missing_note(missing: MissingTube, row: int) -> tuple[Mapping[str, object], ...]:
    lines = ["MISSING", f"from box {missing.box}", f"since {near_time_text(missing.since)}"]
    return ({"row": row - 0.4, "kind": "unseen", "lines": lines},)


def _notes(
    request: RequestView, specimen: Specimen | None, state: LaneState, row: int
) -> tuple[Mapping[str, object], ...]:
    now = clock.now()
    if specimen is not None and specimen.status is SpecimenStatus.REJECTED:
        return ({"row": row - 0.4, "kind": "overdue", "lines": ["REJECTED", "take it again"]},)
    if state is LaneState.UNSEEN and specimen is not None and specimen.collected_at is not None:
        age = duration_text(now - specimen.collected_at)
        return (
            {"row": row - 0.4, "kind": "unseen", "lines": [f"NOT SEEN {age}", "no receipt scan"]},
        )
    if state is LaneState.OVERDUE:
        return (
            {
                "row": row - 0.4,
                "kind": "overdue",
                "lines": [
                    until_text(request.due_at, now),
                    f"was due {near_time_text(request.due_at)}",
                ],
            },
        )
    return ()


def _next(request: RequestView, state: LaneState) -> str | None:
    return f"by {near_time_text(request.due_at)}" if state is LaneState.FINE else None
