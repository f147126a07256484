"""Tests that stand at a laboratory which can do them no more: the network changed after they were sent there."""

from __future__ import annotations

import dataclasses
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.database import session
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.queries.facts import (
    RequestFacts,
    Setting,
    TestFacts,
    asked_of,
    candidate,
    card_of,
    facts_of,
)
from lab_contingency.routing.rules import Refusal, judge
from lab_contingency.routing.rules.judging import NOT_ON_MENU

MOST_REQUESTS = 5000
_RETIRED = "the laboratory is retired"
_TOO_LATE = "its sample would be too old"
_AS_SAID = (NOT_ON_MENU, "no way there is known", "shut")


@dataclass(frozen=True, slots=True)
class Stuck:
    """So many tests of one kind that stand at a laboratory, and why it cannot do them."""

    test: str
    why: str
    count: int


def stuck_tests(setting: Setting) -> Mapping[uuid.UUID, tuple[Stuck, ...]]:
    """By laboratory, of the oldest 5,000 requests with a test on its way; samples that expired are left out.

    What took its place already is not asked for room again: lowering a number takes nothing back.
    """
    counted: dict[uuid.UUID, Counter[tuple[str, str]]] = {}
    cards = _requests()
    for request_id, tests in facts_of(cards).items():
        for facts in tests:
            if facts.status is TestStatus.ASSIGNED and facts.laboratory_id:
                why = _refusal(setting, facts, cards[request_id])
                if why:
                    here = counted.setdefault(facts.laboratory_id, Counter())
                    here[facts.test.label, why] += 1
    return {
        laboratory_id: tuple(Stuck(test, why, count) for (test, why), count in here.most_common())
        for laboratory_id, here in counted.items()
    }


def _requests() -> dict[uuid.UUID, RequestFacts]:
    sent = select(RequestedTest.request_id).where(RequestedTest.status == TestStatus.ASSIGNED)
    statement = (
        select(Request.id, Request.site_id, Request.due_at, Request.sealed)
        .where(Request.id.in_(sent))
        .order_by(Request.id)
        .limit(MOST_REQUESTS)
    )
    return {
        row.id: RequestFacts(
            row.id, row.site_id, row.due_at, card_of(row.id, row.sealed).collected_at
        )
        for row in session().execute(statement)
    }


def _refusal(setting: Setting, facts: TestFacts, request: RequestFacts) -> str:
    """Why the laboratory where it stands can do it no more, or nothing."""
    laboratory = setting.snapshot.laboratories[facts.laboratory_id] if facts.laboratory_id else None
    asked = dataclasses.replace(asked_of(setting, facts, request), stop="")
    if laboratory is None or asked.expires_at(setting.now) <= setting.now:
        return ""
    held = candidate(setting, laboratory, facts, request)
    # What went there while the agreement held may stay; nothing new does.
    free = dataclasses.replace(held, used={}, slots=None, slots_used={}, lapsed="")
    answer = judge(asked, free, setting.now)
    if not isinstance(answer, Refusal):
        return ""
    if laboratory.retired:
        return _RETIRED
    if answer.sentence in _AS_SAID or answer.sentence == free.out:
        return answer.sentence
    return "no capacity" if answer.sentence.startswith("no capacity") else _TOO_LATE
