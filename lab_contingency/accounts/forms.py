"""What people fill in about accounts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from typing import Any

from wtforms import PasswordField, SelectField, SubmitField
from wtforms.validators import InputRequired, Length, ValidationError

from lab_contingency.accounts.commands import AddUser, GrantRole
from lab_contingency.accounts.rules import GRANTS, PASSPHRASE_LONGEST, Role
from lab_contingency.foundation.web.forms import LabForm, VersionedForm, line
from lab_contingency.places.queries import LaboratoryView, SiteView

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}", re.IGNORECASE)
_NONE = ("", "–")


def _passphrase(label: str, required: str, autocomplete: str) -> PasswordField:
    return PasswordField(
        label,
        validators=[
            InputRequired(required),
            Length(max=PASSPHRASE_LONGEST, message="Too long to be right."),
        ],
        render_kw={"autocomplete": autocomplete},
    )


class SignInForm(LabForm):
    """User name and passphrase."""

    username = line("User name", required="Type your user name.", most=40, autocomplete="username")
    passphrase = _passphrase("Passphrase", "Type your passphrase.", "current-password")


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
    username = line("User name", required="Choose a user name.", most=40)

    def validate_username(self, field: Any) -> None:
        """Letters, digits and . _ - only."""
        if not _USERNAME.fullmatch(field.data or ""):
            raise ValidationError(
                "Use 2 to 40 letters, digits, points or hyphens, beginning with a letter or digit."
            )

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
