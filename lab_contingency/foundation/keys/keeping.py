"""Making, opening and changing the keys of a node. The root key is held only while the node is open."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab_contingency.foundation.errors import NotFound, RuleBroken, StartRefused
from lab_contingency.foundation.keys import files
from lab_contingency.foundation.keys.document import NAMES, KeyDocument, check_length, read_document
from lab_contingency.foundation.keys.errors import WrongSecret
from lab_contingency.foundation.keys.key_file import make_key_file, read_key_file
from lab_contingency.foundation.keys.recovery import RecoverySecret
from lab_contingency.foundation.keys.ring import Keys, Ring
from lab_contingency.foundation.keys.slots import (
    CUSTODIANS_FEWEST,
    KEY_BYTES,
    Cost,
    Kind,
    Slot,
    custodian_slot,
    open_slot,
    passphrase_bytes,
    plain_slot,
)

log = logging.getLogger("lab_contingency")
_Signature = tuple[int, int, int]


@dataclass(frozen=True, slots=True, repr=False)
class Passphrase:
    """A custodian's passphrase for one slot."""

    slot_id: str
    text: str


Opener = Passphrase | RecoverySecret | Path
"""What somebody opens the node with; a path is that of a key file."""


class OpenRing(Ring):
    """A ring with its file and root key: it can be changed."""

    def __init__(self, file: Path, root: bytes) -> None:
        self.file = file
        self._root = check_length(root)
        self._seen = _signature(file)
        document = read_document(file)
        if not document.is_as_written(root):
            log.warning("%s was altered or damaged since it was written.", file.name)
        super().__init__(document.opened(root), self._changed_keys)

    def _changed_keys(self) -> Keys | None:
        try:
            signature = _signature(self.file)
            if signature == self._seen:
                return None
            keys = read_document(self.file).opened(self._root)
        except (StartRefused, OSError):
            log.warning("keys.json cannot be read any more; work goes on with the keys held")
            return None
        self._seen = signature
        return keys

    def at(self, file: Path) -> OpenRing:
        """The same keys, which lie in `file` now."""
        return OpenRing(file, self._root)

    def document(self) -> KeyDocument:
        """The file as it stands, its keys checked."""
        document = read_document(self.file)
        document.opened(self._root)
        return document

    @property
    def is_as_written(self) -> bool:
        """Whether nothing in the file was altered or damaged since the program wrote it."""
        return read_document(self.file).is_as_written(self._root)

    def change(self, how: Callable[[KeyDocument], KeyDocument]) -> None:
        """Write the file anew; whoever changes it at the same time waits."""
        with files.one_at_a_time(self.file.parent):
            files.replace(self.file, how(self.document()).text(self._root))
        self.refresh()

    def rotate(self, name: str) -> int:
        """Make the next version of a key, which writes from now on; the version."""
        if name not in NAMES:
            raise NotFound
        self.change(lambda held: held.with_key(self._root, name, secrets.token_bytes(KEY_BYTES)))
        return self.current(name)[0]

    def drop_older(self, name: str) -> None:
        """Forget every version but the one that writes. Only when nothing stands under the others."""
        self.change(lambda held: held.without_older(name))

    def add_custodian(self, name: str, passphrase: str, cost: Cost | None = None) -> None:
        """Another custodian."""
        _refuse_taken(self.document(), name)
        slot = custodian_slot(self._root, name, passphrase, cost or Cost())
        self.change(lambda held: replace(held, slots=(*held.slots, slot)))

    def replace_recovery(self, recovery: RecoverySecret) -> None:
        """A new recovery sheet in place of all before."""
        slot = _recovery_slot(self._root, recovery)

        def put(held: KeyDocument) -> KeyDocument:
            kept = tuple(one for one in held.slots if one.kind is not Kind.RECOVERY)
            return replace(held, slots=(*kept, slot))

        self.change(put)

    def add_key_file(self, path: Path) -> None:
        """A key file that opens this node without a person."""
        slot = plain_slot(self._root, Kind.KEY_FILE, path.name, make_key_file(path))
        self.change(lambda held: replace(held, slots=(*held.slots, slot)))

    def remove_slot(self, slot_id: str) -> Slot:
        """Take one way of opening away, unless too few would be left."""
        removed: list[Slot] = []

        def take(held: KeyDocument) -> KeyDocument:
            slot = slot_by_id(held, slot_id)
            _refuse_too_few(held, slot)
            removed.append(slot)
            return replace(held, slots=tuple(one for one in held.slots if one.id != slot_id))

        self.change(take)
        return removed[0]


def make_keys(
    file: Path,
    custodians: Sequence[tuple[str, str]],
    *,
    recovery: RecoverySecret,
    key_file: Path | None = None,
    cost: Cost | None = None,
) -> OpenRing:
    """New keys for a node that has none: (name, passphrase) of two or more custodians, and the sheet."""
    _refuse_custodians(custodians)
    root = secrets.token_bytes(KEY_BYTES)
    slots = [custodian_slot(root, name, text, cost or Cost()) for name, text in custodians]
    slots.append(_recovery_slot(root, recovery))
    if key_file is not None:
        slots.append(plain_slot(root, Kind.KEY_FILE, key_file.name, make_key_file(key_file)))
    if not _write_first(file, root, slots):
        raise RuleBroken("This node has keys already. Nothing was changed.")
    return OpenRing(file, root)


def aside_of(file: Path) -> Path:
    """Where first keys wait until the records that belong to them are kept."""
    return file.with_name(f"{file.name}.unfinished")


def put_in_place(file: Path) -> None:
    """The keys that wait beside `file` are the node's from now on; refused when it has some."""
    if file.exists():
        raise RuleBroken("This node has keys already. Nothing was changed.")
    files.rename(aside_of(file), file)


def open_ring(file: Path, opener: Opener) -> tuple[OpenRing, Slot]:
    """Open the keys in the file; the ring, and the slot that opened. WrongSecret when none does."""
    tried, secret = _what_to_try(read_document(file), opener)
    for slot in tried:
        try:
            return OpenRing(file, open_slot(slot, secret)), slot
        except WrongSecret:
            if isinstance(opener, Passphrase):
                raise
    sentence = (
        "This is not the newest recovery sheet of this node. Look for the one with the latest date."
        if isinstance(opener, RecoverySecret)
        else "This key file does not belong to this node’s keys.json."
    )
    raise WrongSecret(sentence, field="groups")


def _what_to_try(document: KeyDocument, opener: Opener) -> tuple[tuple[Slot, ...], bytes]:
    """The slots an opener may fit, and its secret."""
    if isinstance(opener, Passphrase):
        return (slot_by_id(document, opener.slot_id),), passphrase_bytes(opener.text)
    if isinstance(opener, RecoverySecret):
        return document.slots_of(Kind.RECOVERY), opener.raw
    return document.slots_of(Kind.KEY_FILE), read_key_file(opener)


def demonstration_ring(file: Path) -> OpenRing:
    """The keys of a demonstration, made at first use; its key file lies beside them, so it opens by itself."""
    key_file = file.with_suffix(".key")
    if not file.exists():
        root, secret = secrets.token_bytes(KEY_BYTES), make_key_file(key_file)
        slot = plain_slot(root, Kind.KEY_FILE, key_file.name, secret)
        _write_first(file, root, [slot])  # another process may have been first
    return open_ring(file, key_file)[0]


def _write_first(file: Path, root: bytes, slots: Sequence[Slot]) -> bool:
    document = KeyDocument(tuple(slots), {})
    for name in NAMES:
        document = document.with_key(root, name, secrets.token_bytes(KEY_BYTES))
    return files.write_new(file, document.text(root))


def slot_by_id(document: KeyDocument, slot_id: str) -> Slot:
    """One slot; NotFound."""
    for slot in document.slots:
        if slot.id == slot_id:
            return slot
    raise NotFound("There is no such slot. Type: flask lab keys status")


def _recovery_slot(root: bytes, recovery: RecoverySecret) -> Slot:
    return plain_slot(root, Kind.RECOVERY, "recovery sheet", recovery.raw)


def _refuse_custodians(custodians: Sequence[tuple[str, str]]) -> None:
    if len(custodians) < CUSTODIANS_FEWEST:
        raise RuleBroken("Name two custodians at least: one may be ill on the night.")
    if len({name.casefold() for name, _ in custodians}) < len(custodians):
        raise RuleBroken("The custodians need different names.")
    if len({passphrase for _, passphrase in custodians}) < len(custodians):
        raise RuleBroken("The custodians need different passphrases, each known to one person.")


def _refuse_taken(document: KeyDocument, name: str) -> None:
    if name.casefold() in {slot.name.casefold() for slot in document.slots_of(Kind.CUSTODIAN)}:
        raise RuleBroken(
            "There is a custodian of this name. Remove that slot first, or add a letter.",
            field="name",
        )


def _refuse_too_few(document: KeyDocument, slot: Slot) -> None:
    left = len(document.slots_of(slot.kind)) - 1
    if slot.kind is Kind.CUSTODIAN and left < CUSTODIANS_FEWEST:
        raise RuleBroken(
            "Two custodians must remain, so that one may be away. Add another custodian first."
        )
    if slot.kind is Kind.RECOVERY and left < 1:
        raise RuleBroken(
            "The last recovery sheet stays: it opens the node when no custodian can. "
            "To replace it, type: flask lab keys new-recovery-sheet"
        )


def _signature(file: Path) -> _Signature:
    held = os.stat(file)  # noqa: PTH116 - asked at every request; Path.stat costs three times as much
    return held.st_mtime_ns, held.st_ino, held.st_size
