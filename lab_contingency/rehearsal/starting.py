"""Making a database ready: migrated, marked as live or demonstration, and filled when it is a demonstration."""

from __future__ import annotations

import datetime as dt

from lab_contingency.accounts.first_run.services import settle
from lab_contingency.audit.services import set_up_streams, take_in_journal
from lab_contingency.foundation import clock, migrations, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import db, unit_of_work
from lab_contingency.foundation.database.engine import check_settings
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.settings import Settings
from lab_contingency.incidents.queries import open_incident
from lab_contingency.incidents.services import check_numbers, set_up_series
from lab_contingency.places.queries import sites
from lab_contingency.rehearsal.demonstration import fill
from lab_contingency.rehearsal.examples import add_examples
from lab_contingency.rehearsal.incident import (
    open_demonstration_incident,
    plan_the_queue,
)

_DOWN_FOR = dt.timedelta(hours=20)
SYSTEM = Actor.system("set-up")


def prepare(settings: Settings, *, examples: bool = True, numbers: bool = True) -> bool:
    """Bring the database of the application in context up to date; True when it is a demonstration.

    With `examples` a fresh demonstration also holds a few requests to look at. With `numbers` an old copy
    that was put back is refused: StartRefused.
    """
    migrations.bring_up_to_date()
    check_settings(db.engine)
    with unit_of_work():
        held = node.held_node()
        demonstration = settings.demonstration or (held is not None and held.demonstration)
        row = node.set_up(demonstration=demonstration)
        if clock.now() < row.created_at:
            raise StartRefused(
                "The clock of this computer is wrong: it is before this database was made. Set it right."
            )
        set_up_streams()
        set_up_series()
        if numbers:
            check_numbers()
    if not settings.demonstration:
        settle()
    take_in_journal()  # what was shown while the database could not record
    if demonstration and not sites():
        fill(SYSTEM)
        if examples:
            begin_demonstration()
    return demonstration


def begin_demonstration() -> None:
    """Declare the incident and put a few requests under way, unless the demonstration holds an incident."""
    if open_incident() is None:
        open_demonstration_incident(clock.now() - _DOWN_FOR)
        add_examples()
        plan_the_queue()
