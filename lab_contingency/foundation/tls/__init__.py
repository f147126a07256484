"""The site's own authority and this server's certificate: TLS on a network without anybody else's help."""

from __future__ import annotations

from flask import Flask, current_app

from lab_contingency.foundation.tls.keeper import Keeper

_EXTENSION = "lab_tls"


def install(app: Flask, keeper: Keeper) -> None:
    """Let the pages know what keeps the certificate of the running server."""
    app.extensions[_EXTENSION] = keeper


def notices() -> tuple[str, ...]:
    """What the administrator has to know about the certificate; empty when all is well or nothing is served."""
    keeper: Keeper | None = current_app.extensions.get(_EXTENSION)
    return keeper.notices if keeper is not None else ()


def look() -> None:
    """Put right what is due now, without waiting for the next round: the keys were just opened."""
    keeper: Keeper | None = current_app.extensions.get(_EXTENSION)
    if keeper is not None:
        keeper.look()


def authority_fingerprint() -> str:
    """SHA-256 of the authority of the running server; '' when it serves no network."""
    keeper: Keeper | None = current_app.extensions.get(_EXTENSION)
    return keeper.fingerprint if keeper is not None else ""
