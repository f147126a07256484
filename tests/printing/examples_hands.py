"""One tube’s way from hand to hand, on paper. Everybody here is invented."""

from lab_contingency.printing.hands_sheet import HandRow, HandsSheet
from tests.printing.examples_lists import MADE

WAY = (
    HandRow("24-Nov 03:02", "", "label printed", "", "–", "ED Resus", "A. Okafor"),
    HandRow("24-Nov 03:05", "noted 24-Nov 03:11", "taken", "", "–", "ED Resus", "A. Okafor"),
    HandRow("24-Nov 03:24", "", "handed over", "late by 4 min", "ED Resus", "Sam Rowe", "Sam Rowe"),
    HandRow(
        "24-Nov 03:31",
        "",
        "left at the door",
        "",
        "Sam Rowe",
        "King's core laboratory, at the door",
        "Sam Rowe",
    ),
    HandRow(
        "24-Nov 03:58",
        "",
        "scanned in",
        "late by 17 min",
        "King's core laboratory, at the door",
        "King's core laboratory",
        "P. Nair",
    ),
)
HANDS = HandsSheet(
    title="Hands of tube 41 1 004711 02 2",
    number="411004711022",
    place="ED Resus · P1 NOW",
    said="received: King's core laboratory · as of 24-Nov-2026 03:58",
    made=MADE,
    rows=WAY,
)
