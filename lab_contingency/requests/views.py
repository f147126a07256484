"""The card: filled, looked up, sent; and the pages that put a request right."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lab_contingency.accounts import drafts
from lab_contingency.accounts.rules import Permission
from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import node
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.disclosure import note_shown
from lab_contingency.foundation.web.forms import note_prefilled
from lab_contingency.foundation.wording import and_text
from lab_contingency.incidents.queries import open_incident
from lab_contingency.places.queries import SiteView, issuers, site, ward, wards, working_wards
from lab_contingency.places.rules import TubeSystem
from lab_contingency.requests.commands import PlacedRequest
from lab_contingency.requests.forms import (
    CardForm,
    CorrectDetailsForm,
    WithdrawForm,
    card_form_class,
)
from lab_contingency.requests.queries import RequestView, request_view
from lab_contingency.requests.queries.card import (
    all_questions,
    card_columns,
    lines_of,
    panels,
    questions_for,
    strip,
)
from lab_contingency.requests.queries.lookup import LookUp, TypedPatient, look_up
from lab_contingency.requests.queries.unidentified import free_name
from lab_contingency.requests.rules.bands import BANDS, Band
from lab_contingency.requests.rules.identity import Sex
from lab_contingency.requests.rules.statuses import TRANSITIONS, TestAction
from lab_contingency.requests.services import (
    Choices,
    choice_problems,
    correct_details,
    place_request,
    withdraw_tests,
)

blueprint = Blueprint("requests", __name__)
_DRAFT = "request"


def _site() -> SiteView:
    site_id = current_actor().site_id
    if site_id is None:
        raise NotFound
    return site(site_id)


def card_form(
    formdata: MultiDict[str, str] | None,
    *,
    here: SiteView | None = None,
    base: type[CardForm] = CardForm,
    **values: Any,
) -> CardForm:
    """The card of a site (the person's own where none is named), with everything there is to choose."""
    here = here or _site()
    made = card_form_class(all_questions(), tuple(catalogue().tests), base)  # type: ignore[arg-type] # classes are hashable
    form = made(formdata=formdata, **values)
    form.demonstration = node.this_node().demonstration
    # A form written before its ward was retired is keyed all the same.
    offered = working_wards(here.id) if base is CardForm else wards(here.id)
    form.offer(offered, catalogue().tests, catalogue().reasons)
    form.offer_issuers(issuers(first=here.ods_code))
    return form


@blueprint.get("/requests/new")
@needs(Permission.REQUEST_TESTS)
def new() -> ResponseReturnValue:
    """An empty card; `?unidentified=1` with a prepared name."""
    values: dict[str, Any] = {
        "idempotency_key": str(new_id()),
        "requested_by": current_actor().name,
    }
    if "unidentified" in request.args:
        values |= _prepared_name()
    return _card_page(
        card_form(None, **values), begun=drafts.kept_since(_DRAFT, actor=current_actor())
    )


@blueprint.post("/requests/draft", endpoint="draft")
@needs(Permission.REQUEST_TESTS)
def take_up_draft() -> ResponseReturnValue:
    """The card that was half filled when the screen locked: shown again, or thrown away."""
    actor = current_actor()
    _site()
    with unit_of_work():
        text = drafts.draft_of(_DRAFT, actor=actor)
        drafts.drop_draft(_DRAFT, actor=actor)
    if not text or request.form.get("do") != "take-up":
        return see_other("requests.new")
    return _card_page(card_form(MultiDict(parse_qsl(text, keep_blank_values=True))), fresh=True)


def _prepared_name() -> dict[str, str]:
    issuer = _site().ods_code
    name = free_name(issuer)
    if name is None:
        flash(
            "The list of prepared names is used up. Ring the administrator, and use the paper form.",
            "error",
        )
        return {}
    return {
        "unidentified": "1",
        "surname": name.surname,
        "forenames": name.forename,
        "hospital_number": name.number,
        "issuer": issuer,
        "sex": "U",
    }


@blueprint.post("/requests/new")
@needs(Permission.REQUEST_TESTS)
def send() -> ResponseReturnValue:
    """Look the patient up, tick a set of tests, or sign and send."""
    form = card_form(request.form)
    if (code := request.form.get("panel", "")) and tick_panel(form, code):
        return _card_page(form, fresh=True)
    if request.form.get("do") == "look-up":
        return _card_page(form, fresh=True, known=fill_known(form))
    if not form.validate_on_submit():
        refuse_choices(form, _site().id)
        return _card_page(form, status=422)
    placed = form.attempt(lambda: _place(form))
    if placed is None:
        return _card_page(form, status=422)
    _say_sent(placed)
    printing = request.form.get("do") == "send-and-print"
    return see_other(
        "tracking.request", request_id=placed.request_id, printing="labels" if printing else None
    )


def refuse_choices(form: CardForm, site_id: uuid.UUID | None = None) -> None:
    """What is wrong with tests and urgency is said at once, not after everything else is right.

    `site_id`: where blood is to be taken; None for a written form.
    """
    band = form.band.data if form.band.data in set(Band) else None
    choices = Choices(
        tuple(code for code in form.tests.data or () if code in catalogue().tests),
        form.answers(all_questions()),
        form.anticoagulant.data or "",
        Band(band) if band else None,
        form.reason_code.data or "",
        form.reason_text.data or "",
        site_id,
    )
    for field, sentence in choice_problems(choices).items():
        if not form[field].errors:
            form.refuse(RuleBroken(sentence, field=field))


def _place(form: CardForm) -> PlacedRequest:
    with unit_of_work():
        return place_request(form.to_command(all_questions()), actor=current_actor())


def _say_sent(placed: PlacedRequest) -> None:
    again = (
        "It had been sent already and stands once."
        if placed.repeated
        else "Sent to the laboratory."
    )
    flash(again, "done")


def tick_panel(form: CardForm, code: str) -> bool:
    """Tick a set of tests; whether there is such a set."""
    chosen = next((panel for panel in panels() if panel.code == code), None)
    if chosen is None:
        return False
    form.tests.data = list(dict.fromkeys([*(form.tests.data or []), *chosen.tests]))
    return True


_TOLD = {
    "surname": Field.NAME,
    "forenames": Field.NAME,
    "sex": Field.SEX,
    "nhs_number": Field.NHS_NUMBER,
    "hospital_number": Field.HOSPITAL_NUMBER,
}
PATIENT_BOXES = tuple(_TOLD)


def fill_known(form: CardForm) -> LookUp:
    """Fill the boxes of a patient found by number and date of birth.

    What an earlier look-up filled is taken back first, so that no box keeps the name of another patient;
    what was typed stays as it was typed.
    """
    patient, names = _filled_before(form)
    before = {name: form[name].data or "" for name in names}
    for name in names:
        form[name].data = ""
    found = looked_up(form)
    form.filled.data = ""
    if found.patient is not None:
        kept = before if str(found.patient_id) == patient else {}
        filled = [name for name, held in _held(found).items() if _fill(form, name, held, kept)]
        form.filled.data = f"{found.patient_id};{','.join(filled)}"
    return found


def _filled_before(form: CardForm) -> tuple[str, list[str]]:
    patient, _, names = (form.filled.data or "").partition(";")
    return patient, [name for name in names.split(",") if name in PATIENT_BOXES]


def _held(found: LookUp) -> dict[str, str]:
    if found.patient is None:
        return {}
    held = found.patient.identity
    sex = held.sex.value if held.sex is not Sex.UNKNOWN else ""
    return dict(
        zip(
            PATIENT_BOXES,
            (held.surname, held.forenames, sex, held.nhs_grouped, held.hospital_number),
            strict=True,
        )
    )


def _fill(form: CardForm, name: str, held: str, kept: dict[str, str]) -> bool:
    """Put the held value into an empty box; True when it now stands there because of the look-up."""
    if name in kept and kept[name] != held:
        form[name].data = kept[name]  # put right by hand since
        return False
    if form[name].data or not held:
        return False
    form[name].data = held
    return True


def looked_up(form: CardForm) -> LookUp:
    """What the typed number and date of birth lead to."""
    names = ("nhs_number", "hospital_number", "issuer", "born", "surname", "forenames")
    typed = TypedPatient(**{name: form[name].data or "" for name in names})
    tests = tuple(code for code in form.tests.data or () if code in catalogue().tests)
    return look_up(typed, tests, demonstration=form.demonstration, actor=current_actor())


def _card_page(
    form: CardForm,
    *,
    fresh: bool = False,
    known: LookUp | None = None,
    status: int = 200,
    begun: dt.datetime | None = None,
) -> ResponseReturnValue:
    context = card_context(form, known or looked_up(form))
    return render_template("requests/card.html", **context, fresh=fresh, begun=begun), status


def card_context(form: CardForm, known: LookUp, here: SiteView | None = None) -> dict[str, Any]:
    """What the card's template shows."""
    if known.patient is not None:
        note_prefilled(form, known.patient_id, _TOLD)
    ticked = [code for code in form.tests.data or [] if code in catalogue().tests]
    # For a written form blood was taken already: what nobody can do from now on is no matter.
    taken_at = None if here else _site().id
    system: TubeSystem = (here or _site()).tube_system
    columns = card_columns(system, ticked, taken_at)
    return {
        "form": form,
        "ticked": ticked,
        "columns": columns,
        "stopped": {
            line.code: line.stop for line in lines_of(columns) if line.ticked and line.stop
        },
        "system": system,
        "panels": panels(),
        "strip": strip(system, ticked),
        "questions": questions_for(ticked),
        "bands": BANDS,
        "known": known,
        "incident": open_incident(),
        "page_has_errors": bool(form.errors),
    }


@blueprint.post("/requests/card-live")
@needs(Permission.REQUEST_TESTS)
def card_live() -> ResponseReturnValue:
    """The parts of the card that change while it is filled: tubes, questions, repeats, the patient found."""
    form = card_form(request.form)
    shown = {name: form[name].data or "" for name in PATIENT_BOXES}
    known = fill_known(form)
    changed = [name for name, text in shown.items() if (form[name].data or "") != text]
    context = card_context(form, known)
    return render_template("requests/card_live.html", **context, changed=changed)


@blueprint.route("/requests/<uuid:request_id>/withdraw", methods=["GET", "POST"])
@needs(Permission.REQUEST_TESTS)
def withdraw(request_id: uuid.UUID) -> ResponseReturnValue:
    """Take tests back."""
    view = request_view(request_id, current_actor())
    allowed = TRANSITIONS[TestAction.WITHDRAW].sources
    names = {t.test.code: t.test.name for t in view.tests if t.status in allowed}
    form = WithdrawForm(version=view.version)
    form.tests.choices = list(names.items())
    if "all" in request.form:
        form.tests.data = list(names)
        return _withdraw_page(form, view), 200
    if form.is_submitted() and (codes := form.attempt(lambda: _withdraw(form, request_id))):
        withdrawn = and_text([names[code] for code in codes])
        flash(f"Withdrawn: {withdrawn}. The laboratory sees it at once.", "done")
        return see_other("tracking.request", request_id=request_id)
    form.catch_up(view.version)
    return _withdraw_page(form, view), form.status


def _withdraw_page(form: WithdrawForm, view: RequestView) -> str:
    note_shown(view.patient_id, Field.TESTS if form.tests.choices else Field(0))
    return render_template("requests/withdraw.html", form=form, request_view=view)


def _withdraw(form: WithdrawForm, request_id: uuid.UUID) -> tuple[str, ...]:
    with unit_of_work():
        return withdraw_tests(form.to_command(request_id), actor=current_actor())


@blueprint.route("/requests/<uuid:request_id>/correct", methods=["GET", "POST"])
@needs(Permission.REQUEST_TESTS)
def correct(request_id: uuid.UUID) -> ResponseReturnValue:
    """Put ward, destination, call-back or clinical details right."""
    view = request_view(request_id, current_actor())
    form = CorrectDetailsForm(
        version=view.version,
        ward=str(view.ward.id),
        bed=view.bed,
        destination=str(view.destination.id),
        callback=view.callback,
        consultant=view.consultant,
        clinical_details=view.clinical_details,
    )
    named = (view.ward.id, view.destination.id)
    working = working_wards(view.ward.site.id)
    retired = [
        each for each in wards(view.ward.site.id) if each.id in named and each not in working
    ]
    form.offer([*working, *retired])
    if form.is_submitted() and (goes_to := form.attempt(lambda: _correct(form, request_id))):
        flash(
            f"Put right. The slip goes to {ward(goes_to).name}. "
            "Labels printed before say the old ward: print them again if it changed.",
            "done",
        )
        return see_other("tracking.request", request_id=request_id)
    form.catch_up(view.version)
    note_prefilled(form, view.patient_id, _DETAILS)
    return render_template("requests/correct.html", form=form, request_view=view), form.status


_DETAILS = {
    "ward": Field.PLACE,
    "bed": Field.PLACE,
    "destination": Field.PLACE,
    "callback": Field.CONTACT,
    "consultant": Field.CONTACT,
    "clinical_details": Field.CLINICAL,
}


def _correct(form: CorrectDetailsForm, request_id: uuid.UUID) -> uuid.UUID:
    with unit_of_work():
        return correct_details(form.to_command(request_id), actor=current_actor())
