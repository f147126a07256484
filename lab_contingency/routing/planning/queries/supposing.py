"""The same queue planned twice: as it is, and as it would be. Nothing is kept of it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.requests.rules.bands import Band
from lab_contingency.routing.planning.queries.gathering import Change, queue_to_plan
from lab_contingency.routing.planning.queries.plans import newest_id
from lab_contingency.routing.planning.queries.proposing import Proposed, proposed
from lab_contingency.routing.planning.queries.standing import standing_locks
from lab_contingency.routing.planning.rules import solve
from lab_contingency.routing.planning.rules.supposing import (
    SENTENCES,
    STAFF,
    WORDS,
    Case,
    Fate,
    Outlook,
    outlook,
)
from lab_contingency.routing.queries.facts import Setting
from lab_contingency.routing.queries.outages import Outage
from lab_contingency.routing.queries.snapshot import snapshot


@dataclass(frozen=True, slots=True)
class Compared:
    """One band, now and then."""

    band: Band
    now: Outlook
    then: Outlook


@dataclass(frozen=True, slots=True)
class Load:
    """Tests that one laboratory gets, now and then."""

    name: str
    now: int
    then: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Before and after, by band and by laboratory; `moved`: tests that go elsewhere than they would."""

    sentence: str
    bands: tuple[Compared, ...]
    loads: tuple[Load, ...]
    moved: int

    @property
    def most(self) -> int:
        """The most tests in one bar of the bands."""
        return max((one.now.total for one in self.bands), default=0)

    @property
    def most_load(self) -> int:
        """The most tests in one bar of the laboratories."""
        return max((max(one.now, one.then) for one in self.loads), default=0)


def cases() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Everything that can be asked: heading, then code and words of each."""
    places = [(str(each.id), each.name) for each in snapshot().laboratories.values()]
    benches = [(one.value, one.words) for one in Discipline if one is not Discipline.POCT]
    staff = [(str(one), f"{one} %") for one in STAFF]
    about = {Case.DISCIPLINE: benches, Case.STAFF: staff}
    return tuple(
        (
            WORDS[case],
            tuple((f"{case.value}:{code}", words) for code, words in about.get(case, places)),
        )
        for case in Case
    )


def what_if(code: str, actor: Actor) -> WhatIf | None:
    """Plan the queue as it is and as the case has it; None for no case of ours."""
    known = {one: words for _, group in cases() for one, words in group}
    if code not in known:
        return None
    kind, _, about = code.partition(":")
    case = Case(kind)
    before = _planned(actor, None)
    after = _planned(actor, _CHANGES[case](about))
    loads = [_loads(lines) for lines in (before, after)]
    return WhatIf(
        SENTENCES[case].format(known[code]),
        tuple(
            Compared(band, here, there)
            for (band, here), there in zip(
                _outlook(before).items(), _outlook(after).values(), strict=True
            )
        ),
        tuple(
            Load(place.name, loads[0][place.id], loads[1][place.id])
            for place in snapshot().laboratories.values()
        ),
        sum(
            one.laboratory_id != other.laboratory_id
            for one, other in zip(before, after, strict=True)
        ),
    )


def _planned(actor: Actor, change: Change | None) -> tuple[Proposed, ...]:
    queue = queue_to_plan(clock.now(), actor, standing_locks(newest_id()), change=change)
    return proposed(queue, solve(queue.problem))


def _outlook(lines: tuple[Proposed, ...]) -> Mapping[Band, Outlook]:
    return outlook((one.waits.band, _fate(one)) for one in lines)


def _fate(one: Proposed) -> Fate:
    if one.laboratory_id is None:
        return Fate.NOBODY
    return Fate.LATE if one.late else Fate.IN_TIME


def _loads(lines: tuple[Proposed, ...]) -> Counter[uuid.UUID]:
    return Counter(one.laboratory_id for one in lines if one.laboratory_id)


def _drops(about: str) -> Change:
    place = uuid.UUID(about)

    def change(setting: Setting) -> Setting:
        out = Outage(place, setting.now, None, "supposed", "")
        return replace(setting, outages={**setting.outages, place: out})

    return change


def _places(factor: float, chosen: Callable[[uuid.UUID, Discipline], bool]) -> Change:
    """So many times the places, in whole ones, where that is chosen."""

    def change(setting: Setting) -> Setting:
        per_hour = {
            (place, discipline): tuple(int(one * factor) for one in hours)
            if chosen(place, discipline)
            else hours
            for (place, discipline), hours in setting.snapshot.per_hour.items()
        }
        return replace(setting, snapshot=replace(setting.snapshot, per_hour=per_hour))

    return change


def _doubles(about: str) -> Change:
    return _places(2, lambda place, _: str(place) == about)


def _discipline(about: str) -> Change:
    return _places(0, lambda _, discipline: discipline.value == about)


def _staff(about: str) -> Change:
    return _places(int(about) / 100, lambda *_: True)


def _road(about: str) -> Change:
    """No way there but from its own site."""
    place = uuid.UUID(about)

    def change(setting: Setting) -> Setting:
        net, own = setting.snapshot.network, setting.snapshot.laboratories[place].site_id
        cut = replace(
            net,
            site_links={
                key: link
                for key, link in net.site_links.items()
                if key[1] != place or key[0] == own
            },
            laboratory_links={
                key: link for key, link in net.laboratory_links.items() if place not in key
            },
        )
        return replace(setting, snapshot=replace(setting.snapshot, network=cut))

    return change


_CHANGES: Mapping[Case, Callable[[str], Change]] = {
    Case.DROPS: _drops,
    Case.DOUBLES: _doubles,
    Case.ROAD: _road,
    Case.DISCIPLINE: _discipline,
    Case.STAFF: _staff,
}
