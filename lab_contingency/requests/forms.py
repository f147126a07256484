"""The card, and the forms that put it right."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Optional, ValidationError

from lab_contingency.catalogue.rules.vocabulary import Question, QuestionKind, Reason
from lab_contingency.foundation import clock
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.web.forms import LabForm, VersionedForm, line, lines
from lab_contingency.foundation.wording import full_time_text, read_date, read_moment
from lab_contingency.places.queries import WardView
from lab_contingency.requests.commands import (
    CorrectDetails,
    CorrectIdentity,
    PlaceRequest,
    WithdrawTests,
)
from lab_contingency.requests.rules.bands import BANDS, Band
from lab_contingency.requests.rules.identity import (
    OLDEST_YEARS,
    Identity,
    Sex,
    estimated_born,
    read_hospital_number,
    read_nhs_number,
)

_T = TypeVar("_T")
_AGE_DIGITS = 3
_CHOOSE = ("", "choose")
ANTICOAGULANTS = (
    "none", "warfarin", "apixaban", "rivaroxaban", "edoxaban", "dabigatran", "heparin",
    "low molecular weight heparin", "other", "not known",
)  # fmt: skip
INFECTION_RISKS = (
    "none known",
    "blood-borne virus",
    "high-consequence infection",
    "other, see details",
)
_BED_HINT = "or “chair”, “none yet”"
_NO_BED = "Type the bed; “chair” and “none yet” are answers."
METHODS = {"vein": "vein", "line": "line"}


def reading(read: Callable[[str], _T]) -> Callable[[str], _T]:
    """A reader whose ValueError becomes the field's error."""

    def read_or_refuse(typed: str) -> _T:
        try:
            return read(typed)
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    return read_or_refuse


class PatientForm(LabForm):
    """Box 1: who the patient is."""

    nhs_number = line("NHS number", most=14, inputmode="numeric")
    hospital_number = line("Hospital number", most=16)
    issuer = SelectField("Issued by", validate_choice=True)
    sex = RadioField(
        "Sex",
        choices={"F": "F", "M": "M", "U": "not known"},
        validators=[InputRequired("Choose the sex, or “not known”.")],
    )
    surname = line("Surname", required="Type the surname as on the wristband.", most=60)
    forenames = line("Forename", required="Type the forename as on the wristband.", most=60)
    born = line(
        "Date of birth", required="Type the date of birth as on the wristband.", most=14, hint=""
    )
    demonstration: bool = False

    def validate_nhs_number(self, field: Field) -> None:
        """Check digit and range; one sentence says which rule failed."""
        if field.data:
            reading(lambda typed: read_nhs_number(typed, demonstration=self.demonstration))(
                field.data
            )

    def validate_hospital_number(self, field: Field) -> None:
        """Letters and digits."""
        if field.data:
            reading(read_hospital_number)(field.data)

    def validate_born(self, field: Field) -> None:
        """A day of the calendar."""
        reading(read_date)(field.data)

    def offer_issuers(self, issuers: Iterable[tuple[str, str]]) -> None:
        """Hand in (ODS code, name)."""
        self.issuer.choices = list(issuers)

    def identity(self) -> Identity:
        """What was typed, read; only after validation."""
        nhs, hospital = self.nhs_number.data or "", self.hospital_number.data or ""
        return Identity(
            surname=self.surname.data or "",
            forenames=self.forenames.data or "",
            born=read_date(self.born.data or ""),
            sex=Sex(self.sex.data),
            nhs_number=read_nhs_number(nhs, demonstration=self.demonstration) if nhs else "",
            hospital_number=read_hospital_number(hospital) if hospital else "",
            issuer=self.issuer.data if hospital else "",
        )


class CardForm(PatientForm):
    """The whole card. Answers and reasons for asking again are added by `card_form_class`."""

    idempotency_key = HiddenField()
    unidentified = HiddenField()
    filled = HiddenField()
    estimated_age = line("Age, estimated", most=3, inputmode="numeric")
    ward = SelectField("Ward or place", validators=[InputRequired("Choose the ward.")])
    bed = line("Bed", required=_NO_BED, most=24, hint=_BED_HINT)
    destination = SelectField("Slip goes to")
    callback = line(
        "Phone result to", required="Type a bleep or extension that somebody answers.", most=40
    )
    requested_by = line("Requested by", required="Type who asks.", most=60)
    consultant = line("Consultant", most=60)
    tests = SelectMultipleField("Tests")
    band = RadioField("Urgency", validators=[InputRequired("Choose how urgent it is.")])
    reason_code = SelectField("Reason")
    reason_text = line("Other reason, in words", most=120)
    needed_by = line("Needed by", most=24, hint="24-hour clock")
    clinical_details = lines("What is going on, and drugs that matter", most=600)
    anticoagulant = SelectField("Anticoagulant")
    infection_risk = SelectField("Infection risk")
    collected_at = line("Taken", most=24, hint="day and time")
    collected_by = line("Taken by", most=60)
    collection_method = RadioField("How", choices=METHODS, default="vein")

    def offer(
        self, wards: Iterable[WardView], tests: Iterable[str], reasons: Iterable[Reason]
    ) -> None:
        """Hand in what there is to choose from."""
        places = [(str(ward.id), ward.name) for ward in wards]
        self.ward.choices = [_CHOOSE, *places] if len(places) > 1 else places
        self.destination.choices = [("", "the same ward"), *places]
        self.tests.choices = [(code, code) for code in tests]
        self.band.choices = [(band.value, facts.word) for band, facts in BANDS.items()]
        self.reason_code.choices = [_CHOOSE, *((reason.code, reason.words) for reason in reasons)]
        self.anticoagulant.choices = [("", "choose"), *((name, name) for name in ANTICOAGULANTS)]
        self.infection_risk.choices = [(name, name) for name in INFECTION_RISKS]

    @property
    def is_unidentified(self) -> bool:
        """Whether the patient has a prepared name instead of their own."""
        return self.unidentified.data == "1"

    def validate_idempotency_key(self, field: Field) -> None:
        """Every card has its own; without it a double click could make two requests."""
        try:
            field.data = str(uuid.UUID(field.data or ""))
        except ValueError:
            field.data = str(new_id())
            raise ValidationError(
                "This card had lost its key and was not sent. Send it again."
            ) from None

    def validate_needed_by(self, field: Field) -> None:
        """A time on the clock."""
        if field.data:
            reading(lambda typed: read_moment(typed, near=clock.now(), future=True))(field.data)

    def validate_collected_at(self, field: Field) -> None:
        """A time on the clock; a name goes with it."""
        if field.data:
            reading(lambda typed: read_moment(typed, near=clock.now()))(field.data)
            if not self.collected_by.data:
                raise ValidationError("Type who took the blood, beside the time.")

    def validate(self, extra_validators: Any = None) -> bool:
        """For somebody unidentified an estimated age stands in place of the date of birth."""
        if not self.is_unidentified:
            return bool(super().validate(extra_validators))
        self.born.validators = [Optional()]
        valid = bool(super().validate(extra_validators))
        text = self.estimated_age.data or ""
        if (
            text.isascii()
            and text.isdecimal()
            and len(text) <= _AGE_DIGITS
            and int(text) <= OLDEST_YEARS
        ):
            return valid
        self.estimated_age.errors = ["Type the age as you guess it, in whole years."]
        return False

    def identity(self) -> Identity:
        """As typed, or the prepared name with 1 January of the estimated year."""
        if not self.is_unidentified:
            return super().identity()
        today = clock.london(clock.now()).date()
        return Identity(
            surname=self.surname.data or "",
            forenames=self.forenames.data or "",
            born=estimated_born(int(self.estimated_age.data or "0"), today),
            sex=Sex(self.sex.data),
            hospital_number=self.hospital_number.data or "",
            issuer=self.issuer.data or "",
            unidentified=True,
        )

    def to_command(self, questions: Iterable[Question]) -> PlaceRequest:
        """The intention."""
        ward_id = uuid.UUID(self.ward.data)
        return PlaceRequest(
            idempotency_key=self.idempotency_key.data or "",
            identity=self.identity(),
            ward_id=ward_id,
            bed=self.bed.data or "",
            destination_id=uuid.UUID(self.destination.data) if self.destination.data else ward_id,
            requested_by=self.requested_by.data or "",
            consultant=self.consultant.data or "",
            callback=self.callback.data or "",
            band=Band(self.band.data),
            reason_code=self.reason_code.data or "",
            reason_text=self.reason_text.data or "",
            needed_by=_moment(self.needed_by, future=True),
            tests=tuple(self.tests.data or ()),
            clinical_details=self.clinical_details.data or "",
            anticoagulant=self.anticoagulant.data or "",
            infection_risk=self.infection_risk.data or "",
            collected_at=_moment(self.collected_at),
            collected_by=self.collected_by.data or "" if self.collected_at.data else "",
            collection_method=self.collection_method.data or "",
            answers=self.answers(questions),
            overrides=self._overrides(),
            unidentified=self.is_unidentified,
        )

    def answers(self, questions: Iterable[Question]) -> dict[str, str]:
        """What was answered, by the question’s key."""
        names = ((q.key, f"answer-{q.key}") for q in questions if not q.field)
        typed = {key: self._fields[name].data or "" for key, name in names if name in self._fields}
        return {key: answer for key, answer in typed.items() if answer}

    def _overrides(self) -> dict[str, str]:
        names = ((code, f"repeat-{code}") for code in self.tests.data or ())
        return {code: self._fields[name].data for code, name in names if self._fields[name].data}


def _moment(field: StringField, *, future: bool = False) -> dt.datetime | None:
    return read_moment(field.data, near=clock.now(), future=future) if field.data else None


@cache
def card_form_class(
    questions: tuple[Question, ...], tests: tuple[str, ...], base: type[CardForm] = CardForm
) -> type[CardForm]:
    """The card with a field for every question that a test may ask, and one a test for asking again."""
    fields: dict[str, Any] = {f"answer-{q.key}": _answer_field(q) for q in questions if not q.field}
    fields |= {f"repeat-{code}": line("Ask anyway, because", most=120) for code in tests}
    return type("CompleteCardForm", (base,), fields)


def _answer_field(question: Question) -> Field:
    if question.kind is QuestionKind.CHOICE:
        choices = dict([_CHOOSE, *((choice, choice) for choice in question.choices)])
        return SelectField(question.wording, choices=choices, validators=[Optional()])
    if question.kind is QuestionKind.MOMENT:
        return line(question.wording, most=40, extra=[_moment_or_not_known])
    if question.kind is QuestionKind.NUMBER:
        return line(question.wording, most=20, inputmode="numeric", extra=[_number_or_not_known])
    return line(question.wording, most=120)


_NOT_KNOWN = "not known"


def _moment_or_not_known(_form: object, field: Field) -> None:
    """Read as a time, kept as text with its day."""
    if field.data and field.data.casefold() != _NOT_KNOWN:
        field.data = full_time_text(
            reading(lambda typed: read_moment(typed, near=clock.now()))(field.data)
        )


def _number_or_not_known(_form: object, field: Field) -> None:
    if field.data and field.data.casefold() != _NOT_KNOWN and not field.data.isdecimal():
        raise ValidationError("Type a whole number, or “not known”.")


class WithdrawForm(VersionedForm):
    """Which tests to take back, and why."""

    tests = SelectMultipleField(
        "Tests to withdraw", validators=[InputRequired("Tick at least one test.")]
    )
    reason = line(
        "Why", required="Say why, for example “asked twice” or “patient went home”.", most=200
    )

    def to_command(self, request_id: uuid.UUID) -> WithdrawTests:
        """The intention."""
        return WithdrawTests(
            request_id, self.version_shown(), tuple(self.tests.data or ()), self.reason.data or ""
        )


class CorrectDetailsForm(VersionedForm):
    """Where the patient is, where the answer goes, whom to ring, what is going on."""

    ward = SelectField("Ward or place", validators=[InputRequired("Choose the ward.")])
    bed = line("Bed", required=_NO_BED, most=24, hint=_BED_HINT)
    destination = SelectField(
        "Slip goes to", validators=[InputRequired("Choose where the slip goes.")]
    )
    callback = line(
        "Phone result to", required="Type a bleep or extension that somebody answers.", most=40
    )
    consultant = line("Consultant", most=60)
    clinical_details = lines("What is going on, and drugs that matter", most=600)
    reason = line("Why it is changed", required="Say why it is changed.", most=200)

    def offer(self, wards: Iterable[WardView]) -> None:
        """Hand in the wards of the site."""
        self.ward.choices = self.destination.choices = [(str(ward.id), ward.name) for ward in wards]

    def to_command(self, request_id: uuid.UUID) -> CorrectDetails:
        """The intention."""
        return CorrectDetails(
            request_id,
            self.version_shown(),
            uuid.UUID(self.ward.data),
            self.bed.data or "",
            uuid.UUID(self.destination.data),
            self.callback.data or "",
            self.consultant.data or "",
            self.clinical_details.data or "",
            self.reason.data or "",
        )


class CorrectPatientForm(VersionedForm, PatientForm):
    """Who the patient really is."""

    reason = line(
        "Why it is changed", required="Say why, for example “wristband read again”.", most=200
    )
    checked = BooleanField(
        "I have read the wristband again and it agrees with what stands here.",
        validators=[InputRequired("Read the wristband and tick the box.")],
    )

    def to_command(self, request_id: uuid.UUID) -> CorrectIdentity:
        """The intention."""
        return CorrectIdentity(
            request_id, self.version_shown(), self.identity(), self.reason.data or ""
        )
