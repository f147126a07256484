"""Telephoning critical results."""

from __future__ import annotations

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.reauth import prove
from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, paper, see_other
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.results import services
from lab_contingency.results.forms import CallForm, NoCallForm
from lab_contingency.results.queries.calls import call_page, open_calls
from lab_contingency.results.views.pages import blueprint


@blueprint.get("/calls")
@needs(Permission.TELEPHONE_CRITICALS)
@refreshing("calls")
def calls() -> ResponseReturnValue:
    """Whom to ring, the first due first."""
    rows = open_calls(current_actor())
    return render_template("results/calls.html", rows=rows, now=clock.now())


@blueprint.post("/calls/sheets")
@needs(Permission.TELEPHONE_CRITICALS)
def print_calls() -> ResponseReturnValue:
    """The list on paper, and a sheet for each call, for when screens are down."""
    with unit_of_work():
        pdf = services.print_call_sheets(actor=current_actor())
    return paper(pdf, "call-sheets")


@blueprint.get("/calls/<uuid:call_id>")
@needs(Permission.TELEPHONE_CRITICALS)
def call(call_id: uuid.UUID) -> ResponseReturnValue:
    """One call with what to say."""
    return _call_page(call_id, CallForm(formdata=None), NoCallForm(formdata=None))


@blueprint.post("/calls/<uuid:call_id>")
@needs(Permission.TELEPHONE_CRITICALS)
def record_call(call_id: uuid.UUID) -> ResponseReturnValue:
    """Record the call; it leaves the list only when the read-back agrees."""
    form = CallForm()

    def act() -> bool:
        actor = current_actor()
        proof = prove(form.secret.data or "", actor=actor)
        with unit_of_work():
            services.record_call(form.recorded(call_id), actor=actor, proof=proof)
        return True

    if not form.attempt(act):
        return _call_page(call_id, form, NoCallForm(formdata=None))
    flash("Recorded. The call is off the list.", "done")
    return see_other("results.calls")


@blueprint.post("/calls/<uuid:call_id>/attempts")
@needs(Permission.TELEPHONE_CRITICALS)
def attempt(call_id: uuid.UUID) -> ResponseReturnValue:
    """Nobody was told; the call stays."""
    form = CallForm()

    def act() -> bool:
        command = form.attempted(call_id, request.form.get("outcome", ""))
        with unit_of_work():
            services.record_failed_attempt(command, actor=current_actor())
        return True

    if not form.attempt(act):
        return _call_page(call_id, form, NoCallForm(formdata=None))
    flash("Noted. The call stays on the list.", "done")
    return see_other("results.call", call_id=call_id)


@blueprint.post("/calls/<uuid:call_id>/not-needed")
@needs(Permission.TELEPHONE_CRITICALS)
def no_call(call_id: uuid.UUID) -> ResponseReturnValue:
    """Nobody needs to be rung, and why."""
    form = NoCallForm()

    def act() -> bool:
        with unit_of_work():
            services.close_without_call(form.to_command(call_id), actor=current_actor())
        return True

    if not form.attempt(act):
        return _call_page(call_id, CallForm(formdata=None), form)
    flash("Recorded with your reason. The call is off the list.", "done")
    return see_other("results.calls")


def _call_page(call_id: uuid.UUID, form: CallForm, no_call_form: NoCallForm) -> ResponseReturnValue:
    page = call_page(call_id, current_actor())
    body = render_template(
        "results/call.html", page=page, form=form, no_call_form=no_call_form, now=clock.now()
    )
    return body, max(form.status, no_call_form.status)
