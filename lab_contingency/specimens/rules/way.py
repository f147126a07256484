"""A tube on its way from hand to hand: in which statuses somebody has it, and which moves are another hand’s."""

from __future__ import annotations

from lab_contingency.specimens.rules import MOVES, CustodyAction, SpecimenStatus

UNDER_WAY = frozenset(
    {
        SpecimenStatus.LABELLED,
        SpecimenStatus.COLLECTED,
        SpecimenStatus.HANDED_OVER,
        SpecimenStatus.DISPATCHED,
    }
)
"""Somebody has it, and the next hand is still to take it."""
LEFT_AT_DOOR = "LEFT_AT_DOOR"
"""Why a tube is with nobody: a porter left it at a laboratory’s door."""
_HANDS = (CustodyAction.HAND_OVER, CustodyAction.DISPATCH)


def begins_hop(before: SpecimenStatus | None, action: CustodyAction) -> bool:
    """Whether the next hand has it from now on. A copy of a label or a note on the tube changes no hands."""
    after = MOVES[action].target
    return after is not None and (after is not before or action in _HANDS)
