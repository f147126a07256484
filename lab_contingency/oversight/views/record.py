"""The record: verify it, print its anchor, and search it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.queries import users
from lab_contingency.accounts.rules import Permission
from lab_contingency.audit.queries import Report, checkpoints
from lab_contingency.audit.queries.reading import MOST
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, paper
from lab_contingency.incidents.services import print_anchor_sheet
from lab_contingency.oversight import services
from lab_contingency.oversight.forms import RecordForm, VerifyForm
from lab_contingency.oversight.queries.searching import RecordLine, subjects
from lab_contingency.oversight.views.pages import blueprint

_CHECKPOINTS = 5


@blueprint.get("/record")
@needs(Permission.SEARCH_AUDIT)
def record() -> ResponseReturnValue:
    """The record's checkpoints, and where it is verified and searched."""
    return _page()


def _form(*, fresh: bool = False) -> RecordForm:
    form = RecordForm(formdata=None) if fresh else RecordForm()
    form.offer(((user.id, user.name) for user in users()), subjects())
    return form


def _page(
    form: RecordForm | None = None,
    lines: tuple[RecordLine, ...] | None = None,
    *,
    verifying: VerifyForm | None = None,
    found: Report | None = None,
) -> ResponseReturnValue:
    form = form or _form(fresh=True)
    verifying = verifying or VerifyForm(formdata=None)
    page = render_template(
        "oversight/record.html",
        form=form,
        verifying=verifying,
        lines=lines,
        found=found,
        checkpoints=checkpoints()[:_CHECKPOINTS],
        most=MOST,
    )
    return page, max(form.status, verifying.status)


@blueprint.post("/record/search")
@needs(Permission.SEARCH_AUDIT)
def search() -> ResponseReturnValue:
    """The rows that fit, opened; whom they show is recorded before the page leaves."""
    form = _form()

    def act() -> tuple[RecordLine, ...]:
        with unit_of_work():
            return services.search_record(form.to_filter(), actor=current_actor())

    return _page(form, form.attempt(act))


@blueprint.post("/record/verify")
@needs(Permission.SEARCH_AUDIT)
def verify() -> ResponseReturnValue:
    """Verify the whole record now, and against an anchor that was typed."""
    form = VerifyForm()
    found = form.attempt(lambda: services.verify_record(form.to_anchor(), actor=current_actor()))
    return _page(verifying=form, found=found)


@blueprint.post("/record/anchor")
@needs(Permission.SEARCH_AUDIT)
def print_anchor() -> ResponseReturnValue:
    """The anchor sheet of a checkpoint made now."""
    with unit_of_work():
        pdf = print_anchor_sheet(actor=current_actor())
    return paper(pdf, "anchor-sheet")
