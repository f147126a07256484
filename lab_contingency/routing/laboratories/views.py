"""What every laboratory can do now. Pages of `network` change it."""

from __future__ import annotations

import uuid

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.web import may, needs
from lab_contingency.network.forms.fields import PressForm
from lab_contingency.network.queries.editing import laboratory_sheet
from lab_contingency.routing.laboratories.queries.overview import card, overview
from lab_contingency.routing.laboratories.queries.there import there

blueprint = Blueprint("laboratories", __name__)


@blueprint.get("/network", endpoint="overview")
@needs(Permission.SEE_NETWORK)
def all_laboratories() -> ResponseReturnValue:
    """Every laboratory: open, what it takes today, how it is reached."""
    return render_template(
        "laboratories/overview.html",
        view=overview(),
        may_change=may(Permission.MANAGE_NETWORK),
        may_route=may(Permission.TRIAGE_REQUESTS),
        may_plan=may(Permission.PLAN_QUEUE),
    )


@blueprint.get("/network/laboratories/<uuid:laboratory_id>")
@needs(Permission.SEE_NETWORK)
def laboratory(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """One laboratory: whom to ring, today, hours, menu, ways; and what stands there that it cannot do."""
    return render_template(
        "laboratories/laboratory.html",
        card=card(laboratory_id),
        may_change=may(Permission.MANAGE_NETWORK),
        may_route=may(Permission.TRIAGE_REQUESTS),
        may_plan=may(Permission.PLAN_QUEUE),
    )


@blueprint.get("/network/laboratories/<uuid:laboratory_id>/retiring")
@needs(Permission.MANAGE_NETWORK)
def retiring(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """Asks before a laboratory is retired, and says what stands there."""
    held = laboratory_sheet(laboratory_id)
    return render_template(
        "laboratories/retire.html",
        laboratory=held,
        there=there(laboratory_id),
        press=PressForm(formdata=None, version=held.version),
    )
