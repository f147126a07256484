"""One return slip: its rows in its own order, what was typed back on each, who typed and signed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Analyte, Flag, flag
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses, not_for_pages
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.models import PatientIdentity, Request, RequestedTest
from lab_contingency.requests.queries import RequestView, read_identity, request_view
from lab_contingency.requests.rules.statuses import RELEASED, TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.results.queries.benches import TestBench, benches_of
from lab_contingency.results.queries.chains import PENDING
from lab_contingency.results.queries.values import ValueView, values_of
from lab_contingency.results.returned.models import ReturnLine, ReturnSlip, SlipReturn
from lab_contingency.results.returned.queries.pages import PageView, pages_of
from lab_contingency.results.returned.rules import (
    check_by_page_refusal,
    interval_ends,
    interval_of,
)
from lab_contingency.results.rules.values import ResultStatus, Source
from lab_contingency.specimens.queries import TubeChip, container_chip

_TYPING = frozenset(
    {TestStatus.ASSIGNED, TestStatus.RECEIVED, TestStatus.ENTERED, TestStatus.CHECKED}
)


@discloses(
    **dict.fromkeys(("field", "name", "test", "low", "high", "ends", "known", "unit"), NOTHING),
    typed=Field.RESULTS,
    words=Field.RESULTS,
    comment=Field.REMARKS,
    flag=Field.RESULTS,
    blind=Field.RESULTS,
    differs=Field.RESULTS,
)
@dataclass(frozen=True, slots=True)
class SlipRow:
    """One row of a slip. `held`: the version that stands; `low` and `high` stand in the boxes."""

    patient_id: uuid.UUID
    ordinal: int
    test: str
    analyte: Analyte
    held: ValueView | None
    known: str
    waits: bool

    @property
    def name(self) -> str:
        """Of test and analyte, as the boxes of the row are called."""
        return f"{self.test}-{self.analyte.code}"

    @property
    def field(self) -> str:
        """Its box."""
        return f"value-{self.name}"

    @property
    def unit(self) -> str:
        """The unit fixed for the analyte."""
        return self.analyte.unit

    @property
    def typed(self) -> str:
        """The value as it was typed back."""
        return self.held.value.text if self.held else ""

    @property
    def words(self) -> str:
        """The value as shown."""
        return self.held.words if self.held else ""

    @property
    def comment(self) -> str:
        """What the page says beside it."""
        return self.held.value.comment if self.held else ""

    @property
    def ends(self) -> tuple[str, str]:
        """The boxes of the interval: as typed, else as that laboratory is known to use it."""
        return interval_ends(self.held.value.interval if self.held else self.known)

    @property
    def low(self) -> str:
        """The lower box."""
        return self.ends[0]

    @property
    def high(self) -> str:
        """The upper box."""
        return self.ends[1]

    @property
    def flag(self) -> str:
        """How the flag was written, as a key of `rules.FLAGS_WRITTEN`."""
        if self.held is None:
            return ""
        value = self.held.value
        interval = interval_of(*self.ends)
        read = value.reading
        by_interval = flag(read, interval) if read is not None and interval else Flag.NONE
        return "" if value.flag is by_interval else (value.flag.words or "none")

    @property
    def blind(self) -> bool:
        """Whether the second person keys it without seeing it: critical, of transfusion, or telephoned before."""
        return self.waits and self.held is not None and self.held.hands.needs_check

    @property
    def differs(self) -> str:
        """What the second person read, who they are: nothing while nobody disagreed."""
        back = self.held.sent_back if self.held else None
        return f"{back.by_name} {back.reason}" if back else ""


@discloses(
    **dict.fromkeys(("code", "method", "number", "refusal", "cannot"), NOTHING), name=Field.TESTS
)
@dataclass(frozen=True, slots=True)
class SlipTest:
    """One test of a slip. `refusal`: why nothing can be typed for it any more; `whole`: every box is filled."""

    patient_id: uuid.UUID
    code: str
    name: str
    chip: TubeChip
    number: str
    status: TestStatus
    method: str
    refusal: str
    cannot: str
    rows: tuple[SlipRow, ...]

    @property
    def can_type(self) -> bool:
        """Whether its boxes are open."""
        return not self.refusal

    @property
    def released(self) -> bool:
        """Whether its values went out, so that another value is an amendment."""
        return self.status in RELEASED

    @property
    def waiting(self) -> tuple[SlipRow, ...]:
        """The rows that were typed back and are not released."""
        return tuple(row for row in self.rows if row.waits)

    @property
    def whole(self) -> bool:
        """Whether it can be released once the page agrees: nothing of it is still to come."""
        return bool(self.waiting) and all(row.held for row in self.rows)


@discloses(
    cannot=NOTHING,
    performed_by=NOTHING,
    authorised_by=NOTHING,
    typed_by=NOTHING,
    checked_by=NOTHING,
    reason=NOTHING,
)
@dataclass(frozen=True, slots=True)
class TypedBack:
    """One time that the slip was typed back."""

    patient_id: None
    ordinal: int
    performed_by: str
    authorised_by: str
    done_at: dt.datetime
    arrived_at: dt.datetime | None
    cannot: Mapping[str, str]
    reason: str
    typed_by: str
    typed_by_id: uuid.UUID
    typed_at: dt.datetime
    sent_back: bool
    checked_by: str
    checked_at: dt.datetime | None


@discloses(number=NOTHING, number_text=NOTHING, laboratory=NOTHING)
@dataclass(frozen=True, slots=True)
class ReturnView:
    """A slip with its request. `returns`: every time it was typed back, the newest first."""

    id: uuid.UUID
    number: str
    laboratory_id: uuid.UUID
    laboratory: str
    request: RequestView
    tests: tuple[SlipTest, ...]
    pages: tuple[PageView, ...]
    returns: tuple[TypedBack, ...]

    @property
    def patient_id(self) -> uuid.UUID:
        """Whose slip it is."""
        return self.request.patient_id

    @property
    def number_text(self) -> str:
        """Grouped as printed."""
        return grouped(self.number)

    @property
    def open(self) -> TypedBack | None:
        """What was typed back and is not checked."""
        return next((each for each in self.returns if each.checked_at is None), None)

    @property
    def has_page(self) -> bool:
        """Whether a page is kept that belongs to what is open: added since the last check."""
        ends = [each.checked_at for each in self.returns if each.checked_at]
        since = max(ends, default=None)
        return any(since is None or page.added_at > since for page in self.pages)

    @property
    def amends(self) -> bool:
        """Whether anything on it went out already."""
        return any(test.released for test in self.tests)

    def check_refusal(self, person: uuid.UUID | None) -> str:
        """Why this person cannot check what was typed, or nothing."""
        for test in self.tests:
            for row in test.waiting:
                if row.held and (sentence := check_by_page_refusal(row.held.hands, person)):
                    return sentence
        return ""


def slip_at(number: str, born: dt.date, actor: Actor) -> uuid.UUID:
    """The slip with that number, when the date of birth read from the same page agrees; NotFound.

    A slip that was printed anew opens nothing.
    """
    statement = (
        select(ReturnSlip.id, PatientIdentity)
        .join(Request, Request.id == ReturnSlip.request_id)
        .join(PatientIdentity, PatientIdentity.id == Request.identity_id)
        .where(ReturnSlip.number == number, ReturnSlip.replaced_at.is_(None), within(actor))
    )
    found = session().execute(statement).one_or_none()
    if found is None or read_identity(found.PatientIdentity).born != born:
        raise NotFound
    slip_id: uuid.UUID = found.id
    return slip_id


def return_view(slip_id: uuid.UUID, actor: Actor) -> ReturnView:
    """One slip in the actor's scope; NotFound."""
    slip = session().get(ReturnSlip, slip_id)
    if slip is None:
        raise NotFound
    view = request_view(slip.request_id, actor)
    returns = returns_of(slip.id)
    return ReturnView(
        id=slip.id,
        number=slip.number,
        laboratory_id=slip.laboratory_id,
        laboratory=laboratory(slip.laboratory_id).name,
        request=view,
        tests=_tests(slip, view, returns, actor),
        pages=pages_of(slip.id),
        returns=returns,
    )


def returns_of(slip_id: uuid.UUID) -> tuple[TypedBack, ...]:
    """Every time the slip was typed back, the newest first."""
    statement = (
        select(SlipReturn).where(SlipReturn.slip_id == slip_id).order_by(SlipReturn.ordinal.desc())
    )
    return tuple(_typed_back(row) for row in session().scalars(statement))


def _typed_back(row: SlipReturn) -> TypedBack:
    said = unseal(SlipReturn.__tablename__, row.id, row.sealed)
    arrived = said["arrived_at"]
    return TypedBack(
        patient_id=None,
        ordinal=row.ordinal,
        performed_by=said["performed_by"],
        authorised_by=said["authorised_by"],
        done_at=row.done_at,
        arrived_at=dt.datetime.fromisoformat(arrived) if arrived else None,
        cannot=said["cannot"],
        reason=said["reason"],
        typed_by=row.typed_by,
        typed_by_id=row.typed_by_id,
        typed_at=row.typed_at,
        sent_back=row.sent_back_at is not None,
        checked_by=row.checked_by or "",
        checked_at=row.checked_at,
    )


@not_for_pages
@dataclass(frozen=True, slots=True)
class _Standing:
    """What stands on the request of a slip."""

    slip: ReturnSlip
    view: RequestView
    benches: Mapping[str, TestBench]
    held: Mapping[tuple[uuid.UUID, str], ValueView]
    cannot: Mapping[str, str]


def _tests(
    slip: ReturnSlip, view: RequestView, returns: tuple[TypedBack, ...], actor: Actor
) -> tuple[SlipTest, ...]:
    held = {
        (each.requested_test_id, each.analyte.code): each
        for each in values_of(slip.request_id, view.patient_id, actor)
        if each.status is not ResultStatus.SUPERSEDED
    }
    cannot = next((each.cannot for each in returns if each.checked_at is None), {})
    standing = _Standing(slip, view, benches_of(view), held, cannot)
    lines = session().execute(
        select(ReturnLine, RequestedTest)
        .join(RequestedTest, RequestedTest.id == ReturnLine.requested_test_id)
        .where(ReturnLine.slip_id == slip.id)
        .order_by(ReturnLine.ordinal)
    )
    by_test: dict[uuid.UUID, tuple[RequestedTest, list[ReturnLine]]] = {}
    for line, test in lines:
        by_test.setdefault(test.id, (test, []))[1].append(line)
    return tuple(_test(test, rows, standing) for test, rows in by_test.values())


def _test(test: RequestedTest, lines: list[ReturnLine], standing: _Standing) -> SlipTest:
    code, bench = test.test_code, standing.benches.get(test.test_code)
    facts = catalogue().test(code)
    rows = tuple(_row(line, code, bench, standing) for line in lines)
    typed = next((row.held.value.method for row in rows if row.held and row.held.value.method), "")
    return SlipTest(
        patient_id=standing.view.patient_id,
        code=code,
        name=facts.name,
        chip=container_chip(
            catalogue().container(facts.container), standing.view.ward.site.tube_system
        ),
        number=grouped(bench.tube_number) if bench and bench.tube_number else "",
        status=test.status,
        method=typed or (bench.bench.method if bench else ""),
        refusal=refusal(test, lines[0], standing.slip),
        cannot=standing.cannot.get(code, ""),
        rows=rows,
    )


def refusal(test: RequestedTest, line: ReturnLine, slip: ReturnSlip) -> str:
    """Why nothing on this row counts any more, or nothing: the slip speaks of one tube at one laboratory."""
    if test.laboratory_id != slip.laboratory_id:
        return "Another laboratory does this test now. What stands here for it is not typed back."
    if test.planned_tube_id != line.planned_tube_id:
        return "The blood was taken again for this test. What stands here is of the tube before."
    if test.status not in _TYPING | RELEASED:
        return "This test is not wanted any more, or waits to be taken again."
    return ""


def _row(line: ReturnLine, test_code: str, bench: TestBench | None, standing: _Standing) -> SlipRow:
    analyte = catalogue().analyte(line.analyte_code)
    held = standing.held.get((line.requested_test_id, line.analyte_code))
    known = bench.bench.interval(analyte.code) if bench else None
    return SlipRow(
        patient_id=standing.view.patient_id,
        ordinal=line.ordinal,
        test=test_code,
        analyte=analyte,
        held=held,
        known=known.words if known else "",
        waits=held is not None and held.source is Source.TYPED_BACK and held.status in PENDING,
    )
