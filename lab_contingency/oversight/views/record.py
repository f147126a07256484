"""The record: verify it, its checkpoints, and searching it."""

from __future__ import annotations

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.queries import users
from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.oversight import services
from lab_contingency.oversight.forms import RecordForm
from lab_contingency.oversight.queries.watching import (
    MOST_ROWS,
    RecordLine,
    checkpoints,
    subjects,
)
from lab_contingency.oversight.views.pages import blueprint


@blueprint.get("/record")
@needs(Permission.SEARCH_AUDIT)
def record() -> ResponseReturnValue:
    """The record's checkpoints, and where it is searched."""
    return _page(_form(fresh=True), None)


def _form(*, fresh: bool = False) -> RecordForm:
    form = RecordForm(formdata=None) if fresh else RecordForm()
    form.offer(((user.id, user.name) for user in users()), subjects())
    return form


def _page(form: RecordForm, lines: tuple[RecordLine, ...] | None) -> ResponseReturnValue:
    page = render_template(
        "oversight/record.html", form=form, lines=lines, checkpoints=checkpoints(), most=MOST_ROWS
    )
    return page, form.status


@blueprint.post("/record/search")
@needs(Permission.SEARCH_AUDIT)
def search() -> ResponseReturnValue:
    """The rows that fit, opened; that they were is recorded before the page leaves."""
    form = _form()

    def act() -> tuple[RecordLine, ...]:
        with unit_of_work():
            return services.search_record(form.to_filter(), actor=current_actor())

    return _page(form, form.attempt(act))


@blueprint.post("/record/verify")
@needs(Permission.SEARCH_AUDIT)
def verify() -> ResponseReturnValue:
    """Verify the whole record now."""
    with unit_of_work():
        found = services.verify_record(actor=current_actor())
    flash(found.sentence, "done" if found.holds else "error")
    return see_other("oversight.record")
