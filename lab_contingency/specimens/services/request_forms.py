"""Request forms: filled ones with the labels that were not printed yet, a ward’s queue, the blank card."""

from __future__ import annotations

import uuid
from dataclasses import replace

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.places.rules import TubeSystem
from lab_contingency.printing.content import (
    BlankRequestForm,
    HandwrittenTube,
    TubeLabel,
)
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.request_form import request_form_pdf
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries import RequestView, request_view
from lab_contingency.requests.services import lock_request
from lab_contingency.specimens import documents
from lab_contingency.specimens.queries.porters import waiting_requests
from lab_contingency.specimens.rules import ENDED, REPLACES, copy_reason
from lab_contingency.specimens.services.labels import add_label, can_be_drawn, can_be_labelled
from lab_contingency.specimens.services.paper import (
    Batch,
    LabelPrinter,
    Printed,
    form_copies,
    print_out,
)
from lab_contingency.specimens.services.tubes import Tube, tubes_for


def print_form(request_id: uuid.UUID, reason: str = "", *, actor: Actor) -> Printed:
    """Print the filled form. Labels never printed come out at its foot; a copy brings copies of all."""
    request = lock_request(request_id, actor=actor)
    batch = Batch()
    _add_form(batch, batch, request, reason, copies_too=True, actor=actor)
    return print_out(batch, actor=actor)


def print_ward(ward_id: uuid.UUID, *, actor: Actor, printer: LabelPrinter | None = None) -> Printed:
    """Print what waits for a ward, one patient after the other, the most pressing first.

    Without a `printer` labels come out at the foot of the cards; with one they are drawn apart, and only
    `prints` tells of them. A card that cannot be drawn holds up no other: it is skipped, and its number
    is given back.
    """
    waiting = waiting_requests(ward_id)
    for request_id in sorted(waiting):
        lock_request(request_id, actor=actor)
    still = [held for held in waiting_requests(ward_id) if held in waiting]
    if not still:
        raise RuleBroken("Nothing waits for this ward any more. Somebody else has printed it.")
    cards, skipped = Batch(), list[str]()
    labels = Batch(printer=printer) if printer else cards
    for request_id in still:
        request = lock_request(request_id, actor=actor)
        if _can_be_drawn(request, request_view(request_id, actor), printer, actor):
            _add_form(cards, labels, request, REPLACES, copies_too=False, actor=actor)
        else:
            skipped.append(request.number)
    if not cards.forms:
        raise RuleBroken(
            "These cards hold something that cannot be printed. Ask the ward to write them by hand."
        )
    printed = replace(print_out(cards, actor=actor), skipped=tuple(skipped))
    if printer is None or not labels.labels:
        return printed
    return replace(printed, prints=print_out(labels, actor=actor).prints)


def _can_be_drawn(
    request: Request, view: RequestView, printer: LabelPrinter | None, actor: Actor
) -> bool:
    """Try it on with the form’s own number on the labels, before numbers are taken."""
    tubes = [tube for tube in tubes_for(request) if can_be_labelled(tube)]
    if printer and not can_be_drawn(tubes, view, printer):
        return False
    labels = [
        documents.tube_label(view, tube.planned, tube.wanted_tests, request.number)
        for tube in tubes
    ]
    try:
        request_form_pdf(documents.request_form(view, labels, actor=actor))
    except CannotPrint:
        return False
    return True


def _add_form(
    cards: Batch, labels: Batch, request: Request, reason: str, *, copies_too: bool, actor: Actor
) -> None:
    """Take a form in, and its labels: at its foot, or into another batch, which leaves the foot empty."""
    copies = form_copies(request.id)
    words = copy_reason(reason) if copies else None
    view = request_view(request.id, actor)
    again = reason if words and copies_too else ""
    foot = [
        label
        for tube in tubes_for(request)
        if (label := _at_the_foot(labels, tube, view, again, actor))
    ]
    if labels is not cards:
        foot = [each for each in foot if isinstance(each, HandwrittenTube)]
    form = documents.request_form(
        view, foot, actor=actor, copy=copies + 1, copy_reason=words, mark=cards.mark
    )
    cards.add_form(request, form, reason if words else "")


def _at_the_foot(
    batch: Batch, tube: Tube, view: RequestView, reason: str, actor: Actor
) -> TubeLabel | HandwrittenTube | None:
    """What stands for a tube at the foot of the form; a label printed before only on a copy."""
    if tube.replaced or not tube.wanted or tube.status in ENDED:
        return None
    if tube.by_hand:
        system = view.ward.site.tube_system
        return documents.handwritten(tube.planned, tube.wanted_tests, system)
    labelled = tube.specimen is not None and tube.specimen.number is not None
    if not can_be_labelled(tube) or (labelled and not reason):
        return None
    add_label(batch, tube, view, reason, actor=actor)
    _, label, _ = batch.labels[-1]
    return label if isinstance(label, TubeLabel) else None


def blank_form(place: str, system: TubeSystem) -> BlankRequestForm:
    """Give the content of the blank card: it belongs to nobody, so nothing is recorded."""
    return documents.blank_form(place, system)
