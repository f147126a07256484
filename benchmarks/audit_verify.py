"""How long it takes to verify a large record: `python benchmarks/audit_verify.py [ROWS] [DATABASE_URL]`.

Makes the rows straight into the table (chained as the program chains them), then verifies them. Goal: 1,000,000
rows in under 30 s on one core. Without a URL a fresh SQLite in a temporary folder is used.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab_contingency import create_app
from lab_contingency.audit.chains import NOT_SAID
from lab_contingency.audit.models import AuditEvent, AuditStream
from lab_contingency.audit.queries import verify
from lab_contingency.audit.rules import chained
from lab_contingency.audit.services import make_checkpoint, prepared, row_of, set_up_streams
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.sealing import keys
from lab_contingency.foundation.settings import Settings

BATCH = 10_000
SPREAD = 4  # streams in turn
BATCHES = 10  # between two checkpoints
ACTOR = Actor(
    uuid.uuid4(),
    "A. Okafor",
    "laboratory",
    uuid.uuid4(),
    sign_in_id=uuid.uuid4(),
    address="10.1.2.3",
)


def fill(rows: int) -> None:
    """Chain that many rows, a batch a transaction, a checkpoint after some."""
    _, key = keys().current("audit")
    like = row_of(prepared("requested_test:receive", None, actor=ACTOR, fields=7))
    like.key_version = 1
    held = {c.name: getattr(like, c.name) for c in AuditEvent.__table__.columns}
    for number in range(rows // BATCH):
        with unit_of_work():
            stream = session().get_one(AuditStream, 1 + number % SPREAD, populate_existing=True)
            values = [_next(held, stream, key) for _ in range(BATCH)]
            session().execute(AuditEvent.__table__.insert(), values)
        if number % BATCHES == BATCHES - 1:
            with unit_of_work():
                make_checkpoint(actor=ACTOR)


def _next(held: dict[str, Any], stream: AuditStream, key: bytes) -> dict[str, Any]:
    laboratory = str(uuid.uuid4())
    row = {
        **held,
        "id": uuid.uuid4(),
        "subject_id": uuid.uuid4(),
        "details": {
            "test": "FBC",
            "before": "assigned",
            "after": "received",
            "laboratory": laboratory,
        },
        "stream": stream.number,
        "seq": stream.seq + 1,
    }
    bound = {name: value for name, value in row.items() if name not in NOT_SAID}
    row["mac"] = chained(key, stream.head, bound)
    stream.seq, stream.head = row["seq"], row["mac"]
    return row


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    url = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(Path(folder), url, demonstration=True))
        with app.app_context():
            db.metadata.create_all(db.engine)
            with unit_of_work():
                set_up_streams()
            fill(rows)
            before = resource.getrusage(resource.RUSAGE_SELF)
            wall = time.perf_counter()
            report = verify()
            wall = time.perf_counter() - wall
            after = resource.getrusage(resource.RUSAGE_SELF)
            core = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(f"engine      {db.engine.dialect.name}")
            print(f"rows        {report.rows:,}  holds: {report.ok}")
            print(f"wall        {wall:.1f} s, {wall / report.rows * 1e6:.1f} µs a row")
            print(f"core        {core:.1f} s")
            print(
                f"memory      {after.ru_maxrss / 1024:.0f} MB at most, of which {before.ru_maxrss / 1024:.0f} before"
            )
            db.engine.dispose()


if __name__ == "__main__":
    main()
