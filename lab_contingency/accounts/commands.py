"""What an administrator, or a person about their own account, can intend."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.accounts.rules import Role, ScreenKind


@dataclass(frozen=True, slots=True)
class AddUser:
    """A new person with a first role."""

    username: str
    name: str
    role: Role
    site_id: uuid.UUID | None
    laboratory_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class GrantRole:
    """Another role for a person."""

    user_id: uuid.UUID
    role: Role
    site_id: uuid.UUID | None
    laboratory_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class EnrolDevice:
    """The device that shows `code` is known from now on; at most one of the places is given."""

    code: str
    name: str
    kind: ScreenKind
    site_id: uuid.UUID | None = None
    ward_id: uuid.UUID | None = None
    laboratory_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class OpenEnvelope:
    """An emergency code, who opens it, as what and where, and why."""

    code: str
    name: str
    role: Role
    site_id: uuid.UUID | None
    laboratory_id: uuid.UUID | None
    reason: str
