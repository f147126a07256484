"""One request's way through the day, as steps at simulated times; each step is one unit of work."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken, RulesBroken
from lab_contingency.foundation.sealing import unseal
from lab_contingency.network.queries import network, reported_analytes
from lab_contingency.rehearsal.day.rows import RequestRow, ResultRow
from lab_contingency.rehearsal.day.staff import BenchStaff, Staff, reception_of
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.queries import planned_tubes
from lab_contingency.requests.rules.statuses import WORDS, TestStatus
from lab_contingency.results.commands import (
    AuthoriseResults,
    CheckResults,
    EnterResults,
    RecordCall,
    TypedValue,
)
from lab_contingency.results.models import CriticalCall, Result
from lab_contingency.results.rules.calls import CallStatus, Taker
from lab_contingency.results.rules.values import Source, value_of
from lab_contingency.results.services import (
    authorise_results,
    check_results,
    enter_results,
    record_call,
)
from lab_contingency.routing.commands import ReassignTests
from lab_contingency.routing.services import accept_and_assign, reassign_tests
from lab_contingency.specimens.commands import AcceptByHand, CollectTubes
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import HandItem, SpecimenStatus
from lab_contingency.specimens.rules.matching import ON_PAPER, WithoutWristband
from lab_contingency.specimens.services import (
    collect,
    dispatch,
    hand_over,
    labels_for,
    receive,
    receive_form,
    take_in_form,
)

_MINUTE = dt.timedelta(minutes=1)
LABEL, HAND_OVER, RECEIVE, DECIDE, SEND_ON = (n * _MINUTE for n in (1, 2, 6, 7, 9))
BENCH, CHECK, CALL, AUTHORISE = (n * _MINUTE for n in (12, 4, 2, 2))
_SHARED_TUBE, _HOPS = 30 * _MINUTE, 2
_CHECKS = frozenset(HandItem)

_AS_THE_FILE_SAYS = WithoutWristband(ON_PAPER, frozenset())
Step = Callable[[], None]
Timed = Iterator[tuple[dt.datetime, Step]]
Refuse = Callable[[ResultRow, str], None]


@dataclass(slots=True)
class Journey:
    """A taken request with its values; `refuse` is told of each value that cannot be kept."""

    row: RequestRow
    request_id: uuid.UUID
    number: str
    values: list[ResultRow]
    staff: Staff
    refuse: Refuse
    labels: int = 0
    typed: int = 0
    handled: set[int] = field(default_factory=set)

    def steps(self) -> Timed:
        """What happens after the request was placed, each at its time; later ones depend on earlier ones."""
        start, site = self.row.collected_at, self.row.ward.site
        reception = reception_of(site)
        requester, bench = self.staff.requester(site), self.staff.benches[reception]
        yield start + LABEL, lambda: self._label_and_collect(requester)
        yield start + HAND_OVER, self._hand_over
        yield start + RECEIVE, lambda: self._receive_all(reception, bench.types)
        yield start + DECIDE, lambda: self._decide(self.staff.triage)
        yield start + SEND_ON, lambda: self._send_on(reception, bench.types)
        for laboratory_id, arrives in self._arrivals(reception, start):
            yield from self._at(laboratory_id, arrives)
        leaves = start + SEND_ON + _SHARED_TUBE
        for _ in range(_HOPS):
            yield from self._share(leaves)
            leaves += _SHARED_TUBE

    def _label_and_collect(self, actor: Actor) -> None:
        with unit_of_work():
            tubes = planned_tubes(self.request_id)
            printed = [tube.id for tube in tubes if not tube.by_hand]
            if printed:
                self.labels += len(labels_for(self.request_id, printed, actor=actor).labels)
            if tubes:
                ids = tuple(tube.id for tube in tubes)
                collect(
                    CollectTubes(
                        self.request_id,
                        ids,
                        self.row.collected_at,
                        self.row.collected_by,
                        without=_AS_THE_FILE_SAYS,
                    ),
                    actor=actor,
                )

    def _hand_over(self) -> None:
        with unit_of_work():
            numbers = [row.number for row in self._specimens() if row.number]
            if numbers:
                hand_over(numbers, self.staff.porter.name, actor=self.staff.porter)

    def _receive_all(self, laboratory_id: uuid.UUID, actor: Actor) -> None:
        with unit_of_work():
            for row in self._specimens():
                if row.number:
                    receive(row.number, laboratory_id, actor=actor)
                else:
                    take_in_form(self.number, laboratory_id, actor=actor)
                    receive_form(self._by_hand(row), laboratory_id, actor=actor)

    def _by_hand(self, row: Specimen) -> AcceptByHand:
        return AcceptByHand(
            self.request_id,
            row.planned_tube_id,
            _CHECKS,
            self.row.collected_at,
            self.row.collected_by,
        )

    def _decide(self, actor: Actor) -> None:
        with unit_of_work():
            accept_and_assign(self.request_id, actor=actor)
            self._choose_reporting(actor)

    def _choose_reporting(self, actor: Actor) -> None:
        """A test whose values only another laboratory reports (troponin T or I) goes there."""
        elsewhere = {}
        for test in self._tests(TestStatus.ASSIGNED, TestStatus.RECEIVED):
            wanted = {value.analyte for value in self.values if value.test == test.test_code}
            if test.laboratory_id and not self._reports(test.laboratory_id, test.test_code, wanted):
                elsewhere[test.test_code] = wanted
        for code, wanted in elsewhere.items():
            self._reassign(code, wanted, actor)

    def _reports(self, laboratory_id: uuid.UUID, code: str, wanted: set[str]) -> bool:
        worked_out = {
            analyte.code for analyte in catalogue().analytes_of(code) if analyte.calculated
        }
        return wanted - worked_out <= set(reported_analytes(laboratory_id, code))

    def _reassign(self, code: str, wanted: set[str], actor: Actor) -> None:
        for offer in network().offers(code):
            if not self._reports(offer.laboratory_id, code, wanted):
                continue
            command = ReassignTests(
                self.request_id,
                None,
                {code: offer.laboratory_id},
                "reports what this patient had before",
            )
            try:
                with session().begin_nested():
                    reassign_tests(command, actor=actor)
            except (RuleBroken, RulesBroken):
                continue
            return

    def _send_on(self, reception: uuid.UUID, actor: Actor) -> None:
        """Tubes whose work is done elsewhere leave; a tube with work at two places stays at the first."""
        with unit_of_work():
            for row in self._specimens():
                bound = self._bound_for(row)
                if (
                    row.number
                    and row.status is SpecimenStatus.RECEIVED
                    and bound
                    and reception not in bound
                ):
                    dispatch(row.number, min(bound), actor=actor)

    def _share(self, leaves: dt.datetime) -> Timed:
        """A tube with work at a second laboratory goes on when the first has done its own."""
        for row in self._specimens():
            bound = self._waiting_elsewhere(row)
            if bound is None or row.number is None or row.laboratory_id is None:
                continue
            staff, travel = (
                self.staff.benches[row.laboratory_id],
                self._travel(row.laboratory_id, bound),
            )
            yield leaves, self._dispatching(row.number, bound, staff.types)
            yield from self._at(bound, leaves + travel)

    def _dispatching(self, number: str, bound: uuid.UUID, actor: Actor) -> Step:
        def step() -> None:
            with unit_of_work():
                dispatch(number, bound, actor=actor)

        return step

    def _waiting_elsewhere(self, row: Specimen) -> uuid.UUID | None:
        if row.status is not SpecimenStatus.RECEIVED:
            return None
        waiting = [
            t for t in self._tests(TestStatus.ASSIGNED) if t.planned_tube_id == row.planned_tube_id
        ]
        return next(
            (t.laboratory_id for t in waiting if t.laboratory_id != row.laboratory_id), None
        )

    @staticmethod
    def _travel(one: uuid.UUID, other: uuid.UUID) -> dt.timedelta:
        return (network().travel_between(one, other) or dt.timedelta(0)) + _MINUTE

    def _bound_for(self, row: Specimen) -> set[uuid.UUID]:
        waiting = self._tests(TestStatus.ASSIGNED, TestStatus.RECEIVED)
        return {
            t.laboratory_id
            for t in waiting
            if t.planned_tube_id == row.planned_tube_id and t.laboratory_id
        }

    def _arrivals(
        self, reception: uuid.UUID, start: dt.datetime
    ) -> Iterator[tuple[uuid.UUID, dt.datetime]]:
        """The laboratories that work on it, and when the tubes are there."""
        bound = {test.laboratory_id for test in self._tests(*TestStatus) if test.laboratory_id}
        for laboratory_id in sorted(bound):
            yield laboratory_id, start + SEND_ON + self._travel(reception, laboratory_id)

    def _at(self, laboratory_id: uuid.UUID, arrives: dt.datetime) -> Timed:
        staff = self.staff.benches.get(laboratory_id)
        if staff is None:
            return
        yield arrives, lambda: self._receive_sent(laboratory_id, staff.types)
        yield arrives + BENCH, lambda: self._enter(laboratory_id, staff.types)
        yield arrives + BENCH + CHECK, lambda: self._check(laboratory_id, staff)
        yield arrives + BENCH + CHECK + CALL, lambda: self._telephone(laboratory_id, staff)
        yield (
            arrives + BENCH + CHECK + CALL + AUTHORISE,
            lambda: self._authorise(laboratory_id, staff),
        )

    def _receive_sent(self, laboratory_id: uuid.UUID, actor: Actor) -> None:
        sent = [
            row
            for row in self._specimens()
            if row.status is SpecimenStatus.DISPATCHED and row.bound_for_id == laboratory_id
        ]
        if not sent:
            return
        with unit_of_work():
            for row in sent:
                if row.number:
                    receive(row.number, laboratory_id, actor=actor)
                else:
                    receive_form(self._by_hand(row), laboratory_id, actor=actor)

    def _enter(self, laboratory_id: uuid.UUID, actor: Actor) -> None:
        here = {
            t.test_code
            for t in self._tests(TestStatus.RECEIVED)
            if t.laboratory_id == laboratory_id
        }
        values = [value for value in self.values if value.test in here]
        while values:
            refused = self._try_to_enter(values, actor)
            self.handled |= {value.line for value in refused or values}
            if not refused:
                self.typed += len(values)
                return
            values = [value for value in values if value not in refused]

    def unused(self) -> list[ResultRow]:
        """Values whose test never reached a bench."""
        return [value for value in self.values if value.line not in self.handled]

    def why_unused(self, value: ResultRow) -> str:
        """Where that test stands instead."""
        held = [test for test in self._tests(*TestStatus) if test.test_code == value.test]
        return (
            f"{value.test} is {WORDS[held[0].status]}: no laboratory could do it in time"
            if held
            else "no such test"
        )

    def _try_to_enter(self, values: list[ResultRow], actor: Actor) -> list[ResultRow]:
        """Enter them all; those that cannot be kept are told to `refuse` and handed back."""
        reported = [value for value in values if catalogue().analyte(value.analyte).calculated]
        typed = [value for value in values if value not in reported]
        try:
            with unit_of_work():
                # What the analyser worked out is kept as reported, before ours would be put in its place.
                for group, source in ((reported, Source.IMPORTED), (typed, Source.MANUAL)):
                    if group:
                        enter_results(self._entry(group, source), actor=actor)
        except (RuleBroken, RulesBroken) as broken:
            return self._refused(values, broken)
        return []

    def _entry(self, values: list[ResultRow], source: Source) -> EnterResults:
        boxes = tuple(TypedValue(value.test, value.analyte, value.value) for value in values)
        return EnterResults(self.request_id, boxes, source=source)

    def _refused(
        self, values: list[ResultRow], broken: RuleBroken | RulesBroken
    ) -> list[ResultRow]:
        problems = (
            broken.problems
            if isinstance(broken, RulesBroken)
            else {broken.field or "": broken.message}
        )
        bad = [value for value in values if f"value-{value.test}-{value.analyte}" in problems]
        for value in bad or values:
            self.refuse(value, problems.get(f"value-{value.test}-{value.analyte}", str(broken)))
        return bad or values

    def _codes(self, laboratory_id: uuid.UUID, *statuses: TestStatus) -> tuple[str, ...]:
        return tuple(
            t.test_code for t in self._tests(*statuses) if t.laboratory_id == laboratory_id
        )

    def _check(self, laboratory_id: uuid.UUID, staff: BenchStaff) -> None:
        codes = self._codes(laboratory_id, TestStatus.ENTERED)
        if codes:
            with unit_of_work():
                check_results(CheckResults(self.request_id, codes), actor=staff.checks)

    def _telephone(self, laboratory_id: uuid.UUID, staff: BenchStaff) -> None:
        statement = (
            select(CriticalCall)
            .join(RequestedTest, RequestedTest.id == CriticalCall.requested_test_id)
            .where(
                CriticalCall.request_id == self.request_id,
                CriticalCall.status == CallStatus.OPEN,
                RequestedTest.laboratory_id == laboratory_id,
            )
        )
        for call in session().scalars(statement).all():
            with unit_of_work():
                record_call(self._read_back(call), actor=staff.authorises)

    def _read_back(self, call: CriticalCall) -> RecordCall:
        row = session().get_one(Result, call.result_id)
        value = value_of(unseal(Result.__tablename__, row.id, row.sealed))
        return RecordCall(
            call_id=call.id,
            number=self.row.callback,
            person=self.row.requester,
            role=Taker.DOCTOR,
            patient_agrees=True,
            read_back=value.text,
        )

    def _authorise(self, laboratory_id: uuid.UUID, staff: BenchStaff) -> None:
        codes = self._codes(laboratory_id, TestStatus.ENTERED, TestStatus.CHECKED)
        if codes:
            with unit_of_work():
                authorise_results(AuthoriseResults(self.request_id, codes), actor=staff.authorises)

    def _specimens(self) -> list[Specimen]:
        statement = (
            select(Specimen).where(Specimen.request_id == self.request_id).order_by(Specimen.id)
        )
        return list(session().scalars(statement))

    def _tests(self, *statuses: TestStatus) -> list[RequestedTest]:
        statement = select(RequestedTest).where(
            RequestedTest.request_id == self.request_id, RequestedTest.status.in_(statuses)
        )
        return list(session().scalars(statement.order_by(RequestedTest.id)))
