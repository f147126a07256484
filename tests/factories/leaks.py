"""Invented patients, an export of them, decoys, and what thieves do to files."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import gzip
import html
import io
import json
import random
import urllib.parse
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from lab_contingency.incidents.rules import compose, grouped
from lab_contingency.oversight.matching import Known
from tests.factories.world import nhs_number

SURNAMES = (
    "Woźniak-O’Neill",
    "Adeyemi",
    "Łukasiewicz",
    "Nguyễn",
    "Brontë",
    "Fairweather",
    "Okonkwo-Hale",
)
FORENAMES = ("Siân", "Zoë", "Temitope", "Małgorzata", "Bartholomew", "Ifeoma", "Xavier")
WORDS = [
    "sample",
    "haematology",
    "analyser",
    "received",
    "ward",
    "consultant",
    "potassium",
    "sodium",
    "creatinine",
    "the",
    "and",
    "of",
    "to",
    "escalated",
    "reviewed",
    "porter",
    "theatre",
    "coagulation",
    "screen",
    "urgent",
    "immunohistochemistry",
    "Smith",
    "Jones",
]


@dataclass(frozen=True)
class Invented:
    """One patient as an export tells of them."""

    id: uuid.UUID
    surname: str
    forenames: str
    born: dt.date
    nhs: str
    hospital: str
    number: str


def invented(count: int, seed: int = 7) -> list[Invented]:
    chance = random.Random(seed)  # noqa: S311 - invented data
    return [
        Invented(
            uuid.UUID(int=chance.getrandbits(128), version=4),
            chance.choice(SURNAMES),
            chance.choice(FORENAMES),
            dt.date(1930, 1, 1) + dt.timedelta(days=chance.randrange(30000)),
            nhs_number(1000 + place * 37),
            f"H{3_000_000 + place * 7919:07d}",
            compose(41, 1, 5000 + place * 3),
        )
        for place in range(count)
    ]


WATERMARKS = {"7QK3M0ZT9A": uuid.UUID(int=1), "B2D4F6H8JK": uuid.UUID(int=2)}


def known_of(people: list[Invented]) -> Known:
    known = Known()
    for one in people:
        known.add_patient(one.id, one.surname, one.forenames, one.born, nhs_number=one.nhs)
        known.add_hospital_number(one.hospital, one.id)
        known.add_number(one.number, one.id)
    for watermark, leaving in WATERMARKS.items():
        known.add_watermark(watermark, leaving)
    return known.ready()


def export_of(people: list[Invented], chance: random.Random, watermark: str = "7QK3M0ZT9A") -> str:
    """Rows as an export has them: numbers grouped and not, dates in several ways."""
    out = io.StringIO()
    rows = csv.writer(out)
    for one in people:
        nhs = chance.choice((one.nhs, f"{one.nhs[:3]} {one.nhs[3:6]} {one.nhs[6:]}"))
        nhs = chance.choice((nhs, nhs.replace(" ", "-")))
        born = chance.choice(("%d-%b-%Y", "%d/%m/%Y", "%Y-%m-%d", "%Y%m%d", "%d %B %Y"))
        number = chance.choice((one.number, grouped(one.number)))
        rows.writerow(
            (
                watermark,
                one.surname,
                one.forenames,
                one.born.strftime(born),
                nhs,
                one.hospital,
                number,
            )
        )
    return out.getvalue()


def noise(size: int, chance: random.Random) -> str:
    """Words and numbers that are nobody's."""
    out, length = [], 0
    while length < size:
        word = chance.choice(WORDS) if chance.random() < 0.6 else _number(chance)
        out.append(word)
        length += len(word) + 1
    return " ".join(out) + "\n"


def _number(chance: random.Random) -> str:
    digits = chance.choice((2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 16))
    # 1 to 8 begin no invented NHS number and no number of this node
    return chance.choice("12356789"[:7]) + "".join(chance.choices("0123456789", k=digits - 1))


def with_noise(rows: str, chance: random.Random) -> str:
    """The export with decoys between its rows."""
    return "".join(
        row + noise(chance.randrange(50, 900), chance) for row in rows.splitlines(keepends=True)
    )


def cut(data: bytes, chance: random.Random, size: int = 4096) -> list[bytes]:
    """Pieces, shuffled, half of them lost."""
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    chance.shuffle(pieces)
    return pieces[: (len(pieces) + 1) // 2]


def _base64_lines(raw: bytes) -> bytes:
    return base64.encodebytes(raw)


def _entities(raw: bytes) -> bytes:
    return html.escape(raw.decode()).encode("ascii", "xmlcharrefreplace").replace(b"-", b"&#45;")


CLOTHES: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "latin-1": lambda text: text.encode("latin-1", "ignore"),
    "hex": lambda text: text.encode().hex().encode(),
    "hex lines": lambda text: "\n".join(
        text.encode().hex()[at : at + 60] for at in range(0, 2 * len(text.encode()), 60)
    ).encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 at an offset": lambda text: base64.b64encode(b"x" + text.encode())[3:],
    "base64 lines": lambda text: _base64_lines(text.encode()),
    "base64 of utf-16": lambda text: base64.b64encode(text.encode("utf-16-le")),
    "url": lambda text: urllib.parse.quote_plus(text).encode(),
    "html": lambda text: _entities(text.encode()),
    "json": lambda text: json.dumps(text).encode(),
}
WHOLE_CLOTHES: dict[str, Callable[[str], bytes]] = {
    "zlib": lambda text: zlib.compress(text.encode()),
    "gzip": lambda text: gzip.compress(text.encode(), mtime=0),
}
