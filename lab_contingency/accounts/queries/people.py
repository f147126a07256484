"""Reading accounts."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.accounts.models import RoleGrant, User
from lab_contingency.accounts.rules import GRANTS, Role
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.places.models import Laboratory, Site

_MOST = 2000
ALL_PLACES = "all places"


@dataclass(frozen=True, slots=True)
class GrantView:
    """One standing role of a person."""

    id: uuid.UUID
    role: Role
    title: str
    place: str


@dataclass(frozen=True, slots=True)
class UserView:
    """A person as the administrator sees them."""

    id: uuid.UUID
    username: str
    name: str
    state: str
    disabled: bool
    demonstration: bool
    created_at: dt.datetime
    version: int
    grants: tuple[GrantView, ...]


@dataclass(frozen=True, slots=True)
class DemonstrationPerson:
    """A person to try the program as."""

    id: uuid.UUID
    name: str
    role: Role
    title: str
    place: str
    never: str


def users() -> tuple[UserView, ...]:
    """Everybody, by name (2,000 at most)."""
    people = session().scalars(select(User).order_by(User.name).limit(_MOST)).all()
    grants = _grants_by_user()
    return tuple(_user_view(row, grants.get(row.id, ())) for row in people)


def user(user_id: uuid.UUID) -> UserView:
    """One person; NotFound."""
    row = session().get(User, user_id)
    if row is None:
        raise NotFound
    return _user_view(row, _grants_by_user(user_id).get(user_id, ()))


def grants_of(user_id: uuid.UUID) -> tuple[GrantView, ...]:
    """The standing roles of one person."""
    return _grants_by_user(user_id).get(user_id, ())


def grant_owner(grant_id: uuid.UUID) -> uuid.UUID:
    """Whose grant it is; NotFound."""
    row = session().get(RoleGrant, grant_id)
    if row is None:
        raise NotFound
    return row.user_id


def demonstration_people() -> tuple[DemonstrationPerson, ...]:
    """The people of the demonstration, one for each standing grant, in the order of the roles."""
    statement = (
        select(RoleGrant)
        .join(User)
        .where(
            User.demonstration.is_(True), User.disabled_at.is_(None), RoleGrant.ended_at.is_(None)
        )
        .order_by(RoleGrant.granted_at, RoleGrant.id)
        .limit(_MOST)
    )
    places = place_names()
    found = [
        DemonstrationPerson(
            g.user.id,
            g.user.name,
            g.role,
            GRANTS[g.role].title,
            place_of(g, places),
            GRANTS[g.role].never,
        )
        for g in session().scalars(statement)
    ]
    return tuple(sorted(found, key=lambda person: list(Role).index(person.role)))


def actor_of(username: str) -> Actor:
    """A person of the demonstration as an actor, for loading a day; NotFound."""
    statement = (
        select(RoleGrant).join(User).where(User.username == username, RoleGrant.ended_at.is_(None))
    )
    grant = session().scalars(statement).first()
    if grant is None:
        raise NotFound
    return Actor(
        grant.user_id, grant.user.name, grant.role.value, grant.site_id, grant.laboratory_id
    )


def demonstration_actors() -> tuple[Actor, ...]:
    """Every person of the demonstration in each of their roles, oldest grant first."""
    statement = (
        select(RoleGrant)
        .join(User)
        .where(
            User.demonstration.is_(True), User.disabled_at.is_(None), RoleGrant.ended_at.is_(None)
        )
        .order_by(RoleGrant.granted_at, RoleGrant.id)
        .limit(_MOST)
    )
    return tuple(
        Actor(g.user_id, g.user.name, g.role.value, g.site_id, g.laboratory_id)
        for g in session().scalars(statement)
    )


def _grants_by_user(user_id: uuid.UUID | None = None) -> dict[uuid.UUID, tuple[GrantView, ...]]:
    statement = (
        select(RoleGrant)
        .where(RoleGrant.ended_at.is_(None))
        .order_by(RoleGrant.granted_at)
        .limit(_MOST * 4)
    )
    if user_id is not None:
        statement = statement.where(RoleGrant.user_id == user_id)
    places = place_names()
    found: dict[uuid.UUID, tuple[GrantView, ...]] = {}
    for row in session().scalars(statement):
        view = GrantView(row.id, row.role, GRANTS[row.role].title, place_of(row, places))
        found[row.user_id] = (*found.get(row.user_id, ()), view)
    return found


def place_names() -> dict[uuid.UUID, str]:
    """Names of sites and laboratories by id."""
    names = {row.id: row.name for row in session().execute(select(Site.id, Site.name))}
    names |= {row.id: row.name for row in session().execute(select(Laboratory.id, Laboratory.name))}
    return names


def place_of(grant: RoleGrant, names: dict[uuid.UUID, str]) -> str:
    """Where a role holds, in words."""
    place = grant.site_id or grant.laboratory_id
    return names.get(place, "") if place else ALL_PLACES


def _user_view(row: User, grants: tuple[GrantView, ...]) -> UserView:
    return UserView(
        row.id,
        row.username,
        row.name,
        _state(row),
        row.disabled_at is not None,
        row.demonstration,
        row.created_at,
        row.version,
        grants,
    )


def _state(row: User) -> str:
    if row.disabled_at is not None:
        return "disabled"
    if row.demonstration:
        return "demonstration"
    if row.secret_expires_at is None:
        return "active"
    return "secret expired" if row.secret_expires_at <= clock.now() else "has not signed in yet"
