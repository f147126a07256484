"""Driving a day: requests and values from two files, on the files' own clock, in the order things happened."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import LabError, RulesBroken, StartRefused
from lab_contingency.places.queries import wards
from lab_contingency.rehearsal.day.books import Books, count_books
from lab_contingency.rehearsal.day.journey import Journey, Step
from lab_contingency.rehearsal.day.rows import (
    Refused,
    RequestRow,
    ResultRow,
    read_requests,
    read_results,
)
from lab_contingency.rehearsal.day.staff import Staff, gather
from lab_contingency.rehearsal.incident import open_demonstration_incident
from lab_contingency.requests.commands import PlacedRequest, PlaceRequest
from lab_contingency.requests.queries.lookup import repeats_of
from lab_contingency.requests.rules.beds import NOT_GIVEN
from lab_contingency.requests.services import place_request

Progress = Callable[[int, int], None]
_DOWN_BEFORE = dt.timedelta(hours=20)


@dataclass(slots=True)
class DayReport:
    """What came of the two files, and the books of the database afterwards."""

    read: int = 0
    taken: int = 0
    already: int = 0
    refused: int = 0
    values_read: int = 0
    values_taken: int = 0
    values_already: int = 0
    values_refused: int = 0
    refusals: list[Refused] = field(default_factory=list)
    books: Books | None = None


def load_day(
    requests_file: Path, results_file: Path | None, progress: Progress | None = None
) -> DayReport:
    """Take what is new of a day into the demonstration in context; a second run takes nothing."""
    if not node.this_node().demonstration:
        raise StartRefused("A day is loaded into a demonstration only. This database is live.")
    report = DayReport()
    rows, refused = read_requests(requests_file)
    report.refusals += refused
    report.read, report.refused = len(rows) + len(refused), len(refused)
    values: dict[str, list[ResultRow]] = {}
    if results_file is not None:
        values, bad, report.values_read = read_results(results_file)
        report.refusals += bad
        report.values_refused = len(bad)
    if rows:
        open_demonstration_incident(rows[0].collected_at - _DOWN_BEFORE)
    names = (requests_file.name, results_file.name if results_file else "")
    _Day(report, values, gather(), names, progress or (lambda _done, _all: None)).drive(rows)
    report.refusals.sort(key=lambda one: (one.file, one.line))
    report.books = count_books()
    return report


@dataclass(slots=True)
class _Day:
    report: DayReport
    values: dict[str, list[ResultRow]]
    staff: Staff
    files: tuple[str, str]
    progress: Progress
    queue: list[tuple[dt.datetime, int, Step]] = field(default_factory=list)
    counter: itertools.count[int] = field(default_factory=itertools.count)

    def drive(self, rows: list[RequestRow]) -> None:
        """Everything in the order of its time; the steps of each request follow when it is taken."""
        for done, row in enumerate(rows, start=1):
            self._until(row.collected_at)
            with clock.at(row.collected_at):
                self._take(row)
            self.progress(done, len(rows))
        self._until(None)
        self._refuse_left_over()

    def _until(self, moment: dt.datetime | None) -> None:
        while self.queue and (moment is None or self.queue[0][0] <= moment):
            at, _, step = heapq.heappop(self.queue)
            with clock.at(at):
                step()

    def _take(self, row: RequestRow) -> None:
        values = self.values.pop(row.reference, [])
        try:
            placed = self._place(row)
        except LabError as problem:
            self._refuse_row(row, values, problem)
            return
        if placed.repeated:
            self.report.already += 1
            self.report.values_already += len(values)
            return
        self.report.taken += 1
        asked, others = _split(values, row)
        for value in others:
            self._refuse_value(value, f"{value.test} was not asked for on this request")
        journey = Journey(
            row, placed.request_id, placed.number, asked, self.staff, self._refuse_value
        )
        self._follow(journey, journey.steps())

    def _follow(self, journey: Journey, steps: object) -> None:
        """Queue the next step of a journey; what follows is decided after it was done."""
        following = next(steps, None)  # type: ignore[call-overload]
        if following is None:
            self._finish(journey)
            return
        at, act = following

        def step() -> None:
            try:
                act()
            except LabError as problem:
                reason = f"taken, but stopped on its way: {problem.message}"
                self.report.refusals.append(Refused(self.files[0], journey.row.line, reason))
                self._finish(journey)
                return
            self._follow(journey, steps)

        heapq.heappush(self.queue, (at, next(self.counter), step))

    def _finish(self, journey: Journey) -> None:
        self.report.values_taken += journey.typed
        for value in journey.unused():
            self._refuse_value(value, journey.why_unused(value))

    def _place(self, row: RequestRow) -> PlacedRequest:
        command = _command(row)
        actor = self.staff.requester(row.ward.site)
        with unit_of_work():
            asked_again = {
                repeat.test_code for repeat in repeats_of(command.identity, command.tests)
            }
            again = dict.fromkeys(sorted(asked_again), "asked again on the day")
            return place_request(replace(command, overrides=again), actor=actor)

    def _refuse_row(self, row: RequestRow, values: list[ResultRow], problem: LabError) -> None:
        self.report.refused += 1
        reason = (
            "; ".join(itertools.starmap(_named, problem.problems.items()))
            if isinstance(problem, RulesBroken)
            else problem.message
        )
        self.report.refusals.append(Refused(self.files[0], row.line, reason))
        for value in values:
            self._refuse_value(value, f"its request, line {row.line}, was not taken")

    def _refuse_value(self, value: ResultRow, reason: str) -> None:
        self.report.values_refused += 1
        self.report.refusals.append(Refused(self.files[1], value.line, reason))

    def _refuse_left_over(self) -> None:
        for values in self.values.values():
            for value in values:
                self._refuse_value(value, f"no request {value.reference} was taken")


def _named(field: str, sentence: str) -> str:
    """On a page the sentence stands under its question; here it must say which."""
    question = field.removeprefix("answer-")
    return sentence if question == field else f"{question}: {sentence}"


def _split(values: list[ResultRow], row: RequestRow) -> tuple[list[ResultRow], list[ResultRow]]:
    asked = [value for value in values if value.test in row.tests]
    return asked, [value for value in values if value.test not in row.tests]


def _command(row: RequestRow) -> PlaceRequest:
    day = clock.london(row.collected_at).date().isoformat()
    destination = _destination(row)
    return PlaceRequest(
        idempotency_key=f"day-{day}-{row.reference}",
        identity=row.identity,
        ward_id=row.ward.id,
        bed=NOT_GIVEN,
        destination_id=destination,
        requested_by=row.requester,
        consultant=row.consultant,
        callback=row.callback,
        band=row.band,
        reason_code=row.reason_code,
        reason_text=_reason_text(row),
        needed_by=row.needed_by,
        tests=tuple(catalogue().test(code).code for code in row.tests),
        clinical_details=row.clinical_details,
        anticoagulant=row.anticoagulant,
        infection_risk="other, see details" if row.infection_risk else "none known",
        collected_at=row.collected_at,
        collected_by=row.collected_by,
        answers=row.answers,
    )


def _reason_text(row: RequestRow) -> str:
    return "as on the form" if row.reason_code == "OTHER" else ""


def _destination(row: RequestRow) -> uuid.UUID:
    """The ward named in `result_to` at the same site, else the ward that asks."""
    for ward in wards(row.ward.site.id):
        if row.result_to in (ward.name, ward.code):
            return ward.id
    return row.ward.id
