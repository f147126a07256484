"""The requester's own list: ready, overdue, to be taken again, waiting."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import near_time_text, until_text
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries import RequestView, request_views
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.results.models import UNREAD, Release
from lab_contingency.tracking.queries.missing import TUBE_IS_MISSING, MissingTube, missing_within
from lab_contingency.transport.chasing.queries import known_of

_FINISHED_SHOWN = dt.timedelta(hours=24)
_MOST, _MOST_OPEN, _MOST_FINISHED = 300, 2000, 100


class Group(enum.StrEnum):
    """Under which heading a request stands, most pressing first."""

    RECOLLECT = "Take again"
    OVERDUE = "Overdue"
    READY = "Ready to read"
    WAITING = "Waiting"
    FINISHED = "Finished in the last 24 hours"


@discloses(label=Field.TESTS, words=NOTHING)
@dataclass(frozen=True, slots=True)
class ListedTests:
    """The tests of a row that stand at the same point: `FBC, U&E`, `typed, not checked`."""

    patient_id: uuid.UUID
    label: str
    words: str


@discloses(group=NOTHING, needed=NOTHING, until=NOTHING, chased=NOTHING, missing=NOTHING)
@dataclass(frozen=True, slots=True)
class ListedRequest:
    """One row of the list. `missing`: a sentence for each tube that its box was opened without."""

    view: RequestView
    group: Group
    needed: str
    until: str
    overdue: bool
    tests: tuple[ListedTests, ...]
    unread: bool
    chased: str = ""
    missing: tuple[str, ...] = ()

    @property
    def patient_id(self) -> uuid.UUID:
        """Whose request it is."""
        return self.view.patient_id


def my_requests(
    actor: Actor, *, unread_only: bool = False
) -> dict[Group, tuple[ListedRequest, ...]]:
    """The requests of the actor's scope by group; finished ones for a day, after all that waits."""
    unread = _unread(actor)
    views = _chosen(actor, unread, unread_only)
    chased = known_of(view.id for view in views if view.closed_at is None)
    missing = missing_within(actor)
    rows = [
        _listed(view, view.id in unread, chased.get(view.id, ""), missing.get(view.id, {}))
        for view in views
    ]
    return {
        group: found
        for group in Group
        if (found := tuple(row for row in rows if row.group is group))
    }


def _chosen(actor: Actor, unread: set[uuid.UUID], unread_only: bool) -> tuple[RequestView, ...]:  # noqa: FBT001 - one of two lists
    """What waits is read first and by itself, so that finished requests never push it off the list."""
    pressing = Request.id.in_(unread)
    if unread_only:
        return request_views(pressing, actor, _MOST)
    waiting = request_views(or_(Request.closed_at.is_(None), pressing), actor, _MOST_OPEN)
    recently = Request.closed_at > clock.now() - _FINISHED_SHOWN
    finished = request_views(recently & Request.id.not_in(unread), actor, _MOST_FINISHED)
    return waiting + finished


def _unread(actor: Actor) -> set[uuid.UUID]:
    statement = (
        select(Release.request_id)
        .join(Request, Request.id == Release.request_id)
        .where(UNREAD, within(actor))
        .limit(_MOST)
    )
    return set(session().scalars(statement))


def _listed(
    view: RequestView,
    unread: bool,  # noqa: FBT001 - one of the facts of a row
    chased: str,
    missing: Mapping[uuid.UUID, MissingTube],
) -> ListedRequest:
    return ListedRequest(
        view=view,
        group=_group(view, unread=unread),
        needed=near_time_text(view.due_at),
        until=until_text(view.due_at, clock.now()) if view.closed_at is None else "",
        overdue=view.overdue,
        tests=_tests(view, missing),
        unread=unread,
        chased=chased,
        missing=tuple(tube.sentence for tube in missing.values()),
    )


def _tests(view: RequestView, missing: Mapping[uuid.UUID, MissingTube]) -> tuple[ListedTests, ...]:
    labels: dict[str, list[str]] = {}
    for test in view.tests:
        lost = test.planned_tube_id in missing
        labels.setdefault(TUBE_IS_MISSING if lost else test.words, []).append(test.test.label)
    return tuple(
        ListedTests(view.patient_id, ", ".join(found), words) for words, found in labels.items()
    )


def _group(view: RequestView, *, unread: bool) -> Group:
    if any(test.status is TestStatus.REJECTED for test in view.tests):
        return Group.RECOLLECT
    if view.overdue:
        return Group.OVERDUE
    if unread:
        return Group.READY
    return Group.WAITING if view.closed_at is None else Group.FINISHED
