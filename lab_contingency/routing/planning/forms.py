"""What planning fills in: chosen lines, another laboratory, why a laboratory drops out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from wtforms import Field, HiddenField, RadioField, SelectMultipleField
from wtforms.validators import InputRequired, ValidationError

from lab_contingency.foundation import clock
from lab_contingency.foundation.web.forms import LabForm, line
from lab_contingency.foundation.wording import read_moment
from lab_contingency.routing.commands import DeclareOutage
from lab_contingency.routing.planning.commands import ChangeLine, ChosenLines
from lab_contingency.routing.planning.queries.choosing import PlaceAnswer

MOST_CHOSEN = 500


def _id(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


class LinesForm(LabForm):
    """The lines ticked on the page of the plan; `what` is the button that was pressed."""

    plan = HiddenField()
    chosen = SelectMultipleField("Chosen lines", choices={}, validate_choice=False)

    def validate_chosen(self, field: Field) -> None:
        """At least one, not too many, and each of them readable."""
        if not field.data:
            raise ValidationError("Tick a line first, or accept all.")
        if len(field.data) > MOST_CHOSEN or not all(map(_id, field.data)):
            raise ValidationError("A line you ticked could not be read. Tick the lines again.")

    def plan_id(self) -> uuid.UUID:
        """The plan that was shown; no plan's id when it cannot be read, which is never the newest."""
        return _id(self.plan.data) or uuid.UUID(int=0)

    def to_command(self) -> ChosenLines:
        """The intention."""
        ids = tuple(found for one in self.chosen.data or () if (found := _id(one)))
        return ChosenLines(self.plan_id(), ids)

    def ticked(self) -> frozenset[str]:
        """What is still ticked when the page is shown again."""
        return frozenset(self.chosen.data or ())


class AllLinesForm(LabForm):
    """Accept all: only the plan that was shown."""

    plan = HiddenField()

    def plan_id(self) -> uuid.UUID:
        """As above."""
        return _id(self.plan.data) or uuid.UUID(int=0)


class LineForm(LabForm):
    """Another laboratory for one line."""

    laboratory = RadioField(
        "Laboratory", validators=[InputRequired("Choose the laboratory it goes to.")]
    )

    def offer(self, answers: Iterable[PlaceAnswer]) -> None:
        """Hand in those that can."""
        held = list(answers)
        self.laboratory.choices = [(str(one.laboratory_id), one.name) for one in held if one.can]
        chosen = next((one for one in held if one.chosen), None)
        if chosen is not None and not self.is_submitted():
            self.laboratory.data = str(chosen.laboratory_id)

    def to_command(self, line_id: uuid.UUID) -> ChangeLine:
        """The intention."""
        return ChangeLine(line_id, uuid.UUID(self.laboratory.data))


class OutageForm(LabForm):
    """A laboratory drops out."""

    reason = line(
        "Why it takes no work",
        required="Say why it takes no work. Everybody who routes reads it.",
        most=120,
        hint="About the laboratory, for example “power” or “analysers down”. No patient.",
    )
    until = line("Until about", most=24, hint="24-hour clock; leave empty when nobody knows")

    def validate_until(self, field: Field) -> None:
        """A time on the clock."""
        if field.data:
            try:
                self._moment()
            except ValueError as refused:
                raise ValidationError(str(refused)) from refused

    def _moment(self) -> dt.datetime | None:
        if not self.until.data:
            return None
        return read_moment(self.until.data, near=clock.now(), future=True)

    def to_command(self, laboratory_id: uuid.UUID) -> DeclareOutage:
        """The intention."""
        return DeclareOutage(laboratory_id, self.reason.data or "", self._moment())
