"""What may be kept as a picture of a form: told from its bytes, refused with a sentence, never decoded."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lab_contingency.requests.packs.pictures import LARGEST, read_picture
from lab_contingency.requests.packs.rules import Keyed, MediaType, differences, needs_check
from tests.factories.world import an_identity


def _made(kind: str, wide: int = 30, high: int = 20) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (wide, high), "white").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "media"), [("PNG", MediaType.PNG), ("JPEG", MediaType.JPEG)])
def test_a_photo_is_known_by_its_bytes_and_its_sides(kind, media):
    picture = read_picture(_made(kind, 301, 202))

    assert (picture.media_type, picture.width, picture.height) == (media, 301, 202)


def test_a_photo_from_a_phone_with_its_segments_is_read_to_its_frame():
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "x" * 2000
    Image.new("RGB", (64, 48)).save(out, "JPEG", progressive=True, exif=exif)

    assert (read_picture(out.getvalue()).width, read_picture(out.getvalue()).height) == (64, 48)


def test_a_scan_may_be_a_pdf():
    assert read_picture(b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n").media_type is MediaType.PDF


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"GIF89a" + b"0" * 90, "JPEG, a PNG or a PDF"),
        (b"<svg onload='x'/>", "JPEG, a PNG or a PDF"),
        (b"<!doctype html>", "JPEG, a PNG or a PDF"),
        (b"PK\x03\x04", "JPEG, a PNG or a PDF"),
        (b"%PDF-1.7 cut", "damaged"),
        (_made("PNG")[:40], "damaged"),
        (_made("JPEG")[:200], "damaged"),
        (b"\xff\xd8\xff\xe0" + b"0" * 90 + b"\xff\xd9", "damaged"),
        (b"\xff\xd8\xff\xe0\x00\x00" + b"0" * 90 + b"\xff\xd9", "damaged"),
        (b"\xff\xd8" + b"\xff" * 5000, "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * (LARGEST + 1), "6 MB"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(data, words):
    with pytest.raises(ValueError, match=words):
        read_picture(data)


@pytest.mark.parametrize("sides", [(0, 5), (20_000, 5), (11_000, 11_000), (2**31, 2**31)])
def test_a_picture_that_would_burst_whoever_opens_it_is_refused(sides):
    data = bytearray(_made("PNG"))
    data[16:20], data[20:24] = (side.to_bytes(4) for side in sides)

    with pytest.raises(ValueError, match=r"pixels|damaged"):
        read_picture(bytes(data))


@given(st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"]), st.binary())
def test_whatever_is_sent_is_read_or_refused_with_a_sentence(start, rest):
    try:
        read_picture(start + rest)
    except ValueError as refused:
        assert str(refused).endswith(".")


def test_accents_and_case_are_no_difference_a_digit_is():
    one = Keyed(an_identity(1), frozenset({"FBC"}))
    same = Keyed(an_identity(1, surname="WOZNIAK ONEILL", forenames="sian"), frozenset({"FBC"}))
    other = Keyed(an_identity(2), frozenset({"FBC", "UE"}))

    assert differences(one, same) == ()
    assert differences(one, other) == ("nhs_number", "hospital_number", "tests")


def test_a_form_without_tests_needs_nobody():
    assert not needs_check([])
