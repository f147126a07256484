"""While the node is sealed: almost every page answers 503 and says what to do meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, make_response, render_template, request, session

from lab_contingency.foundation import sealing
from lab_contingency.foundation.database import when_begun
from lab_contingency.foundation.errors import Sealed

_View = TypeVar("_View", bound=Callable[..., Any])
_RETRY_SECONDS = "30"


def while_sealed(view: _View) -> _View:
    """The view answers while the node is sealed too: it needs nothing that is sealed. Kept rare."""
    view.lab_while_sealed = True  # type: ignore[attr-defined]
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


def _stand_before() -> Response | None:
    if sealing.is_sealed():
        return None if answers_while_sealed(current_app, request.endpoint) else sealed_page()
    if request.endpoint != "static":
        _refresh()
    return None


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
        answer = make_response(Sealed().message, 503)
        answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    else:
        answer = make_response(render_template("sealed.html", state=state), 503)
    answer.headers["Retry-After"] = _RETRY_SECONDS
    return answer
