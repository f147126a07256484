"""Typing back: each row of a returned slip becomes the next version of its value, with all that was written beside it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from lab_contingency.audit.services import record
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Analyte, read_number
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken, RulesBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.foundation.web.forms import unprintable
from lab_contingency.foundation.wording import day_time_text
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.statuses import RELEASED, TestAction, TestStatus
from lab_contingency.requests.services import Evidence, move_test
from lab_contingency.results.commands import TypedValue
from lab_contingency.results.queries.benches import benches_of
from lab_contingency.results.returned.commands import ReturnedValue, TypeBack
from lab_contingency.results.returned.models import ReturnSlip, SlipReturn
from lab_contingency.results.returned.queries.slips import refusal
from lab_contingency.results.returned.rules import (
    cannot_be_done,
    contradiction,
    flag_said,
    interval_of,
    too_early,
)
from lab_contingency.results.returned.services.loading import (
    Key,
    SlipLine,
    lines_of,
    locked_slip,
    open_return,
)
from lab_contingency.results.rules.values import NOT_DONE_TYPED, Reported, Source
from lab_contingency.results.services.entering import Draft, Entry, field_of
from lab_contingency.results.services.loading import Work, work_on
from lab_contingency.specimens.models import Specimen
from lab_contingency.transport.models import Consignment
from lab_contingency.transport.services import lock_reported_box, receive_by_slip

_TYPING = frozenset({TestStatus.RECEIVED, TestStatus.ENTERED, TestStatus.CHECKED})
_FUTURE = dt.timedelta(minutes=10)
_NOBODY = "Only a person can do this. Sign in."
_NOTHING = "Nothing is typed that does not stand here already. Type what the page says."
_WHY = "Say why the released value changes. The ward reads this sentence."


def type_back(command: TypeBack, *, actor: Actor) -> tuple[str, ...]:
    """Keep what a slip came back with; returns the codes of the tests that a second person can check now.

    A row left empty stays open. What was released already becomes an amendment, with a reason. RulesBroken names
    every box that cannot be kept, and nothing is stored.
    """
    if actor.user_id is None:
        raise RuleBroken(_NOBODY)
    slip = locked_slip(command.slip_id, actor=actor)
    work = work_on(slip.request_id, actor=actor, version=command.version)
    lines = lines_of(slip, work)
    _refuse_times(command)
    touched = _touched(command, slip, lines)
    _refuse_early(command, slip, touched)
    _receive(slip, work, touched, command, actor)
    typing = _Typing(slip, work, command, actor)
    complete = typing.keep(lines)
    _note(slip, command, typing, complete, actor)
    return complete


def _refuse_times(command: TypeBack) -> None:
    if command.done_at > clock.now() + _FUTURE:
        raise RuleBroken(
            "It cannot have been signed in the future. Read the time again.", field="done_at"
        )
    if command.arrived_at is not None and command.arrived_at > command.done_at:
        raise RuleBroken(
            "The tubes arrived before they were measured. Read both times again.",
            field="arrived_at",
        )


def _refuse_early(command: TypeBack, slip: ReturnSlip, touched: Mapping[str, SlipLine]) -> None:
    """No tube was there or measured before it was taken, or before its box left for there.

    A time without its day that lies ahead is read as yesterday's: this is where that comes to light.
    """
    tubes = {line.line.planned_tube_id for line in touched.values()}
    drawn = select(func.max(Specimen.collected_at)).where(Specimen.planned_tube_id.in_(tubes))
    taken = session().scalars(drawn).one()
    left = session().get_one(Consignment, slip.consignment_id).left_at
    for field, at in (("arrived_at", command.arrived_at), ("done_at", command.done_at)):
        if at is not None and (why := too_early(at, taken, left)):
            what = "arrived there" if field == "arrived_at" else "been signed"
            raise RuleBroken(
                f"It cannot have {what} {day_time_text(at)}: {why}. Read the time again, and type it with its "
                f"day, for example {day_time_text(clock.now())}.",
                field=field,
            )


def _touched(
    command: TypeBack, slip: ReturnSlip, lines: Mapping[Key, SlipLine]
) -> dict[str, SlipLine]:
    """One row of each test that anything was typed for; RulesBroken where it no longer counts."""
    by_test = {test: line for (test, _), line in reversed(list(lines.items()))}
    written = [value for value in command.values if value.text.strip()]
    if not {(value.test, value.analyte) for value in written} <= lines.keys():
        raise NotFound
    cannot = {test for test, number in command.cannot.items() if number.strip()}
    if not cannot <= by_test.keys():
        raise NotFound
    problems = {f"cannot-{test}": why for test in cannot if (why := _refused_reason(test, command))}
    for value in written:
        if why := refusal(lines[value.test, value.analyte].test, by_test[value.test].line, slip):
            problems[field_of(value.test, value.analyte)] = why
    if problems:
        raise RulesBroken(problems)
    names = dict.fromkeys([*(value.test for value in written), *cannot])
    return {test: by_test[test] for test in names}


def _refused_reason(test: str, command: TypeBack) -> str:
    if any(value.test == test and value.text.strip() for value in command.values):
        return "There are values for this test. Empty them, or empty the reason."
    try:
        cannot_be_done(command.cannot[test].strip())
    except RuleBroken as refused:
        return refused.message
    return ""


def _receive(
    slip: ReturnSlip, work: Work, touched: Mapping[str, SlipLine], command: TypeBack, actor: Actor
) -> None:
    """The slip came back, so its tubes were there; what did not arrive is not received by it."""
    at = command.arrived_at or command.done_at
    waiting = {
        line.line.planned_tube_id
        for test, line in touched.items()
        if line.test.status is TestStatus.ASSIGNED and not command.cannot.get(test, "").strip()
    }
    if waiting:
        box = lock_reported_box(slip.consignment_id)
        receive_by_slip(box, work.request, waiting, at, actor=actor)


@dataclass(slots=True)
class _Typing:
    """One person's reading of a slip, on its way into the rows."""

    slip: ReturnSlip
    work: Work
    command: TypeBack
    actor: Actor
    typed: tuple[str, ...] = ()
    amended: tuple[str, ...] = ()

    def keep(self, lines: Mapping[Key, SlipLine]) -> tuple[str, ...]:
        """Judge every row, then keep all of them; the tests that are whole now."""
        benches = benches_of(request_view(self.slip.request_id, self.actor))
        values = self._values(lines)
        fresh = Entry(self.work, benches, Source.TYPED_BACK, self.command.done_at, self.actor)
        again = Entry(
            self.work, benches, Source.TYPED_BACK, self.command.done_at, self.actor,
            self.command.reason.strip(),
        )  # fmt: skip
        released = {key for key, line in lines.items() if line.test.status in RELEASED}
        drafts = fresh.read(
            [value for value in values if (value.test, value.analyte) not in released], _TYPING
        )
        changed = again.read(
            [value for value in values if (value.test, value.analyte) in released], RELEASED
        )
        if changed and not self.command.reason.strip():
            raise RuleBroken(_WHY, field="reason")
        replaced = again.replaced(changed)
        fresh.keep(drafts)
        again.keep(changed)
        self.typed = tuple("-".join(draft.key) for draft in [*drafts, *changed])
        self.amended = self._amend(changed, replaced)
        return (*fresh.move_typed(drafts), *self.amended)

    def _values(self, lines: Mapping[Key, SlipLine]) -> list[TypedValue]:
        problems: dict[str, str] = {}
        found = []
        for value in self.command.values:
            if (value.test, value.analyte) not in lines:
                continue  # an empty box of another slip
            method = self.command.methods.get(value.test, "")
            try:
                found.append(_typed(value, catalogue().analyte(value.analyte), method))
            except RuleBroken as refused:
                problems[field_of(value.test, value.analyte)] = refused.message
        if problems:
            raise RulesBroken(problems)
        return found

    def _amend(
        self, drafts: Iterable[Draft], changes: Mapping[str, tuple[object, object]]
    ) -> tuple[str, ...]:
        """Released tests whose values change go back to be checked; the ward sees that they do."""
        codes = tuple(dict.fromkeys(draft.key[0] for draft in drafts))
        reason = self.command.reason.strip()
        for code in codes:
            test: RequestedTest = self.work.tests[code]
            move_test(
                self.work.request, test, TestAction.AMEND, Evidence(reason=reason), actor=self.actor
            )
        if codes:
            record(
                "result:amended",
                self.work.request.id,
                actor=self.actor,
                changes={**changes, "reason": (None, reason)},
                values=list(changes),
            )
        return codes


def _typed(value: ReturnedValue, analyte: Analyte, method: str) -> TypedValue:
    """The row with what that laboratory says beside its value."""
    text = value.text.strip()
    if bad := unprintable(method + value.other_unit):
        raise RuleBroken(f"This holds a sign that cannot be printed ({bad}). Type it again.")
    if not text or text.casefold() in NOT_DONE_TYPED or not analyte.numeric:
        reported = Reported(unit=value.other_unit.strip(), method=method.strip())
        return TypedValue(value.test, value.analyte, text, value.comment, reported=reported)
    reading, interval = read_number(text), interval_of(value.low, value.high)
    odd = contradiction(value.flag, reading, interval)
    if odd and not value.comment.strip():
        raise RuleBroken(odd)
    reported = Reported(
        unit=value.other_unit.strip(),
        interval=interval.words if interval else "",
        flag=flag_said(value.flag, reading, interval),
        method=method.strip(),
    )
    return TypedValue(value.test, value.analyte, text, value.comment, reported=reported)


def _note(
    slip: ReturnSlip, command: TypeBack, typing: _Typing, complete: tuple[str, ...], actor: Actor
) -> None:
    """Write down who did it there, who signed it, who typed it here."""
    standing = open_return(slip)
    cannot = {test: number.strip() for test, number in command.cannot.items() if number.strip()}
    if standing is None and not typing.typed and not cannot:
        raise RuleBroken(_NOTHING)
    row = standing or SlipReturn(id=new_id(), slip_id=slip.id, ordinal=_next(slip.id))
    said = {
        "performed_by": command.performed_by.strip(),
        "authorised_by": command.authorised_by.strip(),
        "arrived_at": command.arrived_at.isoformat() if command.arrived_at else None,
        "cannot": cannot,
        "reason": command.reason.strip(),
    }
    row.sealed = seal(SlipReturn.__tablename__, row.id, said)
    row.done_at, row.typed_at, row.sent_back_at = command.done_at, clock.now(), None
    row.typed_by, row.typed_by_id = actor.name, _person(actor)
    session().add(row)
    session().flush()
    record(
        "result:typed_back",
        typing.work.request.id,
        actor=actor,
        occurred_at=command.done_at,
        slip=slip.id,
        values=list(typing.typed),
        whole=list(complete),
        cannot=list(cannot),
    )


def _person(actor: Actor) -> uuid.UUID:
    if actor.user_id is None:
        raise RuleBroken(_NOBODY)
    return actor.user_id


def _next(slip_id: uuid.UUID) -> int:
    statement = select(func.max(SlipReturn.ordinal)).where(SlipReturn.slip_id == slip_id)
    return (session().scalars(statement).one() or 0) + 1
