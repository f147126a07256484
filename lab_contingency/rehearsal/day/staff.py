"""Who does what on a loaded day: named demonstration people; whoever types never authorises."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lab_contingency.accounts.queries import demonstration_actors
from lab_contingency.accounts.rules import Role
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.network.queries import network
from lab_contingency.places.queries import SiteView, laboratories


@dataclass(frozen=True, slots=True)
class BenchStaff:
    """Three people of one laboratory."""

    types: Actor
    checks: Actor
    authorises: Actor


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody the day needs."""

    requesters: dict[uuid.UUID, Actor]
    porter: Actor
    triage: Actor
    benches: dict[uuid.UUID, BenchStaff]

    def requester(self, site: SiteView) -> Actor:
        """Somebody who may ask for tests at the site."""
        if site.id not in self.requesters:
            raise StartRefused(f"The demonstration has no requester at {site.name}.")
        return self.requesters[site.id]


def gather() -> Staff:
    """The people of the demonstration by what they do; StartRefused when somebody is missing."""
    people = demonstration_actors()
    benches = {
        lab.id: _bench([p for p in people if p.laboratory_id == lab.id]) for lab in laboratories()
    }
    return Staff(
        requesters={p.site_id: p for p in people if p.role == Role.REQUESTER.value and p.site_id},
        porter=_one(people, Role.PORTER),
        triage=_one(people, Role.SENIOR),
        benches={lab_id: bench for lab_id, bench in benches.items() if bench is not None},
    )


def _one(people: tuple[Actor, ...], role: Role) -> Actor:
    for person in people:
        if person.role == role.value:
            return person
    raise StartRefused(f"The demonstration has no {role.value}.")


def _bench(people: list[Actor]) -> BenchStaff | None:
    """Two who type and check, one who authorises: a senior, or the third of a partner's people."""
    seniors = [p for p in people if p.role == Role.SENIOR.value]
    others = [p for p in people if p.role in (Role.LABORATORY.value, Role.PARTNER.value)]
    chosen = [*others[:2], *seniors[:1], *others[2:3]][:3]
    return BenchStaff(*chosen) if len(chosen) == 3 else None  # noqa: PLR2004 - three pairs of hands


def reception_of(site: SiteView) -> uuid.UUID:
    """The own laboratory that a site's tubes are carried to: its own, else the nearest."""
    own = [lab for lab in laboratories() if lab.own]
    for lab in own:
        if lab.site_id == site.id:
            return lab.id
    return min(own, key=lambda lab: (_travel(site, lab.id), lab.code)).id


def _travel(site: SiteView, laboratory_id: uuid.UUID) -> dt.timedelta:
    return network().travel(site.id, laboratory_id) or dt.timedelta.max
