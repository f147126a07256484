"""The invented hospital of the demonstration: places and people."""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from pathlib import Path

from lab_contingency.accounts.commands import AddUser
from lab_contingency.accounts.rules import GRANTS, Role, Scope
from lab_contingency.accounts.services import add_demonstration_person
from lab_contingency.catalogue.services import seed_intervals
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.network.services import load_network
from lab_contingency.places.queries import laboratories, sites, ward_by_code
from lab_contingency.places.services import load_bands, load_places
from lab_contingency.printing.stock import AUTO12
from lab_contingency.requests.services import prepare_names
from lab_contingency.specimens.station.commands import SetUpPrinter
from lab_contingency.specimens.station.rules.printers import PrinterWay
from lab_contingency.specimens.station.services import set_up_printer

DATA = Path(__file__).parent / "data"
_LIMITS_FROM = dt.date(2020, 1, 1)
_NAMES_EACH = 60


def fill(actor: Actor) -> None:
    """Put places, people and prepared names into an empty database."""
    with unit_of_work():
        load_places(DATA / "places", actor)
        load_bands(DATA / "places", actor)
        load_network(DATA / "places", actor)
        for laboratory in laboratories():
            seed_intervals(laboratory.id, _LIMITS_FROM)
        _add_people(actor)
        _add_printer(actor)
        for ods_code in sorted({site.ods_code for site in sites()}):
            prepare_names(ods_code, _NAMES_EACH, actor=actor)


def _add_printer(actor: Actor) -> None:
    """One that needs no hardware: labels open as a PDF, and a person says which came out."""
    resus = ward_by_code("KCH-ED-RESUS")
    if resus is not None:
        set_up_printer(
            SetUpPrinter(
                name="ED office",
                site_id=resus.site.id,
                ward_id=resus.id,
                room="",
                way=PrinterWay.BROWSER,
                stock=AUTO12.code,
            ),
            actor=actor,
        )


def _add_people(actor: Actor) -> None:
    places = {site.code: site.id for site in sites()} | {lab.code: lab.id for lab in laboratories()}
    with (DATA / "people.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            role = Role(row["role"])
            add_demonstration_person(_person(row, role, places), actor=actor)


def _person(row: dict[str, str], role: Role, places: dict[str, uuid.UUID]) -> AddUser:
    place = places.get(row["place"])
    scope = GRANTS[role].scope
    return AddUser(
        username=row["username"],
        name=row["name"],
        role=role,
        site_id=place if scope is Scope.SITE else None,
        laboratory_id=place if scope is Scope.LABORATORY else None,
    )
