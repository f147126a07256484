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
from lab_contingency.foundation.wording import and_text, duration_text, near_time_text, until_text
from lab_contingency.places.queries import laboratories
from lab_contingency.requests.queries import (
    PlannedTubeView,
    RequestView,
    TestView,
    planned_tubes,
    request_view,
)
from lab_contingency.requests.queries.card import TubeChip, chip_of
from lab_contingency.requests.rules.statuses import FINAL, RELEASED, TestStatus
from lab_contingency.requests.scope import is_partner
from lab_contingency.results.queries.calls import Ended, endings_of
from lab_contingency.results.queries.released import unread_releases
from lab_contingency.results.rules.calls import CallOutcome
from lab_contingency.specimens.models import Rejection, Specimen
from lab_contingency.specimens.rules import REJECTION_REASONS, SpecimenStatus
from lab_contingency.tracking.queries.happenings import (
    Happening,
    happenings,
    in_time,
    told_together,
)
from lab_contingency.tracking.queries.traces import traces
from lab_contingency.tracking.queries.travels import with_travels
from lab_contingency.tracking.rules import AnswerKind, LaneState, Step, is_not_seen
from lab_contingency.triage.queries import DecisionView, decisions_of

_LANES = 12
_ON_THE_WAY = (SpecimenStatus.COLLECTED, SpecimenStatus.HANDED_OVER, SpecimenStatus.DISPATCHED)


@discloses(heading=lambda one: one.tells, sentence=NOTHING)
@dataclass(frozen=True, slots=True)
class Answer:
    """One box over the picture. `recollect` is the planned tube that must be taken again.

    `tells`: what heading and sentence together tell of the patient.
    """

    patient_id: uuid.UUID
    tells: Field
    kind: AnswerKind
    heading: str
    sentence: str
    read_results: bool = False
    recollect: uuid.UUID | None = None


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
    told = with_travels(happenings(request, tubes, actor), request, tubes)
    happened = sorted(told, key=in_time)
    marked = [one for one in happened if one.step is not None]
    return Story(
        request=request,
        answers=_answers(request, tubes, specimens, actor),
        lanes=tuple(
            _lane(request, tube, specimens.get(tube.id), marked) for tube in tubes[:_LANES]
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
    request: RequestView, tube: PlannedTubeView, specimen: Specimen | None, marked: list[Happening]
) -> Lane:
    steps = _steps(marked)
    done = tuple(i for i, step in enumerate(steps) if any(_of(one, step, tube) for one in marked))
    chip = chip_of(catalogue().container(tube.container), request.ward.site.tube_system)
    state = _lane_state(request, tube, specimen)
    labels = ", ".join(catalogue().test(code).label for code in tube.test_codes)
    return Lane(
        request.patient_id,
        chip,
        tube.ordinal,
        chip.colour_name,
        labels,
        state,
        done or (0,),
        _notes(request, specimen, state, len(done)),
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
    if specimen is not None and _is_lost(request, specimen):
        return LaneState.UNSEEN
    return LaneState.OVERDUE if request.overdue else LaneState.FINE


def _is_lost(request: RequestView, specimen: Specimen) -> bool:
    return (
        specimen.status in _ON_THE_WAY
        and specimen.collected_at is not None
        and is_not_seen(request.band, specimen.collected_at, clock.now())
    )


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


def _answers(
    request: RequestView,
    tubes: tuple[PlannedTubeView, ...],
    specimens: Mapping[uuid.UUID, Specimen],
    actor: Actor,
) -> tuple[Answer, ...]:
    found = [
        _ready(request, actor),
        _waiting(request),
        _held(request),
        *_rejected(request, tubes, specimens),
        _not_seen(request, tubes, specimens),
        _stopped(request),
    ]
    return tuple(answer for answer in found if answer is not None)


def _labels(tests: list[TestView]) -> str:
    return and_text([view.test.label for view in tests])


def _ready(request: RequestView, actor: Actor) -> Answer | None:
    released = [view for view in request.tests if view.status in RELEASED]
    if not released:
        return None
    calls = list(endings_of(request.id, actor).values())
    tells = Field.TESTS | (Field.REMARKS if _says_why_not(calls) else Field(0))
    return Answer(
        request.patient_id,
        tells,
        AnswerKind.READY,
        f"Ready: {_labels(released)}",
        _telephoned(calls),
        read_results=True,
    )


def _says_why_not(calls: list[Ended | None]) -> bool:
    """Whether `_telephoned` gives somebody's reason for not ringing."""
    ended = [call for call in calls if call is not None]
    return len(ended) == len(calls) and any(call.tells & Field.REMARKS for call in ended)


def _telephoned(calls: list[Ended | None]) -> str:
    """What became of the critical calls: one that is open wins, and nobody rung is said as such."""
    if None in calls:
        return "A critical value is being telephoned."
    ended = [call for call in calls if call is not None]
    told = [call.at for call in ended if call.outcome is CallOutcome.TOLD]
    spared = [call for call in ended if call.outcome is CallOutcome.NOT_NEEDED]
    parts = [f"A critical value was telephoned at {near_time_text(max(told))}."] if told else []
    # A value put right matters only where nothing else was said of it.
    not_rung = spared or ([] if told else ended)
    reasons = dict.fromkeys(call.why_not for call in not_rung)
    parts += [f"A critical value was not telephoned: {reason}." for reason in reasons]
    return " ".join(parts)


def _waiting(request: RequestView) -> Answer | None:
    waiting = [
        view
        for view in request.tests
        if view.status not in FINAL
        and view.status not in (TestStatus.REJECTED, TestStatus.DEFERRED)
    ]
    if not waiting:
        return None
    where = and_text(sorted({view.words for view in waiting}))
    unusable = (
        f" Unusable from {near_time_text(request.unusable_at)}." if request.unusable_at else ""
    )
    if request.overdue:
        late = f"Was due {near_time_text(request.due_at)}. Now: {where}.{unusable}"
        heading = f"Overdue: {_labels(waiting)}"
        return Answer(request.patient_id, Field.TESTS, AnswerKind.OVERDUE, heading, late)
    due = f"Expected by {near_time_text(request.due_at)}. Now: {where}.{unusable}"
    heading = f"Under way: {_labels(waiting)}"
    return Answer(request.patient_id, Field.TESTS, AnswerKind.UNDER_WAY, heading, due)


def _held(request: RequestView) -> Answer | None:
    held = [view for view in request.tests if view.status is TestStatus.DEFERRED]
    if not held:
        return None
    return Answer(
        request.patient_id,
        Field.TESTS,
        AnswerKind.ATTENTION,
        f"Held: {_labels(held)}",
        "The laboratory keeps it for later; why stands below. Ring it if this cannot wait.",
    )


def _rejected(
    request: RequestView,
    tubes: tuple[PlannedTubeView, ...],
    specimens: Mapping[uuid.UUID, Specimen],
) -> list[Answer]:
    return [
        Answer(
            request.patient_id,
            Field.TESTS | Field.REMARKS,
            AnswerKind.ATTENTION,
            f"Take again: {_labels([view for view in request.tests if view.planned_tube_id == tube.id])}",
            _rejection_sentence(specimens[tube.id]),
            recollect=tube.id,
        )
        for tube in tubes
        if tube.id in specimens
        and any(
            view.planned_tube_id == tube.id and view.status is TestStatus.REJECTED
            for view in request.tests
        )
    ]


def _rejection_sentence(specimen: Specimen) -> str:
    row = (
        session()
        .scalars(select(Rejection).where(Rejection.specimen_id == specimen.id))
        .one_or_none()
    )
    if row is None:
        return "The tube could not be used."
    reason = REJECTION_REASONS[row.reason_code]
    return f"Tube rejected at {near_time_text(row.rejected_at)}: {reason.words}. {reason.advice}"


def _not_seen(
    request: RequestView,
    tubes: tuple[PlannedTubeView, ...],
    specimens: Mapping[uuid.UUID, Specimen],
) -> Answer | None:
    lost = [
        tube for tube in tubes if tube.id in specimens and _is_lost(request, specimens[tube.id])
    ]
    if not lost:
        return None
    numbers = and_text([f"tube {tube.ordinal}" for tube in lost])
    last = specimens[lost[0].id]
    since = near_time_text(last.collected_at) if last.collected_at else ""
    return Answer(
        request.patient_id,
        Field(0),
        AnswerKind.ATTENTION,
        f"Not seen: {numbers}",
        f"Taken {since}, last with {last.holder or request.ward.name}. Ask there, or take it again.",
    )


def _stopped(request: RequestView) -> Answer | None:
    words = {TestStatus.DECLINED: "Declined", TestStatus.WITHDRAWN: "Withdrawn"}
    stopped = [view for view in request.tests if view.status in words]
    if not stopped:
        return None
    parts = [
        f"{word}: {_labels([view for view in stopped if view.status is status])}."
        for status, word in words.items()
        if any(view.status is status for view in stopped)
    ]
    sentence = " ".join(parts)
    return Answer(request.patient_id, Field.TESTS, AnswerKind.STOPPED, "Will not be done", sentence)
