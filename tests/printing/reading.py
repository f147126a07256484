"""Reading finished paper back: its text, its size, its pixels, its barcodes, also after what happens to paper."""

import random
import shutil
import subprocess
from io import BytesIO

import pypdf
import pypdfium2
import zxingcpp
from PIL import Image, ImageFilter

MM = 72 / 25.4


def text(pdf: bytes, page: int = 0) -> str:
    return pypdf.PdfReader(BytesIO(pdf)).pages[page].extract_text()


def joined(pdf: bytes, page: int = 0) -> str:
    """The text without its line breaks and spaces: lines may be broken, letters may not be lost."""
    return "".join(text(pdf, page).split())


def pages(pdf: bytes) -> int:
    return len(pypdf.PdfReader(BytesIO(pdf)).pages)


def size_mm(pdf: bytes, page: int = 0) -> tuple[float, float]:
    box = pypdf.PdfReader(BytesIO(pdf)).pages[page].mediabox
    return float(box.width) / MM, float(box.height) / MM


def pixels(pdf: bytes, dpi: int, page: int = 0) -> Image.Image:
    return pypdfium2.PdfDocument(pdf)[page].render(scale=dpi / 72).to_pil().convert("L")


def barcodes(pdf: bytes, dpi: int, page: int = 0) -> list[str]:
    """What bars and QR codes say; a Data Matrix beside them says the same and is read by `matrices`."""
    return sorted(
        found.text
        for found in zxingcpp.read_barcodes(pixels(pdf, dpi, page))
        if found.format != zxingcpp.BarcodeFormat.DataMatrix
    )


def matrices(pdf: bytes, dpi: int, page: int = 0) -> list[str]:
    """What the Data Matrix codes say."""
    found = zxingcpp.read_barcodes(pixels(pdf, dpi, page), zxingcpp.BarcodeFormat.DataMatrix)
    return sorted(each.text for each in found)


def fonts_outside(pdf: bytes) -> set[str]:
    """Fonts that the file names but does not carry."""
    outside = set()
    for page in pypdf.PdfReader(BytesIO(pdf)).pages:
        for entry in page["/Resources"]["/Font"].values():
            font = entry.get_object()
            descriptor = font.get("/FontDescriptor")
            if descriptor is None or "/FontFile2" not in descriptor.get_object():
                outside.add(font["/BaseFont"])
    return outside


def narrowest_quiet_zone_mm(pdf: bytes, area_mm: tuple[float, float, float, float]) -> float:
    """White at the narrower side of the bars inside an area that holds one barcode, at 600 dpi."""
    dot = 25.4 / 600
    picture = pixels(pdf, 600).crop(tuple(round(edge / dot) for edge in area_mm))
    columns = [
        picture.crop((x, 0, x + 1, picture.height)).getextrema()[0] < 128
        for x in range(picture.width)
    ]
    first, last = columns.index(True), picture.width - 1 - columns[::-1].index(True)
    return min(first, picture.width - 1 - last) * dot


def overlaps(pdf: bytes, page: int = 0, slack_mm: float = 0.15) -> list[tuple[str, str]]:
    """Pairs of texts whose letters lie on each other by more than the slack."""
    read = pypdfium2.PdfDocument(pdf)[page].get_textpage()
    boxes = [read.get_rect(place) for place in range(read.count_rects())]
    inner = [
        (left + slack, bottom + slack, right - slack, top - slack)
        for slack in (slack_mm * MM,)
        for left, bottom, right, top in boxes
    ]
    return [
        (read.get_text_bounded(*boxes[one]), read.get_text_bounded(*boxes[other]))
        for one in range(len(inner))
        for other in range(one + 1, len(inner))
        if _touch(inner[one], inner[other])
    ]


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]


def white_margin_mm(pdf: bytes, page: int = 0) -> float:
    """The narrowest white between the edge of the page and anything printed, at 300 dpi."""
    picture = pixels(pdf, 300, page)
    box = picture.point(lambda grey: 255 if grey < 250 else 0).getbbox()
    edges = (box[0], box[1], picture.width - box[2], picture.height - box[3])
    return min(edges) * 25.4 / 300


def decoded(picture: Image.Image) -> set[str]:
    """Every barcode that the reader finds in a picture."""
    return {found.text for found in zxingcpp.read_barcodes(picture)}


def decoded_otherwise(picture: Image.Image) -> set[str] | None:
    """The same by a second reader, None where it is not installed."""
    if shutil.which("zbarimg") is None:
        return None
    held = BytesIO()
    picture.save(held, "PNG")
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Scode128.enable", "-"]
    done = subprocess.run(command, input=held.getvalue(), capture_output=True, check=False)
    return set(done.stdout.decode().split())


def skewed(picture: Image.Image, degrees: float = 1.5) -> Image.Image:
    """Laid askew on the scanner."""
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def blurred(picture: Image.Image, radius: float = 1.2) -> Image.Image:
    """Out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(radius))


def damaged(picture: Image.Image, share: float, seed: int) -> Image.Image:
    """A share of the pixels turned black or white at random."""
    noise, size = random.Random(seed), picture.width * picture.height  # noqa: S311 - the same each time
    hit = Image.frombytes("L", picture.size, noise.randbytes(size))
    dirt = Image.frombytes("L", picture.size, noise.randbytes(size))
    return Image.composite(
        dirt.point(lambda grey: 255 if grey < 128 else 0),
        picture,
        hit.point(lambda grey: 255 if grey < share * 256 else 0),
    )


def copied_grey(picture: Image.Image) -> Image.Image:
    """A pale copy: what was black is 40 % grey."""
    return picture.point(lambda grey: 153 + grey * 102 // 255)


def faxed(pdf: bytes, page: int = 0) -> Image.Image:
    """Through a fax machine: 200 dpi, one bit a dot, no grey."""
    return pixels(pdf, 200, page).convert("1", dither=Image.Dither.NONE).convert("L")
