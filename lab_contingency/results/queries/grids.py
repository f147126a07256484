"""One request as it lies on the bench: its panels, rows, and what the machine has to say."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from lab_contingency.accounts.rules import Role
from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Analyte, is_transfusion
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.queries import laboratories
from lab_contingency.requests.queries import RequestView, request_view
from lab_contingency.requests.rules.statuses import RELEASED, WORDS, TestStatus
from lab_contingency.results.queries.benches import TestBench, benches_of
from lab_contingency.results.queries.gone import Gone, gone_of
from lab_contingency.results.queries.values import (
    Before,
    CallState,
    ValueView,
    before_of,
    calls_by_result,
    change_words,
    values_of,
    why_not_comparable,
)
from lab_contingency.results.rules.calls import call_due
from lab_contingency.results.rules.findings import Finding, Sighted, findings, slip
from lab_contingency.results.rules.hands import Hands, authorise_refusal, check_refusal
from lab_contingency.results.rules.values import (
    Bench,
    ResultStatus,
    ResultValue,
    is_worked_out,
    worked_out,
)
from lab_contingency.specimens.queries import TubeChip, container_chip

TYPING = frozenset({TestStatus.RECEIVED, TestStatus.ENTERED, TestStatus.CHECKED})
PENDING = frozenset({TestStatus.ENTERED, TestStatus.CHECKED})
_NO_ANTICOAGULANT = frozenset({"", "not known"})
_Rule = Callable[[Hands, uuid.UUID | None], str | None]
_BENCH_ROLES = frozenset({Role.LABORATORY.value, Role.PARTNER.value})


@discloses(
    field=NOTHING,
    name=NOTHING,
    interval=NOTHING,
    limit=NOTHING,
    slip=Field.RESULTS,
    asks_repeat=Field.RESULTS,
    words=Field.RESULTS,
    typed=Field.RESULTS,
    change=Field.RESULTS,
    incomparable=Field.RESULTS,
    unit=NOTHING,
    call=Field.RESULTS,
    call_by=Field.RESULTS,
)
@dataclass(frozen=True, slots=True)
class Row:
    """One analyte of a panel. `held` is the version that stands, `old` the one authorised before it."""

    patient_id: uuid.UUID
    field: str
    analyte: Analyte
    derived: bool
    held: ValueView | None
    old: ValueView | None
    interval: str
    limit: str
    before: Before | None
    change: str
    incomparable: str
    call: CallState | None
    call_by: dt.datetime | None

    @property
    def name(self) -> str:
        """Of test and analyte, as the boxes beside the value are called."""
        return self.field.removeprefix("value-")

    @property
    def slip(self) -> str:
        """The sentence about a value very far from the one before."""
        if self.held is None or self.before is None or self.incomparable:
            return ""
        return slip(self.analyte.name, self.held.value.exact, self.before.value.exact)

    @property
    def asks_repeat(self) -> bool:
        """Whether it surprises so much that it is measured again."""
        return bool(self.slip) or (self.held is not None and self.held.critical)

    @property
    def unit(self) -> str:
        """The unit of the value that stands, or the one it will be typed in."""
        return self.analyte.unit if self.held is None else self.held.unit

    @property
    def words(self) -> str:
        """The value as shown."""
        return self.held.value.words if self.held else ""

    @property
    def typed(self) -> str:
        """The value as it was typed."""
        return self.held.value.text if self.held else ""

    def stands_as(self, text: str | None) -> bool:
        """Whether a box holds what is held, so that what was worked out about it still stands."""
        return (text or "") == self.typed


@discloses(
    **dict.fromkeys(
        ("code", "number", "laboratory", "method", "check_refusal", "authorise_refusal", "gone"),
        NOTHING,
    ),
    name=Field.TESTS,
    asked_again=Field.REMARKS,
    status_words=NOTHING,
    critical=Field.RESULTS,
)
@dataclass(frozen=True, slots=True)
class Panel:
    """One test with its rows. `mine`: this person's laboratory does it. `gone`: its tube left undone, in words."""

    patient_id: uuid.UUID
    code: str
    name: str
    chip: TubeChip
    number: str
    status: TestStatus
    laboratory: str
    method: str
    bench: Bench
    asked_again: str
    transfusion: bool
    mine: bool
    rows: tuple[Row, ...]
    check_refusal: str | None
    authorise_refusal: str | None
    gone: str = ""

    @property
    def can_type(self) -> bool:
        """Whether values of it may be typed now by this person."""
        return self.mine and self.status in TYPING and not self.gone

    @property
    def can_amend(self) -> bool:
        """Whether it is authorised, so that only an amendment changes it."""
        return self.mine and self.status in RELEASED

    @property
    def waiting(self) -> tuple[Row, ...]:
        """The rows that wait for a check or for authorisation."""
        return tuple(
            row for row in self.rows if row.held and row.held.status is not ResultStatus.AUTHORISED
        )

    @property
    def critical(self) -> bool:
        """Whether a value of it is to be telephoned."""
        return any(row.held.critical for row in self.waiting if row.held)

    @property
    def status_words(self) -> str:
        """`typed by P. Nair · not checked`: every step and whose hand it was."""
        held = [row.held for row in self.rows if row.held is not None]
        if not held:
            return "not on the bench any more" if self.gone else WORDS[self.status]
        parts = [f"typed by {_people(view.entered_by for view in held)}"]
        checked = [view for view in held if view.checked_at is not None]
        parts.append(
            f"checked by {_people(view.checked_by for view in checked)}"
            if len(checked) == len(held)
            else "not checked"
        )
        signed = [view for view in held if view.authorised_at is not None]
        parts.append(
            f"authorised by {_people(view.authorised_by for view in signed)}"
            if len(signed) == len(held)
            else "not authorised"
        )
        return " · ".join(parts)


def _people(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


@discloses(findings=Field.RESULTS)
@dataclass(frozen=True, slots=True)
class Grid:
    """A request on the bench."""

    request: RequestView
    panels: tuple[Panel, ...]
    findings: tuple[Finding, ...]
    taken_at: dt.datetime | None

    @property
    def patient_id(self) -> uuid.UUID:
        """Whose request it is."""
        return self.request.patient_id

    @property
    def typed(self) -> int:
        """How many boxes are filled."""
        return sum(1 for row in self._boxes() if row.held is not None)

    @property
    def boxes(self) -> int:
        """How many boxes there are to type in."""
        return len(self._boxes())

    def _boxes(self) -> tuple[Row, ...]:
        lying = (panel for panel in self.panels if panel.mine and not panel.gone)
        return tuple(row for panel in lying for row in panel.rows if not row.derived)

    @property
    def can_type(self) -> bool:
        """Whether anything can be typed now."""
        return any(panel.can_type for panel in self.panels)


def grid(request_id: uuid.UUID, actor: Actor) -> Grid:
    """The request in the actor's scope with every test that has a laboratory; NotFound."""
    view = request_view(request_id, actor)
    benches = benches_of(view)
    held, old = _latest(values_of(request_id, view.patient_id, actor))
    codes = {analyte.code for bench in benches.values() for analyte in bench.analytes}
    facts = _Facts(
        view=view,
        held=held,
        old=old,
        before=before_of(view.patient_id, view.id, codes, actor=actor),
        calls=calls_by_result(view.id),
        names={each.id: each.name for each in laboratories()},
        gone=gone_of(view.id),
        actor=actor,
    )
    panels = tuple(facts.panel(bench) for bench in benches.values())
    taken = [bench.bench.taken_at for bench in benches.values() if bench.bench.taken_at]
    noticed = findings(_sighted(view, benches, panels))
    return Grid(view, panels, noticed, min(taken, default=None if benches else view.collected_at))


_Versions = dict[tuple[uuid.UUID, str], ValueView]


def _latest(versions: tuple[ValueView, ...]) -> tuple[_Versions, _Versions]:
    """The version that stands of each value, and the last one authorised before it."""
    held: _Versions = {}
    old: _Versions = {}
    for view in versions:
        key = (view.requested_test_id, view.analyte.code)
        if view.status is not ResultStatus.SUPERSEDED:
            held[key] = view
        elif view.authorised_at is not None:
            old[key] = view
    return held, old


@dataclass(slots=True)
class _Facts:
    """What belongs to one request, read once for all its panels."""

    view: RequestView
    held: _Versions
    old: _Versions
    before: Mapping[str, Before]
    calls: Mapping[uuid.UUID, CallState]
    names: Mapping[uuid.UUID, str]
    gone: Mapping[uuid.UUID, Gone]
    actor: Actor

    def panel(self, bench: TestBench) -> Panel:
        tests = {test.id: test for test in self.view.tests}
        system = self.view.ward.site.tube_system
        rows = tuple(self._row(bench, analyte) for analyte in bench.analytes)
        return Panel(
            patient_id=self.view.patient_id,
            code=bench.test.code,
            name=bench.test.name,
            chip=container_chip(catalogue().container(bench.container), system),
            number=grouped(bench.tube_number) if bench.tube_number else "",
            status=bench.status,
            laboratory=_people(row.held.laboratory for row in rows if row.held)
            or self.names.get(bench.laboratory_id, ""),
            method=_people(row.held.method for row in rows if row.held and row.held.method)
            or bench.bench.method,
            bench=bench.bench,
            asked_again=tests[bench.id].asked_again,
            transfusion=is_transfusion(bench.test),
            mine=self.actor.role not in _BENCH_ROLES
            or bench.laboratory_id == self.actor.laboratory_id,
            rows=rows,
            check_refusal=self._refusal(rows, check_refusal),
            authorise_refusal=self._refusal(rows, authorise_refusal),
            gone=self.gone[bench.id].words if bench.id in self.gone else "",
        )

    def _refusal(self, rows: tuple[Row, ...], rule: _Rule) -> str | None:
        for row in rows:
            if row.held is None or row.held.status not in (
                ResultStatus.ENTERED,
                ResultStatus.CHECKED,
            ):
                continue
            if rule is check_refusal and row.held.status is ResultStatus.CHECKED:
                continue
            if sentence := rule(row.held.hands, self.actor.user_id):
                return sentence
        return None

    def _row(self, bench: TestBench, analyte: Analyte) -> Row:
        key = (bench.id, analyte.code)
        held, before = self.held.get(key), self.before.get(analyte.code)
        interval, limit = (
            bench.bench.interval(analyte.code),
            bench.bench.limits.get(analyte.code),
        )
        call = self.calls.get(held.id) if held else None
        why_not = (
            why_not_comparable(analyte, held.value, held.laboratory, before)
            if held
            else self._why_not_yet(bench, analyte, before)
        )
        waits = held is not None and held.critical and call is None and held.checked_at is None
        return Row(
            patient_id=self.view.patient_id,
            field=f"value-{bench.test.code}-{analyte.code}",
            analyte=analyte,
            derived=is_worked_out(analyte),
            held=held,
            old=self.old.get(key),
            interval=held.value.interval if held else (interval.words if interval else ""),
            limit=held.value.limit if held else (limit.words if limit else ""),
            before=before,
            change=change_words(held.value, before) if held and not why_not else "",
            incomparable=why_not,
            call=call,
            call_by=call_due(self.view.band, clock.now()) if waits else None,
        )

    def _why_not_yet(self, bench: TestBench, analyte: Analyte, before: Before | None) -> str:
        """The same while nothing is typed: method and unit are known already."""
        coming = ResultValue("", unit=analyte.unit, method=bench.bench.method)
        return why_not_comparable(analyte, coming, bench.bench.laboratory, before)


def _sighted(
    view: RequestView, benches: Mapping[str, TestBench], panels: tuple[Panel, ...]
) -> Sighted:
    numbers: dict[str, Decimal] = {}
    empty: set[str] = set()
    ages: dict[str, dt.timedelta | None] = {}
    containers: dict[str, str] = {}
    expected: dict[str, Decimal] = {}
    rows = [(panel, row) for panel in panels for row in panel.rows]
    for panel, row in rows:
        code = row.analyte.code
        containers.setdefault(code, benches[panel.code].container)
        if row.held is None:
            empty.add(code)
        elif row.held.value.exact is not None:
            numbers.setdefault(code, row.held.value.exact)
            ages.setdefault(code, row.held.value.age)
    for panel, row in rows:
        if row.derived and row.held and row.held.source != "manual":
            again = worked_out(row.analyte, numbers, benches[panel.code].bench, clock.now())
            if again is not None and again.value.number is not None:
                expected[row.analyte.code] = again.value.number
    before = {
        row.analyte.code: row.before
        for _, row in rows
        if row.before is not None and not row.incomparable
    }
    return Sighted(
        numbers=numbers,
        names={row.analyte.code: row.analyte.name for _, row in rows},
        empty=frozenset(empty - numbers.keys()),
        before={code: each.value.exact for code, each in before.items() if each.value.exact},
        ages=ages,
        containers=containers,
        no_anticoagulant=view.anticoagulant.casefold() in _NO_ANTICOAGULANT,
        worked_out=expected,
    )
