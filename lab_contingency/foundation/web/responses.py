"""Answers of the application: redirects, papers, and error pages that say what to do next."""

from __future__ import annotations

import logging
import secrets
import sys
import traceback
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from lab_contingency.foundation.database import db
from lab_contingency.foundation.errors import (
    CannotRecord,
    ChangedByAnother,
    LabError,
    NotFound,
    NotPermitted,
    SignInNeeded,
)
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.web import disclosure, refusals

log = logging.getLogger("lab_contingency")
_STATUS: tuple[tuple[type[LabError], int, str], ...] = (
    (NotFound, 404, "Not here"),
    (NotPermitted, 403, "Not for your role"),
    (ChangedByAnother, 409, "Changed by somebody else"),
    (CannotRecord, 503, "Not shown"),
    (LabError, 422, "That cannot be done"),
)
_HTTP = {
    400: (
        "Not understood",
        "The page could not read what was sent. Go back, check it and send it again.",
    ),
    404: ("Not here", NotFound().message),
    405: (
        "Not like this",
        "This address is used by a button, not by a link. Go back and press the button.",
    ),
    413: ("Too large", "What was sent is too large. Send less at a time."),
}
# Doing the same once more leads to the same page: what is not here, or not for this role.
_USELESS_AGAIN = frozenset({403, 404, 405})


def see_other(endpoint: str, **values: Any) -> ResponseReturnValue:
    """303 to a page, after something was done."""
    return redirect(url_for(endpoint, **values), code=303)


def paper(pdf: bytes, name: str) -> Response:
    """A PDF to look at and print; `name` never says whose it is."""
    answer = make_response(pdf)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def install(app: Flask) -> None:
    """Turn every error into a page with a next step and the blank paper form."""
    app.register_error_handler(SignInNeeded, _to_sign_in)
    app.register_error_handler(LabError, _lab_error)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def page(title: str, message: str, status: int, reference: str = "") -> ResponseReturnValue:
    """The one error page. What the page before it would have shown is not shown."""
    disclosure.start_anew()
    again = status not in _USELESS_AGAIN
    body = render_template(
        "error.html", heading=title, sentence=message, reference=reference, again=again
    )
    return body, status


def _to_sign_in(_error: SignInNeeded) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = url_for("accounts.sign_in")
        return answer
    after = request.path if request.method == "GET" else None
    return see_other("accounts.sign_in", next=after)


def _lab_error(error: LabError) -> ResponseReturnValue:
    status, title = next((s, t) for kind, s, t in _STATUS if isinstance(error, kind))
    refusals.note(error, status)
    answer = page(title, error.message, status)
    disclosure.note_error(error)
    return answer


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return page(
        "Sent from an old page",
        "This page was opened before you signed in, or in another window. "
        "Nothing was saved. Go back, copy what you typed, reload the page and send it again.",
        400,
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 - a redirect is no error
        return error.get_response()
    title, message = _HTTP.get(status, ("That did not work", "Go back and try again."))
    answer = make_response(page(title, message, status))
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return answer


def _fault(error: Exception) -> ResponseReturnValue:
    reference = secrets.token_hex(4)
    log.error("fault %s %s at %s\n%s", reference, type(error).__name__, request.endpoint, _frames())
    db.session.rollback()
    if isinstance(error, Unreadable):
        message = (
            "A record could not be opened: it was altered or moved in the database. It is not shown. "
            f"Tell the administrator, with reference {reference}."
        )
        return page("Record altered", message, 500, reference)
    return page(
        "Something failed",
        "Nothing was saved. Try once more; if it fails again use the paper form and tell the administrator, "
        f"with reference {reference}.",
        500,
        reference,
    )


def _frames() -> str:
    """Where it happened, without the message: that may hold what somebody typed."""
    _, _, tb = sys.exc_info()
    return "".join(traceback.format_tb(tb))
