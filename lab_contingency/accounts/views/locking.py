"""Locking and coming back by PIN; what a person does before anything else."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts import drafts, queries, shifts
from lab_contingency.accounts import sign_in as signing
from lab_contingency.accounts.devices import this_device
from lab_contingency.accounts.forms import ComeBackForm, PinForm
from lab_contingency.accounts.views.blueprint import blueprint
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, public, see_other, signed_in
from lab_contingency.foundation.web.paths import own_path

# What somebody may do who still has something to do first.
_ALWAYS = {
    "accounts.begin_codes",
    "accounts.codes",
    "accounts.lock",
    "accounts.passphrase",
    "accounts.pin",
    "accounts.sign_out",
    "accounts.still_here",
    "static",
}


@blueprint.before_app_request
def _first_things_first() -> ResponseReturnValue | None:
    """A one-time secret, missing codes or a missing PIN open one page only; others note the use."""
    if request.endpoint in {None, "static"}:
        return None
    person = signing.person_signed_in()
    if person is None:
        return None
    if _is_use():
        signing.touch()
    if person.must and request.endpoint not in _ALWAYS:
        return see_other(person.must)
    return None


def _is_use() -> bool:
    """A list that fetches itself anew is not somebody who sits there."""
    return not (request.method == "GET" and request.headers.get("HX-Request"))


@blueprint.post("/still-here")
@signed_in
def still_here() -> ResponseReturnValue:
    """Somebody types or reads at this screen."""
    return "", 204


@blueprint.post("/lock")
@public
def lock() -> ResponseReturnValue:
    """End the sign-in here; the person comes back by PIN. A half-filled card is kept for them."""
    person = signing.person_signed_in()
    text = request.form.get("draft", "")
    if person is not None and text:
        with unit_of_work():
            drafts.keep_draft(request.form.get("draft_of", ""), text, actor=person.actor)
    signing.lock(own_path(request.form.get("resume", "")))
    return see_other("accounts.locked")


@blueprint.get("/locked")
@public
def locked() -> ResponseReturnValue:
    """Who has locked this computer, to come back with six digits."""
    if signing.person_signed_in() is not None:
        return see_other("tracking.home")
    return _locked_page(ComeBackForm(formdata=None))


@blueprint.post("/locked")
@public
def come_back() -> ResponseReturnValue:
    """A name of the list and its PIN."""
    form = ComeBackForm()
    form.offer(_people())

    def act() -> str:
        shift_id = uuid.UUID(form.shift.data)
        shifts.check_pin(shift_id, (form.pin.data or "").strip(), field="pin")
        _, resume = signing.come_back(shift_id)
        return resume or "/"

    path = form.attempt(act)
    return redirect(own_path(path) or "/", code=303) if path else _locked_page(form)


def _people() -> tuple[queries.LockedPerson, ...]:
    here = this_device()
    return queries.locked_here(here.id if here else None)


def _locked_page(form: ComeBackForm) -> ResponseReturnValue:
    people = _people()
    if not people:
        for sentence in form.pin.errors:
            flash(str(sentence), "error")
        return see_other("accounts.sign_in")
    form.offer(people)
    page = render_template("accounts/locked.html", form=form, people=people, here=this_device())
    return page, form.status


@blueprint.route("/pin", methods=["GET", "POST"])
@signed_in
def pin() -> ResponseReturnValue:
    """Choose six digits for this shift at this computer."""
    form = PinForm()

    def act() -> bool:
        with unit_of_work():
            shifts.choose_pin(form.pin.data or "", actor=current_actor())
        signing.renew()
        return True

    if form.is_submitted() and form.attempt(act):
        flash("Your PIN opens this computer until the end of your shift.", "done")
        return see_other("tracking.home")
    return render_template("accounts/pin.html", form=form, here=this_device()), form.status
