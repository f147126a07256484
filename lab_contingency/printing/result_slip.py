"""The result slip, A5: whose, what part of the request, the results, and what is still to come."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from lab_contingency.printing import marks
from lab_contingency.printing.barcode import WIDTH, checked, draw_barcode, grouped
from lab_contingency.printing.content import CriticalNote, PatientIdentity, ResultSlip
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.flow import Block, draw_blocks, flow
from lab_contingency.printing.paper import Paper, Pen
from lab_contingency.printing.slip_rows import (
    HEAD,
    ROW_PITCHES,
    WIDE,
    draw_column_heads,
    group_blocks,
)
from lab_contingency.printing.stock import A5
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    REGULAR,
    Fitted,
    Lettering,
    clean,
    fit,
    letterings,
    paragraphs,
    width,
)

_TOP = 6.5
_STRIP_TOP, _STRIP_HIGH = 16.0, 10.6
_BODY_TOP = _STRIP_TOP + _STRIP_HIGH + 1.6
_FOOT = 8.0
_ROOM = A5.height - _TOP - _BODY_TOP - _FOOT - 4.7
_READ = 11.4
_LINE = 3.5
_KEPT_WHOLE = 8
"""Paragraphs up to this many lines are not parted."""
_CAPTION = Lettering(REGULAR, 2.2)
_TEXT = Lettering(REGULAR, 2.7)
_STRONG = Lettering(BOLD, 2.7)
_STAMP = 3.2
_CONTINGENCY = "CONTINGENCY RESULT"
_HEADER_ROOM = WIDE - WIDTH - 7.0


def result_slip_pdf(slips: Sequence[ResultSlip]) -> bytes:
    """Draw the slips one after the other, each on as many A5 pages as its rows need."""
    if not slips:
        raise CannotPrint("There is no slip to print.", field="slips")
    paper = Paper(A5, "Result slip", slips[0].made.mark)
    for slip in slips:
        _draw_slip(paper, slip)
    return paper.finish()


def _draw_slip(paper: Paper, slip: ResultSlip) -> None:
    opening = list(_opening_blocks(slip))
    pages = _paged(slip, sum(block.height for block in opening))
    for number, blocks in enumerate(pages, 1):
        pen = paper.page().moved(A5.margin, _TOP)
        _draw_frame(pen, slip, f"page {number} of {len(pages)}")
        inside = pen.moved(0, _BODY_TOP)
        down = draw_blocks(inside, opening) if number == 1 else 0
        if any(block.field in {"groups", "heading"} for block in blocks):
            draw_column_heads(inside.moved(0, down), slip.interval_heading, slip.before_heading)
        draw_blocks(inside.moved(0, down + HEAD), [b for b in blocks if b.field != "read"])
        if number == len(pages):
            _draw_read_box(inside.moved(0, _ROOM - _READ + 1.0))


def _paged(slip: ResultSlip, used: float) -> list[list[Block]]:
    """Flow the rows; where closer rows save a page, take those."""
    layouts = [
        flow(_signed_blocks(slip, pitch), _ROOM - HEAD - used, _ROOM - HEAD)
        for pitch in ROW_PITCHES
    ]
    return min(layouts, key=len)


def _signed_blocks(slip: ResultSlip, pitch: float) -> list[Block]:
    """List what flows; the box to sign never stands alone: a signature belongs under a result."""
    body = [*_body_blocks(slip, pitch)]
    body[-1:] = [replace(block, keep=True) for block in body[-1:]]
    return [*body, Block(_READ, lambda _pen: None, "read")]


def _draw_frame(pen: Pen, slip: ResultSlip, page: str) -> None:
    """Draw what stands on every page: heading, number, patient, and who made it."""
    _draw_header(pen, slip, page)
    left = WIDE - WIDTH - 3.0
    draw_barcode(pen, left, 0, 9.4, slip.number)
    pen.write_centred(left + WIDTH / 2, 12.9, grouped(checked(slip.number)), Lettering(MONO, 2.9))
    pen.write_centred(left + WIDTH / 2, 15.4, marks.watermark(slip.made.mark), _CAPTION)
    _draw_strip(pen.moved(0, _STRIP_TOP), slip.patient)
    _draw_foot(pen.moved(0, A5.height - _TOP - _FOOT - 3.8), slip, page)


def _draw_header(pen: Pen, slip: ResultSlip, page: str) -> None:
    words = marks.stamps(slip.made.copy_reason, test_mark=slip.made.test_mark)
    wide = width(_CONTINGENCY, _STRONG) + 2.4
    room = _HEADER_ROOM - wide - marks.stamps_width(words, _STAMP) - 4
    title = fit(slip.title, field="title", room=room, choices=letterings(BOLD, 6.0, 5.0, 4.2, 3.4))
    pen.write(0, 4.9, title.lines[0], title.lettering)
    x = width(title.lines[0], title.lettering) + 2.5
    pen.fill(x, 1.1, wide, 4.2)
    pen.write_centred(x + wide / 2, 4.2, _CONTINGENCY, _STRONG, white=True)
    marks.draw_stamps(pen, _HEADER_ROOM, 1.1, words, _STAMP)
    made_by = fit(
        slip.laboratory,
        field="laboratory",
        room=_HEADER_ROOM,
        choices=letterings(REGULAR, 2.7, 2.4, 2.1),
    )
    pen.write(0, 9.3, made_by.lines[0], made_by.lettering)
    status = f"{slip.extent}, {slip.finality} · {slip.version} · {page}"
    said = fit(
        status, field="status", room=_HEADER_ROOM, choices=letterings(BOLD, 2.7, 2.5, 2.3, 2.0)
    )
    pen.write(0, 13.0, said.lines[0], said.lettering)


def _draw_strip(pen: Pen, patient: PatientIdentity) -> None:
    """Draw the identifiers, in the same place on every page."""
    pen.box(0, 0, WIDE, _STRIP_HIGH, 0.5)
    name = f"{patient.surname} {patient.forenames}"
    caption, number = ("NHS number", patient.nhs_number)
    if number is None:
        caption, number = ("Hospital number", patient.hospital_number or "not known")
    cells = (
        ("surname", "Patient", name, 64.0),
        ("born", "Born", patient.born, 27.5),
        ("sex", "Sex", patient.sex, 10.5),
        ("hospital_number", caption, number, 32.0),
    )
    x = 0.0
    for field, head, value, wide in cells:
        if x:
            pen.line(x, 0, x, _STRIP_HIGH, thick=0.25)
        _draw_cell(pen.moved(x + 1.8, 0), (field, head, value), wide - 3.0)
        x += wide


def _draw_cell(pen: Pen, cell: tuple[str, str, str], room: float) -> None:
    field, caption, value = cell
    pen.write(0, 3.3, caption, _CAPTION)
    said = _fit_cell(value, field, room)
    if len(said.lines) == 1:
        pen.write(0, 8.3, said.lines[0], said.lettering)
    else:
        pen.write_lines(0, 6.2, said, 2.9)


def _fit_cell(value: str, field: str, room: float) -> Fitted:
    for lettering in letterings(BOLD, 4.0, 3.6, 3.2, 2.8):
        ready = clean(value, field=field, font=BOLD)
        if width(ready, lettering) <= room:
            return Fitted((ready,), lettering)
    return fit(value, field=field, room=room, choices=letterings(BOLD, 2.7, 2.4, 2.1), lines=2)


def _draw_foot(pen: Pen, slip: ResultSlip, page: str) -> None:
    signed = (
        ("Typed by", slip.typed_by),
        ("checked by", slip.checked_by),
        ("authorised by", slip.authorised_by),
    )
    people = ", ".join(f"{word} {who}" for word, who in signed if who)
    made = slip.made
    copied = f" · copy: {made.copy_reason}" if made.copy_reason else ""
    printed = f"{made.printed} · {made.copy_number}{copied}"
    pen.line(0, 0, WIDE, 0, thick=0.2)
    choices = letterings(REGULAR, 2.3, 2.1, 1.9)
    first = fit(people, field="typed_by", room=WIDE, choices=choices)
    pen.write(0, 3.2, first.lines[0], first.lettering)
    second = fit(printed, field="printed", room=WIDE - width(page, choices[0]) - 3, choices=choices)
    pen.write(0, 6.5, second.lines[0], second.lettering)
    pen.write_right(WIDE, 6.5, page, choices[0])


def _opening_blocks(slip: ResultSlip) -> Iterator[Block]:
    yield _grid_block(slip)
    for note in slip.criticals:
        yield _critical_block(note)


def _grid_block(slip: ResultSlip) -> Block:
    """Measure to whom, from whom, how urgent, and when: three entries in a row."""
    entries = [
        ("to", "To", slip.to),
        ("asked_by", "Asked by", slip.asked_by),
        ("priority", "Priority", slip.priority),
        ("taken", "Taken", slip.taken),
        ("received", "Received", slip.received),
        ("authorised", "Authorised", slip.authorised),
    ]
    if slip.request_number:
        entries.append(("request_number", "Request", slip.request_number))
    hospital = slip.patient.hospital_number
    if slip.patient.nhs_number is not None and hospital:
        entries.append(("hospital_number", "Hospital number", hospital))
    rows = -(-len(entries) // 3)

    def draw(pen: Pen) -> None:
        for place, entry in enumerate(entries):
            down, across = divmod(place, 3)
            last = entry is entries[-1]
            wide = (WIDE * (3 - across) if last else WIDE) / 3 - 1.5
            _draw_entry(pen.moved(across * WIDE / 3, down * 4.0), entry, wide)

    return Block(rows * 4.0 + 1.6, draw, "to")


def _draw_entry(pen: Pen, entry: tuple[str, str, str], wide: float) -> None:
    field, caption, value = entry
    pen.write(0, 3.2, caption, _TEXT)
    x = width(caption, _TEXT) + 0.9
    said = fit(value, field=field, room=wide - x, choices=letterings(BOLD, 2.7, 2.5, 2.3, 2.1, 1.9))
    pen.write(x, 3.2, said.lines[0], said.lettering)


def _critical_block(note: CriticalNote) -> Block:
    """Measure the box that says what was telephoned, to whom, and whether it was read back."""
    left = 24.0
    room = WIDE - left - 2.5
    what = paragraphs(note.what, field="what", room=room, lettering=_STRONG)
    called = " ".join(part for part in (note.telephoned, note.read_back) if part)
    told = paragraphs(called, field="telephoned", room=room, lettering=_TEXT)
    high = 3.4 + _LINE * (len(what) + len(told))

    def draw(pen: Pen) -> None:
        pen.box(0, 0, WIDE, high, 0.7)
        pen.fill(0, 0, left - 2.0, high)
        pen.write_centred(
            left / 2 - 1, high / 2 + 1.1, "CRITICAL", Lettering(BOLD, 3.1), white=True
        )
        pen.write_lines(left, 4.3, Fitted(what, _STRONG), _LINE)
        pen.write_lines(left, 4.3 + _LINE * len(what), Fitted(told, _TEXT), _LINE)

    return Block(high + 1.4, draw, "criticals")


def _body_blocks(slip: ResultSlip, pitch: float) -> Iterator[Block]:
    for group in slip.groups:
        yield from group_blocks(group, pitch)
    for comment in slip.comments:
        yield from _said_blocks("Comment:", comment, "comments")
    if slip.still_to_come:
        yield from _said_blocks("Still to come:", slip.still_to_come, "still_to_come")


def _said_blocks(head: str, text: str, field: str) -> Iterator[Block]:
    """Turn a paragraph that begins with a bold word into blocks, one a line."""
    indent = width(head, _STRONG) + 1.0
    lines = paragraphs(text, field=field, room=WIDE - indent, lettering=_TEXT)
    whole = len(lines) <= _KEPT_WHOLE
    yield Block(1.3, lambda _pen: None, field, keep=True)
    for place, line in enumerate(lines, 1):
        said = partial(_draw_said, head=head if place == 1 else "", indent=indent, line=line)
        yield Block(_LINE, said, field, keep=whole and place < len(lines))


def _draw_said(pen: Pen, *, head: str, indent: float, line: str) -> None:
    pen.write(0, 2.7, head, _STRONG)
    pen.write(indent, 2.7, line, _TEXT)


def _draw_read_box(pen: Pen) -> None:
    """Draw the box to sign when the slip has been read and acted on."""
    pen.box(0, 0, WIDE, _READ - 2.0, 0.3)
    pen.write(2.0, 6.6, "Read and acted on", Lettering(BOLD, 2.9))
    for x, caption in ((33.0, "name"), (66.5, "time"), (100.0, "signature")):
        pen.write(x, 3.0, caption, _CAPTION)
        pen.line(x, 8.4, x + 31.5, 8.4)
