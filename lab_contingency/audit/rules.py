"""What can be disclosed of a patient, as flags, and what a chained row says in canonical bytes."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from typing import Any

STREAMS = 16  # chains that can grow at once without waiting for each other
BEGINNING = "0" * 64  # what stands before the first row of a stream
# Actions of what is shown. GONE and REFRESHED are of lists: no longer on it; fetched with somebody on it.
SHOWN, GONE, REFRESHED = "disclosure:shown", "disclosure:gone", "list:refreshed"
CHECKPOINT_MADE = "checkpoint:made"
LEAVING_REGISTERED = "leaving:registered"


class Field(enum.IntFlag):
    """Kinds of patient data, as a report names them. Stored as their sum: a value never changes its meaning."""

    NAME = 1
    BORN = 2
    SEX = 4
    NHS_NUMBER = 8
    HOSPITAL_NUMBER = 16
    PLACE = 32
    CONTACT = 64
    CLINICAL = 128
    TESTS = 256
    RESULTS = 512
    REMARKS = 1024


NO_FIELD = Field(0)

WORDS: Mapping[Field, str] = {
    Field.NAME: "name",
    Field.BORN: "date of birth",
    Field.SEX: "sex",
    Field.NHS_NUMBER: "NHS number",
    Field.HOSPITAL_NUMBER: "hospital number",
    Field.PLACE: "ward and bed",
    Field.CONTACT: "contact of the requester",
    Field.CLINICAL: "clinical details",
    Field.TESTS: "tests asked for",
    Field.RESULTS: "results",
    Field.REMARKS: "remarks and reasons",
}


def field_words(fields: int) -> tuple[str, ...]:
    """The kinds of data in a sum of flags, in a fixed order."""
    return tuple(words for field, words in WORDS.items() if fields & field)


def canonical(row: Mapping[str, Any]) -> bytes:
    """One row as bytes that are the same on every engine: sorted JSON, times in UTC to the microsecond."""
    return json.dumps(
        row, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_plain
    ).encode()


def _plain(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, uuid.UUID):
        return value.hex
    raise TypeError(f"an audit row cannot hold a {type(value).__name__}")


def as_stored(row: Mapping[str, Any]) -> dict[str, Any]:
    """JSON that both engines give back as it was put in: names are text, numbers whole.

    PostgreSQL writes 1e16 as a whole number and orders names as text; what differs after reading would
    look like tampering.
    """
    return {str(name): _stored(value) for name, value in row.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return _stored(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return as_stored(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_stored(each) for each in value]
    return str(value)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The fields that differ, each with what stood before and after."""
    names = dict.fromkeys([*before, *after])
    both = {name: (before.get(name), after.get(name)) for name in names}
    return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


def chained(key: bytes, before: str, row: Mapping[str, Any]) -> str:
    """The row's keyed digest over itself and the digest before it (HMAC-SHA256, 64 hexadecimal digits)."""
    return hmac.new(key, before.encode() + b"|" + canonical(row), hashlib.sha256).hexdigest()
