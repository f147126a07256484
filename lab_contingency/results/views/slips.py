"""Slips by place: printed as a batch, carried, scanned on arrival. No identifier stands on this page."""

from __future__ import annotations

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, may, needs, paper, see_other
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.foundation.wording import and_text, count_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.results import services
from lab_contingency.results.forms import ArrivedForm
from lab_contingency.results.queries.deliveries import not_read, on_the_way, slips_to_print
from lab_contingency.results.views.pages import blueprint


@blueprint.get("/slips")
@needs(Permission.CARRY_SLIPS)
@refreshing("slips")
def slips() -> ResponseReturnValue:
    """What waits to be printed, what is on its way, what nobody read."""
    return _page(ArrivedForm(formdata=None))


@blueprint.post("/slips")
@needs(Permission.CARRY_SLIPS)
@refreshing("slips")
def slips_arrived() -> ResponseReturnValue:
    """Close the list or the slip that was scanned."""
    form = ArrivedForm()

    def act() -> services.Delivered:
        with unit_of_work():
            return services.deliver(form.number.data or "", actor=current_actor())

    done = form.attempt(act)
    if done is None:
        return _page(form)
    flash(f"{count_text(done.slips, 'slip')} arrived at {done.destination}.", "done")
    return see_other("results.slips")


@blueprint.post("/slips/places/<uuid:ward_id>")
@needs(Permission.CARRY_SLIPS)
def print_slips_of(ward_id: uuid.UUID) -> ResponseReturnValue:
    """Print every slip that waits for a place, its list in front."""
    with unit_of_work():
        printed = services.print_batch(ward_id, actor=current_actor())
    return _out(printed)


@blueprint.post("/slips/lists/<uuid:list_id>/again")
@needs(Permission.CARRY_SLIPS)
def print_list_again(list_id: uuid.UUID) -> ResponseReturnValue:
    """Print what of a list is not there, as copies."""
    with unit_of_work():
        printed = services.print_list_again(list_id, actor=current_actor())
    return _out(printed)


def _out(printed: services.PrintedBatch) -> ResponseReturnValue:
    if printed.skipped:
        numbers = and_text([grouped(number) for number in printed.skipped])
        flash(f"Not printed: {numbers}. Read these results out by telephone.", "error")
    return paper(printed.pdf, f"slips-{printed.delivery.number}")


def _page(form: ArrivedForm) -> ResponseReturnValue:
    actor = current_actor()
    page = render_template(
        "results/slips.html",
        form=form,
        places=slips_to_print(actor),
        ways=on_the_way(actor),
        unread=not_read(actor),
        may_read=may(Permission.READ_RESULTS),
        now=clock.now(),
    )
    return page, form.status
