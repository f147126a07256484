"""What a laboratory offers, how it works with us and on which days."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from lab_contingency.foundation.wording import date_text

HOURS = 24
# One quantity measured in two ways that cannot be compared: a laboratory reports one of them.
ALTERNATIVES = (frozenset({"TNT", "TNI"}),)


class Acceptance(enum.StrEnum):
    """How a partner laboratory works with us."""

    ELECTRONIC = "signs in here"
    FILE = "takes a file"
    PAPER = "paper only"


@dataclass(frozen=True, slots=True)
class LaboratoryOffer:
    """A test on a laboratory's menu. `turnaround` counts from receipt to authorised result."""

    laboratory_id: uuid.UUID
    test_code: str
    turnaround: dt.timedelta
    method: str
    analytes: tuple[str, ...]
    price_pence: int | None = None


@dataclass(frozen=True, slots=True)
class AgreedTime:
    """The days on which an agreement holds, both included; `ends_on` None: until further notice."""

    starts_on: dt.date
    ends_on: dt.date | None

    def refusal(self, day: dt.date) -> str:
        """Why nothing new is sent on that London day, or nothing."""
        if day < self.starts_on:
            return (
                f"its agreement begins on {date_text(self.starts_on)}; nothing is sent there before"
            )
        if self.ends_on is not None and day > self.ends_on:
            return f"its agreement ended on {date_text(self.ends_on)}; renew it to send there"
        return ""


def conflict_of_alternatives(analytes: Iterable[str]) -> str | None:
    """The sentence when a menu line reports two alternatives of one quantity, or None."""
    reported = set(analytes)
    for alternatives in ALTERNATIVES:
        both = sorted(alternatives & reported)
        if len(both) > 1:
            return f"{' and '.join(both)} cannot be compared: report one of them."
    return None
