"""The return slip, A4: a box for each value, to be written in by a laboratory that works on paper."""

from collections.abc import Iterator, Sequence

from lab_contingency.printing import frame, table
from lab_contingency.printing.barcode import QUIET, WIDTH, checked, draw_barcode, grouped
from lab_contingency.printing.content.returns import (
    ReturnAnalyte,
    ReturnSlip,
    ReturnTest,
    ReturnTube,
)
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.flow import Block, draw_blocks, flow
from lab_contingency.printing.frame import CAPTION, HEADING, STRIP, TOP, Heading
from lab_contingency.printing.marks import draw_tick_box
from lab_contingency.printing.paper import Paper, Pen
from lab_contingency.printing.stock import A4
from lab_contingency.printing.table import PAD, Cell, Column
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    REGULAR,
    Fitted,
    Lettering,
    fit,
    letterings,
    paragraphs,
    width,
)

_WIDE = frame.inside(A4)
_FACTS = 9.0
_BODY_TOP = HEADING + STRIP + _FACTS + 1.0
_ROOM = frame.room_below(A4, _BODY_TOP)
_NAME, _VALUE, _UNIT, _RANGE, _FLAG = 42.0, 34.0, 38.0, 36.0, 17.0
_COLUMNS = (
    Column("Analyte", _NAME),
    Column("Result", _VALUE),
    Column("Unit", _UNIT),
    Column("Your interval, low – high", _RANGE),
    Column("Flag", _FLAG),
    Column("Comment", _WIDE - _NAME - _VALUE - _UNIT - _RANGE - _FLAG),
)
_ROW, _TUBE, _TEST = 9.6, 15.6, 10.4
_SIGN = 13.0
_TEXT = Lettering(REGULAR, 2.9)
_STRONG = Lettering(BOLD, 2.9)
_BAND = "WRITE THE RESULTS HERE"


def return_slips_pdf(slips: Sequence[ReturnSlip]) -> bytes:
    """Draw the slips one after the other, each on pages of its own: one sheet, one patient."""
    if not slips:
        raise CannotPrint("There is no return slip to print.", field="slips")
    paper = Paper(A4, slips[0].title, slips[0].made.mark)
    for slip in slips:
        draw_return_slip(paper, slip)
    return paper.finish()


def draw_return_slip(paper: Paper, slip: ReturnSlip) -> None:
    """Draw one slip on further A4 pages of a document; CannotPrint names what does not fit."""
    if not any(tube.tests for tube in slip.tubes):
        raise CannotPrint("Nothing is asked of this laboratory.", field="tubes")
    pages = flow([*_blocks(slip), _end(slip)], _ROOM, _ROOM)
    for number, blocks in enumerate(pages, 1):
        pen = paper.page().moved(A4.margin, TOP)
        words = f"page {number} of {len(pages)}"
        _draw_frame(pen, slip, words)
        draw_blocks(pen.moved(0, _BODY_TOP), blocks)


def _draw_frame(pen: Pen, slip: ReturnSlip, page: str) -> None:
    """Draw what stands on every page: number, patient, whom it is for, who printed it."""
    heading = Heading(
        slip.title,
        (f"For {slip.laboratory}", f"from {slip.sender} · {page}"),
        slip.made,
        _BAND,
        slip.number,
        ("laboratory", "sender"),
    )
    frame.draw_heading(pen, _WIDE, heading)
    frame.draw_strip(pen.moved(0, HEADING), _WIDE, slip.patient)
    _draw_facts(pen.moved(0, HEADING + STRIP), slip)
    told = "Send every page back. Typed in by one person, checked against this page by another."
    frame.draw_foot(pen.moved(0, frame.foot_top(A4)), _WIDE, slip.made, page, told)


def _draw_facts(pen: Pen, slip: ReturnSlip) -> None:
    hospital = slip.patient.hospital_number
    entries = (
        ("priority", "Priority", slip.priority),
        ("needed_by", "Needed by", slip.needed_by),
        ("request_number", "Request", slip.request_number),
        ("consignment", "Box", slip.consignment),
        ("hospital_number", "Hospital", hospital if slip.patient.nhs_number and hospital else ""),
    )
    held = [entry for entry in entries if entry[2]]
    share = _WIDE / len(held)
    for place, (field, caption, value) in enumerate(held):
        at = pen.moved(place * share, 0)
        at.write(0.4, 3.4, caption, CAPTION)
        said = fit(
            value, field=field, room=share - 2.0, choices=letterings(BOLD, 3.1, 2.8, 2.5, 2.2)
        )
        at.write(0.4, 7.4, said.lines[0], said.lettering)


def _blocks(slip: ReturnSlip) -> Iterator[Block]:
    for place, tube in enumerate(slip.tubes, 1):
        yield _tube_block(place, len(slip.tubes), tube)
        whose = f"tube {grouped(checked(tube.number))}" if tube.number else "written by hand"
        for test in tube.tests:
            yield _test_block(test, whose)
            again = _again_block(test, whose)
            for analyte in test.analytes:
                yield _analyte_block(analyte, again)


def _tube_block(place: int, count: int, tube: ReturnTube) -> Block:
    """Measure the line of a tube: its number as bars and digits, what it is, when it was filled."""
    left = WIDTH + 2 * QUIET + 2.0
    said = fit(
        f"Tube {place} of {count}: {tube.tube}",
        field="tube",
        room=_WIDE - left - 2.0,
        choices=letterings(BOLD, 3.6, 3.2, 2.8, 2.5),
    )
    told = fit(
        f"taken {tube.taken}",
        field="taken",
        room=_WIDE - left - 2.0,
        choices=letterings(REGULAR, 2.9, 2.6, 2.3),
    )
    digits = grouped(checked(tube.number)) if tube.number else ""

    def draw(pen: Pen) -> None:
        pen.line(0, 0.6, _WIDE, 0.6, thick=0.5)
        if tube.number:
            draw_barcode(pen, QUIET, 2.4, 7.6, tube.number)
            pen.write_centred(QUIET + WIDTH / 2, 13.4, digits, Lettering(MONO, 2.9))
        else:
            pen.write(PAD, 6.6, "no label: written by hand", _STRONG)
        pen.write(left, 6.4, said.lines[0], said.lettering)
        pen.write(left, 11.2, told.lines[0], told.lettering)

    return Block(_TUBE, draw, "tubes", keep=True)


def _test_block(test: ReturnTest, whose: str) -> Block:
    """Measure the head of a test: its name and tube, the method, what cannot be done; then the columns."""
    name = fit(test.name, field="name", room=58.0, choices=letterings(BOLD, 3.6, 3.2, 2.8, 2.5))
    known = f"Method {test.method}" if test.method else "Method"
    method = fit(known, field="method", room=46.0, choices=letterings(REGULAR, 2.9, 2.6, 2.3, 2.1))

    def draw(pen: Pen) -> None:
        pen.write(0.4, 5.4, name.lines[0], name.lettering)
        pen.write(0.4, 8.8, whose, CAPTION)
        pen.write(60.0, 5.8, method.lines[0], method.lettering)
        x = 61.0 + width(method.lines[0], method.lettering)
        if test.method:
            x = _draw_choice(pen, x + 1.0, 6.2, "other")
        pen.line(x + 1.0, 6.8, 138.0, 6.8, thick=0.2)
        x = _draw_choice(pen, 141.0, 6.2, "cannot be done, reason no.")
        pen.line(x + 1.0, 6.8, _WIDE, 6.8, thick=0.2)
        table.draw_heads(pen.moved(0, _TEST), _COLUMNS)

    return Block(_TEST + table.HEAD, draw, "tests", keep=True)


def _again_block(test: ReturnTest, whose: str) -> Block:
    """Stands above the rows of a test that go on over the page."""
    said = fit(
        f"{test.name}, continued · {whose}",
        field="name",
        room=_WIDE - 2.0,
        choices=letterings(BOLD, 3.6, 3.2, 2.8, 2.5),
    )

    def draw(pen: Pen) -> None:
        pen.write(0.4, 4.4, said.lines[0], said.lettering)
        table.draw_heads(pen.moved(0, 6.4), _COLUMNS)

    return Block(6.4 + table.HEAD, draw, "tests")


def _analyte_block(analyte: ReturnAnalyte, again: Block) -> Block:
    cells = (
        table.words(analyte.name, _NAME, field="name", bold=True, below=analyte.choices),
        table.blank(),
        _unit(analyte) if analyte.unit else table.blank(),
        _range(analyte) if not analyte.choices else table.blank(),
        _flags() if not analyte.choices else table.blank(),
        table.blank(),
    )
    block = table.row_block(_COLUMNS, cells, _ROW, ruled=True)
    return Block(block.height, block.draw, "tests", again=again)


def _unit(analyte: ReturnAnalyte) -> Cell:
    said = fit(analyte.unit, field="unit", room=_UNIT - 2 * PAD, choices=letterings(BOLD, 2.8, 2.5))

    def draw(pen: Pen) -> None:
        pen.write(PAD, 4.0, said.lines[0], said.lettering)
        x = _draw_choice(pen, PAD, 8.2, "other", 2.4)
        pen.line(x + 0.8, 8.4, _UNIT - PAD, 8.4, thick=0.2)

    return Cell(_ROW, draw)


def _range(analyte: ReturnAnalyte) -> Cell:
    caption = f"if not {analyte.known}" if analyte.known else ""
    said = fit(
        caption, field="known", room=_RANGE - 2 * PAD, choices=letterings(REGULAR, 2.4, 2.2, 2.0)
    )

    def draw(pen: Pen) -> None:
        pen.write(PAD, 3.2, said.lines[0], said.lettering)
        middle = _RANGE / 2
        pen.line(PAD, 8.2, middle - 2.0, 8.2, thick=0.2)
        pen.write_centred(middle, 8.0, "–", _TEXT)
        pen.line(middle + 2.0, 8.2, _RANGE - PAD, 8.2, thick=0.2)

    return Cell(_ROW, draw)


def _flags() -> Cell:
    def draw(pen: Pen) -> None:
        _draw_choice(pen, PAD, 4.2, "low", 2.4)
        _draw_choice(pen, PAD, 8.4, "high", 2.4)

    return Cell(_ROW, draw)


def _draw_choice(pen: Pen, x: float, baseline: float, words: str, size: float = 2.8) -> float:
    """Draw a box to tick with its word; returns where the word ends."""
    draw_tick_box(pen, x, baseline, 3.0, ticked=False)
    lettering = Lettering(REGULAR, size)
    pen.write(x + 4.0, baseline - 0.4, words, lettering)
    return x + 4.0 + width(words, lettering)


def _end(slip: ReturnSlip) -> Block:
    """Measure what ends the slip: who did it, who signed it, why a test cannot be done, where it goes."""
    reasons = paragraphs(
        "Cannot be done: " + " · ".join(slip.reasons),
        field="reasons",
        room=_WIDE,
        lettering=Lettering(REGULAR, 2.6),
    )
    back = paragraphs(slip.send_back, field="send_back", room=_WIDE - 4.0, lettering=_STRONG)
    told = 3.6 * len(reasons) + 2.4
    signed = told + 2 * _SIGN + 1.0
    high = 4.0 * len(back) + 3.4

    def draw(pen: Pen) -> None:
        pen.write_lines(0.4, 4.6, Fitted(reasons, Lettering(REGULAR, 2.6)), 3.6)
        at = pen.moved(0, told + 1.6)
        frame.draw_signing(at, _WIDE, "Done by", ("name", "tubes arrived, day and time"), _SIGN - 1)
        frame.draw_signing(
            at.moved(0, _SIGN - 1),
            _WIDE,
            "Authorised by",
            ("name", "signature", "day and time"),
            _SIGN - 1,
        )
        box = pen.moved(0, signed)
        box.box(0, 0, _WIDE, high, 0.6)
        box.write_lines(2.0, 4.8, Fitted(back, _STRONG), 4.0)

    return Block(signed + high + 1.0, draw, "send_back")
