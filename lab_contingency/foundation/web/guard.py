"""What no page of ours sends: other methods, forms of other sites, one name with two values in one request."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed

from lab_contingency.foundation.web.responses import page

READING = frozenset({"GET", "HEAD"})
METHODS = READING | {"POST"}
_OUR_SITE = {"same-origin", "none"}  # "none": the person asked for it, no page did


def install(app: Flask) -> None:
    """Look at a request before its page does. The form's token stays the first line against other sites."""
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.before_request(_look)


def _look() -> ResponseReturnValue | None:
    if request.method not in METHODS:
        raise MethodNotAllowed(sorted(METHODS))
    if request.method in READING:
        return None
    if _from_elsewhere():
        return page(
            "Sent from another site",
            "Nothing was saved: this was sent by a page that is not ours. Open the page here and send it again.",
            403,
        )
    if _says_two_things():
        return page(
            "Not understood",
            "The address and the form say different things. Go back, reload the page and send it again.",
            400,
        )
    return None


def _from_elsewhere() -> bool:
    """What the browser says of the page that sent it; a client that says nothing is none that can be misled."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in _OUR_SITE
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc.casefold() != request.host.casefold()


def _says_two_things() -> bool:
    """The form is read only when the address says something too: some pages take more than a form may hold."""
    return any(
        {*request.args.getlist(name)} != {*request.form.getlist(name)}
        for name in request.args
        if name in request.form
    )
