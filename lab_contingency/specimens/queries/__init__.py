"""Reading tubes: of a request, at a place, in somebody’s hands, and what waits to be printed."""

from lab_contingency.specimens.queries.finding import Found, find_by_number
from lab_contingency.specimens.queries.porters import (
    CarriedTube,
    WardQueue,
    carried_by,
    print_queue,
)
from lab_contingency.specimens.queries.tubes import (
    CustodyView,
    HeldTube,
    TubeChip,
    TubeView,
    container_chip,
    custody_of,
    last_received,
    tubes_at,
    tubes_by_request,
    tubes_of,
    waiting_collection,
)

__all__ = [
    "CarriedTube",
    "CustodyView",
    "Found",
    "HeldTube",
    "TubeChip",
    "TubeView",
    "WardQueue",
    "carried_by",
    "container_chip",
    "custody_of",
    "find_by_number",
    "last_received",
    "print_queue",
    "tubes_at",
    "tubes_by_request",
    "tubes_of",
    "waiting_collection",
]
