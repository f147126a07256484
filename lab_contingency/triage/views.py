"""The page of one request's decisions: accept, hold, decline, another priority."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, flash, render_template
from flask import request as http
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.reauth import prove
from lab_contingency.audit.rules import Field
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.disclosure import note_shown
from lab_contingency.requests.queries.views import RequestView, request_view
from lab_contingency.requests.rules.bands import Band
from lab_contingency.triage import services
from lab_contingency.triage.forms import AcceptForm, DeclineForm, HoldForm, PriorityForm
from lab_contingency.triage.queries import decisions_of
from lab_contingency.triage.rules import PERMISSION

blueprint = Blueprint("triage", __name__)

AnyForm = AcceptForm | HoldForm | DeclineForm | PriorityForm


class Deed(enum.StrEnum):
    """What is to be done on the page."""

    ACCEPT = "accept"
    HOLD = "hold"
    DECLINE = "decline"
    PRIORITY = "priority"


_FORMS: dict[Deed, type[AnyForm]] = {
    Deed.ACCEPT: AcceptForm,
    Deed.HOLD: HoldForm,
    Deed.DECLINE: DeclineForm,
    Deed.PRIORITY: PriorityForm,
}
_DONE = {
    Deed.ACCEPT: "Accepted. Choose the laboratory next.",
    Deed.HOLD: "Held. The ward reads why on its page.",
    Deed.DECLINE: "Declined. The ward reads why and what to do instead.",
    Deed.PRIORITY: "Priority changed. The ward reads it on its page.",
}


@blueprint.get("/requests/<uuid:request_id>/triage", endpoint="request")
@needs(PERMISSION)
def decide_page(request_id: uuid.UUID) -> ResponseReturnValue:
    """The request with one thing to decide; `?do=` says which."""
    asked = http.args.get("do", "")
    deed = Deed(asked) if asked in set(Deed) else Deed.ACCEPT
    shown = request_view(request_id, current_actor())
    return _page(shown, deed, _form(shown, deed))


@blueprint.post("/requests/<uuid:request_id>/triage/accept")
@needs(PERMISSION)
def accept(request_id: uuid.UUID) -> ResponseReturnValue:
    """Accept tests; the laboratory is chosen next."""
    return _decide(request_id, Deed.ACCEPT)


@blueprint.post("/requests/<uuid:request_id>/triage/hold")
@needs(PERMISSION)
def hold(request_id: uuid.UUID) -> ResponseReturnValue:
    """Hold tests."""
    return _decide(request_id, Deed.HOLD)


@blueprint.post("/requests/<uuid:request_id>/triage/decline")
@needs(PERMISSION)
def decline(request_id: uuid.UUID) -> ResponseReturnValue:
    """Decline tests."""
    return _decide(request_id, Deed.DECLINE)


@blueprint.post("/requests/<uuid:request_id>/triage/priority")
@needs(PERMISSION)
def priority(request_id: uuid.UUID) -> ResponseReturnValue:
    """Give another priority."""
    return _decide(request_id, Deed.PRIORITY)


def _decide(request_id: uuid.UUID, deed: Deed) -> ResponseReturnValue:
    shown = request_view(request_id, current_actor())
    form = _form(shown, deed)
    if form.attempt(_deed(form, request_id)):
        flash(_DONE[deed], "done")
        if deed is Deed.ACCEPT:
            return see_other("routing.request", request_id=request_id)
        return see_other("routing.queue", at=request_id)
    stale = form.version_shown() != shown.version
    form.version.data = str(shown.version)
    return _page(shown, deed, form, stale=stale)


def _deed(form: AnyForm, request_id: uuid.UUID) -> Callable[[], bool]:
    def act() -> bool:
        actor = current_actor()
        typed = form.secret.data or "" if isinstance(form, PriorityForm) else ""
        proof = prove(typed, actor=actor)
        with unit_of_work():
            match form:
                case AcceptForm():
                    services.accept_tests(form.to_command(request_id), actor=actor)
                case HoldForm():
                    services.defer_tests(form.to_command(request_id), actor=actor)
                case DeclineForm():
                    services.decline_tests(form.to_command(request_id), actor=actor)
                case PriorityForm():
                    services.change_priority(form.to_command(request_id), actor=actor, proof=proof)
        return True

    return act


def _form(shown: RequestView, deed: Deed) -> AnyForm:
    form = _FORMS[deed]()
    if isinstance(form, PriorityForm):
        form.offer(shown, http.args.get("band", ""))
    else:
        form.offer(shown)
    return form


def _start(shown: RequestView, form: AnyForm) -> str:
    """What takes the focus: whatever is still to be said, else the button."""
    if isinstance(form, PriorityForm):
        wanted = form.band.data
        if not wanted:
            return "band"
        return "reason" if Band(wanted) > shown.band else "button"
    if not form.tests.data:
        return "tests" if isinstance(form, AcceptForm) else "reason"
    return "button" if isinstance(form, AcceptForm) else "reason"


def _page(
    shown: RequestView, deed: Deed, form: AnyForm, *, stale: bool = False
) -> ResponseReturnValue:
    if not isinstance(form, PriorityForm) and form.tests.choices:
        note_shown(shown.patient_id, Field.TESTS)
    page = render_template(
        "triage/request.html",
        shown=shown,
        deed=deed.value,
        start="" if form.refused else _start(shown, form),
        form=form,
        stale=stale,
        decisions=decisions_of(shown.id),
    )
    return page, HTTPStatus.CONFLICT if stale else form.status
