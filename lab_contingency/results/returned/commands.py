"""What people with a returned slip in their hands can intend."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReturnedValue:
    """One row of a slip as it was written, by codes of test and analyte. Empty text means: not on the page.

    `flag` is a key of `rules.FLAGS_WRITTEN`; `other_unit` what was written where the unit was not ours.
    """

    test: str
    analyte: str
    text: str
    low: str = ""
    high: str = ""
    flag: str = ""
    comment: str = ""
    other_unit: str = ""


@dataclass(frozen=True, slots=True)
class TypeBack:
    """What stands on a returned slip. `version` is the request's as shown, `done_at` when they signed it.

    `methods` and `cannot` (number of the reason) are by code of test. `reason` says why released values change.
    """

    slip_id: uuid.UUID
    values: tuple[ReturnedValue, ...]
    performed_by: str
    authorised_by: str
    done_at: dt.datetime
    arrived_at: dt.datetime | None = None
    methods: Mapping[str, str] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class CheckAgainstPage:
    """A second person compared what was typed with the page.

    `keyed`: what they read, by (test, analyte): every value that is keyed blind, and each that does not agree.
    `page_agrees`: number, name and date of birth on the page are this slip's.
    """

    slip_id: uuid.UUID
    page_agrees: bool
    keyed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    version: int | None = None
