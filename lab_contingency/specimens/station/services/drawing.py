"""How labels are drawn for a printer, and what is drawn: the frozen content of each print."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from lab_contingency.audit.models import Leaving
from lab_contingency.foundation.database import session
from lab_contingency.places.queries import site, ward
from lab_contingency.printing.labels import labels_pdf
from lab_contingency.printing.zpl import labels_zpl
from lab_contingency.specimens.models import LabelPrint, Specimen
from lab_contingency.specimens.rules import ENDED
from lab_contingency.specimens.services.paper import LabelPrinter, PrintedLabel, frozen
from lab_contingency.specimens.station.documents import printer_label
from lab_contingency.specimens.station.models import JobLabel, Printer
from lab_contingency.specimens.station.rules.printers import PrinterWay
from lab_contingency.specimens.station.services.printers import stock_of


def label_printer(printer: Printer, start: int = 1, *, held_letters: bool = False) -> LabelPrinter:
    """Draws ZPL or PDF for what is in the printer; `start` is the first free place on its sheet.

    `held_letters`: it said just now that it holds our letters.
    """
    stock, dpi, way = stock_of(printer), printer.dpi, printer.way

    def draw(labels: Sequence[PrintedLabel], mark: str) -> bytes:
        if way is PrinterWay.NETWORK:
            return labels_zpl(labels, mark, stock=stock, dpi=dpi, held_letters=held_letters)
        return labels_pdf(labels, mark, stock=stock, start=start)

    return LabelPrinter(draw, printer.most_prints)


def drawn(
    printer: Printer, labels: Sequence[JobLabel], start: int = 1, *, held_letters: bool = False
) -> bytes:
    """What these labels are at this printer, from what was frozen when they were printed first."""
    content = []
    marks: dict[str, None] = {}
    for label in labels:
        if label.label_print_id is None:
            content.append(test_label(printer))
            continue
        row = session().get_one(LabelPrint, label.label_print_id)
        content.append(frozen(row))
        marks[_mark(row.leaving_id)] = None
    return label_printer(printer, start, held_letters=held_letters).draw(content, " ".join(marks))


def test_label(printer: Printer) -> PrintedLabel:
    """The printer's own label."""
    place = ward(printer.ward_id).name if printer.ward_id else site(printer.site_id).name
    return printer_label(printer.id, printer.name, place)


def still_counts(label: JobLabel) -> bool:
    """Whether the label is still wanted: one whose patient was corrected meanwhile must never come out."""
    if label.label_print_id is None:
        return True
    statement = (
        select(Specimen, LabelPrint.number)
        .join(LabelPrint, LabelPrint.specimen_id == Specimen.id)
        .where(LabelPrint.id == label.label_print_id)
        .execution_options(populate_existing=True)
    )
    specimen, number = session().execute(statement).one()
    return specimen.number == number and specimen.status not in ENDED


def _mark(leaving_id: uuid.UUID) -> str:
    statement = select(Leaving.watermark).where(Leaving.id == leaving_id)
    return session().scalars(statement).one()
