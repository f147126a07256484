"""The call list, A4, and a sheet for each call: script, ladder and an empty box for the read-back."""

from collections.abc import Sequence

from lab_contingency.printing import frame, table
from lab_contingency.printing.content.lists import CallSheet, CallSheets
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.flow import Block, draw_blocks, flow
from lab_contingency.printing.frame import HEADING, STRIP, TOP, Heading
from lab_contingency.printing.marks import draw_stamps, draw_tick_box
from lab_contingency.printing.paper import TINT, Paper, Pen
from lab_contingency.printing.stock import A4
from lab_contingency.printing.table import BARS_WIDE, Column
from lab_contingency.printing.text import (
    BOLD,
    REGULAR,
    Fitted,
    Lettering,
    fit,
    fit_in,
    letterings,
    paragraphs,
)

_WIDE = frame.inside(A4)
_BY, _PATIENT, _RESULT, _WARD = 24.0, 50.0, 44.0, 30.0
_COLUMNS = (
    Column("Call by", _BY),
    Column("Request", BARS_WIDE),
    Column("Patient, born, sex, number", _PATIENT),
    Column("Result", _RESULT),
    Column("Ward", _WARD),
    Column("Done", _WIDE - _BY - BARS_WIDE - _PATIENT - _RESULT - _WARD),
)
_LIST_TOP = 15.0
_LIST_ROOM = frame.room_below(A4, _LIST_TOP) - table.HEAD
_STEP = Lettering(BOLD, 3.2)
_SAY = Lettering(BOLD, 4.2)
_PLAIN = Lettering(REGULAR, 3.0)
_NOTE = Lettering(REGULAR, 2.4)
_LEFT = 9.0
_LINES_TO_WRITE = 3
_RESULT_PITCH = 4.8
_WHO_MAY = (
    "Only a doctor, nurse, midwife or GP may take a critical result. Never leave it with a clerk or on an "
    "answering machine."
)
_TYPE_LATER = "When screens are back, type each call in from this sheet; keep the sheet."


def call_sheets_pdf(content: CallSheets) -> bytes:
    """Draw the list of calls and behind it one sheet a call; all pages count together."""
    if not content.calls:
        raise CannotPrint("Nobody has to be rung.", field="calls")
    lists = flow([_list_row(call) for call in content.calls], _LIST_ROOM, _LIST_ROOM)
    pages = len(lists) + len(content.calls)
    paper = Paper(A4, content.title, content.made.mark)
    for number, rows in enumerate(lists, 1):
        _draw_list(paper.page().moved(A4.margin, TOP), content, rows, f"page {number} of {pages}")
    for number, call in enumerate(content.calls, len(lists) + 1):
        pen = paper.page().moved(A4.margin, TOP)
        _draw_sheet(pen, content, call, f"page {number} of {pages}")
    return paper.finish()


def _draw_list(pen: Pen, content: CallSheets, rows: Sequence[Block], page: str) -> None:
    heading = Heading(
        content.title,
        (content.laboratory, f"{content.said} · {page}"),
        content.made,
        fields=("laboratory", "said"),
    )
    frame.draw_heading(pen, _WIDE, heading)
    table.draw_heads(pen.moved(0, _LIST_TOP), _COLUMNS)
    draw_blocks(pen.moved(0, _LIST_TOP + table.HEAD), rows)
    frame.draw_foot(pen.moved(0, frame.foot_top(A4)), _WIDE, content.made, page, _TYPE_LATER)


def _list_row(call: CallSheet) -> Block:
    tried = f"tried {call.tries} times" if call.tries > 1 else "tried once"
    cells = (
        table.words(call.call_by, _BY, field="call_by", bold=True, below=call.priority),
        table.bars(call.number),
        table.who(call.patient, _PATIENT, similar=call.similar),
        table.words(
            call.result,
            _RESULT,
            field="result",
            bold=True,
            below="\n".join(part for part in (call.status, call.wait) if part),
        ),
        table.words(call.ward, _WARD, field="ward", below=tried if call.tries else "not tried yet"),
        table.tick(),
    )
    return table.row_block(_COLUMNS, cells, 15.0)


def _draw_sheet(pen: Pen, content: CallSheets, call: CallSheet, page: str) -> None:
    status = f"call by {call.call_by} · {call.priority} · {page}"
    heading = Heading(
        "Telephone this result",
        (call.laboratory, status),
        content.made,
        "CRITICAL",
        call.number,
        ("laboratory", "call_by"),
    )
    frame.draw_heading(pen, _WIDE, heading)
    frame.draw_strip(pen.moved(0, HEADING), _WIDE, call.patient)
    y = HEADING + STRIP + 3.0
    for draw in (_draw_result, _draw_ladder, _draw_script, _draw_read_back, _draw_tried):
        y += draw(pen.moved(0, y), call)
    bottom = frame.foot_top(A4)
    if y > bottom - 1.0:
        raise CannotPrint("Too long for one sheet. Shorten what is said.", field="script")
    frame.draw_foot(pen.moved(0, bottom), _WIDE, content.made, page, _TYPE_LATER)


def _draw_result(pen: Pen, call: CallSheet) -> float:
    """Draw what it is about, and why it must wait if it must."""
    room = _WIDE - 5.0 - (32.0 if call.similar else 0.0)
    what = _largest(call.result, room)
    told = " · ".join(part for part in (call.ward, call.status, call.source) if part)
    lines = table.broken(told, field="ward", room=room, lettering=_PLAIN)
    wait = table.broken(call.wait, field="wait", room=room, lettering=_STEP) if call.wait else ()
    under = 7.0 + _RESULT_PITCH * (len(what.lines) - 1) + 4.8
    below = under + 4.0 * (len(lines) - 1) + 4.8
    high = below + 4.4 * len(wait) - 2.2
    pen.box(0, 0, _WIDE, high, 0.7)
    pen.write_lines(2.5, 7.0, what, _RESULT_PITCH)
    pen.write_lines(2.5, under, Fitted(lines, _PLAIN), 4.0)
    pen.write_lines(2.5, below, Fitted(wait, _STEP), 4.4)
    draw_stamps(pen, _WIDE - 2.5, 2.6, (table.SIMILAR,) if call.similar else (), 2.7)
    return high + 3.0


def _largest(text: str, room: float) -> Fitted:
    """On one line as large as it goes; words of any length on several."""
    for lettering in letterings(BOLD, 6.4, 5.2, 4.2):
        fitted = fit_in(text, field="result", room=room, lettering=lettering)
        if fitted:
            return fitted
    small = Lettering(BOLD, 3.6)
    return Fitted(table.broken(text, field="result", room=room, lettering=small), small)


def _draw_ladder(pen: Pen, call: CallSheet) -> float:
    _draw_step(pen, "1", "Ring, in this order; note the time you try")
    columns = (
        Column("", 7.0),
        Column("", 68.0),
        Column("", 40.0),
        Column("", 34.0),
        Column("", _WIDE - _LEFT - 149.0),
    )
    rows = [
        table.row_block(
            columns,
            (
                table.tick(),
                table.words(rung.whom, 68.0, field="whom"),
                table.words(rung.number, 40.0, field="number", bold=True),
                table.words(rung.when, 34.0, field="when"),
                table.blank("tried at"),
            ),
            7.4,
        )
        for rung in call.ladder
    ]
    return draw_blocks(pen.moved(_LEFT, 4.6), rows) + 8.0


def _draw_script(pen: Pen, call: CallSheet) -> float:
    who = "Ask who is taking it, and for the patient’s date of birth and number. Then say, slowly:"
    _draw_step(pen, "2", who)
    room = _WIDE - _LEFT - 6.0
    lines = [
        line
        for sentence in call.script
        for line in paragraphs(sentence, field="script", room=room, lettering=_SAY)
    ]
    high = 5.2 * len(lines) + 3.4
    pen.fill(_LEFT, 5.4, _WIDE - _LEFT, high, TINT)
    pen.fill(_LEFT, 5.4, 1.2, high)
    pen.write_lines(_LEFT + 4.0, 10.4, Fitted(tuple(lines), _SAY), 5.2)
    return high + 9.0


def _draw_read_back(pen: Pen, call: CallSheet) -> float:
    """Draw the empty box: what they read back is written down before it is compared."""
    _draw_step(pen, "3", "Write what they read back, then compare it with the result above")
    pen.box(_LEFT, 5.4, 62.0, 15.0, 0.7)
    unit = fit(call.unit, field="unit", room=26.0, choices=letterings(REGULAR, 3.0, 2.6, 2.2))
    pen.write(_LEFT + 64.0, 15.6, unit.lines[0], unit.lettering)
    for place, caption in enumerate(("patient they named", "what they will do, if said")):
        y = 5.4 + 8.0 * place
        pen.write(_LEFT + 94.0, y + 2.4, caption, frame.CAPTION)
        pen.line(_LEFT + 94.0, y + 6.8, _WIDE, y + 6.8)
    y = 26.0
    for x, caption in (
        (_LEFT, "It agrees"),
        (_LEFT + 34, "It differs: say it again, have it read back again"),
    ):
        draw_tick_box(pen, x, y, 3.6, ticked=False)
        pen.write(x + 5.4, y - 0.2, caption, _PLAIN)
    captions = ("taken by, name", "doctor, nurse, midwife or GP", "time", "rung by, signature")
    share = (_WIDE - _LEFT) / len(captions)
    for place, caption in enumerate(captions):
        x = _LEFT + place * share
        pen.write(x, 31.6, caption, frame.CAPTION)
        pen.line(x, 38.6, x + share - 3.0, 38.6)
    note = paragraphs(_WHO_MAY, field="who", room=_WIDE - _LEFT, lettering=_NOTE)
    pen.write_lines(_LEFT, 43.6, Fitted(note, _NOTE), 3.2)
    return 45.0 + 3.2 * len(note)


def _draw_tried(pen: Pen, call: CallSheet) -> float:
    _draw_step(pen, "4", "Tried so far, and room for more")
    columns = (
        Column("Time", 26.0),
        Column("Number", 34.0),
        Column("What happened", _WIDE - _LEFT - 26.0 - 34.0 - 36.0),
        Column("By", 36.0),
    )
    at = pen.moved(_LEFT, 5.4)
    table.draw_heads(at, columns)
    rows = [
        table.row_block(
            columns,
            [
                table.words(text, column.wide, field=field)
                for text, column, field in zip(
                    (tried.at, tried.number, tried.outcome, tried.by),
                    columns,
                    ("at", "number", "outcome", "by"),
                    strict=True,
                )
            ],
            6.4,
        )
        for tried in call.tried
    ]
    empty = table.row_block(columns, [table.blank()] * len(columns), 7.6)
    used = draw_blocks(at.moved(0, table.HEAD), [*rows, *[empty] * _LINES_TO_WRITE])
    return used + 5.4 + table.HEAD


def _draw_step(pen: Pen, number: str, words: str) -> None:
    pen.write(0, 3.4, number, Lettering(BOLD, 4.4))
    said = fit(words, field="step", room=_WIDE - _LEFT, choices=(_STEP,))
    pen.write(_LEFT, 3.4, said.lines[0], said.lettering)
