"""What happens to a label between the printer and the scanner, and two scanners to read it with."""

import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import zxingcpp
from PIL import Image, ImageFilter

from lab_contingency.incidents.rules import with_check_digit

ZBARIMG = shutil.which("zbarimg")


def skewed(label: Image.Image, degrees: float = 1.5) -> Image.Image:
    """Held at an angle."""
    return label.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def blurred(label: Image.Image, pixels: float) -> Image.Image:
    """Out of focus."""
    return label.filter(ImageFilter.GaussianBlur(pixels))


def luck(seed: int) -> random.Random:
    """The same accidents in each run."""
    return random.Random(seed)  # noqa: S311


def speckled(label: Image.Image, part: float, chance: random.Random) -> Image.Image:
    """So many of all pixels turned over, anywhere, and seen through a lens."""
    noise = Image.frombytes("L", label.size, chance.randbytes(label.width * label.height))
    hit = noise.point(lambda value: 255 if value < part * 256 else 0)
    return blurred(Image.composite(label.point(lambda value: 255 - value), label, hit), 1.0)


def blotted(label: Image.Image, part: float, chance: random.Random) -> Image.Image:
    """So much of the label under blots of ink and scratches of white."""
    spoilt = label.copy()
    left = part * label.width * label.height
    while left > 0:
        wide, high = chance.randint(3, label.width // 4), chance.randint(3, label.height // 4)
        x, y = chance.randint(0, label.width - wide), chance.randint(0, label.height - high)
        spoilt.paste(chance.choice((0, 255)), (x, y, x + wide, y + high))
        left -= wide * high
    return spoilt


def zxing(pictures: Sequence[Image.Image]) -> list[set[str]]:
    """What zxing-cpp reads of each picture."""
    return [{found.text for found in zxingcpp.read_barcodes(each)} for each in pictures]


def zbar(pictures: Sequence[Image.Image], folder: Path) -> list[set[str]]:
    """What zbarimg reads of each picture."""
    if ZBARIMG is None:
        raise RuntimeError("zbarimg is not installed")
    read: list[set[str]] = []
    for number, picture in enumerate(pictures):
        file = folder / f"{number}.png"
        picture.save(file)
        run = subprocess.run(
            [ZBARIMG, "--quiet", "--raw", "-Sdisable", "-Scode128.enable", file],
            capture_output=True,
            text=True,
            check=False,
        )
        read.append(set(run.stdout.split()))
    return read


def accepted(read: set[str]) -> set[str]:
    """What the program would take for a number of its own: twelve digits, the last one right."""
    return {
        text
        for text in read
        if len(text) == 12
        and text.isascii()
        and text.isdigit()
        and with_check_digit(text[:11]) == text
    }
