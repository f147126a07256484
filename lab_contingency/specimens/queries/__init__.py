"""Reading tubes: of a request, at a place, in somebody’s hands, and what waits to be printed."""

from lab_contingency.specimens.queries.bedside import (
    BedsideProgress,
    bedside_progress,
    card_of_wristband,
)
from lab_contingency.specimens.queries.custody import CustodyView, custody_of
from lab_contingency.specimens.queries.finding import Found, find_by_number
from lab_contingency.specimens.queries.matching import (
    WardChecks,
    bedside_checks,
    identified_by,
    stops_lately,
)
from lab_contingency.specimens.queries.porters import (
    CardToPrint,
    LabelToPrint,
    WardQueue,
    card_to_print,
    label_to_print,
    labels_waiting,
    print_queue,
)
from lab_contingency.specimens.queries.reception import (
    Bedside,
    ReceptionRow,
    bedsides,
    reception,
)
from lab_contingency.specimens.queries.tubes import (
    HeldTube,
    TubeChip,
    TubeView,
    container_chip,
    last_received,
    tube_view,
    tubes_at,
    tubes_by_request,
    tubes_of,
    waiting_collection,
)

__all__ = [
    "Bedside",
    "BedsideProgress",
    "CardToPrint",
    "CustodyView",
    "Found",
    "HeldTube",
    "LabelToPrint",
    "ReceptionRow",
    "TubeChip",
    "TubeView",
    "WardChecks",
    "WardQueue",
    "bedside_checks",
    "bedside_progress",
    "bedsides",
    "card_of_wristband",
    "card_to_print",
    "container_chip",
    "custody_of",
    "find_by_number",
    "identified_by",
    "label_to_print",
    "labels_waiting",
    "last_received",
    "print_queue",
    "reception",
    "stops_lately",
    "tube_view",
    "tubes_at",
    "tubes_by_request",
    "tubes_of",
    "waiting_collection",
]
