"""Headers on every answer (a few lines by hand; see ADR 0005)."""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Not for localhost: there a browser would refuse the plain demonstration, and everybody else's programs.
_ONLY_HTTPS = "max-age=31536000"
_FIXED = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=()",
}
# Camera pages alone: the reader of barcodes is WebAssembly, and the browser may ask for the camera.
CAMERA_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY.replace(
        "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
    )
    + "; media-src 'self'; connect-src 'self'",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(self)",
}


def install(app: Flask) -> None:
    """Set them after every request."""
    app.after_request(_set)


def _set(answer: Response) -> Response:
    for name, value in _FIXED.items():
        answer.headers.setdefault(name, value)
    if request.is_secure and request.host.partition(":")[0] != "localhost":
        answer.headers["Strict-Transport-Security"] = _ONLY_HTTPS
    if request.endpoint == "static" and "v" in request.args:
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif request.endpoint != "static":
        answer.headers["Cache-Control"] = "no-store"
    return answer
