"""The result slip, A5: whose, what part of the request, the results, and what is still to come."""

from collections.abc import Iterator, Sequence
from functools import partial

from lab_contingency.printing import frame
from lab_contingency.printing.content import CriticalNote, PatientIdentity, ResultSlip
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.flow import Block, draw_blocks, flow
from lab_contingency.printing.frame import HEADING, STRIP, STRONG, TOP, Heading
from lab_contingency.printing.paper import Paper
from lab_contingency.printing.pen import NoPaper, Pen
from lab_contingency.printing.slip_rows import (
    CLOSE,
    COMFORTABLE,
    HEAD,
    WIDE,
    draw_column_heads,
    measured_group,
)
from lab_contingency.printing.stock import A5
from lab_contingency.printing.text import (
    BOLD,
    REGULAR,
    Fitted,
    Lettering,
    fit,
    letterings,
    paragraphs,
    width,
)

_BODY_TOP = HEADING + STRIP + 1.6
_READ = 11.4
_LINE = 3.5
_KEPT_WHOLE = 8
"""Paragraphs up to this many lines are not parted."""
_TEXT = Lettering(REGULAR, 2.7)
_STRONG = STRONG
_ENTRY = letterings(BOLD, 2.7, 2.5, 2.3, 2.1, 1.9)
_BAND = 21.0
_REALLY = letterings(BOLD, 3.6, 3.2, 2.9, 2.6)
_CONTINGENCY = "CONTINGENCY RESULT"


def result_slip_pdf(slips: Sequence[ResultSlip]) -> bytes:
    """Draw the slips one after the other, each on as many A5 pages as its rows need."""
    if not slips:
        raise CannotPrint("There is no slip to print.", field="slips")
    paper = Paper(A5, "Result slip", slips[0].made.mark)
    for slip in slips:
        draw_slip(paper, slip)
    return paper.finish()


def try_slip(slip: ResultSlip) -> None:
    """Measure for nobody: CannotPrint when the slip could not be printed."""
    draw_slip(NoPaper(), slip)


def draw_slip(paper: Paper | NoPaper, slip: ResultSlip) -> None:
    """Draw one slip on further A5 pages of a document."""
    named = [_identified_block(slip.identified, slip.patient)] if slip.identified else []
    top = _BODY_TOP + sum(block.height for block in named)
    room = frame.room_below(A5, top)
    opening = list(_opening_blocks(slip))
    used = sum(block.height for block in opening)
    pages = _paged(paper, slip, (room - HEAD - used, room - HEAD))
    for number, blocks in enumerate(pages, 1):
        pen = paper.page().moved(A5.margin, TOP)
        _draw_frame(pen, slip, f"page {number} of {len(pages)}")
        draw_blocks(pen.moved(0, HEADING + STRIP + 1.2), named)
        inside = pen.moved(0, top)
        down = draw_blocks(inside, opening) if number == 1 else 0
        if any(block.field in {"groups", "heading"} for block in blocks):
            draw_column_heads(inside.moved(0, down), slip.interval_heading, slip.before_heading)
        draw_blocks(inside.moved(0, down + HEAD), [b for b in blocks if b.field != "read"])
        if number == len(pages):
            box = inside.moved(0, room - _READ + 1.0)
            frame.draw_signing(
                box, WIDE, "Read and acted on", ("name", "time", "signature"), _READ - 2.0
            )


def _paged(
    paper: Paper | NoPaper, slip: ResultSlip, rooms: tuple[float, float]
) -> list[list[Block]]:
    """Flow the rows over the first page's room and that of later ones; where closer rows save a page, take those."""
    groups = [measured_group(paper, group) for group in slip.groups]
    said = [*_said(paper, slip)]

    def laid(pitch: float) -> list[list[Block]]:
        rows = [block for group in groups for block in group.blocks(pitch)]
        return flow(_signed([*rows, *said]), *rooms)

    under = sum(block.height for block in said) + _READ
    if sum(group.height(COMFORTABLE) for group in groups) + under > rooms[0] + 0.001:
        close = laid(CLOSE)
        return close if len(close) == 1 else min(laid(COMFORTABLE), close, key=len)
    return laid(COMFORTABLE)


def _signed(body: list[Block]) -> list[Block]:
    """List what flows; the box to sign never stands alone: a signature belongs under a result."""
    kept = [block._replace(keep=True) for block in body[-1:]]
    return [*body[:-1], *kept, Block(_READ, lambda _pen: None, "read")]


def _draw_frame(pen: Pen, slip: ResultSlip, page: str) -> None:
    """Draw what stands on every page: heading, number, patient, and who made it."""
    status = f"{slip.extent}, {slip.finality} · {slip.version} · {page}"
    heading = Heading(
        slip.title,
        (slip.laboratory, status),
        slip.made,
        _CONTINGENCY,
        slip.number,
        ("laboratory", "status"),
    )
    frame.draw_heading(pen, WIDE, heading)
    frame.draw_strip(pen.moved(0, HEADING), WIDE, slip.patient)
    signed = (
        ("Typed by", slip.typed_by),
        ("checked by", slip.checked_by),
        ("authorised by", slip.authorised_by),
    )
    people = ", ".join(f"{word} {who}" for word, who in signed if who)
    frame.draw_foot(pen.moved(0, frame.foot_top(A5)), WIDE, slip.made, page, people)


def _identified_block(real: PatientIdentity, taken: PatientIdentity) -> Block:
    """Measure who it turned out to be, for every page, and under which name the sample was taken."""
    room = WIDE - _BAND - 3.0
    name = fit(
        f"{real.surname} {real.forenames}", field="identified", room=room, choices=_REALLY, lines=2
    )
    number = real.nhs_number or real.hospital_number or "number not known"
    numbers = fit(
        f"{real.born} · {real.sex} · {number}", field="identified", room=room, choices=_ENTRY
    )
    taken_as = f"{taken.surname} {taken.forenames}"
    said = paragraphs(
        f"The sample was taken as {taken_as}: so it stands on the tube.",
        field="surname",
        room=room,
        lettering=_TEXT,
    )
    second = 4.2 + 3.4 * len(name.lines)
    high = second + 1.6 + _LINE * len(said)

    def draw(pen: Pen) -> None:
        pen.box(0, 0, WIDE, high, 0.5)
        pen.fill(0, 0, _BAND, high)
        for line, words in enumerate(("IDENTIFIED", "AS")):
            pen.write_centred(_BAND / 2, high / 2 - 0.7 + 3.4 * line, words, _STRONG, white=True)
        pen.write_lines(_BAND + 1.8, 4.2, name, 3.4)
        pen.write(_BAND + 1.8, second, numbers.lines[0], numbers.lettering)
        pen.write_lines(_BAND + 1.8, second + _LINE, Fitted(said, _TEXT), _LINE)

    return Block(high + 1.2, draw, "identified")


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
            at = pen.moved(across * WIDE / 3, down * 4.0)
            at.once((entry, wide), partial(_draw_entry, entry=entry, wide=wide))

    return Block(rows * 4.0 + 1.6, draw, "to")


def _draw_entry(pen: Pen, *, entry: tuple[str, str, str], wide: float) -> None:
    field, caption, value = entry
    pen.write(0, 3.2, caption, _TEXT)
    x = width(caption, _TEXT) + 0.9
    said = fit(value, field=field, room=wide - x, choices=_ENTRY)
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


def _said(paper: Paper | NoPaper, slip: ResultSlip) -> Iterator[Block]:
    """List the paragraphs; the same sentence is on many slips."""
    texts = [("Comment:", comment, "comments") for comment in slip.comments]
    if slip.still_to_come:
        texts.append(("Still to come:", slip.still_to_come, "still_to_come"))
    for text in texts:
        yield from paper.once(text, partial(_said_blocks, *text))


def _said_blocks(head: str, text: str, field: str) -> list[Block]:
    """Turn a paragraph that begins with a bold word into blocks, one a line."""
    indent = width(head, _STRONG) + 1.0
    lines = paragraphs(text, field=field, room=WIDE - indent, lettering=_TEXT)
    whole = len(lines) <= _KEPT_WHOLE
    blocks = [Block(1.3, lambda _pen: None, field, keep=True)]
    for place, line in enumerate(lines, 1):
        said = partial(_draw_said, head=head if place == 1 else "", indent=indent, line=line)
        blocks.append(Block(_LINE, said, field, keep=whole and place < len(lines)))
    return blocks


def _draw_said(pen: Pen, *, head: str, indent: float, line: str) -> None:
    pen.write(0, 2.7, head, _STRONG)
    pen.write(indent, 2.7, line, _TEXT)
