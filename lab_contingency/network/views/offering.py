"""What a laboratory offers: menu, hours, room by the hour."""

from __future__ import annotations

import uuid

from flask import render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web import current_actor, needs
from lab_contingency.network import services
from lab_contingency.network.forms.fields import PressForm, filling
from lab_contingency.network.forms.offering import CopyMenuForm, MenuLineForm, capacity_form
from lab_contingency.network.forms.weeks import WEEK, HoursForm
from lab_contingency.network.queries.editing import (
    LaboratorySheet,
    MenuRow,
    capacity_of,
    laboratory_sheet,
    menu_of,
    spells_of,
)
from lab_contingency.network.queries.places import laboratories_with_menu
from lab_contingency.network.rules import ALTERNATIVES, HOURS, price_text, spells_text
from lab_contingency.network.telling import changing_the_network
from lab_contingency.network.views.shared import back_to_laboratory, blueprint, saves


@blueprint.get("/network/laboratories/<uuid:laboratory_id>/menu")
@needs(Permission.MANAGE_NETWORK)
def menu(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """Its lines to change, and the tests that are not on it, to add."""
    return _menu_page(laboratory_sheet(laboratory_id), None)


def _menu_page(place: LaboratorySheet, copying: CopyMenuForm | None) -> ResponseReturnValue:
    lines = menu_of(place.id)
    held = {line.test_code for line in lines}
    missing = {
        one.words: [test for test in catalogue().tests.values() if test.discipline is one and test.code not in held]
        for one in Discipline
    }  # fmt: skip
    form = copying or _copy_form(place, formdata=None)
    page = render_template(
        "network/menu.html",
        laboratory=place,
        lines=lines,
        missing={words: tests for words, tests in missing.items() if tests},
        form=form,
        press=PressForm(formdata=None, version=place.version),
    )
    return page, form.status


def _copy_form(place: LaboratorySheet, **keys: None) -> CopyMenuForm:
    form = CopyMenuForm(version=place.version, **keys)
    form.offer((key, name) for key, name in laboratories_with_menu() if key != place.id)
    return form


@blueprint.post("/network/laboratories/<uuid:laboratory_id>/menu/copy")
@needs(Permission.MANAGE_NETWORK)
def copy_menu(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """Add every line of another laboratory's menu that this one lacks."""
    form = _copy_form(laboratory_sheet(laboratory_id))
    if saves(
        form,
        lambda: services.copy_menu(
            laboratory_id, uuid.UUID(form.source.data), form.version_shown(), actor=current_actor()
        ),
    ):
        return back_to_laboratory(laboratory_id, "Its menu has those lines now. Change what it does otherwise.")  # fmt: skip
    now = laboratory_sheet(laboratory_id)
    form.catch_up(now.version)
    return _menu_page(now, form)


@blueprint.route(
    "/network/laboratories/<uuid:laboratory_id>/menu/<string:test_code>", methods=["GET", "POST"]
)
@needs(Permission.MANAGE_NETWORK)
def menu_line(laboratory_id: uuid.UUID, test_code: str) -> ResponseReturnValue:
    """One test as this laboratory does it: put on its menu, or changed."""
    place, known = laboratory_sheet(laboratory_id), catalogue()
    if test_code not in known.tests:
        raise NotFound
    held = next((line for line in menu_of(laboratory_id) if line.test_code == test_code), None)
    analytes = known.analytes_of(test_code)
    form = MenuLineForm(version=place.version, **_line_shown(held, [one.code for one in analytes]))
    form.offer((one.code, f"{one.name} ({one.code})") for one in analytes)
    act = services.change_menu_line if held else services.add_menu_line
    if saves(
        form,
        lambda: act(
            laboratory_id, form.to_command(test_code), form.version_shown(), actor=current_actor()
        ),
    ):
        return back_to_laboratory(laboratory_id, "Its menu is changed.")
    now = laboratory_sheet(laboratory_id)
    form.catch_up(now.version)
    page = render_template(
        "network/menu_line.html",
        form=form,
        laboratory=now,
        test=known.tests[test_code],
        held=held,
        press=PressForm(formdata=None, version=now.version),
    )
    return page, form.status


def _line_shown(held: MenuRow | None, analytes: list[str]) -> dict[str, object]:
    """What stands; for a new line all that the test reports, except where there is a choice to make."""
    if held is None:
        choices = frozenset().union(*ALTERNATIVES)
        return {"analytes": [code for code in analytes if code not in choices]}
    return {
        "turnaround": str(int(held.turnaround.total_seconds() // 60)),
        "method": held.method,
        "price": price_text(held.price_pence).removeprefix("£"),
        "analytes": list(held.analytes),
    }


@blueprint.post("/network/laboratories/<uuid:laboratory_id>/menu/<string:test_code>/remove")
@needs(Permission.MANAGE_NETWORK)
def remove_menu_line(laboratory_id: uuid.UUID, test_code: str) -> ResponseReturnValue:
    """The laboratory does this test no more."""
    with changing_the_network():
        services.remove_menu_line(
            laboratory_id, test_code, PressForm().version_shown(), actor=current_actor()
        )
    return back_to_laboratory(laboratory_id, "Taken off its menu.")


@blueprint.route("/network/laboratories/<uuid:laboratory_id>/hours", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def hours(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """When it is open, day by day."""
    place, held = laboratory_sheet(laboratory_id), spells_of(laboratory_id)
    shown = {WEEK[day]: spells_text(spells) for day, spells in held.items()}
    form = HoursForm(version=place.version, **shown)
    if filling(form, request.form):
        form.fill()
    elif saves(
        form, lambda: services.set_hours(form.to_command(laboratory_id), actor=current_actor())
    ):
        return back_to_laboratory(laboratory_id, "Its hours are changed.")
    else:
        form.catch_up(laboratory_sheet(laboratory_id).version)
    return render_template("network/hours.html", form=form, laboratory=place), form.status


@blueprint.route("/network/laboratories/<uuid:laboratory_id>/capacity", methods=["GET", "POST"])
@needs(Permission.MANAGE_NETWORK)
def capacity(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """Tests an hour: disciplines down, hours across."""
    place = laboratory_sheet(laboratory_id)
    form = capacity_form(capacity_of(laboratory_id), place.version)
    if filling(form, request.form):
        form.fill()
    elif saves(
        form, lambda: services.set_capacity(form.to_command(laboratory_id), actor=current_actor())
    ):
        return back_to_laboratory(laboratory_id, "Its tests an hour are changed.")
    else:
        form.catch_up(laboratory_sheet(laboratory_id).version)
    page = render_template(
        "network/capacity.html",
        form=form,
        laboratory=place,
        rows=[(one.words, [form.box(one, hour) for hour in range(HOURS)]) for one in Discipline],
    )
    return page, form.status
