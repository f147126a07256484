"""What people scan and fill in about tubes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.vocabulary import Container
from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.web.forms import LabForm, VersionedForm, line, lines
from lab_contingency.foundation.wording import read_moment
from lab_contingency.specimens.commands import (
    AcceptByHand,
    Age,
    CollectTubes,
    CorrectCollection,
    RejectTube,
)
from lab_contingency.specimens.queries import TubeView
from lab_contingency.specimens.rules import COPY_REASONS, REJECTION_REASONS, HandItem
from lab_contingency.specimens.rules.matching import NO_WRISTBAND, Identifier, WithoutWristband

_T = TypeVar("_T")
METHODS = {"vein": "vein", "line": "line"}
_CHOOSE = {"": "choose"}
_TICK = "Scan or tick the tubes that you filled."


class _Ticks(SelectMultipleField):
    """Several boxes to tick, one under the other."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Moment:
    """A time that somebody claims; ValidationError says how to type it."""

    def __call__(self, _form: Any, field: StringField) -> None:
        """Refuse what is no time."""
        try:
            moment_of(field)
        except ValueError as refused:
            raise ValidationError(str(refused)) from refused


def moment_of(field: StringField) -> dt.datetime | None:
    """Read the typed time; None when nothing was typed."""
    return read_moment(field.data, near=clock.now()) if field.data else None


def _number(label: str, required: str | None) -> StringField:
    field: dict[str, Any] = {"data-scan": True, "data-scan-home": True, "inputmode": "numeric"}
    return line(label, required=required, most=40, **field)


class _GS1Field(StringField):
    """The separator of a GS1 code is a control sign, which no form takes: a bar stands for it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """As it was scanned, but for that sign."""
        super().process_formdata([str(value).replace("\x1d", "|") for value in valuelist])


def _bedside_scan(label: str, required: str | None) -> StringField:
    """Forms, labels and wristbands; a GS1 code is long, and holds letters."""
    field: dict[str, Any] = {"data-scan": True, "data-scan-home": True, "data-scan-gs1": True}
    return line(label, required=required, most=300, kind=_GS1Field, **field)


def _taken(label: str, required: str | None) -> StringField:
    hint = "24-hour clock: 03:05, or with its day: 24-Nov 03:05"
    return line(label, required=required, most=20, hint=hint, extra=[Moment()])


class ScanForm(LabForm):
    """One scan field. What is not found is said on it, where the person looks."""

    number = _number("Scan", "Scan or type the number under the barcode.")

    def attempt_scan(self, act: Callable[[], _T]) -> _T | None:
        """Act on the scan; None when it was refused, with the sentence on the field."""
        try:
            return self.attempt(act)
        except NotFound as missing:
            self.refuse(RuleBroken(missing.message, field="number"))
            return None


class FindAtBedsideForm(ScanForm):
    """The first scan at a bedside: a form, a label or a wristband."""

    number = _bedside_scan("Scan", "Scan a form, a label or a wristband.")


class ReadForm(FindAtBedsideForm):
    """A scan beside a patient, with the tube that is in the hand."""

    holding = StringField()


class PrintAgainForm(LabForm):
    """Why something is printed again."""

    reason = SelectField(
        "Why is it printed again?", choices={**_CHOOSE, **COPY_REASONS}, default=""
    )
    tubes = SelectMultipleField("Tubes", choices={}, validate_choice=False)

    def chosen(self) -> tuple[uuid.UUID, ...] | None:
        """The tubes asked for by name, or None for all."""
        try:
            return tuple(uuid.UUID(each) for each in self.tubes.data or ()) or None
        except ValueError:
            return ()


def _caps() -> list[tuple[str, str]]:
    """Kinds of tubes to sort by, named by what is in them: colours differ between the makers."""
    kinds = catalogue().containers.values()
    tubes = [kind for kind in kinds if kind.draw_order is not None]
    return [("", "not sorted"), *((kind.code, _cap(kind)) for kind in tubes)]


def _cap(kind: Container) -> str:
    colours = dict.fromkeys(colour for colour in (kind.colour_bd, kind.colour_sarstedt) if colour)
    return f"{kind.name} ({' or '.join(colours)})"


class ReceiveForm(ScanForm):
    """A scan at the laboratory, with what receipt may have to ask."""

    collected_at = _taken("When was it taken?", None)
    accept_reason = line("Why it is used all the same", most=200)
    leave_out = BooleanField("Leave out the tests it is too old for, and have them taken again")
    cap = SelectField("These tubes are", choices=_caps, default="", validate_choice=True)

    def age(self) -> Age:
        """What is known of the tube’s age."""
        return Age(
            collected_at=moment_of(self.collected_at),
            accept_reason=self.accept_reason.data or "",
            leave_out=bool(self.leave_out.data),
        )


class CollectForm(VersionedForm):
    """Tubes filled at the bedside of one patient."""

    number = _bedside_scan("Scan each label as you stick it on", None)
    tubes = _Ticks("Tubes filled", validators=[InputRequired(_TICK)])
    collected_at = _taken("Taken at", "Type when the blood was taken.")
    collected_by = line("Taken by", required="Type who took the blood.", most=60)
    method = RadioField("How", choices=METHODS, validators=[Optional()])
    reason = SelectField(
        "Why no wristband is read", choices={"": "one is read", **NO_WRISTBAND}, default=""
    )
    said = _Ticks(
        "Said aloud by the patient, or by whoever knows them, and the same as on the card",
        choices={item.value: item.value for item in Identifier},
    )

    def offer(self, tubes: Iterable[TubeView]) -> None:
        """Hand in the tubes that can be taken."""
        self.tubes.choices = {str(tube.planned_tube_id): tube.number_text for tube in tubes}

    def without(self) -> WithoutWristband | None:
        """Why no wristband was read, when that was chosen."""
        if not self.reason.data:
            return None
        return WithoutWristband(
            self.reason.data, frozenset(Identifier(each) for each in self.said.data or ())
        )

    def tick(self, planned_tube_id: uuid.UUID) -> None:
        """Add a scanned tube to those ticked."""
        self.tubes.data = list(dict.fromkeys([*(self.tubes.data or []), str(planned_tube_id)]))

    def to_command(self, request_id: uuid.UUID) -> CollectTubes:
        """The intention."""
        taken = moment_of(self.collected_at)
        assert taken is not None  # the field is required  # noqa: S101
        return CollectTubes(
            request_id,
            tuple(uuid.UUID(each) for each in self.tubes.data or ()),
            taken,
            self.collected_by.data or "",
            self.method.data or "",
            self.version_shown(),
            self.without(),
        )


class CorrectCollectionForm(LabForm):
    """When and by whom a tube was really filled."""

    collected_at = _taken("Taken at", "Type when the blood was taken.")
    collected_by = line("Taken by", required="Type who took the blood.", most=60)
    reason = line("Why it is changed", required="Say why it is changed.", most=200)

    def to_command(self, request_id: uuid.UUID, planned_tube_id: uuid.UUID) -> CorrectCollection:
        """The intention."""
        taken = moment_of(self.collected_at)
        assert taken is not None  # the field is required  # noqa: S101
        return CorrectCollection(
            request_id,
            planned_tube_id,
            taken,
            self.collected_by.data or "",
            self.reason.data or "",
        )


class HandForm(LabForm):
    """A handwritten tube beside its scanned form."""

    confirmed = _Ticks(
        "Tube and form agree in",
        choices={item.value: item.value for item in HandItem},
        validators=[InputRequired("Tick each item that agrees.")],
    )
    collected_at = _taken("Taken at, as on the tube", "Type the date and time on the tube.")
    collected_by = line("Signed by, as on the tube", required="Type who signed the tube.", most=60)
    accept_reason = line("Why it is used all the same", most=200)

    def to_command(self, request_id: uuid.UUID, planned_tube_id: uuid.UUID) -> AcceptByHand:
        """The intention."""
        taken = moment_of(self.collected_at)
        assert taken is not None  # the field is required  # noqa: S101
        return AcceptByHand(
            request_id,
            planned_tube_id,
            frozenset(HandItem(each) for each in self.confirmed.data or ()),
            taken,
            self.collected_by.data or "",
            self.accept_reason.data or "",
        )


class RejectForm(VersionedForm):
    """Why a tube cannot be used."""

    reason_code = SelectField(
        "Why it is rejected",
        choices={**_CHOOSE, **{code: held.words for code, held in REJECTION_REASONS.items()}},
        validators=[InputRequired("Choose why the tube is rejected.")],
    )
    note = lines(
        "Note for the ward", most=200, hint="What does not agree, if tube and form differ."
    )

    def to_command(self, request_id: uuid.UUID, planned_tube_id: uuid.UUID) -> RejectTube:
        """The intention."""
        version = self.version_shown() if self.version.data else None
        return RejectTube(
            request_id,
            planned_tube_id,
            self.reason_code.data,
            self.note.data or "",
            version,
        )


class TubeForm(LabForm):
    """A button that is about one tube."""

    planned_tube_id = StringField(validators=[InputRequired("Choose a tube.")])

    def tube(self) -> uuid.UUID:
        """Which tube; a value that is none belongs to no tube."""
        try:
            return uuid.UUID(self.planned_tube_id.data or "")
        except ValueError:
            return uuid.UUID(int=0)
