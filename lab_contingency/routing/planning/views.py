"""The plan of the whole queue: propose, change, accept; what if; and a laboratory that drops out."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template
from flask import request as http
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, may, needs, see_other
from lab_contingency.foundation.web.forms import LabForm
from lab_contingency.foundation.wording import count_text
from lab_contingency.routing.planning import services
from lab_contingency.routing.planning.forms import AllLinesForm, LineForm, LinesForm, OutageForm
from lab_contingency.routing.planning.queries.choosing import line_view, of_older_plan
from lab_contingency.routing.planning.queries.laboratories import all_at_work, at_work
from lab_contingency.routing.planning.queries.plans import plan_view
from lab_contingency.routing.planning.queries.supposing import cases, what_if
from lab_contingency.routing.planning.rules import can_optimise
from lab_contingency.routing.services import end_outage

blueprint = Blueprint("planning", __name__)


@blueprint.get("/plan")
@needs(Permission.PLAN_QUEUE)
def plan() -> ResponseReturnValue:
    """The plan that stands: what nobody can do and what is late first."""
    return _plan_page(LinesForm(formdata=None))


def _plan_page(form: LinesForm) -> ResponseReturnValue:
    view = plan_view(current_actor(), whole="whole" in http.args)
    if view is not None:
        form.plan.data = str(view.id)
    page = render_template(
        "planning/plan.html",
        view=view,
        form=form,
        can_optimise=can_optimise(),
        may_triage=may(Permission.TRIAGE_REQUESTS),
    )
    return page, form.status


@blueprint.post("/plan")
@needs(Permission.PLAN_QUEUE)
def make() -> ResponseReturnValue:
    """Plan everything that waits; what is fixed stays."""
    with unit_of_work():
        services.plan_again(actor=current_actor())
    return see_other("planning.plan")


@blueprint.post("/plan/all")
@needs(Permission.PLAN_QUEUE)
def accept_all() -> ResponseReturnValue:
    """Send everything where the plan says, as much of it as one press takes."""
    form = AllLinesForm()

    def act() -> services.Accepted:
        with unit_of_work():
            return services.accept_lines(None, form.plan_id(), actor=current_actor())

    return _after_accepting(form, form.attempt(act))


@blueprint.post("/plan/lines")
@needs(Permission.PLAN_QUEUE)
def settle() -> ResponseReturnValue:
    """Accept the ticked lines, fix them, or let the next plan move them again."""
    form = LinesForm()
    what = http.form.get("what", "")
    if what in _FIXING:
        return _fix(form, what)

    def act() -> services.Accepted:
        with unit_of_work():
            return services.accept_lines(form.to_command(), form.plan_id(), actor=current_actor())

    return _after_accepting(form, form.attempt(act))


_FIXING = {"fix": services.fix_lines, "free": services.free_lines}


def _fix(form: LinesForm, what: str) -> ResponseReturnValue:
    def act() -> int:
        with unit_of_work():
            return _FIXING[what](form.to_command(), actor=current_actor())

    fixed = form.attempt(act)
    if fixed is None:
        return _plan_page(form)
    said = "stay where they are when you plan again" if what == "fix" else "may move again"
    flash(f"{count_text(fixed, 'test')} {said}.", "done")
    return see_other("planning.plan")


def _after_accepting(
    form: LinesForm | AllLinesForm, accepted: services.Accepted | None
) -> ResponseReturnValue:
    if accepted is None:
        lines = form if isinstance(form, LinesForm) else LinesForm(formdata=None)
        if lines is not form:
            lines.form_errors.extend(form.form_errors)
            lines.form_errors.extend(_sentences(form))
        return _plan_page(lines)
    flash(f"{count_text(accepted.sent, 'test')} sent where the plan says.", "done")
    if accepted.refused:
        flash(f"{count_text(accepted.refused, 'test')} not sent: the line says why.", "error")
    return see_other("planning.plan")


def _sentences(form: LabForm) -> list[str]:
    return [str(said) for field in form for said in field.errors]


@blueprint.get("/plan/lines/<uuid:line_id>")
@needs(Permission.PLAN_QUEUE)
def line(line_id: uuid.UUID) -> ResponseReturnValue:
    """One line, and every laboratory that can do it."""
    if of_older_plan(line_id, current_actor()):
        return _to_the_new_plan("")
    return _line_page(line_id, LineForm(formdata=None))


def _to_the_new_plan(lost: str) -> ResponseReturnValue:
    """From a line that the browser kept: the plan was made again since."""
    flash(f"The plan was made again. Its lines are new.{lost}", "error")
    return see_other("planning.plan")


def _line_page(line_id: uuid.UUID, form: LineForm) -> ResponseReturnValue:
    view = line_view(line_id, current_actor())
    form.offer(view.answers)
    return render_template("planning/line.html", view=view, form=form), form.status


@blueprint.post("/plan/lines/<uuid:line_id>")
@needs(Permission.PLAN_QUEUE)
def change(line_id: uuid.UUID) -> ResponseReturnValue:
    """Put the line elsewhere, and plan everything around it."""
    if of_older_plan(line_id, current_actor()):
        return _to_the_new_plan(" Nothing of yours was saved.")
    form = LineForm()
    form.offer(line_view(line_id, current_actor()).answers)

    def act() -> uuid.UUID:
        with unit_of_work():
            return services.change_line(form.to_command(line_id), actor=current_actor())

    if form.attempt(act) is None:
        return _line_page(line_id, form)
    flash("Fixed there, and everything else planned around it.", "done")
    return see_other("planning.plan")


@blueprint.get("/plan/what-if")
@needs(Permission.PLAN_QUEUE)
def suppose() -> ResponseReturnValue:
    """The same queue if something were otherwise. Looking changes nothing."""
    code = http.args.get("case", "")
    found = what_if(code, current_actor()) if code else None
    return render_template("planning/what_if.html", cases=cases(), code=code, found=found)


@blueprint.get("/plan/laboratories")
@needs(Permission.PLAN_QUEUE)
def laboratories() -> ResponseReturnValue:
    """Which laboratories work, and what is bound for each."""
    return render_template("planning/laboratories.html", places=all_at_work(current_actor()))


@blueprint.get("/plan/laboratories/<uuid:laboratory_id>")
@needs(Permission.PLAN_QUEUE)
def outage(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """What would move if this laboratory drops out; say here that it does."""
    return _outage_page(laboratory_id, OutageForm(formdata=None))


def _outage_page(laboratory_id: uuid.UUID, form: OutageForm) -> ResponseReturnValue:
    place = at_work(laboratory_id, current_actor())
    return render_template("planning/outage.html", place=place, form=form), form.status


@blueprint.post("/plan/laboratories/<uuid:laboratory_id>")
@needs(Permission.PLAN_QUEUE)
def declare(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """It takes no work from now on; what was bound for it goes elsewhere."""
    form = OutageForm()
    place = at_work(laboratory_id, current_actor())

    def act() -> services.Dropped:
        with unit_of_work():
            return services.drop_laboratory(form.to_command(laboratory_id), actor=current_actor())

    dropped = form.attempt(act)
    if dropped is None:
        return _outage_page(laboratory_id, form)
    moved, left = dropped.moved, dropped.moved.left
    flash(f"{place.laboratory.name} takes no work. {count_text(moved.sent, 'test')} moved.", "done")
    if left:
        flash(f"{count_text(left, 'test')} more to move: accept the rest below.", "error")
    if dropped.nobody:
        flash(f"{count_text(dropped.nobody, 'test')} nobody can do: see below.", "error")
    return see_other("planning.plan")


@blueprint.post("/plan/laboratories/<uuid:laboratory_id>/back")
@needs(Permission.PLAN_QUEUE)
def put_back(laboratory_id: uuid.UUID) -> ResponseReturnValue:
    """Back in work."""
    place = at_work(laboratory_id, current_actor())
    with unit_of_work():
        end_outage(laboratory_id, actor=current_actor())
    flash(f"{place.laboratory.name} is back in work. Plan again to use it.", "done")
    return see_other("planning.laboratories")
