"""The scanner that looks for planted values must find all of them, or its silence would mean nothing."""

from __future__ import annotations

import base64
import gzip
import json
import os
import zlib
from urllib.parse import quote

import pytest

from tests.scanning import Planted, Scanner

WORDS = [f"Żółwiński{number:04d}" for number in range(40)]
NUMBERS = [f"999{number:07d}" for number in range(1234, 1274)]
SCANNER = Scanner(Planted(frozenset(WORDS), frozenset(NUMBERS)))
NOISE = bytes(range(256)) * 3
WRAPPINGS = {
    "plain": lambda raw: raw,
    "upper case": lambda raw: raw.decode().upper().encode(),
    "UTF-16": lambda raw: raw.decode().encode("utf-16-le"),
    "UTF-16, odd place": lambda raw: b"x" + raw.decode().encode("utf-16-le"),
    "UTF-16 big end first": lambda raw: raw.decode().encode("utf-16-be"),
    "hex": lambda raw: raw.hex().encode(),
    "HEX": lambda raw: raw.hex().upper().encode(),
    "base64": base64.b64encode,
    "base64 of another place": lambda raw: base64.b64encode(b"a" + raw),
    "base64 of a third place": lambda raw: base64.b64encode(b"ab" + raw),
    "base64 for addresses": base64.urlsafe_b64encode,
    "base64 in lines": lambda raw: base64.encodebytes(b"some sixty signs before it, " * 3 + raw),
    "percent": lambda raw: quote(raw).encode(),
    "escapes of JSON": lambda raw: json.dumps(raw.decode()).encode(),
    "escapes of HTML": lambda raw: raw.decode().encode("ascii", "xmlcharrefreplace"),
    "backwards": lambda raw: raw.decode()[::-1].encode(),
    "zlib": zlib.compress,
    "zlib, cut off": lambda raw: zlib.compress(raw * 3 + os.urandom(200), 0)[:-60],
    "gzip": gzip.compress,
    "base64 of zlib": lambda raw: base64.b64encode(zlib.compress(raw)),
    "hex of UTF-16": lambda raw: raw.decode().encode("utf-16-le").hex().encode(),
    "ascii85 of zlib": lambda raw: base64.a85encode(zlib.compress(raw)) + b"~>",
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("value", [*WORDS[:5], *NUMBERS[:5]])
def test_a_planted_value_is_found_in_every_wrapping(value, wrapping):
    raw = NOISE + WRAPPINGS[wrapping](f"before {value} after".encode()) + NOISE

    assert value in {hit.value for hit in SCANNER.bytes(raw, "here")}


@pytest.mark.parametrize(
    "shown", ["999 000 1234", "999-000-1234", "x9990001234x", "00999000123400"]
)
def test_a_number_is_found_however_it_is_grouped(shown):
    assert {hit.value for hit in SCANNER.bytes(shown.encode(), "here")} == {"9990001234"}


def test_all_of_them_are_found_in_a_plain_file(tmp_path):
    file = tmp_path / "control.csv"
    lines = [f"{word},{number}" for word, number in zip(WORDS, NUMBERS, strict=True)]
    file.write_text("\n".join(lines))

    assert {hit.value for hit in SCANNER.files([file])} == {*WORDS, *NUMBERS}


def test_a_database_of_sealed_records_is_read_through_without_a_false_hit():
    """Noise as it lies in a real one: nothing but the one value is found."""
    sealed = b"|".join(base64.urlsafe_b64encode(os.urandom(180)) for _ in range(4000))
    raw = sealed + base64.b64encode(f"a {WORDS[7]} b".encode()) + sealed

    assert {hit.value for hit in SCANNER.bytes(raw, "here")} == {WORDS[7]}


def test_what_was_not_planted_is_not_found():
    raw = b"Zolwinski0001 Smith 9990009999 411004711022" + NOISE + base64.b64encode(NOISE)

    assert SCANNER.bytes(raw, "here") == set()


def test_a_value_too_short_to_be_unmistakable_is_refused():
    with pytest.raises(ValueError, match="too short"):
        Planted(frozenset({"Lee"}), frozenset())
