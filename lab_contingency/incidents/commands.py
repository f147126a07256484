"""What a coordinator can intend."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeclareIncident:
    """The main system is gone."""

    down_since: dt.datetime
    scope: str
    message: str


@dataclass(frozen=True, slots=True)
class IssueBlock:
    """Form numbers for the server of a hospital that works alone for a while."""

    site_id: uuid.UUID
    count: int


@dataclass(frozen=True, slots=True)
class StopTest:
    """A test cannot be done; say why and what to do instead."""

    test_code: str
    reason: str
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class OfferAllTheSame:
    """A test is offered although routing finds nobody who can do it; say what was arranged."""

    test_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class NobodyCan:
    """What routing found: nobody can do the test for blood taken at the site now.

    `instead`: the way round there. `until`: from when on somebody can again.
    """

    site_id: uuid.UUID
    test_code: str
    reason: str
    instead: str
    until: dt.datetime | None
