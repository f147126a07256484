"""The keys as an administrator sees them: slots, versions, what is left to do. Never a key."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lab_contingency.accounts.keys.rules import PURPOSES
from lab_contingency.foundation import keys as keyring
from lab_contingency.foundation.keys import Kind
from lab_contingency.foundation.resealing import RESEALED, has_older, left
from lab_contingency.foundation.sealing import keys_file, open_keys


@dataclass(frozen=True, slots=True)
class SlotView:
    """One way of opening the node."""

    id: str
    kind: Kind
    name: str
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class KeyView:
    """One key: the version that writes, since when, the older ones held, and rows still under those."""

    name: str
    title: str
    follows: str
    version: int
    made_at: dt.datetime
    older: tuple[int, ...]
    left: int


@dataclass(frozen=True, slots=True)
class KeysView:
    """Slots and keys. `altered`: the file was changed or damaged since the program wrote it."""

    altered: bool
    slots: tuple[SlotView, ...]
    keys: tuple[KeyView, ...]


def slots() -> tuple[SlotView, ...]:
    """Who and what opens the node; while it is sealed too."""
    return tuple(
        SlotView(slot.id, slot.kind, slot.name, dt.datetime.fromisoformat(slot.made_at))
        for slot in keyring.read_document(keys_file()).slots
    )


def keys_view() -> KeysView:
    """The whole page."""
    ring = open_keys()
    document = ring.document()
    return KeysView(
        not ring.is_as_written,
        slots(),
        tuple(
            KeyView(
                name,
                title,
                follows,
                document.keys[name][-1].version,
                dt.datetime.fromisoformat(document.keys[name][-1].made_at),
                tuple(one.version for one in document.keys[name][:-1]),
                sum(left(name).values()) if name in RESEALED and has_older(name) else 0,
            )
            for name, (title, follows) in PURPOSES.items()
        ),
    )
