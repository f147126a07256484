"""Consignments: the life of a box as a table of moves, what goes into it, and how its tubes are counted."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.wording import and_text, with_object


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


@dataclass(frozen=True, slots=True)
class Move:
    """From which states, to which (None: it stays where it is), who may, and whether a reason must be given."""

    sources: frozenset[ConsignmentState]
    target: ConsignmentState | None
    permissions: frozenset[Permission]
    needs_reason: bool = False


_S, _A, _P = ConsignmentState, ConsignmentAction, Permission
_SENDER, _RECEIVER = frozenset({_P.DISPATCH_SPECIMENS}), frozenset({_P.RECEIVE_SPECIMENS})
_CARRIER, _ROUTER = _SENDER | {_P.CARRY_SPECIMENS}, frozenset({_P.ROUTE_TESTS})


def _from(*sources: ConsignmentState) -> frozenset[ConsignmentState]:
    return frozenset(sources)


TRANSITIONS: dict[ConsignmentAction, Move] = {
    _A.SEAL: Move(_from(_S.PACKING), _S.SEALED, _SENDER),
    _A.OPEN_AGAIN: Move(_from(_S.SEALED), _S.PACKING, _SENDER, needs_reason=True),
    _A.TAKE_APART: Move(_from(_S.PACKING, _S.SEALED), _S.TAKEN_APART, _SENDER, needs_reason=True),
    _A.SEND: Move(_from(_S.SEALED), _S.IN_TRANSIT, _CARRIER),
    _A.REROUTE: Move(
        _from(_S.SEALED, _S.IN_TRANSIT, _S.RECALLED), None, _ROUTER, needs_reason=True
    ),
    _A.RECALL: Move(_from(_S.IN_TRANSIT), _S.RECALLED, _SENDER, needs_reason=True),
    _A.SEND_AFTER_ALL: Move(_from(_S.RECALLED), _S.IN_TRANSIT, _SENDER, needs_reason=True),
    _A.UNPACK: Move(_from(_S.SEALED, _S.IN_TRANSIT, _S.RECALLED), _S.UNPACKING, _RECEIVER),
    _A.RECEIVE: Move(_from(_S.UNPACKING), _S.RECEIVED, _RECEIVER),
    _A.BRING_BACK: Move(
        _from(_S.IN_TRANSIT, _S.RECALLED), _S.BROUGHT_BACK, _SENDER, needs_reason=True
    ),
    _A.LOSE: Move(_from(_S.IN_TRANSIT, _S.RECALLED), _S.LOST, _SENDER, needs_reason=True),
}

ENDED = _from(_S.RECEIVED, _S.BROUGHT_BACK, _S.LOST, _S.TAKEN_APART)
CARRIED = _from(_S.SEALED, _S.IN_TRANSIT, _S.RECALLED)
"""A box that goes from hand to hand."""
WORDS: dict[ConsignmentState, str] = {
    _S.PACKING: "being packed",
    _S.SEALED: "sealed, waits to be taken",
    _S.IN_TRANSIT: "on the way",
    _S.UNPACKING: "being unpacked",
    _S.RECEIVED: "received",
    _S.RECALLED: "called back",
    _S.BROUGHT_BACK: "brought back",
    _S.LOST: "lost",
    _S.TAKEN_APART: "taken apart",
}
REASONS_ASKED: dict[ConsignmentAction, str] = {
    _A.OPEN_AGAIN: "Why it is opened again",
    _A.TAKE_APART: "Why it is not sent",
    _A.RECALL: "Why it is called back",
    _A.SEND_AFTER_ALL: "Why it goes on after all",
    _A.REROUTE: "Why it goes elsewhere",
    _A.BRING_BACK: "Why it came back",
    _A.LOSE: "What was done to find it",
}


def next_state(
    state: ConsignmentState, action: ConsignmentAction, *, reason: str = ""
) -> ConsignmentState:
    """Where the action leads; RuleBroken says where the box stands."""
    move = TRANSITIONS[action]
    if state not in move.sources:
        raise RuleBroken(f"This box is {WORDS[state]}. You cannot {with_object(action.value)} now.")
    if move.needs_reason and not reason.strip():
        raise RuleBroken(f"Give a reason to {with_object(action.value)}.", field="reason")
    return move.target or state


def permitted(state: ConsignmentState) -> tuple[ConsignmentAction, ...]:
    """The actions that the state allows."""
    return tuple(action for action, move in TRANSITIONS.items() if state in move.sources)


SETTLEMENTS: dict[DiscrepancyKind, tuple[Settlement, ...]] = {
    DiscrepancyKind.MISSING: (Settlement.CAME_LATER, Settlement.FOUND, Settlement.LOST),
    DiscrepancyKind.EXTRA: (Settlement.USED, Settlement.SENT_BACK, Settlement.EXPLAINED),
    DiscrepancyKind.BROKEN: (Settlement.EXPLAINED,),
    DiscrepancyKind.WARM: (Settlement.USED, Settlement.REJECTED, Settlement.EXPLAINED),
}
"""How each kind may end."""


def refuse_settlement(kind: DiscrepancyKind, settlement: Settlement) -> None:
    """RuleBroken names the endings that this kind has."""
    if settlement not in SETTLEMENTS[kind]:
        words = and_text([one.value for one in SETTLEMENTS[kind]])
        raise RuleBroken(f"What is {kind.value} can end so: {words}.", field="settlement")


class Condition(enum.StrEnum):
    """How a tube looks when it is taken out of the box."""

    AS_EXPECTED = "as expected"
    BROKEN = "broken or leaked"
    WARM = "wrong temperature"


@dataclass(frozen=True, slots=True)
class Count:
    """What became of every place in a box; `waiting` are those of which nothing was said yet."""

    packed: int
    by_outcome: dict[ItemOutcome, int]
    waiting: int

    @property
    def balances(self) -> bool:
        """Whether every tube that was ever packed is accounted for."""
        return self.packed == sum(self.by_outcome.values()) + self.waiting

    @property
    def inside(self) -> int:
        """How many the box was sent with: what was taken out before does not travel."""
        return self.packed - self.by_outcome.get(ItemOutcome.TAKEN_OUT, 0)

    @property
    def sentence(self) -> str:
        """`8 packed: 6 arrived, 2 missing`."""
        parts = [f"{number} {outcome.value}" for outcome, number in self.by_outcome.items()]
        parts += [f"{self.waiting} not scanned"] if self.waiting else []
        return f"{self.packed} packed: {', '.join(parts)}" if parts else f"{self.packed} packed"


def count(outcomes: Iterable[ItemOutcome | None]) -> Count:
    """Count the places of a box by what became of them; None: nothing yet."""
    held = Counter(outcomes)
    packed = held.total()
    waiting = held.pop(None, 0)
    said = {outcome: held[outcome] for outcome in ItemOutcome if held[outcome]}
    return Count(packed, said, waiting)
