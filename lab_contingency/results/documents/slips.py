"""The result slip as frozen content: only what is authorised, with the issuer's units and intervals."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab_contingency.audit.rules import NO_FIELD, Field
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.wording import (
    and_text,
    day_time_text,
    duration_text,
    full_time_text,
)
from lab_contingency.printing import content
from lab_contingency.results.queries.released import (
    ReleasedPage,
    ReleasedRow,
    ReleasedTest,
    released_page,
)
from lab_contingency.results.rules.calls import CallOutcome
from lab_contingency.specimens.documents import identity_fields, patient

TITLE = "Result slip"
_NAMES_SHOWN = 3
_SAME = 1
_NOT_TELEPHONED, _PUT_RIGHT = "Not telephoned: ", "it was put right."


@dataclass(frozen=True, slots=True)
class SlipIssue:
    """What this printing is: number, version, copy, and why if a copy."""

    number: str
    version: int
    copy: int = 1
    copy_reason: str | None = None
    mark: str = ""

    @property
    def version_words(self) -> str:
        """Say `version 1`, or `version 2 of 2`: a later one replaces those before."""
        one = self.version == 1
        return "version 1" if one else f"version {self.version} of {self.version}"


def result_slip(request_id: uuid.UUID, issue: SlipIssue, *, actor: Actor) -> content.ResultSlip:
    """Make the slip of a request from what is authorised now. RuleBroken while nothing is."""
    page = released_page(request_id, actor, on_paper=True)
    if not page.tests:
        raise RuleBroken("Nothing of this request is authorised yet, so there is no slip to print.")
    view, rows = page.request, [row for test in page.tests for row in test.rows]
    days = _before_days(rows)
    laboratories = list(dict.fromkeys(test.laboratory for test in page.tests))
    return content.ResultSlip(
        number=issue.number,
        title=TITLE,
        laboratory=f"{and_text(laboratories)}. Made while the main system is down.",
        extent="WHOLE REQUEST" if page.whole else "PART OF THE REQUEST",
        finality=_finality(page),
        version=issue.version_words,
        patient=patient(view.patient),
        to=view.destination.name,
        asked_by=view.requested_by,
        priority=view.band.text,
        taken=_first(row.view.value.taken_at for row in rows) or "time not known",
        received=day_time_text(view.received_at) if view.received_at else "–",
        authorised=_last(row.view.authorised_at for row in rows),
        interval_heading=_interval_heading(page),
        before_heading=day_time_text(next(iter(days))) if len(days) == _SAME else "Before",
        groups=tuple(_group(test, dated=len(days) > _SAME) for test in page.tests),
        made=_made(issue, actor),
        criticals=tuple(_critical(row) for row in rows if _was_to_be_telephoned(row)),
        still_to_come="; ".join(f"{each.label}, {each.words}" for each in page.to_come),
        typed_by=_people(row.view.entered_by for row in rows),
        checked_by=_people(row.view.checked_by for row in rows),
        authorised_by=_people(row.view.authorised_by for row in rows),
        request_number=view.number_text,
        identified=patient(view.patient.identified) if view.patient.identified else None,
    )


def slip_again(said: Mapping[str, Any], issue: SlipIssue, *, actor: Actor) -> content.ResultSlip:
    """Make the slip that a kept print says, word for word, as another copy of it."""
    held = {name: said[name] for name in content.ResultSlip.__slots__ if name in said}
    held["patient"] = content.PatientIdentity(**held["patient"])
    if held.get("identified"):
        held["identified"] = content.PatientIdentity(**held["identified"])
    held["groups"] = tuple(_group_again(group) for group in held["groups"])
    held["criticals"] = tuple(content.CriticalNote(**note) for note in held["criticals"])
    held["comments"] = tuple(held["comments"])
    held["made"] = _made(issue, actor)
    return replace(content.ResultSlip(**held), number=issue.number)


def _group_again(said: Mapping[str, Any]) -> content.ResultGroup:
    rows = tuple(content.ResultRow(**row) for row in said["rows"])
    return content.ResultGroup(**{**said, "rows": rows})


def _finality(page: ReleasedPage) -> str:
    if page.being_put_right:
        return "a result is being put right"
    return "results final" if page.whole else "these results final"


def _interval_heading(page: ReleasedPage) -> str:
    sex = page.request.patient.identity.sex.value
    return f"Interval ({sex})" if sex in ("F", "M") else "Interval"


def _first(moments: Iterable[dt.datetime | None]) -> str:
    held = [moment for moment in moments if moment is not None]
    return day_time_text(min(held)) if held else ""


def _last(moments: Iterable[dt.datetime | None]) -> str:
    held = [moment for moment in moments if moment is not None]
    return day_time_text(max(held)) if held else ""


def _before_days(rows: Iterable[ReleasedRow]) -> set[dt.datetime]:
    return {row.before.at for row in rows if row.before is not None and _has_before(row)}


def _has_before(row: ReleasedRow) -> bool:
    """Whether there is a number before that can be compared; a sentence does not fit beside another."""
    if row.incomparable:
        return False
    return row.before is not None and row.before.value.number is not None


def _group(test: ReleasedTest, *, dated: bool) -> content.ResultGroup:
    colour = "" if test.test.test.bedside else f", {test.chip.colour_name} tube"
    age = (
        f"sample {duration_text(test.age)} old" if test.age is not None else "sample age not known"
    )
    return content.ResultGroup(
        heading=f"{test.test.test.name}{colour}",
        sample_age=age,
        laboratory=test.laboratory,
        method=test.method,
        rows=tuple(_row(row, dated=dated) for row in test.rows),
    )


def _row(row: ReleasedRow, *, dated: bool) -> content.ResultRow:
    view, value = row.view, row.view.value
    old = row.old[-1].value.words if row.old else None
    return content.ResultRow(
        name=f"{view.analyte.name}, worked out" if view.derived else view.analyte.name,
        value=value.words,
        unit=value.unit,
        interval=value.interval,
        before=_before(row, dated=dated),
        flag=view.flag_words,
        mark=view.mark,
        status=_status(row),
        state=_state(row),
        old_value=old,
        reason=f"Why: {value.reason}" if row.old and value.reason else "",
        comment=" ".join(filter(None, (_not_comparable(row), value.said))),
    )


def _not_comparable(row: ReleasedRow) -> str:
    """Say beside a value which one came before and why the two cannot be compared."""
    if row.before is None or not row.incomparable:
        return ""
    old = f"{row.before.words} {row.before.unit}".strip()
    when = day_time_text(row.before.at).split()[0]
    return f"Before, {when}: {old}. Not comparable: {row.incomparable}."


def _status(row: ReleasedRow) -> str:
    """Say on every line how far it can be relied on: only what was authorised stands on a slip."""
    if row.being_put_right:
        return "being put right"
    return "amended" if row.old else "final"


def _state(row: ReleasedRow) -> str:
    if row.being_put_right:
        return "being put right: ring before you rely on it"
    return "amended" if row.old else ""


def _before(row: ReleasedRow, *, dated: bool) -> str:
    if row.before is None or not _has_before(row):
        return "–"
    words = row.before.value.words
    return f"{words} {day_time_text(row.before.at).split()[0]}" if dated else words


def _was_to_be_telephoned(row: ReleasedRow) -> bool:
    return row.to_be_telephoned or row.telephoned is not None


def _critical(row: ReleasedRow) -> content.CriticalNote:
    value, ended = row.view.value, row.telephoned
    what = f"{row.view.analyte.name} {value.words} {value.unit}".strip() + "."
    if ended is None:
        return content.CriticalNote(what, "Not telephoned yet.", "")
    at = day_time_text(ended.at)
    if ended.outcome is CallOutcome.TOLD:
        who = ", ".join(part for part in (ended.person, ended.role) if part)
        return content.CriticalNote(what, f"Telephoned {at} to {who}.", "Read back: yes.")
    return content.CriticalNote(
        what, f"{_NOT_TELEPHONED}{ended.why_not}.", f"{ended.by_name}, {at}."
    )


def _people(names: Iterable[str]) -> str:
    held: Sequence[str] = [name for name in dict.fromkeys(names) if name]
    if len(held) <= _NAMES_SHOWN:
        return and_text(list(held))
    return f"{', '.join(held[:_NAMES_SHOWN])} and {len(held) - _NAMES_SHOWN} more"


def _made(issue: SlipIssue, actor: Actor) -> content.PrintedBy:
    return content.PrintedBy(
        printed=f"Printed {full_time_text(clock.now())} by {actor.name}",
        copy_number=f"copy {issue.copy}",
        copy_reason=issue.copy_reason,
        test_mark=node.this_node().demonstration,
        mark=issue.mark,
    )


def slip_fields(slip: content.ResultSlip) -> Field:
    """Which kinds of the patient's data stand on a slip."""
    found = identity_fields(slip.patient) | Field.PLACE | Field.TESTS | Field.RESULTS
    rows = [row for group in slip.groups for row in group.rows]
    said = any(row.comment or row.reason for row in rows) or any(
        note.telephoned.startswith(_NOT_TELEPHONED) and not note.telephoned.endswith(_PUT_RIGHT)
        for note in slip.criticals
    )
    remarks = Field.REMARKS if said or slip.comments else NO_FIELD
    return found | remarks | (Field.CONTACT if slip.asked_by or slip.criticals else NO_FIELD)
