"""`keys.json`: the slots, and every key in its versions, wrapped by the root key. Nothing in it opens by itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag

from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.keys.slots import KEY_BYTES, Cost, Kind, Slot, derived, unwrap, wrap

_FORMAT = "lab-keys-2"
NAMES = ("field", "index", "session", "audit", "export", "signing", "pepper")


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One version of one key."""

    version: int
    made_at: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class KeyDocument:
    """What stands in the file. `keys`: name to versions, oldest first; the newest writes."""

    slots: tuple[Slot, ...]
    keys: Mapping[str, tuple[WrappedKey, ...]]
    seal: bytes = b""

    def slots_of(self, kind: Kind) -> tuple[Slot, ...]:
        """The slots of one kind, in the order they were made."""
        return tuple(slot for slot in self.slots if slot.kind is kind)

    def opened(self, root: bytes) -> dict[str, dict[int, bytes]]:
        """Every key by name and version; StartRefused when one of them was altered.

        What was altered elsewhere (a slot) stops nobody who has another way in; see `is_as_written`.
        """
        try:
            return {
                name: {
                    one.version: unwrap(root, one.wrapped, _bound(name, one.version))
                    for one in versions
                }
                for name, versions in self.keys.items()
            }
        except InvalidTag as altered:
            raise _damaged("a key in it was altered") from altered

    def is_as_written(self, root: bytes) -> bool:
        """Whether nothing in the file was changed, damaged or taken away since the program wrote it."""
        return hmac.compare_digest(self.seal, _seal(self, root))

    def with_key(self, root: bytes, name: str, key: bytes) -> KeyDocument:
        """The next version of a key beside the ones before."""
        held = self.keys.get(name, ())
        version = held[-1].version + 1 if held else 1
        made_at = clock.now().isoformat(timespec="seconds")
        fresh = WrappedKey(version, made_at, wrap(root, key, _bound(name, version)))
        return replace(self, keys={**self.keys, name: (*held, fresh)})

    def without_older(self, name: str) -> KeyDocument:
        """Only the version that writes."""
        return replace(self, keys={**self.keys, name: self.keys[name][-1:]})

    def text(self, root: bytes) -> str:
        """As it is written: JSON, sealed as a whole with a key from the root."""
        sealed = {**_said(self), "seal": _text(_seal(self, root))}
        return json.dumps(sealed, indent=1)


def read_document(file: Path) -> KeyDocument:
    """The file as it stands, unopened; StartRefused when it is damaged."""
    try:
        return _document(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise _damaged(str(problem), file.name) from problem


def _document(held: Any) -> KeyDocument:
    if not isinstance(held, dict) or held.get("format") != _FORMAT:
        raise ValueError("not of this program’s format")
    keys = {
        str(name): tuple(
            WrappedKey(int(one["version"]), str(one["made_at"]), _bytes(one["wrapped"]))
            for one in versions
        )
        for name, versions in held["keys"].items()
    }
    if set(keys) != set(NAMES) or not all(keys.values()):
        raise ValueError("a key is missing")
    found = [_slot_or_none(one) for one in held["slots"]]
    return KeyDocument(tuple(slot for slot in found if slot), keys, _bytes(held["seal"]))


def _slot_or_none(held: dict[str, Any]) -> Slot | None:
    """A slot that was damaged opens nothing, and holds up no other."""
    try:
        return _slot(held)
    except (ValueError, KeyError, TypeError):
        return None


def _slot(held: dict[str, Any]) -> Slot:
    return Slot(
        str(held["id"]),
        Kind(held["kind"]),
        str(held["name"]),
        str(held["made_at"]),
        _bytes(held["salt"]),
        Cost(*map(int, held["argon2id"])) if held["argon2id"] else None,
        _bytes(held["wrapped"]),
    )


def _said(document: KeyDocument) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "slots": [{**slot.said(), "wrapped": _text(slot.wrapped)} for slot in document.slots],
        "keys": {
            name: [
                {"version": one.version, "made_at": one.made_at, "wrapped": _text(one.wrapped)}
                for one in versions
            ]
            for name, versions in document.keys.items()
        },
    }


def _seal(document: KeyDocument, root: bytes) -> bytes:
    whole = json.dumps(_said(document), sort_keys=True).encode()
    return hmac.new(derived(root, "whole file"), whole, hashlib.sha256).digest()


def _bound(name: str, version: int) -> bytes:
    return f"{name}|{version}".encode()


def _damaged(problem: str, name: str = "keys.json") -> StartRefused:
    return StartRefused(
        f"The key file {name} cannot be read ({problem}). Put back the copy that was kept with it; "
        "without it nothing in the database can be opened."
    )


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def check_length(root: bytes) -> bytes:
    """The root key, when it has its length."""
    if len(root) != KEY_BYTES:
        raise _damaged("the root key has the wrong length")
    return root
