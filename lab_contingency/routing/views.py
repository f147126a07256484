"""The queue, and the choice of laboratories for one request."""

from __future__ import annotations

import secrets
import uuid
from functools import lru_cache
from http import HTTPStatus

from flask import Blueprint, flash, get_template_attribute, render_template
from flask import request as http
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.sealing import forgotten_when_sealed
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.disclosure import list_variant, refreshing
from lab_contingency.foundation.web.pieces import Piece, joined, piece
from lab_contingency.foundation.wording import count_text
from lab_contingency.routing import services
from lab_contingency.routing.commands import ChooseLaboratories, Routed
from lab_contingency.routing.forms import (
    AcceptChosenForm,
    AcceptForm,
    ChoosingForm,
    choosing_form,
)
from lab_contingency.routing.queries.choosing import RoutingView, choosing
from lab_contingency.routing.queries.heads import queue_heads
from lab_contingency.routing.queries.queue import QueueView, change_token
from lab_contingency.routing.queries.queue import queue as queue_view
from lab_contingency.routing.queries.rows import QueueRow
from lab_contingency.routing.queries.snapshot import snapshot
from lab_contingency.routing.queries.waiting import Filter, Show

blueprint = Blueprint("routing", __name__)

OVERDUE = "overdue"


@blueprint.get("/queue")
@needs(Permission.TRIAGE_REQUESTS)
@refreshing("queue")
def queue() -> ResponseReturnValue:
    """Everything open, most pressing first; `?at=` puts the focus on that row, or on what is overdue."""
    return _queue_page(AcceptChosenForm(formdata=None))


def _queue_page(form: AcceptChosenForm) -> ResponseReturnValue:
    chosen = _filter()
    view = queue_view(current_actor(), chosen)
    page = render_template(
        "routing/queue.html",
        view=view,
        rows=_rows(view, _focus(view), form.ticked()),
        heads=queue_heads(view, chosen),
        chosen=chosen,
        form=form,
    )
    return page, form.status


def _focus(view: QueueView) -> uuid.UUID | None:
    """The row that has the focus: the one named, or the first that is overdue."""
    if http.args.get("at") == OVERDUE:
        return next((row.id for row in view.rows if row.overdue), None)
    return http.args.get("at", type=uuid.UUID)


@blueprint.get("/queue/rows")
@needs(Permission.TRIAGE_REQUESTS)
@refreshing("queue")
def queue_rows() -> ResponseReturnValue:
    """The rows again, or 204 while what was seen still stands."""
    chosen = _filter()
    if http.args.get("seen") == change_token(current_actor(), chosen):
        return "", HTTPStatus.NO_CONTENT
    view = queue_view(current_actor(), chosen)
    return render_template(
        "routing/queue_live.html",
        view=view,
        rows=_rows(view),
        heads=queue_heads(view, chosen),
        chosen=chosen,
    )


# Stands in a row for the token of its form, which is the sign-in's own; nobody can have typed it.
_TOKEN = secrets.token_hex(16)
_ROWS_KEPT = 4096


def _rows(
    view: QueueView, focused: uuid.UUID | None = None, ticked: frozenset[str] = frozenset()
) -> Piece:
    """The rows as HTML. One that has the focus or is ticked is drawn for this answer alone."""
    if focused is None and not ticked:
        rows = _all_rows(view)
    else:
        rows = joined(_marked(row, focused, ticked) for row in view.rows)
    return rows.filled(_TOKEN, generate_csrf())


def _marked(row: QueueRow, focused: uuid.UUID | None, ticked: frozenset[str]) -> Piece:
    has_focus, is_ticked = row.id == focused, str(row.id) in ticked
    if not has_focus and not is_ticked:
        return _row(row)
    return piece(lambda: _drawn(row, focused=has_focus, ticked=is_ticked))


@forgotten_when_sealed
@lru_cache(maxsize=8)
def _all_rows(view: QueueView) -> Piece:
    """As long as nothing changes and no minute passes, the list is the same object."""
    return joined(_row(row) for row in view.rows)


@forgotten_when_sealed
@lru_cache(maxsize=_ROWS_KEPT)
def _row(row: QueueRow) -> Piece:
    """By all that the row says: whatever changed elsewhere, an unchanged row is not drawn again."""
    return piece(lambda: _drawn(row))


def _drawn(row: QueueRow, *, focused: bool = False, ticked: bool = False) -> str:
    draw = get_template_attribute("routing/queue_row.html", "queue_row")
    return str(draw(row, _TOKEN, focused=focused, ticked=ticked))


@blueprint.post("/queue/<uuid:request_id>/accept")
@needs(Permission.TRIAGE_REQUESTS)
def accept(request_id: uuid.UUID) -> ResponseReturnValue:
    """Accept what waits and send it where it is suggested; 409 for a row seen too long ago."""
    form = AcceptForm()
    with unit_of_work():
        routed = services.accept_and_assign(request_id, form.version_shown(), actor=current_actor())
    flash(*_said(routed))
    return see_other("routing.queue", at=request_id)


@blueprint.post("/queue/accept")
@needs(Permission.TRIAGE_REQUESTS)
def accept_chosen() -> ResponseReturnValue:
    """Accept the ticked rows; those that cannot be are told one by one and stay ticked."""
    form = AcceptChosenForm()
    done = form.attempt(lambda: _accept_chosen(form))
    if done is None:
        return _queue_page(form)
    problems = _problems(done)
    if done.routed:
        flash(f"Accepted {count_text(len(done.routed), 'request')}.", "done")
    if not problems:
        return see_other("routing.queue", **_query(_filter()))
    form.form_errors.extend(problems)
    form.chosen.data = [f"{each}:" for each in done.refused]
    return _queue_page(form)


def _accept_chosen(form: AcceptChosenForm) -> services.AcceptedTogether:
    with unit_of_work():
        return services.accept_chosen(form.to_command(), actor=current_actor())


def _problems(done: services.AcceptedTogether) -> list[str]:
    """A sentence for each row that was refused, or that nobody can do, with whose it is."""
    said = dict(done.refused)
    said |= {each: _said(routed)[0] for each, routed in done.routed.items() if routed.nobody}
    if not said:
        return []
    rows = {row.id: row for row in queue_view(current_actor(), _filter()).rows}
    return [f"{_whose(rows.get(each))}: {why}" for each, why in said.items()]


def _whose(row: QueueRow | None) -> str:
    if row is None:
        return "A row you chose"
    patient = row.patient
    return f"{patient.surname} {patient.forenames}, {patient.born}"


def _said(routed: Routed) -> tuple[str, str]:
    places = snapshot().laboratories
    names = ", ".join(sorted({places[place].name for place in routed.assigned.values()}))
    if routed.nobody:
        left = "; ".join(f"{code}: {why}" for code, why in routed.nobody.items())
        start = f"Accepted for {names}. " if names else "Accepted. "
        return f"{start}Nobody can do {left}. Hold or decline it, or choose again later.", "error"
    return f"Accepted for {names}.", "done"


def _filter() -> Filter:
    """What the address asks to see; anything not understood means everything."""
    chosen = _understood()
    if chosen != Filter():
        site = chosen.site_id.hex if chosen.site_id else ""
        list_variant(f"{chosen.show.value} {site} {'whole' if chosen.whole else ''}".strip())
    return chosen


def _understood() -> Filter:
    show = http.args.get("show", Show.ALL.value)
    site = http.args.get("site", type=uuid.UUID)
    whole = "whole" in http.args
    if show not in set(Show) or (show == Show.SITE and site is None):
        return Filter(whole=whole)
    return Filter(Show(show), site if show == Show.SITE else None, whole)


def _query(chosen: Filter) -> dict[str, str]:
    """The same filter as an address says it."""
    query = {"show": chosen.show.value} if chosen.show is not Show.ALL else {}
    query |= {"site": str(chosen.site_id)} if chosen.site_id else {}
    return query | ({"whole": "1"} if chosen.whole else {})


@blueprint.get("/requests/<uuid:request_id>/routing", endpoint="request")
@needs(Permission.ROUTE_TESTS)
def choose_page(request_id: uuid.UUID) -> ResponseReturnValue:
    """Every test and every laboratory."""
    view = choosing(request_id, current_actor())
    return _choosing_page(view, choosing_form(view))


@blueprint.post("/requests/<uuid:request_id>/routing")
@needs(Permission.ROUTE_TESTS)
def choose(request_id: uuid.UUID) -> ResponseReturnValue:
    """Send the tests where they were chosen to go."""
    view = choosing(request_id, current_actor())
    form = choosing_form(view)
    if form.attempt(lambda: _choose(form.to_command(request_id))):
        flash("Laboratory chosen. It sees the request now.", "done")
        return see_other("routing.queue", at=request_id)
    stale = form.version_shown() != view.request.version
    form.version.data = str(view.request.version)
    return _choosing_page(view, form, stale=stale)


def _choose(command: ChooseLaboratories) -> Routed:
    with unit_of_work():
        return services.choose_laboratories(command, actor=current_actor())


def _choosing_page(
    view: RoutingView, form: ChoosingForm, *, stale: bool = False
) -> ResponseReturnValue:
    page = render_template("routing/request.html", view=view, form=form, stale=stale)
    return page, HTTPStatus.CONFLICT if stale else form.status
