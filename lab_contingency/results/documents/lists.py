"""Lists of slips, of work at the bench and of calls to make, as frozen content."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lab_contingency.audit.rules import NO_FIELD, Field
from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.wording import (
    and_text,
    count_text,
    day_time_text,
    full_time_text,
    near_time_text,
    until_text,
)
from lab_contingency.incidents.queries import open_incident
from lab_contingency.places.queries import laboratory, ward
from lab_contingency.printing import content
from lab_contingency.printing.content.lists import (
    BenchGroup,
    BenchList,
    CallSheet,
    CallSheets,
    DeliveryList,
    DeliveryRow,
    Rung,
    TriedCall,
)
from lab_contingency.printing.content.lists import BenchRow as BenchLine
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries import PatientView, RequestView, patients_of
from lab_contingency.requests.rules.identity import similar_among
from lab_contingency.results.queries.calls import Attempt, CallPage
from lab_contingency.results.queries.values import ValueView
from lab_contingency.results.queries.worklists import BenchRow, BenchTest
from lab_contingency.results.rules.slips import DELIVER_WITHIN
from lab_contingency.specimens.documents import identity_fields, patient
from lab_contingency.specimens.queries import TubeView

_TRIES_SHOWN, _NAMED = 6, 2


def made(actor: Actor, mark: str = "") -> content.PrintedBy:
    """Say who prints it now."""
    return content.PrintedBy(
        printed=f"Printed {full_time_text(clock.now())} by {actor.name}",
        copy_number="copy 1",
        test_mark=node.this_node().demonstration,
        mark=mark,
    )


def origin(actor: Actor) -> str:
    """Say where it comes from: the laboratory of whoever prints it, and the incident."""
    incident = open_incident()
    place = laboratory(actor.laboratory_id).name if actor.laboratory_id else "All laboratories"
    return f"{place} · incident {incident.number}" if incident else place


def delivery_list(
    number: str,
    ward_id: uuid.UUID,
    slips: Sequence[tuple[Request, content.ResultSlip]],
    mark: str,
    *,
    actor: Actor,
) -> DeliveryList:
    """Make the list in front of a batch of slips for one destination."""
    place, now = ward(ward_id), clock.now()
    known = patients_of(request.identity_id for request, _ in slips)
    people = {request.patient_id: known[request.identity_id].identity for request, _ in slips}
    alike = similar_among(people)
    laboratories = list(
        dict.fromkeys(group.laboratory for _, slip in slips for group in slip.groups)
    )
    telephone = f" · telephone {place.telephone}" if place.telephone else ""
    return DeliveryList(
        number=number,
        title="Slips to deliver",
        place=_made_by(laboratories),
        destination=place.name,
        destination_detail=f"{place.site.name}{telephone}",
        due=near_time_text(min(now + DELIVER_WITHIN[request.band] for request, _ in slips)),
        made=made(actor, mark),
        rows=tuple(
            delivery_row(slip, similar=request.patient_id in alike) for request, slip in slips
        ),
    )


def _made_by(laboratories: list[str]) -> str:
    """Name one or two laboratories; more have no room and are on the slips."""
    if len(laboratories) > _NAMED:
        return f"Results of {count_text(len(laboratories), 'laboratory', 'laboratories')}"
    return and_text(laboratories)


def delivery_row(slip: content.ResultSlip, *, similar: bool = False) -> DeliveryRow:
    """Make the line of one slip."""
    copied = f", {slip.made.copy_number}" if slip.made.copy_reason else ""
    return DeliveryRow(
        slip.number,
        slip.patient,
        slip.priority,
        f"{slip.version}{copied}",
        similar=similar,
        identified=slip.identified,
    )


def bench_list(rows: Sequence[BenchRow], mark: str, *, actor: Actor) -> BenchList:
    """Make the worklist, bench by bench, in the order of the queue; a line is a tube, or a test at the bedside."""
    alike = _alike(row.request for row in rows)
    overdue = sum(row.overdue for row in rows)
    groups = [
        BenchGroup(discipline.words, lines)
        for discipline in Discipline
        if (lines := tuple(_bench_lines(rows, discipline, alike)))
    ]
    tubes = sum(len(group.rows) for group in groups)
    late = f", {overdue} overdue" if overdue else ""
    return BenchList(
        title="Bench worklist",
        laboratory=origin(actor),
        said=f"{count_text(tubes, 'line')}, {count_text(len(rows), 'request')}{late}",
        made=made(actor, mark),
        groups=tuple(groups),
    )


def _bench_lines(
    rows: Sequence[BenchRow], discipline: Discipline, alike: frozenset[uuid.UUID]
) -> Iterable[BenchLine]:
    for row in rows:
        tests = [test for test in row.tests if test.discipline is discipline]
        for tube_id in dict.fromkeys(test.planned_tube_id for test in tests):
            mine = [test for test in tests if test.planned_tube_id == tube_id]
            tube = next((each for each in row.tubes if each.planned_tube_id == tube_id), None)
            yield _bench_line(row, mine, tube, similar=row.request.patient_id in alike)


def _bench_line(
    row: BenchRow, tests: Sequence[BenchTest], tube: TubeView | None, *, similar: bool
) -> BenchLine:
    view, now = row.request, clock.now()
    taken = tube.collected_at if tube and tube.collected_at else row.taken_at
    due = until_text(view.due_at, now) if row.overdue else f"due {near_time_text(view.due_at)}"
    number = (tube.number or view.number) if tube else None
    return BenchLine(
        number=number,
        patient=patient(view.patient),
        tests=", ".join(test.label for test in tests),
        tube=_tube_words(tube),
        priority=view.band.text,
        clock=due,
        taken=f"taken {day_time_text(taken)}" if taken else "time of taking not known",
        ward=view.place,
        telephone=view.callback,
        unusable=_unusable(tube, now),
        similar=similar,
    )


def _tube_words(tube: TubeView | None) -> str:
    if tube is None:
        return "at the bedside"
    by_hand = "" if tube.number else ", written by hand: number of the form"
    return f"tube {tube.ordinal} {tube.container.colour_name}{by_hand}"


def _unusable(tube: TubeView | None, now: dt.datetime) -> str:
    if tube is None or tube.unusable_at is None:
        return ""
    word = "UNUSABLE since" if tube.unusable_at < now else "unusable at"
    return f"{word} {near_time_text(tube.unusable_at)}"


def bench_fields(rows: Iterable[BenchRow]) -> dict[uuid.UUID, Field]:
    """Which kinds of whose data stand on the worklist."""
    return _fields((row.request for row in rows), NO_FIELD)


def call_sheets(pages: Sequence[CallPage], calls: int, mark: str, *, actor: Actor) -> CallSheets:
    """Make the call list with a sheet for each; `calls` is how many wait in all."""
    alike = _alike(page.row.request for page in pages)
    more = f", the first {len(pages)} of them here" if calls > len(pages) else ""
    first = f", the first by {near_time_text(pages[0].row.due_at)}" if pages else ""
    return CallSheets(
        title="Calls to make",
        laboratory=origin(actor),
        said=f"{count_text(calls, 'call')}{first}{more}",
        made=made(actor, mark),
        calls=tuple(_call_sheet(page, actor, similar=page.patient_id in alike) for page in pages),
    )


def _call_sheet(page: CallPage, actor: Actor, *, similar: bool) -> CallSheet:
    row, view = page.row, page.row.request
    wait = "Being put right: wait for the new value before you ring." if row.being_put_right else ""
    return CallSheet(
        number=view.number,
        patient=patient(view.patient),
        result=row.words,
        status=row.result.status_words,
        priority=view.band.text,
        call_by=near_time_text(row.due_at),
        ward=view.place,
        laboratory=origin(actor),
        script=page.script,
        unit=row.result.value.unit,
        ladder=_ladder(view),
        tried=tuple(_tried(attempt) for attempt in page.attempts[-_TRIES_SHOWN:]),
        tries=len(page.attempts),
        wait=wait,
        similar=similar,
        source=_source(row.result),
    )


def _source(result: ValueView) -> str:
    """Say who measured it, how, and what is usual there."""
    usual = f"interval {result.interval}" if result.interval else ""
    return ", ".join(filter(None, (result.laboratory, result.method, usual)))


def _ladder(view: RequestView) -> tuple[Rung, ...]:
    """Whom to ring, in the order of the screen."""
    rungs = [
        Rung(f"Who asked: {view.requested_by}", view.callback, "now"),
        Rung(f"{view.ward.name}, nurse in charge", view.ward.telephone, "now"),
    ]
    if view.consultant:
        rungs.append(Rung(f"Consultant {view.consultant}, by switchboard", "0", "after two tries"))
    rungs.append(
        Rung("Send a runner with the slip; tell the coordinator", "", "if nobody takes it")
    )
    return tuple(rungs)


def _tried(attempt: Attempt) -> TriedCall:
    return TriedCall(near_time_text(attempt.at), attempt.number, attempt.outcome, attempt.by_name)


def call_fields(pages: Iterable[CallPage]) -> dict[uuid.UUID, Field]:
    """Which kinds of whose data stand on the call sheets."""
    found: dict[uuid.UUID, Field] = {}
    for page in pages:
        remarks = Field.REMARKS if page.row.result.comment else NO_FIELD
        one = _fields([page.row.request], Field.RESULTS | remarks)
        found[page.patient_id] = found.get(page.patient_id, NO_FIELD) | one[page.patient_id]
    return found


def _fields(views: Iterable[RequestView], more: Field) -> dict[uuid.UUID, Field]:
    found: dict[uuid.UUID, Field] = {}
    for view in views:
        shown = identity_fields(patient(_one_number(view.patient)))
        one = shown | Field.PLACE | Field.TESTS | Field.CONTACT | more
        found[view.patient_id] = found.get(view.patient_id, NO_FIELD) | one
    return found


def _one_number(view: PatientView) -> PatientView:
    """A line has room for one number: the NHS number, or else the hospital’s."""
    return replace(view, hospital_number=None) if view.nhs_number else view


def _alike(views: Iterable[RequestView]) -> frozenset[uuid.UUID]:
    return similar_among({view.patient_id: view.patient.identity for view in views})
