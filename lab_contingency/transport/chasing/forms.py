"""What somebody who rang a partner laboratory fills in."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from wtforms import Field, SelectMultipleField
from wtforms.validators import ValidationError

from lab_contingency.foundation import clock
from lab_contingency.foundation.web.forms import LabForm, line, lines
from lab_contingency.foundation.wording import read_moment
from lab_contingency.transport.chasing.commands import NoteCall


class CallForm(LabForm):
    """One call: about which requests, who answered, what was said, what was promised."""

    requests = SelectMultipleField("About")
    answered = line("Who answered", most=60, hint="Leave empty if nobody did")
    said = lines(
        "What was said",
        required="Say what was said, or that nobody answered.",
        most=300,
        rows="2",
    )
    expected_at = line("Results promised for", most=24, hint="24-hour clock; empty: no time said")
    ring_at = line("Ring again at", most=24, hint="empty: 15 min after the promise, or in an hour")

    def offer(self, request_ids: Iterable[uuid.UUID]) -> None:
        """Hand in the requests that can be ticked."""
        self.requests.choices = [(str(each), str(each)) for each in request_ids]

    def validate_expected_at(self, field: Field) -> None:
        """A time on the clock."""
        _moment(field)

    def validate_ring_at(self, field: Field) -> None:
        """A time on the clock."""
        _moment(field)

    def ticked(self, request_id: uuid.UUID) -> bool:
        """Whether that request is ticked."""
        return str(request_id) in (self.requests.data or ())

    def to_command(self, laboratory_id: uuid.UUID) -> NoteCall:
        """The intention."""
        return NoteCall(
            laboratory_id,
            tuple(uuid.UUID(each) for each in self.requests.data or ()),
            self.answered.data or "",
            self.said.data or "",
            _moment(self.expected_at),
            _moment(self.ring_at),
        )


def _moment(field: Field) -> dt.datetime | None:
    if not field.data:
        return None
    try:
        return read_moment(field.data, near=clock.now(), future=True)
    except ValueError as problem:
        raise ValidationError(str(problem)) from None
