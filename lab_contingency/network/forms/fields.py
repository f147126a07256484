"""Fields of the network's forms. All is text, so that a form that was behind can show both versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from wtforms import Field, HiddenField, StringField
from wtforms.validators import ValidationError

from lab_contingency.foundation.web.forms import LabForm, VersionedForm, line

CHOOSE = ("", "choose")
MOST_MINUTES = 99_999
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,23}")


class Reads:
    """Says at the field what a reading function says of the text."""

    def __init__(self, read: Callable[[str], object]) -> None:
        self._read = read

    def __call__(self, _form: Any, field: Field) -> None:
        try:
            self._read(field.data or "")
        except ValueError as problem:
            raise ValidationError(str(problem)) from None


def read_whole(most: int, smallest: int = 0) -> Callable[[str], int]:
    def read(typed: str) -> int:
        if typed and (not re.fullmatch(r"[0-9]{1,6}", typed) or not smallest <= int(typed) <= most):
            raise ValueError(f"Type a whole number from {smallest} to {most:,}.")
        return int(typed or 0)

    return read


def whole(label: str, most: int, *, required: str | None = None, hint: str = "", smallest: int = 0) -> StringField:  # fmt: skip
    return line(
        label,
        required=required,
        most=6,
        hint=hint,
        extra=[Reads(read_whole(most, smallest))],
        inputmode="numeric",
    )


def read_code(typed: str) -> str:
    if not _CODE.fullmatch(typed.upper()):
        raise ValueError("Use 2 to 24 capital letters, digits and hyphens, such as KCH-ED.")
    return typed.upper()


def code_line(label: str, hint: str) -> StringField:
    return line(label, required=f"Type the {label.lower()}.", most=24, hint=hint, extra=[Reads(read_code)])  # fmt: skip


def telephone_line(label: str = "Telephone", required: str | None = None) -> StringField:
    return line(label, required=required, most=40, inputmode="tel")


class PressForm(VersionedForm):
    """A button that changes one thing: take off, retire, bring back. It stands beside another form on its page."""

    version = HiddenField(render_kw={"id": False})


def filling(form: LabForm, pressed: Mapping[str, Any]) -> bool:
    """Whether the button pressed was the one that fills boxes, not the one that saves."""
    return form.is_submitted() and "fill" in pressed
