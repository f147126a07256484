"""What a laboratory fills in about its own measuring."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal, InvalidOperation

from wtforms import Field, HiddenField, RadioField
from wtforms.validators import InputRequired, ValidationError

from lab_contingency.catalogue.commands import StateInterval
from lab_contingency.catalogue.rules import ADULT, Interval, Sex
from lab_contingency.foundation import clock
from lab_contingency.foundation.web.forms import LabForm, line
from lab_contingency.foundation.wording import date_text, read_date
from lab_contingency.network.stated.commands import StateMethod

_OLDEST = 130
_WHOM = {
    "both": (Sex.MALE, Sex.FEMALE),
    "women": (Sex.FEMALE,),
    "men": (Sex.MALE,),
}


def _number(typed: str) -> Decimal | None:
    if not typed:
        return None
    try:
        number = Decimal(typed.replace("−", "-"))
    except InvalidOperation:
        raise ValidationError("Type a number such as 3.5, with a point.") from None
    if not number.is_finite():
        raise ValidationError("Type a number such as 3.5, with a point.")
    return number


def _age(typed: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit()) or int(typed) > _OLDEST:
        raise ValidationError("Type whole years, for example 16.")
    return int(typed)


class IntervalForm(LabForm):
    """One interval, for whom, from when. The unit is fixed by the catalogue."""

    analyte = HiddenField()
    whom = RadioField(
        "For",
        choices={"both": "women and men", "women": "women", "men": "men"},
        default="both",
        validators=[InputRequired("Choose for whom it holds.")],
    )
    from_age = line("From age, in years", most=3, hint="Empty: from birth.")
    to_age = line("Up to age", most=3, hint="That age itself no longer. Empty: no end.")
    low = line("Lower end", most=12, hint="Empty: no lower end.")
    high = line("Upper end", most=12, hint="Empty: no upper end.")
    valid_from = line("Holds from", required="Type the day, for example 26-Nov-2026.", most=16)

    def begin(self) -> None:
        """As it is mostly: adults, from today."""
        self.from_age.data = str(ADULT)
        self.valid_from.data = date_text(clock.london(clock.now()).date())

    def validate_low(self, field: Field) -> None:
        """A number."""
        _number(field.data)

    def validate_high(self, field: Field) -> None:
        """A number."""
        _number(field.data)

    def validate_from_age(self, field: Field) -> None:
        """Years."""
        _age(field.data)

    def validate_to_age(self, field: Field) -> None:
        """Years."""
        _age(field.data)

    def validate_valid_from(self, field: Field) -> None:
        """A day."""
        self._day(field.data)

    def _day(self, typed: str) -> dt.date:
        try:
            return read_date(typed)
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    def to_command(self, laboratory_id: uuid.UUID) -> StateInterval:
        """The intention."""
        interval = Interval(
            _number(self.low.data or ""),
            _number(self.high.data or ""),
            from_age=_age(self.from_age.data or "") or 0,
            to_age=_age(self.to_age.data or ""),
        )
        return StateInterval(
            laboratory_id,
            self.analyte.data or "",
            _WHOM[self.whom.data],
            interval,
            self._day(self.valid_from.data or ""),
        )


class MethodForm(LabForm):
    """The method of one test."""

    test = HiddenField()
    method = line(
        "Method",
        required="Type the method, for example “Roche cobas, enzymatic”.",
        most=60,
        hint="Analyser, and principle where it matters: hs-troponin I, enzymatic, FEU. It stands on every slip.",
    )

    def to_command(self, laboratory_id: uuid.UUID) -> StateMethod:
        """The intention."""
        return StateMethod(laboratory_id, self.test.data or "", self.method.data or "")
