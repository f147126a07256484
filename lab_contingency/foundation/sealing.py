"""Sealed records: what identifies a patient or speaks of their health is stored encrypted, one record a row.

The associated data is table and row id, so that a ciphertext moved to another row refuses to open.
The program starts sealed: until somebody opens the ring, nothing here seals or opens.
"""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from flask import Flask, current_app

from lab_contingency.foundation import keys as keyring
from lab_contingency.foundation.errors import LabError, RuleBroken, Sealed, StartRefused
from lab_contingency.foundation.keys import KEY_FILE_RISK, Opener, RecoverySecret, Ring, Slot
from lab_contingency.foundation.keys.files import one_at_a_time
from lab_contingency.foundation.keys.keeping import OpenRing
from lab_contingency.foundation.settings import Settings

log = logging.getLogger("lab_contingency")
KeysState = Literal["not set up", "sealed", "open"]
_EXTENSION = "lab_keys"
_SECRET_BYTES = 32
# First keys, while the records are written that belong to them: for nobody but who writes those.
_first: ContextVar[OpenRing | None] = ContextVar("first keys", default=None)


class _Cached(Protocol):
    def cache_clear(self) -> None: ...


_Memory = TypeVar("_Memory", bound=_Cached)
_memories: list[_Cached] = []


@dataclass
class _Seal:
    """What one application holds: the ring while it is open, and the file it comes from."""

    file: Path | None
    ring: Ring | None = None
    while_sealed: str = field(default_factory=lambda: secrets.token_hex(_SECRET_BYTES))


def ring_at_start(settings: Settings) -> OpenRing | None:
    """The ring, where no person is needed: a demonstration, or a key file. None: start sealed."""
    if settings.demonstration:
        return keyring.demonstration_ring(settings.keys_file)
    if not settings.keys_file.exists():
        return None
    keyring.read_document(settings.keys_file)  # a damaged one stops the start
    return _with_key_file(settings) if settings.key_file else None


def _with_key_file(settings: Settings) -> OpenRing | None:
    assert settings.key_file is not None  # noqa: S101 - the caller asked
    try:
        ring, _ = keyring.open_ring(settings.keys_file, settings.key_file)
    except (LabError, StartRefused) as refused:
        log.error("%s The program starts sealed.", refused.message)  # noqa: TRY400 - no fault
        return None
    log.warning(KEY_FILE_RISK)
    return ring


def install(app: Flask, ring: Ring | None, file: Path | None = None) -> None:
    """Give the application its ring, or let it start sealed with its keys in `file`."""
    app.extensions[_EXTENSION] = _Seal(file or getattr(ring, "file", None))
    _use(app, ring)


def _use(app: Flask, ring: Ring | None) -> None:
    held: _Seal = app.extensions[_EXTENSION]
    for memory in _memories:
        memory.cache_clear()
    held.ring = ring
    # While sealed, a secret of this process signs the cookie of the unsealing page, and nothing else.
    app.secret_key = ring.current("session")[1] if ring else held.while_sealed


def forgotten_when_sealed(memory: _Memory) -> _Memory:
    """Decorate a cache that holds opened records: it is emptied when the node is sealed."""
    _memories.append(memory)
    return memory


def keys_state(app: Flask) -> KeysState:
    """Whether the node has keys, and whether they are open."""
    held: _Seal = app.extensions[_EXTENSION]
    if held.ring is not None:
        return "open"
    return "sealed" if held.file is not None and held.file.exists() else "not set up"


def is_sealed() -> bool:
    """Whether nothing can be opened now (sealed, or never set up)."""
    return _held().ring is None


def keys_file() -> Path:
    """The file the keys stand in."""
    file = _held().file
    if file is None:
        raise StartRefused("This application keeps its keys in no file.")
    return file


def keys() -> Ring:
    """The ring of the running application; raises Sealed."""
    ring = _held().ring or _first.get()
    if ring is None:
        raise Sealed
    return ring


def open_keys() -> OpenRing:
    """The ring with its file, to change slots and versions; raises Sealed."""
    ring = keys()
    if not isinstance(ring, OpenRing):
        raise StartRefused("This application keeps its keys in no file.")
    return ring


def open_with(opener: Opener) -> Slot:
    """Unseal the running application; the slot that opened. Raises WrongSecret."""
    ring, slot = keyring.open_ring(keys_file(), opener)
    _use(_app(), ring)
    return slot


def make_keys(
    custodians: Sequence[tuple[str, str]],
    *,
    recovery: RecoverySecret,
    key_file: Path | None = None,
    cost: keyring.Cost | None = None,
) -> OpenRing:
    """First keys of this node, from (name, passphrase) of each custodian and the sheet; opens it."""
    with one_at_a_time(keys_file().parent):
        ring = keyring.make_keys(
            keys_file(), custodians, recovery=recovery, key_file=key_file, cost=cost
        )
    _use(_app(), ring)
    return ring


@contextmanager
def first_keys_aside(
    custodians: Sequence[tuple[str, str]],
    *,
    recovery: RecoverySecret,
    key_file: Path | None = None,
    cost: keyring.Cost | None = None,
) -> Iterator[None]:
    """First keys in a file aside, used within the block only. The node stays closed to everybody else.

    `take_first_keys` within the block makes them the node's; without it nothing was made.
    """
    file = keys_file()
    with one_at_a_time(file.parent):
        if file.exists():
            raise RuleBroken("This node has keys already. Nothing was changed.")
        aside = keyring.aside_of(file)
        aside.unlink(missing_ok=True)
        ring = keyring.make_keys(aside, custodians, recovery=recovery, key_file=key_file, cost=cost)
        token = _first.set(ring)
        try:
            yield
        finally:
            _first.reset(token)


def take_first_keys() -> None:
    """The keys of the block get their name, and the node is open with them."""
    ring = _first.get()
    if ring is None:
        raise Sealed
    keyring.put_in_place(keys_file())
    _use(_app(), ring.at(keys_file()))


def settle_first_keys(*, kept: Callable[[], bool]) -> None:
    """After a start that was killed while it made first keys: all of it holds, or nothing.

    They are the node's when `kept` says that the records of the making were kept, else they are thrown away.
    """
    file = keys_file()
    aside = keyring.aside_of(file)
    if not aside.exists():
        return
    with one_at_a_time(file.parent):
        if aside.exists() and not file.exists() and kept():
            keyring.put_in_place(file)
        aside.unlink(missing_ok=True)


def seal_again() -> None:
    """Forget the keys and everything opened with them. Memory once used is not wiped (ADR 0011)."""
    _use(_app(), None)


def refresh() -> None:
    """Take over keys that another process made or dropped since."""
    ring = _held().ring
    if ring is not None:
        ring.refresh()
        current_app.secret_key = ring.current("session")[1]


def seal(table: str, row_id: uuid.UUID, record: dict[str, Any]) -> str:
    """Seal a record for one row of one table."""
    return keys().seal(record, place(table, row_id))


def unseal(table: str, row_id: uuid.UUID, sealed: str) -> dict[str, Any]:
    """Open a record of that row; raises `keys.Unreadable` when it was altered or comes from elsewhere."""
    return keys().open(sealed, place(table, row_id))


def place(table: str, row_id: uuid.UUID) -> str:
    """What is bound into a record, so that it opens in its own row only."""
    return f"{table}|{row_id}"


def blind_index(kind: str, value: str) -> str:
    """The keyed digest under which `value` is stored now."""
    return keys().blind_index(kind, value)


def blind_indexes(kind: str, value: str) -> tuple[str, ...]:
    """Every digest under which `value` may stand, newest first: look up with `in_()`."""
    return keys().blind_indexes(kind, value)


def content_digest(kind: str, value: str, like: str = "") -> str:
    """A keyed digest of what came out; with `like`, under the key version of that digest."""
    return keys().content_digest(kind, value, like)


def _held() -> _Seal:
    held: _Seal = current_app.extensions[_EXTENSION]
    return held


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's way
    return app
