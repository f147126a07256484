"""Every bit of every row of a record, turned one by one: `python benchmarks/audit_sweep.py [ROWS]`.

The test suite samples; this leaves nothing out. It reads a log of ROWS (1,000) from a fresh SQLite as the
verifier does and turns every bit of every value of `audit_event` in memory, checking the row's digest, its
place and its sealed changes each time. Exit 1 when one bit was missed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab_contingency import create_app
from lab_contingency.audit.chains import NOT_SAID
from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.queries.checkpoints import Marks
from lab_contingency.audit.queries.findings import Broken
from lab_contingency.audit.queries.walking import Stream, Walk
from lab_contingency.audit.raw import RawTable, snapshot
from lab_contingency.foundation.database import db
from lab_contingency.foundation.settings import Settings
from tests.factories.record import make_log

INTEGER_BITS = 63


def turned(value: Any) -> Iterator[Any]:
    """The value with each of its bits turned; what stands for nothing becomes 0 and the empty text."""
    if value is None:
        yield from (0, "")
    elif isinstance(value, int):
        yield from (value ^ 1 << bit for bit in range(INTEGER_BITS))
    else:
        raw = value.encode("utf-8", "surrogateescape")
        for place in range(len(raw)):
            for bit in range(8):
                changed = bytearray(raw)
                changed[place] ^= 1 << bit
                yield bytes(changed).decode("utf-8", "surrogateescape")


def missed_in(walk: Walk, row: list[Any], seq: int, before: str) -> tuple[int, list[str]]:
    """How many bits were turned in one row, and in which columns one was missed."""
    count, missed = 0, []
    for place, column in enumerate(walk.table.columns):
        for value in turned(row[place]):
            stream = Stream(row[walk.table.place("stream")], walk)
            stream.seq, stream.before = seq, before
            other = [*row[:place], value, *row[place + 1 :]]
            count += 1
            try:
                stream.step(other)
            except (Broken, ValueError, TypeError, AttributeError, KeyError):
                continue
            missed.append(column)
    return count, missed


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    began, bits, missed = time.perf_counter(), 0, []
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(Path(folder), None, demonstration=True))
        with app.app_context():
            db.metadata.create_all(db.engine)
            make_log(rows)
            with snapshot() as connection:
                walk = Walk(connection, Marks())
                table = RawTable(AuditEvent.__table__, "sqlite", NOT_SAID)
                before, stream = "0" * 64, None
                for row in list(table.rows(connection, 'ORDER BY "stream", "seq"')):
                    if row[table.place("stream")] != stream:
                        stream, before = row[table.place("stream")], "0" * 64
                    count, found = missed_in(walk, list(row), row[table.place("seq")] - 1, before)
                    bits, before = bits + count, row[table.place("mac")]
                    missed += found
            db.engine.dispose()
    print(
        f"{bits:,} bits of {rows:,} rows turned in {time.perf_counter() - began:.0f} s, {len(missed)} missed"
    )
    print("\n".join(sorted(set(missed))))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
