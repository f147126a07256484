"""A record of a thousand rows in three chains, with leavings, sealed changes and checkpoints; and tampering."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Integer, text

from lab_contingency.audit import chains
from lab_contingency.audit.anchors import Anchor
from lab_contingency.audit.chains import append
from lab_contingency.audit.models import AuditEvent, AuditStream
from lab_contingency.audit.queries import Report
from lab_contingency.audit.queries.verifying import verify_on
from lab_contingency.audit.raw import RawTable, snapshot
from lab_contingency.audit.rules import BEGINNING, Field
from lab_contingency.audit.services import (
    make_checkpoint,
    prepared,
    record,
    register_leaving,
    row_of,
    set_up_streams,
)
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.sealing import keys

STREAMS = (1, 2, 5)
ACTOR = Actor(
    uuid.uuid4(),
    "Żaneta O’Neill",
    "laboratory",
    uuid.uuid4(),
    sign_in_id=uuid.uuid4(),
    device_id=uuid.uuid4(),
    address="10.1.2.3",
)

_WHOLE = {
    (table.name, column.name)
    for table in db.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, Integer)
}


def on_stream(number: int) -> None:
    """Let this transaction write to one stream, as if the others were taken."""
    now = session()()
    row = session().get_one(AuditStream, number)
    now.info[chains._HELD] = (now.get_transaction(), None, row)


def make_log(rows: int = 1000, *, checkpoints: int = 3) -> None:
    """Fill the chains of an empty database; one row in ten seals changes, one in fifty registers a leaving."""
    with unit_of_work():
        set_up_streams()
    size = rows // 10
    for batch in range(10):
        with unit_of_work():
            on_stream(STREAMS[batch % len(STREAMS)])
            for n in range(batch * size, (batch + 1) * size):
                _one(n)
        if batch % 3 == 2 and batch // 3 < checkpoints:
            with unit_of_work():
                on_stream(STREAMS[0])
                make_checkpoint(actor=ACTOR)


def _one(n: int) -> None:
    if n % 50 == 7:
        register_leaving(
            "tube label", {uuid.uuid4(): Field.NAME | Field.BORN}, b"%PDF", actor=ACTOR
        )
    elif n % 10 == 3:
        changes = {"surname": ("Müller", "Möller"), "bed": (None, f"{n}")}
        record("request:identity_corrected", uuid.uuid4(), actor=ACTOR, changes=changes)
    elif n % 2:
        details = {"test": "FBC", "ward": uuid.uuid4(), "n": n, "values": ["FBC-HB"], "why": "ä"}
        record("requested_test:received", uuid.uuid4(), actor=ACTOR, **details)
    else:
        shown = prepared(
            "patient:shown",
            uuid.uuid4(),
            actor=ACTOR,
            answer_id=uuid.uuid4(),
            fields=n,
            list_key="queue",
            details={"laboratory": uuid.uuid4(), "page": "queue"},
        )
        append(row_of(shown))


class Tampering:
    """Changes on one connection that are never committed; `report()` verifies what they made of the record."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.sqlite = connection.dialect.name == "sqlite"
        self._drop_triggers()

    def _drop_triggers(self) -> None:
        if self.sqlite:
            found = (
                self.run("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            )
            for name in found:
                self.run(f"DROP TRIGGER {name}")
            return
        for table in ("audit_event", "leaving", "checkpoint"):
            for name in ("append_only", "sealed_anew"):
                self.run(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}")

    def run(self, sql: str, **values: Any) -> Any:
        return self.connection.execute(text(sql), values)

    def loosen(self, table: str, *columns: str) -> None:
        """No key and no NOT NULL on the table (on PostgreSQL on these columns): anything may stand in it."""
        if self.sqlite:
            self.run(f"CREATE TABLE loose AS SELECT * FROM {table}")
            self.run(f"DROP TABLE {table}")
            self.run(f"ALTER TABLE loose RENAME TO {table}")
            return
        self.run(f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}")
        if table == "audit_event":
            self.run("ALTER TABLE audit_event DROP CONSTRAINT uq_audit_event_stream_seq")
        for column in columns:
            self.run(f'ALTER TABLE {table} ALTER COLUMN "{column}" DROP NOT NULL')

    def put(self, table: str, row: dict[str, Any], column: str, value: Any) -> None:
        """Set one column of one row; text is put in as bytes on SQLite, so that it may be no text at all."""
        key = "id" if "id" in row else "number"
        held = f"CAST(:value AS {self._type(table, column)})" if self.sqlite else ":value"
        self.run(
            f'UPDATE {table} SET "{column}" = {held} WHERE "{key}" = :key',
            value=value,
            key=row[key],
        )

    def _type(self, table: str, column: str) -> str:
        return "INTEGER" if (table, column) in _WHOLE else "TEXT"

    def rows(self, table: str, rest: str = "") -> list[dict[str, Any]]:
        return [dict(row) for row in self.run(f'SELECT * FROM "{table}" {rest}').mappings()]

    def report(self, anchor: Anchor | None = None) -> Report:
        return verify_on(self.connection, anchor)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens in the block is undone after it."""
        step = self.connection.begin_nested()
        try:
            yield
        finally:
            step.rollback()

    def reseal(
        self, stream: int, start: int, key: bytes | None = None, version: int | None = None
    ) -> None:
        """What somebody with an audit key does: chain every row from `start` on anew, and set the end."""
        held = keys().current("audit")
        key, version = key or held[1], version or held[0]
        table = RawTable(AuditEvent.__table__, self.connection.dialect.name, chains.NOT_SAID)
        before = BEGINNING
        where = f'WHERE "stream" = {stream} ORDER BY "seq"'
        for row in list(table.rows(self.connection, where)):
            seq = row[table.place("seq")]
            if seq < start:
                before = row[table.place("mac")]
                continue
            changed = list(row)
            changed[table.place("key_version")] = version
            said = table.said(changed)
            before = hmac.new(key, before.encode() + b"|" + said, "sha256").hexdigest()
            self.run(
                "UPDATE audit_event SET mac = :mac, key_version = :version WHERE stream = :s AND seq = :n",
                mac=before, version=version, s=stream, n=seq,
            )  # fmt: skip
            last = seq
        self.run(
            "UPDATE audit_stream SET head = :h, seq = :q WHERE number = :s",
            h=before,
            q=last,
            s=stream,
        )

    def set_end_back(self, stream: int) -> None:
        """Let the noted end of a stream be its last row."""
        self.run(
            "UPDATE audit_stream SET (seq, head) = (SELECT seq, mac FROM audit_event "
            "WHERE stream = :s ORDER BY seq DESC LIMIT 1) WHERE number = :s",
            s=stream,
        )


@contextmanager
def tampering() -> Iterator[Tampering]:
    """The triggers gone, on a connection whose changes end with the block."""
    with snapshot() as connection:
        try:
            yield Tampering(connection)
        finally:
            connection.rollback()
