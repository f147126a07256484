"""Typing values: read, judged, worked out and kept as versions. Nothing is stored by halves."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from lab_contingency.audit.services import record
from lab_contingency.catalogue.rules import Analyte, is_transfusion
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken, RulesBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.foundation.web.forms import unprintable
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.statuses import RELEASED, TestAction, TestStatus, stands
from lab_contingency.requests.services import Evidence, move_test
from lab_contingency.results.commands import AmendResults, EnterResults, TypedValue
from lab_contingency.results.models import Result
from lab_contingency.results.queries.benches import TestBench, benches_of
from lab_contingency.results.queries.chains import PENDING
from lab_contingency.results.queries.gone import gone
from lab_contingency.results.rules.hands import BY_THE_PAGE
from lab_contingency.results.rules.values import (
    TYPED_ALREADY,
    Judged,
    ResultStatus,
    ResultValue,
    Source,
    is_worked_out,
    judge,
    record_of,
    worked_out,
)
from lab_contingency.results.services.loading import (
    LiveValue,
    Work,
    count_on,
    refuse_other_bench,
    work_on,
)
from lab_contingency.specimens.services import refresh_usability

_TYPING = frozenset({TestStatus.RECEIVED, TestStatus.ENTERED, TestStatus.CHECKED})
_FUTURE = dt.timedelta(minutes=10)
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A value about to become the next version."""

    key: _Key
    judged: Judged


def field_of(test_code: str, analyte_code: str) -> str:
    """The name of the box of one value, as forms and refusals call it."""
    return f"value-{test_code}-{analyte_code}"


def enter_results(command: EnterResults, *, actor: Actor) -> tuple[str, ...]:
    """Keep typed values of one request; returns the codes of the tests that are complete with them.

    A test moves on when everything its laboratory reports is typed or marked as not done. What is typed
    before that is kept, and waits. RulesBroken names every box that cannot be kept, and nothing is stored.
    """
    work = work_on(command.request_id, actor=actor, version=command.version)
    benches = benches_of(request_view(command.request_id, actor))
    entry = Entry(work, benches, command.source, _measured(command.measured_at), actor)
    drafts = entry.read(command.values, _TYPING)
    entry.keep(drafts)
    complete = entry.move_typed(drafts)
    refresh_usability(work.request)
    record(
        "result:entered",
        work.request.id,
        actor=actor,
        occurred_at=entry.measured_at,
        values=[f"{test}-{analyte}" for test, analyte in (draft.key for draft in drafts)],
        source=command.source.value,
    )
    return complete


def amend_results(command: AmendResults, *, actor: Actor) -> tuple[str, ...]:
    """Put other values in place of authorised ones, with a reason; they are checked and authorised anew.

    The old version stays and is shown struck through. Returns the codes of the tests amended.
    """
    if not command.reason.strip():
        raise RuleBroken("Say why it is amended. The ward reads this sentence.", field="reason")
    work = work_on(command.request_id, actor=actor, version=command.version)
    benches = benches_of(request_view(command.request_id, actor))
    entry = Entry(work, benches, Source.MANUAL, clock.now(), actor, command.reason.strip())
    drafts = entry.read(command.values, RELEASED)
    if not drafts:
        raise RuleBroken("Nothing differs from what was authorised. Type the right value first.")
    changes = entry.replaced(drafts)
    entry.keep(drafts)
    codes = tuple(dict.fromkeys(draft.key[0] for draft in drafts))
    for code in codes:
        evidence = Evidence(reason=command.reason.strip())
        move_test(work.request, work.tests[code], TestAction.AMEND, evidence, actor=actor)
    record(
        "result:amended",
        work.request.id,
        actor=actor,
        changes={**changes, "reason": (None, command.reason.strip())},
        values=[f"{test}-{analyte}" for test, analyte in (draft.key for draft in drafts)],
    )
    return codes


def _measured(claimed: dt.datetime | None) -> dt.datetime:
    now = clock.now()
    if claimed is not None and claimed > now + _FUTURE:
        raise RuleBroken(
            "It cannot have been measured in the future. Check the time.", field="measured_at"
        )
    return claimed or now


class Entry:
    """One person's values for one request, from the boxes to the rows."""

    def __init__(
        self,
        work: Work,
        benches: Mapping[str, TestBench],
        source: Source,
        measured_at: dt.datetime,
        actor: Actor,
        reason: str = "",
    ) -> None:
        self.work = work
        self.benches = benches
        self.source = source
        self.measured_at = measured_at
        self.actor = actor
        self.reason = reason
        self.gone: dict[uuid.UUID, str] = {}

    def read(self, values: Iterable[TypedValue], allowed: frozenset[TestStatus]) -> list[Draft]:
        """Every value that is new or differs, judged, with the worked-out ones; RulesBroken by box."""
        problems: dict[str, str] = {}
        drafts: dict[_Key, Draft] = {}
        for typed in self._with_twins(values):
            try:
                draft = self._draft(typed, allowed)
            except RuleBroken as refused:
                problems[field_of(typed.test, typed.analyte)] = refused.message
                continue
            if draft is not None:
                drafts[draft.key] = draft
        if problems:
            raise RulesBroken(problems)
        return [*drafts.values(), *self._worked_out(drafts)]

    def _with_twins(self, values: Iterable[TypedValue]) -> list[TypedValue]:
        """Typed once: what two tests report of one tube fills the other's empty box too."""
        by_key = {(typed.test, typed.analyte): typed for typed in values}
        for typed in tuple(by_key.values()):
            if self.reason or not typed.text.strip() or typed.test not in self.benches:
                continue  # an amendment changes only what it names
            for twin in self._twins(typed):
                key = (twin, typed.analyte)
                standing = by_key.get(key)
                if key not in self.work.live and (standing is None or not standing.text.strip()):
                    by_key[key] = replace(typed, test=twin)
        return list(by_key.values())

    def _twins(self, typed: TypedValue) -> Iterable[str]:
        one = self.benches[typed.test]
        place = (one.laboratory_id, one.planned_tube_id)
        for code, other in self.benches.items():
            same_place = (other.laboratory_id, other.planned_tube_id) == place
            reports = any(each.code == typed.analyte for each in other.analytes)
            if code != typed.test and same_place and reports and other.status in _TYPING:
                yield code

    def _draft(self, typed: TypedValue, allowed: frozenset[TestStatus]) -> Draft | None:
        text, key = typed.text.strip(), (typed.test, typed.analyte)
        live = self.work.live.get(key)
        if not text and live is None:
            if typed.comment.strip() or typed.repeated:
                raise RuleBroken("Type the value that this is said about, or “..” for not done.")
            return None
        self._refuse_of_a_page(live)
        bench, analyte = self._bench_of(typed)
        if not text:
            raise RuleBroken(TYPED_ALREADY)
        if bad := unprintable(text + typed.comment):
            raise RuleBroken(f"This holds a sign that cannot be printed ({bad}). Type it again.")
        if is_worked_out(analyte) and self.source is not Source.IMPORTED:
            if live is not None and live.value.text == text:
                return None
            raise RuleBroken(f"{analyte.name} is worked out, never typed. Leave the box empty.")
        judged = judge(analyte, text, bench.bench, self.measured_at, reported=typed.reported)
        value = replace(judged.value, comment=typed.comment.strip(), repeated=typed.repeated)
        if live is not None and not self._differs(live, value):
            return None
        self._refuse_unfit(self.work.tests[typed.test], allowed)
        return Draft(key, replace(judged, value=value))

    def _bench_of(self, typed: TypedValue) -> tuple[TestBench, Analyte]:
        test = self.work.tests.get(typed.test)
        if test is None:
            raise RuleBroken("This test is not on the request.")
        if self.source is not Source.TYPED_BACK:  # whoever holds a slip types for who wrote it
            refuse_other_bench(test, actor=self.actor)
        bench = self.benches.get(typed.test)
        if bench is None:
            raise RuleBroken(f"{stands(test.status)}: it is on nobody’s bench yet.")
        for analyte in bench.analytes:
            if analyte.code == typed.analyte:
                return bench, analyte
        raise RuleBroken("The laboratory that does this test does not report this value.")

    def _refuse_of_a_page(self, live: LiveValue | None) -> None:
        """What was typed back and waits for its page is put right by typing back only."""
        if live is None or self.source is Source.TYPED_BACK:
            return
        if live.row.source is Source.TYPED_BACK and live.row.status in PENDING:
            raise RuleBroken(BY_THE_PAGE)

    def _differs(self, live: LiveValue, value: ResultValue) -> bool:
        return live.sent_back or self._told(live.value) != self._told(value)

    def _told(self, value: ResultValue) -> tuple[object, ...]:
        """What makes another version: from a page also what stands there beside the value."""
        typed = (value.text, value.not_done, value.comment, value.repeated)
        if self.source is not Source.TYPED_BACK:
            return typed
        return (*typed, value.interval, value.flag, value.method)

    def _refuse_unfit(self, test: RequestedTest, allowed: frozenset[TestStatus]) -> None:
        if test.status in allowed:
            self._refuse_gone(test)
            return
        if test.status in RELEASED:
            raise RuleBroken("This result is authorised. Amend it, and say why.")
        if allowed is RELEASED:
            raise RuleBroken("This result is not authorised yet. Put it right in the grid.")
        raise RuleBroken(
            f"{stands(test.status)}. Results are typed when its tube has been received."
        )

    def _refuse_gone(self, test: RequestedTest) -> None:
        """A tube that left cannot be measured here; a slip that came back speaks of where it went."""
        if self.source is Source.TYPED_BACK:
            return
        if test.id not in self.gone:
            self.gone[test.id] = gone(test)
        if where := self.gone[test.id]:
            raise RuleBroken(
                f"Its tube left this laboratory and is {where}. Have it brought back, or have the test sent there."
            )

    def _worked_out(self, drafts: Mapping[_Key, Draft]) -> Iterable[Draft]:
        touched = {(self.benches[test].laboratory_id) for test, _ in drafts}
        for code, bench in self.benches.items():
            wanted = [
                each
                for each in bench.analytes
                if is_worked_out(each) and (code, each.code) not in drafts
            ]
            if not wanted or bench.laboratory_id not in touched:
                continue
            numbers = self._numbers(bench, drafts)
            for analyte in wanted:
                yield from self._again((code, analyte.code), analyte, numbers, drafts)

    def _again(
        self,
        key: _Key,
        analyte: Analyte,
        numbers: Mapping[str, Decimal],
        drafts: Mapping[_Key, Draft],
    ) -> Iterable[Draft]:
        """The worked-out value, when it is new or no longer what it was."""
        bench, live = self.benches[key[0]].bench, self.work.live.get(key)
        if live is not None and live.row.source is Source.IMPORTED:
            return  # kept as reported; the grid compares
        if self.work.tests[key[0]].status not in _TYPING | RELEASED:
            return
        judged = worked_out(analyte, numbers, bench, self.measured_at)
        if judged is None and live is not None and not live.value.not_done:
            judged = judge(analyte, "not done", bench, self.measured_at)
        if judged is None or (live is not None and not self._differs(live, judged.value)):
            return
        if self._settled(key[0]) and not any(test == key[0] for test, _ in drafts):
            return  # another test's value changed; what is authorised is amended by hand only
        yield Draft(key, judged)

    def _settled(self, test_code: str) -> bool:
        return self.work.tests[test_code].status in RELEASED

    def _numbers(self, bench: TestBench, drafts: Mapping[_Key, Draft]) -> dict[str, Decimal]:
        """What the laboratory has measured on this request, the test's own values first."""
        found: dict[str, Decimal] = {}
        others = [
            code
            for code, other in self.benches.items()
            if other.laboratory_id == bench.laboratory_id and code != bench.test.code
        ]
        for code in (bench.test.code, *others):
            for analyte in self.benches[code].analytes:
                number = self._number((code, analyte.code), drafts)
                if number is not None:
                    found.setdefault(analyte.code, number)
        return found

    def _number(self, key: _Key, drafts: Mapping[_Key, Draft]) -> Decimal | None:
        if key in drafts:
            return drafts[key].judged.value.exact
        live = self.work.live.get(key)
        return live.value.exact if live is not None else None

    def replaced(self, drafts: Iterable[Draft]) -> dict[str, tuple[object, object]]:
        """By test and analyte the sealed form of the value that stands and of the one that comes."""
        found: dict[str, tuple[object, object]] = {}
        for draft in drafts:
            live = self.work.live.get(draft.key)
            held = None if live is None else record_of(live.value)
            found["-".join(draft.key)] = (held, record_of(draft.judged.value))
        return found

    def keep(self, drafts: Iterable[Draft]) -> None:
        """The next version of each value; the one before is superseded and keeps its evidence."""
        drafts = list(drafts)
        before = {draft.key: self.work.live.get(draft.key) for draft in drafts}
        self.work.supersede([draft.key for draft in drafts])
        for draft in drafts:
            row = self._row(draft, before[draft.key])
            session().add(row)
            self.work.live[draft.key] = LiveValue(row, sent_back=False)
        count_on(self.work.request)

    def _row(self, draft: Draft, before: LiveValue | None) -> Result:
        test_code, analyte_code = draft.key
        test, bench = self.work.tests[test_code], self.benches[test_code]
        row_id, value = new_id(), draft.judged.value
        reason = self.reason or (before.value.reason if before is not None else "")
        return Result(
            id=row_id,
            request_id=self.work.request.id,
            requested_test_id=test.id,
            analyte_code=analyte_code,
            version=len(self.work.versions.get(draft.key, ())) + 1,
            sealed=seal(Result.__tablename__, row_id, record_of(replace(value, reason=reason))),
            laboratory_id=bench.laboratory_id,
            planned_tube_id=test.planned_tube_id,
            identity_id=self.work.request.identity_id,
            source=self.source,
            status=ResultStatus.ENTERED,
            is_critical=draft.judged.critical,
            needs_check=draft.judged.critical
            or is_transfusion(bench.test)
            or self.work.heard(draft.key),
            occurred_at=self.measured_at,
            entered_at=clock.now(),
            entered_by_id=self.actor.user_id,
            entered_by_name=self.actor.name,
        )

    def move_typed(self, drafts: Iterable[Draft]) -> tuple[str, ...]:
        """Move on every test that is complete now, and take back those that had been."""
        complete = []
        for code in dict.fromkeys(draft.key[0] for draft in drafts):
            test = self.work.tests[code]
            if not self._is_complete(code):
                continue
            first = test.status is TestStatus.RECEIVED
            action = TestAction.ENTER if first else TestAction.REENTER
            evidence = Evidence(occurred_at=self.measured_at)
            move_test(self.work.request, test, action, evidence, actor=self.actor)
            complete.append(code)
        return tuple(complete)

    def _is_complete(self, test_code: str) -> bool:
        return all(
            (test_code, analyte.code) in self.work.live
            for analyte in self.benches[test_code].analytes
            if not is_worked_out(analyte)
        )
