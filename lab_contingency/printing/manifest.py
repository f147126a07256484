"""The consignment manifest, A4: from, to, what is in the box, and who had it. Laid inside the outer box."""

from lab_contingency.printing import frame, table
from lab_contingency.printing.barcode import QUIET, WIDTH, checked, draw_barcode, grouped
from lab_contingency.printing.content.sheets import HandOver, Manifest, ManifestRow, Party
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.flow import Block, draw_blocks, flow
from lab_contingency.printing.frame import TOP
from lab_contingency.printing.marks import (
    draw_stamps,
    draw_tick_box,
    stamps,
    stamps_width,
)
from lab_contingency.printing.paper import Paper, Pen
from lab_contingency.printing.qr import draw_qr, qr_rows, qr_width
from lab_contingency.printing.stock import A4
from lab_contingency.printing.table import Cell, Column
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    REGULAR,
    Fitted,
    Lettering,
    fit,
    letterings,
    paragraphs,
)

_WIDE = frame.inside(A4)
_DIAMOND = 26.0
_HEAD, _PARTIES, _FACTS = 33.0, 24.0, 13.0
_FIRST_TOP = _HEAD + _PARTIES + _FACTS + 6.0
_COLUMNS = (
    Column("", 7.0),
    Column("Number", 31.0),
    Column("Patient, born, sex, number", 52.0),
    Column("Tube", 21.0),
    Column("Tests", 21.0),
    Column("Priority", 17.0),
    Column("Taken", 15.0),
    Column("Use by", 15.0),
    Column("Here", _WIDE - 179.0),
)
_ROOM_FIRST = frame.room_below(A4, _FIRST_TOP) - table.HEAD
_ROOM_LATER = frame.room_below(A4, _HEAD) - table.HEAD
_UNDER = "BIOLOGICAL SUBSTANCE, CATEGORY B"
_TEXT = Lettering(REGULAR, 2.9)
_DIFFERENCES = 18.0
_HAND_ROW = 10.0
_HAND_COLUMNS = (
    Column("Hand-over", 34.0),
    Column("Name", 46.0),
    Column("Time", 34.0),
    Column("Count", 28.0),
    Column("Signature", _WIDE - 142.0),
)


def manifest_pdf(manifest: Manifest) -> bytes:
    """Draw it; the mark of the substance and both ends stand on each page, the hand-overs on the last."""
    if not manifest.rows:
        raise CannotPrint("There is no tube in this box.", field="rows")
    blocks = [_row(place, row) for place, row in enumerate(manifest.rows, 1)]
    end = _end(manifest)
    last = blocks.pop()
    pages = flow(
        [*blocks, Block(last.height, last.draw, "rows", keep=True), end], _ROOM_FIRST, _ROOM_LATER
    )
    paper = Paper(A4, manifest.title, manifest.made.mark)
    for number, page in enumerate(pages, 1):
        pen = paper.page().moved(A4.margin, TOP)
        words = f"page {number} of {len(pages)}"
        _draw_head(pen, manifest, words)
        top = _HEAD
        if number == 1:
            _draw_parties(pen.moved(0, _HEAD), manifest)
            _draw_facts(pen.moved(0, _HEAD + _PARTIES + 2.4), manifest)
            top = _FIRST_TOP
        rows = [block for block in page if block is not end]
        if rows:
            table.draw_heads(pen.moved(0, top), _COLUMNS)
        draw_blocks(pen.moved(0, top + table.HEAD), rows)
        bottom = frame.foot_top(A4)
        if end in page:
            end.draw(pen.moved(0, bottom - end.height))
        frame.draw_foot(pen.moved(0, bottom), _WIDE, manifest.made, words)
    return paper.finish()


def _draw_head(pen: Pen, manifest: Manifest, page: str) -> None:
    bars = _WIDE - _DIAMOND - 8.0 - QUIET - WIDTH
    words = stamps(manifest.made.copy_reason, test_mark=manifest.made.test_mark)
    room = bars - QUIET - 2.0
    title = fit(manifest.title, field="title", room=room, choices=letterings(BOLD, 7.4, 6.4, 5.4))
    pen.write(0, 10.4, title.lines[0], title.lettering)
    pen.write(0, 15.4, f"Lay between the inner bag and the outer box · {page}", _TEXT)
    ends = fit(
        f"{manifest.sender.name} to {manifest.receiver.name}",
        field="receiver", room=room, choices=letterings(BOLD, 2.9, 2.6, 2.3), lines=2,
    )  # fmt: skip
    pen.write_lines(0, 20.0, ends, 3.6)
    draw_stamps(pen, stamps_width(words, 3.2), 26.4, words, 3.2)
    draw_barcode(pen, bars, 1.0, 10.0, manifest.number)
    middle = bars + WIDTH / 2
    pen.write_centred(middle, 14.8, grouped(checked(manifest.number)), Lettering(MONO, 3.1))
    _draw_diamond(pen.moved(_WIDE - _DIAMOND, 0))
    pen.write_right(_WIDE, 30.4, _UNDER, Lettering(BOLD, 2.9))


def _draw_diamond(pen: Pen) -> None:
    """Draw the mark UN3373: a square on its corner, its line 0.8 mm, its letters 3.6 mm of capital."""
    half = _DIAMOND / 2
    pen.outline(((half, 0.4), (_DIAMOND - 0.4, half), (half, _DIAMOND - 0.4), (0.4, half)), 0.8)
    said = Lettering(BOLD, 4.4)
    pen.write_centred(half, half + 1.6, "UN3373", said)


def _draw_parties(pen: Pen, manifest: Manifest) -> None:
    half = _WIDE / 2
    pen.box(0, 0, _WIDE, _PARTIES - 1.0, 0.4)
    pen.line(half, 0, half, _PARTIES - 1.0, thick=0.25)
    for x, caption, field, party in (
        (0.0, "From", "sender", manifest.sender),
        (half, "To", "receiver", manifest.receiver),
    ):
        _draw_party(pen.moved(x + 3.0, 0), caption, field, party, half - 6.0)


def _draw_party(pen: Pen, caption: str, field: str, party: Party, room: float) -> None:
    pen.write(0, 4.2, caption, frame.CAPTION)
    name = fit(party.name, field=field, room=room, choices=letterings(BOLD, 4.8, 4.0, 3.4, 2.8))
    pen.write(0, 9.8, name.lines[0], name.lettering)
    for place, text in enumerate((party.address, party.responsible)):
        said = fit(text, field=field, room=room, choices=letterings(REGULAR, 3.0, 2.7, 2.4, 2.1))
        pen.write(0, 15.0 + 4.6 * place, said.lines[0], said.lettering)


def _draw_facts(pen: Pen, manifest: Manifest) -> None:
    people = {row.patient for row in manifest.rows}
    cells = (
        ("rows", "Tubes in this box", str(len(manifest.rows))),
        ("rows", "Patients", str(len(people))),
        ("temperature", "Keep at", manifest.temperature),
        ("leaves", "Leaves / due", f"{manifest.leaves} / {manifest.due}"),
        ("seal", "Box · seal", f"{manifest.box} · {manifest.seal}"),
    )
    share = _WIDE / len(cells)
    pen.box(0, 0, _WIDE, _FACTS - 1.0, 0.4)
    for place, (field, caption, value) in enumerate(cells):
        x = place * share
        if place:
            pen.line(x, 0, x, _FACTS - 1.0, thick=0.25)
        pen.write(x + 3.0, 3.9, caption, frame.CAPTION)
        said = fit(
            value, field=field, room=share - 5.0, choices=letterings(BOLD, 4.2, 3.6, 3.0, 2.5)
        )
        pen.write(x + 3.0, 9.4, said.lines[0], said.lettering)


def _row(place: int, row: ManifestRow) -> Block:
    wide = [column.wide for column in _COLUMNS]
    cells = (
        table.words(str(place), wide[0], field="rows", bold=True),
        table.digits_only(row.number, wide[1]),
        table.who(row.patient, wide[2], similar=row.similar),
        table.words(row.tube, wide[3], field="tube"),
        table.words(row.tests, wide[4], field="tests", bold=True),
        table.words(
            row.priority, wide[5], field="priority", bold=True, below=f"by {row.needed_by}"
        ),
        table.words(row.taken, wide[6], field="taken"),
        table.words(row.use_by, wide[7], field="use_by", bold=True),
        Cell(7.0, lambda pen: draw_tick_box(pen, table.PAD, 6.2, 4.6, ticked=False)),
    )
    return table.row_block(_COLUMNS, cells, 10.4)


def _end(manifest: Manifest) -> Block:
    """Measure what stands under the rows: what to do if something is wrong, differences, hand-overs, the code."""
    rows = qr_rows(manifest.scanned) if manifest.scanned else ()
    side = qr_width(rows) if rows else 0.0
    told = paragraphs(manifest.instructions, field="instructions", room=_WIDE, lettering=_TEXT)
    hands = table.HEAD + _HAND_ROW * len(manifest.hand_overs)
    above = 4.0 * len(told) + 3.4

    def draw(pen: Pen) -> None:
        pen.write_lines(0, 4.4, Fitted(told, _TEXT), 4.0)
        box = pen.moved(0, above)
        box.box(0, 0, _WIDE, _DIFFERENCES, 0.3)
        box.write(2.0, 3.6, "Differences found on arrival", frame.CAPTION)
        _draw_hand_overs(pen.moved(0, above + _DIFFERENCES + 3.0), manifest.hand_overs)
        if rows:
            code = pen.moved(0, above + _DIFFERENCES + hands + 5.0)
            draw_qr(code, 0, 0, rows)
            says = paragraphs(
                manifest.scanned_says,
                field="scanned_says",
                room=_WIDE - side - 6.0,
                lettering=_TEXT,
            )
            code.write_lines(side + 2.0, side / 2, Fitted(says, _TEXT), 4.0)

    height = above + _DIFFERENCES + 3.0 + hands + (side + 3.0 if rows else 0.0) + 2.0
    return Block(height, draw, "instructions")


def _draw_hand_overs(pen: Pen, hand_overs: tuple[HandOver, ...]) -> None:
    table.draw_heads(pen, _HAND_COLUMNS)
    for place, hand in enumerate(hand_overs):
        at = pen.moved(0, table.HEAD + place * _HAND_ROW)
        cells = [
            table.words(text, column.wide, field="hand_overs", bold=not across)
            for across, (text, column) in enumerate(
                zip((hand.what, hand.name, hand.time, hand.count, ""), _HAND_COLUMNS, strict=True)
            )
        ]
        table.row_block(_HAND_COLUMNS, cells, _HAND_ROW).draw(at)
        x = 0.0
        for column in _HAND_COLUMNS:
            at.line(x, 0, x, _HAND_ROW, thick=0.15, grey=0.4)
            x += column.wide
        at.line(x, 0, x, _HAND_ROW, thick=0.15, grey=0.4)
