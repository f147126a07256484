"""Every hop of a tube and of a box: how long it may last, from when it counts, whose it is, whom to ring."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lab_contingency.requests.rules.bands import Band
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.transport.rules import ConsignmentState

_S, _C = SpecimenStatus, ConsignmentState


class Hop(enum.StrEnum):
    """A stretch of the way: somebody has it, and the next hand is still to take it."""

    PRINTED = "printed, not taken"
    TAKEN = "taken, not picked up"
    CARRIED = "with the porter"
    AT_DOOR = "left at the door, not scanned in"
    TO_PACK = "to be packed"
    SENT = "on the way, in no box"
    PACKING = "in a box, not sealed"
    SEALED = "sealed, not collected"
    BOX_SENT = "box on the way"
    UNPACKING = "box arrived, not scanned in"
    RECALLED = "box called back"


class Ring(enum.StrEnum):
    """Whose telephone answers first."""

    WARD = "ward"
    HERE = "the laboratory that has it"
    THERE = "the laboratory it is bound for"


@dataclass(frozen=True, slots=True)
class HopFacts:
    """One row of the table. `within`: by band, how long it may last; None where the box itself says by when."""

    owner: str
    counted_from: str
    ring: Ring
    ask: str
    within: Mapping[Band, dt.timedelta] | None
    status: SpecimenStatus | None = None
    state: ConsignmentState | None = None

    @property
    def of_a_box(self) -> bool:
        """Whether whole boxes stand on this hop, not single tubes."""
        return self.state is not None


def _by_band(*minutes: int) -> Mapping[Band, dt.timedelta]:
    return {band: dt.timedelta(minutes=each) for band, each in zip(Band, minutes, strict=True)}


HOPS: Mapping[Hop, HopFacts] = {
    Hop.PRINTED: HopFacts(
        "the ward",
        "label printed",
        Ring.WARD,
        "Was blood taken? If it was, where is the tube?",
        _by_band(30, 60, 240, 1440),
        status=_S.LABELLED,
    ),
    Hop.TAKEN: HopFacts(
        "the porters",
        "blood taken",
        Ring.WARD,
        "Is the tube still there? Send a porter.",
        _by_band(15, 30, 120, 240),
        status=_S.COLLECTED,
    ),
    Hop.CARRIED: HopFacts(
        "the porter who took it",
        "porter’s scan",
        Ring.THERE,
        "Did it come, and was not scanned in? If not, find the porter.",
        _by_band(20, 40, 120, 240),
        status=_S.HANDED_OVER,
    ),
    Hop.AT_DOOR: HopFacts(
        "that laboratory’s reception",
        "left at the door",
        Ring.HERE,
        "Look in the tray at the door, and scan it in.",
        _by_band(10, 20, 60, 120),
        status=_S.HANDED_OVER,
    ),
    Hop.TO_PACK: HopFacts(
        "the laboratory it stands in",
        "received and its test sent elsewhere",
        Ring.HERE,
        "Pack it, or choose a laboratory that is nearer.",
        _by_band(15, 30, 120, 480),
        status=_S.RECEIVED,
    ),
    Hop.SENT: HopFacts(
        "the laboratory that sent it",
        "sent on",
        Ring.THERE,
        "Did it come, and was not scanned in? If not, who carried it?",
        _by_band(60, 120, 240, 720),
        status=_S.DISPATCHED,
    ),
    Hop.PACKING: HopFacts(
        "the laboratory that packs it",
        "box begun",
        Ring.HERE,
        "Seal the box, or take the pressing tubes out and send them by themselves.",
        _by_band(20, 40, 240, 720),
        state=_C.PACKING,
    ),
    Hop.SEALED: HopFacts(
        "the courier",
        "box sealed",
        Ring.HERE,
        "Is the box still there? Ring the courier; send another if none comes.",
        _by_band(20, 40, 240, 720),
        state=_C.SEALED,
    ),
    Hop.BOX_SENT: HopFacts(
        "the courier",
        "left, by the road’s time",
        Ring.THERE,
        "Did the box come? If not, ring the courier.",
        None,
        state=_C.IN_TRANSIT,
    ),
    Hop.UNPACKING: HopFacts(
        "the laboratory it reached",
        "box opened",
        Ring.THERE,
        "Scan the rest in; say which are missing.",
        _by_band(15, 30, 60, 120),
        state=_C.UNPACKING,
    ),
    Hop.RECALLED: HopFacts(
        "the courier",
        "called back, by the road’s time",
        Ring.HERE,
        "Is the box back? If not, ring the courier.",
        None,
        state=_C.RECALLED,
    ),
}
TUBE_HOPS = tuple(hop for hop, facts in HOPS.items() if not facts.of_a_box)
BOX_HOPS = tuple(hop for hop, facts in HOPS.items() if facts.of_a_box)
MISSING_FROM = (Hop.PRINTED, Hop.TAKEN, Hop.CARRIED)
"""Between ward and laboratory: what a ward is rung about."""
MISSING_AFTER = (30, 60, 120, 240, 480)
"""Minutes to choose from, without the laboratory having seen the tube."""
USUALLY_MISSING_AFTER = 60


def due(hop: Hop, band: Band, since: dt.datetime) -> dt.datetime:
    """By when the next hand takes it; ValueError for a hop whose box says so itself."""
    within = HOPS[hop].within
    if within is None:
        raise ValueError(f"{hop} is due when its box says so")
    return since + within[band]


def latest_starts(hop: Hop, now: dt.datetime) -> Iterator[tuple[Band, dt.datetime]]:
    """By band: what began before this moment is overdue now. Nothing for a hop whose box says when."""
    for band, within in (HOPS[hop].within or {}).items():
        yield band, now - within


class Answer(enum.StrEnum):
    """What came of ringing about a tube."""

    FOUND = "found, it is on its way"
    NOT_TAKEN = "not taken yet"
    LOOKING = "they are looking for it"
    NOT_THERE = "not there"
    NOBODY = "nobody answered"
