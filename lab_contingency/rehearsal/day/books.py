"""The books of a database: counts, and the equations that must hold between them. Each side is counted apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select

from lab_contingency.foundation.database import session
from lab_contingency.incidents.queries import number_counts
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.rules.statuses import Outcome, outcome
from lab_contingency.results.models import CriticalCall, Result, Slip
from lab_contingency.results.rules.calls import CallStatus
from lab_contingency.specimens.models import LabelPrint, Specimen
from lab_contingency.specimens.rules import SpecimenStatus

_WITHOUT_BLOOD = (SpecimenStatus.UNLABELLED, SpecimenStatus.LABELLED, SpecimenStatus.NOT_COLLECTED)


@dataclass(frozen=True, slots=True)
class Books:
    """Counts of a whole database. Requests by outcome; tubes by where they ended; numbers; values."""

    requests: int
    authorised: int
    open: int
    withdrawn: int
    declined: int
    closed: int
    tubes: int
    received: int
    rejected: int
    not_collected: int
    on_the_way: int
    labels: int
    numbers_issued: int
    numbers_used: int
    numbers_void: int
    numbers_on_forms_tubes_and_slips: int
    resulted: int
    values: int
    criticals: int
    criticals_telephoned: int
    criticals_open: int

    def equations(self) -> dict[str, bool]:
        """Each equation in words and whether it holds."""
        return {
            "requests = authorised + open + withdrawn + declined": self.requests
            == self.authorised + self.open + self.withdrawn + self.declined,
            "requests closed = authorised + withdrawn + declined": self.closed
            == self.authorised + self.withdrawn + self.declined,
            "tubes planned = received + rejected + not collected + on the way": self.tubes
            == self.received + self.rejected + self.not_collected + self.on_the_way,
            "numbers issued = used + void": self.numbers_issued
            == self.numbers_used + self.numbers_void,
            "numbers used = forms + tubes + slips": self.numbers_used
            == self.numbers_on_forms_tubes_and_slips,
            "critical calls = telephoned + open": self.criticals
            == self.criticals_telephoned + self.criticals_open,
        }

    @property
    def balanced(self) -> bool:
        """Whether all of them hold."""
        return all(self.equations().values())


def count_books() -> Books:
    """Count the database of the application in context."""
    outcomes = _outcomes()
    tubes, real = _count(PlannedTube.id), _specimens()
    numbers = number_counts()
    received = real[SpecimenStatus.RECEIVED] + real[SpecimenStatus.DISPATCHED]
    rejected = real[SpecimenStatus.REJECTED]
    calls = Counter(dict(_pairs(CriticalCall.status, CriticalCall.id)))
    return Books(
        requests=_count(Request.id),
        authorised=outcomes[Outcome.AUTHORISED],
        open=outcomes[Outcome.OPEN],
        withdrawn=outcomes[Outcome.WITHDRAWN],
        declined=outcomes[Outcome.DECLINED],
        closed=_closed(),
        tubes=tubes,
        received=received,
        rejected=rejected,
        not_collected=_without_specimen() + sum(real[status] for status in _WITHOUT_BLOOD),
        on_the_way=real[SpecimenStatus.COLLECTED] + real[SpecimenStatus.HANDED_OVER],
        labels=_count(LabelPrint.id),
        numbers_issued=numbers.issued,
        numbers_used=numbers.used,
        numbers_void=numbers.void,
        numbers_on_forms_tubes_and_slips=_numbers_standing(),
        resulted=_resulted(),
        values=_count(Result.id),
        criticals=_count(CriticalCall.id),
        criticals_telephoned=calls[CallStatus.CLOSED],
        criticals_open=calls[CallStatus.OPEN],
    )


def _count(column: object) -> int:
    return int(session().execute(select(func.count(column))).scalar() or 0)  # type: ignore[arg-type]


def _pairs(kind: object, key: object) -> list[tuple[object, int]]:
    statement = select(kind, func.count(key)).group_by(kind)  # type: ignore[call-overload, arg-type]
    return [(row[0], row[1]) for row in session().execute(statement)]


def _outcomes() -> Counter[Outcome]:
    by_request: dict[object, list[object]] = {}
    for request_id, status in session().execute(
        select(RequestedTest.request_id, RequestedTest.status)
    ):
        by_request.setdefault(request_id, []).append(status)
    return Counter(outcome(statuses) for statuses in by_request.values())  # type: ignore[arg-type]


def _closed() -> int:
    return int(
        session()
        .execute(select(func.count(Request.id)).where(Request.closed_at.is_not(None)))
        .scalar()
        or 0
    )


def _specimens() -> Counter[SpecimenStatus]:
    return Counter(dict(_pairs(Specimen.status, Specimen.id)))  # type: ignore[arg-type]


def _without_specimen() -> int:
    """Planned tubes that never became real: no label, no scan."""
    statement = (
        select(func.count(PlannedTube.id))
        .outerjoin(Specimen, Specimen.planned_tube_id == PlannedTube.id)
        .where(Specimen.id.is_(None))
    )
    return int(session().execute(statement).scalar() or 0)


def _numbers_standing() -> int:
    """Numbers that stand on a form, a tube or a slip now."""
    tubes = int(session().execute(select(func.count(Specimen.number))).scalar() or 0)
    slips = int(session().execute(select(func.count(func.distinct(Slip.number)))).scalar() or 0)
    return _count(Request.number) + tubes + slips


def _resulted() -> int:
    statement = select(func.count(func.distinct(RequestedTest.request_id))).join(
        Result, Result.requested_test_id == RequestedTest.id
    )
    return int(session().execute(statement).scalar() or 0)
