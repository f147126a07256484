"""A test as it would fare if blood were taken at a site at this moment: what is said before the needle."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import replace

from lab_contingency.catalogue.rules.vocabulary import Test
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.queries.facts import RequestFacts, Setting, TestFacts, candidate
from lab_contingency.routing.rules import Asked, Offer, Refusal, judge

_NOBODY = uuid.UUID(int=0)


def answers_for_fresh(
    setting: Setting, site_id: uuid.UUID, test: Test, *, before: int = 0
) -> Iterator[Offer | Refusal]:
    """What each laboratory says, own ones first, one after the other: whoever has enough stops asking.

    What people decided about the menu is left out: this is what routing itself finds.
    """
    now = setting.now
    facts = _fresh_tube(test, now)
    request = RequestFacts(_NOBODY, site_id, now + test.urgent_target, now)
    asked = Asked(test=test, needed_by=request.due_at, collected_at=now)
    for laboratory in setting.snapshot.laboratories.values():
        yield judge(asked, candidate(setting, laboratory, facts, request), now, before=before)


def later(setting: Setting, after: dt.timedelta) -> Setting:
    """The same setting as it will be then, as far as is known now."""
    return replace(setting, now=setting.now + after)


def is_known(setting: Setting, site_id: uuid.UUID) -> bool:
    """Whether the network knows any way from the site to a laboratory with a menu: else routing says nothing."""
    net = setting.snapshot.network
    return any(net.menu(to) for start, to in net.site_links if start == site_id)


def _fresh_tube(test: Test, now: dt.datetime) -> TestFacts:
    return TestFacts(
        id=_NOBODY,
        request_id=_NOBODY,
        test=test,
        status=TestStatus.REQUESTED,
        status_at=now,
        laboratory_id=None,
        tube=None,
        ordinal=0,
        container=test.container,
        tube_status=None,
        tube_laboratory_id=None,
        tube_bound_for_id=None,
        collected_at=now,
        received_at=None,
    )
