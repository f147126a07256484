"""Consignments: the life of a box as a table of moves, what goes into it, and how its tubes are counted."""

from __future__ import annotations

import enum


class ConsignmentState(enum.StrEnum):
    """Where a box of tubes stands."""

    PACKING = "being packed"
    SEALED = "sealed"
    IN_TRANSIT = "on the way"
    UNPACKING = "being unpacked"
    RECEIVED = "received"
    RECALLED = "recalled"
    BROUGHT_BACK = "brought back"
    LOST = "lost"
    TAKEN_APART = "taken apart"


class ConsignmentAction(enum.StrEnum):
    """What happens to a box."""

    SEAL = "seal"
    OPEN_AGAIN = "open again"
    TAKE_APART = "take apart"
    SEND = "send"
    REROUTE = "re-route"
    RECALL = "recall"
    SEND_AFTER_ALL = "send after all"
    UNPACK = "unpack"
    RECEIVE = "receive"
    BRING_BACK = "bring back"
    LOSE = "declare lost"


class Temperature(enum.StrEnum):
    """What a whole box is kept at."""

    AMBIENT = "room temperature"
    COOLED = "2–8 °C"
    FROZEN = "frozen"


class ItemOutcome(enum.StrEnum):
    """What became of a tube's place in a box."""

    ARRIVED = "arrived"
    MISSING = "missing"
    BROKEN = "broken"
    WARM = "arrived warm"
    TAKEN_OUT = "taken out"
    BROUGHT_BACK = "brought back"
    LOST = "lost"


class DiscrepancyKind(enum.StrEnum):
    """How what arrived differs from what was packed."""

    MISSING = "missing"
    EXTRA = "not on the manifest"
    BROKEN = "broken"
    WARM = "wrong temperature"


class Settlement(enum.StrEnum):
    """How a discrepancy ended."""

    CAME_LATER = "came later"
    FOUND = "found where it was packed"
    LOST = "lost"
    USED = "used as it is"
    REJECTED = "rejected"
    SENT_BACK = "goes back"
    EXPLAINED = "explained"
