"""What people can intend with a question."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.transport.questions.rules import AnswerHow, QuestionKind


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """Ask about a request, or one tube of it. `to_laboratory_id` None: whoever stands in for the main system."""

    request_id: uuid.UUID
    planned_tube_id: uuid.UUID | None
    to_laboratory_id: uuid.UUID | None
    kind: QuestionKind
    words: str


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """Go on with a thread: an answer, what was said on the telephone and by whom, or the question again."""

    question_id: uuid.UUID
    version: int
    how: AnswerHow
    words: str
    told_by: str = ""
