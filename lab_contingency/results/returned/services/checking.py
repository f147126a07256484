"""The second person: compares what was typed with the page, keys blind what is dangerous; then it goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from lab_contingency.accounts.reauth import Proof, require
from lab_contingency.audit.services import record
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken, RulesBroken
from lab_contingency.foundation.sealing import unseal
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.results.queries.benches import TestBench, benches_of
from lab_contingency.results.queries.chains import PENDING
from lab_contingency.results.returned.commands import CheckAgainstPage
from lab_contingency.results.returned.models import ReturnPage, ReturnSlip, SlipReturn
from lab_contingency.results.returned.rules import CANNOT, check_by_page_refusal, differs
from lab_contingency.results.returned.services.loading import (
    Key,
    lines_of,
    locked_slip,
    open_return,
)
from lab_contingency.results.rules.values import ResultValue, Source, judge
from lab_contingency.results.services.approving import note_return, release_typed_back
from lab_contingency.results.services.loading import LiveValue, Work, count_on, work_on
from lab_contingency.specimens.services import reject_old_tests

_NOTHING = "Nothing of this slip waits to be checked. Look at what is there now."
_OWN = "You typed this yourself, so somebody else checks it against the page."
_BACK = "This did not agree with the page and went back. Whoever typed it looks at it first."
_NO_PAGE = (
    "Keep a photo or scan of the page first: it is checked against the page, not against memory."
)
_WHOSE = "Compare number, name and date of birth on the page with this screen, then tick that they agree."
_NOT_WHOLE = (
    "No test of this slip is whole yet. Type the rest first, or “..” for what was not done."
)


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of the check: the tests released, or the values (test, analyte) two people read differently.

    `again` are tests to be taken again, `elsewhere` those another laboratory must do; `calls` is how many
    results are telephoned now.
    """

    released: tuple[str, ...] = ()
    differing: tuple[Key, ...] = ()
    again: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    calls: int = 0


def check_return(
    command: CheckAgainstPage, *, actor: Actor, proof: Proof | None = None
) -> Compared:
    """Compare with the page. All agrees: what is whole is released, as signed by that laboratory.

    Otherwise the values go back to who typed them, with what this person read. It is a signature: people with a
    secret give it again with the form.
    """
    signed = require(proof, actor=actor)
    slip = locked_slip(command.slip_id, actor=actor)
    standing = open_return(slip)
    _refuse_unready(slip, standing, command, actor)
    assert standing is not None  # noqa: S101 - refused above
    work = work_on(slip.request_id, actor=actor, version=command.version)
    waiting = _waiting(slip, work, actor)
    differing = _compared(waiting, command.keyed, benches_of(request_view(slip.request_id, actor)))
    if differing:
        return _send_back(slip, standing, work, waiting, differing, actor)
    return _release(slip, standing, work, waiting, signed, actor)


def _refuse_unready(
    slip: ReturnSlip, standing: SlipReturn | None, command: CheckAgainstPage, actor: Actor
) -> None:
    if standing is None:
        raise RuleBroken(_NOTHING)
    if actor.user_id is None or standing.typed_by_id == actor.user_id:
        raise RuleBroken(_OWN)
    if standing.sent_back_at is not None:
        raise RuleBroken(_BACK)
    if not _has_page(slip):
        raise RuleBroken(_NO_PAGE)
    if not command.page_agrees:
        raise RuleBroken(_WHOSE, field="page_agrees")


def _has_page(slip: ReturnSlip) -> bool:
    """Whether a page came since the slip was last checked."""
    last = select(func.max(SlipReturn.checked_at)).where(SlipReturn.slip_id == slip.id)
    since = session().scalars(last).one()
    pages = select(func.count(ReturnPage.id)).where(ReturnPage.slip_id == slip.id)
    if since is not None:
        pages = pages.where(ReturnPage.added_at > since)
    return bool(session().scalars(pages).one())


def _waiting(slip: ReturnSlip, work: Work, actor: Actor) -> dict[Key, LiveValue]:
    """The values of this slip's rows that were typed back and wait, in its order; RuleBroken for one's own."""
    found = {}
    for key in lines_of(slip, work):
        live = work.live.get(key)
        if live is None or live.row.status not in PENDING:
            continue
        if live.row.source is not Source.TYPED_BACK:
            continue
        if sentence := check_by_page_refusal(live.hands, actor.user_id):
            raise RuleBroken(sentence)
        found[key] = live
    return found


def _compared(
    waiting: Mapping[Key, LiveValue], keyed: Mapping[Key, str], benches: Mapping[str, TestBench]
) -> dict[Key, ResultValue]:
    """What the second person read differently; RulesBroken for what is not keyed, or cannot be."""
    problems: dict[str, str] = {}
    found: dict[Key, ResultValue] = {}
    for key, live in waiting.items():
        text = keyed.get(key, "").strip()
        if not text:
            if live.row.needs_check:
                problems[f"keyed-{'-'.join(key)}"] = (
                    "Type what the page says. It is compared, not shown."
                )
            continue
        try:
            read = judge(
                catalogue().analyte(key[1]), text, benches[key[0]].bench, live.row.occurred_at
            )
        except RuleBroken as refused:
            problems[f"keyed-{'-'.join(key)}"] = refused.message
            continue
        if differs(live.value, read.value):
            found[key] = read.value
    if problems:
        raise RulesBroken(problems)
    return found


def _send_back(
    slip: ReturnSlip,
    standing: SlipReturn,
    work: Work,
    waiting: Mapping[Key, LiveValue],
    differing: Mapping[Key, ResultValue],
    actor: Actor,
) -> Compared:
    for key, value in differing.items():
        note_return(waiting[key], f"reads {value.words}.", actor=actor)
    standing.sent_back_at = clock.now()
    count_on(work.request)
    values = ["-".join(key) for key in differing]
    record("result:read_differently", work.request.id, actor=actor, slip=slip.id, values=values)
    return Compared(differing=tuple(differing))


def _release(
    slip: ReturnSlip,
    standing: SlipReturn,
    work: Work,
    waiting: Mapping[Key, LiveValue],
    signed: Mapping[str, Any],
    actor: Actor,
) -> Compared:
    said = unseal(SlipReturn.__tablename__, standing.id, standing.sealed)
    whole = _whole(work, waiting)
    again, elsewhere = _not_done(said["cannot"], work)
    if not whole and not again and not elsewhere:
        raise RuleBroken(_NOT_WHOLE)
    signed_there = f"{said['authorised_by']}, {laboratory(slip.laboratory_id).name}"
    calls = release_typed_back(work, whole, signed_there, actor=actor) if whole else ()
    for code, reason in again.items():
        reject_old_tests(work.request, [work.tests[code]], reason, actor=actor)
    standing.checked_at, standing.checked_by = clock.now(), actor.name
    standing.checked_by_id = actor.user_id
    session().flush()
    released = tuple(test.test_code for test in whole)
    record(
        "result:checked_against_page",
        work.request.id,
        actor=actor,
        slip=slip.id,
        tests=list(released),
        again=list(again),
        **signed,
    )
    return Compared(released, (), tuple(again), elsewhere, len(calls))


def _whole(work: Work, waiting: Mapping[Key, LiveValue]) -> list[RequestedTest]:
    """The tests that are typed whole: nothing of them is still to come."""
    codes = dict.fromkeys(test for test, _ in waiting)
    return [work.tests[code] for code in codes if work.tests[code].status is TestStatus.ENTERED]


def _not_done(cannot: Mapping[str, str], work: Work) -> tuple[dict[str, str], tuple[str, ...]]:
    """Tests to be taken again, with the reason code; and those that another laboratory must do."""
    again = {
        code: CANNOT[number].rejection
        for code, number in cannot.items()
        if CANNOT[number].rejection
    }
    elsewhere = tuple(code for code in cannot if code not in again)
    held = {code: reason for code, reason in again.items() if code in work.tests}
    return held, elsewhere
