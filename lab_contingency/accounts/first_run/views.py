"""The pages of the first run: at the server itself, only before the node is set up."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request, session
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.first_run import services
from lab_contingency.accounts.first_run.documents import printer_label
from lab_contingency.accounts.first_run.draft import Draft
from lab_contingency.accounts.first_run.forms import FORMS, CodeForm, StepForm
from lab_contingency.accounts.first_run.rules import (
    STEPS,
    Step,
    first_open,
    may_be_shown,
    step_before,
)
from lab_contingency.accounts.first_run.waiting import FirstRun
from lab_contingency.accounts.keys.documents import recovery_sheet
from lab_contingency.foundation import clock, tls
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.keys import KEY_FILE_RISK
from lab_contingency.foundation.sealing import keys_state
from lab_contingency.foundation.web import before_set_up, paper, public, sealed_page, see_other
from lab_contingency.foundation.web.gate import at_the_server
from lab_contingency.foundation.wording import full_time_text, time_text
from lab_contingency.printing.labels import labels_pdf
from lab_contingency.printing.recovery_sheet import recovery_sheet_pdf

blueprint = Blueprint("first_run", __name__)
_COOKIE = "first_run"
_GROUP = 12  # signs of a fingerprint that are read out in one breath


@blueprint.get("/first-run")
@public
@before_set_up
def code() -> ResponseReturnValue:
    """Ask for the code, or go on where this browser was."""
    draft = _draft()
    if draft is not None:
        return _to(first_open(draft.done))
    return _code_page(CodeForm(formdata=None))


@blueprint.post("/first-run")
@public
@before_set_up
def give_code() -> ResponseReturnValue:
    """The right code binds this browser."""
    form, held = CodeForm(), _held()
    token = form.attempt(lambda: held.give(form.code.data or ""))
    if token is None:
        return _code_page(form)
    session[_COOKIE] = token
    return _to(STEPS[0])


@blueprint.get("/first-run/<step>")
@public
@before_set_up
def step(step: str) -> ResponseReturnValue:
    """One page; back is possible, ahead is not."""
    asked, draft = _step(step), _draft()
    if draft is None:
        return see_other("first_run.code")
    if not may_be_shown(asked, draft.done):
        return _to(first_open(draft.done))
    form = FORMS[asked](formdata=None)
    form.show(draft)
    return _page(form, draft)


@blueprint.post("/first-run/<step>")
@public
@before_set_up
def take_step(step: str) -> ResponseReturnValue:
    """Keep in memory what was given; the last step writes everything."""
    asked, draft = _step(step), _draft()
    if draft is None:
        return see_other("first_run.code")
    if not may_be_shown(asked, draft.done):
        return _to(first_open(draft.done))
    form = FORMS[asked]()
    if asked is Step.FINISH:
        return _finish(form, draft)
    after = form.attempt(lambda: form.to_draft(draft))
    if after is None:
        return _page(form, draft)
    _held().keep(_token(), after)
    return _to(first_open(after.done))


@blueprint.get("/first-run/sheet.pdf")
@public
@before_set_up
def sheet() -> ResponseReturnValue:
    """The recovery sheet, to print."""
    draft = _draft_or_not_found()
    return paper(recovery_sheet_pdf(recovery_sheet(draft.recovery)), "recovery-sheet")


@blueprint.get("/first-run/label.pdf")
@public
@before_set_up
def label() -> ResponseReturnValue:
    """A test label, to print."""
    return paper(labels_pdf([printer_label(_draft_or_not_found().label)]), "test-label")


@blueprint.get("/first-run/finished")
@public
def finished() -> ResponseReturnValue:
    """What to do next; at the server, until the program is started anew."""
    if not (services.has_finished() and at_the_server()):
        raise NotFound
    return render_template("first_run/finished.html", data=settings_of(current_app).data)


def _finish(form: StepForm, draft: Draft) -> ResponseReturnValue:
    held = _held()
    if not held.finishing.acquire(blocking=False):
        form.refuse(RuleBroken("It is being finished. Wait a moment and load this page again."))
        return _page(form, draft)
    try:
        done = form.attempt(lambda: _write(draft, held))
    finally:
        held.finishing.release()
    return see_other("first_run.finished") if done else _page(form, draft)


def _write(draft: Draft, held: FirstRun) -> bool:
    services.finish(draft, address=request.remote_addr or "", cost=held.cost)
    held.end()
    session.clear()
    return True


def _held() -> FirstRun:
    """Of this application; there is none once the node is set up."""
    if keys_state(current_app) != "not set up":
        raise NotFound("This program is set up. Sign in, or open it with a custodian’s passphrase.")
    return services.first_run_of(current_app)


def _token() -> str:
    return str(session.get(_COOKIE, ""))


def _draft() -> Draft | None:
    return _held().draft(_token())


def _draft_or_not_found() -> Draft:
    draft = _draft()
    if draft is None:
        raise NotFound("This paper belongs to the set-up of another browser, or of another hour.")
    return draft


def _step(text: str) -> Step:
    _held()
    if text not in set(Step):
        raise NotFound
    return Step(text)


def _to(step: Step) -> ResponseReturnValue:
    return see_other("first_run.step", step=step.value)


def _code_page(form: CodeForm) -> ResponseReturnValue:
    held = _held()
    if not held.is_offered:
        return sealed_page()
    return render_template("first_run/code.html", form=form, ends_at=held.ends_at), form.status


def _page(form: StepForm, draft: Draft) -> ResponseReturnValue:
    shown = form.step
    before, ends_at = step_before(shown), _held().ends_at
    fingerprint = tls.authority_fingerprint()
    page = render_template(
        f"first_run/{shown.value}.html",
        form=form,
        draft=draft,
        number=STEPS.index(shown) + 1,
        count=len(STEPS),
        back=before.value if before else "",
        until=time_text(ends_at) if ends_at else "",
        now=full_time_text(clock.now()),
        risk=KEY_FILE_RISK,
        groups=[fingerprint[at : at + _GROUP] for at in range(0, len(fingerprint), _GROUP)],
    )
    return page, form.status
