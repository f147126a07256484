"""Making checkpoints: the ends of all streams at one moment, signed and chained to the one before."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select, text

from lab_contingency.audit.models import AuditStream, Checkpoint
from lab_contingency.audit.queries.checkpoints import (
    BEFORE_CHAINS,
    CheckpointView,
    rows_since,
    view_of,
)
from lab_contingency.audit.queries.verifying import before_chains
from lab_contingency.audit.rules import BEGINNING, CHECKPOINT_MADE, canonical
from lab_contingency.audit.services.recording import record
from lab_contingency.audit.signing import digest_of, sign
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import db, session
from lab_contingency.foundation.sealing import keys

EVERY = dt.timedelta(minutes=10)  # of activity: a quiet night makes none
EVERY_ROWS = 5000
_TURN = 1_300_130_013  # any number that no other lock of this database uses


def make_checkpoint(*, actor: Actor) -> CheckpointView:
    """Sign the ends of all streams, as one statement sees them. Call it before recording anything else."""
    _wait_for_turn()
    last = _last()
    number, before = (1, BEGINNING) if last is None else (last.number + 1, last.digest)
    record(CHECKPOINT_MADE, None, actor=actor, number=number, before=before)
    session().flush()
    version, _ = keys().current("signing")
    row = Checkpoint(
        number=number,
        recorded_at=clock.now(),
        heads=_heads(last),
        before=before,
        key_version=version,
    )
    row.digest = digest_of(
        canonical(
            {
                "number": row.number,
                "recorded_at": row.recorded_at,
                "heads": row.heads,
                "before": row.before,
                "key_version": row.key_version,
            }
        )
    )
    row.signature = sign(row.digest, version)
    session().add(row)
    session().flush()
    return view_of(row)


def checkpoint_if_due(*, actor: Actor) -> CheckpointView | None:
    """Make one when it is due; of several processes that find it due at once, one makes it."""
    _wait_for_turn()
    return make_checkpoint(actor=actor) if checkpoint_is_due() else None


def checkpoint_is_due() -> bool:
    """Whether rows were chained since the last, and it is old or they are many."""
    last = _last()
    rows = rows_since(None if last is None else last.heads)
    if last is None or clock.now() - last.recorded_at >= EVERY:
        return rows > 0
    return rows >= EVERY_ROWS


def _wait_for_turn() -> None:
    """One at a time, so that each follows from the one before; readers and other writers do not wait."""
    if db.engine.dialect.name == "postgresql":
        session().execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def _last() -> Checkpoint | None:
    newest = select(Checkpoint).order_by(Checkpoint.number.desc()).limit(1)
    return session().scalars(newest).one_or_none()


def _heads(last: Checkpoint | None) -> dict[str, Any]:
    """Stream to its last row and digest. What stood before the chains is counted once and carried on."""
    held = (
        last.heads[BEFORE_CHAINS]
        if last is not None
        else list(before_chains(session().connection()))
    )
    ends = select(AuditStream.number, AuditStream.seq, AuditStream.head)
    return {
        BEFORE_CHAINS: held,
        **{str(number): [seq, head] for number, seq, head in session().execute(ends)},
    }
