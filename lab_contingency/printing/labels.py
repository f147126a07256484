"""Labels of every kind on rolls, one a page, and on sheets from any place on."""

from collections.abc import Sequence

from lab_contingency.printing.content import Label, NumberOnlyLabel, TubeLabel, WriteOnLabel
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.label_face import Arrangement, face_of
from lab_contingency.printing.other_labels import draw_number_label, draw_write_on_label
from lab_contingency.printing.paper import Paper
from lab_contingency.printing.pen import IdlePen, Pen
from lab_contingency.printing.small_labels import draw_small_label, draw_smallest_label
from lab_contingency.printing.stock import AUTO12, LabelStock, SheetLayout, Stock
from lab_contingency.printing.tube_label import draw_tube_label

_DRAW_TUBE = {
    Arrangement.FULL: draw_tube_label,
    Arrangement.SMALL: draw_small_label,
    Arrangement.SMALLEST: draw_smallest_label,
}


def labels_pdf(
    labels: Sequence[Label], mark: str = "", *, stock: LabelStock = AUTO12, start: int = 1
) -> bytes:
    """Draw the labels in order; nothing comes out if one of them cannot be printed.

    A roll has one a page. A sheet is filled row by row from the place `start`, counted from 1, and so are
    further sheets from their first place. A label has no room for the watermark `mark`: it stands among
    the keywords of the file.
    """
    refuse_none(labels)
    if stock.sheet is None:
        return _roll(labels, mark, stock, start)
    return _sheets(labels, mark, stock, stock.sheet, start)


def refuse_none(labels: Sequence[Label]) -> None:
    """Raise CannotPrint for an empty batch."""
    if not labels:
        raise CannotPrint("There is no label to print.", field="labels")


def _roll(labels: Sequence[Label], mark: str, stock: LabelStock, start: int) -> bytes:
    _refuse_start(start, 1)
    paper = Paper(_page(stock), "Tube labels", mark)
    for label in labels:
        draw_label(paper.page(), label, stock)
    return paper.finish()


def _sheets(
    labels: Sequence[Label], mark: str, stock: LabelStock, sheet: SheetLayout, start: int
) -> bytes:
    _refuse_start(start, sheet.labels)
    paper = Paper(_page(stock), "Tube labels", mark)
    paper.page()
    for count, label in enumerate(labels, start - 1):
        place = count % sheet.labels
        if count and place == 0:
            paper.page()
        draw_label(paper.block(*sheet.corner(place)), label, stock)
    return paper.finish()


def _refuse_start(start: int, last: int) -> None:
    if not 1 <= start <= last:
        raise CannotPrint(
            f"The first label is one from 1 to {last}, counted row by row.", field="start"
        )


def _page(stock: LabelStock) -> Stock:
    if stock.sheet:
        return Stock(stock.name, stock.sheet.page_width, stock.sheet.page_height, 0)
    return Stock(stock.name, stock.width, stock.height, 0)


def try_label(label: Label, stock: LabelStock = AUTO12) -> None:
    """Draw for nobody, on nothing: CannotPrint when the label could not be printed."""
    draw_label(IdlePen(), label, stock)


def draw_label(pen: Pen, label: Label, stock: LabelStock = AUTO12) -> None:
    """Draw one label of any kind at the pen's origin."""
    face = face_of(stock)
    at = pen.moved(0, 0, face.scale) if face.scale > 1 else pen
    match label:
        case TubeLabel():
            _DRAW_TUBE[face.arrangement](at, label, face)
        case NumberOnlyLabel():
            draw_number_label(at, label, face)
        case WriteOnLabel():
            draw_write_on_label(at, label, face)
