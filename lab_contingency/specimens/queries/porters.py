"""What porters see: wards, counts, places and times. No name or number of a patient is read here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.models import Site, Ward
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.packs.models import PaperPack
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.specimens.models import FormPrint, LabelPrint, Specimen
from lab_contingency.specimens.rules import SpecimenStatus

MOST_WARDS = 60
MOST_AT_ONCE = 40
_GONE = (TestStatus.WITHDRAWN, TestStatus.DECLINED, TestStatus.REJECTED)


@dataclass(frozen=True, slots=True)
class WardQueue:
    """What waits to be printed for one ward."""

    ward_id: uuid.UUID
    ward: str
    site_id: uuid.UUID
    site: str
    band: Band
    needed_by: dt.datetime
    labels: int
    cards: int
    by_hand: int


@discloses(number=NOTHING, ward=Field.PLACE)
@dataclass(frozen=True, slots=True)
class CardToPrint:
    """One card by its number: where it is for, how often it and how many of its labels came out before."""

    patient_id: uuid.UUID
    request_id: uuid.UUID
    number: str
    ward: str
    band: Band
    needed_by: dt.datetime
    printed: int
    labels: int


@discloses(number=NOTHING, ward=Field.PLACE)
@dataclass(frozen=True, slots=True)
class LabelToPrint:
    """One label by its number: where it is for, how often it came out."""

    patient_id: uuid.UUID
    request_id: uuid.UUID
    planned_tube_id: uuid.UUID
    number: str
    ward: str
    band: Band
    needed_by: dt.datetime
    printed: int


def print_queue() -> tuple[WardQueue, ...]:
    """By ward: labels and cards never printed, the most pressing ward first."""
    waits = _label_waits()
    statement = (
        select(
            Request.id,
            Request.ward_id,
            Ward.name,
            Site.id,
            Site.name,
            Request.band,
            Request.needed_by,
            _card_waits(),
            func.count(PlannedTube.id).filter(~PlannedTube.by_hand, waits),
            func.count(PlannedTube.id).filter(PlannedTube.by_hand, waits),
        )
        .join(Ward, Ward.id == Request.ward_id)
        .join(Site, Site.id == Ward.site_id)
        .outerjoin(PlannedTube, PlannedTube.request_id == Request.id)
        .where(Request.closed_at.is_(None), or_(_card_waits(), _some_label_waits()))
        .group_by(
            Request.id,
            Request.ward_id,
            Ward.name,
            Site.id,
            Site.name,
            Request.band,
            Request.needed_by,
        )
        .order_by(Request.band, Request.needed_by, Request.id)
    )
    wards: dict[uuid.UUID, list[_Waiting]] = {}
    for _, ward_id, *waiting in session().execute(statement):
        wards.setdefault(ward_id, []).append(_Waiting(*waiting))
    return tuple(_ward_queue(ward_id, rows) for ward_id, rows in wards.items())[:MOST_WARDS]


class _Waiting(NamedTuple):
    """What waits of one request."""

    ward: str
    site_id: uuid.UUID
    site: str
    band: Band
    needed_by: dt.datetime
    card: bool
    labels: int
    by_hand: int


def labels_waiting() -> Select[int]:
    """Count the requests with a label or a card that never came out: a statement of one number."""
    return select(func.count(Request.id)).where(
        Request.closed_at.is_(None), or_(_card_waits(), _some_label_waits())
    )


def _ward_queue(ward_id: uuid.UUID, rows: Sequence[_Waiting]) -> WardQueue:
    first = rows[0]
    return WardQueue(
        ward_id=ward_id,
        ward=first.ward,
        site_id=first.site_id,
        site=first.site,
        band=first.band,
        needed_by=min(row.needed_by for row in rows),
        labels=sum(row.labels for row in rows),
        cards=sum(1 for row in rows if row.card),
        by_hand=sum(row.by_hand for row in rows if row.card),
    )


def _card_waits() -> ColumnElement[bool]:
    """A request whose form never came out. One keyed from a paper pack has its form."""
    printed = select(FormPrint.request_id).where(FormPrint.request_id == Request.id)
    written = select(PaperPack.id).where(PaperPack.request_id == Request.id)
    return ~exists(printed.correlate(Request)) & ~exists(written.correlate(Request))


def _label_waits() -> ColumnElement[bool]:
    """A planned tube that some test needs, and that no label was printed for."""
    later = PlannedTube.__table__.alias("later")
    replaced = select(later.c.id).where(later.c.replaces_id == PlannedTube.id)
    real = select(Specimen.id).where(
        Specimen.planned_tube_id == PlannedTube.id, Specimen.status != SpecimenStatus.UNLABELLED
    )
    # both bottles of a pair serve the tests whose rows name only one of them
    pair = PlannedTube.__table__.alias("pair")
    sibling = select(pair.c.id).where(
        pair.c.request_id == PlannedTube.request_id,
        pair.c.container == PlannedTube.container,
        pair.c.bottles > 1,
    )
    needed = select(RequestedTest.id).where(
        RequestedTest.request_id == PlannedTube.request_id,
        RequestedTest.status.not_in(_GONE),
        or_(
            RequestedTest.planned_tube_id == PlannedTube.id,
            RequestedTest.planned_tube_id.in_(sibling.correlate(PlannedTube)),
        ),
    )
    # the labels of a paper pack are on its tubes; only one taken again needs a printed label
    written = select(PaperPack.id).where(
        PaperPack.request_id == PlannedTube.request_id, PlannedTube.replaces_id.is_(None)
    )
    return ~exists(replaced) & ~exists(real) & ~exists(written) & exists(needed)


def _some_label_waits() -> ColumnElement[bool]:
    waiting = select(PlannedTube.id).where(
        PlannedTube.request_id == Request.id, ~PlannedTube.by_hand, _label_waits()
    )
    return exists(waiting.correlate(Request))


def waiting_requests(ward_id: uuid.UUID, most: int = MOST_AT_ONCE) -> list[uuid.UUID]:
    """The requests of a ward with something never printed, the most pressing first."""
    statement = (
        select(Request.id)
        .where(
            Request.ward_id == ward_id,
            Request.closed_at.is_(None),
            or_(_card_waits(), _some_label_waits()),
        )
        .order_by(Request.band, Request.needed_by, Request.id)
        .limit(most)
    )
    return list(session().scalars(statement))


def card_to_print(request_id: uuid.UUID) -> CardToPrint:
    """One card for the print station; NotFound."""
    labelled = (
        select(func.count(Specimen.id))
        .where(Specimen.request_id == Request.id, Specimen.number.is_not(None))
        .scalar_subquery()
    )
    statement = (
        select(Request, Ward.name, func.count(FormPrint.id), labelled)
        .join(Ward, Ward.id == Request.ward_id)
        .outerjoin(FormPrint, FormPrint.request_id == Request.id)
        .where(Request.id == request_id)
        .group_by(Request.id, Ward.name)
    )
    for row, ward, printed, labels in session().execute(statement):
        return CardToPrint(
            row.patient_id,
            row.id,
            grouped(row.number),
            ward,
            row.band,
            row.needed_by,
            printed,
            labels,
        )
    raise NotFound


def label_to_print(request_id: uuid.UUID, planned_tube_id: uuid.UUID) -> LabelToPrint:
    """One label that came out before, for the print station; NotFound."""
    statement = (
        select(Request, Ward.name, Specimen.number, func.count(LabelPrint.id))
        .join(Ward, Ward.id == Request.ward_id)
        .join(Specimen, Specimen.request_id == Request.id)
        .outerjoin(
            LabelPrint,
            (LabelPrint.specimen_id == Specimen.id) & (LabelPrint.number == Specimen.number),
        )
        .where(Request.id == request_id, Specimen.planned_tube_id == planned_tube_id)
        .group_by(Request.id, Ward.name, Specimen.number)
    )
    for row, ward, number, printed in session().execute(statement):
        if number is not None:
            return LabelToPrint(
                row.patient_id,
                row.id,
                planned_tube_id,
                grouped(number),
                ward,
                row.band,
                row.needed_by,
                printed,
            )
    raise NotFound
