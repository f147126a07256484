"""Tube labels, one to a page of 50.8 x 25.4 mm."""

from collections.abc import Sequence

from lab_contingency.printing.content import Label, NumberOnlyLabel, TubeLabel, WriteOnLabel
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.other_labels import draw_number_label, draw_write_on_label
from lab_contingency.printing.paper import Paper, Pen
from lab_contingency.printing.stock import AUTO12, LABEL, LabelStock
from lab_contingency.printing.tube_label import draw_tube_label


def labels_pdf(
    labels: Sequence[Label],
    mark: str = "",
    *,
    stock: LabelStock = AUTO12,  # noqa: ARG001
    start: int = 1,  # noqa: ARG001
) -> bytes:
    """Draw the labels in order, one a page; nothing comes out if one of them cannot be printed.

    A label has no room for the watermark `mark`: it stands among the keywords of the file.
    """
    if not labels:
        raise CannotPrint("There is no label to print.", field="labels")
    paper = Paper(LABEL, "Tube labels", mark)
    for label in labels:
        draw_label(paper.page(), label)
    return paper.finish()


def try_label(label: Label) -> None:
    """Draw for nobody: CannotPrint when the label could not be printed. Making the file is most of the work, and left out."""
    draw_label(Paper(LABEL, "").page(), label)


def draw_label(pen: Pen, label: Label) -> None:
    """Draw one label of any kind at the pen's origin."""
    match label:
        case TubeLabel():
            draw_tube_label(pen, label)
        case NumberOnlyLabel():
            draw_number_label(pen, label)
        case WriteOnLabel():
            draw_write_on_label(pen, label)
