"""What a refreshing list showed, from when a patient came on it and went off it, and when it was fetched."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

EVERYTHING = ~0


class Turn(enum.IntEnum):
    """Going comes before coming at the same moment: then the patient counts as still there."""

    GONE = 0
    SHOWN = 1


@dataclass(frozen=True, slots=True, order=True)
class ListTurn:
    """A patient came on a list with these kinds of data, or they went off it (`fields` 0: all of them)."""

    at: dt.datetime
    turn: Turn
    patient: uuid.UUID
    fields: int


@dataclass(frozen=True, slots=True)
class Look:
    """One patient looked at: the kinds of data, first and last time, how often."""

    patient: uuid.UUID
    fields: int
    first: dt.datetime
    last: dt.datetime
    times: int


@dataclass(frozen=True, slots=True)
class _Stay:
    """From (included) until (excluded; None: still there) these kinds of data of a patient stood on the list."""

    patient: uuid.UUID
    fields: int
    begins: dt.datetime
    ends: dt.datetime | None


def looks_at_list(turns: Iterable[ListTurn], fetched: Iterable[dt.datetime]) -> Iterator[Look]:
    """What the list of one sign-in showed at the moments it was fetched.

    A patient counts at a moment when they had come at or before it and not gone at or before it.
    """
    moments = sorted(set(fetched))
    for stay in _stays(turns):
        first = bisect_left(moments, stay.begins)
        after = len(moments) if stay.ends is None else bisect_left(moments, stay.ends)
        if first < after:
            times = after - first
            yield Look(stay.patient, stay.fields, moments[first], moments[after - 1], times)


def _stays(turns: Iterable[ListTurn]) -> Iterator[_Stay]:
    standing: dict[uuid.UUID, tuple[int, dt.datetime]] = {}
    for turn in sorted(turns):
        fields, since = standing.get(turn.patient, (0, turn.at))
        if fields and since < turn.at:
            yield _Stay(turn.patient, fields, since, turn.at)
        if turn.turn is Turn.SHOWN:
            fields |= turn.fields
        else:
            fields &= ~(turn.fields or EVERYTHING)
        standing[turn.patient] = fields, turn.at
    for patient, (fields, since) in standing.items():
        if fields:
            yield _Stay(patient, fields, since, None)


def together(looks: Iterable[Look]) -> dict[uuid.UUID, Look]:
    """Several looks at the same patient as one."""
    held: dict[uuid.UUID, list[Look]] = defaultdict(list)
    for look in looks:
        held[look.patient].append(look)
    return {patient: _one(patient, parts) for patient, parts in held.items()}


def _one(patient: uuid.UUID, parts: Sequence[Look]) -> Look:
    if len(parts) == 1:
        return parts[0]
    fields = 0
    for part in parts:
        fields |= part.fields
    return Look(
        patient,
        fields,
        min(part.first for part in parts),
        max(part.last for part in parts),
        sum(part.times for part in parts),
    )
