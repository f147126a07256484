"""A batch of paper packs, A4: what stands once, then forms, and after each three of them their strips. In mm."""

from collections.abc import Sequence

from lab_contingency.printing import marks
from lab_contingency.printing.content import HandwrittenTube
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.labels import draw_label
from lab_contingency.printing.other_labels import draw_handwritten_tube
from lab_contingency.printing.pack_content import Pack, PackBatch, StripLabel
from lab_contingency.printing.pack_pages import draw_guides
from lab_contingency.printing.pack_sheet import WIDE
from lab_contingency.printing.paper import Paper, Pen
from lab_contingency.printing.request_form import draw_request_form
from lab_contingency.printing.ruled import NOTE
from lab_contingency.printing.stock import A4, AUTO12
from lab_contingency.printing.text import BOLD, fit, letterings

STRIPS_ACROSS = 3
STRIP_MOST = 10
_TOP, _FIRST, _PITCH = 4.0, 11.5, AUTO12.height + 1.6


def packs_pdf(batch: PackBatch) -> bytes:
    """Draw the batch; nothing comes out if one page of it cannot be printed."""
    if not batch.packs:
        raise CannotPrint("There is no pack to print.", field="packs")
    paper = Paper(A4, "Paper packs", batch.made.mark)
    draw_guides(paper, batch)
    for first in range(0, len(batch.packs), STRIPS_ACROSS):
        some = batch.packs[first : first + STRIPS_ACROSS]
        for pack in some:
            draw_request_form(paper, pack.form)
        _draw_strips(paper.page().moved(A4.margin, 0), some, batch)
    return paper.finish()


def _draw_strips(pen: Pen, packs: Sequence[Pack], batch: PackBatch) -> None:
    """Up to three strips side by side, to be cut apart along the dashed lines."""
    step = (WIDE - AUTO12.width) / (STRIPS_ACROSS - 1)
    for place, pack in enumerate(packs):
        at = pen.moved(place * step, _TOP)
        _draw_strip(at, pack)
        if place:
            middle = (AUTO12.width - step) / 2
            at.dashed([(middle, 1.0), (middle, A4.height - _TOP - 9.0)], 0.3)
    made = batch.made
    words = (
        batch.ward,
        "cut here, clip each strip to its form",
        made.printed,
        marks.watermark(made.mark),
    )
    foot = fit(
        " · ".join(word for word in words if word),
        field="printed",
        room=WIDE,
        choices=letterings(NOTE.font, 2.3, 2.1, 1.9),
    )
    pen.write(0, A4.height - 4.4, foot.lines[0], foot.lettering)


def _draw_strip(pen: Pen, pack: Pack) -> None:
    if len(pack.strip) > STRIP_MOST:
        raise CannotPrint("A strip holds ten labels.", field="strip")
    said = fit(
        pack.strip_heading,
        field="strip_heading",
        room=AUTO12.width,
        choices=letterings(BOLD, 3.0, 2.6, 2.3),
        lines=2,
    )
    pen.write_lines(0, 4.6 if len(said.lines) > 1 else 6.2, said, 3.2)
    for place, label in enumerate(pack.strip):
        _draw_strip_label(pen.moved(0, _FIRST - _TOP + place * _PITCH), label)


def _draw_strip_label(pen: Pen, label: StripLabel) -> None:
    if isinstance(label, HandwrittenTube):
        draw_handwritten_tube(pen, label)
        return
    corners = [(0.0, 0.0), (AUTO12.width, 0.0), (AUTO12.width, AUTO12.height), (0.0, AUTO12.height)]
    pen.dashed([*corners, corners[0]], 0.1)
    draw_label(pen, label)
