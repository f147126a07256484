"""Handing over a shift: what is open, and the sheet with the anchor."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, paper
from lab_contingency.oversight import services
from lab_contingency.oversight.forms import HandOverForm
from lab_contingency.oversight.queries.handing_over import stages
from lab_contingency.oversight.views.pages import blueprint


@blueprint.get("/hand-over")
@needs(Permission.HAND_OVER)
def hand_over() -> ResponseReturnValue:
    """What stands at each stage now, in numbers."""
    return _page(HandOverForm(formdata=None))


@blueprint.post("/hand-over")
@needs(Permission.HAND_OVER)
def print_hand_over() -> ResponseReturnValue:
    """The sheet to sign, with the anchor of a checkpoint made now."""
    form = HandOverForm()

    def act() -> bytes:
        with unit_of_work():
            return services.hand_over_shift(form.to_command(), actor=current_actor())

    pdf = form.attempt(act)
    return paper(pdf, "hand-over") if pdf else _page(form)


def _page(form: HandOverForm) -> ResponseReturnValue:
    page = render_template(
        "oversight/hand_over.html", form=form, stages=stages(current_actor()), now=clock.now()
    )
    return page, form.status
