"""Emergency envelopes: opening one, printing a sheet, acknowledging what was opened."""

from __future__ import annotations

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts import emergencies, guesses, queries
from lab_contingency.accounts import sign_in as signing
from lab_contingency.accounts.devices import this_device
from lab_contingency.accounts.forms import EmergencyForm
from lab_contingency.accounts.rules import Permission
from lab_contingency.accounts.views.blueprint import blueprint
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web import (
    LabForm,
    current_actor,
    needs,
    paper,
    public,
    see_other,
)
from lab_contingency.foundation.wording import full_time_text
from lab_contingency.places.queries import laboratories, sites
from lab_contingency.printing.emergency_sheet import EmergencySheet, emergency_sheet_pdf


@blueprint.route("/emergency", methods=["GET", "POST"])
@public
def emergency() -> ResponseReturnValue:
    """Open an envelope: for an hour, with a reason, seen by every administrator."""
    form = EmergencyForm()
    form.offer(sites(), laboratories())

    if form.is_submitted() and form.attempt(lambda: _open(form)):
        flash("You are in for 60 minutes. Every administrator sees it.", "done")
        return see_other("tracking.home")
    return render_template("accounts/emergency.html", form=form), form.status


def _open(form: EmergencyForm) -> bool:
    here, address = this_device(), request.remote_addr or ""
    device_id = here.id if here else None
    charged = guesses.charge(guesses.budgets("envelope", device_id, address), field="code")
    try:
        with unit_of_work():
            grant_id = emergencies.open_envelope(
                form.to_command(), device_id=device_id, address=address
            )
    except RuleBroken as broken:
        if broken.field == "code":
            guesses.note_refused("envelope")
        raise
    guesses.give_back(charged)
    signing.lock()  # whoever sat here before is gone
    signing.start(grant_id, emergency=True)
    return True


@blueprint.get("/emergency-codes")
@needs(Permission.MANAGE_ACCOUNTS)
def emergency_codes() -> ResponseReturnValue:
    """How many envelopes are left, and what was opened."""
    return render_template(
        "accounts/emergency_codes.html",
        left=queries.envelopes_left(),
        opened=queries.open_emergencies(),
        now=clock.now(),
        form=LabForm(formdata=None),
    )


@blueprint.post("/emergency-codes")
@needs(Permission.MANAGE_ACCOUNTS)
def print_envelopes() -> ResponseReturnValue:
    """A sheet of five, shown once, in the answer itself."""
    actor = current_actor()
    with unit_of_work():
        sheet, codes = emergencies.print_envelopes(actor=actor)
        printed = f"Printed {full_time_text(clock.now())} by {actor.name}."
        pdf = emergency_sheet_pdf(
            EmergencySheet(sheet, codes, printed, test_mark=node.this_node().demonstration)
        )
    return paper(pdf, f"emergency-codes-{sheet}")


@blueprint.post("/emergencies/<uuid:entry_id>/acknowledge")
@needs(Permission.MANAGE_ACCOUNTS)
def acknowledge_emergency(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Looked at: it leaves everybody's pages."""
    with unit_of_work():
        emergencies.acknowledge_entry(entry_id, actor=current_actor())
    return see_other("accounts.emergency_codes")
