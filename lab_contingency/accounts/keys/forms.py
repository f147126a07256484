"""What a custodian fills in to open the node, and an administrator to close it."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import BooleanField, PasswordField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from lab_contingency.accounts.keys.queries import SlotView
from lab_contingency.accounts.rules import PASSPHRASE_LONGEST
from lab_contingency.foundation.keys import Kind, Opener, Passphrase, RecoverySecret
from lab_contingency.foundation.web.forms import LabForm

_MOST_TYPED = 200


class PassphraseForm(LabForm):
    """Who one is, and one's passphrase."""

    slot = SelectField("Who are you?", validate_choice=True)
    passphrase = PasswordField(
        "Your passphrase as custodian",
        validators=[
            InputRequired("Type your passphrase."),
            Length(max=PASSPHRASE_LONGEST, message="Too long to be right."),
        ],
        render_kw={"autocomplete": "off"},
    )

    def offer(self, slots: Iterable[SlotView]) -> None:
        """Hand in the custodians to choose from."""
        self.slot.choices = [(slot.id, slot.name) for slot in slots if slot.kind is Kind.CUSTODIAN]

    def to_opener(self) -> Opener:
        """The intention."""
        return Passphrase(self.slot.data or "", self.passphrase.data or "")


class SheetForm(LabForm):
    """The groups of the recovery sheet."""

    groups = TextAreaField(
        "The eight groups of the recovery sheet",
        description="With a space between two groups. Capital or small letters are the same.",
        validators=[
            InputRequired("Type the groups as they are printed."),
            Length(max=_MOST_TYPED, message="That is more than eight groups."),
        ],
        render_kw={"autocomplete": "off", "spellcheck": "false", "rows": "3"},
    )

    def to_opener(self) -> Opener:
        """The intention; RuleBroken names a group with a slip."""
        return RecoverySecret.from_text(self.groups.data or "")


class SealForm(LabForm):
    """One press stops everybody: the box is ticked first."""

    sure = BooleanField(
        "Everybody’s work may stop now, and a custodian is near enough to open it again",
        validators=[InputRequired("Tick the box first: everybody’s work stops.")],
    )
