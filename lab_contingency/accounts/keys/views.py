"""Pages for keys: opening the node, and the administrator's page about its keys."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.keys import queries, services
from lab_contingency.accounts.keys.forms import PassphraseForm, SealForm, SheetForm
from lab_contingency.accounts.keys.rules import COPIES_STAY, NOT_ROTATION
from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.keys import Slot
from lab_contingency.foundation.sealing import keys_state
from lab_contingency.foundation.web import (
    LabForm,
    current_actor,
    needs,
    public,
    sealed_page,
    see_other,
    while_sealed,
)

blueprint = Blueprint("keys", __name__)


@blueprint.get("/unseal")
@public
@while_sealed
def unseal() -> ResponseReturnValue:
    """Who opens the node, and with what."""
    if keys_state(current_app) == "open":
        return see_other("tracking.home")
    return _unseal_page(PassphraseForm(formdata=None), SheetForm(formdata=None))


@blueprint.post("/unseal")
@public
@while_sealed
def unseal_with_passphrase() -> ResponseReturnValue:
    """Open it with a custodian's passphrase."""
    form = PassphraseForm()
    return _attempt(form) or _unseal_page(form, SheetForm(formdata=None))


@blueprint.post("/unseal/sheet")
@public
@while_sealed
def unseal_with_sheet() -> ResponseReturnValue:
    """Open it with the recovery sheet."""
    form = SheetForm()
    return _attempt(form) or _unseal_page(PassphraseForm(formdata=None), form)


def _attempt(form: PassphraseForm | SheetForm) -> ResponseReturnValue | None:
    state = keys_state(current_app)
    if state == "open":
        return see_other("tracking.home")
    if state == "not set up":
        return None
    if isinstance(form, PassphraseForm):
        form.offer(queries.slots())
    tries = services.unsealing_of(current_app)

    def act() -> Slot:
        return tries.open_with(form.to_opener(), address=request.remote_addr or "")

    if form.attempt(act) is None:
        return None
    services.wake(current_app)
    return see_other("tracking.home")


def _unseal_page(by_passphrase: PassphraseForm, by_sheet: SheetForm) -> ResponseReturnValue:
    if keys_state(current_app) == "not set up":
        return sealed_page()
    by_passphrase.offer(queries.slots())
    page = render_template("accounts/unseal.html", by_passphrase=by_passphrase, by_sheet=by_sheet)
    return page, max(by_passphrase.status, by_sheet.status)


@blueprint.get("/keys")
@needs(Permission.MANAGE_KEYS)
def keys() -> ResponseReturnValue:
    """Slots, versions and progress; no key."""
    return _keys_page(SealForm(formdata=None))


def _keys_page(sealing: SealForm) -> ResponseReturnValue:
    page = render_template(
        "accounts/keys.html",
        view=queries.keys_view(),
        form=LabForm(formdata=None),
        sealing=sealing,
        copies_stay=COPIES_STAY,
        not_rotation=NOT_ROTATION,
    )
    return page, sealing.status


@blueprint.post("/keys/rotate/<name>")
@needs(Permission.MANAGE_KEYS)
def rotate(name: str) -> ResponseReturnValue:
    """The next version of one key."""
    with unit_of_work(alone=True):
        version = services.rotate_key(name, actor=current_actor())
    services.wake(current_app)
    flash(f"Version {version} is in use.", "done")
    return see_other("keys.keys")


@blueprint.post("/keys/seal")
@needs(Permission.MANAGE_KEYS)
def seal() -> ResponseReturnValue:
    """Close the node at once."""
    form = SealForm()

    def act() -> bool:
        services.seal_node_again(actor=current_actor())
        return True

    if not form.attempt(act):
        return _keys_page(form)
    return see_other("keys.unseal")
