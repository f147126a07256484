"""A row of the grid as it would stand with what is in its box now. Nothing of it is kept."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.rules import Analyte
from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.requests.rules.bands import Band
from lab_contingency.results.queries.grids import Grid, Panel, Row
from lab_contingency.results.queries.values import Before, change_words, why_not_comparable
from lab_contingency.results.rules.calls import call_due
from lab_contingency.results.rules.findings import slip
from lab_contingency.results.rules.values import TYPED_ALREADY, Judged, judge


@discloses(
    **dict.fromkeys(("field", "name", "refused", "interval", "limit", "call_by", "unit"), NOTHING),
    change=Field.RESULTS,
    incomparable=Field.RESULTS,
    slip=Field.RESULTS,
)
@dataclass(frozen=True, slots=True)
class TypedRow:
    """One analyte with its typed value judged; `refused` says why it could not be saved.

    What was typed a moment ago tells its typist nothing; what it is compared with does.
    """

    patient_id: uuid.UUID
    field: str
    analyte: Analyte
    held: Judged | None
    refused: str
    interval: str
    limit: str
    before: Before | None
    change: str
    incomparable: str
    call_by: dt.datetime | None
    slip: str
    call: None = None

    @property
    def name(self) -> str:
        """Of test and analyte, as the boxes beside the value are called."""
        return self.field.removeprefix("value-")

    @property
    def unit(self) -> str:
        """What it is typed in."""
        return self.analyte.unit

    @property
    def asks_repeat(self) -> bool:
        """Whether it surprises so much that it is measured again."""
        return bool(self.slip) or (self.held is not None and self.held.critical)


def row_of(shown: Grid, field: str) -> tuple[Panel, Row] | None:
    """The row of a box that may be typed in, or amended, now."""
    for panel in shown.panels:
        for row in panel.rows if panel.can_type or panel.can_amend else ():
            if row.field == field and not row.derived:
                return panel, row
    return None


def typed_row(shown: Grid, panel: Panel, row: Row, text: str) -> Row | TypedRow:
    """The row by the rules that saving goes by; as it stands when nothing else is typed."""
    if text == row.typed:
        return row
    if not text:
        return _without(row, TYPED_ALREADY)
    try:
        judged = judge(row.analyte, text, panel.bench, clock.now())
    except RuleBroken as refused:
        return _without(row, refused.message)
    return _with(row, judged, shown.request.band)


def _without(row: Row, refused: str) -> TypedRow:
    return TypedRow(
        patient_id=row.patient_id,
        field=row.field,
        analyte=row.analyte,
        held=None,
        refused=refused,
        interval=row.interval,
        limit=row.limit,
        before=row.before,
        change="",
        incomparable=row.incomparable,
        call_by=None,
        slip="",
    )


def _with(row: Row, judged: Judged, band: Band) -> TypedRow:
    why_not = why_not_comparable(row.analyte, judged.value, judged.value.laboratory, row.before)
    before = row.before.value.exact if row.before and not why_not else None
    return TypedRow(
        patient_id=row.patient_id,
        field=row.field,
        analyte=row.analyte,
        held=judged,
        refused="",
        interval=judged.value.interval,
        limit=judged.value.limit,
        before=row.before,
        change="" if why_not else change_words(judged.value, row.before),
        incomparable=why_not,
        call_by=call_due(band, clock.now()) if judged.critical else None,
        slip=slip(row.analyte.name, judged.value.exact, before),
    )
