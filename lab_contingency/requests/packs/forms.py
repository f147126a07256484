"""What people fill in to key a written form, to key it again, and to keep its picture."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from flask_wtf.file import FileField
from wtforms import Field, SelectMultipleField
from wtforms.validators import InputRequired, Optional

from lab_contingency.catalogue.rules.vocabulary import Question
from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web.forms import LabForm, line
from lab_contingency.foundation.wording import read_moment
from lab_contingency.requests.forms import CardForm, PatientForm, reading
from lab_contingency.requests.packs.commands import KeyAgain, TranscribeForm
from lab_contingency.requests.packs.pictures import Picture, read_picture
from lab_contingency.requests.packs.rules import Keyed

_SCANNED: dict[str, Any] = {
    "data-scan": True,
    "data-scan-home": True,
    "inputmode": "numeric",
}


class ScanPackForm(LabForm):
    """The number of a written form, or any label of its pack."""

    number = line(
        "Scan the form",
        required="Scan or type the number of the form.",
        most=40,
        **_SCANNED,
    )


class WrittenCardForm(CardForm):
    """The card as it was written on paper."""

    written_at = line(
        "Written, day and time",
        required="Type when the form was written, as it stands on it; else when the blood was taken.",
        most=24,
        hint="24-hour clock: 24-Nov 03:05",
    )

    def validate_written_at(self, field: Field) -> None:
        """A time on the clock."""
        reading(lambda typed: read_moment(typed, near=clock.now()))(field.data)

    def to_transcription(self, pack_id: uuid.UUID, questions: Iterable[Question]) -> TranscribeForm:
        """The intention. Whoever asks on the form is who wrote it."""
        card = self.to_command(questions)
        return TranscribeForm(pack_id, card, card.requested_by, self._written())

    def _written(self) -> dt.datetime:
        return read_moment(self.written_at.data or "", near=clock.now())


class KeyAgainForm(PatientForm):
    """What a second person reads on the form."""

    tests = SelectMultipleField(
        "Tests", validators=[InputRequired("Tick the tests that are ticked on the form.")]
    )
    unidentified: bool = False

    def offer(self, tests: Iterable[str]) -> None:
        """Hand in what can be ticked."""
        self.tests.choices = [(code, code) for code in tests]

    def validate(self, extra_validators: Any = None) -> bool:
        """Nobody knows the date of birth of somebody unidentified."""
        if self.unidentified:
            self.born.validators = [Optional()]
            self.born.data = self.born.data or "1 Jan 2000"
        return bool(super().validate(extra_validators))

    def to_command(self, transcription_id: uuid.UUID) -> KeyAgain:
        """The intention."""
        keyed = Keyed(self.identity(), frozenset(self.tests.data or ()))
        return KeyAgain(transcription_id, keyed)


class PictureForm(LabForm):
    """A photo or scan of the form."""

    picture = FileField("Photo or scan of the form")

    def read(self) -> Picture:
        """The picture, read where it lies in memory; RuleBroken says what is wrong with it."""
        held = self.picture.data
        if not held:
            raise RuleBroken("Choose a photo or a scan.", field="picture")
        try:
            return read_picture(held.stream.read())
        except ValueError as wrong:
            raise RuleBroken(str(wrong), field="picture") from wrong
