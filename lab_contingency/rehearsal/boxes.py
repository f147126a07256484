"""Boxes between laboratories for the demonstration: the first is on the way, the others are being packed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.identity import new_id
from lab_contingency.places.queries import laboratory_by_code
from lab_contingency.rehearsal.day.staff import Staff
from lab_contingency.requests.commands import PlacedRequest
from lab_contingency.requests.services.summary import tests_of
from lab_contingency.routing.commands import ChooseLaboratories
from lab_contingency.routing.services import choose_laboratories
from lab_contingency.specimens.models import Specimen
from lab_contingency.transport.commands import HandOverBox, PackTube, SealBox
from lab_contingency.transport.queries.lists import box_row
from lab_contingency.transport.services import hand_over_box, pack_tube, seal_box, start_box

_LEFT_AGO, _WAITED = dt.timedelta(minutes=18), dt.timedelta(minutes=4)


def add_boxes(boxed: Mapping[str, Iterable[PlacedRequest]], staff: Staff) -> None:
    """By the code of the laboratory that the requests’ tubes go to."""
    with clock.at(clock.now() - _LEFT_AGO):
        for place, (code, requests) in enumerate(boxed.items()):
            target = laboratory_by_code(code)
            here = staff.triage.laboratory_id
            if target is None or here is None:
                continue
            packer = staff.benches[here].types
            box_id = _packed(target.id, requests, packer, staff.triage)
            if place == 0:
                _sent(box_id, packer, staff.porter)


def _packed(
    target: uuid.UUID, requests: Iterable[PlacedRequest], packer: Actor, triage: Actor
) -> uuid.UUID:
    with unit_of_work():
        box_id = start_box(target, actor=packer)
        for placed in requests:
            where = {test.test_code: target for test in tests_of(placed.request_id)}
            choose_laboratories(ChooseLaboratories(placed.request_id, None, where), actor=triage)
            for number in _numbers(placed.request_id):
                pack_tube(PackTube(box_id, number), actor=packer)
    return box_id


def _numbers(request_id: uuid.UUID) -> list[str]:
    statement = select(Specimen.number).where(
        Specimen.request_id == request_id, Specimen.number.is_not(None)
    )
    return [number for number in session().scalars(statement.order_by(Specimen.id)) if number]


def _sent(box_id: uuid.UUID, packer: Actor, porter: Actor) -> None:
    with unit_of_work():
        seal_box(SealBox(box_id, "B14", "008821"), actor=packer)
    with clock.at(clock.now() + _WAITED), unit_of_work():
        row = box_row(box_id, packer)
        tubes = row.tubes if row else 0
        taken = HandOverBox(new_id(), box_id, packer.name, porter.name, "loading bay", tubes)
        hand_over_box(taken, actor=porter)
