"""Patient labels: printed at the first asking, marked COPY at the next, renumbered when they changed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.incidents.services import void_number
from lab_contingency.places.queries import ward
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries import RequestView, request_view
from lab_contingency.requests.services import lock_request, next_tube_number
from lab_contingency.specimens import documents
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import (
    ANOTHER,
    ENDED,
    IDENTITY_CHANGED,
    WORDS,
    CustodyAction,
    SpecimenStatus,
    copy_reason,
    refuse_patient_label,
    refuse_too_many,
)
from lab_contingency.specimens.services.paper import (
    PDF,
    Batch,
    LabelPrinter,
    Printed,
    allowed_prints,
    as_printed,
    label_copies,
    label_digest,
    last_print,
    print_out,
)
from lab_contingency.specimens.services.rejecting import reject_started_tests, reject_tube
from lab_contingency.specimens.services.tubes import (
    Happening,
    Tube,
    move,
    refresh_usability,
    tube_of,
    tubes_for,
)

_BEFORE_BLOOD = (None, SpecimenStatus.UNLABELLED, SpecimenStatus.LABELLED)
_CHANGED = "what stands on it has changed."


def labels_for(
    request_id: uuid.UUID,
    tubes: Collection[uuid.UUID] | None = None,
    reason: str = "",
    *,
    actor: Actor,
    printer: LabelPrinter = PDF,
    copies: int = 1,
) -> Printed:
    """Print the labels of a request, or of some of its planned tubes, in order of draw.

    A tube printed before needs a `reason` (a code of COPY_REASONS) and comes out as COPY with the same
    number; where what stands on it has changed, its number becomes void and it takes the next one.
    A transfusion tube is refused, also when it is asked for by name. `copies` of each come out: all but
    the first print of a label say COPY.
    """
    request = lock_request(request_id, actor=actor)
    batch, view = Batch(printer=printer), request_view(request_id, actor)
    for tube in _chosen(request, tubes):
        add_label(batch, tube, view, reason, actor=actor)
        _add_copies(batch, copies - 1, reason or ANOTHER)
    return print_out(batch, actor=actor)


def _add_copies(batch: Batch, copies: int, reason: str) -> None:
    """The label taken in last once more, as often as it may still come out."""
    request, _ = batch.papers[-1]
    specimen, label, _ = batch.labels[-1]
    printed = label_copies(specimen, label.number) + 1
    for extra in range(copies):
        refuse_too_many(printed + extra, batch.printer.most + allowed_prints(label.number))
        copied = replace(label, copy_reason=copy_reason(reason))
        batch.add_label(request, specimen, copied, reason)


def labels_for_round(
    request_ids: Sequence[uuid.UUID], *, actor: Actor, printer: LabelPrinter = PDF
) -> Printed:
    """Print the labels never printed of several requests, one patient after the other, in order of draw.

    A label that cannot be drawn holds up no other patient: `skipped` names its form.
    """
    for request_id in sorted(set(request_ids)):
        lock_request(request_id, actor=actor)
    batch, skipped = Batch(printer=printer), list[str]()
    for request_id in dict.fromkeys(request_ids):
        request, view = lock_request(request_id, actor=actor), request_view(request_id, actor)
        fresh = [tube for tube in tubes_for(request) if _is_fresh(tube)]
        if not can_be_drawn(fresh, view, printer):
            skipped.append(request.number)
            continue
        for tube in fresh:
            add_label(batch, tube, view, "", actor=actor)
    if not batch.labels:
        raise RuleBroken(
            "There is no label to print for these patients. Somebody else may have printed them."
        )
    return replace(print_out(batch, actor=actor), skipped=tuple(skipped))


def _is_fresh(tube: Tube) -> bool:
    unlabelled = tube.specimen is None or tube.specimen.number is None
    return unlabelled and can_be_labelled(tube)


def can_be_drawn(tubes: Sequence[Tube], view: RequestView, printer: LabelPrinter) -> bool:
    """Try labels on with the form’s own number, before numbers are taken."""
    labels = [
        documents.tube_label(view, tube.planned, tube.wanted_tests, view.number) for tube in tubes
    ]
    try:
        if labels:
            printer.draw(labels, "")
    except CannotPrint:
        return False
    return True


def _chosen(request: Request, wanted: Collection[uuid.UUID] | None) -> list[Tube]:
    held = tubes_for(request)
    if wanted is not None:
        chosen = [tube for tube in held if tube.planned.id in wanted]
        if len(chosen) != len(set(wanted)):
            raise NotFound
        for tube in chosen:
            refuse_patient_label(tube.planned.container, tube.wanted_tests, by_hand=tube.by_hand)
        return chosen
    chosen = [tube for tube in held if can_be_labelled(tube)]
    if not chosen:
        raise RuleBroken(
            "There is no label to print for this request. Print the form; transfusion tubes are "
            "written by hand beside the patient."
        )
    return chosen


def can_be_labelled(tube: Tube) -> bool:
    """Tell whether a printed label belongs on the tube, and blood may still come with it."""
    if tube.by_hand or tube.replaced or not tube.wanted or _has_pack_label(tube):
        return False
    return tube.status in _BEFORE_BLOOD or tube.status is SpecimenStatus.COLLECTED


def _has_pack_label(tube: Tube) -> bool:
    """A label of a paper pack was written at the bedside and stays: no printed one takes its place."""
    held = tube.specimen
    return held is not None and held.number is not None and last_print(held) is None


def add_label(batch: Batch, tube: Tube, request: RequestView, reason: str, *, actor: Actor) -> None:
    """Put a tube's label into a batch, making the tube real and numbering it where it has no number."""
    refuse_patient_label(tube.planned.container, tube.wanted_tests, by_hand=tube.by_hand)
    _refuse_gone(tube)
    held = tube.specimen
    if held is not None and held.number is not None and (printed := last_print(held)):
        fresh = documents.tube_label(request, tube.planned, tube.wanted_tests, held.number)
        before = printed.content_digest
        if tube.status not in _BEFORE_BLOOD or label_digest(fresh, like=before) == before:
            words = copy_reason(reason)
            most = batch.printer.most + allowed_prints(held.number)
            refuse_too_many(label_copies(held, held.number), most)
            batch.add_label(tube.request, held, as_printed(printed, words), reason)
            return
        void_number(held.number, _CHANGED, actor=actor)
    number = next_tube_number(tube.request)
    label = documents.tube_label(request, tube.planned, tube.wanted_tests, number)
    batch.add_label(tube.request, _label(tube, request.ward.name, number, actor), label, "")


def _label(tube: Tube, place: str, number: str, actor: Actor) -> Specimen:
    action = CustodyAction.LABEL if tube.status in _BEFORE_BLOOD else CustodyAction.RELABEL
    return move(tube, action, Happening(place=place), actor=actor, number=number)


def _refuse_gone(tube: Tube) -> None:
    if tube.replaced or not tube.wanted:
        raise RuleBroken("No test needs this tube any more. Print the labels of the others.")
    if _has_pack_label(tube):
        raise RuleBroken(
            "This tube bears the label of its paper pack, written at the bedside. It stays; nothing is printed."
        )
    if not can_be_labelled(tube):
        words = WORDS[tube.status] if tube.status else ""
        raise RuleBroken(
            f"This tube is {words}, so its label is not printed again here. "
            "If tube and request do not agree, the laboratory must reject it."
        )


def number_only_label(
    request_id: uuid.UUID, planned_tube_id: uuid.UUID, reason: str = "", *, actor: Actor
) -> Printed:
    """Print the number that goes on a handwritten tube after the laboratory accepted it: no patient."""
    request = lock_request(request_id, actor=actor)
    tube = tube_of(request, planned_tube_id, actor=actor)
    specimen = tube.specimen
    if specimen is None or tube.status is not SpecimenStatus.RECEIVED:
        raise RuleBroken("Only an accepted tube gets a number. Scan its form first.")
    words = copy_reason(reason) if specimen.number is not None else None
    number = specimen.number or next_tube_number(request)
    system = ward(request.ward_id).site.tube_system
    label = documents.number_label(tube.planned, tube.wanted_tests, system, number, words)
    if specimen.number is None:
        place = Happening(place=specimen.holder)
        move(tube, CustodyAction.RELABEL, place, actor=actor, number=number)
    batch = Batch()
    batch.add_label(request, specimen, label, reason if words else "")
    return print_out(batch, actor=actor)


def void_labels(request_id: uuid.UUID, reason: str, *, actor: Actor) -> int:
    """Void every label of a request whose patient was corrected; returns how many tubes it touched.

    `reason` is a sentence of ours: whoever scans an old label reads it. A tube without blood waits for a
    new label. One still with the ward can be labelled anew there. One on the way keeps its place in the
    books, is refused at receipt, and must be rejected. One already received is rejected at once: nobody
    may work on blood whose patient changed after its label was read.
    """
    request = lock_request(request_id, actor=actor)
    touched = [tube for tube in tubes_for(request) if _void(tube, reason, actor)]
    refresh_usability(request)
    return len(touched)


def _void(tube: Tube, reason: str, actor: Actor) -> bool:
    specimen = tube.specimen
    if specimen is None or specimen.status in ENDED:
        return False
    held = specimen.number
    if held is not None:
        void_number(held, reason, actor=actor)
    happening = Happening(place=specimen.holder, reason_code=IDENTITY_CHANGED)
    if specimen.status is SpecimenStatus.RECEIVED:
        reject_tube(tube, IDENTITY_CHANGED, "", actor=actor)
    elif held is not None and specimen.status is SpecimenStatus.LABELLED:
        move(tube, CustodyAction.VOID_LABEL, happening, actor=actor, number=None)
    elif held is not None:
        move(tube, CustodyAction.VOID_ON_BLOOD, happening, actor=actor, number=None)
        reject_started_tests(tube, IDENTITY_CHANGED, actor=actor)
    return True
