"""What the pages of the first run ask. Each form knows how its answer goes into the draft."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from flask import current_app
from wtforms import BooleanField, PasswordField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from lab_contingency.accounts import passphrases
from lab_contingency.accounts.first_run.draft import Draft, Person
from lab_contingency.accounts.first_run.rules import (
    Step,
    label_problem,
    same_as_another,
    slip_in_groups,
)
from lab_contingency.accounts.forms import known_username
from lab_contingency.accounts.rules import PASSPHRASE_LONGEST, PASSPHRASE_SHORTEST_STRONG
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.keys import RecoverySecret
from lab_contingency.foundation.web.forms import LabForm, line, lines

_MOST_TYPED = 200
_KEPT = "It is kept. Leave both boxes empty to keep it, or type another."


def _passphrase(label: str, hint: str = "") -> PasswordField:
    return PasswordField(
        label,
        description=hint,
        validators=[Length(max=PASSPHRASE_LONGEST, message="Too long: 128 characters at most.")],
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(LabForm):
    """The code of the console."""

    code = line(
        "Code on the console",
        required="Type the code that stands on the console.",
        hint="Four groups of four signs. Capital or small letters are the same.",
        autocapitalize="none",
    )


class StepForm(LabForm):
    """One step. `to_draft` gives the draft with the answer; RuleBroken lands on the field it names."""

    step: ClassVar[Step]

    def show(self, draft: Draft) -> None:
        """Fill in what was given before, but never a passphrase."""

    def to_draft(self, draft: Draft) -> Draft:
        """The draft after this step."""
        return draft.after(self.step)


class _PersonForm(StepForm):
    name = line("Name", required="Type the name.", hint="As colleagues know the person.")
    passphrase = _passphrase(
        "Passphrase",
        f"At least {PASSPHRASE_SHORTEST_STRONG} characters: four or five words are easiest. Spaces count.",
    )
    again = _passphrase("The same again")

    def validate_again(self, field: Any) -> None:
        """Both must agree."""
        if field.data != self.passphrase.data:
            raise ValidationError("The two do not agree. Type the passphrase twice the same.")

    def show(self, draft: Draft) -> None:
        held = self.held(draft)
        self.name.data = held.name
        self.say_kept(held)

    def say_kept(self, held: Person) -> None:
        """Say that a passphrase was given before: it is never shown."""
        if held.passphrase:
            self.passphrase.description = _KEPT

    def held(self, draft: Draft) -> Person:
        """What was given before."""
        raise NotImplementedError

    def chosen(self, draft: Draft, username: str) -> str:
        """The passphrase that counts from now on."""
        held = self.held(draft)
        typed = self.passphrase.data or held.passphrase
        shortest = PASSPHRASE_SHORTEST_STRONG
        problem = passphrases.problem(typed, username, shortest=shortest) or same_as_another(
            typed, draft.passphrases_but(held)
        )
        if problem:
            raise RuleBroken(problem, field="passphrase")
        return typed


class AdministratorForm(_PersonForm):
    """The first person who may sign in."""

    step = Step.ADMINISTRATOR
    username = line(
        "User name",
        required="Type a user name.",
        most=40,
        hint="Small letters, figures, dot or hyphen: anna.fraser",
        extra=[known_username],
    )

    def show(self, draft: Draft) -> None:
        super().show(draft)
        self.username.data = draft.administrator.username

    def held(self, draft: Draft) -> Person:
        return draft.administrator

    def to_draft(self, draft: Draft) -> Draft:
        username = (self.username.data or "").casefold()
        passphrase = self.chosen(draft, username)
        person = Person(self.name.data or "", passphrase, username)
        return draft.after(self.step, administrator=person)


class FirstCustodianForm(_PersonForm):
    """Who can open the node."""

    step = Step.FIRST_CUSTODIAN

    def held(self, draft: Draft) -> Person:
        return draft.first

    def to_draft(self, draft: Draft) -> Draft:
        name = self.name.data or ""
        _refuse_same_name(name, draft.second)
        return draft.after(self.step, first=Person(name, self.chosen(draft, name)))


class SecondCustodianForm(_PersonForm):
    """Who else can open the node."""

    step = Step.SECOND_CUSTODIAN

    def held(self, draft: Draft) -> Person:
        return draft.second

    def to_draft(self, draft: Draft) -> Draft:
        name = self.name.data or ""
        _refuse_same_name(name, draft.first)
        return draft.after(self.step, second=Person(name, self.chosen(draft, name)))


def _refuse_same_name(name: str, other: Person) -> None:
    if name.casefold() == other.name.casefold():
        raise RuleBroken(
            "The two custodians are two people: one may be ill on the night.", field="name"
        )


class SheetForm(StepForm):
    """The sheet is printed."""

    step = Step.SHEET


class SheetBackForm(StepForm):
    """The groups, typed from the paper."""

    step = Step.SHEET_BACK
    groups = TextAreaField(
        "The eight groups of the sheet",
        description="With a space between two groups. Capital or small letters are the same.",
        validators=[
            InputRequired("Type the groups as they are printed."),
            Length(max=_MOST_TYPED, message="That is more than eight groups."),
        ],
        render_kw={"autocomplete": "off", "spellcheck": "false", "rows": "3"},
    )

    def to_draft(self, draft: Draft) -> Draft:
        typed = RecoverySecret.from_text(self.groups.data or "")
        problem = slip_in_groups(typed.groups, draft.recovery.groups)
        if problem:
            raise RuleBroken(problem, field="groups")
        return draft.after(self.step)


class KeyFileForm(StepForm):
    """A key file, or none."""

    step = Step.KEY_FILE
    path = line(
        "Key file",
        most=300,
        hint="Leave it empty for none. Else a new file on another medium, with its whole path: /media/usb/lab.key",
    )

    def show(self, draft: Draft) -> None:
        self.path.data = str(draft.key_file or "")

    def to_draft(self, draft: Draft) -> Draft:
        return draft.after(self.step, key_file=_key_file(self.path.data or ""))


def _key_file(typed: str) -> Path | None:
    if not typed:
        return None
    path = Path(typed)
    data = settings_of(current_app).data
    if not path.is_absolute() or not path.parent.is_dir():
        raise RuleBroken("Type the whole path, in a folder that is there.", field="path")
    if path.resolve().is_relative_to(data.resolve()):
        raise RuleBroken(
            "Not in the data folder: who takes the folder could open it. Choose another medium.",
            field="path",
        )
    if path.exists():
        raise RuleBroken(
            "There is something of this name already. Choose another name.", field="path"
        )
    return path


class ClockForm(StepForm):
    """The time is right."""

    step = Step.CLOCK
    right = BooleanField(
        "Date and time are right",
        validators=[
            InputRequired(
                "Tick it when they are right. If not, set the computer’s clock first and load this page again."
            )
        ],
    )


class LabelForm(StepForm):
    """The number of the test label, or why there is none."""

    step = Step.LABEL
    number = line("Number on the label", most=30, hint="Scan the bars, or type the twelve digits.")
    why_not = lines(
        "No label printer here? Say why; it is recorded",
        most=200,
        hint="For example: the printer comes tomorrow, tried on another computer.",
    )

    def show(self, draft: Draft) -> None:
        self.why_not.data = draft.no_label

    def to_draft(self, draft: Draft) -> Draft:
        why_not = self.why_not.data or ""
        problem = label_problem(self.number.data or "", draft.label, why_not)
        if problem:
            raise RuleBroken(problem[1], field=problem[0])
        return draft.after(self.step, no_label="" if self.number.data else why_not)


class NetworkForm(StepForm):
    """The fingerprint was seen."""

    step = Step.NETWORK


class FinishForm(StepForm):
    """Everything is written now."""

    step = Step.FINISH


FORMS: dict[Step, type[StepForm]] = {
    form.step: form
    for form in (
        AdministratorForm,
        FirstCustodianForm,
        SecondCustodianForm,
        SheetForm,
        SheetBackForm,
        KeyFileForm,
        ClockForm,
        LabelForm,
        NetworkForm,
        FinishForm,
    )
}
