"""Verifying the whole record as it stands at one moment: chains, ends, checkpoints, leavings, an anchor."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from lab_contingency.audit.anchors import Anchor
from lab_contingency.audit.chains import NOT_SAID
from lab_contingency.audit.models import AuditEvent, AuditStream, Leaving
from lab_contingency.audit.queries.checkpoints import Marks, check_checkpoints
from lab_contingency.audit.queries.findings import Break, Broken, FoundAnchor, Report
from lab_contingency.audit.queries.walking import Walk, broken_row
from lab_contingency.audit.raw import RawTable, loaded, snapshot
from lab_contingency.audit.rules import BEGINNING, LEAVING_REGISTERED
from lab_contingency.foundation import clock
from lab_contingency.foundation.sealing import keys

# Leavings from before there were chains took their own id as their watermark; those since have ten signs.
_OLD_LEAVINGS = 'WHERE length("watermark") = 32 ORDER BY "id"'
_REGISTERED = (
    f"WHERE \"subject\" = 'leaving' AND \"action\" = '{LEAVING_REGISTERED}' "
    'AND "stream" <> 0 ORDER BY "subject_id"'
)


def verify(anchor: Anchor | None = None) -> Report:
    """Read everything and check it; the report names the first bad row. About 20 µs a row, in bounded memory."""
    with snapshot() as connection:
        return verify_on(connection, anchor)


def verify_on(connection: Connection, anchor: Anchor | None = None) -> Report:
    """The same over a connection made by `raw.snapshot`, to this database or a copy of it."""
    return _Verification(connection).run(anchor)


def before_chains(connection: Connection) -> tuple[int, str]:
    """How many rows and leavings stand from before there were chains, and the digest of them all."""
    dialect, count, digest = connection.dialect.name, 0, BEGINNING
    events = RawTable(AuditEvent.__table__, dialect, NOT_SAID)  # type: ignore[arg-type]
    leavings = RawTable(Leaving.__table__, dialect, frozenset())  # type: ignore[arg-type]
    for table, rest in (
        (events, 'WHERE "stream" = 0 ORDER BY "seq", "id"'),
        (leavings, _OLD_LEAVINGS),
    ):
        for row in table.rows(connection, rest):
            digest = hashlib.sha256(digest.encode() + b"|" + table.said(row)).hexdigest()
            count += 1
    return count, digest


class _Verification:
    """One run; each step raises Broken at the first thing that does not hold."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
        self._marks = Marks()
        self._walk = Walk(connection, self._marks)
        self._unprovable = 0
        self._leavings = 0
        self._found: FoundAnchor | None = None

    def run(self, anchor: Anchor | None) -> Report:
        """All steps, the cheapest first; the rest of the report holds even when one of them fails."""
        broken: Break | None = None
        try:
            self._marks = check_checkpoints(self._connection)
            self._walk = Walk(self._connection, self._marks)
            self._walk.rows()
            self._check_ends()
            self._check_made()
            self._check_before_chains()
            self._check_leavings()
            if anchor is not None:
                self._find(anchor)
        except Broken as stopped:
            broken = stopped.found
        return self._report(broken)

    def _report(self, broken: Break | None) -> Report:
        walk, marks = self._walk, self._marks
        return Report(
            verified_at=clock.now(),
            rows=walk.counted,
            streams=sum(1 for seq, _ in walk.ends.values() if seq),
            unprovable=self._unprovable,
            sealed=walk.sealed,
            leavings=self._leavings,
            checkpoints=len(marks.digests),
            since_checkpoint=max(walk.counted - marks.covered, 0),
            last_checkpoint_at=marks.last_at,
            first_bad=broken,
            remarks=tuple(self._remarks()),
            anchor=self._found,
        )

    def _remarks(self) -> Iterator[str]:
        if self._unprovable:
            yield (
                f"{self._unprovable} rows are from before there were chains: nothing shows whether they "
                "were changed before the first checkpoint."
            )
        for stream, (often, first) in self._walk.steps_back.items():
            times = "once" if often == 1 else f"{often} times"
            yield f"In stream {stream} the clock went back {times}, first at row {first}."
        if not self._marks.digests and self._walk.counted:
            yield "There is no checkpoint yet: rows cut off at the end would not show. Make one."

    def _check_ends(self) -> None:
        table = RawTable(AuditStream.__table__, self._dialect, frozenset())  # type: ignore[arg-type]
        ends = {row[0]: (row[1], row[2]) for row in table.rows(self._connection, "")}
        for stream, (seq, head) in self._walk.ends.items():
            if stream not in ends:
                raise broken_row(stream, seq, None, "the end of this stream is not noted any more.")
            if ends[stream] != (seq, head):
                raise _wrong_end(stream, seq, ends[stream])
        if len(ends) != len(self._walk.ends):
            raise Broken(Break("The ends of the streams", "there is one stream too many."))

    def _check_made(self) -> None:
        """Each checkpoint is noted in a chain, with the digest of the one before it."""
        for number, (stream, seq, before) in sorted(self._walk.made.items()):
            if number > len(self._marks.digests):
                raise Broken(
                    Break(
                        f"Checkpoint {number}",
                        f"it is missing: row {seq} of stream {stream} says that it was made.",
                        number=number,
                    )
                )
            held = self._marks.digests[number - 2] if number > 1 else BEGINNING
            if held != before:
                raise broken_row(
                    stream, seq, None, f"it names another checkpoint before number {number}."
                )
        for number in range(1, len(self._marks.digests) + 1):
            if number not in self._walk.made:
                raise Broken(Break(f"Checkpoint {number}", "no chain says that it was made."))

    def _check_before_chains(self) -> None:
        try:
            found = before_chains(self._connection)
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise Broken(
                Break(
                    "A row from before the chains",
                    "it holds a value that this program never writes.",
                )
            ) from None
        self._unprovable = found[0]
        marked = self._marks.before_chains
        if marked is not None and list(found) != marked:
            raise Broken(
                Break(
                    "The rows from before the chains",
                    f"they were changed since the first checkpoint: it counted {marked[0]}, "
                    f"{found[0]} stand now.",
                    stream=0,
                )
            )

    def _check_leavings(self) -> None:
        """Each leaving against the digest in its event, both read in the order of their ids."""
        table = RawTable(Leaving.__table__, self._dialect, frozenset())  # type: ignore[arg-type]
        place, watermark = table.place("id"), table.place("watermark")
        events = self._registered()
        event = next(events, None)
        for row in table.rows(self._connection, 'ORDER BY "id"'):
            if event is not None and event[0] < str(row[place]):
                raise _missing(event)
            if event is None or event[0] != row[place]:
                if row[watermark] == row[place]:
                    continue  # from before the chains, counted there
                raise _leaving(row[place], "no chain registers it: it was added or renamed.")
            self._check_leaving(table, row, event)
            self._leavings += 1
            event = next(events, None)
        if event is not None:
            raise _missing(event)

    def _registered(self) -> Iterator[tuple[str, str, str, Any]]:
        """Leaving, stream, row and details of every registration, by the leaving's id."""
        table = RawTable(AuditEvent.__table__, self._dialect, NOT_SAID)  # type: ignore[arg-type]
        places = [table.place(name) for name in ("subject_id", "stream", "seq", "details")]
        for row in table.rows(self._connection, _REGISTERED):
            leaving, stream, seq, details = (row[place] for place in places)
            yield leaving, stream, seq, loaded(details)

    def _check_leaving(
        self, table: RawTable, row: Sequence[Any], event: tuple[str, str, str, Any]
    ) -> None:
        key = keys().version("audit", event[3]["key"])
        try:
            digest = hmac.new(key, table.said(row), hashlib.sha256).hexdigest()
        except (ValueError, TypeError, AttributeError, RecursionError):
            digest = ""
        if digest != event[3]["digest"]:
            raise _leaving(
                event[0],
                f"it was changed: it does not agree with row {event[2]} of stream {event[1]}.",
            )

    def _find(self, anchor: Anchor) -> None:
        for number, (digest, at) in enumerate(
            zip(self._marks.digests, self._marks.times, strict=True), 1
        ):
            if digest.startswith(anchor.begins):
                self._found = FoundAnchor(number, dt.datetime.fromisoformat(at))
                return
        raise Broken(
            Break(
                "The anchor",
                "no checkpoint agrees with it. The record was cut or rewritten since the sheet was "
                "printed, or the sheet is of another database.",
            )
        )


def _wrong_end(stream: int, seq: int, noted: tuple[Any, Any]) -> Broken:
    wrong = f"the end of this stream is noted as row {noted[0]}, and the chain ends at {seq}."
    if noted[0] == seq:
        wrong = "the digest noted as the end of this stream is another."
    return broken_row(stream, seq, None, wrong)


def _missing(event: tuple[str, str, str, Any]) -> Broken:
    return _leaving(
        event[0], f"it is missing: row {event[2]} of stream {event[1]} says that it left."
    )


def _leaving(row_id: Any, wrong: str) -> Broken:
    return Broken(Break("What left", wrong, row_id=str(row_id)))
