"""Pages of incidents: what is declared, and what is offered today."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, may, needs, see_other
from lab_contingency.incidents import queries, services
from lab_contingency.incidents.forms import (
    BlockForm,
    DeclareForm,
    MessageForm,
    OfferAllTheSameForm,
    StopForm,
)
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.queries import sites

blueprint = Blueprint("incidents", __name__)


@blueprint.get("/incident")
@needs(Permission.SEE_INCIDENT)
def incident() -> ResponseReturnValue:
    """The open incident; the coordinator declares one or changes its message here."""
    return _incident_page(DeclareForm(formdata=None), _message_form())


def _message_form() -> MessageForm:
    held = queries.open_incident()
    shown = {"version": held.version, "message": held.message} if held else {}
    return MessageForm(formdata=None, **shown)


def _incident_page(declare_form: DeclareForm, message_form: MessageForm) -> ResponseReturnValue:
    page = render_template(
        "incidents/incident.html",
        incident=queries.open_incident(),
        declare_form=declare_form,
        message_form=message_form,
        may_declare=may(Permission.DECLARE_INCIDENT),
    )
    return page, max(declare_form.status, message_form.status)


@blueprint.post("/incident/declare")
@needs(Permission.DECLARE_INCIDENT)
def declare() -> ResponseReturnValue:
    """Say that the main system is gone."""
    form = DeclareForm()

    def act() -> uuid.UUID:
        with unit_of_work():
            return services.declare_incident(form.to_command(), actor=current_actor())

    if form.attempt(act) is None:
        return _incident_page(form, _message_form())
    flash("Declared. Cards can be sent from now on.", "done")
    return see_other("incidents.incident")


@blueprint.post("/incident/message")
@needs(Permission.DECLARE_INCIDENT)
def change_message() -> ResponseReturnValue:
    """Another message on every page."""
    held = queries.open_incident()
    form = MessageForm(message=held.message if held else "")

    def act() -> bool:
        with unit_of_work():
            services.change_message(
                form.message.data or "", form.version_shown(), actor=current_actor()
            )
        return True

    if form.attempt(act) is None:
        form.catch_up(held.version if held else 0)
        return _incident_page(DeclareForm(formdata=None), form)
    flash("The message is changed on every page.", "done")
    return see_other("incidents.incident")


@blueprint.route("/numbers", methods=["GET", "POST"])
@needs(Permission.ISSUE_NUMBERS)
def numbers() -> ResponseReturnValue:
    """The books of the numbers, the blocks of other servers, and the form for another block."""
    form = BlockForm()
    form.offer(sites())

    def act() -> services.IssuedBlock:
        with unit_of_work():
            return services.issue_for_server(form.to_command(), actor=current_actor())

    made = form.attempt(act) if form.is_submitted() else None
    if made is not None:
        ends = grouped(made.numbers[0]), grouped(made.numbers[-1])
        flash(
            f"Taken: {ends[0]} to {ends[1]}. Give them to that server, and to nobody else.", "done"
        )
        return see_other("incidents.numbers")
    page = render_template(
        "incidents/numbers.html",
        form=form,
        counts=queries.number_counts(),
        blocks=queries.server_blocks(),
    )
    return page, form.status


@blueprint.get("/menu")
@needs(Permission.SEE_INCIDENT)
def menu() -> ResponseReturnValue:
    """Today's menu by discipline; the coordinator stops a test or offers it again."""
    return _menu_page()


def _stop_form(**keys: None) -> StopForm:
    form = StopForm(**keys)
    groups = ((group.words, group.offered) for group in queries.todays_menu())
    form.offer(
        (words, [(test.code, test.name) for test in tests]) for words, tests in groups if tests
    )
    return form


def _arranging_form(**keys: None) -> OfferAllTheSameForm:
    form = OfferAllTheSameForm(**keys)
    lines = queries.not_to_be_bled()
    form.offer({line.test.code: line.test.name for line in lines}.items())
    return form


def _menu_page(
    form: StopForm | None = None, arranging: OfferAllTheSameForm | None = None
) -> ResponseReturnValue:
    form, arranging = form or _stop_form(formdata=None), arranging or _arranging_form(formdata=None)
    page = render_template(
        "incidents/menu.html",
        menu=queries.todays_menu(current_actor().site_id),
        incident=queries.open_incident(),
        form=form,
        arranging=arranging,
        may_set=may(Permission.SET_MENU),
    )
    return page, max(form.status, arranging.status)


@blueprint.post("/menu/stop")
@needs(Permission.SET_MENU)
def stop() -> ResponseReturnValue:
    """Take a test off today's menu."""
    form = _stop_form()

    def act() -> uuid.UUID:
        with unit_of_work():
            return services.stop_test(form.to_command(), actor=current_actor())

    if form.attempt(act) is None:
        return _menu_page(form)
    flash("Off the menu. The card says why from now on.", "done")
    return see_other("incidents.menu")


@blueprint.post("/menu/<string:test_code>/offer")
@needs(Permission.SET_MENU)
def offer(test_code: str) -> ResponseReturnValue:
    """Put a test back on today's menu."""
    with unit_of_work():
        services.offer_test(test_code, actor=current_actor())
    flash("Offered again.", "done")
    return see_other("incidents.menu")


@blueprint.post("/menu/offer-all-the-same")
@needs(Permission.SET_MENU)
def offer_all_the_same() -> ResponseReturnValue:
    """Offer a test although routing finds nobody who can do it."""
    form = _arranging_form()

    def act() -> uuid.UUID:
        with unit_of_work():
            return services.offer_all_the_same(form.to_command(), actor=current_actor())

    if form.attempt(act) is None:
        return _menu_page(arranging=form)
    flash("Offered all the same. The card takes it from now on.", "done")
    return see_other("incidents.menu")
