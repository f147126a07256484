"""The life of a requested test, as a table of permitted moves.

Checks, buttons, tests and `docs/statuses.md` are all made from `TRANSITIONS`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.errors import RuleBroken


class TestStatus(enum.StrEnum):
    """Where the work on one requested test stands."""

    __test__ = False  # a word of the laboratory, not a case of pytest

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    DECLINED = "declined"
    ASSIGNED = "assigned"
    RECEIVED = "received"
    REJECTED = "rejected"
    ENTERED = "entered"
    CHECKED = "checked"
    AUTHORISED = "authorised"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"


class TestAction(enum.StrEnum):
    """What moves a test on."""

    __test__ = False

    ACCEPT = "accept"
    DEFER = "defer"
    DECLINE = "decline"
    ASSIGN = "assign"
    REASSIGN = "reassign"
    RECEIVE = "receive"
    REJECT = "reject"
    RECOLLECT = "recollect"
    ENTER = "enter"
    REENTER = "reenter"
    CHECK = "check"
    AUTHORISE = "authorise"
    AMEND = "amend"
    AUTHORISE_AMENDMENT = "authorise amendment"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Transition:
    """From which statuses, to which, who may, and whether a reason must be given."""

    sources: frozenset[TestStatus]
    target: TestStatus
    permission: Permission
    needs_reason: bool = False


_S, _A, _P = TestStatus, TestAction, Permission


def _from(*sources: TestStatus) -> frozenset[TestStatus]:
    return frozenset(sources)


_BEFORE_RESULT = _from(_S.REQUESTED, _S.ACCEPTED, _S.DEFERRED, _S.ASSIGNED, _S.RECEIVED)

TRANSITIONS: dict[TestAction, Transition] = {
    _A.ACCEPT: Transition(_from(_S.REQUESTED, _S.DEFERRED), _S.ACCEPTED, _P.TRIAGE_REQUESTS),
    _A.DEFER: Transition(
        _from(_S.REQUESTED, _S.ACCEPTED), _S.DEFERRED, _P.TRIAGE_REQUESTS, needs_reason=True
    ),
    _A.DECLINE: Transition(_BEFORE_RESULT, _S.DECLINED, _P.TRIAGE_REQUESTS, needs_reason=True),
    _A.ASSIGN: Transition(_from(_S.ACCEPTED), _S.ASSIGNED, _P.ROUTE_TESTS),
    _A.REASSIGN: Transition(
        _from(_S.ASSIGNED, _S.RECEIVED), _S.ASSIGNED, _P.ROUTE_TESTS, needs_reason=True
    ),
    _A.RECEIVE: Transition(_from(_S.ASSIGNED), _S.RECEIVED, _P.RECEIVE_SPECIMENS),
    _A.REJECT: Transition(
        _BEFORE_RESULT | _from(_S.ENTERED, _S.CHECKED),
        _S.REJECTED,
        _P.RECEIVE_SPECIMENS,
        needs_reason=True,
    ),
    _A.RECOLLECT: Transition(_from(_S.REJECTED), _S.ACCEPTED, _P.REQUEST_TESTS),
    _A.ENTER: Transition(_from(_S.RECEIVED), _S.ENTERED, _P.ENTER_RESULTS),
    _A.REENTER: Transition(_from(_S.ENTERED, _S.CHECKED), _S.ENTERED, _P.ENTER_RESULTS),
    _A.CHECK: Transition(_from(_S.ENTERED), _S.CHECKED, _P.CHECK_RESULTS),
    _A.AUTHORISE: Transition(_from(_S.ENTERED, _S.CHECKED), _S.AUTHORISED, _P.AUTHORISE_RESULTS),
    _A.AMEND: Transition(
        _from(_S.AUTHORISED, _S.AMENDED), _S.ENTERED, _P.ENTER_RESULTS, needs_reason=True
    ),
    _A.AUTHORISE_AMENDMENT: Transition(
        _from(_S.ENTERED, _S.CHECKED), _S.AMENDED, _P.AUTHORISE_RESULTS
    ),
    _A.WITHDRAW: Transition(
        _BEFORE_RESULT | _from(_S.REJECTED), _S.WITHDRAWN, _P.REQUEST_TESTS, needs_reason=True
    ),
}

RELEASED = _from(_S.AUTHORISED, _S.AMENDED)
# Sent to its laboratory, or done there. A rejected test still belongs to where its tube was rejected.
AT_A_LABORATORY = RELEASED | _from(_S.ASSIGNED, _S.RECEIVED, _S.REJECTED, _S.ENTERED, _S.CHECKED)
# No laboratory was chosen yet, or none since its tube is taken again.
NEVER_SENT = _from(_S.REQUESTED, _S.ACCEPTED, _S.DEFERRED)
FINAL = RELEASED | _from(_S.DECLINED, _S.WITHDRAWN)
WORDS: dict[TestStatus, str] = {
    _S.REQUESTED: "waiting for triage",
    _S.ACCEPTED: "accepted",
    _S.DEFERRED: "held",
    _S.DECLINED: "declined",
    _S.ASSIGNED: "laboratory chosen",
    _S.RECEIVED: "on the bench",
    _S.REJECTED: "rejected: take it again",
    _S.ENTERED: "typed, not checked",
    _S.CHECKED: "checked, not authorised",
    _S.AUTHORISED: "authorised",
    _S.AMENDED: "amended",
    _S.WITHDRAWN: "withdrawn",
}


# Where a status goes on a sentence that begins with “This test is”, and cannot as it stands in lists.
_IN_A_SENTENCE: dict[TestStatus, str] = {
    _S.ASSIGNED: "bound for a laboratory",
    _S.REJECTED: "rejected and must be taken again",
    _S.ENTERED: "typed and not checked",
    _S.CHECKED: "checked and not authorised",
}
# What “you cannot … now” and “give a reason to …” go on with: of the test itself, or of what is typed of it.
_DOING: dict[TestAction, str] = {
    _A.ACCEPT: "accept it",
    _A.DEFER: "hold it",
    _A.DECLINE: "decline it",
    _A.ASSIGN: "choose a laboratory for it",
    _A.REASSIGN: "choose another laboratory for it",
    _A.RECEIVE: "receive it",
    _A.REJECT: "reject it",
    _A.RECOLLECT: "ask for it to be taken again",
    _A.ENTER: "type its results",
    _A.REENTER: "type its results again",
    _A.CHECK: "check its results",
    _A.AUTHORISE: "authorise its results",
    _A.AMEND: "amend its results",
    _A.AUTHORISE_AMENDMENT: "authorise an amendment of its results",
    _A.WITHDRAW: "withdraw it",
}


def stands(status: TestStatus, what: str = "This test") -> str:
    """Where it stands, to begin a sentence with: `This test is on the bench`."""
    return f"{what} is {_IN_A_SENTENCE.get(status, WORDS[status])}"


def next_status(status: TestStatus, action: TestAction, *, reason: str = "") -> TestStatus:
    """Where the action leads; RuleBroken says where the test stands and what can be done instead."""
    transition = TRANSITIONS[action]
    if status not in transition.sources:
        raise RuleBroken(f"{stands(status)}. You cannot {_DOING[action]} now.")
    if transition.needs_reason and not reason.strip():
        raise RuleBroken(f"Give a reason to {_DOING[action]}.", field="reason")
    return transition.target


def permitted(status: TestStatus) -> tuple[TestAction, ...]:
    """The actions that the status allows."""
    return tuple(
        action for action, transition in TRANSITIONS.items() if status in transition.sources
    )


class Outcome(enum.StrEnum):
    """What became of a whole request, derived from its tests."""

    OPEN = "open"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


def outcome(statuses: Iterable[TestStatus]) -> Outcome:
    """Open while anything is; authorised when anything was released; else declined, else withdrawn."""
    held = set(statuses)
    if not held <= FINAL:
        return Outcome.OPEN
    if held & RELEASED:
        return Outcome.AUTHORISED
    return Outcome.DECLINED if TestStatus.DECLINED in held else Outcome.WITHDRAWN
