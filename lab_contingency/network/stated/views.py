"""Own intervals and methods: the list, and a page for each."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.catalogue.services import state_interval
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.network.stated.forms import IntervalForm, MethodForm
from lab_contingency.network.stated.queries import history, menu_of, menu_test
from lab_contingency.network.stated.services import state_method
from lab_contingency.places.queries import laboratory

blueprint = Blueprint("stated", __name__)


def _laboratory_id() -> uuid.UUID:
    laboratory_id = current_actor().laboratory_id
    if laboratory_id is None:
        raise NotFound("Choose your laboratory role first: intervals belong to a laboratory.")
    return laboratory_id


@blueprint.get("/intervals")
@needs(Permission.STATE_INTERVALS)
def menu() -> ResponseReturnValue:
    """What this laboratory measures, how, and what it holds for normal."""
    laboratory_id = _laboratory_id()
    return render_template(
        "stated/menu.html", tests=menu_of(laboratory_id), place=laboratory(laboratory_id).name
    )


@blueprint.get("/intervals/analyte")
@needs(Permission.STATE_INTERVALS)
def interval() -> ResponseReturnValue:
    """State another interval of one analyte; all that was stated before stands below."""
    form = IntervalForm(formdata=None, analyte=request.args.get("code", ""))
    form.begin()
    return _interval_page(form)


@blueprint.post("/intervals/analyte")
@needs(Permission.STATE_INTERVALS)
def state() -> ResponseReturnValue:
    """A new row; the old ones stay."""
    form, laboratory_id = IntervalForm(), _laboratory_id()

    def act() -> bool:
        with unit_of_work():
            state_interval(form.to_command(laboratory_id), actor=current_actor())
        return True

    if form.attempt(act) is None:
        return _interval_page(form)
    flash("Stated. It stands beside results from that day on.", "done")
    return see_other("stated.interval", code=form.analyte.data)


def _interval_page(form: IntervalForm) -> ResponseReturnValue:
    held = history(_laboratory_id(), str(form.analyte.data or ""))
    return render_template("stated/interval.html", form=form, held=held), form.status


@blueprint.get("/intervals/method")
@needs(Permission.STATE_INTERVALS)
def method() -> ResponseReturnValue:
    """State the method of one test."""
    held = menu_test(_laboratory_id(), request.args.get("code", ""))
    form = MethodForm(formdata=None, test=held.test.code, method=held.method)
    return render_template("stated/method.html", form=form, held=held)


@blueprint.post("/intervals/method")
@needs(Permission.STATE_INTERVALS)
def change_method() -> ResponseReturnValue:
    """From now on."""
    form, laboratory_id = MethodForm(), _laboratory_id()

    def act() -> bool:
        with unit_of_work():
            state_method(form.to_command(laboratory_id), actor=current_actor())
        return True

    if form.attempt(act) is None:
        held = menu_test(laboratory_id, str(form.test.data or ""))
        return render_template("stated/method.html", form=form, held=held), form.status
    flash("Stated. Results typed from now on keep this method.", "done")
    return see_other("stated.menu")
