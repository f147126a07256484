"""Which laboratory the tests of a tube were sent to."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.wording import and_text
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus


def destination_of(
    tests: Iterable[RequestedTest],
    stands_in: uuid.UUID | None,
    laboratory_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Where a tube with these tests goes next; `laboratory_id` settles a doubt.

    RuleBroken when nothing on it is bound elsewhere, or it is bound for several and none is named.
    """
    places = _bound_for(tests, stands_in)
    if not places:
        raise RuleBroken(
            "No test on this tube is for another laboratory. Leave it where it is.", field="number"
        )
    names = and_text([laboratory(place).name for place in places])
    if laboratory_id is None and len(places) > 1:
        raise RuleBroken(
            f"Its tests are for {names}. Choose where this tube goes.", field="laboratory"
        )
    if laboratory_id is not None and laboratory_id not in places:
        raise RuleBroken(
            f"No test on this tube is for {laboratory(laboratory_id).name}: they are for {names}. "
            "Put it into a box for there.",
            field="number",
        )
    return laboratory_id or places[0]


def _bound_for(tests: Iterable[RequestedTest], stands_in: uuid.UUID | None) -> list[uuid.UUID]:
    return sorted(
        {
            test.laboratory_id
            for test in tests
            if test.status is TestStatus.ASSIGNED
            and test.laboratory_id is not None
            and test.laboratory_id != stands_in
        }
    )
