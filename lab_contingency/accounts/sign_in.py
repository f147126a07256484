"""Signing in and out: server-side sessions behind Flask-Login."""

from __future__ import annotations

import enum
import hashlib
import secrets
import uuid
from dataclasses import dataclass

import flask_login
from flask import Flask, request
from sqlalchemy import func, select

from lab_contingency.accounts import passphrases
from lab_contingency.accounts.models import FailedSignIn, RoleGrant, SignIn, User
from lab_contingency.accounts.rules import GUESSES, GUESSES_WITHIN, SIGN_IN_LIFE, holds
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import blind_index, blind_indexes
from lab_contingency.foundation.web import access

_manager = flask_login.LoginManager()
_REFUSED = "User name and passphrase do not fit together. Check Caps Lock and try again."
_SLOW = "Too many tries for this name. Wait five minutes, or ring the administrator."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Flask-Login's user: a frozen view of one sign-in, never a database object."""

    token: str
    actor: Actor
    must_choose_passphrase: bool
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

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
    _manager.session_protection = "strong"
    _manager.init_app(app)
    access.install(app, LoginAuthoriser())


@_manager.user_loader  # type: ignore[untyped-decorator]
def _load(token: str) -> SignedIn | None:
    statement = select(SignIn).where(SignIn.token_digest == _digest(token))
    row = session().scalars(statement).one_or_none()
    if row is None or row.ended_at is not None or row.ends_at <= clock.now():
        return None
    grant = row.grant
    if grant.ended_at is not None or grant.user.disabled_at is not None:
        return None
    return _signed_in(token, row)


def person_signed_in() -> SignedIn | None:
    """Who is signed in, or None."""
    person = flask_login.current_user
    return person if isinstance(person, SignedIn) else None


def sign_in(username: str, passphrase: str) -> SignedIn:
    """Check name and passphrase; raises RuleBroken with one sentence for every kind of failure."""
    name_index = blind_index("username", username.casefold())
    _refuse_when_slow(username)
    user = session().scalars(select(User).where(User.username == username.casefold())).one_or_none()
    agrees = passphrases.agrees(user.passphrase_hash if user else None, passphrase)
    if user is None or not agrees or user.disabled_at is not None or _expired(user):
        with unit_of_work():
            session().add(FailedSignIn(id=new_id(), name_index=name_index, at=clock.now()))
        raise RuleBroken(_REFUSED, field="passphrase")
    sign_out()  # whoever sat here before is gone, on the server too
    return _start(first_grant(user.id))


def sign_in_demonstration(user_id: uuid.UUID) -> SignedIn:
    """One click, only in a demonstration, only for its people."""
    user = session().get(User, user_id)
    if not node.this_node().demonstration or user is None or not user.demonstration:
        raise NotFound
    return _start(first_grant(user.id))


def change_grant(grant_id: uuid.UUID) -> SignedIn:
    """The same person in another of their roles: the old sign-in ends, a new one begins."""
    person = person_signed_in()
    grant = session().get(RoleGrant, grant_id)
    if person is None or grant is None or grant.user_id != person.actor.user_id or grant.ended_at:
        raise NotFound
    sign_out()
    return _start(grant.id)


def sign_out() -> None:
    """End the sign-in on the server and in the browser."""
    person = person_signed_in()
    if person is not None:
        with unit_of_work():
            row = session().get(SignIn, person.actor.sign_in_id)
            if row is not None:
                row.ended_at = clock.now()
            record("sign_in:ended", person.actor.sign_in_id, actor=person.actor)
    flask_login.logout_user()
    access.forget_actor()


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


def _start(grant_id: uuid.UUID) -> SignedIn:
    token = secrets.token_urlsafe(32)
    with unit_of_work():
        row = SignIn(
            id=new_id(),
            token_digest=_digest(token),
            grant_id=grant_id,
            started_at=clock.now(),
            ends_at=clock.now() + SIGN_IN_LIFE,
        )
        session().add(row)
        session().flush()
        person = _signed_in(token, row)
        record("sign_in:started", row.id, actor=person.actor)
    flask_login.login_user(person)
    access.forget_actor()
    return person


def _signed_in(token: str, row: SignIn) -> SignedIn:
    grant = row.grant
    actor = Actor(
        user_id=grant.user_id,
        name=grant.user.name,
        role=grant.role.value,
        site_id=grant.site_id,
        laboratory_id=grant.laboratory_id,
        sign_in_id=row.id,
        address=request.remote_addr or "",
    )
    return SignedIn(token, actor, must_choose_passphrase=grant.user.secret_expires_at is not None)


def _refuse_when_slow(username: str) -> None:
    since = clock.now() - GUESSES_WITHIN
    count = select(func.count()).where(
        FailedSignIn.name_index.in_(blind_indexes("username", username.casefold())),
        FailedSignIn.at > since,
    )
    if (session().execute(count).scalar() or 0) >= GUESSES:
        raise RuleBroken(_SLOW, field="passphrase")


def _expired(user: User) -> bool:
    return user.secret_expires_at is not None and user.secret_expires_at <= clock.now()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
