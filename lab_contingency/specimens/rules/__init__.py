"""The life of a tube, as a table of permitted moves; labels and transfusion; why tubes are rejected."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass

from lab_contingency.accounts.rules import Permission
from lab_contingency.catalogue.rules.tubes import CHECK_GROUP, GROUPS, PINK, is_transfusion
from lab_contingency.catalogue.rules.vocabulary import Test
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.wording import count_text, with_object

AHEAD_OF_CLOCK = dt.timedelta(minutes=10)
OLDEST_COLLECTION = dt.timedelta(days=7)
GROUP_APART = dt.timedelta(minutes=5)
IDENTITY_CHANGED, TOO_OLD = "IDENTITY_CHANGED", "TOO_OLD"
BROKEN, LOST = "BROKEN", "LOST"


class SpecimenStatus(enum.StrEnum):
    """Where a tube stands."""

    UNLABELLED = "unlabelled"
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
    VOID_LABEL = "void the label of"
    VOID_ON_BLOOD = "void the label on"
    RELABEL = "put another label on"
    COLLECT = "collect"
    CORRECT_TIME = "correct the time of"
    HAND_OVER = "hand over"
    RECEIVE = "receive"
    DISPATCH = "dispatch"
    REJECT = "reject"
    GIVE_UP = "give up"


@dataclass(frozen=True, slots=True)
class CustodyMove:
    """From which statuses (None: the tube exists only as planned), to which, and who may.

    A target of None leaves the tube where it stands.
    """

    sources: frozenset[SpecimenStatus | None]
    target: SpecimenStatus | None
    permissions: frozenset[Permission]


_S, _P = SpecimenStatus, Permission
_PEOPLE_WHO_COLLECT = frozenset({_P.COLLECT_SPECIMENS})

_ON_THE_WAY = (_S.COLLECTED, _S.HANDED_OVER, _S.DISPATCHED)

MOVES: dict[CustodyAction, CustodyMove] = {
    CustodyAction.LABEL: CustodyMove(
        frozenset({None, _S.UNLABELLED, _S.LABELLED}),
        _S.LABELLED,
        frozenset({_P.PRINT_LABELS, _P.PRINT_QUEUE}),
    ),
    CustodyAction.VOID_LABEL: CustodyMove(
        frozenset({_S.LABELLED}),
        _S.UNLABELLED,
        frozenset({_P.REQUEST_TESTS, _P.PRINT_LABELS, _P.PRINT_QUEUE}),
    ),
    CustodyAction.VOID_ON_BLOOD: CustodyMove(
        frozenset(_ON_THE_WAY), None, frozenset({_P.REQUEST_TESTS, _P.PRINT_LABELS})
    ),
    CustodyAction.RELABEL: CustodyMove(
        frozenset({_S.COLLECTED, _S.RECEIVED}),
        None,
        frozenset({_P.PRINT_LABELS, _P.RECEIVE_SPECIMENS}),
    ),
    CustodyAction.COLLECT: CustodyMove(
        frozenset({None, _S.LABELLED}), _S.COLLECTED, _PEOPLE_WHO_COLLECT
    ),
    CustodyAction.CORRECT_TIME: CustodyMove(
        frozenset({*_ON_THE_WAY, _S.RECEIVED}),
        None,
        frozenset({_P.COLLECT_SPECIMENS, _P.RECEIVE_SPECIMENS}),
    ),
    CustodyAction.HAND_OVER: CustodyMove(
        frozenset({_S.LABELLED, _S.COLLECTED, _S.HANDED_OVER}),
        _S.HANDED_OVER,
        frozenset({_P.CARRY_SPECIMENS, _P.COLLECT_SPECIMENS}),
    ),
    CustodyAction.RECEIVE: CustodyMove(
        frozenset({None, _S.UNLABELLED, _S.LABELLED, *_ON_THE_WAY}),
        _S.RECEIVED,
        frozenset({_P.RECEIVE_SPECIMENS}),
    ),
    CustodyAction.DISPATCH: CustodyMove(
        frozenset({_S.RECEIVED, _S.DISPATCHED}),
        _S.DISPATCHED,
        frozenset({_P.DISPATCH_SPECIMENS, _P.CARRY_SPECIMENS}),
    ),
    CustodyAction.REJECT: CustodyMove(
        frozenset({None, _S.UNLABELLED, _S.LABELLED, *_ON_THE_WAY, _S.RECEIVED}),
        _S.REJECTED,
        frozenset({_P.RECEIVE_SPECIMENS}),
    ),
    CustodyAction.GIVE_UP: CustodyMove(
        frozenset({None, _S.UNLABELLED, _S.LABELLED}),
        _S.NOT_COLLECTED,
        frozenset({_P.REQUEST_TESTS, _P.TRIAGE_REQUESTS}),
    ),
}

WORDS: dict[SpecimenStatus, str] = {
    _S.UNLABELLED: "waiting for a new label",
    _S.LABELLED: "labelled, not taken",
    _S.COLLECTED: "taken, with the ward",
    _S.HANDED_OVER: "with the porter",
    _S.RECEIVED: "received",
    _S.DISPATCHED: "on the way to another laboratory",
    _S.REJECTED: "rejected",
    _S.NOT_COLLECTED: "not taken",
}
FILLED = frozenset({*_ON_THE_WAY, _S.RECEIVED})
"""Blood is in the tube, and it can still be used."""
ENDED = frozenset({_S.REJECTED, _S.NOT_COLLECTED})


def next_custody(status: SpecimenStatus | None, action: CustodyAction) -> SpecimenStatus:
    """Where the action leads; RuleBroken says where the tube stands."""
    move = MOVES[action]
    if status not in move.sources:
        held = "not labelled yet" if status is None else WORDS[status]
        raise RuleBroken(f"This tube is {held}. You cannot {with_object(action.value)} now.")
    return move.target or _as_it_is(status)


def _as_it_is(status: SpecimenStatus | None) -> SpecimenStatus:
    if status is None:
        raise ValueError("a tube that is only planned has no status to keep")
    return status


def refuse_patient_label(container: str, tests: Iterable[Test], *, by_hand: bool) -> None:
    """A transfusion tube gets no printed patient label, whoever asks and however it was planned.

    Asked of the tests and the container themselves: a wrongly planned row does not get past it.
    """
    if by_hand or container == PINK or any(is_transfusion(test) for test in tests):
        raise RuleBroken(
            "A transfusion tube gets no printed label. Write it by hand beside the patient, "
            "and send the printed form with it.",
            field="tubes",
        )


class HandItem(enum.StrEnum):
    """What the laboratory compares between the handwritten tube and the scanned form."""

    SURNAME = "surname"
    FORENAME = "forename"
    BORN = "date of birth"
    NUMBER = "number"
    DATE = "date taken"
    TIME = "time taken"
    SIGNATURE = "signature"


def refuse_unconfirmed(confirmed: Iterable[HandItem]) -> None:
    """Zero tolerance: every item must agree, or the tube is rejected."""
    held = set(confirmed)
    missing = [item.value for item in HandItem if item not in held]
    if missing:
        raise RuleBroken(
            f"Not confirmed: {', '.join(missing)}. Look again; if tube and form do not agree, reject the tube.",
            field="confirmed",
        )


@dataclass(frozen=True, slots=True)
class GroupSample:
    """A transfusion tube of one patient: what it is for, when and by whom it was taken."""

    tests: frozenset[str]
    collected_at: dt.datetime
    collected_by: str


def refuse_same_group_sample(sample: GroupSample, others: Iterable[GroupSample]) -> None:
    """A group and its check group are two venepunctures: never one collector, never one moment.

    It finds the wrong patient in the tube, which one venepuncture shared by both tubes would hide.
    """
    for other in others:
        if not _group_and_check(sample.tests, other.tests):
            continue
        if same_person(sample.collected_by, other.collected_by):
            raise RuleBroken(
                "The group and its check group were taken by the same person. "
                "Somebody else must take the second one, with the wristband read anew.",
                field="collected_by",
            )
        if abs(sample.collected_at - other.collected_at) < GROUP_APART:
            raise RuleBroken(
                "The group and its check group were taken at the same time. "
                "They must be two venepunctures, at least 5 minutes apart.",
                field="collected_at",
            )


def _group_and_check(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool((CHECK_GROUP in one and other & GROUPS) or (CHECK_GROUP in other and one & GROUPS))


_TITLES = frozenset({"dr", "mr", "mrs", "ms", "miss", "prof", "sr", "nurse", "sister"})


def same_person(one: str, other: str) -> bool:
    """Whether two names, as typed, are the same person: without titles, case, points and spaces."""
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    words = re.findall(r"\w+", name.casefold())
    return "".join(word for word in words if word not in _TITLES)


def refuse_collection_time(collected_at: dt.datetime, now: dt.datetime) -> None:
    """Blood is taken before now and not more than a week ago."""
    if collected_at > now + AHEAD_OF_CLOCK:
        raise RuleBroken(
            "The blood cannot have been taken in the future. Check the time.", field="collected_at"
        )
    if collected_at < now - OLDEST_COLLECTION:
        raise RuleBroken("That is more than a week ago. Check the day.", field="collected_at")


COPY_REASONS: dict[str, str] = {
    "JAM": "printer jammed",
    "TORN": "torn or smudged",
    "LOST": "lost",
    "UNREADABLE": "does not scan",
    "ANOTHER": "another one needed",
}
ANOTHER = "ANOTHER"
REPLACES = "REPLACES"
_PROGRAM_REASONS = {REPLACES: "replaces an older one"}


def copy_reason(code: str) -> str:
    """The words of a reason for printing again; RuleBroken asks for one."""
    if code in _PROGRAM_REASONS:
        return _PROGRAM_REASONS[code]
    if code not in COPY_REASONS:
        raise RuleBroken(
            "This was printed before. Choose why it is printed again; the copy will say so.",
            field="reason",
        )
    return COPY_REASONS[code]


MOST_PRINTS = 5
"""How often one label comes out before somebody senior must say why, where its printer says nothing else."""


def refuse_too_many(printed: int, most: int) -> None:
    """A label that comes out again and again is on its way to a wrong tube."""
    if printed >= most:
        raise RuleBroken(
            f"This label came out {count_text(printed, 'time')}, which is the most. "
            "Ring a senior in the laboratory or the coordinator: they can allow more.",
            field="reason",
        )


@dataclass(frozen=True, slots=True)
class RejectionReason:
    """Why a tube cannot be used, in words the ward understands, and what to do better.

    `spoils_results`: what was measured from the tube before cannot stand either.
    """

    code: str
    words: str
    advice: str
    needs_note: bool = False
    spoils_results: bool = True


def _later(code: str, words: str, advice: str) -> RejectionReason:
    """A reason that leaves standing what was measured before."""
    return RejectionReason(code, words, advice, spoils_results=False)


class RejectionPaper(enum.StrEnum):
    """What is printed about a rejected tube."""

    SLIP = "rejection slip"
    FORM = "recollection form"


REJECTION_REASONS: dict[str, RejectionReason] = {
    reason.code: reason
    for reason in (
        RejectionReason(
            "UNLABELLED", "no label", "Label at the bedside, before leaving the patient."
        ),
        RejectionReason(
            "MISLABELLED",
            "label of somebody else",
            "Take it again with the wristband read.",
            needs_note=True,
        ),
        RejectionReason(
            "MISMATCH_FORM",
            "tube and form do not agree",
            "Take it again and check both.",
            needs_note=True,
        ),
        RejectionReason("NO_FORM", "no form with it", "Send the form now, or take it again."),
        RejectionReason(
            IDENTITY_CHANGED,
            "the patient on the request was corrected",
            "Take it again with the new label.",
        ),
        RejectionReason(
            "MISSING_ID", "an identifier is missing", "Take it again with three identifiers."
        ),
        RejectionReason("ILLEGIBLE", "cannot be read", "Take it again and write clearly."),
        RejectionReason(
            "NO_COLLECT_TIME", "no collection time", "Take it again and note the time."
        ),
        RejectionReason("WRONG_TUBE", "wrong tube", "Use the tube shown on the card."),
        RejectionReason("UNDERFILLED", "not full enough", "Fill to the line."),
        RejectionReason("OVERFILLED", "too full", "Fill to the line."),
        RejectionReason("CLOTTED", "clotted", "Invert the tube gently at once."),
        RejectionReason("HAEMOLYSED", "haemolysed", "Take it again without force, from a vein."),
        RejectionReason("LIPAEMIC", "lipaemic", "Take it again fasting if that can wait."),
        RejectionReason("ICTERIC", "icteric", "Ring the laboratory about another method."),
        _later(TOO_OLD, "too old when it arrived", "Take it again and send it at once."),
        _later("WRONG_TEMP", "wrong temperature on the way", "Send it as the card says."),
        _later(BROKEN, "broken on the way", "Take it again; pack it upright."),
        _later(LOST, "lost on the way", "Take it again now."),
        _later("LEAKED", "leaked", "Take it again and close the tube."),
        _later("INSUFFICIENT", "too little", "Fill to the line."),
        RejectionReason(
            "CONTAMINATED_DRIP", "taken from a drip arm", "Take it from the other arm."
        ),
        RejectionReason(
            "EDTA_CONTAMINATION",
            "EDTA carried over",
            "Keep the order of draw; never tip tubes together.",
        ),
        _later("DUPLICATE", "the same sample came twice", "Nothing to do: the first one is used."),
        _later("NOT_OFFERED", "not offered now", "Look at today’s menu."),
        _later(
            "BELOW_PRIORITY",
            "less urgent than what can be done now",
            "Ring the laboratory if it is not.",
        ),
        _later("WITHIN_MRI", "done too recently", "Ring the laboratory if it is needed again."),
    )
}


def rejection_reason(code: str, note: str) -> RejectionReason:
    """The reason, with its note where it needs one; RuleBroken asks for what is missing."""
    if code not in REJECTION_REASONS:
        raise RuleBroken("Choose why the tube is rejected.", field="reason_code")
    reason = REJECTION_REASONS[code]
    if reason.needs_note and not note.strip():
        raise RuleBroken("Say in a note what does not agree.", field="note")
    return reason


def too_old(tests: Iterable[Test], collected_at: dt.datetime, now: dt.datetime) -> tuple[Test, ...]:
    """The tests that can no longer be done on a tube of that age."""
    return tuple(test for test in tests if now >= collected_at + test.reject_after)


def with_caution(
    tests: Iterable[Test], collected_at: dt.datetime, now: dt.datetime
) -> tuple[Test, ...]:
    """The tests that can be done, but whose result needs a caution about the tube's age."""
    return tuple(
        test
        for test in tests
        if collected_at + test.warn_after <= now < collected_at + test.reject_after
    )
