"""Organisations, sites and wards as their pages show them and their forms begin, each with its version."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.network.models import MenuEntry
from lab_contingency.places.models import Laboratory, Organisation, Site, Ward
from lab_contingency.places.rules import TubeSystem


@dataclass(frozen=True, slots=True)
class Places:
    """Every organisation, site and ward, for the page that lists them."""

    organisations: tuple[OrganisationRow, ...]
    sites: tuple[SiteRow, ...]
    wards: Mapping[uuid.UUID, tuple[WardRow, ...]]


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """A trust, practice or network."""

    id: uuid.UUID
    ods_code: str
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A hospital or practice."""

    id: uuid.UUID
    code: str
    name: str
    organisation_id: uuid.UUID
    organisation: str
    tube_system: TubeSystem
    version: int


@dataclass(frozen=True, slots=True)
class WardRow:
    """A ward of a site."""

    id: uuid.UUID
    code: str
    name: str
    site_id: uuid.UUID
    site: str
    telephone: str
    retired_at: dt.datetime | None
    version: int


def all_places() -> Places:
    """Every organisation, site and ward, by name."""
    rows = session().scalars(
        select(Organisation).order_by(Organisation.name).execution_options(populate_existing=True)
    )
    organisations = tuple(OrganisationRow(r.id, r.ods_code, r.name, r.version) for r in rows)
    sites = session().scalars(
        select(Site).order_by(Site.name).execution_options(populate_existing=True)
    )
    wards = session().scalars(
        select(Ward).order_by(Ward.name, Ward.code).execution_options(populate_existing=True)
    )
    by_site: dict[uuid.UUID, list[WardRow]] = {}
    for ward in wards:
        by_site.setdefault(ward.site_id, []).append(_ward_row(ward))
    return Places(
        organisations,
        tuple(_site_row(row) for row in sites),
        {site_id: tuple(rows_of_site) for site_id, rows_of_site in by_site.items()},
    )


def organisation_row(organisation_id: uuid.UUID) -> OrganisationRow:
    """One organisation; NotFound."""
    row = session().get(Organisation, organisation_id, populate_existing=True)
    if row is None:
        raise NotFound
    return OrganisationRow(row.id, row.ods_code, row.name, row.version)


def site_row(site_id: uuid.UUID) -> SiteRow:
    """One site; NotFound."""
    row = session().get(Site, site_id, populate_existing=True)
    if row is None:
        raise NotFound
    return _site_row(row)


def ward_row(ward_id: uuid.UUID) -> WardRow:
    """One ward; NotFound."""
    row = session().get(Ward, ward_id, populate_existing=True)
    if row is None:
        raise NotFound
    return _ward_row(row)


def _site_row(row: Site) -> SiteRow:
    return SiteRow(
        id=row.id,
        code=row.code,
        name=row.name,
        organisation_id=row.organisation_id,
        organisation=row.organisation.name,
        tube_system=row.tube_system,
        version=row.version,
    )


def _ward_row(row: Ward) -> WardRow:
    return WardRow(
        id=row.id,
        code=row.code,
        name=row.name,
        site_id=row.site_id,
        site=row.site.name,
        telephone=row.telephone,
        retired_at=row.retired_at,
        version=row.version,
    )


def laboratories_with_menu() -> tuple[tuple[uuid.UUID, str], ...]:
    """(id, name) of each laboratory that has a menu, by name: whose menu another can begin with."""
    statement = (
        select(Laboratory.id, Laboratory.name)
        .where(Laboratory.id.in_(select(MenuEntry.laboratory_id)))
        .order_by(Laboratory.name)
    )
    return tuple((row.id, row.name) for row in session().execute(statement))
