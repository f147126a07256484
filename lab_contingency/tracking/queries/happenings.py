"""Everything that happened to a request and its tubes, as one list."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.rules import NO_FIELD, Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import day_time_text
from lab_contingency.requests.queries import PlannedTubeView, RequestView, moves_of
from lab_contingency.requests.queries.histories import MoveView
from lab_contingency.requests.rules.statuses import TestAction
from lab_contingency.requests.scope import is_partner
from lab_contingency.results.models import CriticalCall, Result
from lab_contingency.results.queries.calls import Ended, ended
from lab_contingency.results.rules.calls import CallOutcome
from lab_contingency.results.rules.values import Source
from lab_contingency.specimens.models import CustodyEvent, Specimen
from lab_contingency.specimens.queries import identified_by
from lab_contingency.specimens.rules import CustodyAction
from lab_contingency.tracking.rules import Step

_CUSTODY_STEPS = {
    CustodyAction.LABEL: Step.LABELLED,
    CustodyAction.COLLECT: Step.TAKEN,
    CustodyAction.HAND_OVER: Step.HANDED_OVER,
    CustodyAction.RECEIVE: Step.RECEIVED,
    CustodyAction.DISPATCH: Step.SENT_ON,
}
_SENDS = frozenset({TestAction.ASSIGN, TestAction.REASSIGN})
_MOVE_STEPS = {
    TestAction.RECEIVE: Step.ON_THE_BENCH,
    TestAction.ENTER: Step.TYPED,
    TestAction.CHECK: Step.CHECKED,
    TestAction.AUTHORISE: Step.AUTHORISED,
    TestAction.AUTHORISE_AMENDMENT: Step.AUTHORISED,
}


@discloses(what=lambda one: one.tells, who=lambda one: one.who_tells, place=NOTHING)
@dataclass(frozen=True, slots=True)
class Happening:
    """One thing: when it happened, when it was recorded, what, who, where, to which tubes.

    `tells`: what its words tell of the patient.
    """

    at: dt.datetime
    recorded_at: dt.datetime
    what: str
    who: str
    place: str
    tubes: tuple[int, ...]
    step: Step | None = None
    patient_id: uuid.UUID | None = None
    tells: Field = NO_FIELD

    @property
    def who_tells(self) -> Field:
        """Who asked is whom to ring; all others are people at work."""
        return Field.CONTACT if self.step is Step.REQUESTED else Field(0)


def happenings(
    request: RequestView, tubes: Iterable[PlannedTubeView], actor: Actor
) -> tuple[Happening, ...]:
    """Oldest first: the request itself, custody, moves of tests, telephone calls.

    A partner reads of its own tests and tubes, and of a test only what happened since it was sent there.
    """
    planned = tuple(tubes)
    found = [
        _placed(request, planned),
        *_taken_on_card(request, planned),
        *_custody(request, planned),
        *_moves(request, planned, actor),
        *_calls(request, planned),
    ]
    return tuple(sorted(found, key=in_time))


def in_time(one: Happening) -> tuple[dt.datetime, dt.datetime]:
    """Oldest first; what happened at once, as it was recorded."""
    return one.at, one.recorded_at


def told_together(happened: Iterable[Happening]) -> tuple[Happening, ...]:
    """The same list with one entry for what was done to several tubes alike: taken, tubes 1, 2, 3.

    What was done twice to one tube stays twice.
    """
    told: list[Happening] = []
    last: dict[tuple[object, ...], int] = {}
    for one in happened:
        at = last.get(_written(one))
        if at is not None and one.tubes and not set(one.tubes) & set(told[at].tubes):
            tubes = tuple(sorted((*told[at].tubes, *one.tubes)))
            told[at] = dataclasses.replace(told[at], tubes=tubes)
        else:
            last[_written(one)] = len(told)
            told.append(one)
    return tuple(told)


def _written(one: Happening) -> tuple[object, ...]:
    """How an entry reads, but for its tubes."""
    times = (day_time_text(one.at), day_time_text(one.recorded_at))
    return (*times, one.what, one.who, one.place, one.step, one.patient_id, one.tells)


def _placed(request: RequestView, tubes: tuple[PlannedTubeView, ...]) -> Happening:
    everywhere = tuple(tube.ordinal for tube in tubes if tube.replaces_id is None)
    return Happening(
        request.requested_at,
        request.requested_at,
        "requested",
        request.requested_by,
        request.ward.name,
        everywhere,
        Step.REQUESTED,
        request.patient_id,
    )


def _taken_on_card(request: RequestView, tubes: tuple[PlannedTubeView, ...]) -> list[Happening]:
    """A collection time written on the card, while no scan has said it of the tubes."""
    scanned = select(Specimen.planned_tube_id).where(
        Specimen.request_id == request.id, Specimen.collected_at.is_not(None)
    )
    known = set(session().scalars(scanned))
    rest = tuple(
        tube.ordinal for tube in tubes if tube.id not in known and tube.replaces_id is None
    )
    if request.collected_at is None or not rest:
        return []
    return [
        Happening(
            request.collected_at,
            request.requested_at,
            "taken, as the card says",
            request.collected_by,
            request.ward.name,
            rest,
            Step.TAKEN,
        )
    ]


def _custody(request: RequestView, tubes: tuple[PlannedTubeView, ...]) -> list[Happening]:
    ordinals = {tube.id: tube.ordinal for tube in tubes}
    statement = (
        select(CustodyEvent, Specimen.planned_tube_id, Specimen.collected_by)
        .join(Specimen, Specimen.id == CustodyEvent.specimen_id)
        .where(Specimen.request_id == request.id)
    )
    rows = [row for row in session().execute(statement) if row[1] in ordinals]
    known_by = identified_by(event.specimen_id for event, _, _ in rows)
    return [
        Happening(
            event.occurred_at,
            event.recorded_at,
            _custody_words(event, known_by),
            (taken_by or event.by_name) if event.action is CustodyAction.COLLECT else event.by_name,
            event.place,
            (ordinals[planned_id],),
            _CUSTODY_STEPS.get(event.action),
        )
        for event, planned_id, taken_by in rows
    ]


_CUSTODY_WORDS = {
    CustodyAction.LABEL: "label printed",
    CustodyAction.COLLECT: "taken",
    CustodyAction.HAND_OVER: "handed over",
    CustodyAction.RECEIVE: "received",
    CustodyAction.DISPATCH: "on the way to another laboratory",
    CustodyAction.REJECT: "tube rejected",
    CustodyAction.GIVE_UP: "not taken",
    CustodyAction.VOID_LABEL: "label made void",
    CustodyAction.VOID_ON_BLOOD: "label made void, blood already in the tube",
    CustodyAction.RELABEL: "labelled anew",
    CustodyAction.CORRECT_TIME: "collection time put right",
}


def _custody_words(event: CustodyEvent, known_by: Mapping[uuid.UUID, str]) -> str:
    words = _CUSTODY_WORDS.get(event.action, event.action.value)
    how = known_by.get(event.specimen_id, "") if event.action is CustodyAction.COLLECT else ""
    return f"{words}, {how}" if how else words


_MOVE_WORDS = {
    TestAction.ACCEPT: "accepted",
    TestAction.DEFER: "held",
    TestAction.DECLINE: "declined",
    TestAction.ASSIGN: "laboratory chosen",
    TestAction.REASSIGN: "another laboratory chosen",
    TestAction.RECEIVE: "on the bench",
    TestAction.REJECT: "cannot be done from this tube",
    TestAction.RECOLLECT: "to be taken again",
    TestAction.ENTER: "result typed",
    TestAction.REENTER: "result typed again",
    TestAction.CHECK: "checked",
    TestAction.AUTHORISE: "authorised",
    TestAction.AMEND: "amendment typed",
    TestAction.AUTHORISE_AMENDMENT: "amendment authorised",
    TestAction.WITHDRAW: "withdrawn",
}
_RELEASED_HERE = "released here after comparison with the page"


def _moves(
    request: RequestView, tubes: tuple[PlannedTubeView, ...], actor: Actor
) -> list[Happening]:
    on_tube = _ordinals_by_test(tubes)
    labels = {view.test.code: view.test.label for view in request.tests}
    signed = _signatures(request)
    return [
        Happening(
            move.occurred_at,
            move.recorded_at,
            f"{labels.get(move.test_code, move.test_code)}: "
            + (_RELEASED_HERE if there else _MOVE_WORDS[move.action])
            + (f" ({move.reason})" if move.reason else ""),
            f"{move.by_name}; authorised by {there}" if there else move.by_name,
            "",
            on_tube.get(move.test_code, ()),
            Step.RELEASED if there else _MOVE_STEPS.get(move.action),
            request.patient_id,
            Field.TESTS | (Field.REMARKS if move.reason else Field(0)),
        )
        for move in _told(moves_of(request.id), request, actor)
        for there in (_signed_there(move, signed),)
    ]


def _signatures(request: RequestView) -> list[tuple[dt.datetime, str, str]]:
    """Every signature under a value of the request: when, of which test, and whose if another laboratory's."""
    codes = {view.id: view.test.code for view in request.tests}
    statement = (
        select(
            Result.authorised_at,
            Result.requested_test_id,
            Result.authorised_by_name,
            Result.source,
        )
        .where(Result.request_id == request.id, Result.authorised_at.is_not(None))
        .order_by(Result.authorised_at)
    )
    return [
        (at, codes.get(test_id, ""), (name or "") if source is Source.TYPED_BACK else "")
        for at, test_id, name, source in session().execute(statement)
        if at is not None
    ]


def _signed_there(move: MoveView, signed: Iterable[tuple[dt.datetime, str, str]]) -> str:
    """Who signed at another laboratory what this move released here, or nothing: then its mover signed."""
    if _MOVE_STEPS.get(move.action) is not Step.AUTHORISED:
        return ""
    before = [who for at, code, who in signed if code == move.test_code and at <= move.recorded_at]
    return before[-1] if before else ""


def _told(moves: Iterable[MoveView], request: RequestView, actor: Actor) -> Iterator[MoveView]:
    """All moves, or for a partner those of its own tests since they were last sent there."""
    if not is_partner(actor):
        yield from moves
        return
    held: dict[str, list[MoveView]] = {view.test.code: [] for view in request.tests}
    for move in moves:
        if move.test_code in held:
            if move.action in _SENDS:
                held[move.test_code].clear()
            held[move.test_code].append(move)
    for told in held.values():
        yield from told


def _calls(request: RequestView, tubes: tuple[PlannedTubeView, ...]) -> list[Happening]:
    on_tube = _ordinals_by_test(tubes)
    codes: dict[uuid.UUID, str] = {view.id: view.test.code for view in request.tests}
    statement = select(CriticalCall).where(
        CriticalCall.request_id == request.id,
        CriticalCall.closed_at.is_not(None),
        CriticalCall.requested_test_id.in_(codes),
    )
    return [
        Happening(
            end.at,
            call.closed_at or end.at,
            f"{catalogue().analyte(call.analyte_code).name}: {_call_words(end)}",
            end.by_name,
            "",
            on_tube.get(codes.get(call.requested_test_id, ""), ()),
            Step.TELEPHONED if end.outcome is CallOutcome.TOLD else None,
            request.patient_id,
            Field.TESTS | end.tells,
        )
        for call in session().scalars(statement)
        if (end := ended(call, request.patient_id)) is not None
    ]


def _call_words(end: Ended) -> str:
    if end.outcome is CallOutcome.TOLD:
        return f"telephoned to {', '.join(part for part in (end.person, end.role) if part)}"
    return f"not telephoned: {end.why_not}"


def _ordinals_by_test(tubes: tuple[PlannedTubeView, ...]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for tube in tubes:
        for code in tube.test_codes:
            found[code] = (*found.get(code, ()), tube.ordinal)
    return found
