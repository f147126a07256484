"""The porter’s list: what waits where and by when, what is in one’s hands. No identifier of a patient stands here."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.disclosure import note_shown, refreshing
from lab_contingency.foundation.wording import count_text
from lab_contingency.incidents.rules import read_consignment_number
from lab_contingency.places.queries import laboratory, ward
from lab_contingency.specimens.forms import ScanForm
from lab_contingency.specimens.services import hand_over
from lab_contingency.specimens.station.rules.jobs import read_place_number
from lab_contingency.transport.custody import services
from lab_contingency.transport.custody.forms import TubesForm
from lab_contingency.transport.custody.queries import rounds
from lab_contingency.transport.custody.views.blueprint import blueprint
from lab_contingency.transport.queries.lists import box_of_number


@blueprint.get("/carry")
@needs(Permission.CARRY_SPECIMENS)
@refreshing("carry")
def carry() -> ResponseReturnValue:
    """What waits, the most pressing first; what is in one’s hands above it."""
    return _page(ScanForm(formdata=None))


@blueprint.post("/carry")
@needs(Permission.CARRY_SPECIMENS)
@refreshing("carry")
def scan() -> ResponseReturnValue:
    """Take what was scanned; a ward’s board takes all that waits there, a laboratory’s leaves all that is for it."""
    form = ScanForm()
    done = form.attempt_scan(lambda: _scanned(form.number.data or ""))
    if done is None:
        return _page(form)
    if isinstance(done, uuid.UUID):  # a box: it is counted before it changes hands
        return see_other("transport.hand_over", consignment_id=done)
    flash(done, "done")
    return see_other("custody.carry")


def _scanned(number: str) -> str | uuid.UUID:
    if place := read_place_number(number):
        return _scanned_place(place)
    if boxed := read_consignment_number(number):
        return _scanned_box(boxed)
    actor = current_actor()
    with unit_of_work():
        moved = [
            each
            for one in hand_over([number], actor.name, actor=actor)
            for each in one.specimen_ids
        ]
    return f"{count_text(len(moved), 'tube')} taken." if moved else "You carry it already."


def _scanned_box(number: str) -> uuid.UUID:
    found = box_of_number(number, current_actor())
    if found is None:
        raise RuleBroken("No box here has that number. Read it again.", field="number")
    return found.id


def _scanned_place(number: str) -> str:
    ward_id, laboratory_id = rounds.place_scanned(number)
    actor = current_actor()
    if ward_id is not None:
        waiting = rounds.waiting_on(ward_id, actor)
        if not waiting:
            raise RuleBroken(
                f"Nothing waits on {ward(ward_id).name}. A tube that was not noted as taken is scanned by itself.",
                field="number",
            )
        return _take(ward_id, waiting)
    held = [each for load in rounds.loads(actor) for each in load.specimen_ids]
    if laboratory_id is None or not held:
        raise RuleBroken("You carry nothing to leave here.", field="number")
    return _leave(laboratory_id, held)


@blueprint.post("/carry/wards/<uuid:ward_id>")
@needs(Permission.CARRY_SPECIMENS)
def take(ward_id: uuid.UUID) -> ResponseReturnValue:
    """Take all that was shown as waiting on a ward."""
    return _pressed(lambda tubes: _take(ward_id, tubes))


@blueprint.post("/carry/laboratories/<uuid:laboratory_id>")
@needs(Permission.CARRY_SPECIMENS)
def leave(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """Leave all that was shown as being for a laboratory at its door."""
    return _pressed(lambda tubes: _leave(laboratory_id, tubes))


def _pressed(act: Callable[[tuple[uuid.UUID, ...]], str]) -> ResponseReturnValue:
    form = TubesForm()
    said = form.attempt(lambda: act(form.chosen()))
    if said is None:
        return _page(ScanForm(formdata=None), form)
    flash(said, "done")
    return see_other("custody.carry")


def _take(ward_id: uuid.UUID, tubes: tuple[uuid.UUID, ...]) -> str:
    name = ward(ward_id).name
    with unit_of_work():
        taken = services.take_from_ward(tubes, actor=current_actor())
    if not taken:
        return f"Nothing changed: the tubes of {name} were taken before."
    return f"{count_text(taken, 'tube')} taken from {name}."


def _leave(laboratory_id: uuid.UUID, tubes: list[uuid.UUID] | tuple[uuid.UUID, ...]) -> str:
    name = laboratory(laboratory_id).name
    with unit_of_work():
        left = services.leave_at(laboratory_id, tubes, actor=current_actor())
    if not left:
        return f"Nothing changed: they were left at {name} before."
    return f"{count_text(left, 'tube')} left at {name}. The laboratory scans them in."


def _page(form: ScanForm, pressed: TubesForm | None = None) -> ResponseReturnValue:
    actor = current_actor()
    wards = rounds.ward_rounds(actor)
    for tube in [tube for one in wards for tube in one.waiting]:
        note_shown(
            tube.patient_id, Field.PLACE
        )  # a ward's name tells where its tubes' patients lie
    page = render_template(
        "custody/carry.html",
        form=form,
        pressed=pressed,
        loads=rounds.loads(actor),
        wards=wards,
        boxes=rounds.box_rounds(actor),
        now=clock.now(),
    )
    return page, pressed.status if pressed else form.status
