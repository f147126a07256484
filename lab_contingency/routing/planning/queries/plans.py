"""The plan that stands, as its page shows it: late and impossible first, a line for each tube and laboratory."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, exists, select
from sqlalchemy.orm import aliased

from lab_contingency.accounts.rules import Permission, holds
from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web.disclosure import NOTHING, discloses, not_for_pages
from lab_contingency.foundation.wording import (
    and_text,
    count_text,
    duration_text,
)
from lab_contingency.incidents.rules import grouped
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.queries.card import TubeChip, chip_of
from lab_contingency.requests.rules.bands import NEVER_HIDDEN, Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.routing.models import LaboratoryOutage
from lab_contingency.routing.planning.models import LineState, PlanLine, RoutePlan
from lab_contingency.routing.planning.queries.gathering import MOST, PLANNED
from lab_contingency.routing.planning.queries.since import since_text
from lab_contingency.routing.planning.queries.standing import waiting_beside
from lab_contingency.routing.planning.rules import Solver
from lab_contingency.routing.queries.snapshot import Snapshot, snapshot
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.triage.rules import SOON

SHOWN = 150  # of P3 and P4 in each section; P1 and P2 are always shown
_TESTS_MOST = 10 * MOST
_IF = "if "


def newest_id() -> uuid.UUID | None:
    """The plan that stands: the one that no other replaces."""
    after = aliased(RoutePlan)
    statement = (
        select(RoutePlan.id)
        .where(~exists().where(after.replaces_id == RoutePlan.id))
        .order_by(RoutePlan.made_at.desc())
        .limit(1)
    )
    return session().scalars(statement).one_or_none()


def _told(row: PlanRow) -> int:
    return int(Field.TESTS) if row.named else NOTHING


@discloses(
    number=NOTHING,
    what=_told,
    stands=NOTHING,
    to=NOTHING,
    unusable=NOTHING,
    sooner=NOTHING,
    why=NOTHING,
    helps=NOTHING,
    refused=NOTHING,
)
@dataclass(frozen=True, slots=True)
class PlanRow:
    """One tube, or the part of it that goes to one laboratory. `named`: `what` names its tests.

    `stays`: where it was to go anyway. `waits`: a senior must accept it first.
    """

    patient_id: uuid.UUID
    line_id: uuid.UUID
    number: str
    band: Band
    chip: TubeChip
    what: str
    named: bool
    tests: int
    stands: str
    to: str
    arrives_at: dt.datetime | None
    result_at: dt.datetime | None
    due_at: dt.datetime
    unusable: str
    expiring: bool
    late: bool
    aliquot: bool
    locked: bool
    stays: bool
    waits: bool
    why: str
    helps: str
    refused: str

    @property
    def sooner(self) -> str:
        """What would help, as a sentence of its own."""
        if self.helps.startswith(_IF):
            return f"{'In time' if self.to else 'Possible'} {self.helps}."
        return f"{self.helps[:1].upper()}{self.helps[1:]}."


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind, of which less pressing ones may be left out; `tests`: how many tests in all of them."""

    rows: tuple[PlanRow, ...]
    left_out: int
    tests: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """The page's content.

    `dropped`: the laboratory that dropped out, for whose work alone the plan was made; `sent_on`: where that went;
    `waiting`: tests that wait and are not in it. `since`: what changed since it was made, as a sentence.
    """

    id: uuid.UUID
    made_at: dt.datetime
    made_by: str
    solver: Solver
    gap: float | None
    moved: int
    replaced: bool
    dropped: str
    sent_on: Section
    waiting: int
    nobody: Section
    late: Section
    in_time: Section
    staying: int
    accepted: int
    gone_on: int
    to_send: int
    waiting_for_triage: int
    wishes: tuple[str, ...]
    since: str

    @property
    def outage(self) -> bool:
        """Whether it was made because a laboratory dropped out."""
        return bool(self.dropped)

    @property
    def total(self) -> int:
        """Tests that the plan is about."""
        return self.accepted + self.to_send + self.staying + self.nobody.tests

    @property
    def open(self) -> bool:
        """Whether anything of it can still be sent on or is done by nobody."""
        return bool(self.to_send or self.nobody.tests)


def plan_view(actor: Actor, *, whole: bool = False) -> PlanView | None:
    """The plan that stands, in the actor's scope; None when none was made yet."""
    plan_id = newest_id()
    if plan_id is None:
        return None
    plan = session().get_one(RoutePlan, plan_id)
    rows = session().execute(_lines(plan_id, actor)).all()
    standing = [row for row in rows if row.state is not LineState.ACCEPTED]
    current = [row for row in standing if row.status in PLANNED]
    parts = _parts(current, actor)
    dropped = _dropped(plan)
    gone = [row for row in rows if row.state is LineState.ACCEPTED]
    return PlanView(
        id=plan.id,
        made_at=plan.made_at,
        made_by=plan.made_by,
        solver=plan.solver,
        gap=plan.gap,
        moved=plan.moved,
        replaced=plan.replaces_id is not None,
        dropped=dropped,
        sent_on=_section(_parts(gone, actor) if dropped else [], whole=True),
        waiting=waiting_beside(plan_id, actor) if dropped else 0,
        nobody=_section([one for one in parts if not one.to], whole=whole),
        late=_section([one for one in parts if one.to and one.late], whole=whole),
        in_time=_section(
            [one for one in parts if one.to and not one.late and not one.stays], whole=whole
        ),
        staying=sum(one.tests for one in parts if one.stays),
        accepted=len(gone),
        gone_on=len(standing) - len(current),
        to_send=sum(one.tests for one in parts if one.to and not one.stays),
        waiting_for_triage=sum(one.tests for one in parts if one.waits and one.to),
        wishes=_wishes(current),
        since=since_text(plan, actor),
    )


def _dropped(plan: RoutePlan) -> str:
    """The laboratory because of which the plan was made, or nothing."""
    if plan.outage_id is None:
        return ""
    outage = session().get_one(LaboratoryOutage, plan.outage_id)
    return snapshot().laboratories[outage.laboratory_id].name


def _section(parts: Sequence[PlanRow], *, whole: bool) -> Section:
    pressing = [one for one in parts if one.band in NEVER_HIDDEN]
    later = [one for one in parts if one.band not in NEVER_HIDDEN]
    shown = later if whole else later[:SHOWN]
    rows = (*pressing, *shown)
    return Section(rows, len(later) - len(shown), sum(one.tests for one in parts))


def _lines(plan_id: uuid.UUID, actor: Actor) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            PlanLine.id, PlanLine.laboratory_id, PlanLine.from_laboratory_id, PlanLine.begins_at,
            PlanLine.result_at, PlanLine.arrives_at, PlanLine.late, PlanLine.aliquot,
            PlanLine.locked, PlanLine.why, PlanLine.helps, PlanLine.state, PlanLine.refused,
            RequestedTest.test_code, RequestedTest.status, RequestedTest.planned_tube_id,
            RequestedTest.id.label("test_id"),
            Request.patient_id, Request.number.label("form"), Request.band, Request.due_at,
            Request.ward_id, Request.unusable_at, PlannedTube.container,
            Specimen.number, Specimen.status.label("tube_status"),
            Specimen.laboratory_id.label("stands_in"), Specimen.unusable_at.label("tube_unusable_at"),
        )
        .join(RequestedTest, RequestedTest.id == PlanLine.requested_test_id)
        .join(Request, Request.id == RequestedTest.request_id)
        .outerjoin(PlannedTube, PlannedTube.id == RequestedTest.planned_tube_id)
        .outerjoin(Specimen, Specimen.planned_tube_id == RequestedTest.planned_tube_id)
        .where(PlanLine.plan_id == plan_id, within(actor))
        .order_by(Request.band, Request.due_at, Request.id, RequestedTest.id)
        .limit(_TESTS_MOST)
    )  # fmt: skip
    return statement


_Line = Row[*tuple[Any, ...]]


@not_for_pages
@dataclass(frozen=True, slots=True)
class _Words:
    """What every row of the page is written with."""

    now: dt.datetime
    held: Snapshot
    named: bool


def _parts(rows: Iterable[_Line], actor: Actor) -> list[PlanRow]:
    """The lines of one tube that go to the same place, together."""
    words = _Words(clock.now(), snapshot(), holds(actor.role, Permission.TRIAGE_REQUESTS))
    parts: dict[object, list[_Line]] = defaultdict(list)
    for row in rows:
        parts[_part(row)].append(row)
    return [_row(lines, words) for lines in parts.values()]


def _part(row: _Line) -> tuple[object, ...]:
    """What lines of one row have in common."""
    tube = row.planned_tube_id or row.test_id
    return tube, row.laboratory_id, row.from_laboratory_id, row.late, row.status


def _row(lines: Sequence[_Line], words: _Words) -> PlanRow:
    row = lines[0]
    codes = [catalogue().test(line.test_code) for line in lines]
    tests = sorted(codes, key=lambda test: test.order)
    unusable_at = row.tube_unusable_at or row.unusable_at
    container = catalogue().container(row.container or tests[0].container)
    desks = dict.fromkeys(test.discipline.words for test in tests)
    counted = f"{count_text(len(tests), 'test')}, {and_text(tuple(desks))}"
    results = [line.result_at for line in lines if line.result_at]
    return PlanRow(
        patient_id=row.patient_id,
        line_id=row.id,
        number=grouped(row.number or row.form),
        band=row.band,
        chip=chip_of(container, words.held.wards[row.ward_id].site.tube_system),
        what=", ".join(test.label for test in tests) if words.named else counted,
        named=words.named,
        tests=len(tests),
        stands=_stands(row, words.held),
        to=words.held.laboratories[row.laboratory_id].name if row.laboratory_id else "",
        arrives_at=row.arrives_at,
        result_at=max(results, default=None),
        due_at=row.due_at,
        unusable=_unusable(unusable_at, words.now),
        expiring=unusable_at is not None and unusable_at <= words.now + SOON,
        late=row.late,
        aliquot=row.aliquot,
        locked=row.locked,
        stays=row.laboratory_id is not None and row.laboratory_id == row.from_laboratory_id,
        waits=row.status is TestStatus.REQUESTED,
        why=row.why,
        helps=row.helps,
        refused=row.refused,
    )


def _unusable(unusable_at: dt.datetime | None, now: dt.datetime) -> str:
    if unusable_at is None:
        return "–"
    return duration_text(unusable_at - now) if unusable_at > now else "unusable"


def _stands(row: _Line, held: Snapshot) -> str:
    """Where the tube is, as far as a plan must know."""
    if row.tube_status is SpecimenStatus.RECEIVED and row.stands_in:
        return held.laboratories[row.stands_in].name
    if row.tube_status is SpecimenStatus.HANDED_OVER:
        return "with the porter"
    return held.wards[row.ward_id].site.name


def _wishes(rows: Iterable[_Line]) -> tuple[str, ...]:
    """What would help most, with how many tests it would help."""
    wanted = Counter(row.helps for row in rows if row.helps.startswith(_IF))
    return tuple(
        f"{helps}: {count_text(number, 'test')}" for helps, number in wanted.most_common(5)
    )


def tube_line_ids(plan_id: uuid.UUID, line_id: uuid.UUID, *, actor: Actor) -> tuple[uuid.UUID, ...]:
    """The lines that stand in one row with that one; NotFound outside the scope or the plan."""
    statement = _lines(plan_id, actor)
    chosen = session().execute(statement.where(PlanLine.id == line_id)).one_or_none()
    if chosen is None:
        raise NotFound
    same = (
        RequestedTest.planned_tube_id == chosen.planned_tube_id
        if chosen.planned_tube_id
        else RequestedTest.id == chosen.test_id
    )
    rows = session().execute(statement.where(same)).all()
    return tuple(row.id for row in rows if _part(row) == _part(chosen))


def plan_row(plan_id: uuid.UUID, line_ids: Sequence[uuid.UUID], actor: Actor) -> PlanRow:
    """These lines as one row."""
    statement = _lines(plan_id, actor).where(PlanLine.id.in_(line_ids))
    (row,) = _parts(session().execute(statement).all(), actor)
    return row
