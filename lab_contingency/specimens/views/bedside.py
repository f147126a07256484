"""At the bedside: form, wristband and tubes are read, then saved as taken; when, by whom."""

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
from lab_contingency.incidents.rules import is_number_of_ours
from lab_contingency.requests.queries import RequestView, request_view
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import ReadAtBedside
from lab_contingency.specimens.forms import (
    CollectForm,
    CorrectCollectionForm,
    FindAtBedsideForm,
    ReadForm,
)
from lab_contingency.specimens.queries import (
    Bedside,
    BedsideProgress,
    bedside_progress,
    bedsides,
    card_of_wristband,
    find_by_number,
    tube_view,
)
from lab_contingency.specimens.queries.finding import Found
from lab_contingency.specimens.rules.matching import STOP_WORDS
from lab_contingency.specimens.views.blueprint import blueprint


def by_camera() -> dict[str, int]:
    """What goes on from page to page on the camera page, where no patient is named."""
    return {"camera": 1} if request.values.get("camera") else {}


@blueprint.get("/collect")
@needs(Permission.COLLECT_SPECIMENS)
@refreshing("collect")
def collect_page() -> ResponseReturnValue:
    """Scan a wristband, a label or a form; the patients whose blood is still to be taken stand below."""
    return _collect_page(FindAtBedsideForm(formdata=None))


@blueprint.post("/collect")
@needs(Permission.COLLECT_SPECIMENS)
@refreshing("collect")
def collect_scan() -> ResponseReturnValue:
    """Go to the card of the wristband, label or form that was scanned; what was read of it counts there."""
    form = FindAtBedsideForm()
    found = form.attempt_scan(lambda: _card_of(form.number.data or ""))
    if found is None:
        return _collect_page(form)
    return see_other("specimens.collect", request_id=found, **by_camera())


def _found_or_tied(number: str) -> Found:
    """A label of a paper pack is tied to its tube when it is scanned first."""
    try:
        return find_by_number(number, current_actor())
    except NotFound:
        with unit_of_work():
            services.tie_scanned(number, actor=current_actor())
        return find_by_number(number, current_actor())


def _card_of(scanned: str) -> uuid.UUID:
    actor = current_actor()
    if not is_number_of_ours(scanned):
        request_id = card_of_wristband(scanned, actor)
    else:
        found = _found_or_tied(scanned)
        if found.void is not None:
            raise RuleBroken(
                f"This label no longer counts: {found.void} Print the new one.", field="number"
            )
        request_id = found.request_id
        if found.planned_tube_id is not None:  # it counts when the tube is in the hand: see there
            return request_id
    with unit_of_work():
        services.read_at_bedside(ReadAtBedside(request_id, scanned), actor=actor)
    return request_id


def _collect_page(form: FindAtBedsideForm) -> ResponseReturnValue:
    actor = current_actor()
    waiting: tuple[Bedside, ...] = ()
    if actor.site_id and not by_camera():
        waiting = bedsides(actor.site_id, actor)
    page = render_template(
        "specimens/collect_page.html", form=form, waiting=waiting, camera=by_camera()
    )
    return page, form.status


@blueprint.get("/requests/<uuid:request_id>/collect")
@needs(Permission.COLLECT_SPECIMENS)
def collect(request_id: uuid.UUID) -> ResponseReturnValue:
    """What was read at this bedside, what is still to be read, and the tubes of one patient."""
    view = request_view(request_id, current_actor())
    progress = bedside_progress(request_id, view.ward.id, current_actor())
    return _patient_page(_collect_form(view, progress, formdata=None), view, progress)


def _collect_form(view: RequestView, progress: BedsideProgress, **keys: None) -> CollectForm:
    again = any(
        tube.replaces_id for tube in progress.collectable
    )  # the card tells of the first only
    taken = (None if again else view.collected_at) or clock.now()
    signed = "" if again else view.collected_by
    form = CollectForm(
        version=view.version,
        collected_at=day_time_text(taken),
        collected_by=signed or current_actor().name,
        method=view.collection_method,
        tubes=[str(tube.planned_tube_id) for tube in progress.read],
        **keys,
    )
    form.offer(progress.collectable)
    return form


def _patient_page(
    form: CollectForm, view: RequestView, progress: BedsideProgress
) -> ResponseReturnValue:
    page = render_template(
        "specimens/collect.html",
        form=form,
        request_view=view,
        progress=progress,
        stop_words=STOP_WORDS,
        camera=by_camera(),
    )
    return page, form.status


@blueprint.post("/requests/<uuid:request_id>/collect")
@needs(Permission.COLLECT_SPECIMENS)
def collected(request_id: uuid.UUID) -> ResponseReturnValue:
    """A scan is compared and kept; the button saves what agreed."""
    view = request_view(request_id, current_actor())
    if request.form.get("number") and request.form.get("do") != "save":
        return _read(view)
    progress = bedside_progress(request_id, view.ward.id, current_actor())
    form = _collect_form(view, progress)

    def act() -> tuple[uuid.UUID, ...]:
        with unit_of_work():
            return services.collect(form.to_command(request_id), actor=current_actor())

    done = form.attempt(act)
    if done is None:
        form.catch_up(view.version)
        return _patient_page(form, view, progress)
    flash(f"{count_text(len(done), 'tube')} noted as taken. Hand them over at once.", "done")
    return see_other("specimens.collect_page", **by_camera())


def _read(view: RequestView) -> ResponseReturnValue:
    """Compare what was scanned; the page says what is next, or why the round stops."""
    actor, scan = current_actor(), ReadForm()
    before = bedside_progress(view.id, view.ward.id, actor)

    def act() -> services.Read:
        with unit_of_work():
            holding = before.kind_in_hand(scan.holding.data or "")
            command = ReadAtBedside(view.id, scan.number.data or "", holding)
            return services.read_at_bedside(command, actor=actor)

    read = scan.attempt_scan(act)
    progress = bedside_progress(view.id, view.ward.id, actor)
    form = _collect_form(view, progress)
    form.number.data = ""
    if read is None:
        form.number.errors = [*scan.number.errors, *scan.holding.errors, *scan.form_errors]
    elif read.stop is not None:
        form.tubes.data = []
        form.number.errors = [STOP_WORDS[read.stop].heading]
    elif read.tube is not None:
        form.tick(read.tube)
    return _patient_page(form, view, progress)


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
