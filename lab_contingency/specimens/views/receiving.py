"""The receiving desk: a scan receives; a form opens its check list; reject stands beside."""

from __future__ import annotations

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.disclosure import note_shown, refreshing
from lab_contingency.foundation.wording import day_time_text
from lab_contingency.requests.queries import RequestView, request_view
from lab_contingency.specimens import services
from lab_contingency.specimens.forms import HandForm, ReceiveForm, RejectForm
from lab_contingency.specimens.queries import TubeView, reception, tube_view, tubes_of
from lab_contingency.specimens.rules import REJECTION_REASONS, HandItem
from lab_contingency.specimens.services.scanning import scanned_number
from lab_contingency.specimens.views.bedside import by_camera
from lab_contingency.specimens.views.blueprint import blueprint


def _laboratory_id() -> uuid.UUID:
    laboratory_id = current_actor().laboratory_id
    if laboratory_id is None:
        raise NotFound("Choose your laboratory role first: tubes are received at a laboratory.")
    return laboratory_id


@blueprint.get("/receive")
@needs(Permission.RECEIVE_SPECIMENS)
@refreshing("receive")
def receive() -> ResponseReturnValue:
    """Scan tubes as they arrive; the last ones stand below."""
    return _desk(ReceiveForm(formdata=None, cap=request.args.get("cap", "")))


def _desk(form: ReceiveForm) -> ResponseReturnValue:
    rows = reception(_laboratory_id(), current_actor())
    page = render_template(
        "specimens/receive.html", form=form, rows=rows, now=clock.now(), camera=by_camera()
    )
    return page, form.status


@blueprint.post("/receive")
@needs(Permission.RECEIVE_SPECIMENS)
@refreshing("receive")
def receive_scan() -> ResponseReturnValue:
    """Receive the scanned tube at once; a form’s number leads to its check list."""
    form = ReceiveForm()
    if request.form.get("do") == "reject":
        return _to_reject(form)
    done = form.attempt_scan(lambda: _receive(form))
    if done is None:
        return _desk(form)
    if isinstance(done, uuid.UUID):
        return see_other("specimens.receive_form", request_id=done)
    for caution in done.cautions:
        flash(caution, "error")
    sorted_by = {"cap": form.cap.data} if form.cap.data else {}
    return see_other("specimens.receive", **sorted_by, **by_camera())


def _to_reject(form: ReceiveForm) -> ResponseReturnValue:
    """From a scan that was refused to the page that rejects that tube."""

    def act() -> tuple[uuid.UUID, uuid.UUID]:
        with unit_of_work():
            number = form.number.data or ""
            return services.find_to_reject(number, _laboratory_id(), actor=current_actor())

    found = form.attempt_scan(act)
    if found is None:
        return _desk(form)
    return see_other("specimens.reject", request_id=found[0], planned_tube_id=found[1])


def _receive(form: ReceiveForm) -> services.Received | uuid.UUID:
    actor, number = current_actor(), form.number.data or ""
    with unit_of_work():
        if scanned_number(number).is_form:
            _refuse_names_on_a_phone()
            return services.take_in_form(number, _laboratory_id(), actor=actor)
        cap = form.cap.data or ""
        return services.receive(number, _laboratory_id(), form.age(), actor=actor, cap=cap)


def _refuse_names_on_a_phone() -> None:
    if by_camera():
        raise RuleBroken(
            "A handwritten tube is compared with its form at a computer. Scan labels here.",
            field="number",
        )


@blueprint.get("/requests/<uuid:request_id>/receive-form")
@needs(Permission.RECEIVE_SPECIMENS)
def receive_form(request_id: uuid.UUID) -> ResponseReturnValue:
    """The tubes that came with a form and have no printed label, each to be compared with it."""
    return _form_page(request_id, None, None)


def _form_page(
    request_id: uuid.UUID, chosen: uuid.UUID | None, form: HandForm | None
) -> ResponseReturnValue:
    view = request_view(request_id, current_actor())
    tubes = tubes_of(request_id, current_actor())
    todo = [tube for tube in tubes if tube.to_compare]
    tube = next((each for each in todo if each.planned_tube_id == chosen), next(iter(todo), None))
    form = form or _hand_form(view, tube)
    if tube is not None:
        note_shown(view.patient_id, _fields_expected(view))
    page = render_template(
        "specimens/receive_form.html",
        form=form,
        request_view=view,
        tubes=tubes,
        tube=tube,
        expected=_expected(view),
    )
    return page, form.status


def _hand_form(view: RequestView, tube: TubeView | None) -> HandForm:
    """What the card says of the collection is offered, to be compared with the tube."""
    first = tube is None or tube.replaces_id is None  # the card knows nothing of a tube taken again
    taken = (tube.collected_at if tube else None) or (view.collected_at if first else None)
    signed = (tube.collected_by if tube else None) or (view.collected_by if first else "")
    when = day_time_text(taken) if taken else ""
    return HandForm(formdata=None, collected_at=when, collected_by=signed)


def _fields_expected(view: RequestView) -> Field:
    """What the check list names."""
    number = Field.NHS_NUMBER if view.patient.nhs_number else Field.HOSPITAL_NUMBER
    return Field.NAME | Field.BORN | number


def _expected(view: RequestView) -> dict[str, str]:
    """What must stand on the tube, item by item."""
    who = view.patient
    return {
        HandItem.SURNAME: who.surname,
        HandItem.FORENAME: who.forenames,
        HandItem.BORN: who.born,
        HandItem.NUMBER: who.nhs_number or who.hospital_number or "",
        HandItem.DATE: "",
        HandItem.TIME: "",
        HandItem.SIGNATURE: "",
    }


@blueprint.post("/requests/<uuid:request_id>/tubes/<uuid:planned_tube_id>/accept")
@needs(Permission.RECEIVE_SPECIMENS)
def accept_by_hand(request_id: uuid.UUID, planned_tube_id: uuid.UUID) -> ResponseReturnValue:
    """Accept a handwritten tube whose every item agrees with its form."""
    form = HandForm()

    def act() -> services.Received:
        with unit_of_work():
            command = form.to_command(request_id, planned_tube_id)
            return services.receive_form(command, _laboratory_id(), actor=current_actor())

    done = form.attempt(act)
    if done is None:
        return _form_page(request_id, planned_tube_id, form)
    for caution in done.cautions:
        flash(caution, "error")
    flash("Accepted. Print its number and put it on, without the patient.", "done")
    return see_other("specimens.receive_form", request_id=request_id)


@blueprint.route(
    "/requests/<uuid:request_id>/tubes/<uuid:planned_tube_id>/reject", methods=["GET", "POST"]
)
@needs(Permission.RECEIVE_SPECIMENS)
def reject(request_id: uuid.UUID, planned_tube_id: uuid.UUID) -> ResponseReturnValue:
    """Reject a tube with a reason; the requester is told to take it again."""
    view = request_view(request_id, current_actor())
    tube = tube_view(request_id, planned_tube_id, current_actor())
    form = RejectForm(version=tube.version)

    def act() -> uuid.UUID:
        with unit_of_work():
            command = form.to_command(request_id, planned_tube_id)
            return services.reject(command, actor=current_actor())

    if form.is_submitted() and form.attempt(act):
        flash("Rejected. The ward is asked to take it again.", "done")
        return see_other("specimens.receive")
    if tube.version is not None:
        form.catch_up(tube.version)
    page = render_template(
        "specimens/reject.html",
        form=form,
        request_view=view,
        tube=tube,
        reasons=REJECTION_REASONS,
    )
    return page, form.status
