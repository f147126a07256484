"""What people scan and fill in about boxes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import ClassVar

from wtforms import (
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.web.forms import LabForm, VersionedForm, line, lines
from lab_contingency.places.queries import LaboratoryView
from lab_contingency.specimens.commands import Age
from lab_contingency.specimens.forms import Moment, PrintAgainForm, ScanForm, moment_of
from lab_contingency.transport.commands import (
    BringBack,
    HandOverBox,
    MoveBox,
    NameOwner,
    PackTube,
    RerouteBox,
    SealBox,
    SendOne,
    SettleDiscrepancy,
    UnpackTube,
)
from lab_contingency.transport.queries.boxes import Box
from lab_contingency.transport.queries.lists import DifferenceRow
from lab_contingency.transport.rules import Condition, ConsignmentAction, Settlement

__all__ = ["PrintAgainForm", "ScanForm"]
IN, OUT = "in", "out"
_CHOOSE = {"": "choose"}
_MOST_TUBES = 999


def told_apart(forms: Mapping[str, LabForm]) -> None:
    """Several forms stand on one page: the boxes of each get ids of their own."""
    for name, form in forms.items():
        for box in form:
            box.id = f"{name}-{box.name}"


def _named(laboratories: Iterable[LaboratoryView]) -> dict[str, str]:
    return {str(each.id): each.name for each in laboratories}


class ToLaboratoryForm(LabForm):
    """A laboratory to choose."""

    laboratory = SelectField("Goes to", validators=[])
    nobody: ClassVar[dict[str, str]] = _CHOOSE

    def offer(self, laboratories: Iterable[LaboratoryView]) -> None:
        """Hand in the laboratories."""
        self.laboratory.choices = {**self.nobody, **_named(laboratories)}

    def laboratory_id(self) -> uuid.UUID | None:
        """The laboratory named, or None."""
        return uuid.UUID(self.laboratory.data) if self.laboratory.data else None


def _anyway() -> StringField:
    return line("Why it goes all the same", most=200)


class SendOneForm(ScanForm, ToLaboratoryForm):
    """One scan: a tube that leaves at once; where to only when its tests are for several laboratories."""

    to_name = line("Taken by", most=60, hint="Porter or courier; empty: a porter.")
    anyway = _anyway()
    nobody: ClassVar[dict[str, str]] = {"": "where its tests are done"}

    def to_command(self) -> SendOne:
        """The intention."""
        return SendOne(
            self.number.data or "",
            self.laboratory_id(),
            self.to_name.data or "a porter",
            self.anyway.data or "",
        )


class StartForm(ScanForm, ToLaboratoryForm):
    """A box is begun: for a laboratory, or with its first tube."""

    number = line(
        "First tube",
        most=40,
        **{"data-scan": True, "inputmode": "numeric"},  # type: ignore[arg-type]
    )
    laboratory = SelectField("or for", validators=[])
    anyway = _anyway()


class PackForm(ScanForm):
    """Tubes scanned into a box, or out of it."""

    which = RadioField("Each scan", choices={IN: "puts in", OUT: "takes out"}, default=IN)
    anyway = _anyway()

    @property
    def takes_out(self) -> bool:
        """Whether the scan empties a place."""
        return bool(self.which.data == OUT)

    def to_command(self, consignment_id: uuid.UUID) -> PackTube:
        """The intention."""
        return PackTube(consignment_id, self.number.data or "", self.anyway.data or "")


class SealForm(VersionedForm):
    """The box is closed."""

    box = line("Box", required="Type what stands on the box.", most=20)
    seal = line("Seal number", required="Type the number on the seal.", most=20)

    def to_command(self, consignment_id: uuid.UUID) -> SealBox:
        """The intention."""
        return SealBox(
            consignment_id, self.box.data or "", self.seal.data or "", self.version_shown()
        )


class MoveForm(VersionedForm):
    """Something happens to the whole box, and why."""

    action = HiddenField(validators=[InputRequired("Choose what happens to the box.")])
    reason = line("Why", required="Say why.", most=200)

    def to_command(self, consignment_id: uuid.UUID) -> MoveBox:
        """The intention."""
        action = ConsignmentAction(self.action.data or "")
        return MoveBox(consignment_id, action, self.reason.data or "", self.version_shown())

    def validate_action(self, field: HiddenField) -> None:
        """One of the words of the table."""
        if field.data not in set(ConsignmentAction):
            raise ValidationError("Choose what happens to the box.")


class RerouteForm(VersionedForm, ToLaboratoryForm):
    """Another laboratory, and why."""

    laboratory = SelectField("Goes now to", validators=[InputRequired("Choose a laboratory.")])
    reason = line("Why it goes elsewhere", required="Say why it goes elsewhere.", most=200)

    def to_command(self, consignment_id: uuid.UUID) -> RerouteBox:
        """The intention."""
        target = self.laboratory_id() or uuid.UUID(int=0)
        return RerouteBox(consignment_id, target, self.reason.data or "", self.version_shown())


class _Ticks(SelectMultipleField):
    """Several boxes to tick, one under the other."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class BringBackForm(VersionedForm):
    """The box is back: what is in it is ticked."""

    tubes = _Ticks("Tick each tube that is in it")
    reason = line("Why it came back", required="Say why it came back.", most=200)

    def offer(self, box: Box) -> None:
        """Hand in the tubes that left in it."""
        self.tubes.choices = {
            str(tube.tube.specimen_id): f"{tube.place}. {tube.tube.number_text}"
            for tube in box.waiting
        }

    def to_command(self, consignment_id: uuid.UUID) -> BringBack:
        """The intention."""
        tubes = frozenset(uuid.UUID(each) for each in self.tubes.data or ())
        return BringBack(consignment_id, tubes, self.reason.data or "", self.version_shown())


class HandOverForm(LabForm):
    """From whom, to whom, where, how many. The key makes a page sent twice one hand-over."""

    key = HiddenField()
    from_name = line("From", required="Type who gives it.", most=60)
    to_name = line("To", required="Type who takes it.", most=60)
    at_place = line("Where", required="Type where it is handed over.", most=60)
    items = line(
        "Tubes, as on the manifest", required="Type how many.", most=3, inputmode="numeric"
    )
    occurred_at = line("When, if not now", most=20, hint="24-hour clock: 03:05", extra=[Moment()])

    def validate_items(self, field: object) -> None:
        """A number of tubes."""
        text = self.items.data or ""
        if not (text.isascii() and text.isdigit() and 0 < int(text) <= _MOST_TUBES):
            raise ValidationError("Type how many tubes, in digits.")

    def begin(self, from_name: str, at_place: str) -> None:
        """Offer what is known, with a key of its own."""
        self.key.data = str(new_id())
        self.from_name.data, self.at_place.data = from_name, at_place

    def to_command(self, consignment_id: uuid.UUID) -> HandOverBox:
        """The intention."""
        return HandOverBox(
            self._key(),
            consignment_id,
            self.from_name.data or "",
            self.to_name.data or "",
            self.at_place.data or "",
            int(self.items.data or 0),
            moment_of(self.occurred_at),
        )

    def _key(self) -> uuid.UUID:
        try:
            return uuid.UUID(self.key.data or "")
        except ValueError:
            return new_id()


class VersionForm(VersionedForm):
    """A button that carries what was shown."""


class UnpackForm(ScanForm):
    """A tube is taken out of the box, and looks like this."""

    condition = RadioField(
        "It looks",
        choices={one.value: one.value for one in Condition},
        default=Condition.AS_EXPECTED.value,
    )
    accept_reason = line("Why it is used all the same", most=200)
    leave_out = SelectField(
        "Tests it is too old for",
        choices={"": "use them all", "1": "leave them out, have them taken again"},
        default="",
    )

    def to_command(self, consignment_id: uuid.UUID) -> UnpackTube:
        """The intention."""
        age = Age(accept_reason=self.accept_reason.data or "", leave_out=bool(self.leave_out.data))
        condition = Condition(self.condition.data or Condition.AS_EXPECTED.value)
        return UnpackTube(consignment_id, self.number.data or "", condition, age)


class ExtraForm(LabForm):
    """Something in the box that is no tube of ours."""

    found = line("What is it, and what stands on it?", required="Say what it is.", most=200)


class SettleForm(LabForm):
    """How a difference ended, and what was found."""

    settlement = SelectField(
        "It ended so", choices=_CHOOSE, validators=[InputRequired("Choose how it ended.")]
    )
    words = lines("What was found", required="Say in words what was found.", most=300)

    def offer(self, row: DifferenceRow) -> None:
        """Hand in the endings of this kind."""
        self.settlement.choices = {**_CHOOSE, **{one.value: one.value for one in row.endings}}

    def to_command(self, discrepancy_id: uuid.UUID) -> SettleDiscrepancy:
        """The intention."""
        ending = Settlement(self.settlement.data)
        return SettleDiscrepancy(discrepancy_id, ending, self.words.data or "")


class OwnerForm(LabForm):
    """Who looks after a difference now."""

    owner = line("Looked after by", required="Type who looks after it now.", most=60)
    laboratory = SelectField("Of", validators=[InputRequired("Choose a laboratory.")])

    def offer(self, row: DifferenceRow) -> None:
        """Hand in the two ends."""
        self.laboratory.choices = {
            str(row.from_id): row.from_name,
            str(row.to_id): row.to_name,
        }

    def to_command(self, discrepancy_id: uuid.UUID) -> NameOwner:
        """The intention."""
        return NameOwner(discrepancy_id, self.owner.data or "", uuid.UUID(self.laboratory.data))
