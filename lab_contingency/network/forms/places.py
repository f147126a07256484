"""What is typed about organisations, sites, wards and laboratories."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from lab_contingency.foundation.web.forms import VersionedForm, line
from lab_contingency.network.forms.fields import CHOOSE, code_line, read_code, telephone_line
from lab_contingency.places.commands import (
    AddLaboratory,
    AddOrganisation,
    AddSite,
    AddWard,
    ChangeLaboratory,
    ChangeOrganisation,
    ChangeSite,
    ChangeWard,
)
from lab_contingency.places.rules import LaboratoryKind, TubeSystem


class OrganisationForm(VersionedForm):
    """A trust, practice or network."""

    code = code_line("ODS code", "Such as RJ1; it cannot be changed later")
    name = line("Name", required="Type the name.", most=120)

    def to_add(self) -> AddOrganisation:
        """The intention to add it."""
        return AddOrganisation(read_code(self.code.data or ""), self.name.data or "")

    def to_change(self) -> ChangeOrganisation:
        """The intention to change it."""
        return ChangeOrganisation(self.name.data or "")


class SiteForm(VersionedForm):
    """A hospital or practice."""

    code = code_line("Code", "Such as KCH; it cannot be changed later")
    name = line("Name", required="Type the name.", most=80)
    organisation = SelectField("Organisation", validators=[InputRequired("Choose whose it is.")])
    tube_system = RadioField(
        "Tube colours",
        choices={one.value: one.value for one in TubeSystem},
        validators=[InputRequired("Choose whose tubes it uses.")],
    )

    def offer(self, organisations: Iterable[tuple[uuid.UUID, str]]) -> None:
        """Hand in the organisations."""
        self.organisation.choices = [CHOOSE, *((str(key), name) for key, name in organisations)]

    def to_add(self) -> AddSite:
        """The intention to add it."""
        return AddSite(read_code(self.code.data or ""), self.to_change())

    def to_change(self) -> ChangeSite:
        """The intention to change it."""
        return ChangeSite(
            self.name.data or "", uuid.UUID(self.organisation.data), TubeSystem(self.tube_system.data)
        )  # fmt: skip


class WardForm(VersionedForm):
    """A place that asks for tests and gets slips."""

    code = code_line("Code", "Such as KCH-ED; it cannot be changed later")
    site = SelectField("Site", validators=[InputRequired("Choose the site.")])
    name = line("Name", required="Type the name.", most=60)
    telephone = telephone_line(required="Type the number that is answered at night.")

    def offer(self, sites: Iterable[tuple[uuid.UUID, str]]) -> None:
        """Hand in the sites."""
        self.site.choices = [CHOOSE, *((str(key), name) for key, name in sites)]

    def to_add(self) -> AddWard:
        """The intention to add it."""
        return AddWard(read_code(self.code.data or ""), uuid.UUID(self.site.data), self.to_change())

    def to_change(self) -> ChangeWard:
        """The intention to change it."""
        return ChangeWard(self.name.data or "", self.telephone.data or "")


class LaboratoryForm(VersionedForm):
    """Where tubes are analysed."""

    kind = RadioField(
        "Whose",
        choices={LaboratoryKind.PARTNER.value: "a partner’s", LaboratoryKind.OWN.value: "ours"},
        validators=[InputRequired("Choose whose it is.")],
    )
    code = code_line("Code", "Such as KCH-LAB; it cannot be changed later")
    name = line("Name", required="Type the name.", most=80)
    organisation = SelectField("Organisation", validators=[InputRequired("Choose whose it is.")])
    site = SelectField("Site", validators=[])
    telephone = telephone_line(required="Type the number to ring.")

    def offer(
        self,
        organisations: Iterable[tuple[uuid.UUID, str]],
        sites: Iterable[tuple[uuid.UUID, str]],
    ) -> None:
        """Hand in what there is to choose from."""
        self.organisation.choices = [CHOOSE, *((str(key), name) for key, name in organisations)]
        known = [(str(key), name) for key, name in sites]
        self.site.choices = [("", "at no site of ours"), *known]

    def to_add(self) -> AddLaboratory:
        """The intention to add it."""
        kind = LaboratoryKind(self.kind.data)
        return AddLaboratory(read_code(self.code.data or ""), kind, self.to_change())

    def to_change(self) -> ChangeLaboratory:
        """The intention to change it."""
        return ChangeLaboratory(
            self.name.data or "",
            uuid.UUID(self.organisation.data),
            uuid.UUID(self.site.data) if self.site.data else None,
            self.telephone.data or "",
        )
