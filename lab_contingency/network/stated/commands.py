"""What a laboratory can state about its menu."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StateMethod:
    """From now on this test is done by this method. What was reported before keeps the one before."""

    laboratory_id: uuid.UUID
    test_code: str
    method: str
