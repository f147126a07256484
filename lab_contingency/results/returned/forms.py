"""What people fill in with a returned page before them: its number, its rows, what a second person reads on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from wtforms import BooleanField, Field, SelectField, StringField
from wtforms.validators import Length

from lab_contingency.accounts.forms import secret_field
from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web.forms import LabForm, Printable, VersionedForm, line, tidy
from lab_contingency.foundation.wording import day_time_text, read_date, read_moment
from lab_contingency.results.returned.commands import CheckAgainstPage, ReturnedValue, TypeBack
from lab_contingency.results.returned.queries import ReturnView, SlipRow, SlipTest
from lab_contingency.results.returned.rules import COPY_REASONS, FLAGS_WRITTEN
from lab_contingency.results.rules.values import LONGEST_TEXT

_SCANNED: dict[str, Any] = {"data-scan": True, "data-scan-home": True, "inputmode": "numeric"}
_COMMENT_MOST, _METHOD_MOST, _UNIT_MOST, _END_MOST = 120, 40, 20, 12


class OpenSlipForm(LabForm):
    """Two things read from one page: its number and the date of birth on it."""

    number = line(
        "Scan the page that came back",
        required="Scan the bars at the top of the page, or type the number under them.",
        most=40,
        **_SCANNED,
    )
    born = line(
        "Date of birth on the same page",
        required="Type the date of birth as it stands on the page.",
        most=20,
        hint="For example 04-Nov-1958",
    )

    def born_on(self) -> dt.date:
        """The day; RuleBroken says how to type it."""
        try:
            return read_date(self.born.data or "")
        except ValueError as unreadable:
            raise RuleBroken(str(unreadable), field="born") from None


class ReturnForm(VersionedForm):
    """Everything that a laboratory wrote on a slip. The boxes of its rows are made with the slip."""

    performed_by = line("Done by, as on the page", required="Type who did it there.", most=60)
    authorised_by = line(
        "Authorised by, as on the page",
        required="Type who signed it there. Is it not signed? Ring them: it is typed when it is.",
        most=60,
    )
    done_at = line(
        "Signed, day and time",
        required="Type when they signed it, as on the page.",
        most=24,
        hint="24-Nov 03:05",
    )
    arrived_at = line("Tubes arrived there, if it says", most=24, hint="24-Nov 02:40")
    reason = line(
        "Why a released value changes",
        most=160,
        hint="Only when the ward has it already; it reads this.",
    )

    def typed(self, view: ReturnView) -> TypeBack:
        """The intention."""
        tests = [test for test in view.tests if test.can_type]
        return TypeBack(
            slip_id=view.id,
            values=tuple(self._row(row) for test in tests for row in test.rows),
            performed_by=self.performed_by.data or "",
            authorised_by=self.authorised_by.data or "",
            done_at=_moment(self.done_at, required=True) or clock.now(),
            arrived_at=_moment(self.arrived_at),
            methods={test.code: self._text(f"method-{test.code}") for test in tests},
            cannot={test.code: self._text(f"cannot-{test.code}") for test in tests},
            reason=self.reason.data or "",
            version=self.version_shown(),
        )

    def _row(self, row: SlipRow) -> ReturnedValue:
        return ReturnedValue(
            test=row.test,
            analyte=row.analyte.code,
            text=self._text(row.field),
            low=self._text(f"low-{row.name}"),
            high=self._text(f"high-{row.name}"),
            flag=self._text(f"flag-{row.name}"),
            comment=self._text(f"comment-{row.name}"),
            other_unit=self._text(f"unit-{row.name}"),
        )

    def _text(self, name: str) -> str:
        return self[name].data or "" if name in self else ""

    def first_empty(self, view: ReturnView) -> str | None:
        """The box that is typed next; none when something is to be put right first."""
        if self.refused:
            return None
        rows = (row for test in view.tests if test.can_type for row in test.rows)
        return next((row.field for row in rows if not self._text(row.field)), None)


def _moment(field: Field, *, required: bool = False) -> dt.datetime | None:
    if not field.data and not required:
        return None
    try:
        return read_moment(field.data or "", near=clock.now())
    except ValueError as unreadable:
        raise RuleBroken(str(unreadable), field=field.name) from None


def return_form(view: ReturnView, *, fresh: bool = False) -> ReturnForm:
    """The boxes of a slip, filled with what stands there and what that laboratory is known to use."""
    boxes: dict[str, Any] = {}
    for test in view.tests:
        if test.can_type:
            boxes |= _test_boxes(test)
            for row in test.rows:
                boxes |= _row_boxes(row)
    form: ReturnForm = type("SlipForm", (ReturnForm,), boxes)(
        **({"formdata": None} if fresh else {})
    )
    if form.version.data is None:
        form.version.data = str(view.request.version)
    if fresh and view.open is not None:
        form.performed_by.data, form.authorised_by.data = (
            view.open.performed_by,
            view.open.authorised_by,
        )
        form.done_at.data = day_time_text(view.open.done_at)
        form.arrived_at.data = day_time_text(view.open.arrived_at) if view.open.arrived_at else ""
        form.reason.data = view.open.reason
    return form


def _test_boxes(test: SlipTest) -> dict[str, Any]:
    return {
        f"method-{test.code}": _small("Method", test.method, _METHOD_MOST),
        f"cannot-{test.code}": _small("Cannot be done, reason no.", test.cannot, 2),
    }


def _row_boxes(row: SlipRow) -> dict[str, Any]:
    boxes: dict[str, Any] = {
        row.field: StringField(
            row.analyte.name,
            default=row.typed,
            filters=[tidy],
            validators=[Length(max=LONGEST_TEXT, message="Keep this shorter.")],
        ),
        f"comment-{row.name}": _small("Comment", row.comment, _COMMENT_MOST),
    }
    if row.analyte.numeric:
        boxes |= {
            f"low-{row.name}": _small("Interval from", row.low, _END_MOST),
            f"high-{row.name}": _small("Interval to", row.high, _END_MOST),
            f"flag-{row.name}": SelectField("Flag", choices=FLAGS_WRITTEN, default=row.flag),
            f"unit-{row.name}": _small("Other unit", "", _UNIT_MOST),
        }
    return boxes


def _small(label: str, held: str, most: int) -> StringField:
    too_long = f"Keep this to {most} characters."
    return StringField(
        label,
        default=held,
        filters=[tidy],
        validators=[Printable(), Length(max=most, message=too_long)],
    )


class CheckPageForm(VersionedForm):
    """What a second person reads on the page."""

    page_agrees = BooleanField("Number, name and date of birth on the page are those shown here")
    secret = secret_field()

    def compared(self, view: ReturnView) -> CheckAgainstPage:
        """The intention."""
        rows = [row for test in view.tests for row in test.waiting]
        return CheckAgainstPage(
            slip_id=view.id,
            page_agrees=bool(self.page_agrees.data),
            keyed={
                (row.test, row.analyte.code): self[f"keyed-{row.name}"].data or "" for row in rows
            },
            version=self.version_shown(),
        )


def check_page_form(view: ReturnView, *, fresh: bool = False) -> CheckPageForm:
    """A box for each value that waits; whatever is typed into it is compared, never shown beside it."""
    boxes = {
        f"keyed-{row.name}": StringField(
            f"{row.analyte.name} on the page",
            filters=[tidy],
            validators=[Length(max=LONGEST_TEXT, message="Keep this shorter.")],
        )
        for test in view.tests
        for row in test.waiting
    }
    form: CheckPageForm = type("ComparedForm", (CheckPageForm,), boxes)(
        **({"formdata": None} if fresh else {})
    )
    if form.version.data is None:
        form.version.data = str(view.request.version)
    return form


class PrintReturnsForm(LabForm):
    """Why slips come out again."""

    reason = SelectField("Why again", choices={"": "choose", **COPY_REASONS}, validate_choice=False)
