"""Where is it? One number in, the whole story out; each role's first page; the requester's lists."""

from __future__ import annotations

import uuid

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission, Role
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web import LabForm, current_actor, may, needs, see_other, signed_in
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.incidents.rules import read_number, read_slip_number
from lab_contingency.requests.queries import request_id_of
from lab_contingency.tracking.queries.custody import tube_places
from lab_contingency.tracking.queries.finding import request_of_slip
from lab_contingency.tracking.queries.lists import my_requests as listed
from lab_contingency.tracking.queries.story import story
from lab_contingency.tracking.shell import tabs

blueprint = Blueprint("tracking", __name__)


@blueprint.get("/")
@signed_in
@refreshing("home")
def home() -> ResponseReturnValue:
    """Each role's first page: what waits, most pressing first."""
    actor = current_actor()
    groups = listed(actor) if actor.role == Role.REQUESTER.value else {}
    return render_template("tracking/home.html", duties=tabs(actor), groups=groups)


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
    """Any number of ours leads to its request; anything else is named."""
    typed = request.form.get("number", "")[:60]
    try:
        return _found(typed)
    except (ValueError, NotFound) as problem:
        page = render_template(
            "tracking/where.html", form=LabForm(), number=typed, sentence=str(problem)
        )
        return page, 422


def _found(typed: str) -> ResponseReturnValue:
    actor = current_actor()
    slip = read_slip_number(typed)
    request_id = (
        request_of_slip(slip, actor) if slip else request_id_of(read_number(typed).form, actor)
    )
    if request_id is None:
        raise NotFound(
            "Nothing with that number can be seen from here. Check the number, or ring the laboratory."
        )
    if may(Permission.FIND_REQUESTS):
        return see_other("tracking.request", request_id=request_id)
    if may(Permission.CARRY_SPECIMENS):
        return see_other("tracking.tubes", request_id=request_id)
    raise NotFound(
        "Nothing with that number can be seen from here. Check the number, or ring the laboratory."
    )


@blueprint.get("/requests/<uuid:request_id>", endpoint="request")
@needs(Permission.SEE_REQUESTS)
def request_page(request_id: uuid.UUID) -> ResponseReturnValue:
    """The whole story of one request."""
    told = story(request_id, current_actor())
    printing = request.args.get("printing") == "labels"
    page = render_template(
        "tracking/request.html",
        story=told,
        form=LabForm(),
        printing=printing,
        questions=catalogue().questions,
        may_request=may(Permission.REQUEST_TESTS),
        may_print=may(Permission.PRINT_LABELS),
        may_triage=may(Permission.TRIAGE_REQUESTS),
        may_enter=may(Permission.ENTER_RESULTS),
    )
    return page


@blueprint.get("/requests/<uuid:request_id>/tubes")
@needs(Permission.CARRY_SPECIMENS, Permission.SEE_REQUESTS)
def tubes(request_id: uuid.UUID) -> ResponseReturnValue:
    """Where the tubes are, without a name."""
    return render_template("tracking/tubes.html", places=tube_places(request_id, current_actor()))
