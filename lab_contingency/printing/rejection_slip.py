"""The rejection slip, A5: which tube, why in words, and what to do now."""

from lab_contingency.printing import frame
from lab_contingency.printing.content.sheets import RejectionSlip
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.frame import HEADING, STRIP, TOP, Heading
from lab_contingency.printing.marks import draw_tick_box
from lab_contingency.printing.paper import Paper, Pen
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

_WIDE = frame.inside(A5)
_SIGN = 11.0
_TEXT = Lettering(REGULAR, 2.9)
_WHY = Lettering(BOLD, 5.0)
_STEP = Lettering(REGULAR, 3.2)
_ENTRY = 4.2


def rejection_slip_pdf(slip: RejectionSlip) -> bytes:
    """Draw it on one A5 page; CannotPrint names what is too long."""
    paper = Paper(A5, slip.title, slip.made.mark)
    pen = paper.page().moved(A5.margin, TOP)
    page = "page 1 of 1"
    heading = Heading(
        slip.title,
        (slip.laboratory, f"{slip.status} · {page}"),
        slip.made,
        "NO RESULT",
        slip.number,
        ("laboratory", "status"),
    )
    frame.draw_heading(pen, _WIDE, heading)
    frame.draw_strip(pen.moved(0, HEADING), _WIDE, slip.patient)
    y = HEADING + STRIP + 2.0
    for draw in (_draw_facts, _draw_why, _draw_steps):
        y += draw(pen.moved(0, y), slip)
    bottom = frame.foot_top(A5)
    if y > bottom - _SIGN - 1.0:
        raise CannotPrint("Too long for one page. Shorten the note.", field="note")
    frame.draw_signing(
        pen.moved(0, bottom - _SIGN),
        _WIDE,
        "Seen at the ward",
        ("name", "time", "signature"),
        _SIGN - 1.6,
    )
    frame.draw_foot(pen.moved(0, bottom), _WIDE, slip.made, page, f"Rejected by {slip.rejected_by}")
    return paper.finish()


def _draw_facts(pen: Pen, slip: RejectionSlip) -> float:
    entries = (
        ("to", "To", slip.to),
        ("asked_by", "Asked by", slip.asked_by),
        ("priority", "Priority", slip.priority),
        ("taken", "Taken", slip.taken),
        ("rejected", "Rejected", slip.rejected),
        ("request_number", "Request", slip.request_number),
    )
    third = _WIDE / 3
    for place, (field, caption, value) in enumerate(entries):
        down, across = divmod(place, 3)
        at = pen.moved(across * third, down * _ENTRY)
        at.write(0, 3.2, caption, Lettering(REGULAR, 2.7))
        x = width(caption, Lettering(REGULAR, 2.7)) + 0.9
        said = fit(
            value, field=field, room=third - x - 1.5, choices=letterings(BOLD, 2.7, 2.4, 2.1, 1.9)
        )
        at.write(x, 3.2, said.lines[0], said.lettering)
    return 2 * _ENTRY + 2.0


def _draw_why(pen: Pen, slip: RejectionSlip) -> float:
    """Draw the box that is read first: which tube cannot be used, and why."""
    room = _WIDE - 6.0
    tube = fit(slip.tube, field="tube", room=room, choices=letterings(BOLD, 3.4, 3.0, 2.7))
    tests = paragraphs(f"Waiting for it: {slip.tests}", field="tests", room=room, lettering=_TEXT)
    why = paragraphs(slip.why, field="why", room=room, lettering=_WHY)
    note = paragraphs(slip.note, field="note", room=room, lettering=_TEXT) if slip.note else ()
    pen.write(3.0, 5.4, tube.lines[0], tube.lettering)
    pen.write(3.0, 9.6, "cannot be used:", _TEXT)
    y = 15.6
    pen.write_lines(3.0, y, Fitted(why, _WHY), 6.0)
    y += 6.0 * len(why) - 1.0
    pen.write_lines(3.0, y, Fitted(note, _TEXT), 3.7)
    y += 3.7 * len(note) + (1.6 if note else 0)
    pen.write_lines(3.0, y, Fitted(tests, _TEXT), 3.7)
    high = y + 3.7 * len(tests)
    pen.box(0, 0, _WIDE, high, 0.7)
    return high + 3.4


def _draw_steps(pen: Pen, slip: RejectionSlip) -> float:
    pen.write(0, 3.6, "What to do now", Lettering(BOLD, 3.6))
    y = 6.4
    for step in slip.next_steps:
        lines = paragraphs(step, field="next_steps", room=_WIDE - 8.0, lettering=_STEP)
        draw_tick_box(pen, 0.4, y + 3.3, 3.2, ticked=False)
        pen.write_lines(6.4, y + 3.1, Fitted(lines, _STEP), 4.1)
        y += 4.1 * len(lines) + 1.9
    return y
