"""What a laboratory can state about its own measuring."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lab_contingency.catalogue.rules import Interval, Sex


@dataclass(frozen=True, slots=True)
class StateInterval:
    """From a day on this interval is what the laboratory holds for normal, for these sexes and ages."""

    laboratory_id: uuid.UUID
    analyte: str
    sexes: tuple[Sex, ...]
    interval: Interval
    valid_from: dt.date
