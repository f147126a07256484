"""What people at the bench, on the telephone and on the ward can intend."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lab_contingency.results.rules.calls import AttemptOutcome, Taker
from lab_contingency.results.rules.values import Repeated, Reported, Source


@dataclass(frozen=True, slots=True)
class TypedValue:
    """One box of the grid, by codes of test and analyte. Empty means: left for later."""

    test: str
    analyte: str
    text: str
    comment: str = ""
    repeated: Repeated = Repeated.UNSAID
    reported: Reported | None = None


@dataclass(frozen=True, slots=True)
class EnterResults:
    """Values of one request, of as many of its tests as you like. `version` is the request's as shown."""

    request_id: uuid.UUID
    values: tuple[TypedValue, ...]
    version: int | None = None
    source: Source = Source.MANUAL
    measured_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class AmendResults:
    """Other values in place of authorised ones, and why."""

    request_id: uuid.UUID
    values: tuple[TypedValue, ...]
    reason: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class CheckResults:
    """These tests agree with the print-out."""

    request_id: uuid.UUID
    tests: tuple[str, ...]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class SendBack:
    """These values, (test, analyte), do not agree: whoever typed them looks again."""

    request_id: uuid.UUID
    values: tuple[tuple[str, str], ...]
    reason: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class AuthoriseResults:
    """Release these tests."""

    request_id: uuid.UUID
    tests: tuple[str, ...]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RecordCall:
    """A critical result was telephoned and read back."""

    call_id: uuid.UUID
    number: str
    person: str
    role: Taker | None
    patient_agrees: bool
    read_back: str
    will_do: str = ""
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordAttempt:
    """An attempt that told nobody."""

    call_id: uuid.UUID
    outcome: AttemptOutcome
    number: str
    person: str = ""
    read_back: str = ""
    note: str = ""
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class CloseWithoutCall:
    """A senior's decision that no call is needed, with the reason."""

    call_id: uuid.UUID
    reason_code: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Results of a request were read; the releases shown are named, so that a newer one stays unread."""

    request_id: uuid.UUID
    releases: tuple[uuid.UUID, ...]
