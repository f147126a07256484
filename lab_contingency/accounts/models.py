"""People, what they may do where, and their sign-ins."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lab_contingency.accounts.rules import Role
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


class SignIn(Base):
    """A server-side session: ending the row ends it everywhere at once."""

    __tablename__ = "sign_in"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("role_grant.id"), index=True)
    started_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    grant: Mapped[RoleGrant] = relationship(lazy="joined")


class FailedSignIn(Base):
    """A wrong guess, kept to slow the next ones. The name is kept as a keyed digest."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index("ix_failed_sign_in_name_at", "name_index", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name_index: Mapped[str]
    at: Mapped[dt.datetime]


explain_constraint(
    "uq_user_account_username", "This user name is taken. Choose another.", field="username"
)
