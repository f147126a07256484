"""The versions of one value as a chain: which still stand, and who typed the same thing in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_, select

from lab_contingency.foundation.sealing import unseal
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.results.models import Result
from lab_contingency.results.rules.values import ResultStatus, Source, same_text, value_of

PENDING = frozenset({ResultStatus.ENTERED, ResultStatus.CHECKED})


def of_this_tube(row: Result, test: RequestedTest, request: Request) -> bool:
    """Whether a value was typed from the tube, and at the laboratory, by which its test is done now.

    At the bedside, where there is no tube: of the patient as the request names them now.
    """
    same_patient = row.planned_tube_id is not None or row.identity_id == request.identity_id
    here = (test.planned_tube_id, test.laboratory_id)
    return same_patient and (row.planned_tube_id, row.laboratory_id) == here


def standing() -> ColumnElement[bool]:
    """Rows of Result, joined to RequestedTest, but those that wait and are not `of_this_tube`."""
    named = select(Request.identity_id).where(Request.id == Result.request_id).scalar_subquery()
    return or_(
        Result.status.not_in(PENDING),
        and_(
            Result.planned_tube_id.is_not_distinct_from(RequestedTest.planned_tube_id),
            Result.laboratory_id.is_not_distinct_from(RequestedTest.laboratory_id),
            or_(Result.planned_tube_id.is_not(None), Result.identity_id == named),
        ),
    )


def typists(rows: Iterable[Result]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Everybody who typed what the last version says, since the value last went out; by its id.

    Nothing is opened but where there is more than one version.
    """
    chains: dict[tuple[uuid.UUID, str], list[Result]] = {}
    for row in sorted(rows, key=lambda row: row.version):
        chains.setdefault((row.requested_test_id, row.analyte_code), []).append(row)
    return {chain[-1].id: _typists(chain) for chain in chains.values()}


def _typists(chain: list[Result]) -> frozenset[uuid.UUID]:
    last, found = chain[-1], set[uuid.UUID]()
    for row in reversed(chain[:-1]):
        if row.authorised_at is not None:
            break
        if _typed_alike(row, last) and row.entered_by_id is not None:
            found.add(row.entered_by_id)
    return frozenset(found)


def _typed_alike(row: Result, last: Result) -> bool:
    places = {(each.planned_tube_id, each.laboratory_id) for each in (row, last)}
    if row.source is Source.IMPORTED or len(places) > 1:
        return False
    said, says = (
        value_of(unseal(Result.__tablename__, each.id, each.sealed)) for each in (row, last)
    )
    return same_text(said, says)
