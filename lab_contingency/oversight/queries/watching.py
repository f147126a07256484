"""Who saw how many patients lately."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from lab_contingency.accounts.rules import role_title
from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.rules import SHOWN
from lab_contingency.foundation.database import session
from lab_contingency.oversight.rules.unusual import Watched, Watcher, beyond_the_usual

_MOST_PEOPLE = 500


def watched(begins: dt.datetime, ends: dt.datetime) -> tuple[Watched, ...]:
    """People by how many patients they saw in [begins, ends) (500 at most)."""
    statement = (
        select(
            AuditEvent.user_id,
            AuditEvent.actor_name,
            AuditEvent.role,
            func.count(func.distinct(AuditEvent.subject_id)).label("patients"),
            func.count().label("looks"),
        )
        .where(
            AuditEvent.action == SHOWN,
            AuditEvent.recorded_at >= begins,
            AuditEvent.recorded_at < ends,
        )
        .group_by(AuditEvent.user_id, AuditEvent.actor_name, AuditEvent.role)
        .order_by(func.count(func.distinct(AuditEvent.subject_id)).desc())
        .limit(_MOST_PEOPLE)
    )
    rows = session().execute(statement)
    return beyond_the_usual(
        Watcher(row.user_id, row.actor_name, role_title(row.role), row.patients, row.looks)
        for row in rows
    )
