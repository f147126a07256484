"""Growing a chain: one stream a transaction, its end locked only until that transaction ends.

A single chain would make all writers of a PostgreSQL wait for each other's disk; here a writer takes any
stream that is free. SQLite has one writer at a time and uses the first.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from lab_contingency.audit.models import AuditEvent, AuditStream
from lab_contingency.audit.rules import BEGINNING, STREAMS, chained
from lab_contingency.foundation.database import db, session
from lab_contingency.foundation.sealing import keys

_HELD = "lab_audit_stream"
_NOT_SAID = {"mac", "sealed"}  # the digest itself; sealed text may be sealed anew
_SAID = tuple(c.name for c in AuditEvent.__table__.columns if c.name not in _NOT_SAID)


def set_up_streams() -> None:
    """Begin the chains of a fresh database; does nothing where they stand."""
    if session().get(AuditStream, 1) is None:
        for number in range(1, STREAMS + 1):
            session().add(AuditStream(number=number, seq=0, head=BEGINNING))
        session().flush()


def said(event: AuditEvent) -> dict[str, Any]:
    """What the chain binds of a row."""
    return {name: getattr(event, name) for name in _SAID}


def append(event: AuditEvent) -> None:
    """Add the event at the end of this transaction's stream."""
    stream = _stream()
    version, key = keys().current("audit")
    event.stream, event.seq, event.key_version = stream.number, stream.seq + 1, version
    event.mac = chained(key, stream.head, said(event))
    stream.seq, stream.head = event.seq, event.mac
    session().add(event)


def append_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Add many rows (every column but the place in the chain) at the end of this transaction's stream."""
    if not rows:
        return
    stream = _stream()
    version, key = keys().current("audit")
    for row in rows:
        row |= {"stream": stream.number, "seq": stream.seq + 1, "key_version": version}
        row["mac"] = chained(key, stream.head, {name: row[name] for name in _SAID})
        stream.seq, stream.head = row["seq"], row["mac"]
    session().execute(insert(AuditEvent.__table__), list(rows))  # type: ignore[arg-type]


def _stream() -> AuditStream:
    now = session()()
    held: tuple[object, AuditStream] | None = now.info.get(_HELD)
    if held is None or held[0] is not now.get_transaction():
        taken = _take()
        held = now.info[_HELD] = (now.get_transaction(), taken)
    return held[1]


def _take() -> AuditStream:
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
