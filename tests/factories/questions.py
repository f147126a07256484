"""Questions about requests, asked and answered by the real services."""

from __future__ import annotations

import uuid

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.transport.questions.commands import AnswerQuestion, AskQuestion
from lab_contingency.transport.questions.models import Question
from lab_contingency.transport.questions.rules import AnswerHow, QuestionKind
from lab_contingency.transport.questions.services import answer_question, ask_question


def ask(
    request_id: uuid.UUID,
    actor: Actor,
    words: str = "",
    *,
    kind: QuestionKind = QuestionKind.TIME,
    tube: uuid.UUID | None = None,
    to: uuid.UUID | None = None,
) -> uuid.UUID:
    """Ask, in its own unit of work; the question's id."""
    with unit_of_work():
        command = AskQuestion(request_id, tube, to, kind, words)
        return ask_question(command, actor=actor).id


def answer(
    question_id: uuid.UUID,
    actor: Actor,
    words: str,
    *,
    how: AnswerHow = AnswerHow.WRITTEN,
    told_by: str = "",
    version: int | None = None,
) -> None:
    """Answer, in its own unit of work; as somebody who has the page of now."""
    with unit_of_work():
        held = session().get_one(Question, question_id, populate_existing=True).version
        command = AnswerQuestion(question_id, version or held, how, words, told_by)
        answer_question(command, actor=actor)
