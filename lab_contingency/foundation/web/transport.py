"""Over which wire a page may leave: TLS to everybody, plain HTTP to this computer itself, whichever server runs it."""

from __future__ import annotations

import hashlib

from flask import Flask, Response, make_response, request
from flask.sessions import SecureCookieSessionInterface

from lab_contingency.foundation.tls.names import is_loopback

COOKIE = "lab_session"
_OVER_TLS = f"__Host-{COOKIE}"
_ROUTE = "lab.route"
_SENTENCE = (
    "This program answers other computers over https:// only. "
    "Start it with wsgi.py --host, or behind a proxy on the same computer that speaks TLS.\n"
)


class _CookieForTheWire(SecureCookieSessionInterface):
    """Over TLS the cookie may only come from and go to this very host, and only over TLS."""

    digest_method = staticmethod(hashlib.sha256)

    def get_cookie_name(self, app: Flask) -> str:
        """The name browsers guard, or the plain one on this computer."""
        return _OVER_TLS if request.is_secure else super().get_cookie_name(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether it may go over TLS only."""
        return request.is_secure or super().get_cookie_secure(app)


def install(app: Flask) -> None:
    """Refuse plain requests from elsewhere, choose the cookie, and tell the server which kind of page it was."""
    app.session_interface = _CookieForTheWire()
    app.before_request(_refuse_plain)
    app.after_request(_name_the_route)


def _refuse_plain() -> Response | None:
    """No page, no redirect: what was asked in the clear is not answered."""
    if request.is_secure or is_loopback(request.remote_addr or "127.0.0.1"):
        return None
    answer = make_response(_SENTENCE, 400)
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    return answer


def _name_the_route(answer: Response) -> Response:
    """For the access log: the rule, never the address that was typed."""
    request.environ[_ROUTE] = request.url_rule.rule if request.url_rule else "-"
    return answer
