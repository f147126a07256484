"""Finishing the first run: everything or nothing, also when the program is killed in the middle."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from flask import Flask, current_app
from sqlalchemy import select

from lab_contingency.accounts import passphrases
from lab_contingency.accounts.first_run.draft import Draft
from lab_contingency.accounts.first_run.rules import Step
from lab_contingency.accounts.first_run.waiting import FirstRun, Say
from lab_contingency.accounts.models import User
from lab_contingency.accounts.services import add_first_administrator
from lab_contingency.audit import keeping
from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.services import record, set_up_streams
from lab_contingency.foundation import node, sealing, tls
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import LabError, RuleBroken
from lab_contingency.foundation.keys import Cost

log = logging.getLogger("lab_contingency")
Note = Callable[[str], None]
FINISHED = "set_up:finished"
KEYS_ARE_MISSING = (
    "This database was set up before, and its keys.json is missing. Put back the copy that was kept apart from the "
    "database: with new keys nothing in it could be opened. For a new start choose an empty folder (--data)."
)
_EXTENSION = "lab_first_run"
_TICK = 5.0  # seconds; a code that has ended is replaced within them


def install(app: Flask) -> None:
    """Give the application the memory of its first run."""
    app.extensions[_EXTENSION] = FirstRun()


def first_run_of(app: Flask) -> FirstRun:
    """The application's first run."""
    held: FirstRun = app.extensions[_EXTENSION]
    return held


def offer(app: Flask, say: Say) -> threading.Thread:
    """Show a code on the console, and another whenever it has ended, until the node is set up."""
    held = first_run_of(app)
    held.begin(say)
    thread = threading.Thread(target=_in_background, args=(app,), daemon=True, name="first run")
    thread.start()
    return thread


def _in_background(app: Flask) -> None:
    held, pause = first_run_of(app), threading.Event()
    while sealing.keys_state(app) == "not set up":
        held.look()
        pause.wait(_TICK)
    if held.finished_at is None:
        held.close()  # it was set up at a terminal meanwhile


def refuse_without_keys_of_old() -> None:
    """RuleBroken when the database holds people or a record although there are no keys: they were lost."""
    for known in (select(User.id), select(AuditEvent.id)):
        if session().scalars(known.limit(1)).first() is not None:
            raise RuleBroken(KEYS_ARE_MISSING)


def settle() -> None:
    """After a start that was killed while finishing: either nothing was set up, or everything."""
    sealing.settle_first_keys(kept=_was_recorded)


def _was_recorded() -> bool:
    found = select(AuditEvent.id).where(AuditEvent.action == FINISHED).limit(1)
    return session().scalars(found).first() is not None


def finish(
    draft: Draft, *, address: str, cost: Cost | None = None, note: Note = lambda _point: None
) -> None:
    """Make the keys, the node and its administrator.

    The keys lie aside until the records are kept; that commit decides, whatever is killed around it (`settle`).
    """
    if set(Step) - draft.done - {Step.FINISH}:
        raise RuleBroken("A step is still open. Go through the pages in their order.")
    settle()
    refuse_without_keys_of_old()
    hashed = passphrases.hashed(draft.administrator.passphrase)
    custodians = [(one.name, one.passphrase) for one in (draft.first, draft.second)]
    note("before anything is written")
    with sealing.first_keys_aside(
        custodians, recovery=draft.recovery, key_file=draft.key_file, cost=cost
    ):
        note("keys lie aside")
        with unit_of_work():
            _record(draft, hashed, address)
            note("before the records are kept")
        note("records are kept")
        sealing.take_first_keys()
    note("keys have their name")
    _afterwards()


def _record(draft: Draft, hashed: str, address: str) -> None:
    actor = Actor(user_id=None, name="first run", role="system", address=address)
    node.set_up(demonstration=False)
    set_up_streams()
    record("keys:made", None, actor=actor, custodians=[draft.first.name, draft.second.name])
    who = draft.administrator
    add_first_administrator(who.username, who.name, hashed, actor=actor)
    record(
        FINISHED,
        None,
        actor=actor,
        recovery_sheet="typed back",
        key_file=draft.key_file is not None,
        clock="confirmed",
        test_label="read back" if not draft.no_label else "left out",
        why_no_label=draft.no_label,
    )


def _afterwards() -> None:
    """The first checkpoint, and the authority's key put away. Both are also done a little later by themselves."""
    keeping.look()
    try:
        tls.look()
    except (LabError, OSError):
        log.warning("The certificate is looked after again within five minutes.")


def has_finished() -> bool:
    """Whether this process finished the first run."""
    return first_run_of(current_app).finished_at is not None
