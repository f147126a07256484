"""The page of whoever chases: what partner laboratories have not sent back."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.transport.chasing import services
from lab_contingency.transport.chasing.forms import CallForm
from lab_contingency.transport.chasing.queries import PartnerList, chasing, partner
from lab_contingency.transport.chasing.rules import promise_words

blueprint = Blueprint("chasing", __name__)


@blueprint.get("/not-back")
@needs(Permission.CHASE_REFERRALS)
@refreshing("not back")
def not_back() -> ResponseReturnValue:
    """Partner by partner: what is not back, whom to ring, what was said."""
    partners = chasing(current_actor())
    return render_template("chasing/not_back.html", partners=partners, now=clock.now())


@blueprint.get("/not-back/<uuid:partner_id>")
@needs(Permission.CHASE_REFERRALS)
def call(partner_id: uuid.UUID) -> ResponseReturnValue:
    """One partner: what to ask about, and the call to note; what is to be rung about is ticked."""
    held = partner(partner_id, current_actor())
    ticked = [str(row.request_id) for row in held.rows if row.to_ring]
    return _page(held, _form(held, None, requests=ticked))


def _form(held: PartnerList, formdata: MultiDict[str, str] | None, **values: list[str]) -> CallForm:
    form = CallForm(formdata=formdata, **values)
    form.offer(row.request_id for row in held.rows)
    return form


def _page(held: PartnerList, form: CallForm) -> ResponseReturnValue:
    page = render_template("chasing/call.html", partner=held, form=form, now=clock.now())
    return page, form.status


@blueprint.post("/not-back/<uuid:partner_id>")
@needs(Permission.CHASE_REFERRALS)
def note_call(partner_id: uuid.UUID) -> ResponseReturnValue:
    """Note that the partner was rung."""
    held = partner(partner_id, current_actor())
    form = _form(held, request.form)

    def act() -> dt.datetime:
        with unit_of_work():
            return services.note_call(form.to_command(partner_id), actor=current_actor())

    ring_at = form.attempt(act)
    if ring_at is None:
        return _page(held, form)
    flash(f"{_noted(held, form)} It comes back to the top at {near_time_text(ring_at)}.", "done")
    return see_other("chasing.not_back")


def _noted(held: PartnerList, form: CallForm) -> str:
    promised = form.to_command(held.id).expected_at
    if promised is None:
        return "Noted."
    due = [row.due_at for row in held.rows if form.ticked(row.request_id)]
    return f"Noted: {promise_words(clock.now(), promised, min(due, default=None))}."
