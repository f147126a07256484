"""What is typed about one laboratory: agreement, menu, slots, room by the hour."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wtforms import Field, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from lab_contingency.catalogue.rules import Discipline
from lab_contingency.catalogue.rules.throughput import MOST_AN_HOUR, too_many_an_hour
from lab_contingency.foundation.web.forms import Apart, VersionedForm, line
from lab_contingency.foundation.wording import read_date
from lab_contingency.network.commands import MenuLine, SetAgreement, SetCapacity, SetSlots
from lab_contingency.network.forms.fields import (
    CHOOSE,
    MOST_MINUTES,
    Reads,
    read_whole,
    telephone_line,
    whole,
)
from lab_contingency.network.rules import HOURS, Acceptance, read_price

ALL = "all"


class AgreementForm(VersionedForm):
    """What was agreed with a partner."""

    reference = line("Reference", required="Type the reference, or “by telephone” with the name.", most=60)  # fmt: skip
    accepts = RadioField(
        "How it works with us",
        choices={one.value: one.value for one in Acceptance},
        validators=[InputRequired("Choose how it works with us.")],
    )
    hand_off_minutes = whole(
        "Hand-off, minutes", 1440, required="Type the minutes, or 0.", hint="From its door to its bench"
    )  # fmt: skip
    custody_contact = line("Who takes the tubes", required="Type who takes the tubes.", most=80)
    custody_telephone = telephone_line(
        "Telephone for tubes", "Type the number to ring about tubes."
    )
    results_contact = line("Who answers for results", required="Type who answers for results.", most=80)  # fmt: skip
    results_telephone = telephone_line("Telephone for results", "Type the number to ring about results.")  # fmt: skip
    starts_on = line("From", required="Type the date from which it holds.", most=20, hint="Such as 03-Jun-2024", extra=[Reads(read_date)])  # fmt: skip
    ends_on = line("Until", most=20, hint="Leave empty while it holds until further notice", extra=[Reads(read_date)])  # fmt: skip

    def to_command(self, laboratory_id: uuid.UUID) -> SetAgreement:
        """The intention."""
        return SetAgreement(
            laboratory_id=laboratory_id,
            version=self.version_shown(),
            reference=self.reference.data or "",
            accepts=Acceptance(self.accepts.data),
            hand_off_minutes=int(self.hand_off_minutes.data or 0),
            custody_contact=self.custody_contact.data or "",
            custody_telephone=self.custody_telephone.data or "",
            results_contact=self.results_contact.data or "",
            results_telephone=self.results_telephone.data or "",
            starts_on=read_date(self.starts_on.data or ""),
            ends_on=read_date(self.ends_on.data) if self.ends_on.data else None,
        )


class MenuLineForm(VersionedForm):
    """A test as this laboratory does it."""

    turnaround = whole("Minutes from receipt to result", MOST_MINUTES, required="Type the minutes.", smallest=1)  # fmt: skip
    method = line("Method", required="Type the method: it stands on every result.", most=60)
    price = line("Price, pounds", most=12, hint="Leave empty while nobody has said", extra=[Reads(read_price)], inputmode="decimal")  # fmt: skip
    analytes = SelectMultipleField(
        "It reports",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired("Tick what it reports.")],
    )

    def offer(self, analytes: Iterable[tuple[str, str]]) -> None:
        """Hand in the catalogue's analytes of the test."""
        self.analytes.choices = list(analytes)

    def apart(self) -> tuple[Apart, ...]:
        """As of any form, and the analytes ticked."""
        held, ticked = self.analytes.object_data or [], self.analytes.data or []
        if not self.behind or set(held) == set(ticked):
            return super().apart()
        label = self.analytes.label.text
        return (*super().apart(), Apart("analytes", label, " ".join(held), " ".join(ticked)))

    def to_command(self, test_code: str) -> MenuLine:
        """The intention."""
        return MenuLine(
            test_code,
            int(self.turnaround.data or 0),
            self.method.data or "",
            tuple(self.analytes.data or ()),
            read_price(self.price.data or ""),
        )


class CopyMenuForm(VersionedForm):
    """Begin with another laboratory's menu."""

    source = SelectField("The menu of", validators=[InputRequired("Choose a laboratory.")])

    def offer(self, laboratories: Iterable[tuple[uuid.UUID, str]]) -> None:
        """Hand in the laboratories that have one."""
        self.source.choices = [CHOOSE, *((str(key), name) for key, name in laboratories)]


class SlotsForm(VersionedForm):
    """Agreed tests a day, a box for each discipline; the fields are made below."""

    def to_command(self, laboratory_id: uuid.UUID) -> SetSlots:
        """The intention: an empty box is no agreed number."""
        typed = {one: self[one.value].data for one in Discipline}
        per_day = {one: int(text) for one, text in typed.items() if text}
        return SetSlots(laboratory_id, self.version_shown(), per_day)


def slots_form(formdata: Any = ..., **held: object) -> SlotsForm:
    """The form with a box for each discipline."""
    fields = {
        one.value: line(one.words, most=6, extra=[Reads(read_whole(MOST_MINUTES))], inputmode="numeric")
        for one in Discipline
    }  # fmt: skip
    made: type[SlotsForm] = type("SlotsForm", (SlotsForm,), fields)
    return made(**held) if formdata is ... else made(formdata=formdata, **held)


class CapacityForm(VersionedForm):
    """Tests an hour: disciplines down, the 24 hours across; the boxes are made below."""

    fill_discipline = SelectField(
        "Fill",
        choices={ALL: "every discipline", **{one.value: one.words for one in Discipline}},
        validate_choice=False,
    )
    fill_from = line("from hour", most=2, inputmode="numeric")
    fill_until = line("until hour", most=2, inputmode="numeric")
    fill_number = line("tests an hour", most=4, inputmode="numeric")

    def validate(self, extra_validators: Any = None) -> bool:
        """The boxes alone: the line that fills is not looked at when they are saved."""
        self.fill_number.data = ""
        return super().validate(extra_validators=extra_validators)

    def box(self, discipline: Discipline, hour: int) -> Field:
        """The box of one hour."""
        found: Field = self[f"{discipline.value}-{hour}"]
        return found

    def fill(self) -> bool:
        """Write the number into the hours named; False with sentences when one of the three cannot be read."""
        read = read_whole(HOURS)
        number = _an_hour(*self._filled())
        wanted = ((self.fill_from, read), (self.fill_until, read), (self.fill_number, number))
        for field, reader in wanted:
            try:
                reader(field.data or "")
            except ValueError as problem:
                field.errors = [str(problem)]
        if any(field.errors for field, _ in wanted):
            return False
        for discipline in self._filled():
            for hour in range(int(self.fill_from.data or 0), int(self.fill_until.data or HOURS)):
                self.box(discipline, hour).data = self.fill_number.data or "0"
        self.fill_number.data = ""
        return True

    def _filled(self) -> tuple[Discipline, ...]:
        """The disciplines that the line is about."""
        chosen = self.fill_discipline.data
        return tuple(one for one in Discipline if chosen in (ALL, one.value))

    def to_command(self, laboratory_id: uuid.UUID) -> SetCapacity:
        """The intention: an empty box is nothing in that hour."""
        hours = {
            one: tuple(int(self.box(one, hour).data or 0) for hour in range(HOURS)) for one in Discipline
        }  # fmt: skip
        per_hour = {one: numbers for one, numbers in hours.items() if any(numbers)}
        return SetCapacity(laboratory_id, self.version_shown(), per_hour)


def _an_hour(*disciplines: Discipline) -> Callable[[str], int]:
    """Reads a number of tests an hour that each of these can do."""
    whole_number = read_whole(min(MOST_AN_HOUR[one] for one in disciplines or Discipline))

    def read(typed: str) -> int:
        if typed.isdecimal():
            for one in disciplines:
                if problem := too_many_an_hour(one, int(typed)):
                    raise ValueError(problem)
        return whole_number(typed)

    return read


def capacity_form(held: Mapping[Discipline, tuple[int, ...]], version: int, formdata: Any = ...) -> CapacityForm:  # fmt: skip
    """The form with its boxes, filled with what stands."""
    fields: dict[str, Any] = {}
    values: dict[str, Any] = {"version": version}
    for discipline, numbers in held.items():
        for hour, number in enumerate(numbers):
            name = f"{discipline.value}-{hour}"
            label = f"{discipline.words} {hour}–{hour + 1}"
            fields[name] = line(label, most=4, extra=[Reads(_an_hour(discipline))], inputmode="numeric")  # fmt: skip
            values[name] = str(number) if number else ""
    made: type[CapacityForm] = type("CapacityForm", (CapacityForm,), fields)
    form = made(**values) if formdata is ... else made(formdata=formdata, **values)
    if not form.is_submitted():
        form.fill_from.data, form.fill_until.data = "0", str(HOURS)
    return form
