"""Patients and their requests. Identity and clinical text are sealed, one record a row."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lab_contingency.foundation.database import Base, explain_constraint
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.foundation.database.base import enum_type
from lab_contingency.foundation.database.sealed_columns import index_by
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestAction, TestStatus


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Patient(Base):
    """A person, node-wide. Who they are stands in `PatientIdentity`."""

    __tablename__ = "patient"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime]


class PatientIdentity(Base):
    """One version of who a patient is, sealed; a correction adds the next and keeps this one.

    Exact numbers are found by blind index; a number alone never leads to a patient.
    """

    __tablename__ = "patient_identity"
    __table_args__ = (
        Index(
            "uq_patient_identity_nhs",
            "nhs_index",
            unique=True,
            **_where("is_current AND nhs_index IS NOT NULL"),
        ),
        Index(
            "uq_patient_identity_hospital",
            "hospital_index",
            unique=True,
            **_where("is_current AND hospital_index IS NOT NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    is_current: Mapped[bool]
    sealed: Mapped[str]
    nhs_index: Mapped[str | None]
    hospital_index: Mapped[str | None]
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[uuid.UUID | None]


# As the indexes of the numbers say it. SQLite compares a condition with an index word by word: `is_current = 1`
# would read every identity there is.
CURRENT: ColumnElement[Any] = literal_column("patient_identity.is_current")
NHS, HOSPITAL = "nhs", "hospital"


def issued(number: str, issuer: str) -> str:
    """A hospital number as it is indexed: two hospitals may give out the same."""
    return f"{issuer}|{number}"


def _indexed(held: Mapping[str, Any]) -> tuple[tuple[str, str] | None, ...]:
    """What the blind indexes of an identity are made of, from its opened record."""
    nhs, hospital = held["nhs"], held["hospital"]
    return (
        (NHS, nhs) if nhs else None,
        (HOSPITAL, issued(hospital, held["issuer"])) if hospital else None,
    )


index_by(PatientIdentity.__table__, ("nhs_index", "hospital_index"), _indexed)  # type: ignore[arg-type]


class UnidentifiedName(Base):
    """A prepared name for somebody nobody can identify: two phonetic words and a non-sequential number.

    `ward_id`: it was printed for that ward, with its paper packs, and no page hands it out any more.
    """

    __tablename__ = "unidentified_name"
    __table_args__ = (Index("ix_unidentified_name_free", "issuer", "used_at"),)

    number: Mapped[str] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    surname: Mapped[str]
    forename: Mapped[str]
    used_at: Mapped[dt.datetime | None]
    ward_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ward.id"))


class PatientLink(Base):
    """Somebody who could not be identified is this patient: both keep their records and their numbers.

    A link that was wrong is ended, not deleted: only the `ended_…` columns are ever changed. Why it was made
    is sealed; why it ended stands in the record. At most one stands for each of the unidentified.
    """

    __tablename__ = "patient_link"
    __table_args__ = (
        Index(
            "uq_patient_link_standing",
            "unidentified_id",
            unique=True,
            **_where("ended_at IS NULL"),
        ),
        CheckConstraint("unidentified_id != patient_id", name="two_records"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    unidentified_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patient.id"))
    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    linked_at: Mapped[dt.datetime]
    linked_by: Mapped[str]
    linked_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None]
    ended_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    sealed: Mapped[str]


class Request(Base):
    """One request for one patient. Order of the queue: band, due, unusable, received."""

    __tablename__ = "request"
    __table_args__ = (
        Index(
            "ix_request_queue",
            "band",
            "due_at",
            "unusable_at",
            "received_at",
            "id",
            **_where("closed_at IS NULL"),
        ),
        Index("ix_request_site_requested", "site_id", "requested_at"),
        CheckConstraint("length(number) = 12", name="number_twelve_digits"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    content_digest: Mapped[str]
    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patient_identity.id"))
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incident.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    ward_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ward.id"))
    destination_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ward.id"))
    requester_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    requested_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    band_asked: Mapped[Band] = mapped_column(enum_type(Band, "band_asked"))
    band: Mapped[Band]
    reason_code: Mapped[str]
    needed_by: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    unusable_at: Mapped[dt.datetime | None]
    received_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    next_tube: Mapped[int]
    sealed: Mapped[str]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class PlannedTube(Base):
    """A tube the request needs: planned with it, made real in `specimens` at the first label or scan."""

    __tablename__ = "planned_tube"
    __table_args__ = (UniqueConstraint("request_id", "ordinal"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    ordinal: Mapped[int]
    container: Mapped[str]
    tube_group: Mapped[str]
    bottle: Mapped[int]
    bottles: Mapped[int]
    by_hand: Mapped[bool]
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("planned_tube.id"))


_NOT_BACK = "status IN ('assigned', 'received', 'entered', 'checked')"


class RequestedTest(Base):
    """One test of a request and where its work stands. Moved only by `requests.services.move_test`."""

    __tablename__ = "requested_test"
    __table_args__ = (
        UniqueConstraint("request_id", "test_code"),
        Index("ix_requested_test_bench", "laboratory_id", "status"),
        Index("ix_requested_test_not_back", "laboratory_id", **_where(_NOT_BACK)),
        CheckConstraint(
            "(status IN ('assigned', 'received', 'entered', 'checked', 'authorised', 'amended')) <= "
            "(laboratory_id IS NOT NULL)",
            name="assigned_somewhere",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    test_code: Mapped[str]
    status: Mapped[TestStatus]
    status_at: Mapped[dt.datetime]
    planned_tube_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("planned_tube.id"), index=True
    )
    laboratory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("laboratory.id"))
    sealed: Mapped[str | None]
    request: Mapped[Request] = relationship(lazy="raise")


# With its laboratory and not authorised, as the index says it.
NOT_BACK: ColumnElement[Any] = literal_column(f"requested_test.{_NOT_BACK}")


class TestMove(Base):
    """One move of one test: who, when it happened, when it was recorded, why. Insert only."""

    __test__ = False  # a word of the laboratory, not a case of pytest
    __tablename__ = "test_move"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    requested_test_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("requested_test.id"), index=True
    )
    action: Mapped[TestAction]
    status_before: Mapped[TestStatus] = mapped_column(enum_type(TestStatus, "status_before"))
    status_after: Mapped[TestStatus] = mapped_column(enum_type(TestStatus, "status_after"))
    occurred_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    reason_code: Mapped[str]
    sealed: Mapped[str | None]


class RequestChange(Base):
    """A correction of a request: what kind, who, when, and why (sealed). Insert only."""

    __tablename__ = "request_change"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    kind: Mapped[str]
    recorded_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    sealed: Mapped[str]


class RequestReach(Base):
    """A laboratory that may see a request: it is bound for it, or was received there."""

    __tablename__ = "request_reach"

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), primary_key=True)
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"), primary_key=True)


class TubeReach(Base):
    """A tube of a request that was sent to a laboratory, or was received there.

    What was received stays in that laboratory's sight; a tube that went elsewhere on its way leaves no row.
    """

    __tablename__ = "tube_reach"
    __table_args__ = (Index("ix_tube_reach_laboratory", "laboratory_id", "request_id"),)

    planned_tube_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("planned_tube.id"), primary_key=True
    )
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"), primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"))
    received_at: Mapped[dt.datetime | None]


class LookGrant(Base):
    """A look at one patient beyond one's place: for one sign-in, with a reason (sealed), until a time.

    Only `ended_at` is ever changed.
    """

    __tablename__ = "look_grant"
    __table_args__ = (
        Index("ix_look_grant_sign_in_ends", "sign_in_id", "ends_at"),
        Index("ix_look_grant_asked_at", "asked_at"),
        CheckConstraint("ends_at > asked_at", name="ends_after_asked"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    sign_in_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sign_in.id"))
    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    by_name: Mapped[str]
    role: Mapped[str]
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    laboratory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("laboratory.id"))
    reason_code: Mapped[str]
    sealed: Mapped[str]
    asked_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


_LINK_ENDS = {"ended_at", "ended_by", "ended_by_id"}
LINK_KEPT = tuple(c.name for c in PatientLink.__table__.columns if c.name not in _LINK_ENDS)
LOOK_KEPT = tuple(c.name for c in LookGrant.__table__.columns if c.name != "ended_at")
protect(PatientLink.__table__, LINK_KEPT)  # type: ignore[arg-type]
protect(LookGrant.__table__, LOOK_KEPT)  # type: ignore[arg-type]
protect(TestMove.__table__)  # type: ignore[arg-type]
protect(RequestChange.__table__)  # type: ignore[arg-type]

_ANOTHER = "is held for somebody else. Check the number and the date of birth on the wristband."
explain_constraint("uq_patient_identity_nhs", f"This NHS number {_ANOTHER}", field="nhs_number")
explain_constraint(
    "uq_patient_identity_nhs_index", f"This NHS number {_ANOTHER}", field="nhs_number"
)
explain_constraint(
    "uq_patient_identity_hospital", f"This hospital number {_ANOTHER}", field="hospital_number"
)
explain_constraint(
    "uq_patient_identity_hospital_index",
    f"This hospital number {_ANOTHER}",
    field="hospital_number",
)
explain_constraint(
    "uq_patient_link_standing",
    "Somebody else said at the same moment who this is. Look at the request again.",
)
explain_constraint("uq_request_idempotency_key", "This card was sent already.")
