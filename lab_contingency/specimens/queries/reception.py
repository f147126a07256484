"""The receiving desk: what came last, with whose it is."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.wording import duration_text
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries import RequestView, request_views
from lab_contingency.specimens.queries.tubes import (
    HeldTube,
    TubeView,
    last_received,
    waiting_collection,
)
from lab_contingency.specimens.rules import SpecimenStatus


@dataclass(frozen=True, slots=True)
class ReceptionRow:
    """A tube that came, with the request it belongs to."""

    tube: TubeView
    request: RequestView

    @property
    def age_text(self) -> str:
        """How old the blood is."""
        taken = self.tube.collected_at
        return duration_text(clock.now() - taken) if taken else "not known"

    @property
    def expires_soon(self) -> bool:
        """Whether less than an hour is left."""
        end = self.tube.unusable_at
        return end is not None and end - clock.now() < dt.timedelta(hours=1)

    @property
    def can_be_rejected(self) -> bool:
        """Whether it still stands here as usable."""
        return self.tube.status is SpecimenStatus.RECEIVED

    @property
    def is_rejected(self) -> bool:
        """Whether it could not be used, so that a slip says why."""
        return self.tube.status is SpecimenStatus.REJECTED


@dataclass(frozen=True, slots=True)
class Bedside:
    """A patient whose tubes are still to be taken."""

    request: RequestView
    tubes: tuple[TubeView, ...]

    @property
    def to_label(self) -> bool:
        """Whether a label was never printed."""
        return any(tube.number is None and not tube.by_hand for tube in self.tubes)


def reception(laboratory_id: uuid.UUID, actor: Actor) -> tuple[ReceptionRow, ...]:
    """The tubes received last, newest first."""
    return tuple(
        ReceptionRow(held.tube, request)
        for held, request in _with_requests(last_received(laboratory_id, actor), actor)
    )


def bedsides(site_id: uuid.UUID, actor: Actor) -> tuple[Bedside, ...]:
    """The patients of a site with tubes to be taken, the most pressing first."""
    found: dict[uuid.UUID, tuple[RequestView, list[TubeView]]] = {}
    for held, request in _with_requests(waiting_collection(site_id), actor):
        found.setdefault(held.request_id, (request, []))[1].append(held.tube)
    return tuple(Bedside(request, tuple(tubes)) for request, tubes in found.values())


def _with_requests(held: tuple[HeldTube, ...], actor: Actor) -> list[tuple[HeldTube, RequestView]]:
    ids = {each.request_id for each in held}
    views = {view.id: view for view in request_views(Request.id.in_(ids), actor)} if ids else {}
    return [(each, views[each.request_id]) for each in held if each.request_id in views]
