"""Pages for written forms: scan one, key it as the card, key another's again, keep its picture."""

from __future__ import annotations

import uuid
from typing import Any, cast
from urllib.parse import parse_qsl

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
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
from lab_contingency.foundation.web import current_actor, may, needs, see_other
from lab_contingency.foundation.web.disclosure import note_shown, refreshing
from lab_contingency.foundation.wording import and_text
from lab_contingency.places.queries import issuers
from lab_contingency.requests.commands import PlacedRequest
from lab_contingency.requests.packs import queries, services
from lab_contingency.requests.packs.forms import (
    KeyAgainForm,
    PictureForm,
    ScanPackForm,
    WrittenCardForm,
)
from lab_contingency.requests.packs.pictures import LARGEST
from lab_contingency.requests.packs.rules import MediaType, PackState
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.queries.card import all_questions, card_columns
from lab_contingency.requests.queries.lookup import LookUp
from lab_contingency.requests.views import (
    PATIENT_BOXES,
    card_context,
    card_form,
    fill_known,
    looked_up,
    refuse_choices,
    tick_panel,
)

blueprint = Blueprint("forms", __name__)
_DRAFT = "written form"
_AROUND_A_PICTURE = 64 * 1024
_ON_A_FORM = (
    Field.NAME
    | Field.BORN
    | Field.SEX
    | Field.NHS_NUMBER
    | Field.HOSPITAL_NUMBER
    | Field.PLACE
    | Field.TESTS
    | Field.CONTACT
    | Field.CLINICAL
)
_SUFFIX = {MediaType.JPEG: "jpg", MediaType.PNG: "png", MediaType.PDF: "pdf"}
_READ = {
    "surname": "surname",
    "forenames": "forename",
    "born": "date of birth",
    "sex": "sex",
    "nhs_number": "NHS number",
    "hospital_number": "hospital number",
    "tests": "tests",
}


@blueprint.get("/forms")
@needs(Permission.TRANSCRIBE_FORMS)
@refreshing("forms")
def start() -> ResponseReturnValue:
    """Scan a written form; below it the forms that wait for a second person."""
    return _start(ScanPackForm(formdata=None))


def _start(form: ScanPackForm) -> ResponseReturnValue:
    actor = current_actor()
    page = render_template(
        "forms/start.html",
        form=form,
        waiting=queries.to_key_again(actor),
        me=actor.user_id,
        begun=drafts.kept_since(_DRAFT, actor=actor),
    )
    return page, form.status


@blueprint.post("/forms/draft")
@needs(Permission.TRANSCRIBE_FORMS)
def draft() -> ResponseReturnValue:
    """The form that was half keyed when the screen locked: shown again, or thrown away."""
    actor = current_actor()
    with unit_of_work():
        text = drafts.draft_of(_DRAFT, actor=actor)
        drafts.drop_draft(_DRAFT, actor=actor)
    typed = MultiDict(parse_qsl(text, keep_blank_values=True))
    if not text or request.form.get("do") != "take-up":
        return see_other("forms.start")
    pack = queries.pack_view(_uuid(typed.get("pack", "")), actor)
    if pack.state is not PackState.ISSUED:
        return _spent(pack)
    form = _written(pack, typed)
    return _card_page(pack, form, looked_up(form), fresh=True)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None


@blueprint.post("/forms/scan")
@needs(Permission.TRANSCRIBE_FORMS)
@refreshing("forms")
def scan() -> ResponseReturnValue:
    """Take up the form that was scanned."""
    form = ScanPackForm()

    def act() -> uuid.UUID:
        with unit_of_work():
            return services.begin_keying(form.number.data or "", actor=current_actor())

    pack_id = form.attempt(act)
    return see_other("forms.key", pack_id=pack_id) if pack_id else _start(form)


@blueprint.get("/forms/<uuid:pack_id>")
@needs(Permission.TRANSCRIBE_FORMS)
def key(pack_id: uuid.UUID) -> ResponseReturnValue:
    """The card, to be filled as the form was."""
    pack = queries.pack_view(pack_id, current_actor())
    if pack.state is not PackState.ISSUED:
        return _spent(pack)
    values: dict[str, Any] = {"idempotency_key": str(new_id()), "ward": str(pack.ward.id)}
    if "unidentified" in request.args:
        values |= {"unidentified": "1", "issuer": pack.ward.site.ods_code, "sex": "U"}
    form = _written(pack, None, **values)
    return _card_page(pack, form, looked_up(form))


def _spent(pack: queries.PackView) -> ResponseReturnValue:
    """Somebody was first, or the pack is void: say so, and lead to what stands."""
    flash(f"Form {pack.number_text}: {pack.words}.", "error")
    if pack.request_id is not None and may(Permission.FIND_REQUESTS):
        return see_other("tracking.request", request_id=pack.request_id)
    return see_other("forms.start")


def _written(pack: queries.PackView, formdata: Any, **values: Any) -> WrittenCardForm:
    form = card_form(formdata, here=pack.ward.site, base=WrittenCardForm, **values)
    return cast("WrittenCardForm", form)


def _card_page(
    pack: queries.PackView, form: WrittenCardForm, known: LookUp, *, fresh: bool = False
) -> ResponseReturnValue:
    page = render_template(
        "forms/key.html",
        **card_context(form, known, pack.ward.site),
        **_around(pack),
        fresh=fresh,
        picture_form=PictureForm(formdata=None),
    )
    return page, 200 if fresh else form.status


def _around(pack: queries.PackView) -> dict[str, Any]:
    return {
        "pack": pack,
        "draft": _DRAFT,
        "save_url": url_for("forms.save", pack_id=pack.id),
        "live_url": url_for("forms.live", pack_id=pack.id),
        "unidentified_url": url_for("forms.key", pack_id=pack.id, unidentified=1),
        "others": queries.others_keying(pack.id, current_actor()),
        "pictures": queries.pictures_of(pack.id),
    }


@blueprint.post("/forms/<uuid:pack_id>")
@needs(Permission.TRANSCRIBE_FORMS)
def save(pack_id: uuid.UUID) -> ResponseReturnValue:
    """Look the patient up, tick a set of tests, or save the form under its number."""
    pack = queries.pack_view(pack_id, current_actor())
    form = _written(pack, request.form)
    if (code := request.form.get("panel", "")) and tick_panel(form, code):
        return _card_page(pack, form, looked_up(form), fresh=True)
    if request.form.get("do") == "look-up":
        return _card_page(pack, form, fill_known(form), fresh=True)
    if not form.validate_on_submit():
        refuse_choices(form)
        return _card_page(pack, form, looked_up(form))
    placed = form.attempt(lambda: _save(pack, form))
    if placed is None:
        return _card_page(queries.pack_view(pack_id, current_actor()), form, looked_up(form))
    flash(_saved(placed), "done")
    return see_other("tracking.request", request_id=placed.request_id)


def _save(pack: queries.PackView, form: WrittenCardForm) -> PlacedRequest:
    with unit_of_work():
        command = form.to_transcription(pack.id, all_questions())
        return services.transcribe_form(command, actor=current_actor())


def _saved(placed: PlacedRequest) -> str:
    if placed.repeated:
        return "It had been saved already and stands once."
    if queries.waits_for_check(placed.request_id):
        return "Saved. It asks for transfusion: now a second person keys it from the form."
    return "Saved under the number on the form. Its tubes can be received."


@blueprint.post("/forms/<uuid:pack_id>/live")
@needs(Permission.TRANSCRIBE_FORMS)
def live(pack_id: uuid.UUID) -> ResponseReturnValue:
    """The parts of the card that change while it is filled."""
    pack = queries.pack_view(pack_id, current_actor())
    form = _written(pack, request.form)
    shown = {name: form[name].data or "" for name in PATIENT_BOXES}
    known = fill_known(form)
    changed = [name for name, text in shown.items() if (form[name].data or "") != text]
    context = card_context(form, known, pack.ward.site)
    return render_template("requests/card_live.html", **context, changed=changed)


@blueprint.post("/forms/<uuid:pack_id>/present")
@needs(Permission.TRANSCRIBE_FORMS)
def present(pack_id: uuid.UUID) -> ResponseReturnValue:
    """Say that this person still has the form open; who else has."""
    actor = current_actor()
    pack = queries.pack_view(pack_id, actor)
    with unit_of_work():
        services.note_keying(pack.id, actor=actor)
    return render_template(
        "forms/others.html", pack=pack, others=queries.others_keying(pack.id, actor)
    )


@blueprint.post("/forms/<uuid:pack_id>/pictures")
@needs(Permission.TRANSCRIBE_FORMS)
def attach(pack_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a photo or scan of the form, sealed."""
    form = PictureForm()

    def act() -> uuid.UUID:
        picture = form.read()
        with unit_of_work():
            return services.attach_picture(pack_id, picture, actor=current_actor())

    if form.attempt(act) is None:
        return render_template("forms/attach.html", form=form, pack_id=pack_id), form.status
    flash("The picture is kept, sealed.", "done")
    return _back_from(pack_id)


def _back_from(pack_id: uuid.UUID) -> ResponseReturnValue:
    pack = queries.pack_view(pack_id, current_actor())
    if pack.request_id is not None:
        return see_other("tracking.request", request_id=pack.request_id)
    return see_other("forms.key", pack_id=pack_id)


@blueprint.get("/forms/pictures/<uuid:picture_id>")
@needs(Permission.TRANSCRIBE_FORMS)
def picture(picture_id: uuid.UUID) -> Response:
    """The picture itself. It is never read here, only handed on as what it was when it came."""
    kind, data, patient_id = queries.picture_bytes(picture_id, current_actor())
    note_shown(patient_id, _ON_A_FORM)
    answer = make_response(data)
    answer.headers["Content-Type"] = kind.value
    placed = "attachment" if kind is MediaType.PDF else "inline"
    answer.headers["Content-Disposition"] = f"{placed}; filename=form.{_SUFFIX[kind]}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@blueprint.route("/forms/again/<uuid:transcription_id>", methods=["GET", "POST"])
@needs(Permission.TRANSCRIBE_FORMS)
def again(transcription_id: uuid.UUID) -> ResponseReturnValue:
    """A second person keys what is on the form, without seeing what the first one keyed."""
    actor = current_actor()
    held = queries.transcription(transcription_id, actor)
    view = request_view(held.request_id, actor)
    form = KeyAgainForm(formdata=request.form if request.method == "POST" else None)
    form.demonstration = node.this_node().demonstration
    form.unidentified = view.patient.unidentified
    form.offer(catalogue().tests)
    form.offer_issuers(issuers(first=view.ward.site.ods_code))
    if form.is_submitted() and form.attempt(lambda: _again(form, transcription_id)):
        flash("Both keyed the same. The tube can be taken in now.", "done")
        return see_other("forms.start")
    ticked = form.tests.data or []
    page = render_template(
        "forms/again.html",
        form=form,
        held=held,
        own=held.keyed_by_id == actor.user_id,
        columns=card_columns(view.ward.site.tube_system, ticked),
        pictures=queries.pictures_of(held.pack_id),
        unidentified=view.patient.unidentified,
    )
    return page, form.status


def _again(form: KeyAgainForm, transcription_id: uuid.UUID) -> bool:
    """The attempt is kept before the difference is said: committed first, refused after."""
    with unit_of_work():
        found = services.key_again(form.to_command(transcription_id), actor=current_actor())
    for name in found:
        form[name].errors = [*form[name].errors, "The first person read this differently."]
    if found:
        read = and_text([_READ[name] for name in found])
        raise RuleBroken(
            f"You two did not read the same: {read}. Read the form again, letter by letter. If you are "
            "sure, the request is put right first, and keyed again then."
        )
    return True


def _allow_pictures() -> None:
    """A picture may be larger than a form; everything else keeps the ordinary cap."""
    if request.endpoint == "forms.attach":
        request.max_content_length = LARGEST + _AROUND_A_PICTURE


@blueprint.record_once
def _before_everything(state: BlueprintSetupState) -> None:
    """Before the token is looked for: that reads the form."""
    state.app.before_request_funcs.setdefault(None, []).insert(0, _allow_pictures)
