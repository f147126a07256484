"""Reading results, acknowledging them, printing the slip."""

from __future__ import annotations

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, may, needs, paper, see_other
from lab_contingency.requests.queries.looking import look_at
from lab_contingency.results import services
from lab_contingency.results.commands import Acknowledge
from lab_contingency.results.forms import AcknowledgeForm, SlipForm
from lab_contingency.results.queries.released import released_page
from lab_contingency.results.rules.slips import COPY_REASONS
from lab_contingency.results.views.pages import blueprint


@blueprint.get("/requests/<uuid:request_id>/results/read")
@needs(Permission.READ_RESULTS)
def read(request_id: uuid.UUID) -> ResponseReturnValue:
    """What is authorised, every amendment visible."""
    return _read_page(request_id, SlipForm(formdata=None))


@blueprint.post("/requests/<uuid:request_id>/results/acknowledgements")
@needs(Permission.ACKNOWLEDGE_RESULTS)
def acknowledge(request_id: uuid.UUID) -> ResponseReturnValue:
    """The results shown were read."""
    form = AcknowledgeForm()
    with unit_of_work():
        services.acknowledge(Acknowledge(request_id, form.shown()), actor=current_actor())
    flash("Noted that you read these results.", "done")
    return see_other("results.read", request_id=request_id)


@blueprint.post("/requests/<uuid:request_id>/slips")
@needs(Permission.PRINT_SLIPS)
def print_slip(request_id: uuid.UUID) -> ResponseReturnValue:
    """The slip, recorded in the same moment in which it is made."""
    form = SlipForm()

    def act() -> services.PrintedSlip:
        with unit_of_work():
            return services.print_slip(request_id, form.reason.data or "", actor=current_actor())

    printed = form.attempt(act)
    if printed is None:
        return _read_page(request_id, form)
    return paper(printed.pdf, f"slip-{printed.slip.number}")


def _read_page(request_id: uuid.UUID, form: SlipForm) -> ResponseReturnValue:
    page = released_page(request_id, current_actor())
    look = look_at(request_id, current_actor())
    acts = look is None  # a look shows, and lets nobody do anything
    body = render_template(
        "results/read.html",
        page=page,
        form=form,
        now=clock.now(),
        copy_reasons=COPY_REASONS,
        look=look,
        may_acknowledge=acts and may(Permission.ACKNOWLEDGE_RESULTS),
        may_amend=acts and may(Permission.ENTER_RESULTS),
        may_print=acts and may(Permission.PRINT_SLIPS),
    )
    return body, form.status
