"""What can be intended with places. A code, a kind and a ward's site are said once: files and papers name them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.places.rules import LaboratoryKind, TubeSystem


@dataclass(frozen=True, slots=True)
class AddOrganisation:
    """A trust, practice or network."""

    ods_code: str
    name: str


@dataclass(frozen=True, slots=True)
class ChangeOrganisation:
    """Its other name."""

    name: str


@dataclass(frozen=True, slots=True)
class ChangeSite:
    """A site's name, whose it is, and the tube colours it uses."""

    name: str
    organisation_id: uuid.UUID
    tube_system: TubeSystem


@dataclass(frozen=True, slots=True)
class AddSite:
    """A hospital or practice."""

    code: str
    site: ChangeSite


@dataclass(frozen=True, slots=True)
class ChangeWard:
    """A ward's name and telephone."""

    name: str
    telephone: str


@dataclass(frozen=True, slots=True)
class AddWard:
    """A place that asks for tests and gets slips."""

    code: str
    site_id: uuid.UUID
    ward: ChangeWard


@dataclass(frozen=True, slots=True)
class ChangeLaboratory:
    """A laboratory's name, whose it is, its telephone. `site_id` None: at no site of ours."""

    name: str
    organisation_id: uuid.UUID
    site_id: uuid.UUID | None
    telephone: str


@dataclass(frozen=True, slots=True)
class AddLaboratory:
    """Where tubes are analysed, own or partner."""

    code: str
    kind: LaboratoryKind
    laboratory: ChangeLaboratory
