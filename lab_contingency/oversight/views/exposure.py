"""The exposure report: counts first, then the list, then asking for the files."""

from __future__ import annotations

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.queries import users
from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.oversight import services
from lab_contingency.oversight.documents import kinds_text, times_text
from lab_contingency.oversight.forms import AskFileForm, CriteriaForm, ExposureForm
from lab_contingency.oversight.queries.report import exposure_report
from lab_contingency.oversight.queries.watching import watched
from lab_contingency.oversight.rules.exposure import About, Criteria, Report
from lab_contingency.oversight.rules.notices import article_33, article_34, clock_sentence
from lab_contingency.oversight.services.files import MOST_ON_PAGE
from lab_contingency.oversight.views.pages import blueprint
from lab_contingency.oversight.views.window import last_day, window_text


@blueprint.get("/exposure")
@needs(Permission.REPORT_EXPOSURE)
def exposure() -> ResponseReturnValue:
    """What the report is to be about; with answers in the address, the counts."""
    form = ExposureForm(request.args) if request.args else ExposureForm(formdata=None)
    form.offer((user.id, user.name) for user in users())
    if not request.args:
        return _chooser(form, 200)
    report = _asked(form)
    return _preview(report, AskFileForm.of(report.criteria)) if report else _chooser(form, 422)


def _asked(form: ExposureForm) -> Report | None:
    if not form.validate():
        return None
    try:
        return exposure_report(form.to_criteria(), services.verify_if_short(), narrower=True)
    except NotFound as missing:
        form.refuse(RuleBroken(missing.message, field="value"))
    except RuleBroken as refused:
        form.refuse(refused)
    return None


def _chooser(form: ExposureForm, status: int) -> ResponseReturnValue:
    begins, ends = last_day()
    page = render_template(
        "oversight/exposure.html", form=form, watched=watched(begins, ends), begins=begins
    )
    return page, status


def _preview(report: Report, form: AskFileForm) -> ResponseReturnValue:
    facts = form.facts()
    page = render_template(
        "oversight/report.html",
        report=report,
        form=form,
        carried=CriteriaForm.of(report.criteria),
        notice=article_33(report, facts),
        people_notice=article_34(report),
        clock=clock_sentence(facts, clock.now()),
        most=MOST_ON_PAGE,
        window=window_text(report.criteria.begins, report.criteria.ends),
    )
    return page, form.status


@blueprint.get("/exposure/fragments/<uuid:match_id>")
@needs(Permission.REPORT_EXPOSURE)
def fragments(match_id: uuid.UUID) -> ResponseReturnValue:
    """The report of what was found outside."""
    now = clock.now()
    criteria = Criteria(About.FRAGMENTS, str(match_id), now, now)
    return _preview(exposure_report(criteria, services.verify_if_short()), AskFileForm.of(criteria))


@blueprint.post("/exposure/verify")
@needs(Permission.REPORT_EXPOSURE)
def verify_report() -> ResponseReturnValue:
    """The same report once the whole record was verified for it, however long it is."""
    criteria = CriteriaForm().criteria()
    found = services.verification_of(services.verify_record(actor=current_actor()))
    return _preview(exposure_report(criteria, found, narrower=True), AskFileForm.of(criteria))


@blueprint.post("/exposure/patients")
@needs(Permission.REPORT_EXPOSURE)
def patients() -> ResponseReturnValue:
    """The first of the patients by name. Whom the page shows is recorded before it leaves."""
    criteria, found = CriteriaForm().criteria(), services.verify_if_short()
    with unit_of_work():
        report, lines = services.open_patients(criteria, found, actor=current_actor())
    return render_template(
        "oversight/patients.html",
        report=report,
        lines=lines,
        kinds=kinds_text,
        times=times_text,
        most=MOST_ON_PAGE,
    )


@blueprint.post("/exposure/ask")
@needs(Permission.REPORT_EXPOSURE)
def ask() -> ResponseReturnValue:
    """Ask for the whole list as files; another person has to agree."""
    form = AskFileForm()
    criteria = form.criteria()

    def act() -> uuid.UUID:
        actor = current_actor()
        found = services.verification_of(services.verify_record(actor=actor))
        with unit_of_work():
            return services.ask_exposure_file(form.to_command(), found, actor=actor)

    export_id = form.attempt(act)
    if export_id is None:
        report = exposure_report(criteria, services.verify_if_short(), narrower=True)
        return _preview(report, form)
    flash("Asked. A colleague or an administrator has to agree within 24 hours.", "done")
    return see_other("oversight.export", export_id=export_id)


@blueprint.get("/unusual")
@needs(Permission.REPORT_EXPOSURE)
def unusual() -> ResponseReturnValue:
    """Who saw how many patients in the last 24 hours."""
    begins, ends = last_day()
    return render_template("oversight/unusual.html", watched=watched(begins, ends), begins=begins)
