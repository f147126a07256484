"""The life of a tube, as a table of permitted moves; why tubes are rejected."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.errors import RuleBroken


class SpecimenStatus(enum.StrEnum):
    """Where a tube stands."""

    LABELLED = "labelled"
    COLLECTED = "collected"
    HANDED_OVER = "handed over"
    RECEIVED = "received"
    DISPATCHED = "dispatched"
    REJECTED = "rejected"
    NOT_COLLECTED = "not collected"


class CustodyAction(enum.StrEnum):
    """What happens to a tube."""

    LABEL = "label"
    COLLECT = "collect"
    HAND_OVER = "hand over"
    RECEIVE = "receive"
    DISPATCH = "dispatch"
    REJECT = "reject"
    GIVE_UP = "give up"


@dataclass(frozen=True, slots=True)
class CustodyMove:
    """From which statuses (None: the tube exists only as planned), to which, and who may."""

    sources: frozenset[SpecimenStatus | None]
    target: SpecimenStatus
    permissions: frozenset[Permission]


_S, _P = SpecimenStatus, Permission
_PEOPLE_WHO_COLLECT = frozenset({_P.COLLECT_SPECIMENS})

MOVES: dict[CustodyAction, CustodyMove] = {
    CustodyAction.LABEL: CustodyMove(
        frozenset({None, _S.LABELLED}), _S.LABELLED, frozenset({_P.PRINT_LABELS, _P.PRINT_QUEUE})
    ),
    CustodyAction.COLLECT: CustodyMove(frozenset({None, _S.LABELLED}), _S.COLLECTED, _PEOPLE_WHO_COLLECT),
    CustodyAction.HAND_OVER: CustodyMove(
        frozenset({_S.LABELLED, _S.COLLECTED, _S.HANDED_OVER}),
        _S.HANDED_OVER,
        frozenset({_P.CARRY_SPECIMENS, _P.COLLECT_SPECIMENS}),
    ),
    CustodyAction.RECEIVE: CustodyMove(
        frozenset({None, _S.LABELLED, _S.COLLECTED, _S.HANDED_OVER, _S.DISPATCHED}),
        _S.RECEIVED,
        frozenset({_P.RECEIVE_SPECIMENS}),
    ),
    CustodyAction.DISPATCH: CustodyMove(
        frozenset({_S.RECEIVED}), _S.DISPATCHED, frozenset({_P.DISPATCH_SPECIMENS})
    ),
    CustodyAction.REJECT: CustodyMove(
        frozenset({None, _S.LABELLED, _S.COLLECTED, _S.HANDED_OVER, _S.RECEIVED}),
        _S.REJECTED,
        frozenset({_P.RECEIVE_SPECIMENS}),
    ),
    CustodyAction.GIVE_UP: CustodyMove(
        frozenset({None, _S.LABELLED}), _S.NOT_COLLECTED, frozenset({_P.REQUEST_TESTS, _P.TRIAGE_REQUESTS})
    ),
}

WORDS: dict[SpecimenStatus, str] = {
    _S.LABELLED: "labelled, not taken",
    _S.COLLECTED: "taken, with the ward",
    _S.HANDED_OVER: "with the porter",
    _S.RECEIVED: "received",
    _S.DISPATCHED: "on the way to another laboratory",
    _S.REJECTED: "rejected",
    _S.NOT_COLLECTED: "not taken",
}


def next_custody(status: SpecimenStatus | None, action: CustodyAction) -> SpecimenStatus:
    """Where the action leads; RuleBroken says where the tube stands."""
    move = MOVES[action]
    if status not in move.sources:
        held = "not labelled yet" if status is None else WORDS[status]
        raise RuleBroken(f"This tube is {held}. You cannot {action.value} it now.")
    return move.target


@dataclass(frozen=True, slots=True)
class RejectionReason:
    """Why a tube cannot be used, in words the ward understands. `waivable` for irreplaceable samples."""

    code: str
    words: str
    advice: str
    needs_note: bool = False


REJECTION_REASONS: dict[str, RejectionReason] = {
    reason.code: reason
    for reason in (
        RejectionReason("UNLABELLED", "no label", "Label at the bedside, before leaving the patient."),
        RejectionReason("MISLABELLED", "label of somebody else", "Take it again with the wristband read.", True),  # noqa: FBT003
        RejectionReason("MISMATCH_FORM", "tube and form do not agree", "Take it again and check both.", True),  # noqa: FBT003
        RejectionReason("NO_FORM", "no form with it", "Send the form now, or take it again."),
        RejectionReason("MISSING_ID", "an identifier is missing", "Take it again with three identifiers."),
        RejectionReason("ILLEGIBLE", "cannot be read", "Take it again and write clearly."),
        RejectionReason("NO_COLLECT_TIME", "no collection time", "Take it again and note the time."),
        RejectionReason("WRONG_TUBE", "wrong tube", "Use the tube shown on the card."),
        RejectionReason("UNDERFILLED", "not full enough", "Fill to the line."),
        RejectionReason("OVERFILLED", "too full", "Fill to the line."),
        RejectionReason("CLOTTED", "clotted", "Invert the tube gently at once."),
        RejectionReason("HAEMOLYSED", "haemolysed", "Take it again without force, from a vein."),
        RejectionReason("LIPAEMIC", "lipaemic", "Take it again fasting if that can wait."),
        RejectionReason("ICTERIC", "icteric", "Ring the laboratory about another method."),
        RejectionReason("TOO_OLD", "too old when it arrived", "Take it again and send it at once."),
        RejectionReason("WRONG_TEMP", "wrong temperature on the way", "Send it as the card says."),
        RejectionReason("LEAKED", "leaked", "Take it again and close the tube."),
        RejectionReason("INSUFFICIENT", "too little", "Fill to the line."),
        RejectionReason("CONTAMINATED_DRIP", "taken from a drip arm", "Take it from the other arm."),
        RejectionReason("EDTA_CONTAMINATION", "EDTA carried over", "Keep the order of draw; never tip tubes together."),
        RejectionReason("DUPLICATE", "the same sample came twice", "Nothing to do: the first one is used."),
        RejectionReason("NOT_OFFERED", "not offered now", "Look at today’s menu."),
        RejectionReason("BELOW_PRIORITY", "less urgent than what can be done now", "Ring the laboratory if it is not."),
        RejectionReason("WITHIN_MRI", "done too recently", "Ring the laboratory if it is needed again."),
    )
}
