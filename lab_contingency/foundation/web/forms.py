"""Fields for what people type: kept, normalised, never silently changed; and how a refused rule lands on its field."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from flask_wtf import FlaskForm
from wtforms import (
    Field,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from lab_contingency.foundation.errors import ChangedByAnother, LabError, RuleBroken, RulesBroken
from lab_contingency.foundation.web.disclosure import note_error, note_shown

_T = TypeVar("_T")
_LINE_BREAKS = "\n"
_VERSION_DIGITS = 9
# Invisible marks that reorder or join text: on paper they could show another name than was typed.
_INVISIBLE = frozenset(
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)


def tidy(typed: str | None) -> str:
    """NFC, no spaces around, line breaks as one character."""
    if typed is None:
        return ""
    return unicodedata.normalize("NFC", typed).replace("\r\n", "\n").replace("\r", "\n").strip()


class Printable:
    """Refuses control characters, NUL, lone surrogates and invisible direction marks."""

    def __init__(self, *, lines: bool = False) -> None:
        self._allowed = _LINE_BREAKS if lines else ""

    def __call__(self, _form: Any, field: Field) -> None:
        bad = unprintable(field.data or "", allowed=self._allowed)
        if bad:
            field.data = shown(field.data, allowed=self._allowed)
            raise ValidationError(
                f"{field.label.text} holds a sign that cannot be printed ({bad}). Type it again."
            )


def shown(text: str, *, allowed: str = "") -> str:
    """What was typed, for the page it comes back on: each sign that cannot stand there replaced by \ufffd."""
    return "".join("\ufffd" if unprintable(sign, allowed=allowed) else sign for sign in text)


def unprintable(text: str, *, allowed: str = "") -> str:
    """The first sign that cannot be printed, by its code point, or ''."""
    for sign in text:
        if sign in allowed:
            continue
        if unicodedata.category(sign) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} or sign in _INVISIBLE:
            return f"U+{ord(sign):04X}"
    return ""


def _validators(*, required: str | None, most: int, lines: bool, extra: Sequence[Any]) -> list[Any]:
    first = InputRequired(required) if required else Optional()
    length = Length(
        max=most, message=f"Keep this to {most} characters; the rest would not fit on the paper."
    )
    return [first, Printable(lines=lines), length, *extra]


def line(
    label: str,
    *,
    required: str | None = None,
    most: int = 80,
    hint: str = "",
    extra: Sequence[Any] = (),
    kind: type[StringField] = StringField,
    **keys: Any,
) -> StringField:
    """One line of text. `required` is the sentence shown when it is empty."""
    return kind(
        label,
        description=hint,
        filters=[tidy],
        validators=_validators(required=required, most=most, lines=False, extra=extra),
        render_kw={"autocomplete": "off", "spellcheck": "false", **keys},
    )


def lines(
    label: str,
    *,
    required: str | None = None,
    most: int = 500,
    hint: str = "",
    extra: Sequence[Any] = (),
    **keys: Any,
) -> TextAreaField:
    """Several lines of text."""
    return TextAreaField(
        label,
        description=hint,
        filters=[tidy],
        validators=_validators(required=required, most=most, lines=True, extra=extra),
        render_kw={"autocomplete": "off", "rows": "4", **keys},
    )


class _Sentences:
    """What WTForms says by itself, in a sentence that says what to do."""

    _SAID: ClassVar[dict[str, str]] = {
        "Not a valid choice.": "Choose one of the list.",
        "'%(value)s' is not a valid choice for this field.": "Choose only what is in the list.",
        "'%(value)s' are not valid choices for this field.": "Choose only what is in the list.",
    }

    def gettext(self, text: str) -> str:
        """Ours, or theirs where there is none."""
        return self._SAID.get(text, text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The same for several."""
        return self.gettext(one if number == 1 else many)


class LabForm(FlaskForm):
    """A form that carries the row version it was shown with, and takes a refused rule to its field."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, _form: Any) -> _Sentences:
            """The sentences above."""
            return _Sentences()

    def validate(self, extra_validators: Any = None) -> bool:
        """As the fields say; and a box that holds one thing must not come with two."""
        good: bool = super().validate(extra_validators=extra_validators)
        for field in self._fields.values():
            if _came_twice(field):
                field.errors = [
                    *field.errors,
                    "This came twice, with different answers. Type it once.",
                ]
                good = False
        return good

    def refuse(self, error: LabError) -> None:
        """Put the sentence on its field, or at the top when it is about none."""
        note_error(error)
        problems = (
            error.problems if isinstance(error, RulesBroken) else {error.field or "": error.message}
        )
        for name, sentence in problems.items():
            field = self._fields.get(name)
            if field is None:
                self.form_errors.append(sentence)
            else:
                field.errors = [*field.errors, sentence]

    def attempt(self, act: Callable[[], _T]) -> _T | None:
        """Validate, then act; None when either refused, with the sentences on the form."""
        if not self.validate_on_submit():
            return None
        try:
            return act()
        except (RuleBroken, RulesBroken, ChangedByAnother) as refused:
            self.refuse(refused)
            return None

    @property
    def refused(self) -> bool:
        """Whether the form came back with something to put right."""
        return bool(self.errors)

    @property
    def status(self) -> int:
        """200 for a fresh form, 422 for one with something to put right."""
        return 422 if self.refused else 200


def _came_twice(field: Field) -> bool:
    brought: list[object] = getattr(field, "raw_data", None) or []
    several = isinstance(field, SelectMultipleField | MultipleFileField)
    return not several and any(one != brought[0] for one in brought)


@dataclass(frozen=True, slots=True)
class Apart:
    """A box whose content differs from what stands there now; the words of a choice, not its code."""

    name: str
    label: str
    now: str
    typed: str


class VersionedForm(LabForm):
    """Carries the version of the row that was shown.

    A form that came with an older version is refused and comes back with `catch_up`: typed text kept, what
    stands there now beside it (409), and able to be sent again.
    """

    version = HiddenField()
    behind: bool = False

    def version_shown(self) -> int:
        """The version, or -1 when it was tampered with or left out: that never agrees."""
        text = self.version.data if isinstance(self.version.data, str) else ""
        return int(text) if text.isdecimal() and len(text) <= _VERSION_DIGITS else -1

    def catch_up(self, version: int) -> None:
        """Carry the version that stands now; `behind` when the form came with another one."""
        if self.version.raw_data and self.version_shown() != version:
            self.behind = True
        self.version.data = str(version)

    @property
    def status(self) -> int:
        """As of any form; 409 for one that was behind."""
        return HTTPStatus.CONFLICT if self.behind else super().status

    def apart(self) -> tuple[Apart, ...]:
        """What stands there now differently from what was typed; nothing unless the form is behind."""
        if not self.behind:
            return ()
        return tuple(
            Apart(field.name, field.label.text, _words(field, held), _words(field, field.data))
            for field in self
            if isinstance(field, StringField | SelectField | RadioField)
            and (held := getattr(field, "object_data", None))
            and tidy(str(held)) != tidy(str(field.data or ""))
        )


def _words(field: Field, value: object) -> str:
    choices = getattr(field, "choices", None) or ()
    pairs = choices.items() if isinstance(choices, Mapping) else choices
    text = tidy(str(value or ""))
    return next((str(words) for code, words in pairs if str(code) == text), text)


def note_prefilled(form: Any, patient_id: uuid.UUID | None, fields: Mapping[str, int]) -> None:
    """Note the boxes that a form shows filled; what this very request brought is only an echo.

    What stands beside a box of a form that was behind is no echo.
    """
    beside = {one.name for one in form.apart()} if isinstance(form, VersionedForm) else set()
    for name, flags in fields.items():
        box = form[name]
        if name in beside or (box.data and not _is_echo(box)):
            note_shown(patient_id, flags)


def _is_echo(box: Any) -> bool:
    brought = box.raw_data
    return bool(brought) and tidy(str(brought[0])) == str(box.data)
