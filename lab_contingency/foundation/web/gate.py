"""While the node is sealed, or not set up: almost every page answers 503 and says what to do meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, make_response, render_template, request, session

from lab_contingency.foundation import sealing
from lab_contingency.foundation.database import when_begun
from lab_contingency.foundation.errors import Sealed
from lab_contingency.foundation.tls.names import is_loopback

_View = TypeVar("_View", bound=Callable[..., Any])
_RETRY_SECONDS = "30"
_FORWARDED = ("X-Forwarded-For", "Forwarded", "Via")
_NOT_SET_UP = "This program is not set up yet. Print the blank card and telephone meanwhile."


def while_sealed(view: _View) -> _View:
    """The view answers while the node is sealed too: it needs nothing that is sealed. Kept rare."""
    view.lab_while_sealed = True  # type: ignore[attr-defined]
    return view


def before_set_up(view: _View) -> _View:
    """The view sets the node up: it answers before there are keys, to somebody at the server itself."""
    view.lab_before_set_up = True  # type: ignore[attr-defined]
    return view


def install(app: Flask) -> None:
    """Stand before every page. Installed before anything else that looks at a request."""
    app.before_request(_stand_before)
    app.register_error_handler(Sealed, lambda _sealed: sealed_page())
    when_begun(app, sealing.refresh)


def answers_while_sealed(app: Flask, endpoint: str | None) -> bool:
    """Whether the endpoint is one of the few."""
    view = app.view_functions.get(endpoint or "")
    return endpoint == "static" or getattr(view, "lab_while_sealed", False)


def answers_before_set_up(app: Flask, endpoint: str | None) -> bool:
    """Whether the endpoint sets the node up."""
    return getattr(app.view_functions.get(endpoint or ""), "lab_before_set_up", False)


def at_the_server() -> bool:
    """Whether the browser runs on this computer, and nothing stands in between."""
    forwarded = any(name in request.headers for name in _FORWARDED)
    return is_loopback(request.remote_addr or "") and not forwarded


def _stand_before() -> Response | None:
    if sealing.is_sealed():
        return None if _answers_now() else sealed_page()
    if request.endpoint != "static":
        _refresh()
    return None


def _answers_now() -> bool:
    if answers_while_sealed(current_app, request.endpoint):
        return True
    not_set_up = sealing.keys_state(current_app) == "not set up"
    return not_set_up and answers_before_set_up(current_app, request.endpoint) and at_the_server()


def _refresh() -> None:
    """Take over what another process rotated; a cookie signed with the session key before is void."""
    before = current_app.secret_key
    sealing.refresh()
    if current_app.secret_key != before:
        session.clear()


def sealed_page() -> Response:
    """Why nothing works, who can open it, what to do meanwhile; 503. A list that refreshes gets a line."""
    state = sealing.keys_state(current_app)
    if request.headers.get("HX-Request"):
        sentence = _NOT_SET_UP if state == "not set up" else Sealed().message
        answer = make_response(sentence, 503)
        answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    else:
        body = render_template("sealed.html", state=state, here=at_the_server())
        answer = make_response(body, 503)
    answer.headers["Retry-After"] = _RETRY_SECONDS
    return answer
