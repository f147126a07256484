"""Keeps authority and certificate in the folder `tls`: makes them at the first start, renews them in time."""

from __future__ import annotations

import datetime as dt
import logging
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.tls import server
from lab_contingency.foundation.tls.authority import (
    CannotOpen,
    Wrapping,
    fingerprint,
    make_authority,
    open_key,
    permitted,
    seal_key,
)
from lab_contingency.foundation.tls.files import write_private
from lab_contingency.foundation.tls.names import Names
from lab_contingency.foundation.wording import date_text

log = logging.getLogger("lab_contingency.tls")
FOLDER = "tls"
AUTHORITY, AUTHORITY_KEY, SERVER = "authority.crt", "authority.key", "server.pem"
_EVERY = (
    300.0  # seconds between looks: a laptop that was carried to another network has new addresses
)
_ANEW = (
    "Move the folder “tls” out of the data folder and start again: a new authority is made, "
    "and every device must check and install it once more."
)


class Keeper:
    """One for the serving process. `look()` puts right what is due; `context` is what new connections use."""

    def __init__(self, data: Path, wrapping: Wrapping, names: Callable[[], Names]) -> None:
        self._folder = data / FOLDER
        self._wrapping = wrapping
        self._names = names
        self._unsealed: ec.EllipticCurvePrivateKey | None = None  # made while the ring was sealed
        self._looking = threading.Lock()
        self.notices: tuple[str, ...] = ()
        self.look()

    def look(self) -> None:
        """Make or renew what is due. Goes on with what there is when the authority's key cannot be opened."""
        with self._looking:
            now, wanted = clock.now(), self._names()
            authority = self._authority(wanted, now)
            held = server.read(self._folder / SERVER)
            wanted = permitted(authority, wanted)
            if held is not None and not held.is_of(authority):
                held = None
            sentence = self._renew(authority, held, wanted, now)
            self._use(authority, sentence)

    def watch(self, stopped: threading.Event) -> None:
        """Look again and again until `stopped`; for a thread of its own."""
        while not stopped.wait(_EVERY):
            try:
                self.look()
            except Exception:
                log.exception("The certificate could not be looked after.")

    def _authority(self, names: Names, now: dt.datetime) -> x509.Certificate:
        file = self._folder / AUTHORITY
        held = read_authority(self._folder.parent)
        if held is None or held.not_valid_after_utc <= now:
            held, key = make_authority(names, now)
            (self._folder / AUTHORITY_KEY).unlink(missing_ok=True)
            write_private(file, held.public_bytes(serialization.Encoding.PEM))
            self._unsealed = key
        if self._unsealed is not None:
            self._seal(self._unsealed, held)
        return held

    def _seal(self, key: ec.EllipticCurvePrivateKey, authority: x509.Certificate) -> None:
        """Put the key away; while the ring is sealed it stays in memory and the next look tries again."""
        current = self._wrapping.current()
        if current is not None:
            write_private(self._folder / AUTHORITY_KEY, seal_key(key, authority, *current))
            self._unsealed = None

    def _key(self, authority: x509.Certificate) -> ec.EllipticCurvePrivateKey | None:
        """The authority's key; None while the ring is sealed."""
        if self._unsealed is not None:
            return self._unsealed
        file = self._folder / AUTHORITY_KEY
        if not file.exists():
            raise CannotOpen
        opened = open_key(file.read_bytes(), authority, self._wrapping)
        if opened is None:
            return None
        version, key = opened
        current = self._wrapping.current()
        if current is not None and current[0] != version:
            self._seal(key, authority)
        return key

    def _renew(
        self,
        authority: x509.Certificate,
        held: server.ServerCertificate | None,
        wanted: Names,
        now: dt.datetime,
    ) -> str:
        """Issue a certificate when one is due; otherwise, or when that cannot be, what the administrator reads."""
        why = _why(held, wanted, now)
        if not why:
            return ""
        try:
            key = self._key(authority)
            put_right = "Open the keys: it is then renewed within five minutes."
        except CannotOpen:
            key, put_right = None, f"The authority’s key cannot be opened. {_ANEW}"
        if key is None:
            if held is None:
                raise StartRefused(f"This server has no certificate. {put_right}")
            return f"{why} {put_right}"
        write_private(self._folder / SERVER, server.issue(authority, key, wanted, now))
        log.info("A new certificate for this server was made.")
        return ""

    def _use(self, authority: x509.Certificate, sentence: str) -> None:
        file = self._folder / SERVER
        now_held = server.read(file)
        if now_held is None:
            raise StartRefused("The certificate of this server cannot be read. " + _ANEW)
        if sentence and (sentence,) != self.notices:
            log.warning(sentence)
        self.notices = (sentence,) if sentence else ()
        self.context: ssl.SSLContext = server.context_of(file)
        self.held = now_held
        self.fingerprint = fingerprint(authority)


def _why(held: server.ServerCertificate | None, wanted: Names, now: dt.datetime) -> str:
    """Why another certificate is due; empty when none is."""
    if held is None:
        return "This server has no certificate."
    if held.is_soon_over(now):
        end = date_text(held.ends_at)
        ends = f"ended on {end}" if held.ends_at <= now else f"ends on {end}"
        return f"The certificate of this server {ends}."
    if held.names() != wanted:
        return "This computer has other names or addresses than its certificate says."
    return ""


def read_authority(data: Path) -> x509.Certificate | None:
    """The authority's certificate of the data folder; None when it never served a network."""
    try:
        return x509.load_pem_x509_certificate((data / FOLDER / AUTHORITY).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise StartRefused("The authority’s certificate cannot be read. " + _ANEW) from problem
