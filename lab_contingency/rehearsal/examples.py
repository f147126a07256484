"""A few requests under way, so that a newcomer finds something to do in each role."""

from __future__ import annotations

import csv
import datetime as dt
import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.places.queries import WardView, laboratories, ward_by_code
from lab_contingency.rehearsal.boxes import add_boxes
from lab_contingency.rehearsal.day.staff import BenchStaff, Staff, gather, reception_of
from lab_contingency.rehearsal.partners import add_partner_examples
from lab_contingency.requests.commands import PlacedRequest, PlaceRequest
from lab_contingency.requests.queries import planned_tubes
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.identity import Identity, Sex
from lab_contingency.requests.services import place_request
from lab_contingency.results.commands import (
    AuthoriseResults,
    CheckResults,
    EnterResults,
    TypedValue,
)
from lab_contingency.results.services import authorise_results, check_results, enter_results
from lab_contingency.routing.commands import AssignTests
from lab_contingency.routing.services import accept_and_assign, assign_tests
from lab_contingency.specimens.commands import (
    AcceptByHand,
    CollectTubes,
    ReadAtBedside,
    RejectTube,
)
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.rules import HandItem
from lab_contingency.specimens.services import (
    collect,
    hand_over,
    labels_for,
    print_form,
    read_at_bedside,
    receive,
    receive_form,
    reject,
    take_in_form,
)
from lab_contingency.triage.commands import AcceptTests
from lab_contingency.triage.services import accept_tests

_FILE = Path(__file__).parent / "data" / "examples.csv"
_VALUES_FILE = Path(__file__).parent / "data" / "example_values.csv"


class Stage(enum.IntEnum):
    """How far an example has come; each includes those before it."""

    ASKED = 0
    COLLECTED = 1
    CARRIED = 2
    RECEIVED = 3
    REJECTED = 4
    DECIDED = 5
    TYPED = 6
    CHECKED = 7
    AUTHORISED = 8


@dataclass(frozen=True, slots=True)
class _Example:
    """One line of the file with the people who work on it."""

    fields: Mapping[str, str]
    values: Mapping[str, str]
    stage: Stage
    started: dt.datetime
    staff: Staff


def add_examples() -> None:
    """Requests in different stages, made through the same services as everybody's."""
    now, staff = clock.now(), gather()
    values = {row["analyte"]: row["value"] for row in _rows(_VALUES_FILE)}
    boxed: dict[str, list[PlacedRequest]] = {}
    for row in _rows(_FILE):
        started = now - dt.timedelta(minutes=int(row["minutes_ago"]))
        example = _Example(row, values, Stage[row["stage"].upper()], started, staff)
        placed = _add(example)
        if row["box"]:
            boxed.setdefault(row["box"], []).append(placed)
    add_boxes(boxed, staff)
    add_partner_examples(staff)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _add(example: _Example) -> PlacedRequest:
    partner = _partner(example)
    with clock.at(example.started):
        placed = _place(example)
        if partner is not None:
            _refer(example, placed, partner)
    bench = example.staff.benches[partner or reception_of(_ward(example).site)]
    later = (
        (Stage.COLLECTED, 2, lambda: _collect(example, placed)),
        (Stage.CARRIED, 4, lambda: _carry(example, placed)),
        (Stage.RECEIVED, 8, lambda: _receive(placed, bench)),
        (Stage.REJECTED, 10, lambda: _reject(placed, bench)),
        (
            Stage.DECIDED,
            12,
            lambda: accept_and_assign(placed.request_id, actor=example.staff.triage),
        ),
        (Stage.TYPED, 20, lambda: _type(example, placed, bench)),
        (Stage.CHECKED, 24, lambda: _check(example, placed, bench)),
        (Stage.AUTHORISED, 30, lambda: _authorise(example, placed, bench)),
    )
    for stage, minutes, act in later:
        skipped = stage is Stage.REJECTED and example.stage is not Stage.REJECTED
        skipped |= stage is Stage.DECIDED and partner is not None
        if stage > example.stage or skipped:
            continue
        with clock.at(example.started + dt.timedelta(minutes=minutes)), unit_of_work():
            act()
    return placed


def _partner(example: _Example) -> uuid.UUID | None:
    """The partner laboratory that does it all, by the code in its line."""
    codes = {lab.code: lab.id for lab in laboratories()}
    return codes[example.fields["partner"]] if example.fields["partner"] else None


def _refer(example: _Example, placed: PlacedRequest, partner: uuid.UUID) -> None:
    """Straight from the ward to the partner."""
    with unit_of_work():
        accept_tests(AcceptTests(placed.request_id, None), actor=example.staff.triage)
        where = dict.fromkeys(_codes(example), partner)
        assign_tests(AssignTests(placed.request_id, None, where), actor=example.staff.triage)


def _ward(example: _Example) -> WardView:
    ward = ward_by_code(example.fields["ward"])
    if ward is None:
        raise StartRefused(f"The demonstration has no ward {example.fields['ward']}.")
    return ward


def _identity(example: _Example) -> Identity:
    fields = example.fields
    return Identity(
        surname=fields["surname"],
        forenames=fields["forenames"],
        born=dt.date.fromisoformat(fields["born"]),
        sex=Sex(fields["sex"]),
        nhs_number=fields["nhs_number"],
    )


def _place(example: _Example) -> PlacedRequest:
    fields, ward = example.fields, _ward(example)
    codes = tuple(fields["tests"].split())
    asked = {q.key for code in codes for q in catalogue().test(code).questions if not q.field}
    command = PlaceRequest(
        idempotency_key=f"example-{fields['nhs_number']}",
        identity=_identity(example),
        ward_id=ward.id,
        bed=fields["bed"],
        destination_id=ward.id,
        requested_by=example.staff.requester(ward.site).name,
        consultant="Dr P. Mehta",
        callback="bleep 2222",
        band=Band(fields["band"]),
        reason_code=fields["reason"],
        reason_text="tiredness" if fields["reason"] == "OTHER" else "",
        needed_by=None,
        tests=codes,
        clinical_details=fields["details"],
        anticoagulant="apixaban" if "apixaban" in fields["details"] else "none",
        infection_risk="none known",
        collected_at=None,
        collected_by="",
        answers=dict.fromkeys(sorted(asked), "not known"),
    )
    with unit_of_work():
        return place_request(command, actor=example.staff.requester(ward.site))


def _collect(example: _Example, placed: PlacedRequest) -> None:
    actor = example.staff.requester(_ward(example).site)
    tubes = planned_tubes(placed.request_id)
    printed = [tube.id for tube in tubes if not tube.by_hand]
    if printed:
        labels_for(placed.request_id, printed, actor=actor)
    if tubes:
        print_form(placed.request_id, actor=actor)
        _read(placed, example.fields["nhs_number"], actor)
        everything = tuple(tube.id for tube in tubes)
        collect(CollectTubes(placed.request_id, everything, clock.now(), actor.name), actor=actor)


def _read(placed: PlacedRequest, wristband: str, actor: Actor) -> None:
    """Wristband, form and every label, as somebody does at the bedside."""
    for scanned in (wristband, placed.number):
        read_at_bedside(ReadAtBedside(placed.request_id, scanned), actor=actor)
    for tube in tubes_of(placed.request_id):
        if tube.number is not None:
            read_at_bedside(ReadAtBedside(placed.request_id, tube.number, tube.kind), actor=actor)


def _carry(example: _Example, placed: PlacedRequest) -> None:
    numbers = [row.number for row in _specimens(placed.request_id) if row.number]
    if numbers:
        hand_over(numbers, example.staff.porter.name, actor=example.staff.porter)


def _receive(placed: PlacedRequest, bench: BenchStaff) -> None:
    here = _laboratory(bench)
    for row in _specimens(placed.request_id):
        if row.number:
            receive(row.number, here, actor=bench.types)
            continue
        take_in_form(placed.number, here, actor=bench.types)
        taken = row.collected_at or clock.now()
        by_hand = AcceptByHand(
            placed.request_id,
            row.planned_tube_id,
            frozenset(HandItem),
            taken,
            row.collected_by or "ward",
        )
        receive_form(by_hand, here, actor=bench.types)


def _laboratory(bench: BenchStaff) -> uuid.UUID:
    if bench.types.laboratory_id is None:
        raise StartRefused("A scientist of the demonstration has no laboratory.")
    return bench.types.laboratory_id


def _reject(placed: PlacedRequest, bench: BenchStaff) -> None:
    row = _specimens(placed.request_id)[0]
    reject(RejectTube(placed.request_id, row.planned_tube_id, "CLOTTED"), actor=bench.types)


def _type(example: _Example, placed: PlacedRequest, bench: BenchStaff) -> None:
    boxes = tuple(
        TypedValue(code, analyte.code, example.values[analyte.code])
        for code in example.fields["tests"].split()
        for analyte in catalogue().analytes_of(code)
        if analyte.code in example.values
    )
    enter_results(EnterResults(placed.request_id, boxes), actor=bench.types)


def _check(example: _Example, placed: PlacedRequest, bench: BenchStaff) -> None:
    check_results(CheckResults(placed.request_id, _codes(example)), actor=bench.checks)


def _authorise(example: _Example, placed: PlacedRequest, bench: BenchStaff) -> None:
    authorise_results(AuthoriseResults(placed.request_id, _codes(example)), actor=bench.authorises)


def _codes(example: _Example) -> tuple[str, ...]:
    return tuple(example.fields["tests"].split())


def _specimens(request_id: uuid.UUID) -> list[Specimen]:
    statement = select(Specimen).where(Specimen.request_id == request_id).order_by(Specimen.id)
    return list(session().scalars(statement))
