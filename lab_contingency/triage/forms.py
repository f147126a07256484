"""What triage fills in: which tests, why, what instead, which priority."""

from __future__ import annotations

import datetime as dt
import uuid

from wtforms import Field, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from lab_contingency.accounts.forms import secret_field
from lab_contingency.foundation import clock
from lab_contingency.foundation.web.forms import VersionedForm, line, lines
from lab_contingency.foundation.wording import read_moment
from lab_contingency.requests.queries.views import RequestView, TestView
from lab_contingency.requests.rules.bands import BANDS, Band
from lab_contingency.requests.rules.statuses import TRANSITIONS, TestStatus
from lab_contingency.triage.commands import AcceptTests, ChangePriority, DeclineTests, DeferTests
from lab_contingency.triage.rules import ACTIONS, OTHER, REASONS, DecisionKind

_CHOOSE = {"": "Choose a reason"}
EVERY = "every"


def _reason_field(kind: DecisionKind, *, needed: str | None) -> SelectField:
    reasons = {
        reason.code: reason.words[:1].upper() + reason.words[1:]
        for reason in REASONS[kind].values()
    }
    return SelectField(
        "Reason",
        choices=_CHOOSE | reasons,
        validators=[InputRequired(needed)] if needed else [],
    )


def _words_field() -> TextAreaField:
    return lines("In your words", most=300, hint="The ward reads it.", rows="2")


def _label(view: TestView) -> str:
    """The name, and where it stands unless it simply waits."""
    waits = view.status is TestStatus.REQUESTED
    return view.test.label if waits else f"{view.test.label} ({view.words})"


class _TestsForm(VersionedForm):
    """Which tests: the ticked ones, or all of them by the other button."""

    kind: DecisionKind
    tests = SelectMultipleField(
        "Tests",
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    which = line("Which", most=10)

    def offer(self, request: RequestView) -> None:
        """Hand in the tests about which this can still be decided; a single one is ticked."""
        sources = TRANSITIONS[ACTIONS[self.kind]].sources
        able = [view for view in request.tests if view.status in sources]
        self.tests.choices = [(view.test.code, _label(view)) for view in able]
        if len(able) == 1 and not self.is_submitted():
            self.tests.data = [able[0].test.code]
        if not self.is_submitted():
            self.version.data = str(request.version)

    def codes(self) -> tuple[str, ...]:
        """The tests chosen; every one that is offered for the button that says so."""
        if self.which.data == EVERY:
            return tuple(str(choice[0]) for choice in self.tests.choices or ())
        return tuple(self.tests.data or ())

    def validate_tests(self, _field: Field) -> None:
        """At least one."""
        if not self.codes():
            raise ValidationError("Tick at least one test, or press the button for all of them.")


class AcceptForm(_TestsForm):
    """Accept without choosing a laboratory yet."""

    kind = DecisionKind.ACCEPT

    def to_command(self, request_id: uuid.UUID) -> AcceptTests:
        """The intention."""
        return AcceptTests(request_id, self.version_shown(), self.codes())


class _RefusalForm(_TestsForm):
    reason = _words_field()

    def validate_reason(self, field: Field) -> None:
        """Another reason needs words."""
        if self["reason_code"].data == OTHER and not field.data:
            raise ValidationError("Say in words what the other reason is.")


class HoldForm(_RefusalForm):
    """Not now."""

    kind = DecisionKind.DEFER
    reason_code = _reason_field(DecisionKind.DEFER, needed="Choose a reason. The ward reads it.")

    def to_command(self, request_id: uuid.UUID) -> DeferTests:
        """The intention."""
        return DeferTests(
            request_id,
            self.version_shown(),
            self.reason_code.data or "",
            self.reason.data or "",
            self.codes(),
        )


class DeclineForm(_RefusalForm):
    """Not at all."""

    kind = DecisionKind.DECLINE
    reason_code = _reason_field(DecisionKind.DECLINE, needed="Choose a reason. The ward reads it.")
    instead = line(
        "What to do instead", most=200, hint="Left empty, the usual advice for the reason is told."
    )

    def to_command(self, request_id: uuid.UUID) -> DeclineTests:
        """The intention."""
        return DeclineTests(
            request_id,
            self.version_shown(),
            self.reason_code.data or "",
            self.reason.data or "",
            self.instead.data or "",
            self.codes(),
        )


class PriorityForm(VersionedForm):
    """Another band for the whole request."""

    band = RadioField(
        "Priority",
        choices={band.value: f"{band.text}: {BANDS[band].meaning}" for band in Band},
        validators=[InputRequired("Choose a priority.")],
    )
    reason_code = _reason_field(DecisionKind.PRIORITY, needed=None)
    reason = _words_field()
    needed_by = line(
        "Needed by", most=20, hint="Only if the ward gave another time, for example 03:45."
    )
    secret = secret_field()

    def offer(self, request: RequestView, wanted: str) -> None:
        """Show what stands; `wanted` is the band of the key that was pressed."""
        if not self.is_submitted():
            self.version.data = str(request.version)
            self.band.data = wanted if wanted in set(Band) else None

    def validate_needed_by(self, _field: Field) -> None:
        """A time that can be read."""
        try:
            self._moment()
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong

    def _moment(self) -> dt.datetime | None:
        typed = self.needed_by.data or ""
        return read_moment(typed, near=clock.now(), future=True) if typed else None

    def to_command(self, request_id: uuid.UUID) -> ChangePriority:
        """The intention."""
        return ChangePriority(
            request_id,
            self.version_shown(),
            Band(self.band.data),
            self.reason_code.data or "",
            self.reason.data or "",
            self._moment(),
        )
