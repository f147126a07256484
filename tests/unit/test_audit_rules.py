"""What is chained is what the database gives back, byte for byte."""

from __future__ import annotations

import datetime as dt
import enum
import json
import uuid
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.audit.raw import NotAsWritten, RawTable, loaded
from lab_contingency.audit.rules import as_stored, canonical, changed

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
leaf = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | text | st.floats() | st.uuids()
details = st.dictionaries(
    text | st.integers(), st.recursive(leaf, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=6), max_size=5
)  # fmt: skip


class Colour(enum.StrEnum):
    RED = "red"


def _raw_details(raw: str) -> str:
    """What the raw reader says of details as SQLite holds them."""
    table = RawTable(
        Leaving.__table__,
        "sqlite",
        frozenset(c.name for c in Leaving.__table__.columns if c.name != "contains"),
    )
    row = [None] * len(table.columns)
    row[table.place("contains")] = raw
    return table.said(row).decode().removeprefix('{"contains":').removesuffix("}")


@given(details)
def test_details_come_back_from_json_as_they_went_in(given_details):
    stored = as_stored(given_details)

    assert json.loads(json.dumps(stored)) == stored
    assert loaded(json.dumps(stored)) == stored


@given(details)
def test_the_raw_reader_says_details_in_the_bytes_of_the_chain(given_details):
    stored = as_stored(given_details)

    assert _raw_details(json.dumps(stored)) == canonical(stored).decode()


@given(details, st.data())
def test_no_other_spelling_of_details_is_taken_for_them(given_details, data):
    stored = as_stored(given_details)
    written = json.dumps(stored)
    place = data.draw(st.integers(0, len(written) - 1))
    other = (
        written[:place]
        + chr(ord(written[place]) ^ 1 << data.draw(st.integers(0, 6)))
        + written[place + 1 :]
    )
    try:
        said = _raw_details(other)
    except (ValueError, TypeError, RecursionError):
        return
    assert said != canonical(stored).decode()


def test_values_without_a_json_form_become_text():
    moment, one = dt.datetime(2026, 11, 24, tzinfo=dt.UTC), uuid.UUID(int=1)

    assert as_stored({"a": moment, "b": one, "c": Decimal("1.50"), "d": 1.5, "e": Colour.RED, 7: (1, [None])}) == {
        "a": "2026-11-24 00:00:00+00:00",
        "b": str(one),
        "c": "1.50",
        "d": "1.5",
        "e": "red",
        "7": [1, [None]],
    }  # fmt: skip


def test_only_what_differs_is_a_change():
    assert changed({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b": (2, 3), "c": (None, 4)}


def test_a_number_that_is_not_whole_was_never_written():
    for spelt in ("1.5", "1e3", "NaN"):
        try:
            loaded(f'{{"a": {spelt}}}')
        except NotAsWritten:
            continue
        raise AssertionError(spelt)


def test_the_same_row_is_the_same_bytes_whatever_the_time_zone():
    row = {"at": dt.datetime(2026, 7, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))}

    assert canonical(row) == b'{"at":"2026-07-01T11:00:00.000000+00:00"}'


def test_every_column_of_an_event_is_bound_but_digest_and_sealed_text():
    table = RawTable(AuditEvent.__table__, "sqlite", frozenset({"mac", "sealed"}))
    row = [None] * len(table.columns)

    assert set(json.loads(table.said(row))) == set(table.columns) - {"mac", "sealed"}
