"""What people fill in to print packs and to void them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import Field, RadioField, SelectField
from wtforms.validators import InputRequired, ValidationError

from lab_contingency.foundation.web.forms import LabForm, line
from lab_contingency.requests.packs.commands import VoidPacks
from lab_contingency.requests.packs.rules import PRINT_MOST, VOID_WORDS, VoidReason
from lab_contingency.specimens.queries import TubeView

USUAL = 10
_SCANNED: dict[str, Any] = {"data-scan": True, "inputmode": "numeric"}
_HOW_MANY = f"Type how many packs, from 1 to {PRINT_MOST}."


def _a_few(_form: object, field: Field) -> None:
    typed = field.data or ""
    if not (typed.isascii() and typed.isdecimal() and 1 <= int(typed[:4]) <= PRINT_MOST):
        raise ValidationError(_HOW_MANY)


class PrintPacksForm(LabForm):
    """How many packs for a ward."""

    count = line("How many packs", required=_HOW_MANY, most=4, extra=[_a_few])

    def packs(self) -> int:
        """The number; only after validation."""
        return int(self.count.data or "0")


class VoidPacksForm(LabForm):
    """Packs that count no longer."""

    number = line(
        "Scan the form or its strip",
        required="Scan or type the number of the form or its strip.",
        most=40,
        **_SCANNED,
    )
    last = line("For a run of packs: the last one", most=40, **_SCANNED)
    reason = SelectField(
        "Why",
        choices={"": "choose", **{reason.value: words for reason, words in VOID_WORDS.items()}},
        validators=[InputRequired("Choose why.")],
    )

    def to_command(self) -> VoidPacks:
        """The intention."""
        return VoidPacks(self.number.data or "", self.last.data or "", VoidReason(self.reason.data))


class SpareForm(LabForm):
    """A spare label, and the tube that the ward wrote on it."""

    number = line(
        "Scan the spare label on the tube",
        required="Scan or type the number on the spare label.",
        most=40,
        **_SCANNED,
    )
    tube = RadioField("Which tube it is on", validators=[InputRequired("Choose the tube.")])

    def offer(self, tubes: Iterable[TubeView]) -> None:
        """Hand in the tubes without a label."""
        self.tube.choices = [
            (str(tube.planned_tube_id), f"{tube.container.colour_name}: {tube.test_words}")
            for tube in tubes
        ]
