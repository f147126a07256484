"""The sentences over the picture of a request: what is ready, what waits, what somebody must do."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import and_text, near_time_text
from lab_contingency.requests.queries import PlannedTubeView, RequestView, TestView
from lab_contingency.requests.rules.statuses import FINAL, RELEASED, TestStatus
from lab_contingency.results.queries.calls import Ended, endings_of
from lab_contingency.results.rules.calls import CallOutcome
from lab_contingency.specimens.models import Rejection, Specimen
from lab_contingency.specimens.rules import REJECTION_REASONS, SpecimenStatus
from lab_contingency.tracking.queries.missing import TUBE_IS_MISSING, MissingTube
from lab_contingency.tracking.rules import AnswerKind, is_not_seen

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


def is_lost(request: RequestView, specimen: Specimen) -> bool:
    """Whether a tube on its way should have been scanned by now."""
    return (
        specimen.status in _ON_THE_WAY
        and specimen.collected_at is not None
        and is_not_seen(request.band, specimen.collected_at, clock.now())
    )


def answers_of(
    request: RequestView,
    tubes: tuple[PlannedTubeView, ...],
    specimens: Mapping[uuid.UUID, Specimen],
    missing: Mapping[uuid.UUID, MissingTube],
    actor: Actor,
) -> tuple[Answer, ...]:
    """What is to be said of a request at once. `missing`: its tubes that a box was opened without."""
    found = [
        _ready(request, actor),
        _waiting(request, missing),
        _held(request),
        *_rejected(request, tubes, specimens),
        *_missing(request, tubes, missing),
        _not_seen(request, [tube for tube in tubes if tube.id not in missing], specimens),
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


def _waiting(request: RequestView, missing: Mapping[uuid.UUID, MissingTube]) -> Answer | None:
    waiting = [
        view
        for view in request.tests
        if view.status not in FINAL
        and view.status not in (TestStatus.REJECTED, TestStatus.DEFERRED)
    ]
    if not waiting:
        return None
    where = and_text(sorted({_where(view, missing) for view in waiting}))
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


def _where(view: TestView, missing: Mapping[uuid.UUID, MissingTube]) -> str:
    return TUBE_IS_MISSING if view.planned_tube_id in missing else view.words


def _missing(
    request: RequestView,
    tubes: tuple[PlannedTubeView, ...],
    missing: Mapping[uuid.UUID, MissingTube],
) -> list[Answer]:
    return [
        Answer(
            request.patient_id,
            Field(0),
            AnswerKind.ATTENTION,
            f"Missing: tube {tube.ordinal}",
            f"{missing[tube.id].sentence} Ask there; take it again if this cannot wait.",
        )
        for tube in tubes
        if tube.id in missing
    ]


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
    tubes: Sequence[PlannedTubeView],
    specimens: Mapping[uuid.UUID, Specimen],
) -> Answer | None:
    lost = [tube for tube in tubes if tube.id in specimens and is_lost(request, specimens[tube.id])]
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
