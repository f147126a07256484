"""Incidents, today's menu, notices, and every number issued."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.foundation.database.blocks import refuse_overlap
from lab_contingency.incidents.rules import (
    BlockPurpose,
    BlockState,
    DecidedBy,
    IncidentState,
    NumberState,
)


class Incident(Base):
    """The main system is gone: since when, who said so, for whom, and the message on every page."""

    __tablename__ = "incident"
    __table_args__ = (
        Index(
            "uq_incident_open",
            "state",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_when"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    state: Mapped[IncidentState]
    down_since: Mapped[dt.datetime]
    scope: Mapped[str]
    message: Mapped[str]
    declared_at: Mapped[dt.datetime]
    declared_by: Mapped[str]
    declared_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class MenuDecision(Base):
    """What was decided about offering a test: why, what to do instead, until when. Ended, not deleted.

    A person decides for every site: it is not offered, or (`offered`) it is although routing finds nobody.
    Routing decides for one site: nobody can do it for blood taken there now. Neither touches the other's.
    """

    __tablename__ = "menu_decision"
    __table_args__ = (
        Index(
            "uq_menu_decision_standing",
            "test_code",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND source = 'person'"),
            postgresql_where=text("ended_at IS NULL AND source = 'person'"),
        ),
        Index(
            "uq_menu_decision_published",
            "site_id",
            "test_code",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND source = 'routing'"),
            postgresql_where=text("ended_at IS NULL AND source = 'routing'"),
        ),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
        CheckConstraint("(source = 'routing') = (site_id IS NOT NULL)", name="routing_for_a_site"),
        CheckConstraint("NOT offered OR source = 'person'", name="offered_by_a_person"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incident.id"), index=True)
    source: Mapped[DecidedBy] = mapped_column(default=DecidedBy.PERSON)
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    offered: Mapped[bool] = mapped_column(default=False)
    instead: Mapped[str | None]
    test_code: Mapped[str]
    reason: Mapped[str]
    until: Mapped[dt.datetime | None]
    decided_at: Mapped[dt.datetime]
    decided_by: Mapped[str]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None]


class NumberSeries(Base):
    """The next sequence of each kind of number; its row is locked while one is taken."""

    __tablename__ = "number_series"

    kind: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[int]
    epoch: Mapped[int]
    next_sequence: Mapped[int]


class NumberBlock(Base):
    """Form numbers that follow each other, taken ahead of time for a ward's paper packs or another server.

    Blocks never overlap: a trigger refuses it, and each number is a row of `issued_number` besides.
    """

    __tablename__ = "number_block"
    __table_args__ = (
        CheckConstraint("first_sequence <= last_sequence", name="first_before_last"),
        CheckConstraint("(purpose = 'pack') <= (ward_id IS NOT NULL)", name="packs_for_a_ward"),
        CheckConstraint("(state = 'issued') = (closed_at IS NULL)", name="closed_when"),
        UniqueConstraint("node", "epoch", "first_sequence", name="uq_number_block_first"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    node: Mapped[int]
    epoch: Mapped[int]
    first_sequence: Mapped[int]
    last_sequence: Mapped[int]
    purpose: Mapped[BlockPurpose]
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    ward_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ward.id"), index=True)
    state: Mapped[BlockState]
    issued_at: Mapped[dt.datetime]
    issued_by: Mapped[str]
    issued_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[dt.datetime | None]


BLOCK_KEPT = tuple(
    c.name for c in NumberBlock.__table__.columns if c.name not in {"state", "closed_at"}
)
protect(NumberBlock.__table__, BLOCK_KEPT)  # type: ignore[arg-type]
refuse_overlap(NumberBlock.__table__)  # type: ignore[arg-type]


class IssuedNumber(Base):
    """Every number ever issued, once: the books are numbers issued = used + void + left on paper."""

    __tablename__ = "issued_number"
    __table_args__ = (
        CheckConstraint("(state = 'void') = (voided_at IS NOT NULL)", name="voided_when"),
        CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name="voided_why"),
        CheckConstraint("length(number) = 12", name="twelve_digits"),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[NumberState]
    block_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("number_block.id"), index=True)
    issued_at: Mapped[dt.datetime]
    voided_at: Mapped[dt.datetime | None]
    void_reason: Mapped[str | None]
