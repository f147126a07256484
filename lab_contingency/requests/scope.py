"""What a person may reach. Everything outside does not exist for them: the answers are the same."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, select, true

from lab_contingency.accounts.rules import Role
from lab_contingency.foundation.actor import Actor
from lab_contingency.requests.models import Request, RequestReach

_NODE_WIDE = {Role.SENIOR.value, Role.PORTER.value, Role.COORDINATOR.value, "system"}
_BY_LABORATORY = {Role.LABORATORY.value, Role.PARTNER.value}


def within(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Request` for this actor's scope.

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
