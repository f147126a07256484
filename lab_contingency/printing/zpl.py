"""Tube labels in ZPL, the language of label printers. A stand-in with the words and bars, no lay-out."""

from collections.abc import Sequence

from lab_contingency.printing.barcode import checked, grouped
from lab_contingency.printing.content import Label, NumberOnlyLabel, TubeLabel
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.stock import AUTO12, LabelStock


def labels_zpl(
    labels: Sequence[Label],
    mark: str = "",
    *,
    stock: LabelStock = AUTO12,  # noqa: ARG001
    dpi: int = 203,  # noqa: ARG001
) -> bytes:
    """Write the labels in order, one format each; `mark` stands in a comment."""
    if not labels:
        raise CannotPrint("There is no label to print.", field="labels")
    return b"".join(_format(label, mark) for label in labels)


def _format(label: Label, mark: str) -> bytes:
    number = checked(label.number)
    lines = [grouped(number), *_said(label)]
    fields = "".join(
        f"^FO20,{20 + 24 * at}^FH^FD{_escaped(one)}^FS" for at, one in enumerate(lines)
    )
    return f"^XA^CI28^FX{mark}^FS^FO20,150^BY2^BCN,60,N^FD>;{number}^FS{fields}^XZ\n".encode()


def _said(label: Label) -> list[str]:
    match label:
        case TubeLabel():
            copy = [f"COPY {label.copy_reason}"] if label.copy_reason else []
            return [label.patient.surname, label.patient.forenames, *copy]
        case NumberOnlyLabel():
            return list(label.lines)
        case _:
            return [label.caption]


def _escaped(text: str) -> str:
    return "".join(
        one if one.isascii() and one not in "^~_" else "".join(f"_{b:02X}" for b in one.encode())
        for one in text
    )
