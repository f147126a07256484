"""The page from which a device learns to trust this server; for everybody, also before the keys are opened."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from flask import Blueprint, Response, current_app, make_response, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.tls.authority import fingerprint
from lab_contingency.foundation.tls.keeper import read_authority
from lab_contingency.foundation.web import public, while_sealed

blueprint = Blueprint("tls", __name__)
_GROUP = 4  # bytes that are read out in one breath


@blueprint.get("/authority")
@public
@while_sealed
def authority() -> ResponseReturnValue:
    """Fingerprint, how to compare it, how to install it."""
    held = _held()
    shown = fingerprint(held).split(":")
    groups = [":".join(shown[at : at + _GROUP]) for at in range(0, len(shown), _GROUP)]
    return render_template("tls/authority.html", groups=groups, ends_at=held.not_valid_after_utc)


@blueprint.get("/authority.crt")
@public
@while_sealed
def certificate() -> ResponseReturnValue:
    """The authority as every system installs it: the bytes whose SHA-256 is the fingerprint."""
    return _file(
        _held().public_bytes(serialization.Encoding.DER), "application/x-x509-ca-cert", "crt"
    )


@blueprint.get("/authority.pem")
@public
@while_sealed
def certificate_text() -> ResponseReturnValue:
    """The same as text, as command-line tools read it."""
    return _file(_held().public_bytes(serialization.Encoding.PEM), "application/x-pem-file", "pem")


def _held() -> x509.Certificate:
    held = read_authority(settings_of(current_app).data)
    if held is None:
        raise NotFound(
            "This server answers on this computer only and has no authority. "
            "One is made when it is started with --host for a network."
        )
    return held


def _file(content: bytes, kind: str, ending: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="lab-authority.{ending}"'
    return answer
