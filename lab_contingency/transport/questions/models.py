"""Questions and what was answered. What was said is sealed, one record a row."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.transport.questions.rules import AnswerHow, QuestionKind, QuestionState


class Question(Base):
    """One question about a request, or a tube of it. `to_laboratory_id` None: to our own laboratories.

    Only how it stands is ever changed: state, due, answered.
    """

    __tablename__ = "question"
    __table_args__ = (
        CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", name="answered_when"),
        CheckConstraint("to_laboratory_id <> laboratory_id", name="to_another_laboratory"),
        Index(
            "ix_question_open",
            "due_at",
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index("ix_question_asked_at", "asked_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    planned_tube_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("planned_tube.id"))
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    to_laboratory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("laboratory.id"))
    kind: Mapped[QuestionKind]
    asked_at: Mapped[dt.datetime]
    asked_by: Mapped[str]
    asked_by_id: Mapped[uuid.UUID | None]
    state: Mapped[QuestionState]
    due_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]
    sealed: Mapped[str]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Answer(Base):
    """How a question went on: answered, told on the telephone and by whom, or asked again. Insert only."""

    __tablename__ = "answer"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id"), index=True)
    how: Mapped[AnswerHow]
    recorded_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    sealed: Mapped[str]


_MOVES_ON = {"state", "due_at", "answered_at", "version"}
QUESTION_KEPT = tuple(c.name for c in Question.__table__.columns if c.name not in _MOVES_ON)
protect(Question.__table__, QUESTION_KEPT)  # type: ignore[arg-type]
protect(Answer.__table__)  # type: ignore[arg-type]
