"""Reading finished paper back: its text, its size, its pixels, its barcodes."""

from io import BytesIO

import pypdf
import pypdfium2
import zxingcpp
from PIL import Image

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
