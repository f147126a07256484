"""Signing in and out, locking and coming back: server-side sessions behind Flask-Login."""

from __future__ import annotations

import enum
import hashlib
import secrets
import uuid
from dataclasses import dataclass

import flask
import flask_login
from flask import Flask
from sqlalchemy import select, update

from lab_contingency.accounts import guesses, passphrases
from lab_contingency.accounts.devices import address, is_here, this_device
from lab_contingency.accounts.endings import end_shifts, end_sign_ins
from lab_contingency.accounts.first_things import comes_first
from lab_contingency.accounts.models import RoleGrant, Shift, SignIn, User
from lab_contingency.accounts.presence import (
    Presence,
    alive,
    idle_of,
    note_elsewhere,
    presence_of,
)
from lab_contingency.accounts.reauth import Secret, asked_of
from lab_contingency.accounts.rules import (
    EMERGENCY_LIFE,
    SEEN_EVERY,
    SIGN_IN_LIFE,
    Ending,
    Role,
    holds,
)
from lab_contingency.accounts.second_step import check_code, refused
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.web import access

_manager = flask_login.LoginManager()
_EVERYWHERE = "All places"
_SEEN_IN_DEMONSTRATION = 20  # nothing locks there: seldom is enough


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Flask-Login's user: a frozen view of one sign-in, never a database object.

    `must` names the page that comes before everything else, or is empty. `live` people have secrets,
    those of a demonstration have none. `locks` says whether a screen left alone locks; `idle` after how
    many seconds. `place` is their site or laboratory, `demonstration` whether the node is one.
    """

    token: str
    actor: Actor
    must: str
    live: bool
    locks: bool
    idle: int
    seen_ago: float
    place: str
    demonstration: bool
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def must_choose_passphrase(self) -> bool:
        """Whether they came in with a one-time secret."""
        return self.must == "accounts.passphrase"

    def get_id(self) -> str:
        """What the cookie carries: a random token, kept in the database only as a digest."""
        return self.token


class LoginAuthoriser:
    """Tells the foundation who asks and what the role holds."""

    def actor(self) -> Actor | None:
        person = flask_login.current_user
        return person.actor if isinstance(person, SignedIn) else None

    def holds(self, actor: Actor, permission: enum.StrEnum) -> bool:
        return holds(actor.role, permission)


def install(app: Flask) -> None:
    """Plug Flask-Login and the authoriser into the application."""
    _manager.session_protection = None  # _load binds a token more exactly: to its device or address
    _manager.init_app(app)
    access.install(app, LoginAuthoriser())
    app.jinja_env.globals["secret_asked"] = _secret_asked


def _secret_asked() -> str:
    """What forms that are signed ask for again: 'PIN', 'passphrase', or '' for people without a secret."""
    person = person_signed_in()
    asked = asked_of(person.actor) if person else Secret.NONE
    return {Secret.PIN: "PIN", Secret.PASSPHRASE: "passphrase"}.get(asked, "")


@_manager.user_loader  # type: ignore[untyped-decorator]
def _load(token: str) -> SignedIn | None:
    held = presence_of(_digest(token))
    if held is None or not alive(held):
        return None
    if not _where_it_was_given(held):
        note_elsewhere(held.id, address())
        return None
    return _signed_in(token, held)


def _where_it_was_given(held: Presence) -> bool:
    """A token is bound to the key of its device (phones change their address), elsewhere to its address."""
    if held.device_id is None:
        return held.address in (None, address())
    return is_here(held)


def person_signed_in() -> SignedIn | None:
    """Who is signed in, or None."""
    person = flask_login.current_user
    return person if isinstance(person, SignedIn) else None


def sign_in(username: str, passphrase: str, code: str = "") -> SignedIn:
    """Check name, passphrase and code; raises RuleBroken with one sentence for every kind of failure."""
    here = this_device()
    budget = guesses.budgets(username, here.id if here else None, address())
    charged = guesses.charge(budget, field="passphrase")
    user = session().scalars(select(User).where(User.username == username.casefold())).one_or_none()
    agrees = passphrases.agrees(user.passphrase_hash if user else None, passphrase)
    if user is None or not agrees or user.disabled_at is not None or _expired(user):
        raise refused("passphrase", user.id if user else None)
    user_id, grant_id = user.id, first_grant(user.id)
    by_code = check_code(user_id, code)
    guesses.give_back(charged)
    lock()  # whoever sat here before is gone, on the server too
    return start(grant_id, by_code=by_code)


def sign_in_demonstration(user_id: uuid.UUID) -> SignedIn:
    """One click, only in a demonstration, only for its people."""
    user = session().get(User, user_id)
    if not node.this_node().demonstration or user is None or not user.demonstration:
        raise NotFound
    return start(first_grant(user.id))


def change_grant(grant_id: uuid.UUID) -> SignedIn:
    """The same person in another of their roles: the old sign-in ends, a new one begins."""
    person = person_signed_in()
    grant = session().get(RoleGrant, grant_id)
    if person is None or grant is None or grant.user_id != person.actor.user_id or grant.ended_at:
        raise NotFound
    shift = _shift_of(person)
    by_code = shift is not None and shift.by_code
    strict = not node.this_node().demonstration
    if grant.role is Role.ADMINISTRATOR and strict and not by_code:
        raise RuleBroken(
            "Administrators give the code from their phone as well. Sign out, and sign in with it."
        )
    return _again(person, grant_id, shift)


def note_code_given() -> None:
    """The person has just given a right code: their shift counts as opened with one."""
    person = person_signed_in()
    shift = _shift_of(person) if person else None
    if shift is not None:
        shift.by_code = True


def renew() -> SignedIn | None:
    """The same person under a new token, after a secret of theirs changed."""
    person = person_signed_in()
    if person is None:
        return None
    row = session().get_one(SignIn, person.actor.sign_in_id)
    return _again(person, row.grant_id, row.shift)


def _again(person: SignedIn, grant_id: uuid.UUID, shift: Shift | None) -> SignedIn:
    shift_id = shift.id if shift else None
    _end(person, Ending.REPLACED)
    return start(grant_id, shift_id=shift_id)


def sign_out() -> None:
    """End the sign-in on the server and in the browser, and with it the shift here."""
    person = person_signed_in()
    if person is not None:
        _end(person, Ending.SIGNED_OUT, shift_too=True)
    _forget()


def lock(resume: str = "") -> None:
    """Nobody is signed in here any more; the person comes back by PIN, to the path `resume`.

    Without a PIN there is no way back but a full sign-in.
    """
    person = person_signed_in()
    if person is not None:
        shift = _shift_of(person)
        kept = shift is not None and shift.pin_hash is not None
        if shift is not None and kept:
            with unit_of_work():
                held = session().get_one(Shift, shift.id)
                held.locked_at, held.resume = clock.now(), resume or None
        _end(person, Ending.LOCKED, shift_too=not kept)
    _forget()


def come_back(shift_id: uuid.UUID) -> tuple[SignedIn, str]:
    """A new sign-in of a locked shift, after its PIN agreed; and the path where they were."""
    shift = session().get_one(Shift, shift_id)
    grant_id, resume = shift.grant_id, shift.resume or ""
    grant = shift.grant
    if grant.ended_at is not None:
        grant_id, resume = first_grant(shift.user_id), ""
    if person_signed_in() is not None:
        lock()
    with unit_of_work():
        end_sign_ins(SignIn.shift_id == shift_id, how=Ending.LOCKED)
        held = session().get_one(Shift, shift_id)
        held.locked_at, held.resume = None, None
    return start(grant_id, shift_id=shift_id), resume


def _end(person: SignedIn, how: Ending, *, shift_too: bool = False) -> None:
    with unit_of_work():
        row = session().get(SignIn, person.actor.sign_in_id)
        if row is not None:
            end_sign_ins(SignIn.id == row.id, how=how)
            if shift_too and row.shift_id is not None:
                end_shifts(Shift.id == row.shift_id)
        action = "sign_in:locked" if how is Ending.LOCKED else "sign_in:ended"
        record(action, person.actor.sign_in_id, actor=person.actor)


def _forget() -> None:
    flask_login.logout_user()
    flask.session.clear()
    access.forget_actor()


def touch() -> None:
    """Note that somebody uses the sign-in, at most every few seconds."""
    person = person_signed_in()
    if person is None:
        return
    every = SEEN_EVERY.total_seconds() * (1 if person.locks else _SEEN_IN_DEMONSTRATION)
    if person.seen_ago >= every:
        with unit_of_work():
            session().execute(
                update(SignIn)
                .where(SignIn.id == person.actor.sign_in_id, SignIn.ended_at.is_(None))
                .values(seen_at=clock.now())
            )


def first_grant(user_id: uuid.UUID) -> uuid.UUID:
    """The role a person starts with: the oldest that still stands."""
    statement = (
        select(RoleGrant.id)
        .where(RoleGrant.user_id == user_id, RoleGrant.ended_at.is_(None))
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    )
    grant_id = session().scalars(statement).first()
    if grant_id is None:
        raise RuleBroken(
            "This account holds no role any more. Ring the administrator.", field="passphrase"
        )
    return grant_id


def start(
    grant_id: uuid.UUID,
    *,
    shift_id: uuid.UUID | None = None,
    by_code: bool = False,
    emergency: bool = False,
) -> SignedIn:
    """A new sign-in with a new token, of a new shift or of one that goes on."""
    token = secrets.token_urlsafe(32)
    here = this_device()
    now = clock.now()
    with unit_of_work():
        shift = (
            session().get_one(Shift, shift_id)
            if shift_id
            else _new_shift(grant_id, by_code=by_code, emergency=emergency)
        )
        shift.grant_id = grant_id
        row = SignIn(
            id=new_id(),
            token_digest=_digest(token),
            grant_id=grant_id,
            started_at=now,
            ends_at=shift.ends_at,
            shift_id=shift.id,
            device_id=here.id if here else None,
            address=address(),
            seen_at=now,
        )
        session().add(row)
        session().flush()
        person = _signed_in(token, _just_started(token))
        record("sign_in:started", row.id, actor=person.actor)
    flask.session.clear()  # nothing of whoever used this browser before goes on
    flask_login.login_user(person)
    access.forget_actor()
    return person


def _new_shift(grant_id: uuid.UUID, *, by_code: bool, emergency: bool) -> Shift:
    here = this_device()
    grant = session().get_one(RoleGrant, grant_id)
    if here is not None:
        end_shifts(Shift.user_id == grant.user_id, Shift.device_id == here.id)
    shift = Shift(
        id=new_id(),
        user_id=grant.user_id,
        grant_id=grant_id,
        device_id=here.id if here else None,
        started_at=clock.now(),
        ends_at=clock.now() + (EMERGENCY_LIFE if emergency else SIGN_IN_LIFE),
        pin_wrong=0,
        by_code=by_code,
        emergency=emergency,
    )
    session().add(shift)
    session().flush()
    return shift


def _shift_of(person: SignedIn) -> Shift | None:
    row = session().get(SignIn, person.actor.sign_in_id)
    return row.shift if row else None


def _just_started(token: str) -> Presence:
    held = presence_of(_digest(token))
    assert held is not None  # noqa: S101 - written in this transaction
    return held


def _signed_in(token: str, held: Presence) -> SignedIn:
    actor = Actor(
        user_id=held.user_id,
        name=held.name,
        role=held.role.value,
        site_id=held.site_id,
        laboratory_id=held.laboratory_id,
        sign_in_id=held.id,
        device_id=held.device_id,
        address=address(),
    )
    limit = idle_of(held)
    return SignedIn(
        token,
        actor,
        must=comes_first(held),
        live=held.live,
        locks=limit is not None,
        idle=int(limit.total_seconds()) if limit else 0,
        seen_ago=(clock.now() - held.last_seen).total_seconds(),
        place=held.place or _EVERYWHERE,
        demonstration=held.demonstration,
    )


def _expired(user: User) -> bool:
    return user.secret_expires_at is not None and user.secret_expires_at <= clock.now()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
