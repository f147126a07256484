"""Changing the keys of an open node, and making old records anew after a rotation."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

from flask import Flask

from lab_contingency.accounts import passphrases
from lab_contingency.accounts.keys.rules import PURPOSES
from lab_contingency.accounts.keys.unsealing import Unsealing
from lab_contingency.accounts.rules import PASSPHRASE_SHORTEST_STRONG
from lab_contingency.audit.services import record
from lab_contingency.foundation import sealing
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.keys import Cost, Kind, RecoverySecret, Slot
from lab_contingency.foundation.resealing import (
    RESEALED,
    Note,
    Resealed,
    drop_older,
    has_older,
    seal_anew,
)
from lab_contingency.foundation.sealing import open_keys

log = logging.getLogger("lab_contingency")
_EXTENSION = "lab_unsealing"
_WOKEN = "lab_resealing"
_PAUSE_SECONDS = 60
_PROGRAM = Actor.system("program")


def install(app: Flask) -> None:
    """Give the application its count of tries and the bell of its background work."""
    app.extensions[_EXTENSION] = Unsealing.new()
    app.extensions[_WOKEN] = threading.Event()


def unsealing_of(app: Flask) -> Unsealing:
    """The application's tries at opening it."""
    held: Unsealing = app.extensions[_EXTENSION]
    return held


def custodian_problem(name: str, passphrase: str) -> str | None:
    """Why a custodian's passphrase will not do, or None: it guards every record."""
    return passphrases.problem(passphrase, name, shortest=PASSPHRASE_SHORTEST_STRONG)


def make_keys(
    custodians: Sequence[tuple[str, str]],
    *,
    recovery: RecoverySecret,
    actor: Actor,
    key_file: Path | None = None,
    cost: Cost | None = None,
) -> None:
    """First keys of this node, which is open then; each custodian is (name, passphrase). Commits its own record."""
    for name, passphrase in custodians:
        if problem := custodian_problem(name, passphrase):
            raise RuleBroken(problem, field="passphrase")
    sealing.make_keys(custodians, recovery=recovery, key_file=key_file, cost=cost)
    with unit_of_work():
        record("keys:made", None, actor=actor, custodians=[name for name, _ in custodians])


def rotate_key(name: str, *, actor: Actor, note: Note = lambda _point: None) -> int:
    """Make the next version of a key, which writes at once; the version.

    To be called in a unit of work that is alone, so that no unit writes under two versions unseen.
    """
    if name not in PURPOSES:
        raise NotFound
    version = open_keys().current(name)[0] + 1
    record("key:rotated", None, actor=actor, key=name, version=version)
    note(f"{name}: before the new version")
    open_keys().rotate(name)
    note(f"{name}: after the new version")
    if name == "session":
        open_keys().drop_older(name)
        sealing.refresh()
    return version


def add_custodian(name: str, passphrase: str, *, actor: Actor, cost: Cost | None = None) -> None:
    """Another person who can open the node."""
    if problem := custodian_problem(name, passphrase):
        raise RuleBroken(problem, field="passphrase")
    record("slot:added", None, actor=actor, kind="custodian", holder=name)
    open_keys().add_custodian(name, passphrase, cost)


def remove_slot(slot_id: str, *, actor: Actor) -> Slot:
    """Take one way of opening away; refused when too few would be left."""
    record("slot:removed", None, actor=actor, slot=slot_id)
    return open_keys().remove_slot(slot_id)


def replace_recovery_sheet(recovery: RecoverySecret, *, actor: Actor) -> None:
    """A new recovery sheet; the ones before open nothing any more."""
    record("slot:recovery_replaced", None, actor=actor)
    open_keys().replace_recovery(recovery)


def add_key_file(path: Path, *, actor: Actor) -> None:
    """A file that opens the node without a person."""
    record("slot:added", None, actor=actor, kind="key file", holder=path.name)
    open_keys().add_key_file(path)


def seal_node_again(*, actor: Actor) -> None:
    """Close it: the record first, since nothing is written afterwards. Refused when no person could open it."""
    if not open_keys().document().slots_of(Kind.CUSTODIAN):
        raise RuleBroken(
            "This node has no custodian who could open it again. A demonstration is not sealed: stop it instead."
        )
    with unit_of_work():
        record("keys:sealed_again", None, actor=actor)
    sealing.seal_again()


def finish_rotations(*, actor: Actor = _PROGRAM, note: Note = lambda _point: None) -> Resealed:
    """Make old rows anew and drop the older versions that nothing stands under any more."""
    result = seal_anew(note)
    for name in RESEALED:
        if has_older(name):
            with unit_of_work(alone=True):
                if drop_older(name, note):
                    record("key:older_dropped", None, actor=actor, key=name)
    return result


def wake(app: Flask) -> None:
    """Let the background work begin at once."""
    app.extensions[_WOKEN].set()


def start_background(app: Flask) -> threading.Thread:
    """The server's own thread that finishes rotations, also those a crash interrupted."""
    thread = threading.Thread(target=_in_background, args=(app,), daemon=True, name="resealing")
    thread.start()
    return thread


def _in_background(app: Flask) -> None:
    woken: threading.Event = app.extensions[_WOKEN]
    while True:
        with app.app_context():
            try:
                if not sealing.is_sealed():
                    sealing.refresh()
                    unsealing_of(app).record_noted()
                    finish_rotations()
            except Exception:
                log.exception("Sealing anew stopped; it goes on in a minute.")
        woken.wait(_PAUSE_SECONDS)
        woken.clear()
