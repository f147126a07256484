"""Reading places: small tables, read whole."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select

from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.places.models import BandRule, Laboratory, Organisation, Site, Ward
from lab_contingency.places.rules import BandSettings, LaboratoryKind, TubeSystem


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site and whose patients' hospital numbers it issues."""

    id: uuid.UUID
    code: str
    name: str
    ods_code: str
    tube_system: TubeSystem


@dataclass(frozen=True, slots=True)
class WardView:
    """A ward with its site."""

    id: uuid.UUID
    code: str
    name: str
    telephone: str
    site: SiteView


@dataclass(frozen=True, slots=True)
class LaboratoryView:
    """A laboratory, own or partner. `retired`: nothing new is sent there."""

    id: uuid.UUID
    code: str
    name: str
    telephone: str
    ods_code: str
    own: bool
    site_id: uuid.UUID | None
    retired: bool = False


# The fields of a WardView and of its SiteView, in their order. Plain rows: wards stand on most pages.
_WARDS: Select[*tuple[Any, ...]] = (
    select(
        *(Ward.id, Ward.code, Ward.name, Ward.telephone),
        *(Site.id, Site.code, Site.name, Organisation.ods_code, Site.tube_system),
    )
    .join(Site, Site.id == Ward.site_id)
    .join(Organisation, Organisation.id == Site.organisation_id)
)


def sites() -> tuple[SiteView, ...]:
    """Every site by name."""
    return tuple(_site(row) for row in session().scalars(select(Site).order_by(Site.name)))


def site(site_id: uuid.UUID) -> SiteView:
    """One site; NotFound."""
    row = session().get(Site, site_id)
    if row is None:
        raise NotFound
    return _site(row)


def wards(site_id: uuid.UUID | None = None) -> tuple[WardView, ...]:
    """Wards of a site (of all sites when None), by name."""
    statement = _WARDS if site_id is None else _WARDS.where(Ward.site_id == site_id)
    return tuple(map(_ward, session().execute(statement.order_by(Ward.name, Ward.code))))


def working_wards(site_id: uuid.UUID | None = None) -> tuple[WardView, ...]:
    """The same without those that were retired: where something new may be asked for."""
    retired = set(session().scalars(select(Ward.id).where(Ward.retired_at.is_not(None))))
    return tuple(ward for ward in wards(site_id) if ward.id not in retired)


def ward(ward_id: uuid.UUID) -> WardView:
    """One ward; NotFound."""
    row = session().execute(_WARDS.where(Ward.id == ward_id)).one_or_none()
    if row is None:
        raise NotFound
    return _ward(row)


def band_settings(ward_id: uuid.UUID) -> BandSettings:
    """What wristbands carry on a ward: as set for it, or for its site, or as it is where nothing is set."""
    statement = (
        select(BandRule)
        .join(Ward, Ward.site_id == BandRule.site_id)
        .where(Ward.id == ward_id, BandRule.ward_id.is_(None) | (BandRule.ward_id == ward_id))
        .order_by(BandRule.ward_id.is_(None))  # the ward's own first
        .limit(1)
    )
    row = session().scalars(statement).one_or_none()
    if row is None:
        return BandSettings()
    return BandSettings(
        row.required, row.nhs_ai, row.hospital_ai, row.gsrn_prefix, row.hospital_form
    )


def ward_by_code(code: str) -> WardView | None:
    """The ward with that code, or None."""
    row = session().execute(_WARDS.where(Ward.code == code)).one_or_none()
    return _ward(row) if row else None


def laboratories() -> tuple[LaboratoryView, ...]:
    """Every laboratory, own ones first, by name."""
    rows = session().scalars(select(Laboratory).order_by(Laboratory.name))
    return tuple(
        sorted((_laboratory(row) for row in rows), key=lambda lab: (not lab.own, lab.name))
    )


def working_laboratories() -> tuple[LaboratoryView, ...]:
    """The same without those that were retired."""
    return tuple(each for each in laboratories() if not each.retired)


def laboratory(laboratory_id: uuid.UUID) -> LaboratoryView:
    """One laboratory; NotFound."""
    row = session().get(Laboratory, laboratory_id)
    if row is None:
        raise NotFound
    return _laboratory(row)


def laboratory_by_code(code: str) -> LaboratoryView | None:
    """The laboratory with that code, or None."""
    row = session().scalars(select(Laboratory).where(Laboratory.code == code)).one_or_none()
    return _laboratory(row) if row else None


def organisation_name(ods_code: str) -> str | None:
    """The organisation's name, or None when the code is unknown."""
    return (
        session()
        .scalars(select(Organisation.name).where(Organisation.ods_code == ods_code))
        .one_or_none()
    )


def _site(row: Site) -> SiteView:
    return SiteView(row.id, row.code, row.name, row.organisation.ods_code, row.tube_system)


def _ward(row: Row[*tuple[Any, ...]]) -> WardView:
    return WardView(row[0], row[1], row[2], row[3], SiteView(*row[4:]))


def _laboratory(row: Laboratory) -> LaboratoryView:
    own = row.kind is LaboratoryKind.OWN
    return LaboratoryView(
        id=row.id,
        code=row.code,
        name=row.name,
        telephone=row.telephone,
        ods_code=row.organisation.ods_code,
        own=own,
        site_id=row.site_id,
        retired=row.retired_at is not None,
    )


def issuers(first: str = "") -> tuple[tuple[str, str], ...]:
    """(ODS code, name) of every organisation, the one asked for first."""
    rows = session().execute(
        select(Organisation.ods_code, Organisation.name).order_by(Organisation.name)
    )
    found = [(row.ods_code, f"{row.ods_code} {row.name}") for row in rows]
    return tuple(sorted(found, key=lambda pair: (pair[0] != first, pair[1])))
