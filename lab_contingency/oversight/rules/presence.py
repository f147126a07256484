"""What pages and refreshing lists showed: a patient stands on a list from when they came until they went.

Patients and moments are whatever the database hands over, as long as they compare: a million rows are
counted here, and only what is left over is made into ids and times.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

EVERYTHING = ~0


class Turn(enum.IntEnum):
    """Going comes before coming at the same moment: then the patient counts as still there."""

    GONE = 0
    SHOWN = 1


@dataclass(frozen=True, slots=True)
class Look:
    """One patient looked at: the kinds of data, first and last time, how often."""

    patient: uuid.UUID
    fields: int
    first: dt.datetime
    last: dt.datetime
    times: int


ListTurn = tuple[Any, int, Any, int]
"""(moment, `Turn`, patient, kinds of data that came or went; 0 for all of them)"""
_Line = list[Any]  # kinds of data, first, last, times


class Tally:
    """Counts looks at patients."""

    def __init__(self) -> None:
        self._held: dict[Any, _Line] = {}

    def add(self, patient: Any, fields: int, first: Any, last: Any, times: int = 1) -> None:
        """Looks at one patient."""
        line = self._held.get(patient)
        if line is None:
            self._held[patient] = [fields, first, last, times]
            return
        line[0] |= fields
        line[1] = min(first, line[1])
        line[2] = max(last, line[2])
        line[3] += times

    def add_list(self, turns: Iterable[ListTurn], fetched: Iterable[Any]) -> None:
        """What the list of one sign-in showed at the moments it was fetched.

        A patient counts at a moment when they had come at or before it and not gone at or before it.
        """
        moments = sorted(set(fetched))
        for patient, fields, begins, ends in _stays(turns):
            first = bisect_left(moments, begins)
            after = len(moments) if ends is None else bisect_left(moments, ends)
            if first < after:
                self.add(patient, fields, moments[first], moments[after - 1], after - first)

    def looks(
        self, patient_of: Callable[[Any], uuid.UUID], moment_of: Callable[[Any], dt.datetime]
    ) -> dict[uuid.UUID, Look]:
        """One look a patient."""
        found = {}
        for patient, (fields, first, last, times) in self._held.items():
            who = patient_of(patient)
            found[who] = Look(who, fields, moment_of(first), moment_of(last), times)
        return found


def _stays(turns: Iterable[ListTurn]) -> Iterator[tuple[Any, int, Any, Any]]:
    """(patient, kinds of data, from this moment on, until before this one or None) while nothing changes."""
    standing: dict[Any, tuple[int, Any]] = {}
    for at, turn, patient, changed in sorted(turns):
        fields, since = standing.get(patient, (0, at))
        if fields and since < at:
            yield patient, fields, since, at
        if turn:
            fields |= changed
        else:
            fields &= ~(changed or EVERYTHING)
        standing[patient] = fields, at
    for patient, (fields, since) in standing.items():
        if fields:
            yield patient, fields, since, None
