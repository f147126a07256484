"""A film for the pretended camera of Chromium: pictures of finished paper, one after the other, with pauses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from PIL import Image

WIDTH, HEIGHT, RATE = 960, 720, 10
_SHOWN, _PAUSE = 25, 20  # frames


def film(path: Path, papers: Sequence[bytes]) -> Path:
    """Write the first page of each paper as Y4M, grey, a little askew; the camera plays it round and round."""
    blank = _frame(Image.new("L", (WIDTH, HEIGHT), 128))
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for paper in papers:
            file.write(_frame(_photograph(paper)) * _SHOWN)
            file.write(blank * _PAUSE)
    return path


def _photograph(paper: bytes) -> Image.Image:
    page = pypdfium2.PdfDocument(paper)[0]
    scale = min(WIDTH * 0.8 / page.get_width(), HEIGHT * 0.8 / page.get_height())
    picture = page.render(scale=scale).to_pil().convert("L")
    table = Image.new("L", (WIDTH, HEIGHT), 128)
    table.paste(picture, ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2))
    return table.rotate(1.5, fillcolor=128)


def _frame(picture: Image.Image) -> bytes:
    return b"FRAME\n" + picture.tobytes() + b"\x80" * (WIDTH * HEIGHT // 2)
