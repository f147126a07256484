"""Boxes from us, boxes for us, and what did not agree on arrival. No patient stands on these lists."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from lab_contingency.accounts.rules import Role
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.models import Laboratory
from lab_contingency.specimens.models import Specimen
from lab_contingency.transport.models import (
    Consignment,
    ConsignmentItem,
    Discrepancy,
    HandOver,
)
from lab_contingency.transport.queries.scope import boxes_within, still_inside
from lab_contingency.transport.rules import (
    SETTLEMENTS,
    WORDS,
    ConsignmentState,
    DiscrepancyKind,
    Settlement,
)

MOST = 300
_TRAVELS = frozenset({ConsignmentState.IN_TRANSIT, ConsignmentState.RECALLED})
_FROM, _TO = aliased(Laboratory), aliased(Laboratory)


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One box on a list: whither, where it stands, who has it."""

    id: uuid.UUID
    number: str
    number_text: str
    from_id: uuid.UUID
    from_name: str
    to_id: uuid.UUID
    to_name: str
    to_telephone: str
    from_telephone: str
    state: ConsignmentState
    box: str
    seal: str | None
    temperature: str
    tubes: int
    holder: str
    made_at: dt.datetime
    left_at: dt.datetime | None
    due_at: dt.datetime | None
    ended_at: dt.datetime | None
    version: int

    @property
    def emptied(self) -> bool:
        """Whether it left, and every tube in it was received without the box being scanned."""
        return self.state in _TRAVELS and self.tubes == 0

    @property
    def goes_back(self) -> bool:
        """Whether whoever has it brings it back where it was packed."""
        return self.state is ConsignmentState.RECALLED

    @property
    def words(self) -> str:
        """Where it stands, as people say it."""
        return "arrived, every tube received" if self.emptied else WORDS[self.state]

    @property
    def overdue(self) -> bool:
        """Whether it should be there and nobody has said that it is."""
        waits = self.state in _TRAVELS and not self.emptied
        return waits and self.due_at is not None and self.due_at < clock.now()


def boxes_here(actor: Actor) -> tuple[BoxRow, ...]:
    """Open boxes that were packed where the actor works (of the node for who works nowhere), first due first."""
    return _boxes(actor, Consignment.from_laboratory_id == actor.laboratory_id)


def boxes_for(actor: Actor) -> tuple[BoxRow, ...]:
    """Open boxes for where the actor works, from the moment they are sealed."""
    closed = Consignment.state != ConsignmentState.PACKING
    return _boxes(actor, (Consignment.to_laboratory_id == actor.laboratory_id) & closed)


def boxes_to_carry(actor: Actor) -> tuple[BoxRow, ...]:
    """Boxes that are sealed, on the way or called back, first due first; not one that everything came out of."""
    carried = (
        ConsignmentState.SEALED,
        ConsignmentState.IN_TRANSIT,
        ConsignmentState.RECALLED,
    )
    rows = _rows(_statement(actor).where(Consignment.state.in_(carried)))
    return tuple(row for row in rows if not row.emptied)


def box_row(consignment_id: uuid.UUID, actor: Actor) -> BoxRow | None:
    """One box in the actor’s scope, ended or not; None."""
    found = _rows(_statement(actor).where(Consignment.id == consignment_id))
    return found[0] if found else None


def box_of_number(number: str, actor: Actor) -> BoxRow | None:
    """The box with that number in the actor’s scope; None."""
    found = _rows(_statement(actor).where(Consignment.number == number))
    return found[0] if found else None


def packed_already(actor: Actor) -> dict[uuid.UUID, str]:
    """Tubes of the actor’s boxes that are being packed or sealed, each with the number of its box."""
    statement = (
        select(ConsignmentItem.specimen_id, Consignment.number)
        .join(Consignment, Consignment.id == ConsignmentItem.consignment_id)
        .where(ConsignmentItem.ended_at.is_(None), boxes_within(actor))
    )
    return {row.specimen_id: grouped(row.number) for row in session().execute(statement)}


def _boxes(actor: Actor, ours: ColumnElement[bool]) -> tuple[BoxRow, ...]:
    statement = _statement(actor).where(Consignment.ended_at.is_(None))
    return _rows(statement if actor.laboratory_id is None else statement.where(ours))


def _statement(actor: Actor) -> Select[*tuple[object, ...]]:
    inside = (
        select(func.count(ConsignmentItem.id))
        .join(Specimen, Specimen.id == ConsignmentItem.specimen_id)
        .where(
            ConsignmentItem.consignment_id == Consignment.id,
            or_(
                and_(ConsignmentItem.ended_at.is_(None), still_inside()),
                Consignment.ended_at.is_not(None),
            ),
            or_(
                ConsignmentItem.outcome.is_(None),
                ConsignmentItem.outcome != "taken out",
            ),
        )
        .correlate(Consignment)
        .scalar_subquery()
    )
    last = (
        select(HandOver.to_name)
        .where(HandOver.consignment_id == Consignment.id)
        .order_by(HandOver.recorded_at.desc(), HandOver.id.desc())
        .limit(1)
        .correlate(Consignment)
        .scalar_subquery()
    )
    return (
        select(
            Consignment,
            _FROM.name.label("from_name"),
            _FROM.telephone.label("from_telephone"),
            _TO.name.label("to_name"),
            _TO.telephone.label("to_telephone"),
            inside.label("tubes"),
            last.label("holder"),
        )
        .join(_FROM, _FROM.id == Consignment.from_laboratory_id)
        .join(_TO, _TO.id == Consignment.to_laboratory_id)
        .where(boxes_within(actor))
        .order_by(Consignment.due_at.is_(None), Consignment.due_at, Consignment.made_at)
        .limit(MOST)
    )


def _rows(statement: Select[*tuple[object, ...]]) -> tuple[BoxRow, ...]:
    fresh = statement.execution_options(populate_existing=True)
    return tuple(_row(row) for row in session().execute(fresh))


def _row(row: Row[*tuple[object, ...]]) -> BoxRow:
    box: Consignment = row.Consignment
    return BoxRow(
        id=box.id,
        number=box.number,
        number_text=grouped(box.number),
        from_id=box.from_laboratory_id,
        from_name=row.from_name,
        to_id=box.to_laboratory_id,
        to_name=row.to_name,
        to_telephone=row.to_telephone,
        from_telephone=row.from_telephone,
        state=box.state,
        box=box.box,
        seal=box.seal,
        temperature=box.temperature.value,
        tubes=row.tubes,
        holder=row.holder or box.made_by,
        made_at=box.made_at,
        left_at=box.left_at,
        due_at=box.due_at,
        ended_at=box.ended_at,
        version=box.version,
    )


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """Something that did not agree: which tube of which box, whose it is now, how it may end."""

    id: uuid.UUID
    consignment_id: uuid.UUID
    box_text: str
    from_id: uuid.UUID
    from_name: str
    to_id: uuid.UUID
    to_name: str
    kind: DiscrepancyKind
    tube: str
    where: str
    owner: str
    owner_laboratory_id: uuid.UUID
    opened_at: dt.datetime
    opened_by: str
    settled_at: dt.datetime | None
    settled_by: str | None
    settlement: Settlement | None

    @property
    def endings(self) -> tuple[Settlement, ...]:
        """How this kind may end."""
        return SETTLEMENTS[self.kind]


def open_differences(actor: Actor) -> tuple[DifferenceRow, ...]:
    """What is not settled in boxes of the actor’s scope, the oldest first."""
    statement = _differences(actor).where(Discrepancy.settled_at.is_(None))
    if actor.laboratory_id is not None and actor.role != Role.SENIOR.value:
        ours = or_(
            Consignment.from_laboratory_id == actor.laboratory_id,
            Consignment.to_laboratory_id == actor.laboratory_id,
        )
        statement = statement.where(ours)
    return _difference_rows(statement)


def differences_of(consignment_id: uuid.UUID, actor: Actor) -> tuple[DifferenceRow, ...]:
    """Everything that did not agree in one box, settled or not."""
    return _difference_rows(_differences(actor).where(Discrepancy.consignment_id == consignment_id))


def difference(discrepancy_id: uuid.UUID, actor: Actor) -> DifferenceRow | None:
    """One of them in the actor’s scope; None."""
    found = _difference_rows(_differences(actor).where(Discrepancy.id == discrepancy_id))
    return found[0] if found else None


def _differences(actor: Actor) -> Select[*tuple[object, ...]]:
    return (
        select(
            Discrepancy,
            Consignment.number,
            Consignment.from_laboratory_id,
            Consignment.to_laboratory_id,
            _FROM.name.label("from_name"),
            _TO.name.label("to_name"),
            Specimen.number.label("tube"),
            Specimen.holder,
        )
        .join(Consignment, Consignment.id == Discrepancy.consignment_id)
        .join(_FROM, _FROM.id == Consignment.from_laboratory_id)
        .join(_TO, _TO.id == Consignment.to_laboratory_id)
        .outerjoin(Specimen, and_(Specimen.id == Discrepancy.specimen_id))
        .where(boxes_within(actor))
        .order_by(Discrepancy.opened_at, Discrepancy.id)
        .limit(MOST)
    )


def _difference_rows(statement: Select[*tuple[object, ...]]) -> tuple[DifferenceRow, ...]:
    fresh = statement.execution_options(populate_existing=True)
    return tuple(_difference(row) for row in session().execute(fresh))


def _difference(row: Row[*tuple[object, ...]]) -> DifferenceRow:
    held: Discrepancy = row.Discrepancy
    return DifferenceRow(
        id=held.id,
        consignment_id=held.consignment_id,
        box_text=grouped(row.number),
        from_id=row.from_laboratory_id,
        from_name=row.from_name,
        to_id=row.to_laboratory_id,
        to_name=row.to_name,
        kind=held.kind,
        tube=grouped(row.tube) if row.tube else "",
        where=row.holder or "",
        owner=held.owner,
        owner_laboratory_id=held.owner_laboratory_id,
        opened_at=held.opened_at,
        opened_by=held.opened_by,
        settled_at=held.settled_at,
        settled_by=held.settled_by,
        settlement=held.settlement,
    )
