"""Lists of boxes, one box with its whole chain, its manifest, and what happens to the whole of it."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web import current_actor, may, needs, paper, see_other
from lab_contingency.foundation.web.disclosure import note_shown, refreshing
from lab_contingency.foundation.web.forms import LabForm, VersionedForm
from lab_contingency.incidents.rules import read_consignment_number
from lab_contingency.routing.queries.snapshot import snapshot
from lab_contingency.transport import services
from lab_contingency.transport.commands import Rerouted
from lab_contingency.transport.forms import (
    BringBackForm,
    ExtraForm,
    MoveForm,
    PackForm,
    PrintAgainForm,
    RerouteForm,
    ScanForm,
    SealForm,
    UnpackForm,
    VersionForm,
    told_apart,
)
from lab_contingency.transport.queries.boxes import Box, box
from lab_contingency.transport.queries.lists import (
    BoxRow,
    box_of_number,
    boxes_for,
    boxes_here,
    open_differences,
)
from lab_contingency.transport.queries.partners import works_on_paper
from lab_contingency.transport.rules import (
    REASONS_ASKED,
    TRANSITIONS,
    ConsignmentAction,
    permitted,
)
from lab_contingency.transport.views.blueprint import blueprint

_WHO = Permission.DISPATCH_SPECIMENS, Permission.RECEIVE_SPECIMENS
_NOT_A_BOX = "That is no number of a box. Scan the bars at the top of its manifest."
_SCANS = {"pack": ConsignmentAction.SEAL, "unpack": ConsignmentAction.RECEIVE}
_UNKNOWN = "No box here has that number. Read it again, or ring whoever sent it."


@blueprint.get("/consignments")
@needs(*_WHO)
@refreshing("consignments")
def consignments() -> ResponseReturnValue:
    """Boxes for us and from us, and what did not agree."""
    return _list(ScanForm(formdata=None))


@blueprint.post("/consignments/find")
@needs(*_WHO)
@refreshing("consignments")
def find() -> ResponseReturnValue:
    """A scanned manifest opens its box."""
    form = ScanForm()
    found = form.attempt_scan(lambda: found_box(form, current_actor()))
    if found is None:
        return _list(form)
    return see_other("transport.consignment", consignment_id=found.id)


def found_box(form: ScanForm, actor: Actor) -> BoxRow:
    """The box that was scanned; RuleBroken says what it is instead."""
    number = read_consignment_number(form.number.data or "")
    if number is None:
        raise RuleBroken(_NOT_A_BOX, field="number")
    row = box_of_number(number, actor)
    if row is None:
        raise RuleBroken(_UNKNOWN, field="number")
    return row


def _list(form: ScanForm) -> ResponseReturnValue:
    actor = current_actor()
    page = render_template(
        "transport/consignments.html",
        form=form,
        for_us=boxes_for(actor),
        from_us=boxes_here(actor),
        differences=open_differences(actor),
        now=clock.now(),
    )
    return page, form.status


@blueprint.get("/consignments/<uuid:consignment_id>")
@needs(*_WHO)
def consignment(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """One box: its tubes, its chain, what can be done with it."""
    return box_page(consignment_id)


def box_page(consignment_id: uuid.UUID, **forms: LabForm) -> ResponseReturnValue:
    """The page with every form of what can be done now; those handed in come back as they were sent."""
    actor = current_actor()
    held = box(consignment_id, actor)
    fresh = _forms(held)
    shown = {**fresh, **forms}
    for form in shown.values():
        if isinstance(form, VersionedForm):
            form.catch_up(held.row.version)
        _offer(form, held)
    told_apart(shown)
    if any(move.reason for move in held.moves):
        for tube in held.tubes:
            note_shown(tube.patient_id, Field.REMARKS)
    can = _can(held, actor)
    # What a scan refuses stands at its field, as long as there is one.
    summaries = [
        form for name, form in forms.items() if form.errors and _SCANS.get(name) not in can
    ]
    page = render_template(
        "transport/consignment.html",
        box=held,
        forms=shown,
        can=can,
        reasons=REASONS_ASKED,
        sends=may(Permission.DISPATCH_SPECIMENS, actor),
        on_paper=works_on_paper(held.row.to_id),
        routes=may(Permission.ROUTE_TESTS, actor),
        summaries=summaries,
        refused=any(form.status == HTTPStatus.UNPROCESSABLE_ENTITY for form in summaries),
        now=clock.now(),
    )
    return page, max((form.status for form in forms.values()), default=HTTPStatus.OK)


def _forms(held: Box) -> dict[str, LabForm]:
    return {
        "pack": PackForm(formdata=None),
        "seal": SealForm(formdata=None, box=held.row.box, seal=held.row.seal),
        "move": MoveForm(formdata=None),
        "reroute": RerouteForm(formdata=None),
        "bring_back": BringBackForm(formdata=None),
        "manifest": PrintAgainForm(formdata=None),
        "unpack": UnpackForm(formdata=None),
        "extra": ExtraForm(formdata=None),
        "button": VersionForm(formdata=None),
    }


def _offer(form: LabForm, held: Box) -> None:
    if isinstance(form, RerouteForm):
        ends = (held.row.from_id, held.row.to_id)
        form.offer(each for each in snapshot().laboratories.values() if each.id not in ends)
    if isinstance(form, BringBackForm):
        form.offer(held)


def _can(held: Box, actor: Actor) -> frozenset[ConsignmentAction]:
    """The moves that the state and the person’s role and place allow."""
    here = actor.laboratory_id
    sender = here == held.row.from_id or may(Permission.ROUTE_TESTS, actor)
    places = {
        ConsignmentAction.SEAL: here == held.row.from_id,
        ConsignmentAction.UNPACK: here == held.row.to_id,
        ConsignmentAction.RECEIVE: here == held.row.to_id,
    }
    return frozenset(
        action
        for action in permitted(held.row.state)
        if places.get(action, sender)
        and any(may(permission, actor) for permission in TRANSITIONS[action].permissions)
    )


@blueprint.post("/consignments/<uuid:consignment_id>/move")
@needs(Permission.DISPATCH_SPECIMENS)
def move(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """Opened again, taken apart, called back, sent after all, lost: each with its reason."""
    form = MoveForm()

    def act() -> str:
        command = form.to_command(consignment_id)
        with unit_of_work():
            services.move_box(command, actor=current_actor())
        return _SAID[command.action]

    said = form.attempt(act)
    if said is None:
        return box_page(consignment_id, move=form)
    flash(said, "done")
    return see_other("transport.consignment", consignment_id=consignment_id)


_SAID = {
    ConsignmentAction.OPEN_AGAIN: "Opened again. Use a new seal when you close it.",
    ConsignmentAction.TAKE_APART: "Taken apart. Its tubes stand here and are to be sent out again.",
    ConsignmentAction.RECALL: "Called back. Ring whoever has it, and say so on this page when it is here.",
    ConsignmentAction.SEND_AFTER_ALL: "It goes on. Ring whoever has it.",
    ConsignmentAction.LOSE: "Declared lost. The wards are told to take its tubes again.",
}


@blueprint.post("/consignments/<uuid:consignment_id>/bring-back")
@needs(Permission.DISPATCH_SPECIMENS)
def bring_back(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """The box is here again; what is ticked is in it, the rest is missing."""
    form = BringBackForm()
    form.offer(box(consignment_id, current_actor()))

    def act() -> str:
        with unit_of_work():
            missing = services.bring_back(form.to_command(consignment_id), actor=current_actor())
        return "It is back, whole." if not missing else f"It is back, but for {missing}: find them."

    said = form.attempt(act)
    if said is None:
        return box_page(consignment_id, bring_back=form)
    flash(said, "done")
    return see_other("transport.consignment", consignment_id=consignment_id)


@blueprint.post("/consignments/<uuid:consignment_id>/reroute")
@needs(Permission.ROUTE_TESTS)
def reroute(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """The box goes to another laboratory, and its tests with it."""
    form = RerouteForm()
    _offer(form, box(consignment_id, current_actor()))

    def act() -> Rerouted:
        with unit_of_work():
            return services.reroute_box(form.to_command(consignment_id), actor=current_actor())

    done = form.attempt(act)
    if done is None:
        return box_page(consignment_id, reroute=form)
    for sentence in done.left:
        flash(sentence, "error")
    flash(
        f"It goes to {done.laboratory}. Ring whoever has it, and print the manifest again.", "done"
    )
    return see_other("transport.consignment", consignment_id=consignment_id)


@blueprint.post("/consignments/<uuid:consignment_id>/manifest")
@needs(Permission.DISPATCH_SPECIMENS)
def print_manifest(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """The manifest comes out; a second one says COPY and why."""
    form = PrintAgainForm()

    def act() -> services.PrintedManifest:
        with unit_of_work():
            reason = form.reason.data or ""
            return services.print_manifest(consignment_id, reason, actor=current_actor())

    printed = form.attempt(act)
    if printed is None:
        return box_page(consignment_id, manifest=form)
    return paper(printed.pdf, f"manifest-{printed.number}")
