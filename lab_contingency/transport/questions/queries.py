"""Questions that somebody may see: both sides see the whole thread, within their scope of the request."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.queries import LaboratoryView, laboratories
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.queries import RequestView, request_views
from lab_contingency.requests.rules.statuses import AT_A_LABORATORY
from lab_contingency.requests.scope import is_partner, within
from lab_contingency.specimens.models import Specimen
from lab_contingency.transport.questions.models import Answer, Question
from lab_contingency.transport.questions.rules import (
    KINDS,
    AnswerHow,
    QuestionState,
    Side,
    permitted,
)

MOST = 200
ANSWERED_SHOWN = dt.timedelta(hours=24)
OURS = "our laboratories"


@discloses(words=Field.REMARKS, told_by=NOTHING, by_name=NOTHING, place=NOTHING)
@dataclass(frozen=True, slots=True)
class AnswerView:
    """One step of a thread. `told_by`: who said it on the telephone."""

    patient_id: uuid.UUID
    how: AnswerHow
    at: dt.datetime
    by_name: str
    place: str
    words: str
    told_by: str


@discloses(
    asks=Field.REMARKS,
    words=Field.REMARKS,
    **dict.fromkeys(("asked_by", "place", "to", "tube"), NOTHING),
)
@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with its thread. `place` asks `to`; `tube` is a number, or which tube of the request."""

    id: uuid.UUID
    request: RequestView
    asks: str
    words: str
    asked_by: str
    place: str
    to: str
    tube: str
    asked_at: dt.datetime
    due_at: dt.datetime
    state: QuestionState
    side: Side
    can: tuple[AnswerHow, ...]
    thread: tuple[AnswerView, ...]
    version: int

    @property
    def patient_id(self) -> uuid.UUID:
        """Whose request it is about."""
        return self.request.patient_id

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.state is QuestionState.OPEN

    @property
    def overdue(self) -> bool:
        """Whether it still waits after its time."""
        return self.is_open and self.due_at < clock.now()


@dataclass(frozen=True, slots=True)
class Questions:
    """What waits for this side, what it waits for itself, what was answered within a day."""

    to_answer: tuple[QuestionView, ...]
    waiting: tuple[QuestionView, ...]
    answered: tuple[QuestionView, ...]


def in_sight(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Question` and its `Request`: within the scope, and a partner's own threads."""
    if not is_partner(actor):
        return within(actor)
    mine = or_(
        Question.laboratory_id == actor.laboratory_id,
        Question.to_laboratory_id == actor.laboratory_id,
    )
    return and_(within(actor), mine)


def _asked_of(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Question`: this person's side answers it."""
    if is_partner(actor):
        return Question.to_laboratory_id == actor.laboratory_id
    return Question.to_laboratory_id.is_(None)


def questions_waiting(actor: Actor) -> Select[int]:
    """How many open questions wait for this person's side."""
    return (
        select(func.count(Question.id))
        .join(Request, Request.id == Question.request_id)
        .where(Question.answered_at.is_(None), in_sight(actor), _asked_of(actor))
    )


def questions(actor: Actor) -> Questions:
    """The list: open ones by their due time, those answered within a day newest first."""
    asked_lately = Question.answered_at > clock.now() - ANSWERED_SHOWN
    rows = _rows(or_(Question.answered_at.is_(None), asked_lately), actor)
    waits = [row for row in rows if row.is_open]
    return Questions(
        to_answer=tuple(row for row in waits if row.side is Side.ANSWERS),
        waiting=tuple(row for row in waits if row.side is Side.ASKED),
        answered=tuple(row for row in reversed(rows) if not row.is_open),
    )


def questions_of(request_id: uuid.UUID, actor: Actor) -> tuple[QuestionView, ...]:
    """The threads about one request that this person sees, by due time."""
    return _rows(Question.request_id == request_id, actor)


def question(question_id: uuid.UUID, actor: Actor) -> QuestionView:
    """One thread; NotFound outside the scope."""
    found = _rows(Question.id == question_id, actor)
    if not found:
        raise NotFound
    return found[0]


def _rows(condition: ColumnElement[bool], actor: Actor) -> tuple[QuestionView, ...]:
    statement = (
        select(Question)
        .join(Request, Request.id == Question.request_id)
        .where(condition, in_sight(actor))
        .order_by(Question.due_at, Question.id)
        .limit(MOST)
    )
    rows = session().scalars(statement).all()
    if not rows:
        return ()
    about = {row.request_id for row in rows}
    views = {view.id: view for view in request_views(Request.id.in_(about), actor)}
    names = {each.id: each.name for each in laboratories()}
    tubes = _tubes({row.planned_tube_id for row in rows if row.planned_tube_id})
    threads = _threads([row.id for row in rows])
    return tuple(
        _view(row, views[row.request_id], names, tubes, threads.get(row.id, ()), actor)
        for row in rows
        if row.request_id in views
    )


def side_of(row: Question, actor: Actor) -> Side:
    """On which side of it this person stands."""
    if is_partner(actor):
        return Side.ANSWERS if row.to_laboratory_id == actor.laboratory_id else Side.ASKED
    # Within the house a question is asked by a person: whoever sits beside them may answer it.
    if row.to_laboratory_id is None:
        return Side.ASKED if row.asked_by_id == actor.user_id else Side.ANSWERS
    return Side.ASKED


def _view(
    row: Question,
    request: RequestView,
    names: Mapping[uuid.UUID, str],
    tubes: Mapping[uuid.UUID, str],
    thread: Iterable[Answer],
    actor: Actor,
) -> QuestionView:
    side = side_of(row, actor)
    return QuestionView(
        id=row.id,
        request=request,
        asks=KINDS[row.kind],
        words=unseal(Question.__tablename__, row.id, row.sealed)["words"],
        asked_by=row.asked_by,
        place=names.get(row.laboratory_id, ""),
        to=names.get(row.to_laboratory_id, "") if row.to_laboratory_id else OURS,
        tube=tubes.get(row.planned_tube_id, "") if row.planned_tube_id else "",
        asked_at=row.asked_at,
        due_at=row.due_at,
        state=row.state,
        side=side,
        can=permitted(row.state, side),
        thread=tuple(_answer(each, request.patient_id, names) for each in thread),
        version=row.version,
    )


def _answer(row: Answer, patient_id: uuid.UUID, names: Mapping[uuid.UUID, str]) -> AnswerView:
    said = unseal(Answer.__tablename__, row.id, row.sealed)
    place = names.get(row.laboratory_id, "")
    return AnswerView(
        patient_id, row.how, row.recorded_at, row.by_name, place, said["words"], said["told_by"]
    )


def _threads(question_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[Answer]]:
    statement = (
        select(Answer)
        .where(Answer.question_id.in_(question_ids))
        .order_by(Answer.recorded_at, Answer.id)
    )
    found: dict[uuid.UUID, list[Answer]] = {}
    for row in session().scalars(statement):
        found.setdefault(row.question_id, []).append(row)
    return found


def _tubes(planned_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """By planned tube its number, or which of the request it is while it has none."""
    statement = (
        select(PlannedTube.id, PlannedTube.ordinal, Specimen.number)
        .outerjoin(Specimen, Specimen.planned_tube_id == PlannedTube.id)
        .where(PlannedTube.id.in_(list(planned_ids)))
    )
    return {
        planned_id: grouped(number) if number else f"tube {ordinal}"
        for planned_id, ordinal, number in session().execute(statement)
    }


def whom_to_ask(request_id: uuid.UUID, actor: Actor) -> tuple[LaboratoryView, ...]:
    """The partners at which tests of a request are done: a partner itself asks our laboratories only."""
    if is_partner(actor):
        return ()
    where = select(RequestedTest.laboratory_id).where(
        RequestedTest.request_id == request_id, RequestedTest.status.in_(AT_A_LABORATORY)
    )
    busy = set(session().scalars(where))
    return tuple(each for each in laboratories() if not each.own and each.id in busy)


def to_ring(actor: Actor) -> tuple[LaboratoryView, ...]:
    """Whom a partner rings when it cannot wait: our own laboratories, by name."""
    return tuple(each for each in laboratories() if each.own) if is_partner(actor) else ()
