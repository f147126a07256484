"""People, what they may do where, and their sign-ins."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lab_contingency.accounts.rules import Ending, Role, ScreenKind
from lab_contingency.foundation.database import Base, explain_constraint


class User(Base):
    """A person. A demonstration person has no passphrase and signs in with one click."""

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint(
            "demonstration = (passphrase_hash IS NULL)", name="passphrase_unless_demonstration"
        ),
        CheckConstraint(
            "(disabled_at IS NULL) = (disabled_by IS NULL)", name="disabled_by_somebody"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    passphrase_hash: Mapped[str | None]
    secret_expires_at: Mapped[dt.datetime | None]
    demonstration: Mapped[bool]
    created_at: Mapped[dt.datetime]
    disabled_at: Mapped[dt.datetime | None]
    disabled_by: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class RoleGrant(Base):
    """One role for one person, at a site, a laboratory or the whole node; who gave it and when."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
        CheckConstraint(
            "NOT (site_id IS NOT NULL AND laboratory_id IS NOT NULL)", name="one_place"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[Role]
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    laboratory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("laboratory.id"))
    granted_at: Mapped[dt.datetime]
    granted_by: Mapped[str]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None]
    user: Mapped[User] = relationship(lazy="joined")


class Device(Base):
    """A computer, screen or phone that was enrolled by somebody who may; its key is kept as a digest.

    No place means that it goes about. Without a key it has not picked its key up yet.
    """

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_by_somebody"),
        CheckConstraint(
            "(CASE WHEN site_id IS NULL THEN 0 ELSE 1 END) + "
            "(CASE WHEN ward_id IS NULL THEN 0 ELSE 1 END) + "
            "(CASE WHEN laboratory_id IS NULL THEN 0 ELSE 1 END) <= 1",
            name="one_place",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[ScreenKind]
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    ward_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ward.id"))
    laboratory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("laboratory.id"))
    key_digest: Mapped[str | None] = mapped_column(unique=True)
    enrolled_at: Mapped[dt.datetime]
    enrolled_by: Mapped[str]
    revoked_at: Mapped[dt.datetime | None]
    revoked_by: Mapped[str | None]


class DeviceEnrolment(Base):
    """A device that asked to be enrolled: its code is typed at a signed-in screen within ten minutes."""

    __tablename__ = "device_enrolment"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code_digest: Mapped[str] = mapped_column(unique=True)
    asked_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    address: Mapped[str]
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("device.id"))


class Shift(Base):
    """One full sign-in and what it opens for twelve hours: sign-ins by PIN at the same device.

    `locked_at` and `resume` (a path) say where a locked person goes on; `by_code` that a code from their
    phone was given as well; `emergency` that an envelope opened it. A PIN exists only with a device.
    """

    __tablename__ = "shift"
    __table_args__ = (
        CheckConstraint("pin_hash IS NULL OR device_id IS NOT NULL", name="pin_at_a_device"),
        CheckConstraint("pin_wrong BETWEEN 0 AND 5", name="pin_tries"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("role_grant.id"))
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("device.id"), index=True)
    started_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    pin_hash: Mapped[str | None]
    pin_wrong: Mapped[int]
    locked_at: Mapped[dt.datetime | None]
    resume: Mapped[str | None]
    by_code: Mapped[bool]
    emergency: Mapped[bool]
    grant: Mapped[RoleGrant] = relationship(lazy="joined")


class SignIn(Base):
    """A server-side session: ending the row ends it everywhere at once. Several may make one shift.

    `seen_at` is its last use, to about 15 s; `elsewhere_at` says that its token came without its device.
    """

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_shift_id", "shift_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("role_grant.id"), index=True)
    started_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    shift_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("shift.id"))
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("device.id"))
    address: Mapped[str | None]
    seen_at: Mapped[dt.datetime | None]
    ended_how: Mapped[Ending | None]
    elsewhere_at: Mapped[dt.datetime | None]
    grant: Mapped[RoleGrant] = relationship(lazy="joined")
    shift: Mapped[Shift | None] = relationship(lazy="joined")
    device: Mapped[Device | None] = relationship(lazy="joined")


class SecondFactor(Base):
    """The secret of the codes on a person's phone, sealed; `last_step` is the newest code used (30 s steps)."""

    __tablename__ = "second_factor"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    sealed: Mapped[str]
    made_at: Mapped[dt.datetime]
    confirmed_at: Mapped[dt.datetime | None]
    last_step: Mapped[int]


class EmergencyCode(Base):
    """One envelope of a printed sheet: opens one sign-in of an hour, once. Kept as a digest."""

    __tablename__ = "emergency_code"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sheet: Mapped[str]
    number: Mapped[int]
    code_digest: Mapped[str] = mapped_column(unique=True)
    printed_at: Mapped[dt.datetime]
    printed_by: Mapped[str]
    withdrawn_at: Mapped[dt.datetime | None]


class EmergencyEntry(Base):
    """Who opened an envelope, as what and why (sealed); open until an administrator has looked at it."""

    __tablename__ = "emergency_entry"
    __table_args__ = (
        CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="acknowledged_by_somebody"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("emergency_code.id"), unique=True)
    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("role_grant.id"))
    device_id: Mapped[uuid.UUID | None]
    address: Mapped[str]
    sealed: Mapped[str]
    started_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    acknowledged_at: Mapped[dt.datetime | None]
    acknowledged_by: Mapped[str | None]


class ExportStop(Base):
    """Exports were stopped, and whether they are allowed again."""

    __tablename__ = "export_stop"
    __table_args__ = (
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_somebody"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    stopped_at: Mapped[dt.datetime]
    stopped_by: Mapped[str]
    lifted_at: Mapped[dt.datetime | None]
    lifted_by: Mapped[str | None]


class Draft(Base):
    """A half-filled form of one person, sealed; gone when it was taken up again or after a day."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("user_id", "form"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    form: Mapped[str]
    sealed: Mapped[str]
    kept_at: Mapped[dt.datetime]


class FailedSignIn(Base):
    """A guess charged to one budget, a keyed digest of name, device or address; given back when it was right."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index("ix_failed_sign_in_name_at", "name_index", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name_index: Mapped[str]
    at: Mapped[dt.datetime]


explain_constraint(
    "uq_user_account_username", "This user name is taken. Choose another.", field="username"
)
