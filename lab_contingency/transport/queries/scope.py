"""Which boxes a person may reach. Everything outside does not exist for them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, true

from lab_contingency.accounts.rules import Role
from lab_contingency.foundation.actor import Actor
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.transport.models import Consignment

_NODE_WIDE = {Role.SENIOR.value, Role.PORTER.value, Role.COORDINATOR.value, "system"}


def boxes_within(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Consignment`: a laboratory’s own boxes and those for it; for a partner once they left.

    Seniors, porters and coordinators: the node. Everybody else: nothing.
    """
    if actor.role in _NODE_WIDE:
        return true()
    if actor.laboratory_id is None:
        return false()
    to_here = Consignment.to_laboratory_id == actor.laboratory_id
    if actor.role == Role.PARTNER.value:
        return to_here & Consignment.left_at.is_not(None)
    if actor.role == Role.LABORATORY.value:
        return or_(to_here, Consignment.from_laboratory_id == actor.laboratory_id)
    return false()


def still_inside() -> ColumnElement[bool]:
    """The condition on `Consignment` and `Specimen`: the tube of an open place is in its box as far as anybody knows.

    Reception knows nothing of boxes: a tube that was received, rejected or sent on since its box left came out of
    it, also where nobody scanned it out.
    """
    travels = and_(
        Specimen.status == SpecimenStatus.DISPATCHED,
        Specimen.bound_for_id == Consignment.to_laboratory_id,
    )
    return or_(Consignment.left_at.is_(None), travels)
