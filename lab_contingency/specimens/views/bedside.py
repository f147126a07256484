"""At the bedside: which tubes were filled, when, by whom."""

from __future__ import annotations

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.foundation.wording import count_text, day_time_text
from lab_contingency.requests.queries import RequestView, request_view
from lab_contingency.specimens import services
from lab_contingency.specimens.forms import CollectForm, CorrectCollectionForm, ScanForm
from lab_contingency.specimens.queries import (
    Found,
    TubeView,
    bedsides,
    find_by_number,
    tube_view,
    tubes_of,
)
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.specimens.views.blueprint import blueprint

_READY = (SpecimenStatus.LABELLED,)


@blueprint.get("/collect")
@needs(Permission.COLLECT_SPECIMENS)
@refreshing("collect")
def collect_page() -> ResponseReturnValue:
    """Scan a label or a form; the patients whose blood is still to be taken stand below."""
    return _collect_page(ScanForm(formdata=None))


@blueprint.post("/collect")
@needs(Permission.COLLECT_SPECIMENS)
@refreshing("collect")
def collect_scan() -> ResponseReturnValue:
    """Go to the patient whose label was scanned."""
    form = ScanForm()
    found = form.attempt_scan(lambda: _standing(form.number.data or ""))
    if found is None:
        return _collect_page(form)
    return see_other("specimens.collect", request_id=found.request_id, tube=found.planned_tube_id)


def _standing(number: str) -> Found:
    found = _found_or_tied(number)
    if found.void is not None:
        raise RuleBroken(
            f"This label no longer counts: {found.void} Print the new one.", field="number"
        )
    return found


def _found_or_tied(number: str) -> Found:
    """A label of a paper pack is tied to its tube when it is scanned first."""
    try:
        return find_by_number(number, current_actor())
    except NotFound:
        with unit_of_work():
            services.tie_scanned(number, actor=current_actor())
        return find_by_number(number, current_actor())


def _collect_page(form: ScanForm) -> ResponseReturnValue:
    actor = current_actor()
    waiting = bedsides(actor.site_id, actor) if actor.site_id else ()
    page = render_template("specimens/collect_page.html", form=form, waiting=waiting)
    return page, form.status


@blueprint.get("/requests/<uuid:request_id>/collect")
@needs(Permission.COLLECT_SPECIMENS)
def collect(request_id: uuid.UUID) -> ResponseReturnValue:
    """The tubes of one patient; `?tube=` is the one scanned."""
    view = request_view(request_id, current_actor())
    form = _collect_form(view, formdata=None)
    scanned = request.args.get("tube", type=uuid.UUID)
    if scanned is not None:
        form.tick(scanned)
    return _patient_page(form, view)


def _collect_form(view: RequestView, **keys: None) -> CollectForm:
    offered = _collectable(view.id)
    again = any(tube.replaces_id for tube in offered)  # the card tells of the first draw only
    taken = (None if again else view.collected_at) or clock.now()
    signed = "" if again else view.collected_by
    form = CollectForm(
        version=view.version,
        collected_at=day_time_text(taken),
        collected_by=signed or current_actor().name,
        method=view.collection_method,
        **keys,
    )
    form.offer(offered)
    return form


def _collectable(request_id: uuid.UUID) -> list[TubeView]:
    return [
        tube
        for tube in tubes_of(request_id, current_actor())
        if tube.wanted
        and not tube.replaced
        and (tube.status in _READY or (tube.by_hand and tube.status is None))
    ]


def _patient_page(form: CollectForm, view: RequestView) -> ResponseReturnValue:
    tubes = tubes_of(view.id, current_actor())
    page = render_template(
        "specimens/collect.html", form=form, request_view=view, tubes=tubes, ready=_READY
    )
    return page, form.status


@blueprint.post("/requests/<uuid:request_id>/collect")
@needs(Permission.COLLECT_SPECIMENS)
def collected(request_id: uuid.UUID) -> ResponseReturnValue:
    """A scan ticks one more tube; the button saves."""
    view = request_view(request_id, current_actor())
    form = _collect_form(view)
    if form.number.data and request.form.get("do") != "save":
        return _tick_scanned(form, view)

    def act() -> tuple[uuid.UUID, ...]:
        with unit_of_work():
            return services.collect(form.to_command(request_id), actor=current_actor())

    done = form.attempt(act)
    if done is None:
        return _patient_page(form, view)
    flash(f"{count_text(len(done), 'tube')} noted as taken. Hand them over at once.", "done")
    return see_other("specimens.collect_page")


def _tick_scanned(form: CollectForm, view: RequestView) -> ResponseReturnValue:
    """Tick the tube whose label was scanned; a label of somebody else stops the round."""
    try:
        found = _standing(form.number.data or "")
    except (NotFound, RuleBroken) as refused:
        form.refuse(RuleBroken(refused.message, field="number"))
        return _patient_page(form, view)
    if found.request_id != view.id:
        form.refuse(
            RuleBroken(
                "STOP. This label belongs to another patient. Take it away from this bed "
                "and read the wristband again.",
                field="number",
            )
        )
    elif found.planned_tube_id is not None:
        form.tick(found.planned_tube_id)
        form.number.data = ""
    return _patient_page(form, view)


@blueprint.route(
    "/requests/<uuid:request_id>/tubes/<uuid:planned_tube_id>/collection", methods=["GET", "POST"]
)
@needs(Permission.COLLECT_SPECIMENS)
def correct_collection(request_id: uuid.UUID, planned_tube_id: uuid.UUID) -> ResponseReturnValue:
    """Put right when or by whom a tube was filled."""
    view = request_view(request_id, current_actor())
    tube = tube_view(request_id, planned_tube_id, current_actor())
    taken = day_time_text(tube.collected_at) if tube.collected_at else ""
    form = CorrectCollectionForm(collected_at=taken, collected_by=tube.collected_by)

    def act() -> bool:
        with unit_of_work():
            services.correct_collection(
                form.to_command(request_id, planned_tube_id), actor=current_actor()
            )
        return True

    if form.is_submitted() and form.attempt(act):
        flash("The collection was put right. What stood there stays in the history.", "done")
        return see_other("tracking.request", request_id=request_id)
    page = render_template(
        "specimens/correct_collection.html", form=form, request_view=view, tube=tube
    )
    return page, form.status
