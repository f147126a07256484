"""What routing fills in: a laboratory for each test, the queue's one key."""

from __future__ import annotations

import re
import uuid
from typing import Any

from wtforms import Field, RadioField, SelectMultipleField
from wtforms.validators import ValidationError

from lab_contingency.foundation.web.forms import LabForm, VersionedForm, line
from lab_contingency.routing.commands import AcceptChosen, ChooseLaboratories, ChosenRow
from lab_contingency.routing.queries.choosing import RoutingView

PREFIX = "laboratory-"
NOT_NOW = ""
MOST_CHOSEN = 100
_ROW = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9]{1,9})")


class AcceptForm(VersionedForm):
    """The queue's Enter: accept and take the suggestion."""


class AcceptChosenForm(LabForm):
    """The rows ticked in the queue, each with the version it was shown with: `id:version`."""

    chosen = SelectMultipleField("Chosen rows", choices={}, validate_choice=False)

    def validate_chosen(self, field: Field) -> None:
        """At least one, not too many, and each of them readable."""
        if not field.data:
            raise ValidationError("Choose a row first: tick it, or press Space on it.")
        if len(field.data) > MOST_CHOSEN:
            raise ValidationError(f"Choose at most {MOST_CHOSEN} rows at once.")
        if not all(_ROW.fullmatch(each) for each in field.data):
            raise ValidationError("A row you chose could not be read. Choose the rows again.")

    def to_command(self) -> AcceptChosen:
        """The intention, in the order of the queue."""
        read = filter(None, map(_ROW.fullmatch, self.chosen.data or ()))
        return AcceptChosen(tuple(ChosenRow(uuid.UUID(each[1]), int(each[2])) for each in read))

    def ticked(self) -> frozenset[str]:
        """The requests whose rows are still chosen when the queue is shown again."""
        return frozenset(each.partition(":")[0] for each in self.chosen.data or ())


class ChoosingForm(VersionedForm):
    """A laboratory for each test of one request; the fields are made for that request."""

    reason = line(
        "Why elsewhere", most=200, hint="Only when a test goes elsewhere than was chosen before."
    )

    def to_command(self, request_id: uuid.UUID) -> ChooseLaboratories:
        """The intention: tests left at “not now” are left out."""
        chosen = {
            name.removeprefix(PREFIX): uuid.UUID(field.data)
            for name, field in self._fields.items()
            if name.startswith(PREFIX) and field.data
        }
        return ChooseLaboratories(request_id, self.version_shown(), chosen, self.reason.data or "")


def choosing_form(view: RoutingView) -> ChoosingForm:
    """The form for this request, with what stands or is suggested chosen."""
    fields: dict[str, Any] = {
        PREFIX + choice.code: RadioField(
            choice.label,
            choices={
                NOT_NOW: "not now",
                **{str(each.laboratory_id): each.name for each in choice.answers},
            },
            default=str(choice.preset or NOT_NOW),
        )
        for choice in view.choices
    }
    form: ChoosingForm = type("ChoosingForm", (ChoosingForm,), fields)()
    if not form.is_submitted():
        form.version.data = str(view.request.version)
    return form
