"""What triage decided about a request, in words for the people who asked."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import and_text
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.bands import Band
from lab_contingency.triage.models import TriageDecision
from lab_contingency.triage.rules import REASONS, WORDS, DecisionKind, reason_words

MOST = 500


@discloses(
    tests=Field.TESTS,
    what=lambda one: Field.TESTS if one.tests else Field(0),
    reason=Field.REMARKS,
    instead=Field.REMARKS,
    sentence=lambda one: one.told,
    by_name=NOTHING,
)
@dataclass(frozen=True, slots=True)
class DecisionView:
    """One decision about one or several tests, or about the priority."""

    patient_id: uuid.UUID
    kind: DecisionKind
    tests: tuple[str, ...]
    band_before: Band | None
    band_after: Band | None
    reason: str
    instead: str
    by_name: str
    decided_at: dt.datetime

    @property
    def lowered(self) -> bool:
        """Whether the request became less pressing than it was."""
        before, after = self.band_before, self.band_after
        return before is not None and after is not None and after.is_lower_than(before)

    @property
    def what(self) -> str:
        """`Held: Ferritin and B12`, `Priority P2 TODAY, before P1 NOW`."""
        if self.band_before is not None and self.band_after is not None:
            return f"Priority {self.band_after.text}, before {self.band_before.text}"
        names = [catalogue().test(code).label for code in self.tests]
        return f"{WORDS[self.kind]}: {and_text(names)}"

    @property
    def told(self) -> Field:
        """What its sentence tells of the patient."""
        tests = Field.TESTS if self.tests else Field(0)
        return tests | (Field.REMARKS if self.reason or self.instead else Field(0))

    @property
    def sentence(self) -> str:
        """What was decided, why, and what to do instead."""
        parts = [self.what, self.reason[:1].upper() + self.reason[1:], self.instead]
        return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def decisions_of(request_id: uuid.UUID) -> tuple[DecisionView, ...]:
    """What was decided, newest first; tests decided together stand together.

    The caller has reached the request within the reader's scope.
    """
    statement = (
        select(TriageDecision, RequestedTest.test_code, Request.patient_id)
        .join(Request, Request.id == TriageDecision.request_id)
        .outerjoin(RequestedTest, RequestedTest.id == TriageDecision.requested_test_id)
        .where(TriageDecision.request_id == request_id)
        .order_by(TriageDecision.decided_at.desc(), TriageDecision.id.desc())
        .limit(MOST)
    )
    return tuple(_together(_view(*row) for row in session().execute(statement)))


def _view(row: TriageDecision, code: str | None, patient_id: uuid.UUID) -> DecisionView:
    typed = unseal(TriageDecision.__tablename__, row.id, row.sealed) if row.sealed else {}
    held = REASONS[row.kind].get(row.reason_code)
    return DecisionView(
        patient_id=patient_id,
        kind=row.kind,
        tests=(code,) if code else (),
        band_before=row.band_before,
        band_after=row.band_after,
        reason=reason_words(row.kind, row.reason_code, typed.get("reason", "")),
        instead=typed.get("instead") or (held.instead if held else ""),
        by_name=row.by_name,
        decided_at=row.decided_at,
    )


def _together(views: Iterable[DecisionView]) -> Iterable[DecisionView]:
    """Join neighbours that differ only in their test: one press of a button."""
    held: DecisionView | None = None
    for view in views:
        if held is not None and _same_press(held, view):
            held = _joined(held, view)
        else:
            if held is not None:
                yield held
            held = view
    if held is not None:
        yield held


_ONE_PRESS = dt.timedelta(seconds=2)


def _same_press(later: DecisionView, earlier: DecisionView) -> bool:
    same = (later.kind, later.by_name, later.reason, later.instead) == (
        earlier.kind,
        earlier.by_name,
        earlier.reason,
        earlier.instead,
    )
    near = later.decided_at - earlier.decided_at < _ONE_PRESS
    return same and near and later.kind is not DecisionKind.PRIORITY


def _joined(later: DecisionView, earlier: DecisionView) -> DecisionView:
    codes = sorted({*later.tests, *earlier.tests}, key=lambda code: catalogue().test(code).order)
    return DecisionView(
        later.patient_id,
        later.kind,
        tuple(codes),
        None,
        None,
        later.reason,
        later.instead,
        later.by_name,
        earlier.decided_at,
    )
