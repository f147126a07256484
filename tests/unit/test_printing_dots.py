"""The pen of label printers draws every shape where the pen of PDFs does."""

import pypdfium2
import pytest
from PIL import Image

from lab_contingency.printing.dots import Dots
from lab_contingency.printing.paper import Paper
from lab_contingency.printing.pen import Pen
from lab_contingency.printing.stock import Stock
from lab_contingency.printing.text import BOLD, REGULAR, Lettering
from tests.printing.zpl_reading import unlike

STOCK = Stock("a square", 24 * 25.4 / 12, 24 * 25.4 / 12, 0)
DPI = 600
DIAMOND = ((20.0, 10.0), (30.0, 20.0), (20.0, 30.0), (10.0, 20.0))
SHAPES = {
    "box": lambda pen: pen.box(10, 10, 20, 12, 0.5),
    "filled box": lambda pen: pen.fill(10, 10, 20, 12),
    "white on black": lambda pen: (pen.fill(5, 5, 30, 30), pen.fill(10, 10, 20, 12, grey=1)),
    "level line": lambda pen: pen.line(5, 20, 40, 20, thick=0.5),
    "slanting line": lambda pen: pen.line(5, 5, 40, 30, thick=0.5),
    "polygon": lambda pen: pen.polygon(DIAMOND),
    "white polygon": lambda pen: (pen.fill(5, 5, 30, 30), pen.polygon(DIAMOND, grey=1)),
    "squares": lambda pen: pen.stamp(5, 30, (2, 2), "0 0 3 1 re 5 4 1 1 re 7 2 2 1 re"),
    "words": lambda pen: pen.write(5, 20, "Żółć 0123", Lettering(REGULAR, 8)),
    "bold words": lambda pen: pen.write_right(45, 20, "ĐẶNG", Lettering(BOLD, 8)),
    "a moved part": lambda pen: pen.moved(5, 5, 2).fill(2, 2, 5, 5),
    "a part of a part": lambda pen: pen.moved(5, 5, 2).moved(2, 1).box(2, 2, 5, 5),
}


def on_paper(draw) -> Image.Image:
    paper = Paper(STOCK, "")
    draw(paper.page())
    page = pypdfium2.PdfDocument(paper.finish())[0]
    return page.render(scale=DPI / 72).to_pil().convert("L")


def in_dots(draw) -> Image.Image:
    dots = Dots(STOCK.width, STOCK.height, DPI)
    draw(dots.pen())
    return dots.picture.point(lambda dot: 0 if dot else 255, "L")


@pytest.mark.parametrize("shape", SHAPES)
def test_both_pens_draw_it_alike(shape):
    paper, dots = on_paper(SHAPES[shape]), in_dots(SHAPES[shape])
    assert unlike(dots, paper.resize(dots.size)) < 0.02


def test_an_outline_is_drawn_where_its_shape_is():
    def draw(pen: Pen) -> None:
        pen.outline(DIAMOND, 0.3)

    edges = [
        picture.point(lambda v: 255 - v).getbbox() for picture in (on_paper(draw), in_dots(draw))
    ]
    assert edges[0] == pytest.approx(edges[1], abs=8)


def test_a_dashed_line_has_gaps():
    black = in_dots(lambda pen: pen.dashed(((5, 20), (45, 20)), 0.5)).crop((0, 470, 1200, 475))
    row = black.tobytes()[:1200]
    assert 8 <= row.count(b"\x00\xff") <= 40


def test_a_tint_is_white_in_one_colour():
    assert in_dots(lambda pen: pen.stripes(5, 5, 30, 30)).getextrema() == (255, 255)
    assert in_dots(lambda pen: pen.fill(5, 5, 30, 30, grey=0.9)).getextrema() == (255, 255)


def test_what_repeats_in_a_document_is_drawn_once_and_stands_twice():
    drawn = []

    def part(pen: Pen) -> str:
        drawn.append(1)
        pen.fill(5, 5, 5, 5)
        return "made"

    paper = Paper(STOCK, "")
    assert [paper.page().once("part", part) for _ in range(3)] == ["made"] * 3
    document = pypdfium2.PdfDocument(paper.finish())
    pictures = {page.render().to_pil().tobytes() for page in document}
    assert len(drawn) == len(pictures) == 1
    assert in_dots(lambda pen: pen.once("part", part)).getextrema() == (0, 255)
