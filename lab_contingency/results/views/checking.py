"""The second and third pair of eyes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeVar

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.reauth import prove
from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, may, needs, see_other
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.foundation.wording import count_text
from lab_contingency.results import services
from lab_contingency.results.forms import CheckForm
from lab_contingency.results.queries.grids import grid
from lab_contingency.results.queries.released import readers_of
from lab_contingency.results.queries.worklists import check_worklist
from lab_contingency.results.views.pages import blueprint

_Answer = TypeVar("_Answer")


@blueprint.get("/checking")
@needs(Permission.CHECK_RESULTS)
@refreshing("checking")
def checking() -> ResponseReturnValue:
    """What waits for a check or for authorisation, the most pressing first."""
    rows = check_worklist(current_actor())
    return render_template("results/checking.html", rows=rows, now=clock.now())


@blueprint.get("/requests/<uuid:request_id>/results/check")
@needs(Permission.CHECK_RESULTS)
def check_page(request_id: uuid.UUID) -> ResponseReturnValue:
    """The typed values of a request, to compare with the print-out."""
    return _check_page(request_id, CheckForm(formdata=None))


@blueprint.post("/requests/<uuid:request_id>/results/check")
@needs(Permission.CHECK_RESULTS)
def check(request_id: uuid.UUID) -> ResponseReturnValue:
    """They agree."""
    form = CheckForm()

    def act() -> tuple[uuid.UUID, ...]:
        return services.check_results(form.to_check(request_id), actor=current_actor())

    calls = _attempt(form, act)
    if calls is None:
        return _check_page(request_id, form)
    flash(_checked(len(calls)), "done")
    return see_other("results.checking")


def _checked(calls: int) -> str:
    if not calls:
        return "Checked. A senior authorises it now."
    said = count_text(calls, "result is", "results are")
    return f"Checked. {said} on the call list now: somebody must be told."


@blueprint.post("/requests/<uuid:request_id>/results/authorise")
@needs(Permission.AUTHORISE_RESULTS)
def authorise(request_id: uuid.UUID) -> ResponseReturnValue:
    """Release them to the ward."""
    form = CheckForm()

    def act() -> tuple[uuid.UUID, ...]:
        actor = current_actor()
        proof = prove(form.secret.data or "", actor=actor)
        with unit_of_work():
            command = form.to_authorise(request_id)
            return services.authorise_results(command, actor=actor, proof=proof)

    if form.attempt(act) is None:
        return _check_page(request_id, form)
    flash("Authorised. The ward can read it now.", "done")
    return see_other("results.read", request_id=request_id)


@blueprint.post("/requests/<uuid:request_id>/results/send-back")
@needs(Permission.CHECK_RESULTS)
def send_back(request_id: uuid.UUID) -> ResponseReturnValue:
    """They do not agree."""
    form = CheckForm()

    def act() -> bool:
        services.send_back(form.to_send_back(request_id), actor=current_actor())
        return True

    if _attempt(form, act) is None:
        return _check_page(request_id, form)
    flash("Sent back. It waits until it is typed again.", "done")
    return see_other("results.checking")


def _attempt(form: CheckForm, act: Callable[[], _Answer]) -> _Answer | None:
    def within() -> _Answer:
        with unit_of_work():
            return act()

    return form.attempt(within)


def _check_page(request_id: uuid.UUID, form: CheckForm) -> ResponseReturnValue:
    shown = grid(request_id, current_actor())
    form.catch_up(shown.request.version)
    page = render_template(
        "results/check.html",
        grid=shown,
        form=form,
        now=clock.now(),
        may_authorise=may(Permission.AUTHORISE_RESULTS),
        readers=readers_of(request_id, current_actor()),
    )
    return page, form.status
