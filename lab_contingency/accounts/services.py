"""Accounts: adding, disabling, resetting, granting."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from lab_contingency.accounts import codes, passphrases
from lab_contingency.accounts.commands import AddUser, GrantRole
from lab_contingency.accounts.endings import end_grant_sign_ins, end_person_sign_ins
from lab_contingency.accounts.models import RoleGrant, User
from lab_contingency.accounts.rules import (
    GRANTS,
    ONE_TIME_SECRET_LIFE,
    PASSPHRASE_SHORTEST,
    PASSPHRASE_SHORTEST_STRONG,
    Ending,
    Role,
    Scope,
)
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.places.queries import LaboratoryView, laboratory


def add_user(command: AddUser, *, actor: Actor) -> tuple[uuid.UUID, str]:
    """Add a person; returns id and the one-time secret, which is shown once and kept nowhere."""
    secret = passphrases.one_time_secret()
    user = User(
        id=new_id(),
        username=command.username.casefold(),
        name=command.name,
        passphrase_hash=passphrases.hashed(secret),
        secret_expires_at=clock.now() + ONE_TIME_SECRET_LIFE,
        demonstration=False,
        created_at=clock.now(),
    )
    _add(user, command, actor)
    return user.id, secret


def add_first_administrator(
    username: str, name: str, passphrase_hash: str, *, actor: Actor
) -> uuid.UUID:
    """The administrator of set-up, with the passphrase they chose there."""
    command = AddUser(username, name, Role.ADMINISTRATOR, None, None)
    user = User(
        id=new_id(),
        username=command.username.casefold(),
        name=command.name,
        passphrase_hash=passphrase_hash,
        demonstration=False,
        created_at=clock.now(),
    )
    _add(user, command, actor)
    return user.id


def add_demonstration_person(command: AddUser, *, actor: Actor) -> uuid.UUID:
    """A person of the demonstration: no passphrase, one click."""
    user = User(
        id=new_id(),
        username=command.username.casefold(),
        name=command.name,
        demonstration=True,
        created_at=clock.now(),
    )
    _add(user, command, actor)
    return user.id


def _add(user: User, command: AddUser, actor: Actor) -> None:
    taken = select(User.id).where(User.username == user.username)
    if session().scalars(taken).first() is not None:
        raise RuleBroken("This user name is taken. Choose another.", field="username")
    session().add(user)
    session().flush()  # the grant refers to the row
    changes = {"username": (None, user.username), "name": (None, user.name)}
    record("user:added", user.id, actor=actor, changes=changes)
    grant_role(
        GrantRole(user.id, command.role, command.site_id, command.laboratory_id), actor=actor
    )


def grant_role(command: GrantRole, *, actor: Actor) -> uuid.UUID:
    """Give a role at the place its scope asks for."""
    site_id, laboratory_id = _place_of(command)
    if _held(command.user_id, command.role, site_id, laboratory_id):
        raise RuleBroken("This person holds that role there already.", field="role")
    grant = RoleGrant(
        id=new_id(),
        user_id=_user(command.user_id).id,
        role=command.role,
        site_id=site_id,
        laboratory_id=laboratory_id,
        granted_at=clock.now(),
        granted_by=actor.name,
    )
    session().add(grant)
    session().flush()
    changes = {"role": (None, command.role.value), "place": (None, site_id or laboratory_id)}
    record(
        "grant:given",
        grant.id,
        actor=actor,
        user=command.user_id,
        role=command.role.value,
        changes=changes,
    )
    return grant.id


def _place_of(command: GrantRole) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    match GRANTS[command.role].scope:
        case Scope.SITE:
            if command.site_id is None:
                raise RuleBroken("Choose the site this role is for.", field="site_id")
            return command.site_id, None
        case Scope.LABORATORY:
            if command.laboratory_id is None:
                raise RuleBroken("Choose the laboratory this role is for.", field="laboratory_id")
            _refuse_other_kind(command.role, laboratory(command.laboratory_id))
            return None, command.laboratory_id
        case Scope.NODE:
            return None, None


def _refuse_other_kind(role: Role, place: LaboratoryView) -> None:
    """At a partner laboratory people are partners, and see what was sent to them; ours are not."""
    if (role is Role.PARTNER) == place.own:
        theirs = "Partner laboratory" if not place.own else "Laboratory or Senior laboratory"
        raise RuleBroken(f"At {place.name} the role is {theirs}.", field="laboratory_id")


def _held(
    user_id: uuid.UUID, role: Role, site_id: uuid.UUID | None, laboratory_id: uuid.UUID | None
) -> bool:
    same = select(RoleGrant.id).where(
        RoleGrant.user_id == user_id,
        RoleGrant.role == role,
        RoleGrant.ended_at.is_(None),
        RoleGrant.site_id.is_(None) if site_id is None else RoleGrant.site_id == site_id,
        RoleGrant.laboratory_id.is_(None)
        if laboratory_id is None
        else RoleGrant.laboratory_id == laboratory_id,
    )
    return session().scalars(same).first() is not None


def end_grant(grant_id: uuid.UUID, *, actor: Actor) -> None:
    """Take a role away; sign-ins that used it end at once."""
    grant = session().get(RoleGrant, grant_id)
    if grant is None or grant.ended_at is not None:
        raise NotFound
    _refuse_last_administrator(grant)
    grant.ended_at, grant.ended_by = clock.now(), actor.name
    end_grant_sign_ins([grant.id])
    changes = {
        "role": (grant.role.value, None),
        "place": (grant.site_id or grant.laboratory_id, None),
    }
    record(
        "grant:ended",
        grant.id,
        actor=actor,
        user=grant.user_id,
        role=grant.role.value,
        changes=changes,
    )


def disable_user(user_id: uuid.UUID, version: int, *, actor: Actor) -> None:
    """Nobody signs in with this account until it is enabled again; open sign-ins end at once."""
    user = _user(user_id, version)
    if user.id == actor.user_id:
        raise RuleBroken("You cannot disable your own account. Ask another administrator.")
    if user.disabled_at is not None:
        raise RuleBroken("This account is disabled already.")
    grants = session().scalars(select(RoleGrant).where(RoleGrant.user_id == user.id)).all()
    for grant in grants:
        _refuse_last_administrator(grant)
    user.disabled_at, user.disabled_by = clock.now(), actor.name
    end_person_sign_ins(user.id, how=Ending.ACCOUNT_CHANGED)
    record("user:disabled", user.id, actor=actor, changes={"disabled": (False, True)})


def enable_user(user_id: uuid.UUID, version: int, *, actor: Actor) -> None:
    """Let the account sign in again."""
    user = _user(user_id, version)
    if user.disabled_at is None:
        raise RuleBroken("This account is not disabled.")
    user.disabled_at, user.disabled_by = None, None
    record("user:enabled", user.id, actor=actor, changes={"disabled": (True, False)})


def reset_user(user_id: uuid.UUID, version: int, *, actor: Actor) -> str:
    """A new one-time secret; the old passphrase and open sign-ins are gone."""
    user = _user(user_id, version)
    if user.demonstration:
        raise RuleBroken("A demonstration person has no passphrase to reset.")
    secret = passphrases.one_time_secret()
    user.passphrase_hash = passphrases.hashed(secret)
    user.secret_expires_at = clock.now() + ONE_TIME_SECRET_LIFE
    end_person_sign_ins(user.id, how=Ending.SECRET_CHANGED)
    record("user:reset", user.id, actor=actor)
    return secret


def shortest_passphrase(user_id: uuid.UUID) -> int:
    """How many characters this person's passphrase needs: administrators more than others."""
    administers = select(RoleGrant.id).where(
        RoleGrant.user_id == user_id,
        RoleGrant.role == Role.ADMINISTRATOR,
        RoleGrant.ended_at.is_(None),
    )
    found = session().scalars(administers).first()
    return PASSPHRASE_SHORTEST if found is None else PASSPHRASE_SHORTEST_STRONG


def choose_passphrase(user_id: uuid.UUID, old: str, new: str, *, actor: Actor) -> None:
    """A person's own passphrase in place of the old one or the one-time secret.

    Whatever else they have open ends; their own sign-in gets a new token (`sign_in.renew`).
    """
    user = _user(user_id)
    if not passphrases.agrees(user.passphrase_hash, old):
        raise RuleBroken("That is not the passphrase or secret you signed in with.", field="old")
    if problem := passphrases.problem(new, user.username, shortest=shortest_passphrase(user.id)):
        raise RuleBroken(problem, field="new")
    if new == old:
        raise RuleBroken("Choose one that differs from the old one.", field="new")
    user.passphrase_hash = passphrases.hashed(new)
    user.secret_expires_at = None
    end_person_sign_ins(user.id, how=Ending.SECRET_CHANGED, but=actor.sign_in_id)
    record("user:passphrase_chosen", user.id, actor=actor)


def remove_codes(user_id: uuid.UUID, version: int, *, actor: Actor) -> None:
    """The phone with their codes was lost; open sign-ins end, the secret is not shown."""
    user = _user(user_id, version)
    codes.remove_codes(user.id, actor=actor)
    end_person_sign_ins(user.id, how=Ending.SECRET_CHANGED)


def _refuse_last_administrator(grant: RoleGrant) -> None:
    if grant.role is not Role.ADMINISTRATOR or grant.ended_at is not None:
        return
    others = (
        select(RoleGrant.id)
        .join(User)
        .where(
            RoleGrant.role == Role.ADMINISTRATOR,
            RoleGrant.ended_at.is_(None),
            RoleGrant.user_id != grant.user_id,
            User.disabled_at.is_(None),
        )
    )
    if session().scalars(others).first() is None:
        raise RuleBroken("This is the last administrator. Grant the role to somebody else first.")


def _user(user_id: uuid.UUID, version: int | None = None) -> User:
    user = session().scalars(locked(select(User).where(User.id == user_id))).one_or_none()
    if user is None:
        raise NotFound
    if version is not None and user.version != version:
        raise ChangedByAnother
    return user
