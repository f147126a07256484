"""What is pressed with gloves on, and what is typed after ringing about a tube."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from wtforms import RadioField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web.forms import LabForm, VersionedForm, line, lines
from lab_contingency.specimens.commands import Age
from lab_contingency.specimens.forms import Moment, moment_of
from lab_contingency.transport.custody.commands import NoteEnquiry
from lab_contingency.transport.custody.queries.missing import MissingTube
from lab_contingency.transport.custody.rules import Answer

_ALL_GONE = "Nothing was chosen. Look at the list again: somebody else may have taken them."


class _Ticks(SelectMultipleField):
    """Several boxes to tick, one under the other."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class TubesForm(LabForm):
    """The tubes that a button is about: those that were shown when it was pressed, and no others."""

    tubes = SelectMultipleField("Tubes", choices={}, validate_choice=False)

    def chosen(self) -> tuple[uuid.UUID, ...]:
        """Their ids; RuleBroken when there are none, or what came is none."""
        try:
            found = tuple(uuid.UUID(each) for each in self.tubes.data or ())
        except ValueError:
            found = ()
        if not found:
            raise RuleBroken(_ALL_GONE)
        return found


class EnquiryForm(LabForm):
    """One call about one or several tubes."""

    tubes = _Ticks("Tubes you rang about", choices={}, validate_choice=False)
    whom = line("Whom did you ring?", required="Type whom you spoke to.", most=60)
    answer = RadioField(
        "What came of it?",
        choices={each.name: each.value for each in Answer},
        validators=[InputRequired("Choose what came of it.")],
    )
    said = lines("Their words, if they matter", most=300, rows="2")

    def offer(self, tubes: Iterable[MissingTube]) -> None:
        """Hand in the tubes there are; all are ticked until somebody takes a tick away."""
        self.tubes.choices = {
            str(one.tube.specimen_id): f"{one.tube.number}, {one.tube.hop.value}" for one in tubes
        }
        if not self.is_submitted():
            self.tubes.data = list(self.tubes.choices)

    def to_command(self) -> NoteEnquiry:
        """What was typed."""
        try:
            tubes = tuple(uuid.UUID(each) for each in self.tubes.data or ())
        except ValueError:
            tubes = ()
        return NoteEnquiry(
            tubes, Answer[self.answer.data], self.whom.data or "", self.said.data or ""
        )


class FoundForm(LabForm):
    """The tube is in the laboratory after all, with what receipt may have to ask."""

    collected_at = line(
        "When was it taken?", most=20, hint="24-hour clock: 03:05", extra=[Moment()]
    )
    accept_reason = line("Why it is used all the same", most=200)

    def age(self) -> Age:
        """What is known of the tube’s age."""
        return Age(
            collected_at=moment_of(self.collected_at), accept_reason=self.accept_reason.data or ""
        )


class TakeAgainForm(VersionedForm):
    """The tube is given up."""

    note = line("What is known of it", required="Say in a few words what is known.", most=200)
