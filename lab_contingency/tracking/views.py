"""Where is it? One number in, the whole story out; each role's first page; the requester's lists; looks."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission, Role
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.web import (
    LabForm,
    actor_or_none,
    current_actor,
    may,
    needs,
    see_other,
    signed_in,
)
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.foundation.web.forms import shown
from lab_contingency.foundation.web.paths import own_path
from lab_contingency.incidents.queries import not_to_be_bled
from lab_contingency.incidents.rules import (
    read_consignment_number,
    read_number,
    read_return_number,
    read_slip_number,
)
from lab_contingency.places.queries import issuers, laboratories
from lab_contingency.requests import services
from lab_contingency.requests.packs.queries import (
    pictures_of_request,
    refuse_not_keyed,
    transcription_of,
)
from lab_contingency.requests.queries import request_id_of
from lab_contingency.requests.queries.links import requests_of_same_person
from lab_contingency.requests.queries.looking import (
    REFUSED,
    RELEASED,
    is_finished,
    look_at,
    looks_lately,
    my_look,
    noted_lately,
    requests_looked_at,
    shown_lately,
)
from lab_contingency.requests.rules.looking import LOOK_LIFE, Brake, brake_of
from lab_contingency.requests.services.looking import NOTHING_FITS
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.tracking.forms import LookForm, MoreForm
from lab_contingency.tracking.queries.custody import tube_places
from lab_contingency.tracking.queries.finding import (
    request_of_return,
    request_of_slip,
    typed_return,
)
from lab_contingency.tracking.queries.lists import my_requests as listed
from lab_contingency.tracking.queries.story import story
from lab_contingency.tracking.queries.to_us import to_us as expected
from lab_contingency.tracking.rules import TOLD_NOT_TO_BLEED, Braked, braked
from lab_contingency.transport.queries.lists import box_of_number, boxes_for
from lab_contingency.transport.questions.queries import questions_of, to_ring

blueprint = Blueprint("tracking", __name__)


@blueprint.get("/")
@signed_in
@refreshing("home")
def home() -> ResponseReturnValue:
    """Each role's first page: what waits, most pressing first."""
    actor = current_actor()
    groups = listed(actor) if actor.role == Role.REQUESTER.value else {}
    placeless = actor.role == Role.ADMINISTRATOR.value and not laboratories()
    nobody_can = not_to_be_bled(actor.site_id) if actor.role in TOLD_NOT_TO_BLEED else ()
    return render_template(
        "tracking/home.html", groups=groups, placeless=placeless, nobody_can=nobody_can
    )


@blueprint.get("/to-us")
@needs(Permission.RECEIVE_SPECIMENS)
@refreshing("to us")
def to_us() -> ResponseReturnValue:
    """What is bound for this laboratory and has not come yet, and whom a partner rings about it."""
    actor = current_actor()
    return render_template(
        "tracking/to_us.html",
        us=expected(actor),
        boxes=boxes_for(actor),
        now=clock.now(),
        to_ring=to_ring(actor),
    )


@blueprint.get("/requests")
@needs(Permission.REQUEST_TESTS)
@refreshing("my patients")
def my_requests() -> ResponseReturnValue:
    """The requester's own list."""
    return render_template(
        "tracking/my_requests.html", groups=listed(current_actor()), unread_only=False
    )


@blueprint.get("/results-to-read")
@needs(Permission.ACKNOWLEDGE_RESULTS)
@refreshing("results to read")
def results_to_read() -> ResponseReturnValue:
    """Ready and not acknowledged."""
    groups = listed(current_actor(), unread_only=True)
    return render_template("tracking/my_requests.html", groups=groups, unread_only=True)


@blueprint.get("/where")
@signed_in
def where_page() -> ResponseReturnValue:
    """The search by itself, for phones and for script off."""
    return render_template("tracking/where.html", form=LabForm(), number="", sentence="")


@blueprint.post("/where")
@signed_in
def where() -> ResponseReturnValue:
    """A number of ours leads to its request or its box; anything else is named."""
    typed = request.form.get("number", "")[:60]
    try:
        return _found(typed)
    except (ValueError, NotFound, RuleBroken) as problem:
        page = render_template(
            "tracking/where.html", form=LabForm(), number=shown(typed), sentence=str(problem)
        )
        return page, 422


_UNSEEN = (
    "Nothing with that number can be seen from here. Check the number, or ring the laboratory."
)


def _found(typed: str) -> ResponseReturnValue:
    actor = current_actor()
    if box := read_consignment_number(typed):
        return _box(box, actor)
    returned = read_return_number(typed)
    if returned and may(Permission.TYPE_RETURNS) and (slip_id := typed_return(returned, actor)):
        return see_other("returned.slip", slip_id=slip_id)
    return _request(typed, returned, actor)


def _box(number: str, actor: Actor) -> ResponseReturnValue:
    """Who packs or unpacks sees the box, who carries it its hand-over; for all others it does not exist."""
    found = box_of_number(number, actor)
    if found is not None and (
        may(Permission.DISPATCH_SPECIMENS) or may(Permission.RECEIVE_SPECIMENS)
    ):
        return see_other("transport.consignment", consignment_id=found.id)
    if found is not None and may(Permission.CARRY_SPECIMENS):
        return see_other("transport.hand_over", consignment_id=found.id)
    raise NotFound(_UNSEEN)


def _request(typed: str, returned: str | None, actor: Actor) -> ResponseReturnValue:
    slip = read_slip_number(typed)
    if returned:
        request_id = request_of_return(returned, actor)
    elif slip:
        request_id = request_of_slip(slip, actor)
    else:
        form = read_number(typed).form
        request_id = request_id_of(form, actor, reading=True)
        if request_id is None:
            refuse_not_keyed(form, actor)
    if request_id is not None and (
        may(Permission.FIND_REQUESTS) or may(Permission.LOOK_WITH_REASON)
    ):
        return see_other("tracking.request", request_id=request_id)
    if request_id is not None and may(Permission.CARRY_SPECIMENS):
        return see_other("tracking.tubes", request_id=request_id)
    raise NotFound(_UNSEEN)


@blueprint.get("/requests/<uuid:request_id>", endpoint="request")
@needs(Permission.SEE_REQUESTS, Permission.LOOK_WITH_REASON)
def request_page(request_id: uuid.UUID) -> ResponseReturnValue:
    """The whole story of one request."""
    told = story(request_id, current_actor())
    look = look_at(request_id, current_actor())
    acts = look is None  # a look shows, and lets nobody do anything
    printing = request.args.get("printing") == "labels"
    page = render_template(
        "tracking/request.html",
        story=told,
        form=LabForm(),
        printing=printing,
        questions=catalogue().questions,
        look=look,
        paper=transcription_of(request_id),
        pictures=pictures_of_request(request_id)
        if acts and may(Permission.TRANSCRIBE_FORMS)
        else (),
        same=requests_of_same_person(told.patient_id, current_actor()),
        may_key=acts and may(Permission.TRANSCRIBE_FORMS),
        may_read=may(Permission.READ_RESULTS),
        may_request=acts and may(Permission.REQUEST_TESTS),
        may_print=acts and may(Permission.PRINT_LABELS),
        may_receive=acts and may(Permission.RECEIVE_SPECIMENS),
        taken_again=[
            tube
            for tube in tubes_of(request_id, current_actor() if acts else None)
            if tube.is_taken_again
        ],
        may_triage=acts and may(Permission.TRIAGE_REQUESTS),
        may_enter=acts and may(Permission.ENTER_RESULTS),
        may_ask=acts and may(Permission.ASK_QUESTIONS),
        asked=questions_of(request_id, current_actor()) if may(Permission.ASK_QUESTIONS) else (),
        now=clock.now(),
    )
    return page


@blueprint.get("/requests/<uuid:request_id>/tubes")
@needs(Permission.CARRY_SPECIMENS, Permission.SEE_REQUESTS)
def tubes(request_id: uuid.UUID) -> ResponseReturnValue:
    """Where the tubes are, without a name."""
    return render_template("tracking/tubes.html", places=tube_places(request_id, current_actor()))


@blueprint.get("/look")
@needs(Permission.LOOK_WITH_REASON)
def look() -> ResponseReturnValue:
    """Ask to see another place's patient."""
    return _look_page(_look_form(formdata=None))


@blueprint.post("/look")
@needs(Permission.LOOK_WITH_REASON)
def ask_to_look() -> ResponseReturnValue:
    """One patient, by number and date of birth, for a while."""
    form = _look_form()
    look_id = form.attempt(lambda: _look(form))
    return see_other("tracking.looked", look_id=look_id) if look_id else _look_page(form)


def _look_form(**keys: None) -> LookForm:
    form = LookForm(**keys)
    form.demonstration = node.this_node().demonstration
    form.offer_issuers(issuers())
    return form


def _look_page(form: LookForm) -> ResponseReturnValue:
    page = render_template("tracking/look.html", form=form, minutes=LOOK_LIFE.seconds // 60)
    return page, form.status


def _look(form: LookForm) -> uuid.UUID:
    with unit_of_work():
        look_id = services.look_beyond(form.to_command(), actor=current_actor())
    if look_id is None:  # recorded, and said only after that stands
        raise RuleBroken(NOTHING_FITS, field="number")
    return look_id


@blueprint.get("/look/<uuid:look_id>")
@needs(Permission.LOOK_WITH_REASON)
def looked(look_id: uuid.UUID) -> ResponseReturnValue:
    """The requests of the patient looked at, while the look stands."""
    actor = current_actor()
    granted = my_look(look_id, actor)
    views = requests_looked_at(granted, actor)
    return render_template("tracking/looked.html", look=granted, views=views)


@blueprint.post("/look/<uuid:look_id>/end")
@needs(Permission.LOOK_WITH_REASON)
def end_look(look_id: uuid.UUID) -> ResponseReturnValue:
    """Give the look back before its time."""
    with unit_of_work():
        services.end_look(look_id, actor=current_actor())
    flash("The look has ended.", "done")
    return see_other("tracking.look")


@blueprint.get("/looks")
@needs(Permission.REVIEW_LOOKS)
def looks() -> ResponseReturnValue:
    """Who looked beyond their place, who was refused, and who was asked why they open so many."""
    return render_template(
        "tracking/looks.html",
        looks=looks_lately(),
        refused=noted_lately(REFUSED),
        pauses=noted_lately(RELEASED),
    )


@blueprint.before_app_request
def _brake() -> ResponseReturnValue | None:
    """After very many patients the next page of one asks why. Work is never held up."""
    named = request.view_args or {}
    rule = braked(request.endpoint or "", named)
    actor = actor_or_none() if rule else None
    brake = brake_of(actor.role) if actor else None
    if actor is None or brake is None or shown_lately(actor, brake) < brake.patients:
        return None
    if rule is Braked.FINISHED and not is_finished(named["request_id"], actor):
        return None
    back = request.path if request.method == "GET" else ""
    return _pause_page(MoreForm(formdata=None, next=back), brake, 429)


@blueprint.post("/more")
@needs(Permission.SEE_REQUESTS, Permission.LOOK_WITH_REASON)
def more() -> ResponseReturnValue:
    """Say why more patients are needed, and go on."""
    form = MoreForm()
    brake = brake_of(current_actor().role)
    if brake is None:
        raise NotFound
    if not form.attempt(lambda: _more(form)):
        return _pause_page(form, brake, form.status)
    flash("Go on. What you said is noted.", "done")
    return redirect(own_path(form.next.data or "") or "/", code=303)


def _more(form: MoreForm) -> bool:
    with unit_of_work():
        services.ask_for_more(form.why.data or "", actor=current_actor())
    return True


def _pause_page(form: MoreForm, brake: Brake, status: int) -> ResponseReturnValue:
    return render_template("tracking/pause.html", form=form, brake=brake), status
