"""What people fill in about accounts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from typing import Any

from wtforms import PasswordField, RadioField, SelectField, SubmitField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from lab_contingency.accounts.commands import AddUser, EnrolDevice, GrantRole, OpenEnvelope
from lab_contingency.accounts.queries import DeviceView, LockedPerson
from lab_contingency.accounts.rules import (
    EMERGENCY_ROLES,
    GRANTS,
    PASSPHRASE_LONGEST,
    SCREENS,
    Role,
    ScreenKind,
)
from lab_contingency.foundation.web.forms import LabForm, VersionedForm, line, lines
from lab_contingency.places.queries import LaboratoryView, SiteView, WardView

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}", re.IGNORECASE)
_NONE = ("", "–")


def known_username(_form: Any, field: Any) -> None:
    """Letters, digits and . _ - only."""
    if not _USERNAME.fullmatch(field.data or ""):
        raise ValidationError(
            "Use 2 to 40 letters, digits, points or hyphens, beginning with a letter or digit."
        )


def _passphrase(label: str, required: str, autocomplete: str) -> PasswordField:
    return PasswordField(
        label,
        validators=[
            InputRequired(required),
            Length(max=PASSPHRASE_LONGEST, message="Too long to be right."),
        ],
        render_kw={"autocomplete": autocomplete},
    )


_DIGITS = {"inputmode": "numeric", "maxlength": "6"}


def secret_field() -> PasswordField:
    """PIN or passphrase given again with this very form: see `accounts.reauth`."""
    return PasswordField(
        "Your PIN or passphrase",
        validators=[Optional(), Length(max=PASSPHRASE_LONGEST, message="Too long to be right.")],
        render_kw={"autocomplete": "off"},
    )


def _pin(label: str, required: str) -> PasswordField:
    return PasswordField(
        label,
        validators=[InputRequired(required), Length(max=PASSPHRASE_LONGEST)],
        render_kw={"autocomplete": "off", **_DIGITS},
    )


class SignInForm(LabForm):
    """User name, passphrase, and the code of one's phone where it is needed."""

    username = line("User name", required="Type your user name.", most=40, autocomplete="username")
    passphrase = _passphrase("Passphrase", "Type your passphrase.", "current-password")
    code = line("Code from your phone", most=10, autocomplete="one-time-code", inputmode="numeric")


class ComeBackForm(LabForm):
    """Who comes back, and their PIN."""

    shift = RadioField("Who are you?", validators=[InputRequired("Choose your name.")])
    pin = _pin("PIN", "Type your six digits.")

    def offer(self, people: Iterable[LockedPerson]) -> None:
        """Hand in who may come back here; whoever locked last is chosen beforehand."""
        offered = [(str(each.shift_id), f"{each.name}, {each.role}") for each in people]
        self.shift.choices = list(offered)
        if offered and not self.is_submitted():
            self.shift.data = offered[0][0]


class PinForm(LabForm):
    """A PIN, twice."""

    pin = _pin("Six digits", "Choose six digits.")
    again = _pin("The same again", "Type the same six digits again.")

    def validate_again(self, field: Any) -> None:
        """Both must agree."""
        if field.data != self.pin.data:
            raise ValidationError("The two do not agree. Type the same six digits twice.")


class CodeForm(LabForm):
    """A code of the phone."""

    code = line(
        "Code the phone shows now",
        required="Type the six digits the phone shows.",
        most=10,
        inputmode="numeric",
    )


class PassphraseForm(LabForm):
    """Old and new passphrase."""

    old = _passphrase(
        "Old passphrase or one-time secret", "Type the one you signed in with.", "current-password"
    )
    new = _passphrase("New passphrase", "Type a new passphrase.", "new-password")
    again = _passphrase("New passphrase again", "Type the new passphrase again.", "new-password")

    def validate_again(self, field: Any) -> None:
        """Both must agree."""
        if field.data != self.new.data:
            raise ValidationError("The two do not agree. Type the new passphrase twice the same.")


class _PlaceFields(LabForm):
    role = SelectField("Role", choices={role.value: GRANTS[role].title for role in Role})
    site_id = SelectField("Site, for requesters", validate_choice=True)
    laboratory_id = SelectField("Laboratory, for laboratory roles", validate_choice=True)

    def offer(self, sites: Iterable[SiteView], laboratories: Iterable[LaboratoryView]) -> None:
        """Hand in the places to choose from."""
        self.site_id.choices = [_NONE, *((str(site.id), site.name) for site in sites)]
        self.laboratory_id.choices = [_NONE, *((str(lab.id), lab.name) for lab in laboratories)]

    def _site(self) -> uuid.UUID | None:
        return uuid.UUID(self.site_id.data) if self.site_id.data else None

    def _laboratory(self) -> uuid.UUID | None:
        return uuid.UUID(self.laboratory_id.data) if self.laboratory_id.data else None


class AddUserForm(_PlaceFields):
    """A new person."""

    name = line(
        "Name as colleagues know it",
        required="Type the person’s name, for example Dr A. Okafor.",
        most=60,
    )
    username = line("User name", required="Choose a user name.", most=40, extra=[known_username])

    def to_command(self) -> AddUser:
        """The intention."""
        return AddUser(
            self.username.data or "",
            self.name.data or "",
            Role(self.role.data),
            self._site(),
            self._laboratory(),
        )


class GrantForm(_PlaceFields):
    """Another role."""

    def to_command(self, user_id: uuid.UUID) -> GrantRole:
        """The intention."""
        return GrantRole(user_id, Role(self.role.data), self._site(), self._laboratory())


class AccountForm(VersionedForm):
    """The buttons that disable, enable and reset."""

    send = SubmitField()


class EnrolForm(LabForm):
    """The code another device shows, and what that device is."""

    code = line(
        "Code on the new device",
        required="Type the code that the new device shows.",
        most=20,
        hint="Eight signs. Go there and look: never take a code by telephone or message.",
        autocapitalize="none",
    )
    name = line(
        "Name of the device",
        required="Name it so that somebody finds it, for example ED Resus 2.",
        most=40,
    )
    kind = SelectField("Kind of screen", choices={kind.value: SCREENS[kind] for kind in ScreenKind})
    place = SelectField("Where it stands")

    def offer(
        self,
        sites: Iterable[SiteView],
        wards: Iterable[WardView],
        laboratories: Iterable[LaboratoryView],
    ) -> None:
        """Hand in the places to choose from."""
        self.place.choices = [
            ("", "It goes about"),
            *((f"ward:{ward.id}", f"{ward.name}, {ward.site.name}") for ward in wards),
            *((f"laboratory:{lab.id}", lab.name) for lab in laboratories),
            *((f"site:{site.id}", site.name) for site in sites),
        ]

    def to_command(self) -> EnrolDevice:
        """The intention."""
        kind, _, place = (self.place.data or "").partition(":")
        return EnrolDevice(
            self.code.data or "",
            self.name.data or "",
            ScreenKind(self.kind.data),
            **({f"{kind}_id": uuid.UUID(place)} if place else {}),
        )


class EmergencyForm(_PlaceFields):
    """An envelope's code, who opens it, as what, and why."""

    code = line("Code in the envelope", required="Type the code.", most=30, autocapitalize="none")
    name = line(
        "Your own name",
        required="Type your name as colleagues know it.",
        most=60,
        hint="Everything you do stands under this name.",
    )
    role = SelectField(
        "You work as", choices={role.value: GRANTS[role].title for role in EMERGENCY_ROLES}
    )
    reason = lines(
        "Why you cannot sign in as yourself",
        required="Say why. Every administrator reads it.",
        most=300,
        rows="2",
    )

    def to_command(self) -> OpenEnvelope:
        """The intention."""
        return OpenEnvelope(
            self.code.data or "",
            self.name.data or "",
            Role(self.role.data),
            self._site(),
            self._laboratory(),
            self.reason.data or "",
        )


class EndMineForm(LabForm):
    """One's other sign-ins end, with the PIN or passphrase."""

    secret = secret_field()


class IncidentButtonForm(LabForm):
    """Which device is to be known no more, if any."""

    device = SelectField("Revoke a device as well")

    def offer(self, devices: Iterable[DeviceView]) -> None:
        """Hand in the devices that are enrolled."""
        known = ((str(each.id), f"{each.name}, {each.place}") for each in devices)
        self.device.choices = [("", "none"), *known]

    def device_id(self) -> uuid.UUID | None:
        """The device, or None."""
        return uuid.UUID(self.device.data) if self.device.data else None
