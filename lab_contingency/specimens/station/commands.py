"""What people can intend with printers and jobs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.specimens.station.rules.printers import PrinterWay, PrinterWords


@dataclass(frozen=True, slots=True)
class SetUpPrinter:
    """A printer as data: where it stands, how it is reached, what is in it.

    `host` and `port` for a printer on the network, `queue` for the print command. `most_prints`
    is how often one label may come out here.
    """

    name: str
    site_id: uuid.UUID
    ward_id: uuid.UUID | None
    room: str
    way: PrinterWay
    stock: str
    host: str = ""
    port: int | None = None
    queue: str = ""
    dpi: int = 203
    most_prints: int = 5
    words: PrinterWords = PrinterWords.PICTURE


@dataclass(frozen=True, slots=True)
class CarryOn:
    """Which label is the last good one (0: none), and where the rest is to come out.

    `version` is that of the job as it was shown; None when a label was scanned. `printer_id` None stays.
    """

    job_id: uuid.UUID
    last_good: int
    version: int | None = None
    printer_id: uuid.UUID | None = None
