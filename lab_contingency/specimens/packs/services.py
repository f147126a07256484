"""Printing packs: numbers, content, bytes and record in one transaction."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.audit.services import new_watermark, record, register_leaving
from lab_contingency.foundation.actor import Actor
from lab_contingency.places.queries import ward
from lab_contingency.printing.pack import packs_pdf
from lab_contingency.requests.packs.services import issue_packs
from lab_contingency.requests.services import prepare_names, put_on_paper
from lab_contingency.specimens.packs.documents import pack_batch

NAMES_IN_A_BATCH = 4
_NAMES_READY = 40


@dataclass(frozen=True, slots=True)
class PrintedPacks:
    """A batch that came out, and the form number of each pack in it."""

    pdf: bytes
    numbers: tuple[str, ...]


def print_packs(ward_id: uuid.UUID, count: int, *, actor: Actor) -> PrintedPacks:
    """Print packs for a ward. They are never printed again: what came out badly is voided, not copied."""
    place = ward(ward_id)
    issued = issue_packs(ward_id, count, actor=actor)
    prepare_names(place.site.ods_code, _NAMES_READY, actor=actor)
    names = put_on_paper(place.site.ods_code, place.id, NAMES_IN_A_BATCH)
    mark = new_watermark()
    pdf = packs_pdf(pack_batch(place, issued.numbers, names, actor=actor, mark=mark))
    leaving_id = register_leaving("paper pack", {}, pdf, actor=actor, watermark=mark)
    record("paper_pack:printed", issued.block_id, actor=actor, count=count, leaving=leaving_id)
    return PrintedPacks(pdf, issued.numbers)
