"""What information governance fills in."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from wtforms import Field, HiddenField, MultipleFileField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from lab_contingency.accounts.forms import secret_field
from lab_contingency.accounts.rules import GRANTS, Role
from lab_contingency.audit.anchors import Anchor, read_anchor
from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web.forms import LabForm, line, lines
from lab_contingency.foundation.wording import read_moment
from lab_contingency.oversight.commands import AskExposureFile, HandOverShift
from lab_contingency.oversight.queries.searching import RecordFilter
from lab_contingency.oversight.rules.exposure import BY_RECORD, About, Criteria
from lab_contingency.oversight.rules.notices import NoticeFacts

_DAY = dt.timedelta(hours=24)
_CLOCK = "24-hour clock with its day, for example 24-Nov 03:05"


def _moment(typed: str | None) -> dt.datetime | None:
    if not typed:
        return None
    try:
        return read_moment(typed, near=clock.now())
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


class _WindowForm(LabForm):
    """From and until."""

    begins = line("From", most=24, hint=f"{_CLOCK}; empty for the last 24 hours")
    ends = line("Until", most=24, hint="Empty for now")

    def validate_begins(self, field: Field) -> None:
        """A time on the clock."""
        _moment(field.data)

    def validate_ends(self, field: Field) -> None:
        """A time on the clock."""
        _moment(field.data)

    def window(self) -> tuple[dt.datetime, dt.datetime]:
        """[begins, ends), aware UTC."""
        ends = _moment(self.ends.data) or clock.now()
        begins = _moment(self.begins.data) or ends - _DAY
        if begins >= ends:
            raise RuleBroken("The time it began must be before the time it ended.", field="begins")
        return begins, ends


class ExposureForm(_WindowForm):
    """What a report is about. It is sent by GET: nothing in it names a patient."""

    class Meta(_WindowForm.Meta):
        csrf = False

    about = SelectField(
        "About",
        choices={one.value: one.words for one in About if one is not About.FRAGMENTS},
        default=About.ACCOUNT.value,
        validators=[InputRequired("Choose what the report is about.")],
    )
    account = SelectField("Person", validators=[Optional()], validate_choice=False)
    role = SelectField(
        "Role",
        choices={"": "choose", **{role.value: GRANTS[role].title for role in Role}},
        validators=[Optional()],
    )
    value = line(
        "Device, sign-in, address, watermark or number",
        most=60,
        hint="As it stands in a report, in the record, or on the paper",
    )

    def offer(self, people: Iterable[tuple[uuid.UUID, str]]) -> None:
        """Hand in (id, name) of everybody."""
        self.account.choices = {"": "choose", **{str(one): name for one, name in people}}

    def to_criteria(self) -> Criteria:
        """What is meant; RuleBroken on the field that is missing."""
        begins, ends = self.window()
        about = About(self.about.data)
        return Criteria(about, self._value(about), begins, ends)

    def _value(self, about: About) -> str:
        if about is About.ACCOUNT:
            return _given(self.account.data, "account", "Choose the person.")
        if about is About.ROLE:
            return _given(self.role.data, "role", "Choose the role.")
        if about in BY_RECORD - {About.WINDOW} or about is About.LEAVING:
            return _given(self.value.data, "value", f"Type the {_NAMED[about]}.")
        return ""


_NAMED = {
    About.DEVICE: "id of the device",
    About.SIGN_IN: "id of the sign-in",
    About.ADDRESS: "network address",
    About.LEAVING: "watermark or the number on the paper",
}


def _given(value: Any, field: str, sentence: str) -> str:
    text = str(value or "").strip()
    if not text:
        raise RuleBroken(sentence, field=field)
    return text


class CriteriaForm(LabForm):
    """A report that was shown, carried to its list or its file."""

    about = HiddenField()
    value = HiddenField()
    begins = HiddenField()
    ends = HiddenField()

    @classmethod
    def of(cls, criteria: Criteria, **more: Any) -> CriteriaForm:
        """Carrying these."""
        return cls(formdata=None, data={**criteria.as_json(), **more})

    def criteria(self) -> Criteria:
        """What is carried; RuleBroken when it was tampered with."""
        held = {name: self[name].data or "" for name in ("about", "value", "begins", "ends")}
        try:
            return _aware(Criteria.from_json(held))
        except ValueError:
            raise RuleBroken("This page is too old. Make the report again.") from None


def _aware(criteria: Criteria) -> Criteria:
    if criteria.begins.tzinfo is None or criteria.ends.tzinfo is None:
        raise ValueError("a time needs a zone")
    return criteria


class AskFileForm(CriteriaForm):
    """The whole list as files, with what the notice needs."""

    reason = line(
        "Why the list is needed",
        required="Say why the list is needed; the second person reads it.",
        most=200,
    )
    aware_at = line("Controller knew since", most=24, hint=f"{_CLOCK}; the 72 hours run from then")
    contact = line("Contact for the regulator", most=120, hint="Name and telephone")
    measures = lines("What was done", most=600, hint="Ended sign-ins, changed keys, told whom")

    def validate_aware_at(self, field: Field) -> None:
        """A time on the clock."""
        _moment(field.data)

    def to_command(self) -> AskExposureFile:
        """The intention."""
        return AskExposureFile(self.criteria(), self.reason.data or "", self.facts())

    def facts(self) -> NoticeFacts:
        """What the notice says so far; a time that cannot be read is none yet."""
        aware_at = None if self.aware_at.errors else _moment(self.aware_at.data)
        return NoticeFacts(aware_at, self.contact.data or "", self.measures.data or "")


class MakeFileForm(LabForm):
    """Which file, for which organisation."""

    form = SelectField("File", choices={"pdf": "PDF to print", "csv": "CSV table"})
    organisation = SelectField("For", validators=[Optional()], validate_choice=False)
    secret = secret_field()

    def offer(self, organisations: Iterable[tuple[str, str]]) -> None:
        """Hand in (ODS code, name)."""
        self.organisation.choices = {"": "all organisations", **dict(organisations)}


class LeakForm(LabForm):
    """Fragments: pasted text, or files."""

    # Taken as it comes: what was found outside may hold any sign.
    text = TextAreaField(
        "Paste what was found",
        validators=[Length(max=200_000, message="Put this into a file and choose it below.")],
        render_kw={"rows": "8", "autocomplete": "off", "spellcheck": "false"},
    )
    files = MultipleFileField("Or choose files", validators=[Optional()])

    def streams(self) -> list[list[bytes]]:
        """What was given, each as one stream of pieces."""
        found = [[self.text.data.encode("utf-8", "ignore")]] if self.text.data else []
        given = (one for one in self.files.data or () if getattr(one, "filename", ""))
        for one in given:
            found.append([one.read()])
            one.close()
        if not any(piece for stream in found for piece in stream):
            raise RuleBroken("Paste some text or choose a file.", field="text")
        return found


class VerifyForm(LabForm):
    """The record verified, against an anchor when one is typed."""

    anchor = line(
        "Anchor from a sheet",
        most=500,
        hint="Its words, its code, or a scan; empty to verify without one",
    )

    def to_anchor(self) -> Anchor | None:
        """What was typed; RuleBroken on the field where it has a slip."""
        return read_anchor(self.anchor.data) if self.anchor.data else None


class RecordForm(_WindowForm):
    """Whom and what to look for in the record."""

    account = SelectField("Person", validators=[Optional()], validate_choice=False)
    subject = SelectField("About", validators=[Optional()], validate_choice=False)

    def offer(self, people: Iterable[tuple[uuid.UUID, str]], subjects: Iterable[str]) -> None:
        """Hand in everybody, and the kinds of subject."""
        self.account.choices = {"": "anybody", **{str(one): name for one, name in people}}
        self.subject.choices = {"": "anything", **{one: one for one in subjects}}

    def to_filter(self) -> RecordFilter:
        """What is meant."""
        begins, ends = self.window()
        try:
            user_id = uuid.UUID(self.account.data) if self.account.data else None
        except ValueError:
            raise RuleBroken("Choose a person of the list.", field="account") from None
        return RecordFilter(user_id, self.subject.data or "", begins, ends)


class HandOverForm(LabForm):
    """Who takes over, and what they should know."""

    to_whom = line("Who takes over", most=60, hint="Empty leaves a line to write on")
    notes = lines(
        "What they should know",
        most=600,
        hint="Analysers, stock, people. No names of patients: this sheet is kept away from the computers.",
    )

    def to_command(self) -> HandOverShift:
        """The intention."""
        return HandOverShift(self.to_whom.data or "", self.notes.data or "")
