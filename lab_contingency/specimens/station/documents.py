"""Labels that belong to no patient: the one that stands on a printer, those on the wards' boards."""

from __future__ import annotations

import uuid

from lab_contingency.foundation import node
from lab_contingency.printing.content import NumberOnlyLabel
from lab_contingency.specimens.station.rules.jobs import place_number


def printer_label(printer_id: uuid.UUID, name: str, place: str) -> NumberOnlyLabel:
    """The test label: stuck on the printer, a scan of it says “print here”."""
    return NumberOnlyLabel(
        place_number(printer_id),
        (f"Printer {name}", place, "Scan to print here"),
        test_mark=node.this_node().demonstration,
    )


def board_label(ward_id: uuid.UUID, ward: str, site: str) -> NumberOnlyLabel:
    """The label on a ward's board: a scan of it shows what waits for the ward."""
    return NumberOnlyLabel(
        place_number(ward_id),
        (ward, site, "Scan to print for this ward, or to take its tubes"),
        test_mark=node.this_node().demonstration,
    )


def door_label(laboratory_id: uuid.UUID, laboratory: str, site: str) -> NumberOnlyLabel:
    """The label at a laboratory’s door: a porter’s scan of it leaves there what is carried."""
    return NumberOnlyLabel(
        place_number(laboratory_id),
        (laboratory, site, "Scan to leave tubes here"),
        test_mark=node.this_node().demonstration,
    )
