"""What people fill in about results: the grid, the check, the call, the amendment."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Container, Iterable, Iterator
from typing import Any, TypeVar

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length

from lab_contingency.accounts.forms import secret_field
from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web.forms import (
    LabForm,
    Printable,
    VersionedForm,
    line,
    lines,
    tidy,
)
from lab_contingency.foundation.wording import read_moment
from lab_contingency.results.commands import (
    AmendResults,
    AuthoriseResults,
    CheckResults,
    CloseWithoutCall,
    EnterResults,
    RecordAttempt,
    RecordCall,
    SendBack,
    TypedValue,
)
from lab_contingency.results.queries.grids import Grid, Panel, Row
from lab_contingency.results.queries.judging import TypedRow, typed_row
from lab_contingency.results.rules.calls import NOT_NEEDED_REASONS, AttemptOutcome, Taker
from lab_contingency.results.rules.slips import COPY_REASONS
from lab_contingency.results.rules.values import LONGEST_TEXT, Repeated

_Form = TypeVar("_Form", bound=VersionedForm)
_COMMENT_MOST = 120
_SCANNED: dict[str, Any] = {"data-scan": True, "data-scan-home": True, "inputmode": "numeric"}
_ATTEMPTS = {each.value for each in AttemptOutcome} - {AttemptOutcome.TOLD.value}


class GridForm(VersionedForm):
    """The boxes of a request's panels; beside each its comment and whether it was repeated."""

    def typed_values(self, panels: Iterable[Panel]) -> tuple[TypedValue, ...]:
        """Every box of these panels as it stands, with what is said beside it."""
        return tuple(
            TypedValue(
                panel.code,
                row.analyte.code,
                self._text(row),
                self[f"comment-{row.name}"].data or "",
                Repeated(self[f"repeated-{row.name}"].data or ""),
            )
            for panel in panels
            for row in panel.rows
            if not row.derived
        )

    def catch_up(self, version: int) -> None:
        """As any form; and what a colleague typed meanwhile fills the boxes that are still empty."""
        super().catch_up(version)
        for box in self if self.behind else ():
            if isinstance(box, StringField) and not box.data:
                box.data = box.object_data or ""

    def has_boxes_of(self, panel: Panel) -> bool:
        """Whether the panel is typed in, or was when it was sent: its tube may have left meanwhile."""
        return any(row.field in self for row in panel.rows)

    def _text(self, row: Row) -> str:
        return self[row.field].data or ""

    def _said(self, row: Row) -> str:
        return self[f"comment-{row.name}"].data or self[f"repeated-{row.name}"].data or ""

    def typed_rows(self, grid: Grid) -> dict[str, Row | TypedRow]:
        """Each row of the grid by its box, judged by what is in the box now."""
        return {
            row.field: typed_row(grid, panel, row, self._text(row))
            for panel in grid.panels
            for row in panel.rows
            if row.field in self
        }

    def is_blank(self, grid: Grid) -> bool:
        """Whether nobody has typed anything into the grid, now or before."""
        return not grid.typed and not any(
            self._text(row) or self._said(row)
            for row in _typed_rows(grid.panels)
            if row.field in self
        )

    def first_empty(self, grid: Grid) -> str | None:
        """The box that is typed next; none when something is to be put right first."""
        if self.refused:
            return None
        rows = [row for row in _typed_rows(grid.panels) if row.field in self]
        return next((row.field for row in rows if not self._text(row)), None)

    def entered(self, grid: Grid) -> EnterResults:
        """The intention to keep what is typed."""
        panels = [panel for panel in grid.panels if self.has_boxes_of(panel)]
        return EnterResults(grid.request.id, self.typed_values(panels), self.version_shown())


class AmendForm(GridForm):
    """Other values in place of authorised ones."""

    reason = line(
        "Why it is amended",
        required="Say why it is amended. The ward reads this sentence.",
        most=160,
        hint="The ward reads this, for example: read from the wrong line of the print-out.",
    )

    def amended(self, grid: Grid) -> AmendResults:
        """The intention to amend what differs."""
        panels = [panel for panel in grid.panels if panel.can_amend]
        return AmendResults(
            grid.request.id, self.typed_values(panels), self.reason.data or "", self.version_shown()
        )


def _typed_rows(panels: Iterable[Panel]) -> Iterator[Row]:
    return (row for panel in panels for row in panel.rows if not row.derived)


def _boxes(panels: Iterable[Panel]) -> dict[str, Any]:
    return {
        name: field
        for row in _typed_rows(panels)
        for name, field in (
            (row.field, _value_field(row)),
            (f"comment-{row.name}", _comment_field(row)),
            (f"repeated-{row.name}", _repeated_field(row)),
        )
    }


def _value_field(row: Row) -> StringField:
    return StringField(
        row.analyte.name,
        default=row.typed,
        filters=[tidy],
        validators=[Length(max=LONGEST_TEXT, message="Keep this shorter.")],
    )


def _comment_field(row: Row) -> StringField:
    held = row.held.value.comment if row.held else ""
    most = f"Keep this to {_COMMENT_MOST} characters; the rest would not fit on the paper."
    return StringField(
        f"Comment on {row.analyte.name}",
        default=held,
        filters=[tidy],
        validators=[Printable(), Length(max=_COMMENT_MOST, message=most)],
    )


def _repeated_field(row: Row) -> RadioField:
    return RadioField(
        f"{row.analyte.name} repeated",
        choices={each.value: words for each, words in _REPEATED.items()},
        default=row.held.value.repeated.value if row.held else "",
    )


_REPEATED = {
    Repeated.YES: "repeated, the same",
    Repeated.NO: "not yet",
    Repeated.UNSAID: "not said",
}


def entry_form(grid: Grid, *, fresh: bool = False, sent: Container[str] = frozenset()) -> GridForm:
    """The grid of everything that may be typed now, and of what was `sent` though its tube has left meanwhile."""
    fields = _boxes(
        panel for panel in grid.panels if panel.can_type or _left_meanwhile(panel, sent)
    )
    form: GridForm = type("EntryForm", (GridForm,), fields)(**_as_sent(fresh=fresh))
    return _shown(form, grid)


def _left_meanwhile(panel: Panel, sent: Container[str]) -> bool:
    """Whether somebody typed in it before its tube was known to be gone: the service says so beside the box."""
    return bool(panel.gone) and panel.mine and any(row.field in sent for row in panel.rows)


def amend_form(grid: Grid, *, fresh: bool = False) -> AmendForm:
    """The grid of everything that is authorised and may be amended."""
    fields = _boxes(panel for panel in grid.panels if panel.can_amend)
    form: AmendForm = type("AmendGridForm", (AmendForm,), fields)(**_as_sent(fresh=fresh))
    return _shown(form, grid)


def _as_sent(*, fresh: bool) -> dict[str, Any]:
    """What WTForms is told: nothing, so that it reads what was sent, or that nothing was."""
    return {"formdata": None} if fresh else {}


def _shown(form: _Form, grid: Grid) -> _Form:
    if form.version.data is None:
        form.version.data = str(grid.request.version)
    return form


class CheckForm(VersionedForm):
    """Which tests agree with the print-out, or which values do not and why."""

    tests = SelectMultipleField("Tests that agree", choices={}, validate_choice=False)
    values = SelectMultipleField("Values that do not agree", choices={}, validate_choice=False)

    reason = line("What does not agree", most=200, hint="For example: the print-out says 5.8.")
    secret = secret_field()

    def catch_up(self, version: int) -> None:
        """As any form; but what was ticked on an older page was not compared with what stands there now."""
        super().catch_up(version)
        if self.behind:
            self.tests.data, self.values.data = [], []

    def to_check(self, request_id: uuid.UUID) -> CheckResults:
        """The intention to check."""
        return CheckResults(request_id, tuple(self.tests.data or ()), self.version_shown())

    def to_authorise(self, request_id: uuid.UUID) -> AuthoriseResults:
        """The intention to authorise."""
        return AuthoriseResults(request_id, tuple(self.tests.data or ()), self.version_shown())

    def to_send_back(self, request_id: uuid.UUID) -> SendBack:
        """The intention to send values back."""
        keys = tuple(
            (one, two) for one, _, two in (v.partition("-") for v in self.values.data or ())
        )
        return SendBack(request_id, keys, self.reason.data or "", self.version_shown())


class CallForm(LabForm):
    """A call: whom, at which number, what was read back. Nothing of it is filled in by the screen."""

    number = line("Number you rang", most=30)
    person = line("Their name", most=60)
    role = RadioField(
        "They are a", choices={each.value: each.value for each in Taker}, validate_choice=False
    )
    patient_agrees = BooleanField(
        "They gave the patient’s name, date of birth and number, and all agree"
    )
    read_back = line("They read back", most=LONGEST_TEXT)
    will_do = line("What they will do, if said", most=120)
    at = line("Time of the call, if not now", most=20)
    secret = secret_field()

    def _at(self) -> dt.datetime | None:
        if not self.at.data:
            return None
        try:
            return read_moment(self.at.data, near=clock.now())
        except ValueError as unreadable:
            raise RuleBroken(str(unreadable), field="at") from None

    def recorded(self, call_id: uuid.UUID) -> RecordCall:
        """The intention to record the call."""
        role = self.role.data
        return RecordCall(
            call_id,
            self.number.data or "",
            self.person.data or "",
            Taker(role) if role in set(Taker) else None,
            bool(self.patient_agrees.data),
            self.read_back.data or "",
            self.will_do.data or "",
            self._at(),
        )

    def attempted(self, call_id: uuid.UUID, outcome: str) -> RecordAttempt:
        """The intention to record an attempt that told nobody."""
        if outcome not in _ATTEMPTS:
            raise RuleBroken("Choose what came of the attempt.", field="number")
        return RecordAttempt(
            call_id,
            AttemptOutcome(outcome),
            self.number.data or "",
            self.person.data or "",
            self.read_back.data or "",
            "",
            self._at(),
        )


class NoCallForm(LabForm):
    """Why nobody needs to be rung."""

    reason_code = SelectField("Why no call is needed", choices={"": "choose", **NOT_NEEDED_REASONS})
    note = lines("What this rests on: when, and to whom", most=200)

    def to_command(self, call_id: uuid.UUID) -> CloseWithoutCall:
        """The intention."""
        return CloseWithoutCall(call_id, self.reason_code.data or "", self.note.data or "")


class ArrivedForm(LabForm):
    """A list or a slip scanned where it arrived."""

    number = line(
        "Scan a list or a slip that has arrived",
        required="Scan or type a number.",
        most=40,
        **_SCANNED,
    )


class SlipForm(LabForm):
    """Why a slip is printed again."""

    reason = SelectField("Why again", choices={"": "choose", **COPY_REASONS}, validate_choice=False)


class AcknowledgeForm(LabForm):
    """The releases that were shown."""

    releases = SelectMultipleField("Releases", choices={}, validate_choice=False)

    def shown(self) -> tuple[uuid.UUID, ...]:
        """Their ids; what was tampered with is left out."""
        return tuple(uuid.UUID(each) for each in self.releases.data or () if _UUID.fullmatch(each))


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class FindForm(LabForm):
    """A number scanned at the bench."""

    number = line("Scan a tube or a form", required="Scan or type a number.", most=40)
