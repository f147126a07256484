"""Ways to a laboratory: added, changed, closed for a time, taken off. No record points at one."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm.attributes import flag_modified

from lab_contingency.audit.rules import changed
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.network.commands import AddLink, SetWay
from lab_contingency.network.models import Link, LinkRun
from lab_contingency.network.rules import WEEKDAYS, minute_text
from lab_contingency.places.queries import laboratory, site


def add_link(command: AddLink, *, actor: Actor) -> uuid.UUID:
    """A new way; RuleBroken when it stands already, or would never go."""
    laboratory(command.to_laboratory_id)
    if command.from_site_id is not None:
        site(command.from_site_id)
    if command.from_laboratory_id is not None:
        laboratory(command.from_laboratory_id)
    if command.from_laboratory_id == command.to_laboratory_id:
        raise RuleBroken("A way leads to another place.", field="start")
    _refuse(command.way)
    row = Link(
        id=new_id(),
        from_site_id=command.from_site_id,
        from_laboratory_id=command.from_laboratory_id,
        to_laboratory_id=command.to_laboratory_id,
        **_columns(command.way),
    )
    session().add(row)
    session().flush()
    _write_runs(row.id, command.way)
    record("link:added", row.id, actor=actor, changes=changed({}, _said(command.way)))
    return row.id


def change_link(link_id: uuid.UUID, command: SetWay, version: int, *, actor: Actor) -> None:
    """Another travel time, timetable or closure."""
    row = _locked(link_id, version)
    _refuse(command)
    before = SetWay(
        row.travel_minutes, row.note, row.on_demand, (), row.closed_until, row.closed_reason
    )
    changes = changed({**_said(before), "runs": _runs_text(row.id)}, _said(command))
    for name, value in _columns(command).items():
        setattr(row, name, value)
    if "runs" in changes:
        flag_modified(row, "note")  # the timetable is a part of it: its version goes on
        _write_runs(row.id, command)
    session().flush()
    if changes:
        record("link:changed", row.id, actor=actor, changes=changes)


def remove_link(link_id: uuid.UUID, version: int, *, actor: Actor) -> uuid.UUID:
    """Nothing goes this way any more. The laboratory it led to."""
    row = _locked(link_id, version)
    target = row.to_laboratory_id
    session().execute(delete(LinkRun).where(LinkRun.link_id == row.id))
    session().delete(row)
    session().flush()
    record("link:removed", link_id, actor=actor, laboratory=str(target))
    return target


def _locked(link_id: uuid.UUID, version: int) -> Link:
    statement = locked(select(Link).where(Link.id == link_id))
    row = session().scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    if row.version != version:
        raise ChangedByAnother
    return row


def _refuse(way: SetWay) -> None:
    if not way.on_demand and not way.runs:
        raise RuleBroken(
            "Type the times of its runs, or say that somebody goes at any time.", field="monday"
        )
    if way.closed_until is not None and way.closed_until <= clock.now():
        raise RuleBroken(
            "This time has passed. Leave it empty when the way is open.", field="closed_until"
        )
    if way.closed_until is not None and not way.closed_reason:
        raise RuleBroken("Say why it is closed.", field="closed_reason")


def _columns(way: SetWay) -> dict[str, object]:
    return {
        "travel_minutes": way.travel_minutes,
        "note": way.note,
        "on_demand": way.on_demand,
        "closed_until": way.closed_until,
        "closed_reason": way.closed_reason if way.closed_until else "",
    }


def _said(way: SetWay) -> Mapping[str, object]:
    runs = [(run.weekday, run.leaves) for run in way.runs]
    return {**_columns(way), "closed_until": _moment(way.closed_until), "runs": _text(runs)}


def _moment(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _runs_text(link_id: uuid.UUID) -> str:
    rows = session().execute(
        select(LinkRun.weekday, LinkRun.leaves).where(LinkRun.link_id == link_id)
    )
    return _text([(weekday, leaves) for weekday, leaves in rows])


def _text(runs: list[tuple[int, int]]) -> str:
    return ", ".join(f"{WEEKDAYS[day]} {minute_text(leaves)}" for day, leaves in sorted(runs))


def _write_runs(link_id: uuid.UUID, way: SetWay) -> None:
    session().execute(delete(LinkRun).where(LinkRun.link_id == link_id))
    session().add_all(
        LinkRun(id=new_id(), link_id=link_id, weekday=run.weekday, leaves=run.leaves)
        for run in way.runs
    )
    session().flush()
