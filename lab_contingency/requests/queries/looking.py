"""Looks beyond one's place, and how many patients somebody was shown lately."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, case, func, not_, select

from lab_contingency.accounts.rules import GRANTS, Role
from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.places.queries import laboratories, sites
from lab_contingency.requests.models import LookGrant, Request
from lab_contingency.requests.queries.views import RequestView, request_views
from lab_contingency.requests.rules.looking import Brake, reason_words
from lab_contingency.requests.scope import own_place, standing, within

_LISTED_FOR = dt.timedelta(days=7)
_MOST = 200
REFUSED, RELEASED = "look:refused", "brake:released"


@discloses(
    reason=Field.REMARKS, **dict.fromkeys(("by_name", "role", "place", "patient_of"), NOTHING)
)
@dataclass(frozen=True, slots=True)
class LookView:
    """One look: whose, at which patient, why, until when. `patient_of`: the places of their requests."""

    id: uuid.UUID
    patient_id: uuid.UUID
    by_name: str
    role: str
    place: str
    patient_of: str
    reason: str
    asked_at: dt.datetime
    ends_at: dt.datetime
    ended_at: dt.datetime | None

    @property
    def stands(self) -> bool:
        """Whether it can still be used."""
        return self.ended_at is None and self.ends_at > clock.now()


@dataclass(frozen=True, slots=True)
class Noted:
    """A refused look or a pause: who, when, and what they wrote."""

    by_name: str
    role: str
    at: dt.datetime
    words: str


def look_at(request_id: uuid.UUID, actor: Actor) -> LookView | None:
    """The look through which this sign-in sees a request; None when its own place shows it."""
    if actor.sign_in_id is None:
        return None
    statement = (
        select(LookGrant)
        .join(Request, Request.patient_id == LookGrant.patient_id)
        .where(Request.id == request_id, standing(actor), not_(own_place(actor)))
        .order_by(LookGrant.ends_at.desc())
        .limit(1)
    )
    row = session().scalars(statement).first()
    return _view(row) if row else None


def my_look(look_id: uuid.UUID, actor: Actor) -> LookView:
    """A look of this sign-in that has not ended; NotFound."""
    row = (
        session().scalars(select(LookGrant).where(LookGrant.id == look_id, standing(actor))).first()
    )
    if row is None:
        raise NotFound
    return _view(row)


def requests_looked_at(look: LookView, actor: Actor) -> tuple[RequestView, ...]:
    """Every request of the patient looked at, newest first."""
    views = request_views(Request.patient_id == look.patient_id, actor, reading=True)
    return tuple(sorted(views, key=lambda view: view.requested_at, reverse=True))


def looks_lately() -> tuple[LookView, ...]:
    """Everybody's looks of seven days, newest first (200 at most)."""
    since = clock.now() - _LISTED_FOR
    statement = (
        select(LookGrant)
        .where(LookGrant.asked_at > since)
        .order_by(LookGrant.asked_at.desc(), LookGrant.id.desc())
        .limit(_MOST)
    )
    rows = session().scalars(statement).all()
    homes = _homes([row.patient_id for row in rows])
    return tuple(_view(row, homes.get(row.patient_id, ())) for row in rows)


def looks_standing() -> Select[int]:
    """Count the looks that are open now: a statement of one number."""
    return select(func.count(LookGrant.id)).where(
        # asked when it is executed: the statement itself is kept
        LookGrant.ends_at > bindparam("now", callable_=clock.now, unique=True),
        LookGrant.ended_at.is_(None),
    )


def noted_lately(action: str) -> tuple[Noted, ...]:
    """Refused looks or pauses of seven days, newest first (200 at most)."""
    statement = (
        select(AuditEvent)
        .where(
            AuditEvent.subject == action.partition(":")[0],
            AuditEvent.action == action,
            AuditEvent.recorded_at > clock.now() - _LISTED_FOR,
        )
        .order_by(AuditEvent.recorded_at.desc(), AuditEvent.id.desc())
        .limit(_MOST)
    )
    return tuple(_noted(row) for row in session().scalars(statement))


def _noted(row: AuditEvent) -> Noted:
    held = unseal(AuditEvent.__tablename__, row.id, row.sealed) if row.sealed else {}
    return Noted(row.actor_name, _title(row.role), row.recorded_at, held.get("reason", ["", ""])[1])


def tries_lately(user_id: uuid.UUID, since: dt.datetime) -> int:
    """How often a person tried to look beyond their place, over all their sign-ins."""
    statement = select(func.count(AuditEvent.id)).where(
        AuditEvent.user_id == user_id,
        AuditEvent.recorded_at > since,
        AuditEvent.action.in_(("look:granted", REFUSED)),
    )
    return int(session().execute(statement).scalar() or 0)


def shown_lately(actor: Actor, brake: Brake) -> int:
    """How many patients a person was shown on pages of one patient, and how many papers they took.

    A paper may be of a patient shown before: together they are never fewer than the patients.
    Counted over all their sign-ins, so that signing in again gives nothing; since the last time they
    said why they need more. One look into one index.
    """
    since = clock.now() - brake.within
    mine = (AuditEvent.user_id == actor.user_id) & (AuditEvent.recorded_at > since)
    said_why = select(func.max(AuditEvent.recorded_at)).where(mine, AuditEvent.action == RELEASED)
    shown = case((AuditEvent.subject == "disclosure", AuditEvent.subject_id))
    left = case((AuditEvent.subject == "leaving", AuditEvent.id))
    statement = select(func.count(shown.distinct()), func.count(left)).where(
        mine,
        AuditEvent.list_key.is_(None),
        AuditEvent.recorded_at > func.coalesce(said_why.scalar_subquery(), since),
    )
    return sum(session().execute(statement).one())


def is_finished(request_id: uuid.UUID, actor: Actor) -> bool:
    """Whether a request in the actor's scope waits for nothing any more."""
    statement = select(Request.id).where(
        Request.id == request_id, Request.closed_at.is_not(None), within(actor)
    )
    return session().scalars(statement).first() is not None


def _view(row: LookGrant, homes: tuple[str, ...] = ()) -> LookView:
    text = unseal(LookGrant.__tablename__, row.id, row.sealed)["reason"]
    return LookView(
        row.id,
        row.patient_id,
        row.by_name,
        _title(row.role),
        _place(row),
        ", ".join(homes),
        reason_words(row.reason_code, text),
        row.asked_at,
        row.ends_at,
        row.ended_at,
    )


def _title(role: str) -> str:
    return GRANTS[Role(role)].title if role in set(Role) else role


def _place(row: LookGrant) -> str:
    places = {each.id: each.name for each in sites()}
    places |= {each.id: each.name for each in laboratories()}
    home = row.site_id or row.laboratory_id
    return places.get(home, "") if home else "all places"


def _homes(patients: list[uuid.UUID]) -> dict[uuid.UUID, tuple[str, ...]]:
    """The sites of these patients' requests: whose patients they are, without a name."""
    statement = (
        select(Request.patient_id, Request.site_id)
        .where(Request.patient_id.in_(patients))
        .distinct()
        .limit(_MOST * 4)
    )
    names = {each.id: each.name for each in sites()}
    found: dict[uuid.UUID, tuple[str, ...]] = {}
    for patient_id, site_id in session().execute(statement):
        found[patient_id] = (*found.get(patient_id, ()), names.get(site_id, ""))
    return found
