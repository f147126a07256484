"""Pages for results that come back on paper: scan a page, type it, keep its photo, check a colleague's."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.reauth import prove
from lab_contingency.accounts.rules import Permission
from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, paper, see_other
from lab_contingency.foundation.web.disclosure import note_shown, refreshing
from lab_contingency.foundation.web.forms import note_prefilled
from lab_contingency.foundation.wording import and_text, count_text
from lab_contingency.requests.packs.forms import PictureForm
from lab_contingency.requests.packs.pictures import LARGEST
from lab_contingency.requests.packs.rules import MediaType
from lab_contingency.results.returned import queries, services
from lab_contingency.results.returned.forms import (
    CheckPageForm,
    OpenSlipForm,
    PrintReturnsForm,
    ReturnForm,
    check_page_form,
    return_form,
)
from lab_contingency.results.returned.queries import ReturnView
from lab_contingency.results.returned.rules import CANNOT
from lab_contingency.results.returned.services import Compared

blueprint = Blueprint("returned", __name__)
_AROUND_A_PICTURE = 64 * 1024
_ON_A_PAGE = (
    Field.NAME
    | Field.BORN
    | Field.SEX
    | Field.NHS_NUMBER
    | Field.HOSPITAL_NUMBER
    | Field.TESTS
    | Field.RESULTS
    | Field.REMARKS
)
_SUFFIX = {MediaType.JPEG: "jpg", MediaType.PNG: "png", MediaType.PDF: "pdf"}


@blueprint.post("/consignments/<uuid:consignment_id>/return-slips")
@needs(Permission.DISPATCH_SPECIMENS)
def print_slips(consignment_id: uuid.UUID) -> ResponseReturnValue:
    """The slips that go with a box to a laboratory that works on paper."""
    form = PrintReturnsForm()

    def act() -> bytes:
        with unit_of_work():
            reason = form.reason.data or ""
            return services.print_return_slips(consignment_id, reason, actor=current_actor()).pdf

    pdf = form.attempt(act)
    if pdf is None:
        page = render_template("returned/print.html", form=form, consignment_id=consignment_id)
        return page, form.status
    return paper(pdf, "return-slips")


@blueprint.get("/returned")
@needs(Permission.TYPE_RETURNS)
@refreshing("returned")
def start() -> ResponseReturnValue:
    """Scan a page that came back; below it what waits for a second person."""
    return _start(OpenSlipForm(formdata=None))


def _start(form: OpenSlipForm) -> ResponseReturnValue:
    rows = queries.open_returns(current_actor())
    return render_template("returned/start.html", form=form, rows=rows), form.status


@blueprint.post("/returned")
@needs(Permission.TYPE_RETURNS)
@refreshing("returned")
def scan() -> ResponseReturnValue:
    """Take up the slip whose number and date of birth were read from one page."""
    form = OpenSlipForm()

    def act() -> uuid.UUID:
        born = form.born_on()
        with unit_of_work():
            return services.open_slip(form.number.data or "", born, actor=current_actor())

    slip_id = form.attempt(act)
    return see_other("returned.slip", slip_id=slip_id) if slip_id else _start(form)


@blueprint.get("/returned/<uuid:slip_id>")
@needs(Permission.TYPE_RETURNS)
def slip(slip_id: uuid.UUID) -> ResponseReturnValue:
    """The rows of a slip in its own order, to type what was written on them."""
    view = queries.return_view(slip_id, current_actor())
    return _slip_page(view, return_form(view, fresh=True))


@blueprint.post("/returned/<uuid:slip_id>")
@needs(Permission.TYPE_RETURNS)
def type_back(slip_id: uuid.UUID) -> ResponseReturnValue:
    """Keep what was typed; refused boxes come back with everything else still in place."""
    view = queries.return_view(slip_id, current_actor())
    form = return_form(view)

    def act() -> tuple[str, ...]:
        command = form.typed(view)
        with unit_of_work():
            return services.type_back(command, actor=current_actor())

    complete = form.attempt(act)
    now = queries.return_view(slip_id, current_actor())
    if complete is None:
        form.catch_up(now.request.version)
        return _slip_page(now, form)
    flash(_typed(complete, now), "done")
    if not now.has_page:
        return see_other("returned.slip", slip_id=slip_id)
    return see_other("returned.start")


def _typed(complete: tuple[str, ...], view: ReturnView) -> str:
    names = and_text([catalogue().test(code).label for code in complete])
    said = f"Saved. {names} can be checked by a colleague." if names else "Saved."
    return (
        said
        if view.has_page
        else f"{said} Keep a photo or scan of the page now: it is checked against it."
    )


def _slip_page(view: ReturnView, form: ReturnForm) -> ResponseReturnValue:
    rows = [row for test in view.tests if test.can_type for row in test.rows]
    shown = {row.field: Field.RESULTS for row in rows}
    shown |= {f"comment-{row.name}": Field.REMARKS for row in rows}
    note_prefilled(form, view.patient_id, shown)
    page = render_template(
        "returned/slip.html",
        view=view,
        form=form,
        picture_form=PictureForm(formdata=None),
        reasons=tuple(CANNOT.values()),
        now=clock.now(),
    )
    return page, form.status


@blueprint.post("/returned/<uuid:slip_id>/pages")
@needs(Permission.TYPE_RETURNS)
def attach(slip_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a photo or scan of a page, sealed."""
    form = PictureForm()

    def act() -> uuid.UUID:
        picture = form.read()
        with unit_of_work():
            return services.attach_page(slip_id, picture, actor=current_actor())

    if form.attempt(act) is None:
        view = queries.return_view(slip_id, current_actor())
        return render_template("returned/attach.html", form=form, view=view), form.status
    flash("The page is kept, sealed.", "done")
    return see_other("returned.slip", slip_id=slip_id)


@blueprint.get("/returned/pages/<uuid:page_id>")
@needs(Permission.TYPE_RETURNS)
def picture(page_id: uuid.UUID) -> Response:
    """The page itself. It is never read here, only handed on as what it was when it came."""
    kind, data, patient_id = queries.page_bytes(page_id, current_actor())
    note_shown(patient_id, _ON_A_PAGE)
    answer = make_response(data)
    answer.headers["Content-Type"] = kind.value
    placed = "attachment" if kind is MediaType.PDF else "inline"
    answer.headers["Content-Disposition"] = f"{placed}; filename=page.{_SUFFIX[kind]}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@blueprint.get("/returned/<uuid:slip_id>/check")
@needs(Permission.TYPE_RETURNS)
def check_page(slip_id: uuid.UUID) -> ResponseReturnValue:
    """The page and what was typed from it, side by side."""
    view = queries.return_view(slip_id, current_actor())
    return _check_page(view, check_page_form(view, fresh=True))


@blueprint.post("/returned/<uuid:slip_id>/check")
@needs(Permission.TYPE_RETURNS)
def check(slip_id: uuid.UUID) -> ResponseReturnValue:
    """They agree, and it goes out; or they do not, and it goes back to who typed it."""
    view = queries.return_view(slip_id, current_actor())
    form = check_page_form(view)

    def act() -> Compared:
        actor = current_actor()
        proof = prove(form.secret.data or "", actor=actor)
        with unit_of_work():
            return services.check_return(form.compared(view), actor=actor, proof=proof)

    done = form.attempt(act)
    if done is None:
        now = queries.return_view(slip_id, current_actor())
        form.catch_up(now.request.version)
        return _check_page(now, form)
    flash(*_compared(done, view))
    return see_other("returned.start")


def _compared(done: Compared, view: ReturnView) -> tuple[str, str]:
    if done.differing:
        names = and_text([catalogue().analyte(analyte).name for _, analyte in done.differing])
        typist = view.open.typed_by if view.open else "whoever typed it"
        return (
            f"You two did not read the same: {names}. It went back to {typist} with both versions.",
            "error",
        )
    parts = [f"{_labels(done.released)} released to the ward." if done.released else ""]
    if done.calls:
        said = count_text(done.calls, "result is", "results are")
        parts.append(f"{said} on the call list now: somebody must be told.")
    if done.again:
        parts.append(f"{_labels(done.again)}: the ward is asked to take it again.")
    if done.elsewhere:
        parts.append(f"{_labels(done.elsewhere)} was not done there. Choose another laboratory.")
    return " ".join(part for part in parts if part), "done"


def _labels(codes: tuple[str, ...]) -> str:
    return and_text([catalogue().test(code).label for code in codes])


def _check_page(view: ReturnView, form: CheckPageForm) -> ResponseReturnValue:
    page = render_template(
        "returned/check.html",
        view=view,
        form=form,
        refusal=view.check_refusal(current_actor().user_id),
        cannot=CANNOT,
        now=clock.now(),
    )
    return page, form.status


def _allow_pages() -> None:
    """A picture may be larger than a form; everything else keeps the ordinary cap."""
    if request.endpoint == "returned.attach":
        request.max_content_length = LARGEST + _AROUND_A_PICTURE


@blueprint.record_once
def _before_everything(state: BlueprintSetupState) -> None:
    """Before the token is looked for: that reads the form."""
    state.app.before_request_funcs.setdefault(None, []).insert(0, _allow_pages)
