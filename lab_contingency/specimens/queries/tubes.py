"""Tubes as pages show them: of a request, of a place; and the history of each."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.vocabulary import Container, Test
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses, not_for_pages
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.models import Site
from lab_contingency.places.queries import laboratory
from lab_contingency.places.rules import TubeSystem
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import sees_test, tubes_within, within
from lab_contingency.specimens.models import LabelPrint, Rejection, Specimen
from lab_contingency.specimens.rules import (
    ENDED,
    REJECTION_REASONS,
    WORDS,
    RejectionReason,
    SpecimenStatus,
)
from lab_contingency.specimens.rules.matching import kind_of

MOST = 300
_GONE = frozenset({TestStatus.WITHDRAWN, TestStatus.DECLINED})


@dataclass(frozen=True, slots=True)
class TubeChip:
    """What the drawn tube needs: shape, style key, colour’s name, additive."""

    shape: str
    css: str
    colour_name: str
    additive: str


@discloses(
    number=NOTHING,
    number_text=NOTHING,
    tests=Field.TESTS,
    test_words=Field.TESTS,
    place=NOTHING,
    kind=NOTHING,
    collected_by=NOTHING,
    rejection=Field.REMARKS,
    rejection_note=Field.REMARKS,
    words=lambda tube: Field.REMARKS if tube.rejection else Field(0),
)
@dataclass(frozen=True, slots=True)
class TubeView:
    """One tube of a request. `specimen_id` and `status` are None while it is only planned."""

    patient_id: uuid.UUID
    planned_tube_id: uuid.UUID
    specimen_id: uuid.UUID | None
    ordinal: int
    container: TubeChip
    number: str | None
    tests: tuple[Test, ...]
    status: SpecimenStatus | None
    by_hand: bool
    replaced: bool
    replaces_id: uuid.UUID | None
    place: str
    laboratory_id: uuid.UUID | None
    collected_at: dt.datetime | None
    collected_by: str | None
    received_at: dt.datetime | None
    unusable_at: dt.datetime | None
    rejection: RejectionReason | None
    rejection_note: str
    label_copies: int
    wanted: bool
    version: int | None
    kind: str = ""

    @property
    def number_text(self) -> str:
        """Grouped as printed, or what stands in its place."""
        if self.number is not None:
            return grouped(self.number)
        if self.label_copies:
            return "label void"
        return "written by hand" if self.by_hand else "no label yet"

    @property
    def words(self) -> str:
        """Where it stands, as people say it."""
        if self.status is None:
            return "to be taken" if self.wanted else "not needed any more"
        if self.status is SpecimenStatus.REJECTED and self.rejection is not None:
            return f"rejected: {self.rejection.words}"
        return WORDS[self.status]

    @property
    def test_words(self) -> str:
        """Its tests by their short names."""
        return ", ".join(test.label for test in self.tests)

    @property
    def is_taken_again(self) -> bool:
        """Whether it replaces a rejected tube and blood has not come with it yet."""
        before = (None, SpecimenStatus.UNLABELLED, SpecimenStatus.LABELLED)
        waits = self.wanted and not self.replaced and self.status in before
        return self.replaces_id is not None and waits

    @property
    def to_compare(self) -> bool:
        """Whether no label was printed for it, so that only its form can bring it in."""
        if self.label_copies:
            return False
        received = self.status is SpecimenStatus.RECEIVED or self.status in ENDED
        return self.number is None and self.wanted and not received and not self.replaced

    @property
    def needs_recollection(self) -> bool:
        """Whether somebody must take it again and has not said so yet."""
        return self.status is SpecimenStatus.REJECTED and not self.replaced and self.wanted


def tubes_of(request_id: uuid.UUID, actor: Actor | None = None) -> tuple[TubeView, ...]:
    """The tubes of a request in order of draw, recollections last; within the actor’s scope if given."""
    return tubes_by_request([request_id], actor).get(request_id, ())


def tube_view(request_id: uuid.UUID, planned_tube_id: uuid.UUID, actor: Actor) -> TubeView:
    """One tube of a request in the actor’s scope; NotFound."""
    for tube in tubes_of(request_id, actor):
        if tube.planned_tube_id == planned_tube_id:
            return tube
    raise NotFound


def tubes_by_request(
    request_ids: Sequence[uuid.UUID], actor: Actor | None = None
) -> dict[uuid.UUID, tuple[TubeView, ...]]:
    """The tubes of many requests at once."""
    statement = (
        select(PlannedTube, Site.tube_system, Request.patient_id)
        .join(Request, Request.id == PlannedTube.request_id)
        .join(Site, Site.id == Request.site_id)
        .where(PlannedTube.request_id.in_(request_ids))
        .order_by(PlannedTube.ordinal)
    )
    if actor is not None:
        statement = statement.where(within(actor), tubes_within(actor))
    planned = [(row, system, whose) for row, system, whose in session().execute(statement)]
    facts = _Facts(planned, actor)
    found: dict[uuid.UUID, list[TubeView]] = {}
    for row, _, _ in planned:
        found.setdefault(row.request_id, []).append(facts.view(row))
    return {key: tuple(views) for key, views in found.items()}


class _Facts:
    """What belongs to a set of planned tubes, read once for all of them."""

    def __init__(
        self, planned: Sequence[tuple[PlannedTube, TubeSystem, uuid.UUID]], actor: Actor | None
    ) -> None:
        requests = {row.request_id for row, _, _ in planned}
        self.replaced = {row.replaces_id for row, _, _ in planned}
        self.patients = {row.request_id: whose for row, _, whose in planned}
        self.specimens = {
            row.planned_tube_id: row for row in _where(Specimen, Specimen.request_id, requests)
        }
        self.tests: dict[uuid.UUID, list[RequestedTest]] = {}
        for test in _where(RequestedTest, RequestedTest.request_id, requests):
            if actor is not None and not sees_test(actor, test.laboratory_id, test.status):
                continue
            self.tests.setdefault(test.request_id, []).append(test)
        ids = {row.id for row in self.specimens.values()}
        self.rejections = {
            row.specimen_id: row for row in _where(Rejection, Rejection.specimen_id, ids)
        }
        self.copies = _copies(ids)
        self.systems = {row.request_id: system for row, system, _ in planned}

    def view(self, row: PlannedTube) -> TubeView:
        held = self.specimens.get(row.id)
        tests = self._tests(row)
        rejection = self.rejections.get(held.id) if held else None
        return TubeView(
            patient_id=self.patients[row.request_id],
            planned_tube_id=row.id,
            specimen_id=held.id if held else None,
            ordinal=row.ordinal,
            container=tube_chip(row, self.systems[row.request_id]),
            number=held.number if held else None,
            tests=catalogue().tests_of(test.test_code for test in tests),
            status=held.status if held else None,
            by_hand=row.by_hand,
            replaced=row.id in self.replaced,
            replaces_id=row.replaces_id,
            place=held.holder if held else "",
            laboratory_id=held.laboratory_id if held else None,
            collected_at=held.collected_at if held else None,
            collected_by=held.collected_by if held else None,
            received_at=held.received_at if held else None,
            unusable_at=held.unusable_at if held else None,
            rejection=REJECTION_REASONS[rejection.reason_code] if rejection else None,
            rejection_note=_note(rejection),
            label_copies=self.copies.get(held.id, 0) if held else 0,
            wanted=any(test.status not in _GONE for test in tests),
            version=held.version if held else None,
            kind=kind_of(row.container, row.bottle),
        )

    def _tests(self, row: PlannedTube) -> list[RequestedTest]:
        """The tests that a tube serves, or served before it was taken again."""
        asked = self.tests.get(row.request_id, [])
        own = [test for test in asked if test.planned_tube_id == row.id]
        if own and row.bottles == 1:
            return own
        tests = catalogue().tests
        same = (row.container, row.tube_group)
        return [
            test
            for test in asked
            if (tests[test.test_code].container, tests[test.test_code].tube_group) == same
        ]


def _where(model: type, column: object, ids: Iterable[uuid.UUID]) -> Sequence:  # type: ignore[type-arg]
    wanted = list(ids)
    return session().scalars(select(model).where(column.in_(wanted))).all() if wanted else ()  # type: ignore[attr-defined]


def _copies(specimen_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    ids = list(specimen_ids)
    if not ids:
        return {}
    statement = (
        select(LabelPrint.specimen_id, func.count(LabelPrint.id))
        .where(LabelPrint.specimen_id.in_(ids))
        .group_by(LabelPrint.specimen_id)
    )
    return {row[0]: row[1] for row in session().execute(statement)}


def _note(row: Rejection | None) -> str:
    if row is None or row.sealed is None:
        return ""
    return str(unseal(Rejection.__tablename__, row.id, row.sealed)["note"])


def tube_chip(row: PlannedTube, system: TubeSystem) -> TubeChip:
    """The drawing of a planned tube in the site’s colours."""
    chip = container_chip(catalogue().container(row.container), system)
    return replace(chip, colour_name=tube_colour(row, system))


def tube_colour(row: PlannedTube, system: TubeSystem) -> str:
    """The colour to take from the tray; a pair of bottles has one cap each."""
    colour = catalogue().container(row.container).colour(system)
    caps = colour.removesuffix(" caps").split(" and ")
    if row.bottles > 1 and len(caps) == row.bottles:
        return f"{caps[row.bottle - 1]} cap"
    return colour


def container_chip(container: Container, system: TubeSystem) -> TubeChip:
    """The drawing of a container in a tube system’s colours."""
    return TubeChip(
        container.shape.value, container.css(system), container.colour(system), container.name
    )


@not_for_pages
@dataclass(frozen=True, slots=True)
class HeldTube:
    """A tube at a laboratory, or waiting at a site, with the request it belongs to."""

    request_id: uuid.UUID
    form_number: str
    tube: TubeView


def tubes_at(laboratory_id: uuid.UUID, most: int = MOST) -> tuple[HeldTube, ...]:
    """The tubes that stand at a laboratory, the first to become unusable first."""
    condition = (
        Specimen.laboratory_id == laboratory_id,
        Specimen.status == SpecimenStatus.RECEIVED,
    )
    statement = select(Specimen.planned_tube_id).where(*condition)
    order = Specimen.unusable_at, Specimen.id
    return _held(session().scalars(statement.order_by(*order).limit(most)).all())


def last_received(
    laboratory_id: uuid.UUID, actor: Actor | None = None, most: int = 12
) -> tuple[HeldTube, ...]:
    """The tubes received last at a laboratory, newest first, as the actor sees them."""
    statement = (
        select(Specimen.planned_tube_id)
        .where(
            Specimen.laboratory_id == laboratory_id,
            Specimen.status.in_((SpecimenStatus.RECEIVED, SpecimenStatus.REJECTED)),
            Specimen.received_at.is_not(None),
        )
        .order_by(Specimen.received_at.desc(), Specimen.id.desc())
        .limit(most)
    )
    return _held(session().scalars(statement).all(), actor)


def waiting_collection(site_id: uuid.UUID, most: int = MOST) -> tuple[HeldTube, ...]:
    """The tubes of a site that are still to be taken, the most pressing request first."""
    statement = (
        select(PlannedTube.id)
        .join(Request, Request.id == PlannedTube.request_id)
        .outerjoin(Specimen, Specimen.planned_tube_id == PlannedTube.id)
        .where(
            Request.site_id == site_id,
            Request.closed_at.is_(None),
            Specimen.id.is_(None)
            | Specimen.status.in_((SpecimenStatus.LABELLED, SpecimenStatus.UNLABELLED)),
        )
        .order_by(Request.band, Request.due_at, Request.id, PlannedTube.ordinal)
        .limit(most)
    )
    held = _held(session().scalars(statement).all())
    return tuple(each for each in held if each.tube.wanted and not each.tube.replaced)


def _held(planned_ids: Sequence[uuid.UUID], actor: Actor | None = None) -> tuple[HeldTube, ...]:
    statement = (
        select(PlannedTube.id, Request.id, Request.number)
        .join(Request, Request.id == PlannedTube.request_id)
        .where(PlannedTube.id.in_(planned_ids))
    )
    homes = {
        planned: (request, number) for planned, request, number in session().execute(statement)
    }
    requests = list({request for request, _ in homes.values()})
    views = {
        view.planned_tube_id: view
        for tubes in tubes_by_request(requests, actor).values()
        for view in tubes
    }
    return tuple(
        HeldTube(*homes[planned], views[planned]) for planned in planned_ids if planned in views
    )


def laboratory_name(laboratory_id: uuid.UUID | None) -> str:
    """A laboratory’s name, or nothing."""
    return laboratory(laboratory_id).name if laboratory_id else ""
