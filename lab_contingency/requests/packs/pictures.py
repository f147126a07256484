"""What a picture of a form is, told from its first bytes: never decoded here, so nothing in it can act here."""

from __future__ import annotations

from dataclasses import dataclass

from lab_contingency.requests.packs.rules import MediaType

LARGEST = 6 * 1024 * 1024
SIDE_MOST = 12_000
PIXELS_MOST = 60_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_PDF = b"%PDF-"
_STANDALONE = {0x01, *range(0xD0, 0xD9)}
# Every start of frame but the tables that share their range.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

_OTHER = "That is no photo or scan we can keep. Choose a JPEG, a PNG or a PDF."
_BROKEN = "That file is damaged. Take the photo again."


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo or scan that may be kept. Sides in pixels; 0 for a PDF."""

    media_type: MediaType
    width: int
    height: int
    data: bytes


def read_picture(data: bytes) -> Picture:
    """The picture, or ValueError with a sentence that says what to do."""
    if not data:
        raise ValueError("That file is empty. Choose the photo again.")
    if len(data) > LARGEST:
        raise ValueError("That file is larger than 6 MB. Take the photo with fewer pixels.")
    if data.startswith(_PDF):
        if b"%%EOF" not in data[-2048:]:
            raise ValueError(_BROKEN)
        return Picture(MediaType.PDF, 0, 0, data)
    if data.startswith(_PNG):
        return _within(Picture(MediaType.PNG, *_png_sides(data), data))
    if data.startswith(_JPEG):
        return _within(Picture(MediaType.JPEG, *_jpeg_sides(data), data))
    raise ValueError(_OTHER)


def _within(picture: Picture) -> Picture:
    wide, high = picture.width, picture.height
    if not wide or not high:
        raise ValueError(_BROKEN)
    if max(wide, high) > SIDE_MOST or wide * high > PIXELS_MOST:
        raise ValueError("That picture has too many pixels. Take it with fewer, or nearer.")
    return picture


def _png_sides(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR" or b"IEND" not in data[-16:]:
        raise ValueError(_BROKEN)
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _jpeg_sides(data: bytes) -> tuple[int, int]:
    """Walk the segments to the start of frame; each says how long it is."""
    if b"\xff\xd9" not in data[-64:]:
        raise ValueError(_BROKEN)
    place = 2
    while place + 9 < len(data):
        if data[place] != 0xFF:  # noqa: PLR2004 - a marker begins with it
            raise ValueError(_BROKEN)
        marker = data[place + 1]
        if marker == 0xFF:  # noqa: PLR2004 - filling
            place += 1
        elif marker in _STANDALONE:
            place += 2
        elif marker in _FRAMES:
            high, wide = data[place + 5 : place + 7], data[place + 7 : place + 9]
            return int.from_bytes(wide), int.from_bytes(high)
        else:
            length = int.from_bytes(data[place + 2 : place + 4])
            if length < 2:  # noqa: PLR2004 - the length counts itself
                raise ValueError(_BROKEN)
            place += 2 + length
    raise ValueError(_BROKEN)
