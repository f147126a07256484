"""What a person fills in to look beyond their place, or to be shown more patients."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import Field, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, ValidationError

from lab_contingency.foundation.web.forms import LabForm, line
from lab_contingency.foundation.wording import read_date
from lab_contingency.requests.commands import LookBeyond
from lab_contingency.requests.rules.looking import (
    REASON_WORDS,
    LookNumber,
    LookReason,
    read_look_number,
)


class LookForm(LabForm):
    """A number and the date of birth, never one alone; and why."""

    number = line(
        "Number",
        required="Type or scan a number.",
        most=60,
        hint="Of the request, of a tube, the NHS number, or a hospital number.",
    )
    issuer = SelectField("Issued by, for a hospital number", validate_choice=True)
    born = line(
        "Date of birth",
        required="Type the date of birth: a number alone shows nobody.",
        most=14,
        hint="For example 4 11 1958.",
    )
    reason = RadioField(
        "Why",
        choices={reason.value: words for reason, words in REASON_WORDS.items()},
        validators=[InputRequired("Choose why you look.")],
    )
    text = line("In a few words", most=120, hint="Needed for “other”. Write no name.")
    demonstration: bool = False

    def offer_issuers(self, issuers: Iterable[tuple[str, str]]) -> None:
        """Hand in (ODS code, name)."""
        self.issuer.choices = [("", "not a hospital number"), *issuers]

    def validate_number(self, field: Field) -> None:
        """How it is written; whether anything has it is not said here."""
        try:
            self._number(field.data or "")
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    def validate_born(self, field: Field) -> None:
        """A day of the calendar."""
        try:
            read_date(field.data or "")
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    def _number(self, typed: str) -> LookNumber:
        return read_look_number(typed, self.issuer.data or "", demonstration=self.demonstration)

    def to_command(self) -> LookBeyond:
        """The intention; only after validation."""
        return LookBeyond(
            self._number(self.number.data or ""),
            read_date(self.born.data or ""),
            LookReason(self.reason.data),
            self.text.data or "",
        )


class MoreForm(LabForm):
    """Why somebody needs more patients than anybody usually opens."""

    why = line(
        "Why you need more",
        required="Say why in a few words, for example “ward round of two wards”.",
        most=200,
        hint="Governance reads this. Write no name.",
    )
    next = HiddenField()
