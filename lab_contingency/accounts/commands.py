"""What an administrator, or a person about their own account, can intend."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.accounts.rules import Role


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
