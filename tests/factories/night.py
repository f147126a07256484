"""A simulated night of tubes: each goes from hand to hand in good time, unless a hand-over was dropped."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.services import place_request
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import CollectTubes
from lab_contingency.specimens.queries import tubes_of
from tests.factories.world import SYSTEM, World, a_card, an_identity

TESTS = ("FBC", "UE", "COAG", "GLU")  # four tubes
HANDS = ("taken", "picked up", "received")
# How many minutes each hop may last, by band: written down again, so that the table itself is tried.
MAY_LAST = {
    "printed": {Band.P1: 30, Band.P2: 60, Band.P3: 240},
    "taken": {Band.P1: 15, Band.P2: 30, Band.P3: 120},
    "picked up": {Band.P1: 20, Band.P2: 40, Band.P3: 120},
}
_BEFORE = {"taken": "printed", "picked up": "taken", "received": "picked up"}
# No wristbands are worn here: a round is one scan a tube.
WARDS = ("GUY-CANCER", "GP-LAMBETH-A", "GP-SOUTHWARK-B")


@dataclass
class Patient:
    """One request of the night: when each hand takes its tubes, and which hand-over of which tube is dropped."""

    place: int
    band: Band
    ward: str
    starts: int
    hands: dict[str, int]
    dropped: dict[int, str]
    request_id: uuid.UUID | None = None
    specimens: list[uuid.UUID] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def comes_to(self, hand: str) -> list[int]:
        """The tubes that this hand takes: none of its own or of an earlier hand-over was dropped."""
        until = HANDS.index(hand)
        gone = {tube for tube, lost in self.dropped.items() if HANDS.index(lost) <= until}
        return [tube for tube in range(len(TESTS)) if tube not in gone]

    def overdue_from(self) -> Iterator[tuple[uuid.UUID, int]]:
        """Each lost tube, and the minute in which its hop has lasted as long as it may."""
        for tube, lost in self.dropped.items():
            before = _BEFORE[lost]
            since = self.starts if before == "printed" else self.hands[before]
            yield self.specimens[tube], since + MAY_LAST[before][self.band]


@dataclass
class Night:
    """Everything that happens, minute by minute."""

    world: World
    began: dt.datetime
    patients: list[Patient]

    @property
    def lasts(self) -> int:
        """Minutes until the last lost tube is overdue, and a few more."""
        every = [minute for one in self.patients for _, minute in one.overdue_from()]
        return max([*every, max(one.hands["received"] for one in self.patients)]) + 3

    def at(self, minute: int) -> dt.datetime:
        """The moment."""
        return self.began + dt.timedelta(minutes=minute)

    def play(self) -> Iterator[int]:
        """Let each minute happen, and yield it; the clock stands there while it is looked at."""
        due: dict[int, list[tuple[str, Patient]]] = defaultdict(list)
        for one in self.patients:
            due[one.starts].append(("printed", one))
            for hand, minute in one.hands.items():
                due[minute].append((hand, one))
        minute = 0
        while minute <= max(due) or minute < self.lasts:
            with clock.at(self.at(minute)):
                if due[minute]:
                    with unit_of_work():
                        for hand, one in due[minute]:
                            self._happens(hand, one)
                yield minute
            minute += 1

    def _happens(self, hand: str, one: Patient) -> None:
        if hand == "printed":
            self._print(one)
            return
        tubes = one.comes_to(hand)
        if not tubes:
            return
        if hand == "taken":
            planned = [tubes_of(one.request_id)[tube].planned_tube_id for tube in tubes]
            command = CollectTubes(one.request_id, tuple(planned), clock.now(), "A. Okafor")
            services.collect(command, actor=SYSTEM)
        elif hand == "picked up":
            porter = self.world.porter
            services.hand_over([one.numbers[tube] for tube in tubes], porter.name, actor=porter)
        else:
            for tube in tubes:
                here = self.world.laboratories["KCH-LAB"]
                services.receive(one.numbers[tube], here, actor=self.world.scientist)

    def _print(self, one: Patient) -> None:
        ward = self.world.wards[one.ward]
        identity = an_identity(3000 + one.place, hospital_number=f"N{one.place:07d}")
        card = a_card(
            self.world, identity=identity, ward_id=ward, destination_id=ward, band=one.band, tests=TESTS,
        )  # fmt: skip
        one.request_id = place_request(card, actor=SYSTEM).request_id
        services.labels_for(one.request_id, actor=self.world.porter)
        held = tubes_of(one.request_id)
        one.specimens = [tube.specimen_id for tube in held if tube.specimen_id]
        one.numbers = [tube.number for tube in held if tube.number]
        assert len(one.specimens) == len(TESTS)


def a_night(world: World, tubes: int, share_dropped: float, seed: int) -> Night:
    """So many tubes over four hours; of their hand-overs this share, at random, never happens."""
    chance = random.Random(seed)  # noqa: S311 - the same night each time
    patients = []
    for place in range(tubes // len(TESTS)):
        band = chance.choice(tuple(MAY_LAST["printed"]))
        starts = minute = chance.randrange(240)
        hands = {}
        for hand in HANDS:
            minute += chance.randint(1, MAY_LAST[_BEFORE[hand]][band])
            hands[hand] = minute
        dropped: dict[int, str] = {}
        for tube in range(len(TESTS)):
            lost = next((hand for hand in HANDS if chance.random() < share_dropped), None)
            if lost is not None:
                dropped[tube] = lost
        patients.append(Patient(place, band, chance.choice(WARDS), starts, hands, dropped))
    return Night(world, clock.now() - dt.timedelta(hours=14), patients)
