"""Incidents and the numbers they issue.

A number has twelve digits, `NN E SSSSSS TT C`: node, restore epoch, sequence, tube (00 is the form), Damm check digit.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass

SEQUENCE_MOST = 999_999
TUBE_MOST = 99
NODES, EPOCHS = range(10, 100), range(10)
SEQUENCES, TUBES = range(1, SEQUENCE_MOST + 1), range(TUBE_MOST + 1)
FORM_TUBE = 0
_LENGTH = 12

# Damm, H. M. (2004): totally anti-symmetric quasigroup of order 10.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


class IncidentState(enum.StrEnum):
    """An incident is open until recovery stands it down."""

    OPEN = "open"
    CLOSED = "closed"


class NumberState(enum.StrEnum):
    """A number stands on paper and waits, is used, or is void. It is never issued again."""

    ISSUED = "issued"
    USED = "used"
    VOID = "void"


class PaperKind(enum.StrEnum):
    """Leading digits 00–09 are for other papers than forms and tubes."""

    CONSIGNMENT = "01"
    SLIP = "02"
    PACK = "03"
    DELIVERY_LIST = "06"
    RETURN = "07"


BLOCK_MOST = 200
"""Form numbers in a block at most."""


class DecidedBy(enum.StrEnum):
    """Whose a decision about a test is: a person's holds everywhere, routing's for one site."""

    PERSON = "person"
    ROUTING = "routing"


# How long after its time a forecast of routing still stands, should nobody look at it again.
FORECAST_GRACE = dt.timedelta(minutes=30)


def decision_stands(source: DecidedBy, until: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether a decision that nobody ended stands: a person's ends at its time, a forecast is looked at again."""
    grace = FORECAST_GRACE if source is DecidedBy.ROUTING else dt.timedelta(0)
    return until is None or until + grace > now


class BlockPurpose(enum.StrEnum):
    """What a block of numbers was taken for."""

    PACK = "pack"
    SERVER = "server"


class BlockState(enum.StrEnum):
    """A block has numbers left, or all of them are used or void, or every one is void."""

    ISSUED = "issued"
    USED_UP = "used up"
    VOID = "void"


def block_state(left: int, used: int) -> BlockState:
    """What the numbers of a block make of it."""
    if left:
        return BlockState.ISSUED
    return BlockState.USED_UP if used else BlockState.VOID


@dataclass(frozen=True, slots=True)
class ScannedNumber:
    """A number of ours, taken apart."""

    text: str

    @property
    def form(self) -> str:
        """The number of the form that this tube (or form) belongs to."""
        return with_check_digit(self.text[:9] + "00")

    @property
    def tube(self) -> int:
        """Tube of the form; 0 is the form itself."""
        return int(self.text[9:11])

    @property
    def is_form(self) -> bool:
        """Whether it is the form's own number."""
        return self.tube == FORM_TUBE


def check_digit(digits: str) -> str:
    """The Damm digit of a string of digits."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


def with_check_digit(eleven: str) -> str:
    """Twelve digits from eleven."""
    return eleven + check_digit(eleven)


def compose(node: int, epoch: int, sequence: int, tube: int = FORM_TUBE) -> str:
    """A number; raises ValueError outside 10–99, 0–9, 1–999,999, 0–99."""
    if node not in NODES or epoch not in EPOCHS or sequence not in SEQUENCES or tube not in TUBES:
        raise ValueError("no number has these parts")
    return with_check_digit(f"{node:02d}{epoch:d}{sequence:06d}{tube:02d}")


def for_tube(form_number: str, tube: int) -> str:
    """The number of a tube of that form."""
    return with_check_digit(f"{form_number[:9]}{tube:02d}")


def compose_paper(kind: PaperKind, node: int, epoch: int, sequence: int) -> str:
    """The number of another paper; raises ValueError outside the parts of a form's number."""
    return with_check_digit(kind.value + compose(node, epoch, sequence)[:9])


def pack_number(form_number: str) -> str:
    """The number of the pack that a pre-numbered form belongs to: `03`, then what the form's begins with."""
    return with_check_digit(PaperKind.PACK.value + form_number[:9])


def form_of_pack(scanned: str) -> str | None:
    """The form number of a scanned pack number, else None."""
    text = digits_of(scanned)
    whole = len(text) == _LENGTH and text.isascii() and text.isdigit()
    if not whole or not text.startswith(PaperKind.PACK.value) or check_digit(text) != "0":
        return None
    return with_check_digit(text[2:11] + "00")


@dataclass(frozen=True, slots=True)
class Height:
    """How far a series has gone, by one witness: node, epoch, highest sequence."""

    node: int
    epoch: int
    sequence: int


def height_on_label(scanned: str) -> Height:
    """How far the numbers had gone when this label, form, slip or pack was printed; ValueError."""
    text = digits_of(scanned)
    if not (
        len(text) == _LENGTH and text.isascii() and text.isdigit() and check_digit(text) == "0"
    ):
        raise ValueError("Scan the barcode, or type all twelve digits under it.")
    if text.startswith(tuple(kind.value for kind in PaperKind)):
        text = text[2:]
    if text.startswith("0"):
        raise ValueError(_other_paper(digits_of(scanned)))
    return Height(int(text[:2]), int(text[2]), int(text[3:9]))


def after_restore(heights: Iterable[Height], node: int, *, new_node: int | None = None) -> Height:
    """Where the numbers go on after an old copy of the database was put back.

    The epoch after the highest that anybody saw, the sequence after the highest; or a node number that nobody
    saw yet, from epoch 0. ValueError says why that cannot be.
    """
    seen = list(heights)
    known = {height.node for height in seen} | {node}
    if new_node is not None:
        if new_node not in NODES:
            raise ValueError("A node number has two digits, 10 to 99.")
        if new_node in known:
            raise ValueError(f"Node {new_node} has given out numbers already. Choose another.")
        return Height(new_node, 0, 0)
    foreign = sorted(known - {node})
    if foreign:
        raise ValueError(
            f"This is node {node}, but numbers of node {foreign[0]} were found. "
            "Scan a label of this node, or give it a new number with --node."
        )
    epoch = max(height.epoch for height in seen) + 1
    if epoch not in EPOCHS:
        raise ValueError("This node has used up its ten epochs. Give it a new number with --node.")
    highest = max(height.sequence for height in seen)
    return Height(node, epoch, highest if highest < SEQUENCE_MOST else 0)


def grouped(number: str) -> str:
    """`41 1 004711 02 2`, as it is printed and read aloud; other papers are grouped the same way."""
    return f"{number[:2]} {number[2]} {number[3:9]} {number[9:11]} {number[11]}"


def digits_of(scanned: str) -> str:
    """What was scanned or typed without spaces and hyphens."""
    return re.sub(r"[\s\-–]", "", scanned)


def read_number(scanned: str) -> ScannedNumber:
    """A form or tube number of ours; raises ValueError with a sentence that says what it is instead."""
    text = digits_of(scanned)
    if not text:
        raise ValueError("Scan or type the number under the barcode.")
    if foreign := foreign_barcode(scanned.strip()):
        raise ValueError(foreign)
    if not text.isascii() or not text.isdigit():
        raise ValueError(
            "That is no number of ours: they are twelve digits. Scan the barcode on the form or tube."
        )
    if len(text) != _LENGTH:
        raise ValueError(
            f"That has {len(text)} digits; a number of ours has twelve. Scan it again."
        )
    if check_digit(text) != "0":
        raise ValueError(
            "The check digit does not fit: one digit was misread. Scan it again, or type all twelve digits."
        )
    if text.startswith("0"):
        raise ValueError(_other_paper(text))
    return ScannedNumber(text)


def read_slip_number(scanned: str) -> str | None:
    """The slip number when it is one, else None."""
    return _read_paper(scanned, PaperKind.SLIP)


def read_consignment_number(scanned: str) -> str | None:
    """The number of a consignment when it is one, else None."""
    return _read_paper(scanned, PaperKind.CONSIGNMENT)


def read_delivery_number(scanned: str) -> str | None:
    """The number of a delivery list when it is one, else None."""
    return _read_paper(scanned, PaperKind.DELIVERY_LIST)


def read_return_number(scanned: str) -> str | None:
    """The number of a return slip when it is one, else None."""
    return _read_paper(scanned, PaperKind.RETURN)


def _read_paper(scanned: str, kind: PaperKind) -> str | None:
    text = digits_of(scanned)
    whole = len(text) == _LENGTH and text.isascii() and text.isdigit()
    return text if whole and text.startswith(kind.value) and check_digit(text) == "0" else None


def _other_paper(text: str) -> str:
    names = {
        "01": "a consignment",
        "02": "a result slip",
        "03": "a paper pack",
        "04": "a place",
        "05": "a SITREP",
        "06": "a delivery list",
        "07": "a return slip",
    }
    name = names.get(text[:2], "another paper")
    return f"That is the number of {name}. Scan the barcode on a form or a tube."


_FOREIGN = (
    (re.compile(r"\d{13}"), "a shop barcode (EAN)"),
    (re.compile(r"=?[A-NP-Z1-9]\d{4}\d{2}\d{6}[0-9A-Z*]{0,2}"), "a blood component (ISBT 128)"),
    (re.compile(r"[=&][%<>A-Za-z].*"), "a blood component (ISBT 128)"),
    (
        re.compile(r"(\]C1|\]d2|\(?8018\)?|\(?01\)?\d{14}|\(?414\)?\d{13}|8018\d{18}).*"),
        "a GS1 wristband or product",
    ),
    (re.compile(r"999\d{7}|[4-7]\d{9}"), "an NHS number"),
)


def is_number_of_ours(scanned: str) -> bool:
    """Whether it is written as our numbers are, whole and rightly read or not: twelve digits."""
    text = digits_of(scanned)
    return len(text) == _LENGTH and text.isascii() and text.isdigit()


def foreign_barcode(scanned: str, *, besides: tuple[str, ...] = ()) -> str | None:
    """The sentence for a barcode of another system, or None when it may be ours.

    `besides`: words of kinds that are looked for where it was scanned, such as "NHS" beside a patient.
    """
    text = scanned.replace(" ", "")
    for shape, name in _FOREIGN:
        if any(word in name for word in besides):
            continue
        if shape.fullmatch(text) and len(text) != _LENGTH:
            return (
                f"That is {name}, not a number of ours. Scan the barcode on the form or the tube."
            )
    return None
