"""Who gets what: every address and method, asked by every kind of person about ours, theirs and nothing.

`docs/access-matrix.csv` is this table, reviewed. Nothing that is asked here is kept: each answer's
transaction ends in a rollback.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import select, update

from lab_contingency.accounts.commands import AddUser
from lab_contingency.accounts.devices import revoke_device
from lab_contingency.accounts.models import Device, RoleGrant, SignIn, User
from lab_contingency.accounts.rules import Role
from lab_contingency.accounts.services import add_demonstration_person
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.web.access import PUBLIC, SIGNED_IN
from lab_contingency.requests.models import LookGrant, PlannedTube, Request
from lab_contingency.requests.packs.pictures import read_picture
from lab_contingency.requests.packs.queries import transcription_of
from lab_contingency.requests.packs.services import attach_picture
from lab_contingency.requests.rules.identity import Identity
from lab_contingency.requests.services import place_request
from lab_contingency.results.models import CriticalCall, SlipDelivery
from lab_contingency.results.services import print_batch
from lab_contingency.specimens.packs.services import print_packs
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.services import receive
from lab_contingency.specimens.station.services import print_labels_at
from lab_contingency.tracking.rules import braked
from tests.architecture.routes import SAFE, Route, routes
from tests.architecture.things_boxes import boxes_of
from tests.clients import Answer, LabClient
from tests.factories import returns
from tests.factories.packs import PNG, keyed, pack_id
from tests.factories.printers import set_up
from tests.factories.results import (
    ANSWERS,
    CRITICAL_UE,
    CRP,
    authorise,
    check,
    enter,
    on_the_bench,
    sent_elsewhere,
)
from tests.factories.tubes import assign, collect, label
from tests.factories.world import SYSTEM, World, a_card, an_identity
from tests.shared_computers import enrol

OBJECTS = ("ours", "theirs", "nothing")
PEOPLE = {
    "requester": "doctor",
    "porter": "porter",
    "laboratory": "scientist",
    "senior": "senior",
    "coordinator": "coordinator",
    "partner": "partner",
    "governance": "governance",
    "administrator": "administrator",
    "other site": "other_doctor",
    "looking": "other_doctor",
    "ended": "doctor",
    "disabled": "colleague",
    "locked": "scientist",
    "revoked device": "scientist",
}
_AT_A_DEVICE = ("locked", "revoked device")
IDENTITIES = ("anonymous", *PEOPLE)
COLUMNS = ("endpoint", "method", "access", "token", "brake", *IDENTITIES)
_KINDS = {
    204: "page",
    400: "400",
    403: "403",
    404: "404",
    405: "405",
    409: "409",
    422: "asks",
    429: "pause",
}


@dataclass
class Matrix:
    """The application with its people, and what addresses name by argument: of King's, of St Thomas'."""

    app: Flask
    things: dict[str, dict[str, object]]
    signed_in: dict[str, tuple[LabClient, str]] = field(default_factory=dict)
    grants: dict[str, uuid.UUID] = field(default_factory=dict)

    def table(self) -> dict[tuple[str, str], dict[str, str]]:
        """Every row, by endpoint and method."""
        with nothing_kept():
            return {(r.endpoint, r.method): self._row(r) for r in routes(self.app)}

    def row(self, route: Route) -> dict[str, str]:
        """One row as it is now."""
        with nothing_kept():
            return self._row(route)

    def _row(self, route: Route) -> dict[str, str]:
        rule = braked(route.endpoint, route.arguments)
        return {
            "endpoint": route.endpoint,
            "method": route.method,
            "access": access_words(route.access),
            "token": self.token(route),
            "brake": rule.value if rule else "",
            **{who: self._cell(route, who) for who in IDENTITIES},
        }

    def token(self, route: Route) -> str:
        """Whether a form is refused without the token of its page."""
        if route.method in SAFE:
            return ""
        self.app.config["WTF_CSRF_ENABLED"] = True
        try:
            answer = self.ask(route, "anonymous", "nothing")
        finally:
            self.app.config["WTF_CSRF_ENABLED"] = False
        return "needed" if answer.status == 400 and "old page" in answer.text else "NOT ASKED FOR"

    def _cell(self, route: Route, who: str) -> str:
        """Whoever is turned away before anything is looked up is turned away for everything."""
        first = kind_of(self.ask(route, who, "ours"))
        if not route.arguments or first in ("403", "sign-in"):
            return first
        kinds = [first, *(kind_of(self.ask(route, who, which)) for which in OBJECTS[1:])]
        return first if len(set(kinds)) == 1 else "/".join(kinds)

    def ask(
        self, route: Route, who: str, which: str, data: Mapping[str, object] | None = None
    ) -> Answer:
        """One answer, from a browser as it was after signing in."""
        client, cookie = self.signed_in.get(who) or (LabClient(self.app), "")
        client.checks = False
        if cookie:
            client.browser.set_cookie(self.app.config["SESSION_COOKIE_NAME"], cookie)
        known = dict(self.things.get(which, {}))
        if which == "ours" and who in self.grants:
            known["grant_id"] = self.grants[who]
        keys = {} if route.method == "GET" else {"data": dict(data or {})}
        return client.open(route.url(self.app, **known), method=route.method, **keys)


def access_words(access: object) -> str:
    """The declaration as text."""
    if access in (PUBLIC, SIGNED_IN):
        return str(access)
    return " or ".join(sorted(each.value for each in access))  # type: ignore[attr-defined]


def kind_of(answer: Answer) -> str:
    """What kind of answer it is; a fault is no kind."""
    assert answer.status < 500, answer.text
    if answer.status == 303:
        return "sign-in" if answer.location.startswith("/sign-in") else "done"
    if answer.status == 200:
        return "paper" if answer.data.startswith(b"%PDF-") else "page"
    return _KINDS[answer.status]


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Every commit only writes what it would keep; the end of each request takes it back."""
    kept = db.session.commit
    db.session.commit = db.session.flush  # type: ignore[method-assign]
    try:
        yield
    finally:
        db.session.commit = kept  # type: ignore[method-assign]
        db.session.rollback()


def make(app: Flask, world: World) -> Matrix:
    """Things of both places in a state in which most can be done with them, and everybody signed in."""
    ours = _busy_request(world, world.doctor, world.scientist, world.colleague, world.senior, "KCH")
    second = _another_scientist(world)
    theirs = _busy_request(world, world.other_doctor, world.other_scientist, second, None, "STH")
    ours["list_id"] = _a_delivery_list(world, "KCH", world.scientist, 48)
    theirs["list_id"] = _a_delivery_list(world, "STH", world.other_scientist, 49)
    ours |= _a_returned_slip(world, "KCH", world.doctor, world.scientist)
    theirs |= _a_returned_slip(world, "STH", world.other_doctor, world.other_scientist)
    matrix = Matrix(app, {"ours": ours, "theirs": theirs})
    for who, name in PEOPLE.items():
        client = LabClient(app)
        if who in _AT_A_DEVICE:
            enrol(client, who)
        client.sign_in(name)
        if who == "looking":
            _look(client, ours["request_id"])
        cookie = client.browser.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        matrix.signed_in[who] = client, cookie.value
        user_id = world.people[name].user_id
        statement = select(RoleGrant.id).where(RoleGrant.user_id == user_id)
        matrix.grants[who] = session().scalars(statement).one()
    _lock_and_revoke(matrix)
    _end_and_disable(world)
    _name_the_rest(world, ours, theirs)
    return matrix


_SITES = {
    "KCH": ("KCH-ED-RESUS", "KCH-LAB", {"surname": "Ourcanary", "forenames": "Oriel"}, 41),
    "STH": (None, "STH-LAB", {"surname": "Theircanary", "forenames": "Thea"}, 42),
}


def _busy_request(
    world: World, doctor: Actor, typist: Actor, second: Actor, senior: Actor | None, site: str
) -> dict[str, object]:
    """A request with tubes received, a critical call open, and (at King's) a result that went out."""
    ward_code, laboratory, names, seed = _SITES[site]
    ward_code = ward_code or next(code for code in world.wards if code.startswith(f"{site}-"))
    ward = world.wards[ward_code]
    card = a_card(
        world,
        identity=an_identity(seed, **names),
        ward_id=ward,
        destination_id=ward,
        tests=("UE", "CRP", "FBC"),
        answers=ANSWERS,
    )
    with unit_of_work():
        placed = place_request(card, actor=doctor)
    request_id = placed.request_id
    assign(world, request_id, laboratory)
    label(world, request_id, actor=doctor)
    collect(world, request_id, actor=doctor)
    found = _worked(world, request_id, typist, second, senior, laboratory) | {"ward_id": ward}
    found |= _at_a_printer(world, doctor, ward, site, an_identity(seed, **names))
    found |= boxes_of(world, doctor, typist, ward, an_identity(seed, **names))
    return found | _written(world, doctor, ward, seed)


def _at_a_printer(
    world: World, doctor: Actor, ward: uuid.UUID, site: str, identity: Identity
) -> dict[str, object]:
    """A printer of the site that a person prints at, with a label that waits to be opened."""
    card = a_card(world, identity=identity, ward_id=ward, destination_id=ward, tests=("COAG",))
    printer_id = set_up(world, site_id=world.sites[site], ward_id=ward)
    with unit_of_work():
        placed = place_request(card, actor=doctor)
    with unit_of_work():
        job_id = print_labels_at(printer_id, placed.request_id, actor=doctor)
    return {"printer_id": printer_id, "job_id": job_id, "site_id": world.sites[site]}


def _written(world: World, doctor: Actor, ward: uuid.UUID, seed: int) -> dict[str, object]:
    """A form of a pack that a doctor of the place keyed for transfusion, with its picture; and a pack left."""
    with unit_of_work():
        printed = print_packs(ward, 2, actor=world.porter)
    spent, left = (pack_id(number) for number in printed.numbers)
    identity = an_identity(seed + 300, surname="Written", forenames="Wilma")
    placed = keyed(
        world,
        spent,
        by=doctor,
        identity=identity,
        ward_id=ward,
        destination_id=ward,
        tests=("GS",),
        answers=ANSWERS,
    )
    with unit_of_work():
        picture_id = attach_picture(left, read_picture(PNG), actor=doctor)
    held = transcription_of(placed.request_id)
    assert held is not None
    return {"pack_id": left, "picture_id": picture_id, "transcription_id": held.id}


def _worked(
    world: World,
    request_id: uuid.UUID,
    typist: Actor,
    second: Actor,
    senior: Actor | None,
    laboratory: str,
) -> dict[str, object]:
    for tube in tubes_of(request_id):
        with unit_of_work():
            receive(str(tube.number), world.laboratories[laboratory], actor=typist)
    enter(request_id, typist, UE=CRITICAL_UE)
    enter(request_id, typist, CRP=CRP)
    check(request_id, second, "UE")
    if senior is not None:
        authorise(request_id, senior, "CRP")
        sent_elsewhere(world, request_id, "FBC")
    statement = select(PlannedTube.id).where(PlannedTube.request_id == request_id)
    call = select(CriticalCall.id).where(CriticalCall.request_id == request_id)
    found: dict[str, object] = {"request_id": request_id}
    found["planned_tube_id"] = session().scalars(statement.order_by(PlannedTube.ordinal)).first()
    found["call_id"] = session().scalars(call).one()
    return found


def _a_delivery_list(world: World, site: str, typist: Actor, seed: int) -> uuid.UUID:
    """Slips on their way to a ward of the site where nothing else waits; the id of their list."""
    _, laboratory, names, _ = _SITES[site]
    ward = world.wards[{"KCH": "KCH-BIRTH", "STH": "STH-CHILD"}[site]]
    card = {"ward_id": ward, "destination_id": ward, "identity": an_identity(seed, **names)}
    doctor = world.doctor if site == "KCH" else world.other_doctor
    there = dataclasses.replace(world, people={**world.people, "doctor": doctor})
    request_id = on_the_bench(there, tests=("CRP",), laboratory=laboratory, **card)
    enter(request_id, typist, CRP=CRP)
    authorise(request_id, world.senior, "CRP")
    with unit_of_work():
        print_batch(ward, actor=world.porter)
    statement = select(SlipDelivery.list_id).where(SlipDelivery.request_id == request_id)
    found = session().scalars(statement).one()
    assert found is not None
    return found


def _a_returned_slip(world: World, site: str, doctor: Actor, typist: Actor) -> dict[str, object]:
    """A slip that came back to the place from a laboratory on paper, typed, with its page kept."""
    _, laboratory, names, seed = _SITES[site]
    ward = next(world.wards[code] for code in world.wards if code.startswith(f"{site}-"))
    there = dataclasses.replace(
        world, people={**world.people, "doctor": doctor, "scientist": typist}
    )
    slip_id = returns.a_slip(
        there,
        at=laboratory,
        identity=an_identity(seed + 500, **names),
        ward_id=ward,
        destination_id=ward,
    )
    returns.type_back(there, slip_id, *returns.rows("UE", returns.UE))
    return {"slip_id": slip_id, "page_id": returns.keep_page(there, slip_id)}


def _another_scientist(world: World) -> Actor:
    laboratory = world.laboratories["STH-LAB"]
    command = AddUser("other_colleague", "Other Colleague", Role.LABORATORY, None, laboratory)
    with unit_of_work():
        user_id = add_demonstration_person(command, actor=SYSTEM)
    return Actor(user_id, command.name, Role.LABORATORY.value, None, laboratory)


def _look(client: LabClient, request_id: object) -> None:
    number = session().scalars(select(Request.number).where(Request.id == request_id)).one()
    fields = {"number": number, "born": "4 11 1958", "reason": "on call", "issuer": "", "text": ""}
    assert client.post("tracking.ask_to_look", fields).status == 303


def _lock_and_revoke(matrix: Matrix) -> None:
    """One enrolled computer is locked, another revoked; each browser still holds what it held."""
    client, _ = matrix.signed_in["locked"]
    assert client.post("accounts.lock").location == "/locked"
    revoked = select(Device.id).where(Device.name == "revoked device")
    with unit_of_work():
        revoke_device(session().scalars(revoked).one(), actor=SYSTEM)


def _end_and_disable(world: World) -> None:
    """The last sign-in of the doctor ends; the colleague is disabled while their sign-in stands."""
    grants = select(RoleGrant.id).where(RoleGrant.user_id == world.doctor.user_id)
    newest = (
        select(SignIn.id)
        .where(SignIn.grant_id.in_(grants))
        .order_by(SignIn.started_at.desc(), SignIn.id.desc())
        .limit(1)
    )
    sign_in_id = session().scalars(newest).one()
    gone = User.id == world.colleague.user_id
    with unit_of_work():
        session().execute(
            update(SignIn).where(SignIn.id == sign_in_id).values(ended_at=clock.now())
        )
        session().execute(update(User).where(gone).values(disabled_at=clock.now(), disabled_by="x"))


def _name_the_rest(world: World, ours: dict[str, object], theirs: dict[str, object]) -> None:
    grant = select(RoleGrant.id).where(RoleGrant.user_id == world.other_doctor.user_id)
    ours |= {
        "user_id": world.doctor.user_id,
        "look_id": session().scalars(select(LookGrant.id)).one(),
        "test_code": "CRP",
    }
    theirs |= {
        "user_id": world.other_doctor.user_id,
        "grant_id": session().scalars(grant).one(),
        "test_code": "TROP",
    }


def as_csv(table: Mapping[tuple[str, str], Mapping[str, str]]) -> str:
    """The file: one line an address and method, in alphabetical order."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for key in sorted(table):
        writer.writerow(table[key])
    return text.getvalue()


def from_csv(text: str) -> dict[tuple[str, str], dict[str, str]]:
    """The file, read."""
    return {(row["endpoint"], row["method"]): row for row in csv.DictReader(io.StringIO(text))}


def differences(
    written: Mapping[tuple[str, str], Mapping[str, str]],
    real: Mapping[tuple[str, str], Mapping[str, str]],
) -> list[str]:
    """What the file says otherwise than the application does, a sentence each."""
    found = [f"{e} {m}: not in the file" for e, m in sorted(set(real) - set(written))]
    found += [f"{e} {m}: only in the file" for e, m in sorted(set(written) - set(real))]
    for key in sorted(set(real) & set(written)):
        found += [
            f"{key[0]} {key[1]}, {column}: the file says {written[key].get(column)!r}, "
            f"the application {real[key][column]!r}"
            for column in COLUMNS
            if written[key].get(column) != real[key][column]
        ]
    return found
