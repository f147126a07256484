"""Packs that were really printed, and forms that were really keyed from them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid

from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.requests.commands import PlacedRequest
from lab_contingency.requests.packs.commands import TranscribeForm
from lab_contingency.requests.packs.models import PaperPack
from lab_contingency.requests.packs.services import transcribe_form
from lab_contingency.specimens.packs.services import PrintedPacks, print_packs
from tests.factories.world import World, a_card

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x02\x08\x06\x00\x00\x00r\xb6\r$"
    b"\x00\x00\x00\x16IDATx\x9cc\xfc\xff\xff?\x03\x03\x03\x13\x03\x03\x03\x03\x03\x03\x00$\x06\x03\x01"
    b"\x00\x00\x00\x00IEND\xaeB`\x82"
)


def packs(world: World, count: int = 1, ward: str = "KCH-ED-RESUS") -> PrintedPacks:
    """Printed by the porter."""
    with unit_of_work():
        return print_packs(world.wards[ward], count, actor=world.porter)


def a_pack(world: World, ward: str = "KCH-ED-RESUS") -> uuid.UUID:
    """The id of one printed pack."""
    return pack_id(packs(world, 1, ward).numbers[0])


def pack_id(number: str) -> uuid.UUID:
    return session().scalars(select(PaperPack.id).where(PaperPack.number == number)).one()


def written(world: World, pack: uuid.UUID, **changes: object) -> TranscribeForm:
    """A form written an hour ago by Dr A. Okafor."""
    card = dataclasses.replace(a_card(world), **{"collected_by": "", **changes})
    return TranscribeForm(pack, card, card.requested_by, clock.now() - dt.timedelta(hours=1))


def keyed(
    world: World, pack: uuid.UUID, *, by: Actor | None = None, **changes: object
) -> PlacedRequest:
    """A form keyed by the scientist at King's."""
    with unit_of_work():
        return transcribe_form(written(world, pack, **changes), actor=by or world.scientist)
