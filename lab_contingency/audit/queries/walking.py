"""Walking the chains: each row against the digest before it, what it seals, and the checkpoints that named it."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from lab_contingency.audit.chains import NOT_SAID
from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.queries.checkpoints import Marks, max_seq
from lab_contingency.audit.queries.findings import Break, Broken
from lab_contingency.audit.raw import RawTable, loaded
from lab_contingency.audit.rules import BEGINNING, CHECKPOINT_MADE, STREAMS, canonical
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.sealing import keys, unseal

# Rows of one stream come from whichever process is free; clocks that are kept differ by far less than
# this, so that a larger step back is a clock that somebody set or that runs wrong.
TOLERANCE = dt.timedelta(seconds=2)

_CHANGED = "it was changed: it does not agree with its digest, or the row before it was replaced."
_STRANGE = "it was changed: it holds a value that this program never writes."
_TABLE = AuditEvent.__tablename__


class Walk:
    """All rows by stream and number, a batch at a time in memory; `rows()` raises Broken at the first bad one."""

    def __init__(self, connection: Connection, marks: Marks) -> None:
        self._connection = connection
        self.marks = marks
        self.table = RawTable(AuditEvent.__table__, connection.dialect.name, NOT_SAID)  # type: ignore[arg-type]
        self.ends: dict[int, tuple[int, str]] = dict.fromkeys(range(1, STREAMS + 1), (0, BEGINNING))
        self.counted = 0
        self.sealed = 0
        self.made: dict[int, tuple[int, int, str]] = {}
        self.steps_back: dict[int, tuple[int, int]] = {}  # stream: how often, first row

    def rows(self) -> None:
        """Every row of every stream, then the checkpoints that name rows after the last."""
        places = [self.table.place(name) for name in ("stream", "seq", "id")]
        stream: Stream | None = None
        for row in self.table.rows(self._connection, 'ORDER BY "stream", "seq"'):
            number, seq, row_id = (row[place] for place in places)
            if number == 0:
                continue  # from before the chains
            if stream is None or number != stream.number:
                if number not in self.ends or type(number) is not int:
                    raise Broken(
                        Break("A row", "it stands in a stream that does not exist.", row_id=row_id)
                    )
                self._close(stream)
                stream = Stream(number, self)
            try:
                stream.step(row)
            except Broken:
                raise
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
                raise broken_row(number, seq, row_id, _STRANGE) from None
        self._close(stream)
        for number, (seq, _) in self.ends.items():
            self._refuse_cut(number, seq)

    def _close(self, stream: Stream | None) -> None:
        if stream is not None:
            self.ends[stream.number] = (stream.seq, stream.before)
            self.counted += stream.seq

    def _refuse_cut(self, number: int, seq: int) -> None:
        marked = self.marks.heads[number]
        if marked and max_seq(marked) > seq:
            _, checkpoint = marked[max_seq(marked)]
            raise broken_row(
                number,
                seq + 1,
                None,
                f"it is missing: checkpoint {checkpoint} saw {max_seq(marked)} rows in this stream "
                f"and {seq} are left. Its end was cut off.",
            )


class Stream:
    """One chain being walked: where it has got to, and what each row must agree with."""

    def __init__(self, number: int, walk: Walk) -> None:
        self.number, self.seq, self.before = number, 0, BEGINNING
        self._walk, self.table = walk, walk.table
        self._marks = walk.marks.heads[number]
        self._version, self._base = 0, hmac.new(b"", digestmod=hashlib.sha256)
        self._last = ""
        place = self.table.place
        self._seq, self._id, self._mac = place("seq"), place("id"), place("mac")
        self._key_version, self._at = place("key_version"), place("recorded_at")
        self._sealed, self._sealed_digest = place("sealed"), place("sealed_digest")
        self._action, self._details = place("action"), place("details")
        if 0 in self._marks and self._marks[0][0] != BEGINNING:
            raise broken_row(number, 0, None, "a checkpoint disagrees with the beginning.")

    def step(self, row: Sequence[Any]) -> None:
        """One more row. Only digests are worked out here for every row; the rest is for few."""
        if row[self._seq] != self.seq + 1 or type(row[self._seq]) is not int:
            self._refuse_place(row)
        if row[self._key_version] != self._version:
            self._change_key(row)
        self.seq += 1
        working = self._base.copy()
        working.update(self.before.encode() + b"|" + self.table.said(row))
        self.before = working.hexdigest()
        if self.before != row[self._mac]:
            raise self._broken(row, _CHANGED)
        if self.seq in self._marks:
            self._check_mark(row)
        if row[self._sealed] is not None or row[self._sealed_digest] is not None:
            self._check_sealed(row)
        self._check_time(row)
        if row[self._action] == CHECKPOINT_MADE:
            held = loaded(row[self._details])
            self._walk.made[held["number"]] = (self.number, self.seq, held["before"])

    def _refuse_place(self, row: Sequence[Any]) -> None:
        seq = row[self._seq]
        if seq == self.seq:
            raise self._broken(row, "it stands there twice.")
        raise broken_row(
            self.number, self.seq + 1, None, f"it is missing; the next row that stands is {seq}."
        )

    def _change_key(self, row: Sequence[Any]) -> None:
        version = row[self._key_version]
        if type(version) is not int or version < self._version:
            raise self._broken(
                row, f"it is chained with key {version}, older than that of the row before it."
            )
        try:
            key = keys().version("audit", version)
        except KeyError:
            raise self._broken(
                row, f"it is chained with key {version}, which this node never had."
            ) from None
        self._version, self._base = version, hmac.new(key, digestmod=hashlib.sha256)

    def _check_mark(self, row: Sequence[Any]) -> None:
        head, checkpoint = self._marks[self.seq]
        if head != self.before:
            raise self._broken(
                row, f"it is not the row that checkpoint {checkpoint} saw here: it was replaced."
            )

    def _check_sealed(self, row: Sequence[Any]) -> None:
        sealed, digest = row[self._sealed], row[self._sealed_digest]
        if sealed is None or digest is None:
            raise self._broken(row, "what it sealed was taken away or added later.")
        try:
            if base64.urlsafe_b64encode(base64.urlsafe_b64decode(sealed)).decode() != sealed:
                raise ValueError("another spelling")  # noqa: TRY301 - one refusal for all of them
            opened = unseal(_TABLE, uuid.UUID(row[self._id]), sealed)
        except (Unreadable, ValueError):
            raise self._broken(row, "what it sealed was changed and does not open.") from None
        working = self._base.copy()
        working.update(canonical(opened))
        if working.hexdigest() != digest:
            raise self._broken(
                row, "what it sealed was replaced: it does not agree with its digest."
            )
        self._walk.sealed += 1

    def _check_time(self, row: Sequence[Any]) -> None:
        """A row from the journal keeps its own time; any other that is earlier shows a clock set back."""
        now, last = row[self._at], self._last
        if now >= last:
            if '"journal"' not in row[self._details]:
                self._last = now
            return
        back = dt.datetime.fromisoformat(last) - dt.datetime.fromisoformat(now)
        if back > TOLERANCE and '"journal"' not in row[self._details]:
            often, first = self._walk.steps_back.get(self.number, (0, self.seq))
            self._walk.steps_back[self.number] = (often + 1, first)
            self._last = now

    def _broken(self, row: Sequence[Any], wrong: str) -> Broken:
        return broken_row(self.number, row[self._seq], row[self._id], wrong)


def broken_row(stream: int, seq: Any, row_id: Any, wrong: str) -> Broken:
    """The break of a row in a chain."""
    place = f"Row {seq} of stream {stream}"
    return Broken(
        Break(place, wrong, stream=stream, seq=seq, row_id=None if row_id is None else str(row_id))
    )
