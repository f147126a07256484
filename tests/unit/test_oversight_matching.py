"""Fragments from outside: everything that survives is found, in every coding, and nobody else."""

from __future__ import annotations

import io
import random
import re
import zipfile
import zlib

import pytest

from lab_contingency.oversight.matching import Caps, Finding, Sure, match_streams, pieces_of
from lab_contingency.oversight.matching.known import spellings
from tests.factories.leaks import (
    CLOTHES,
    WATERMARKS,
    WHOLE_CLOTHES,
    Invented,
    cut,
    export_of,
    invented,
    known_of,
    noise,
    with_noise,
)

PEOPLE = invented(120)
pytestmark = pytest.mark.feature(98)


def found(*pieces: bytes, people: list[Invented] = PEOPLE, caps: Caps | None = None) -> Finding:
    streams = [pieces_of(piece) for piece in pieces]
    return match_streams(known_of(people), streams, caps or Caps())


def survivors(pieces: list[str]) -> tuple[set, set]:
    """By plain searching: patients with a whole number in a piece, watermarks in a piece."""
    held, marks = set(), set()
    for piece in pieces:
        joined = re.sub(r"(?<=\d)[ -](?=\d)", "", piece)
        for one in PEOPLE:
            if one.nhs in joined or one.number in joined or one.hospital in piece:
                held.add(one.id)
        marks |= {leaving for mark, leaving in WATERMARKS.items() if mark in piece}
    return held, marks


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("clothes", CLOTHES)
def test_every_number_that_survives_cutting_shuffling_and_losing_half_is_found(clothes, seed):
    chance = random.Random(seed)  # noqa: S311 - invented data
    text = with_noise(export_of(PEOPLE, chance), chance)
    pieces = [each.decode() for each in cut(text.encode("ascii", "ignore"), chance)]
    wanted, marks = survivors(pieces)

    finding = found(b"".join(CLOTHES[clothes](piece) for piece in pieces))

    assert len(wanted) > 30
    assert wanted - set(finding.patients) == set()
    assert finding.leavings == marks


@pytest.mark.parametrize("clothes", CLOTHES)
def test_bytes_that_are_cut_after_coding_give_what_stands_whole_in_a_piece(clothes):
    chance = random.Random(11)  # noqa: S311 - invented data
    text = with_noise(export_of(PEOPLE, chance), chance)
    kept = cut(CLOTHES[clothes](text), chance)

    together = found(b"".join(kept))
    alone = set().union(*(found(piece).patients for piece in kept))

    assert len(alone) > 30
    assert alone - set(together.patients) == set()


@pytest.mark.parametrize("clothes", [*CLOTHES, *WHOLE_CLOTHES])
def test_a_whole_export_names_everybody_and_its_own_watermark(clothes):
    chance = random.Random(3)  # noqa: S311 - invented data
    text = with_noise(export_of(PEOPLE, chance), chance)
    coding = {**CLOTHES, **WHOLE_CLOTHES}[clothes]

    finding = found(b"\x00\xffjunk " + coding(text) + b" junk")

    assert finding.of(Sure.CERTAIN) == {one.id for one in PEOPLE}
    assert finding.leavings == {WATERMARKS["7QK3M0ZT9A"]}


@pytest.mark.parametrize(
    "clothes", ["utf-8", "utf-16-le", "utf-16-be", "latin-1", "base64", "html", "json"]
)
def test_names_with_their_letters_are_found_as_likely(clothes):
    one = next(p for p in PEOPLE if p.surname == "Brontë" and p.forenames in {"Zoë", "Siân"})
    row = f"referred: {one.surname.upper()}, {one.forenames} seen in clinic"

    finding = found(CLOTHES[clothes](row), people=[one])

    assert finding.patients == {one.id: {"name": Sure.LIKELY}}


@pytest.mark.parametrize(
    "shape",
    [
        "%d-%b-%Y",
        "%d/%m/%Y",
        "%d.%m.%y",
        "%Y-%m-%d",
        "%Y%m%d",
        "%d%m%Y",
        "%d %B %Y",
        "%Y-%m-%dT00:00:00",
        "%B %d, %Y",
    ],
)
def test_a_surname_with_the_date_of_birth_is_likely_in_any_usual_date(shape):
    one = PEOPLE[0]

    finding = found(f"{one.surname} born {one.born.strftime(shape)}".encode(), people=[one])

    assert finding.patients == {one.id: {"surname and date of birth": Sure.LIKELY}}


def test_a_surname_without_its_second_part_or_with_another_day_is_nobody():
    one = next(p for p in PEOPLE if p.surname == "Okonkwo-Hale")
    other = one.born.replace(day=one.born.day % 28 + 1)

    assert not found(f"Okonkwo {one.forenames}".encode(), people=[one]).patients
    assert not found(f"Okonkwo-Hale born {other:%d/%m/%Y}".encode(), people=[one]).patients


@pytest.mark.parametrize("glue", ["7{}", "{}7", "x{}", "{}x", "31{}44", "Jones{}Smith"])
def test_what_a_cut_glued_to_a_number_does_not_hide_it(glue):
    one = PEOPLE[3]
    plain, parted = one.nhs, f"{one.nhs[:3]} {one.nhs[3:6]} {one.nhs[6:]}"

    for number in (plain, parted, one.number):
        assert set(found(glue.format(number).encode()).patients) == {one.id}, number


def test_no_decoy_is_taken_for_somebody():
    chance = random.Random(23)  # noqa: S311 - invented data
    text = noise(3_000_000, chance)
    assert not found(text.encode()).patients


def test_numbers_in_the_wrong_company_are_not_certain():
    one = PEOPLE[5]
    for text in (f"{one.nhs[:3]},{one.nhs[3:6]},{one.nhs[6:]}", f"88{one.nhs}77"):
        assert found(text.encode()).of(Sure.CERTAIN) == set()


def test_a_number_over_the_edge_of_a_block_and_of_a_piece_is_found():
    one = PEOPLE[9]
    for edge in (128 * 1024, 4 * 1024 * 1024):
        for before in range(0, 14, 3):
            data = b"w " * ((edge - before) // 2) + b" " * ((edge - before) % 2)
            assert set(found(data + one.nhs.encode() + b" end").patients) == {one.id}


def test_a_stream_that_begins_in_one_piece_and_ends_in_another_is_read():
    chance = random.Random(5)  # noqa: S311 - invented data
    raw = zlib.compress(noise(12_000_000, chance).encode() + PEOPLE[4].nhs.encode(), 1)
    finding = found(b"#" * (4 * 1024 * 1024 - 7) + raw)
    assert len(raw) > 4 * 1024 * 1024
    assert set(finding.patients) == {PEOPLE[4].id}


def test_a_stream_that_breaks_off_gives_what_stood_before():
    chance = random.Random(6)  # noqa: S311 - invented data
    text = f"{PEOPLE[1].nhs} " + noise(200_000, chance) + PEOPLE[2].nhs
    raw = zlib.compress(text.encode())
    assert set(found(raw[: len(raw) // 2] + chance.randbytes(5000)).patients) == {PEOPLE[1].id}


def test_what_a_spreadsheet_or_archive_holds_is_read_without_unpacking_it():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", f"<v>{PEOPLE[7].nhs}</v>")
    assert set(found(out.getvalue()).patients) == {PEOPLE[7].id}


def test_a_bomb_is_read_no_further_than_the_cap_and_says_so():
    raw = zlib.compress(b"0" * 50_000_000 + PEOPLE[0].nhs.encode())
    finding = found(raw, caps=Caps(stream=1_000_000, left=2_000_000))
    assert finding.capped
    assert not finding.patients


def test_one_in_many_wrappings_is_found_as_deep_as_the_cap():
    raw = PEOPLE[0].nhs.encode()
    for _ in range(3):
        raw = b"-- " + zlib.compress(raw) + b" --"
    assert set(found(raw).patients) == {PEOPLE[0].id}


def test_what_is_known_can_be_forgotten():
    known = known_of(PEOPLE)
    known.clear()
    assert not match_streams(known, [pieces_of(PEOPLE[0].nhs.encode())], Caps()).patients


@pytest.mark.parametrize(("word", "spelt"), [("Łódź", "LODZ"), ("Zoë", "ZOE"), ("Đặng", "DANG")])
def test_a_name_is_also_looked_for_without_its_accents(word, spelt):
    assert spelt.encode() in spellings(word)
