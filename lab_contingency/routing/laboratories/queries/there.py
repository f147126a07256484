"""How many open tests are bound for a laboratory, on the way to it, and on its bench."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select

from lab_contingency.foundation.database import session
from lab_contingency.foundation.wording import and_text, count_text
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus

_ON_THE_BENCH = (TestStatus.RECEIVED, TestStatus.ENTERED, TestStatus.CHECKED)


@dataclass(frozen=True, slots=True)
class There:
    """Tests `bound` for it that have not left, `coming` to it, `on_bench` and not authorised yet."""

    bound: int = 0
    coming: int = 0
    on_bench: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.bound + self.coming + self.on_bench

    @property
    def text(self) -> str:
        """`2 tests are bound for it, 1 test is on the way to it and 3 tests are on its bench`; nothing for none."""
        counted = (
            (self.bound, "bound for it"),
            (self.coming, "on the way to it"),
            (self.on_bench, "on its bench"),
        )
        return and_text(
            tuple(
                f"{count_text(number, 'test is', 'tests are')} {words}"
                for number, words in counted
                if number
            )
        )


def there(laboratory_id: uuid.UUID) -> There:
    """Of every place: whoever changes the network decides for all of them, and numbers name nobody."""
    statement = (
        select(RequestedTest.status, Specimen.status.label("tube_status"), func.count())
        .join(Request, Request.id == RequestedTest.request_id)
        .outerjoin(Specimen, Specimen.planned_tube_id == RequestedTest.planned_tube_id)
        .where(
            Request.closed_at.is_(None),
            RequestedTest.laboratory_id == laboratory_id,
            RequestedTest.status.in_((TestStatus.ASSIGNED, *_ON_THE_BENCH)),
        )
        .group_by(RequestedTest.status, Specimen.status)
    )
    counted: Counter[str] = Counter()
    for status, tube_status, number in session().execute(statement):
        if status is not TestStatus.ASSIGNED:
            counted["on_bench"] += number
        else:
            counted["coming" if tube_status is SpecimenStatus.DISPATCHED else "bound"] += number
    return There(counted["bound"], counted["coming"], counted["on_bench"])
