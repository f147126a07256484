"""Setting up the codes of one's phone; an administrator removes those of a lost one."""

from __future__ import annotations

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts import codes as own_codes
from lab_contingency.accounts import services
from lab_contingency.accounts import sign_in as signing
from lab_contingency.accounts.forms import AccountForm, CodeForm
from lab_contingency.accounts.rules import Permission
from lab_contingency.accounts.second_step import may_set_up_codes
from lab_contingency.accounts.views.blueprint import blueprint
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web import current_actor, needs, see_other, signed_in
from lab_contingency.printing.qr import qr_picture


@blueprint.route("/codes", methods=["GET", "POST"])
@signed_in
def codes() -> ResponseReturnValue:
    """Scan the square with the phone, then type its first code."""
    user_id, form = _own_id(), CodeForm()

    def act() -> bool:
        with unit_of_work():
            own_codes.confirm_codes(user_id, form.code.data or "", actor=current_actor())
            signing.note_code_given()
        signing.renew()
        return True

    if form.is_submitted() and form.attempt(act):
        flash("Set up. Your phone’s code is asked for from now on.", "done")
        return see_other("tracking.home")
    shown = own_codes.unconfirmed_secret(user_id)
    page = render_template(
        "accounts/codes.html",
        form=form,
        held=own_codes.has_codes(user_id),
        secret=_in_groups(shown[0]) if shown else "",
        picture=qr_picture(shown[1]) if shown else "",
    )
    return page, form.status


@blueprint.post("/codes/begin")
@signed_in
def begin_codes() -> ResponseReturnValue:
    """A fresh secret for the phone."""
    if not may_set_up_codes():
        raise NotFound("Codes are set up at an enrolled computer. Go to one and sign in there.")
    with unit_of_work():
        own_codes.begin_codes(_own_id(), actor=current_actor())
    return see_other("accounts.codes")


@blueprint.post("/accounts/<uuid:user_id>/codes/remove")
@needs(Permission.MANAGE_ACCOUNTS)
def remove_codes(user_id: uuid.UUID) -> ResponseReturnValue:
    """The phone was lost."""
    with unit_of_work():
        services.remove_codes(user_id, AccountForm().version_shown(), actor=current_actor())
    flash("Removed. They set up codes anew at the next sign-in.", "done")
    return see_other("accounts.user", user_id=user_id)


def _own_id() -> uuid.UUID:
    user_id = current_actor().user_id
    if user_id is None:
        raise NotFound
    return user_id


def _in_groups(secret: str) -> str:
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
