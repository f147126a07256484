"""Who does something: a signed-in person in one role at one place, or the program itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """One person in one role. `site_id` None means the whole node; `laboratory_id` is set for laboratory roles.

    `device_id` is the enrolled device they sit at, None at any other; `address` is the network address.
    `role` is a value of `accounts.rules.Role`; kept as text here, because the foundation knows no roles.
    """

    user_id: uuid.UUID | None
    name: str
    role: str
    site_id: uuid.UUID | None = None
    laboratory_id: uuid.UUID | None = None
    sign_in_id: uuid.UUID | None = None
    device_id: uuid.UUID | None = None
    address: str = ""

    @classmethod
    def system(cls, name: str) -> Actor:
        """The program acting by itself or for a person at a terminal."""
        return cls(user_id=None, name=name, role="system")
