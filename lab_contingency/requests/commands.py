"""What a requester can intend."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.identity import Identity
from lab_contingency.requests.rules.looking import LookNumber, LookReason


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """A filled card. `answers` by question key; `overrides` by test code: why it is asked again so soon."""

    idempotency_key: str
    identity: Identity
    ward_id: uuid.UUID
    bed: str
    destination_id: uuid.UUID
    requested_by: str
    consultant: str
    callback: str
    band: Band
    reason_code: str
    reason_text: str
    needed_by: dt.datetime | None
    tests: tuple[str, ...]
    clinical_details: str
    anticoagulant: str
    infection_risk: str
    collected_at: dt.datetime | None
    collected_by: str
    answers: Mapping[str, str] = field(default_factory=dict)
    overrides: Mapping[str, str] = field(default_factory=dict)
    unidentified: bool = False
    collection_method: str = ""


@dataclass(frozen=True, slots=True)
class PlacedRequest:
    """What came of it: `repeated` when the same card had been sent before."""

    request_id: uuid.UUID
    number: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class WithdrawTests:
    """Take back some tests, or all that can be."""

    request_id: uuid.UUID
    version: int
    test_codes: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class CorrectIdentity:
    """Who the patient really is."""

    request_id: uuid.UUID
    version: int
    identity: Identity
    reason: str


@dataclass(frozen=True, slots=True)
class CorrectDetails:
    """Where the patient is, where the answer goes, whom to ring, and what is going on."""

    request_id: uuid.UUID
    version: int
    ward_id: uuid.UUID
    bed: str
    destination_id: uuid.UUID
    callback: str
    consultant: str
    clinical_details: str
    reason: str


@dataclass(frozen=True, slots=True)
class LookBeyond:
    """Look at another place's patient: by a number and the date of birth together, with a reason."""

    number: LookNumber
    born: dt.date
    reason: LookReason
    text: str
