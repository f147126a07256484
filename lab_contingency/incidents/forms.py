"""What a coordinator fills in."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from wtforms import Field, SelectField
from wtforms.validators import InputRequired, ValidationError

from lab_contingency.foundation import clock
from lab_contingency.foundation.web.forms import LabForm, VersionedForm, line, lines
from lab_contingency.foundation.wording import read_moment
from lab_contingency.incidents.commands import (
    DeclareIncident,
    IssueBlock,
    OfferAllTheSame,
    StopTest,
)
from lab_contingency.incidents.rules import BLOCK_MOST
from lab_contingency.places.queries import SiteView

_CHOOSE = ("", "choose")
_HOW_MANY = f"Type a number from 1 to {BLOCK_MOST}."


def _moment(typed: str, *, future: bool) -> dt.datetime:
    try:
        return read_moment(typed, near=clock.now(), future=future)
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


class DeclareForm(LabForm):
    """The main system is gone."""

    down_since = line(
        "Main system gone since",
        required="Type since when, for example 06:40 or 23-Nov 06:40.",
        most=24,
        hint="24-hour clock; with its day if it was not in the last 24 hours",
    )
    scope = line(
        "Who is affected", required="Say who is affected, for example “all sites”.", most=120
    )
    message = lines(
        "Message on every page", most=300, hint="Leave empty if there is nothing to say yet"
    )

    def validate_down_since(self, field: Field) -> None:
        """A time on the clock."""
        _moment(field.data, future=False)

    def to_command(self) -> DeclareIncident:
        """The intention."""
        down_since = _moment(self.down_since.data or "", future=False)
        return DeclareIncident(down_since, self.scope.data or "", self.message.data or "")


class MessageForm(VersionedForm):
    """Another message on every page, or none."""

    message = lines("Message on every page", most=300, hint="Leave empty to take it off")


class BlockForm(LabForm):
    """Numbers for another server."""

    site = SelectField(
        "Hospital whose server it is", validators=[InputRequired("Choose the hospital.")]
    )
    count = line(
        "How many forms",
        required=_HOW_MANY,
        most=4,
        hint="As many as it may need until both work together again",
        inputmode="numeric",
    )

    def offer(self, sites: Iterable[SiteView]) -> None:
        """Hand in the hospitals to choose from."""
        self.site.choices = [_CHOOSE, *((str(site.id), site.name) for site in sites)]

    def validate_count(self, field: Field) -> None:
        """A number that makes a block."""
        text = field.data or ""
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= BLOCK_MOST):
            raise ValidationError(_HOW_MANY)

    def to_command(self) -> IssueBlock:
        """The intention."""
        return IssueBlock(uuid.UUID(self.site.data), int(self.count.data or "0"))


class StopForm(LabForm):
    """A test that cannot be done now."""

    test = SelectField("Test", validators=[InputRequired("Choose the test.")])
    reason = line(
        "Why, and what to do instead",
        required="Say why, for example “No reagent. Use CRP.”",
        most=160,
        hint="Requesters read it on the card",
    )
    until = line("Until", most=24, hint="24-hour clock; leave empty when nobody knows")

    def offer(self, tests: Iterable[tuple[str, Iterable[tuple[str, str]]]]) -> None:
        """Hand in (discipline, tests as (code, name))."""
        self.test.choices = {"": [_CHOOSE], **{group: list(pairs) for group, pairs in tests}}

    def validate_until(self, field: Field) -> None:
        """A time on the clock."""
        if field.data:
            _moment(field.data, future=True)

    def to_command(self) -> StopTest:
        """The intention."""
        until = _moment(self.until.data, future=True) if self.until.data else None
        return StopTest(self.test.data, self.reason.data or "", until)


class OfferAllTheSameForm(LabForm):
    """A test to be offered although routing finds nobody."""

    found = SelectField("Test that nobody can do", validators=[InputRequired("Choose the test.")])

    arranged = line(
        "What was arranged",
        required="Say what was arranged, for example “Dr Shah runs it by hand.”",
        most=160,
    )

    def offer(self, tests: Iterable[tuple[str, str]]) -> None:
        """Hand in what routing found, as (code, name)."""
        self.found.choices = [_CHOOSE, *tests]

    def to_command(self) -> OfferAllTheSame:
        """The intention."""
        return OfferAllTheSame(self.found.data, self.arranged.data or "")
