"""Asking and answering: the only code that changes questions."""

from __future__ import annotations

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, NotPermitted, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.requests.models import Request
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.services import lock_request
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.transport.questions.commands import AnswerQuestion, AskQuestion
from lab_contingency.transport.questions.models import Answer, Question
from lab_contingency.transport.questions.queries import in_sight, side_of, whom_to_ask
from lab_contingency.transport.questions.rules import (
    QuestionState,
    due,
    next_state,
    refuse_unheard,
    refuse_unsaid,
)


def ask_question(command: AskQuestion, *, actor: Actor) -> Question:
    """Ask about a request in scope, or a tube of it that this person sees; NotFound beyond it."""
    if actor.laboratory_id is None:
        raise NotPermitted
    refuse_unsaid(command.kind, command.words)
    request = lock_request(command.request_id, actor=actor)
    _refuse_beyond(command, actor)
    now = clock.now()
    row = Question(
        id=new_id(),
        request_id=request.id,
        planned_tube_id=command.planned_tube_id,
        laboratory_id=actor.laboratory_id,
        to_laboratory_id=command.to_laboratory_id,
        kind=command.kind,
        asked_at=now,
        asked_by=actor.name,
        asked_by_id=actor.user_id,
        state=QuestionState.OPEN,
        due_at=due(request.band, now),
        answered_at=None,
    )
    row.sealed = seal(Question.__tablename__, row.id, {"words": command.words.strip()})
    session().add(row)
    session().flush()
    record(
        "question:asked",
        request.id,
        actor=actor,
        question=row.id,
        kind=row.kind.value,
        to=command.to_laboratory_id,
        due_at=row.due_at,
    )
    return row


def _refuse_beyond(command: AskQuestion, actor: Actor) -> None:
    if command.planned_tube_id is not None:
        seen = {tube.planned_tube_id for tube in tubes_of(command.request_id, actor)}
        if command.planned_tube_id not in seen:
            raise NotFound
    asked = {each.id for each in whom_to_ask(command.request_id, actor)}
    if command.to_laboratory_id is not None and command.to_laboratory_id not in asked:
        raise RuleBroken("Nothing of this request is done there. Choose whom to ask.", field="to")


def answer_question(command: AnswerQuestion, *, actor: Actor) -> None:
    """Go on with a thread; ChangedByAnother when somebody did meanwhile, NotFound outside the scope."""
    if actor.laboratory_id is None:
        raise NotPermitted
    row = _locked(command, actor)
    refuse_unheard(command.how, command.words, command.told_by)
    before, band = row.state, session().get_one(Request, row.request_id).band
    _move(row, next_state(before, command.how, side_of(row, actor)), band)
    step = Answer(
        id=new_id(),
        question_id=row.id,
        how=command.how,
        recorded_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        laboratory_id=actor.laboratory_id,
    )
    said = {"words": command.words.strip(), "told_by": command.told_by.strip()}
    step.sealed = seal(Answer.__tablename__, step.id, said)
    session().add(step)
    session().flush()
    record(
        "question:answered" if row.state is QuestionState.ANSWERED else "question:asked_again",
        row.request_id,
        actor=actor,
        question=row.id,
        how=command.how.value,
        before=before.value,
        after=row.state.value,
    )


def _locked(command: AnswerQuestion, actor: Actor) -> Question:
    statement = (
        select(Question)
        .join(Request, Request.id == Question.request_id)
        .where(Question.id == command.question_id, in_sight(actor))
    )
    row = session().scalars(locked(statement)).one_or_none()
    if row is None:
        raise NotFound
    if row.version != command.version:
        raise ChangedByAnother
    return row


def _move(row: Question, after: QuestionState, band: Band) -> None:
    """An answer ends the wait; the question again begins another one."""
    row.state, now = after, clock.now()
    if after is QuestionState.ANSWERED:
        row.answered_at = now
    else:
        row.answered_at, row.due_at = None, due(band, now)
