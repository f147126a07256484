"""What triage can intend. No codes means every test that the decision can still be made about.

`version` is the request's row as it was shown; None when nobody looked at a page (a loaded day).
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lab_contingency.requests.rules.bands import Band


@dataclass(frozen=True, slots=True)
class AcceptTests:
    """The laboratory takes the work on."""

    request_id: uuid.UUID
    version: int | None
    test_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeferTests:
    """Not now; the ward is told why."""

    request_id: uuid.UUID
    version: int | None
    reason_code: str
    reason: str = ""
    test_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclineTests:
    """Not at all; the ward is told why and what to do instead."""

    request_id: uuid.UUID
    version: int | None
    reason_code: str
    reason: str = ""
    instead: str = ""
    test_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangePriority:
    """Another band than the clinician's or than triage gave before."""

    request_id: uuid.UUID
    version: int | None
    band: Band
    reason_code: str = ""
    reason: str = ""
    needed_by: dt.datetime | None = None
