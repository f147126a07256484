"""A small invented world: places of the demonstration, people of each role, an open incident."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from lab_contingency.accounts.commands import AddUser
from lab_contingency.accounts.models import RoleGrant
from lab_contingency.accounts.rules import Role
from lab_contingency.accounts.services import add_demonstration_person
from lab_contingency.catalogue.services import seed_intervals
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.incidents.commands import DeclareIncident
from lab_contingency.incidents.services import declare_incident
from lab_contingency.network.services import load_network
from lab_contingency.places.queries import laboratories, sites, wards
from lab_contingency.places.services import load_bands, load_places
from lab_contingency.requests.commands import PlacedRequest, PlaceRequest
from lab_contingency.requests.models import Request
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.identity import Identity, Sex
from lab_contingency.requests.services import place_request
from lab_contingency.requests.services.patients import add_identity

PLACES = Path(__file__).resolve().parents[2] / "lab_contingency" / "rehearsal" / "data" / "places"
SYSTEM = Actor.system("tests")
_KEYS = itertools.count(1)


def nhs_number(seed: int) -> str:
    """A valid number of the 999 range."""
    for tail in range(10):
        digits = f"999{seed:06d}"
        total = sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=True))
        check = (11 - total % 11) % 11
        if check != 10:
            return digits + str(check)
        seed = (seed + 100_003 + tail) % 1_000_000
    raise AssertionError("no number")


@dataclass(frozen=True)
class World:
    """Ids and actors by short names."""

    sites: dict[str, uuid.UUID]
    wards: dict[str, uuid.UUID]
    laboratories: dict[str, uuid.UUID]
    people: dict[str, Actor] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Actor:
        return self.people[name]

    def copy(self) -> World:
        """The same ids and actors, to be added to."""
        return World(dict(self.sites), dict(self.wards), dict(self.laboratories), dict(self.people))


def make_world() -> World:
    """Load the places and people into the empty database of `app`."""
    with unit_of_work():
        load_places(PLACES, SYSTEM)
        load_bands(PLACES, SYSTEM)
        load_network(PLACES, SYSTEM)
        for laboratory in laboratories():
            seed_intervals(laboratory.id, dt.date(2020, 1, 1))
        world = World(
            sites={site.code: site.id for site in sites()},
            wards={ward.code: ward.id for ward in wards()},
            laboratories={laboratory.code: laboratory.id for laboratory in laboratories()},
        )
        _add_people(world)
        declare_incident(
            DeclareIncident(clock.now() - dt.timedelta(hours=20), "All sites", ""),
            actor=world.coordinator,
        )
    return world


def _add_people(world: World) -> None:
    king, thomas = world.sites["KCH"], world.sites["STH"]
    core, other = world.laboratories["KCH-LAB"], world.laboratories["STH-LAB"]
    partner = world.laboratories["SWLP-LAB"]
    for name, role, site, laboratory in (
        ("doctor", Role.REQUESTER, king, None),
        ("other_doctor", Role.REQUESTER, thomas, None),
        ("porter", Role.PORTER, None, None),
        ("scientist", Role.LABORATORY, None, core),
        ("colleague", Role.LABORATORY, None, core),
        ("other_scientist", Role.LABORATORY, None, other),
        ("senior", Role.SENIOR, None, core),
        ("second_senior", Role.SENIOR, None, core),
        ("coordinator", Role.COORDINATOR, None, None),
        ("partner", Role.PARTNER, None, partner),
        ("governance", Role.GOVERNANCE, None, None),
        ("administrator", Role.ADMINISTRATOR, None, None),
    ):
        user_id = add_demonstration_person(
            AddUser(name, name.replace("_", " ").title(), role, site, laboratory), actor=SYSTEM
        )
        world.people[name] = Actor(
            user_id, name.replace("_", " ").title(), role.value, site, laboratory
        )


def an_identity(seed: int = 1, **changes: object) -> Identity:
    """An invented patient; the same seed gives the same one."""
    held: dict[str, object] = {
        "surname": "Woźniak-O’Neill",
        "forenames": "Siân",
        "born": dt.date(1958, 11, 4),
        "sex": Sex.FEMALE,
        "nhs_number": nhs_number(seed),
        "hospital_number": f"H{seed:07d}",
        "issuer": "RJZ",
    }
    return Identity(**{**held, **changes})  # type: ignore[arg-type]


def a_card(world: World, **changes: object) -> PlaceRequest:
    """A filled card for ED Resus at King's."""
    held: dict[str, object] = {
        "idempotency_key": f"key-{next(_KEYS)}-{uuid.uuid4()}",
        "identity": an_identity(),
        "ward_id": world.wards["KCH-ED-RESUS"],
        "bed": "4",
        "destination_id": world.wards["KCH-ED-RESUS"],
        "requested_by": "Dr A. Okafor",
        "consultant": "Dr P. Mehta",
        "callback": "bleep 2222",
        "band": Band.P1,
        "reason_code": "MAJOR_HAEM",
        "reason_text": "",
        "needed_by": None,
        "tests": ("FBC",),
        "clinical_details": "Haematemesis",
        "anticoagulant": "none",
        "infection_risk": "",
        "collected_at": None,
        "collected_by": "",
    }
    return PlaceRequest(**{**held, **changes})  # type: ignore[arg-type]


def a_request(world: World, **changes: object) -> PlacedRequest:
    """A placed request, in its own unit of work."""
    with unit_of_work():
        return place_request(a_card(world, **changes), actor=world.doctor)


def grant_of(user_id: uuid.UUID) -> RoleGrant:
    """The grant of a person."""
    from sqlalchemy import select

    return session().scalars(select(RoleGrant).where(RoleGrant.user_id == user_id)).one()


def with_an_unprintable_name(request_id: uuid.UUID) -> None:
    """As an imported or older record may be: the card itself would have refused this name."""
    with unit_of_work():
        row = session().get_one(Request, request_id)
        held = add_identity(row.patient_id, an_identity(77, forenames="X" * 80), actor=SYSTEM)
        row.identity_id = held.id
