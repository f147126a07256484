"""Checkpoints: those that stand, and whether each agrees with its signature and the one before."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from lab_contingency.audit.anchors import code_of, words_of
from lab_contingency.audit.models import AuditStream, Checkpoint
from lab_contingency.audit.queries.findings import Break, Broken
from lab_contingency.audit.raw import RawTable, loaded
from lab_contingency.audit.rules import BEGINNING, STREAMS
from lab_contingency.audit.signing import NOT_DIGESTED, digest_of, is_signed
from lab_contingency.foundation.database import session

BEFORE_CHAINS = "0"  # the entry of `heads` that holds what stood before there were chains
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """One checkpoint as people name it."""

    number: int
    recorded_at: dt.datetime
    digest: str
    key_version: int
    signature: str

    @property
    def words(self) -> str:
        """Its anchor in words."""
        return words_of(self.digest)

    @property
    def code(self) -> str:
        """Its anchor as a code."""
        return code_of(self.digest)


def checkpoints() -> tuple[CheckpointView, ...]:
    """The last 200 checkpoints, the newest first."""
    statement = select(Checkpoint).order_by(Checkpoint.number.desc()).limit(_SHOWN)
    return tuple(view_of(row) for row in session().scalars(statement))


def last_checkpoint() -> CheckpointView | None:
    """The newest checkpoint: the anchor that stands on a sheet printed now is this or a later one's."""
    return next(iter(checkpoints()), None)


def view_of(row: Checkpoint) -> CheckpointView:
    """A checkpoint's row as people name it."""
    return CheckpointView(row.number, row.recorded_at, row.digest, row.key_version, row.signature)


def rows_since(heads: dict[str, Any] | None) -> int:
    """How many rows were chained since those heads."""
    total = session().scalar(select(func.coalesce(func.sum(AuditStream.seq), 0))) or 0
    return int(total) - counted(heads)


def counted(heads: dict[str, Any] | None) -> int:
    """How many rows of the chains stand before those heads."""
    return sum(seq for name, (seq, _) in (heads or {}).items() if name != BEFORE_CHAINS)


@dataclass(slots=True)
class Marks:
    """What the checkpoints say of the chains: by stream and row the digest, and who says so."""

    heads: dict[int, dict[int, tuple[str, int]]] = field(default_factory=lambda: defaultdict(dict))
    digests: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    before_chains: Any = None
    covered: int = 0

    @property
    def last_at(self) -> dt.datetime | None:
        """When the last checkpoint was made."""
        return dt.datetime.fromisoformat(self.times[-1]) if self.times else None


def check_checkpoints(connection: Connection) -> Marks:
    """Every checkpoint's digest, signature, number and chain; raises Broken with the first that fails."""
    table = RawTable(Checkpoint.__table__, connection.dialect.name, NOT_DIGESTED)  # type: ignore[arg-type]
    marks, before = Marks(), BEGINNING
    for row in table.rows(connection, 'ORDER BY "number"'):
        held = dict(zip(table.columns, row, strict=True))
        expected = len(marks.digests) + 1
        _check_place(held, expected, before)
        try:
            digest = digest_of(table.said(row))
        except (ValueError, TypeError, RecursionError):
            raise _broken(expected, "it holds a value that this program never writes.") from None
        if digest != held["digest"]:
            raise _broken(expected, "it was changed: it does not agree with its digest.")
        if not is_signed(digest, held["key_version"], held["signature"]):
            raise _broken(expected, "its signature is not this node’s: it was forged or changed.")
        _mark(marks, expected, loaded(held["heads"]))
        marks.digests.append(digest)
        marks.times.append(_iso(str(held["recorded_at"])))
        before = digest
    return marks


def _check_place(held: dict[str, Any], expected: int, before: str) -> None:
    if held["number"] != expected:
        raise _broken(expected, f"it is missing; the next that stands is {held['number']}.")
    if held["before"] != before:
        raise _broken(expected, "it does not follow from the checkpoint before it.")


def _mark(marks: Marks, number: int, heads: Any) -> None:
    if set(heads) != {str(stream) for stream in range(STREAMS + 1)}:
        raise _broken(number, "it does not name the end of every stream.")
    if marks.before_chains not in (None, heads[BEFORE_CHAINS]):
        raise _broken(number, "it disagrees with the one before on what stood before the chains.")
    marks.before_chains = heads[BEFORE_CHAINS]
    for stream in range(1, STREAMS + 1):
        seq, head = heads[str(stream)]
        held = marks.heads[stream]
        if held and seq < max_seq(held):
            raise _broken(number, f"it says that stream {stream} had become shorter.")
        if held.setdefault(seq, (head, number))[0] != head:
            raise _broken(number, f"it disagrees with an earlier one about stream {stream}.")
    marks.covered = counted(heads)


def max_seq(held: dict[int, tuple[str, int]]) -> int:
    """The last row that a checkpoint names: they were entered in rising order."""
    return next(reversed(held))


def _broken(number: int, wrong: str) -> Broken:
    return Broken(Break(f"Checkpoint {number}", wrong, number=number))


def _iso(raw: str) -> str:
    return f"{raw.replace(' ', 'T')}+00:00"
