"""Where one is signed in oneself, and ending all of it but here."""

from __future__ import annotations

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts import queries, reauth, stopping
from lab_contingency.accounts.forms import EndMineForm
from lab_contingency.accounts.views.blueprint import blueprint
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, see_other, signed_in
from lab_contingency.foundation.wording import count_text


@blueprint.get("/signed-in/mine")
@signed_in
def my_sign_ins() -> ResponseReturnValue:
    """Every place where the person is signed in now."""
    return _page(EndMineForm(formdata=None))


@blueprint.post("/signed-in/mine/end")
@signed_in
def end_my_sign_ins() -> ResponseReturnValue:
    """End all of them but this one, with the PIN or passphrase."""
    form = EndMineForm()

    def act() -> str:
        actor = current_actor()
        proof = reauth.prove(form.secret.data or "", actor=actor)
        with unit_of_work():
            ended = stopping.end_my_sign_ins(actor=actor, proof=proof)
        return _said(ended)

    sentence = form.attempt(act)
    if sentence is None:
        return _page(form)
    flash(sentence, "done")
    return see_other("accounts.my_sign_ins")


def _said(ended: int) -> str:
    if not ended:
        return "You are signed in nowhere else."
    many = count_text(ended, "other sign-in", "other sign-ins")
    return f"{many} ended. Change your passphrase if one of them was not yours."


def _page(form: EndMineForm) -> ResponseReturnValue:
    actor = current_actor()
    rows = queries.sign_ins_of(actor.user_id) if actor.user_id else ()
    page = render_template("accounts/my_sign_ins.html", rows=rows, own=actor.sign_in_id, form=form)
    return page, form.status
