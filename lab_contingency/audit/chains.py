"""Growing a chain: one stream a transaction, its end locked only until that transaction ends.

A single chain would make all writers of a PostgreSQL wait for each other's disk; here a writer takes any
stream that is free. SQLite has one writer at a time and uses the first.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import SessionTransaction

from lab_contingency.audit.models import AuditEvent, AuditStream
from lab_contingency.audit.rules import BEGINNING, STREAMS, canonical, chained
from lab_contingency.foundation.database import db, session
from lab_contingency.foundation.sealing import keys, seal

_HELD = "lab_audit_stream"
# The digest itself is not said, nor is sealed text: that may be sealed anew with another key.
NOT_SAID = frozenset({"mac", "sealed"})
_SAID = tuple(c.name for c in AuditEvent.__table__.columns if c.name not in NOT_SAID)
_INSERT = insert(AuditEvent.__table__)  # type: ignore[arg-type]
# The transaction, the savepoint the stream was taken in (None outside any), and the stream.
_Held = tuple[SessionTransaction | None, SessionTransaction | None, AuditStream]


def set_up_streams() -> None:
    """Begin the chains of a fresh database; does nothing where they stand."""
    if session().get(AuditStream, 1) is None:
        for number in range(1, STREAMS + 1):
            session().add(AuditStream(number=number, seq=0, head=BEGINNING))
        session().flush()


def said(event: AuditEvent) -> dict[str, Any]:
    """What the chain binds of a row."""
    return {name: getattr(event, name) for name in _SAID}


def append(event: AuditEvent, changes: Mapping[str, Any] | None = None) -> None:
    """Add the event at the end of this transaction's stream; `changes` (JSON) are sealed into it.

    The row must hold what the database will give back: whole numbers, text, ids, aware times.
    """
    stream = hold_stream()
    version, key = keys().current("audit")
    event.stream, event.seq, event.key_version = stream.number, stream.seq + 1, version
    if changes:
        event.sealed = seal(AuditEvent.__tablename__, event.id, dict(changes))
        event.sealed_digest = keyed(key, changes)
    event.mac = chained(key, stream.head, said(event))
    stream.seq, stream.head = event.seq, event.mac
    session().add(event)


def append_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Add many rows (every column but the place in the chain) at the end of this transaction's stream."""
    if not rows:
        return
    stream = hold_stream()
    version, key = keys().current("audit")
    for row in rows:
        row |= {"stream": stream.number, "seq": stream.seq + 1, "key_version": version}
        row["mac"] = chained(key, stream.head, {name: row[name] for name in _SAID})
        stream.seq, stream.head = row["seq"], row["mac"]
    session().execute(_INSERT, list(rows))


def keyed(key: bytes, row: Mapping[str, Any]) -> str:
    """A row's keyed digest outside a chain (HMAC-SHA256, 64 hexadecimal digits)."""
    return hmac.new(key, canonical(row), hashlib.sha256).hexdigest()


def hold_stream() -> AuditStream:
    """The stream of the transaction, taken at its first event and kept until it ends.

    A savepoint that is rolled back gives up the row locks taken in it: a stream taken inside one serves
    that savepoint only.
    """
    now = session()()
    root, savepoint = now.get_transaction(), now.get_nested_transaction()
    held: _Held | None = now.info.get(_HELD)
    if held is not None and held[0] is root and held[1] in (None, savepoint):
        return held[2]
    taken = _take()
    # A transaction that had not begun has begun with the taking.
    now.info[_HELD] = (now.get_transaction(), savepoint, taken)
    return taken


def _take() -> AuditStream:
    session().flush()  # what stands in memory of a stream must not be read over
    if db.engine.dialect.name == "sqlite":
        return session().get_one(AuditStream, 1)
    free = select(AuditStream).order_by(AuditStream.number).limit(1)
    row = (
        session()
        .scalars(
            free.with_for_update(skip_locked=True), execution_options={"populate_existing": True}
        )
        .one_or_none()
    )
    return row or _wait()


def _wait() -> AuditStream:
    """Every stream is being written to: wait for one of them."""
    number = random.randint(1, STREAMS)  # noqa: S311 - spreads the waiting, guards nothing
    one = select(AuditStream).where(AuditStream.number == number).with_for_update()
    return session().scalars(one, execution_options={"populate_existing": True}).one()
