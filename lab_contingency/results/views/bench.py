"""At the bench: the worklist, the grid, the amendment."""

from __future__ import annotations

import uuid

from flask import flash, render_template
from flask import request as http
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.web import current_actor, needs, paper, see_other
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.foundation.web.forms import note_prefilled, tidy
from lab_contingency.foundation.wording import and_text
from lab_contingency.incidents.rules import read_number
from lab_contingency.requests.queries import request_id_of
from lab_contingency.results import services
from lab_contingency.results.forms import AmendForm, FindForm, GridForm, amend_form, entry_form
from lab_contingency.results.queries.grids import Grid, grid
from lab_contingency.results.queries.judging import row_of, typed_row
from lab_contingency.results.queries.released import readers_of
from lab_contingency.results.queries.worklists import bench_worklist, beside, last_received_at
from lab_contingency.results.views.pages import blueprint


@blueprint.get("/bench")
@needs(Permission.ENTER_RESULTS)
@refreshing("bench")
def bench() -> ResponseReturnValue:
    """What waits on this laboratory's bench, the most pressing first."""
    return _bench_page(FindForm(formdata=None))


@blueprint.post("/bench")
@needs(Permission.ENTER_RESULTS)
@refreshing("bench")
def find_on_bench() -> ResponseReturnValue:
    """From any tube or form to the grid of its request."""
    form = FindForm()
    found = form.attempt(lambda: _found(form.number.data or ""))
    return see_other("results.entry", request_id=found) if found else _bench_page(form)


@blueprint.post("/bench/worklist")
@needs(Permission.ENTER_RESULTS)
def print_bench() -> ResponseReturnValue:
    """The same list on paper, with room to write."""
    with unit_of_work():
        pdf = services.print_bench_list(actor=current_actor())
    return paper(pdf, "bench-worklist")


def _found(scanned: str) -> uuid.UUID:
    try:
        number = read_number(scanned)
    except ValueError as unreadable:
        raise RuleBroken(str(unreadable), field="number") from None
    found = request_id_of(number.form, current_actor())
    if found is None:
        raise RuleBroken(
            "No request here has that number. Check that it was read whole.", field="number"
        )
    return found


def _bench_page(form: FindForm) -> ResponseReturnValue:
    actor = current_actor()
    rows = bench_worklist(actor)
    last = None if rows else last_received_at(actor)
    page = render_template("results/bench.html", rows=rows, form=form, now=clock.now(), last=last)
    return page, form.status


@blueprint.get("/requests/<uuid:request_id>/results")
@needs(Permission.ENTER_RESULTS)
def entry(request_id: uuid.UUID) -> ResponseReturnValue:
    """The grid of a request."""
    shown = grid(request_id, current_actor())
    return _entry_page(shown, entry_form(shown, fresh=True))


@blueprint.post("/requests/<uuid:request_id>/results/judged")
@needs(Permission.ENTER_RESULTS)
def judged(request_id: uuid.UUID) -> ResponseReturnValue:
    """One row by what was just typed in its box, for the page that is typed in. Nothing is kept."""
    shown = grid(request_id, current_actor())
    boxes = ((name, text) for name, text in http.form.items() if name.startswith("value-"))
    name, text = next(boxes, ("", ""))
    found = row_of(shown, name)
    if found is None:
        raise NotFound
    return render_template("results/judged.html", row=typed_row(shown, *found, tidy(text)))


@blueprint.post("/requests/<uuid:request_id>/results")
@needs(Permission.ENTER_RESULTS)
def enter(request_id: uuid.UUID) -> ResponseReturnValue:
    """Keep what was typed; refused boxes come back with everything else still in place."""
    shown = grid(request_id, current_actor())
    form = entry_form(shown, sent=frozenset(http.form))
    if form.is_blank(shown) and form.validate():
        flash("Nothing typed yet.", "error")
        return see_other("results.entry", request_id=request_id)
    complete = form.attempt(lambda: _enter(form, shown))
    if complete is None:
        now = grid(request_id, current_actor())
        form.catch_up(now.request.version)
        return _entry_page(now, form)
    flash(_said(complete), "done")
    return see_other("results.entry", request_id=request_id)


def _enter(form: GridForm, shown: Grid) -> tuple[str, ...]:
    with unit_of_work():
        return services.enter_results(form.entered(shown), actor=current_actor())


def _said(complete: tuple[str, ...]) -> str:
    if not complete:
        return "Saved. What is still empty can be typed later."
    names = and_text([catalogue().test(code).label for code in complete])
    return f"Saved. {names} can be checked by a colleague now."


def _note_boxes(shown: Grid, form: GridForm) -> None:
    """The boxes are filled by the form; what stands beside them is noted as it is read."""
    rows = [row for panel in shown.panels for row in panel.rows if row.field in form]
    values = {row.field: Field.RESULTS for row in rows}
    comments = {f"comment-{row.name}": Field.REMARKS for row in rows}
    note_prefilled(form, shown.patient_id, {**values, **comments})


def _entry_page(shown: Grid, form: GridForm) -> ResponseReturnValue:
    _note_boxes(shown, form)
    others, following = beside(shown.request.id, current_actor())
    page = render_template(
        "results/entry.html",
        grid=shown,
        form=form,
        typed=form.typed_rows(shown) if form.refused else {},
        now=clock.now(),
        others=others,
        following=following,
    )
    return page, form.status


@blueprint.get("/requests/<uuid:request_id>/results/amend")
@needs(Permission.ENTER_RESULTS)
def amendment(request_id: uuid.UUID) -> ResponseReturnValue:
    """The authorised values, to type others in their place."""
    shown = grid(request_id, current_actor())
    return _amend_page(shown, amend_form(shown, fresh=True))


@blueprint.post("/requests/<uuid:request_id>/results/amend")
@needs(Permission.ENTER_RESULTS)
def amend(request_id: uuid.UUID) -> ResponseReturnValue:
    """Amend, with a reason; both versions stay."""
    shown = grid(request_id, current_actor())
    form = amend_form(shown)
    if form.attempt(lambda: _amend(form, shown)) is None:
        form.catch_up(shown.request.version)
        return _amend_page(shown, form)
    flash(
        "Amended. A colleague checks it and a senior authorises it before the ward sees it.", "done"
    )
    return see_other("results.check_page", request_id=request_id)


def _amend(form: AmendForm, shown: Grid) -> tuple[str, ...]:
    with unit_of_work():
        return services.amend_results(form.amended(shown), actor=current_actor())


def _amend_page(shown: Grid, form: AmendForm) -> ResponseReturnValue:
    _note_boxes(shown, form)
    readers = readers_of(shown.request.id, current_actor())
    page = render_template(
        "results/amend.html",
        grid=shown,
        form=form,
        typed=form.typed_rows(shown) if form.refused else {},
        readers=readers,
    )
    return page, form.status
