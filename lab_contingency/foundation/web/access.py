"""Deny by default: every endpoint says who may use it, or the application does not start."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, current_app, g, request

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import NotPermitted, SignInNeeded, StartRefused

_View = TypeVar("_View", bound=Callable[..., Any])
_AUTHORISER = "lab_authoriser"
PUBLIC = "public"
SIGNED_IN = "signed in"


class Authoriser(Protocol):
    """What the accounts storey plugs in: who asks, and what the role holds."""

    def actor(self) -> Actor | None: ...

    def holds(self, actor: Actor, permission: enum.StrEnum) -> bool: ...


def needs(*permissions: enum.StrEnum) -> Callable[[_View], _View]:
    """The view is for roles that hold at least one of these permissions."""
    return _declare(permissions)


def public(view: _View) -> _View:
    """The view is for everybody, signed in or not. Kept rare; a test lists them."""
    return cast("_View", _declare(PUBLIC)(view))


def signed_in(view: _View) -> _View:
    """The view is for every signed-in person, whatever the role."""
    return cast("_View", _declare(SIGNED_IN)(view))


def _declare(access: object) -> Callable[[Any], Any]:
    def decorate(view: Any) -> Any:
        view.lab_access = access
        return view

    return decorate


def install(app: Flask, authoriser: Authoriser) -> None:
    """Check every request against the declarations."""
    app.extensions[_AUTHORISER] = authoriser
    app.before_request(_check_request)


def access_of(app: Flask, endpoint: str) -> object:
    """What the endpoint declares: PUBLIC, SIGNED_IN, a tuple of permissions, or None."""
    if endpoint == "static":
        return PUBLIC
    return getattr(app.view_functions.get(endpoint), "lab_access", None)


def refuse_undeclared(app: Flask) -> None:
    """Stop the start when an endpoint says nothing about who may use it."""
    missing = sorted(
        {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if access_of(app, rule.endpoint) is None
        }
    )
    if missing:
        raise StartRefused(f"These pages do not say who may use them: {', '.join(missing)}.")


def _check_request() -> None:
    if request.endpoint is None:  # no such page: answered by the 404 handler
        return
    access = access_of(current_app, request.endpoint)
    if access == PUBLIC:
        return
    actor = current_actor()
    if access == SIGNED_IN:
        return
    if not isinstance(access, tuple) or not any(may(p, actor) for p in access):
        raise NotPermitted


def current_actor() -> Actor:
    """Who asks; raises SignInNeeded when nobody is signed in."""
    actor = actor_or_none()
    if actor is None:
        raise SignInNeeded
    return actor


def actor_or_none() -> Actor | None:
    """Who asks, looked up once a request."""
    if "lab_actor" not in g:
        authoriser: Authoriser = current_app.extensions[_AUTHORISER]
        g.lab_actor = authoriser.actor()
    return cast("Actor | None", g.lab_actor)


def forget_actor() -> None:
    """After signing in or out in this request."""
    g.pop("lab_actor", None)


def may(permission: enum.StrEnum, actor: Actor | None = None) -> bool:
    """Whether the person (by default the one who asks) holds the permission."""
    actor = actor or actor_or_none()
    authoriser: Authoriser = current_app.extensions[_AUTHORISER]
    return actor is not None and authoriser.holds(actor, permission)
