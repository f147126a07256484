"""The laboratories with what is bound for them, and which are out of action."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import NotFound
from lab_contingency.places.queries import LaboratoryView
from lab_contingency.routing.planning.queries.standing import bound_for
from lab_contingency.routing.queries.outages import Outage, outages
from lab_contingency.routing.queries.snapshot import snapshot


@dataclass(frozen=True, slots=True)
class AtWork:
    """One laboratory. `lapsed`: why its agreement lets nothing new go there. Tests `bound` for it that have not left, `coming` to it, `there` already."""

    laboratory: LaboratoryView
    outage: Outage | None
    lapsed: str
    bound: int
    coming: int
    there: int


def all_at_work(actor: Actor) -> tuple[AtWork, ...]:
    """Every laboratory."""
    out = outages()
    return tuple(_at_work(one, out, actor) for one in snapshot().laboratories.values())


def at_work(laboratory_id: uuid.UUID, actor: Actor) -> AtWork:
    """One of them; NotFound."""
    held = snapshot().laboratories.get(laboratory_id)
    if held is None:
        raise NotFound
    return _at_work(held, outages(), actor)


def _at_work(laboratory: LaboratoryView, out: Mapping[uuid.UUID, Outage], actor: Actor) -> AtWork:
    counted = bound_for(laboratory.id, actor)
    lapsed = snapshot().network.lapsed(laboratory.id, clock.now())
    return AtWork(
        laboratory,
        out.get(laboratory.id),
        lapsed,
        counted.get("bound", 0),
        counted.get("coming", 0),
        counted.get("there", 0),
    )
