"""Pages of accounts: signing in, one's own passphrase, the administrator's list."""

from __future__ import annotations

import uuid

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts import queries, services
from lab_contingency.accounts import sign_in as signing
from lab_contingency.accounts.devices import this_device
from lab_contingency.accounts.forms import (
    AccountForm,
    AddUserForm,
    GrantForm,
    PassphraseForm,
    SignInForm,
)
from lab_contingency.accounts.rules import PASSPHRASE_SHORTEST, Permission
from lab_contingency.accounts.trying import arrange
from lab_contingency.accounts.views.blueprint import blueprint
from lab_contingency.foundation import node
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web import (
    LabForm,
    current_actor,
    needs,
    public,
    see_other,
    signed_in,
)
from lab_contingency.foundation.web.paths import own_path
from lab_contingency.places.queries import laboratories, sites


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The sign-in page, with one click for each person of a demonstration.

    Where people have locked their sign-in, they come back by PIN first; `?full=1` asks for this page.
    """
    if "full" not in request.args and queries.locked_here(_device_id()):
        return see_other("accounts.locked")
    return _sign_in_page(SignInForm(formdata=None))


@blueprint.post("/sign-in")
@public
def sign_in_with_passphrase() -> ResponseReturnValue:
    """Sign in with name and passphrase."""
    form = SignInForm()
    person = form.attempt(
        lambda: signing.sign_in(
            form.username.data or "", form.passphrase.data or "", form.code.data or ""
        )
    )
    return _welcome() if person else _sign_in_page(form)


def _sign_in_page(form: SignInForm) -> ResponseReturnValue:
    people = queries.demonstration_people() if node.this_node().demonstration else ()
    page = render_template(
        "accounts/sign_in.html",
        form=form,
        trying=arrange(people),
        after=_after(),
        live=not node.this_node().demonstration,
        here=this_device(),
        locked=queries.locked_here(_device_id()),
    )
    return page, form.status


def _device_id() -> uuid.UUID | None:
    here = this_device()
    return here.id if here else None


@blueprint.post("/sign-in/demonstration/<uuid:user_id>")
@public
def sign_in_demonstration(user_id: uuid.UUID) -> ResponseReturnValue:
    """One click in a demonstration."""
    if signing.person_signed_in() is not None:
        signing.sign_out()
    signing.sign_in_demonstration(user_id)
    return _welcome()


def _after() -> str:
    """Where to go after signing in: a path of ours, or nothing."""
    return own_path(request.values.get("next", ""))


def _welcome() -> ResponseReturnValue:
    return redirect(_after(), code=303) if _after() else see_other("tracking.home")


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End the sign-in; the browser drops what it kept of the pages."""
    signing.sign_out()
    answer = make_response(see_other("accounts.sign_in"))
    answer.headers["Clear-Site-Data"] = '"cache"'  # not cookies: the device's key is one
    return answer


@blueprint.route("/passphrase", methods=["GET", "POST"])
@signed_in
def passphrase() -> ResponseReturnValue:
    """Choose one's own passphrase."""
    form = PassphraseForm()
    if form.is_submitted() and form.attempt(lambda: _choose(form)):
        signing.renew()
        flash("Your new passphrase is in force.", "done")
        return see_other("tracking.home")
    user_id = current_actor().user_id
    shortest = services.shortest_passphrase(user_id) if user_id else PASSPHRASE_SHORTEST
    return render_template("accounts/passphrase.html", form=form, shortest=shortest), form.status


def _choose(form: PassphraseForm) -> bool:
    actor = current_actor()
    if actor.user_id is None:
        raise NotFound
    with unit_of_work():
        services.choose_passphrase(
            actor.user_id, form.old.data or "", form.new.data or "", actor=actor
        )
    return True


@blueprint.get("/roles")
@signed_in
def roles() -> ResponseReturnValue:
    """The roles one holds, to change between them."""
    user_id = current_actor().user_id
    grants = queries.grants_of(user_id) if user_id else ()
    return render_template("accounts/roles.html", grants=grants, form=LabForm())


@blueprint.post("/roles/<uuid:grant_id>")
@signed_in
def change_role(grant_id: uuid.UUID) -> ResponseReturnValue:
    """Work on in another of one's roles."""
    signing.change_grant(grant_id)
    return see_other("tracking.home")


@blueprint.get("/accounts")
@needs(Permission.MANAGE_ACCOUNTS)
def users() -> ResponseReturnValue:
    """Everybody who may sign in."""
    return render_template("accounts/users.html", users=queries.users())


@blueprint.route("/accounts/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_ACCOUNTS)
def add_user() -> ResponseReturnValue:
    """Add a person; the one-time secret is shown once, in the answer itself."""
    form = AddUserForm()
    form.offer(sites(), laboratories())
    if form.is_submitted() and (added := form.attempt(lambda: _add(form))):
        user_id, secret = added
        return render_template("accounts/secret.html", user=queries.user(user_id), secret=secret)
    return render_template("accounts/add_user.html", form=form), form.status


def _add(form: AddUserForm) -> tuple[uuid.UUID, str]:
    with unit_of_work():
        return services.add_user(form.to_command(), actor=current_actor())


@blueprint.get("/accounts/<uuid:user_id>")
@needs(Permission.MANAGE_ACCOUNTS)
def user(user_id: uuid.UUID) -> ResponseReturnValue:
    """One person: roles, disable, reset."""
    return _user_page(user_id, _grant_form(formdata=None))


def _grant_form(**keys: None) -> GrantForm:
    form = GrantForm(**keys)
    form.offer(sites(), laboratories())
    return form


def _user_page(user_id: uuid.UUID, grant_form: GrantForm) -> ResponseReturnValue:
    person = queries.user(user_id)
    account_form = AccountForm(formdata=None, version=person.version)
    page = render_template(
        "accounts/user.html", user=person, form=account_form, grant_form=grant_form
    )
    return page, grant_form.status


@blueprint.post("/accounts/<uuid:user_id>/grants")
@needs(Permission.MANAGE_ACCOUNTS)
def grant(user_id: uuid.UUID) -> ResponseReturnValue:
    """Give another role."""
    form = _grant_form()

    def give() -> uuid.UUID:
        with unit_of_work():
            return services.grant_role(form.to_command(user_id), actor=current_actor())

    if form.attempt(give):
        return see_other("accounts.user", user_id=user_id)
    return _user_page(user_id, form)


@blueprint.post("/grants/<uuid:grant_id>/end")
@needs(Permission.MANAGE_ACCOUNTS)
def end_grant(grant_id: uuid.UUID) -> ResponseReturnValue:
    """Take a role away."""
    owner = queries.grant_owner(grant_id)
    with unit_of_work():
        services.end_grant(grant_id, actor=current_actor())
    return see_other("accounts.user", user_id=owner)


@blueprint.post("/accounts/<uuid:user_id>/disable")
@needs(Permission.MANAGE_ACCOUNTS)
def disable(user_id: uuid.UUID) -> ResponseReturnValue:
    """Nobody signs in with it any more."""
    with unit_of_work():
        services.disable_user(user_id, AccountForm().version_shown(), actor=current_actor())
    return see_other("accounts.user", user_id=user_id)


@blueprint.post("/accounts/<uuid:user_id>/enable")
@needs(Permission.MANAGE_ACCOUNTS)
def enable(user_id: uuid.UUID) -> ResponseReturnValue:
    """Let it sign in again."""
    with unit_of_work():
        services.enable_user(user_id, AccountForm().version_shown(), actor=current_actor())
    return see_other("accounts.user", user_id=user_id)


@blueprint.post("/accounts/<uuid:user_id>/reset")
@needs(Permission.MANAGE_ACCOUNTS)
def reset(user_id: uuid.UUID) -> ResponseReturnValue:
    """A new one-time secret, shown once."""
    with unit_of_work():
        secret = services.reset_user(user_id, AccountForm().version_shown(), actor=current_actor())
    return render_template("accounts/secret.html", user=queries.user(user_id), secret=secret)
