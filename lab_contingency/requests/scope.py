"""What a person may reach. Everything outside does not exist for them: the answers are the same."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select, true

from lab_contingency.accounts.rules import Permission, Role, holds
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.requests.models import LookGrant, Request, RequestReach

_NODE_WIDE = {Role.SENIOR.value, Role.PORTER.value, Role.COORDINATOR.value, "system"}
_BY_LABORATORY = {Role.LABORATORY.value, Role.PARTNER.value}


def within(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Request` for this actor's scope: what they may work on.

    Requesters: the wards of their site. Laboratories and partners: what is bound for them or was received
    there. Seniors, porters, coordinators: the node. Everybody else: nothing.
    """
    if actor.role in _NODE_WIDE:
        return true()
    if actor.role == Role.REQUESTER.value and actor.site_id is not None:
        return Request.site_id == actor.site_id
    if actor.role in _BY_LABORATORY and actor.laboratory_id is not None:
        reached = select(RequestReach.request_id).where(
            RequestReach.laboratory_id == actor.laboratory_id
        )
        return Request.id.in_(reached)
    return false()


def within_reading(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Request` for pages that only show: one's own place, and a look beyond it.

    Never for an action: a look lets nobody withdraw, print, type or acknowledge.
    """
    if not holds(actor.role, Permission.LOOK_WITH_REASON) or actor.sign_in_id is None:
        return own_place(actor)
    looked_at = select(LookGrant.patient_id).where(standing(actor))
    return or_(own_place(actor), Request.patient_id.in_(looked_at))


def own_place(actor: Actor) -> ColumnElement[bool]:
    """What a person reads without a reason. A coordinator's node is places and numbers, not patients."""
    return false() if actor.role == Role.COORDINATOR.value else within(actor)


def standing(actor: Actor) -> ColumnElement[bool]:
    """The condition on `LookGrant` for the looks of this sign-in that have not ended."""
    return (
        (LookGrant.sign_in_id == actor.sign_in_id)
        & (LookGrant.ends_at > clock.now())
        & LookGrant.ended_at.is_(None)
    )
