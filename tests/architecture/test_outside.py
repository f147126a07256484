"""What belongs to others and what does not exist: the same answer, byte for byte; and porters' pages name nobody."""

from __future__ import annotations

import itertools
import re

import pytest
from sqlalchemy import func, select

from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.incidents.rules import (
    PaperKind,
    ScannedNumber,
    compose,
    compose_paper,
    for_tube,
)
from lab_contingency.requests.models import Request
from lab_contingency.results.models import Release
from lab_contingency.results.services import print_slip
from lab_contingency.specimens.models import Specimen
from tests.architecture import matrix as matrices
from tests.architecture.matrix import PEOPLE, nothing_kept
from tests.architecture.routes import routes
from tests.clients import stranger_id, without_ids
from tests.factories.tubes import a_collected_tube
from tests.factories.world import a_request, an_identity
from tests.printing.reading import joined

STRANGER = stranger_id()
ROLES = [who for who in PEOPLE if who not in ("ended", "disabled", "looking")]
# What each person's place holds of the two; a look adds reading, which the table shows.
REACHED = {
    "requester": {"ours"},
    "laboratory": {"ours"},
    "partner": {"ours"},
    "other site": {"theirs"},
    "senior": {"ours", "theirs"},
    "porter": {"ours", "theirs"},
}
OBJECTS = {"request_id", "planned_tube_id", "call_id", "list_id"}
HEADERS = {"Date", "Set-Cookie", "Content-Length", "Location"}
# Everything a planted patient could be known by.
CANARIES = (
    "Ourcanary", "Theircanary", "Oriel", "Thea ", "Canarythird", "Thirza",
    "04-Nov-1958", "1958", "H0000041", "H0000042", "H0000047", "Haematemesis", "bleep 2222",
)  # fmt: skip


@pytest.fixture
def matrix(app, world):
    return matrices.make(app, world)


def _said(answer, *, without=()):
    """Everything that can be told apart: status, headers, bytes; tokens and what was asked for left out."""
    text = answer.data.decode(errors="replace")
    text = re.sub(r'name="csrf_token"[^>]*value="[^"]*"', "token", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "id", text)
    text = re.sub(r"(data-clock>)\d\d:\d\d", r"\1", text)  # a minute may end between the two
    for typed in without:
        text = text.replace(typed, "typed")
    headers = {k: v for k, v in answer.response.headers.items() if k not in HEADERS}
    return answer.status, headers, text


def test_the_same_answer_for_theirs_and_for_nothing_at_every_address(matrix, app):
    asked = 0
    with nothing_kept():
        for route, who in itertools.product(routes(app), ROLES):
            if not OBJECTS & set(route.arguments):
                continue
            nothing = None
            for which in {"ours", "theirs"} - REACHED.get(who, set()):
                nothing = nothing or _said(matrix.ask(route, who, "nothing"))
                assert _said(matrix.ask(route, who, which)) == nothing, (route, who, which)
                asked += 1
    assert asked > 400


def test_a_tube_of_another_request_is_no_tube_of_this_one(matrix, app):
    """Own request, another's tube: as if nobody had that tube."""
    ours, theirs = matrix.things["ours"], matrix.things["theirs"]
    with nothing_kept():
        for route, who in itertools.product(routes(app), ("requester", "laboratory", "senior")):
            if "planned_tube_id" in route.arguments:
                answers = []
                for tube in (theirs["planned_tube_id"], STRANGER):
                    matrix.things["mixed"] = {**ours, "planned_tube_id": tube}
                    answers.append(_said(matrix.ask(route, who, "mixed")))
                assert answers[0] == answers[1], (route, who)


def _numbers(matrix, which):
    request = session().get_one(Request, matrix.things[which]["request_id"])
    tube = (
        session()
        .scalars(
            select(Specimen.number).where(
                Specimen.request_id == request.id, Specimen.number.is_not(None)
            )
        )
        .first()
    )
    return request.number, tube


def _shown(number):
    return (number, f"{number[:2]} {number[2]} {number[3:9]} {number[9:11]} {number[11]}")


def form_of(number):
    """The form a tube's number belongs to; a slip's number stands for itself."""
    return number if number.startswith("02") else ScannedNumber(number).form


SCANS = (
    "tracking.where", "specimens.receive_scan", "custody.scan", "station.print_scanned",
    "specimens.collect_scan", "results.find_on_bench", "tracking.ask_to_look", "transport.send_one",
)  # fmt: skip
# A laboratory of the node takes in whatever is carried to it: the scan is recorded, and is its reason.
TAKES_IN = {("specimens.receive_scan", "laboratory")}
FIELDS = {"born": "5 11 1958", "reason": "on call", "issuer": "", "text": "", "laboratory": ""}


def test_a_scanned_number_of_theirs_is_a_number_of_nobody(matrix, app, world):
    with unit_of_work():
        slip = print_slip(matrix.things["ours"]["request_id"], "", actor=world.doctor).slip.number
    unknown = compose(41, 1, 999_000)
    pairs = {"ours": [(slip, compose_paper(PaperKind.SLIP, 41, 1, 99_999))], "theirs": []}
    for which in pairs:
        form, tube = _numbers(matrix, which)
        pairs[which] += [(form, unknown), (tube, for_tube(unknown, 1))]
    scans = [r for r in routes(app) if r.endpoint in SCANS]
    assert len(scans) == len(SCANS)
    asked = 0
    with nothing_kept():
        for route, who in itertools.product(scans, ROLES):
            if (route.endpoint, who) in TAKES_IN:
                continue
            for which in {"ours", "theirs"} - REACHED.get(who, set()):
                for number, nobody in pairs[which]:
                    answers = [
                        _said(
                            matrix.ask(route, who, "nothing", {**FIELDS, "number": each}),
                            without=(*_shown(each), *_shown(form_of(each))),
                        )
                        for each in (number, nobody)
                    ]
                    assert answers[0] == answers[1], (route, who, number)
                    asked += 1
    assert asked > 150


def test_what_a_laboratory_takes_in_by_scanning_is_recorded_as_reached(client_for, world):
    placed = a_request(world)
    client = client_for("other_scientist")
    assert client.get("tracking.request", request_id=placed.request_id).status == 404

    client.post("specimens.receive_scan", {"number": placed.number})

    assert client.get("tracking.request", request_id=placed.request_id).status == 200
    statement = select(AuditEvent.role).where(
        AuditEvent.action == "request:reached", AuditEvent.subject_id == placed.request_id
    )
    assert session().scalars(statement).all() == ["laboratory"]


@pytest.mark.parametrize(
    ("endpoint", "who", "field"),
    [
        ("requests.correct", "requester", "ward"),
        ("requests.correct", "requester", "destination"),
        ("requests.send", "requester", "ward"),
        ("requests.send", "requester", "destination"),
        ("specimens.recollect", "requester", "planned_tube_id"),
        ("specimens.collected", "requester", "tubes"),
        ("results.acknowledge", "other site", "releases"),
        ("accounts.user", "requester", None),
        ("accounts.change_role", "requester", None),
        ("tracking.looked", "requester", None),
        ("tracking.end_look", "requester", None),
    ],
)
def test_a_choice_of_theirs_is_no_choice(matrix, app, world, endpoint, who, field):
    """A ward, tube, release, person, grant or look of another place in an address or a field."""
    own, other = ("theirs", "ours") if who == "other site" else ("ours", "theirs")
    elsewhere = matrix.things[other]
    held = {
        "ward": elsewhere["ward_id"],
        "destination": elsewhere["ward_id"],
        "planned_tube_id": elsewhere["planned_tube_id"],
        "tubes": elsewhere["planned_tube_id"],
        "releases": session().scalars(select(Release.id)).first(),
    }
    if endpoint.startswith("tracking."):  # a look of somebody else
        matrix.things[other] = {"look_id": matrix.things["ours"]["look_id"]}
    asked = [route for route in routes(app) if route.endpoint == endpoint]
    assert asked
    with nothing_kept():
        for route in asked:
            if field is None:
                answers = [matrix.ask(route, who, which) for which in (other, "nothing")]
            else:
                answers = [
                    matrix.ask(route, who, own, {field: str(value)})
                    for value in (held[field], STRANGER)
                ]
            assert _said(answers[0]) == _said(answers[1]), route


def test_the_answer_to_a_stranger_does_not_depend_on_having_looked_elsewhere(matrix, app):
    """Whoever looks at one patient is told as little of all others as before."""
    with nothing_kept():
        for route in routes(app):
            if "request_id" in route.arguments and route.allows("requester"):
                matrix.things["third"] = {**matrix.things["ours"], "request_id": STRANGER}
                one = _said(matrix.ask(route, "looking", "third"))
                other = _said(matrix.ask(route, "other site", "third"))
                assert one == other, route


@pytest.mark.hazard("T12")
def test_a_porters_phone_never_receives_an_identifier(matrix, app, world):
    third = a_request(world, identity=an_identity(47, surname="Canarythird", forenames="Thirza"))
    planted = [each.nhs_number for each in map(an_identity, (41, 42, 47))]
    planted += [f"{n[:3]} {n[3:6]} {n[6:]}" for n in planted]
    numbers = [n for w in ("ours", "theirs") for n in _numbers(matrix, w)] + [third.number]
    papers, pages = 0, 0
    with nothing_kept():
        for route in routes(app):
            scans = [] if route.arguments or route.method == "GET" else numbers
            objects = matrices.OBJECTS if route.arguments else ("nothing",)
            for which, number in itertools.product(objects, ["", *scans]):
                data = {"number": number} if number else None
                answer = matrix.ask(route, "porter", which, data)
                if answer.data.startswith(b"%PDF-"):
                    papers += 1  # names are on the paper, where they belong
                    continue
                pages += 1
                text = without_ids(answer.data.decode()).casefold()
                found = [one for one in (*CANARIES, *planted) if one.casefold() in text]
                assert found == [], (route, which, data, found)
    assert papers > 3
    assert pages > 100


@pytest.mark.hazard("T12")
def test_the_print_station_puts_names_on_paper_only_and_each_print_is_registered(client_for, world):
    placed = a_request(world, identity=an_identity(47, surname="Canarythird"))
    patient = session().get_one(Request, placed.request_id).patient_id
    client = client_for("porter")

    station = client.get("station.print_station")
    scanned = client.post("station.print_scanned", {"number": placed.number})
    printed = client.post("station.print_ward", ward_id=world.wards["KCH-ED-RESUS"])

    assert "ED Resus" in station.words
    for page in (station, scanned):
        assert "canarythird" not in page.text.casefold()
    assert "CANARYTHIRD" in joined(printed.data).upper()
    left = session().scalars(select(Leaving)).all()
    assert {each.role for each in left} == {"porter"}
    assert all(patient.hex in each.contains for each in left)
    registered = (
        session()
        .execute(select(func.count(AuditEvent.id)).where(AuditEvent.action == "leaving:registered"))
        .scalar()
    )
    assert registered == len(left) > 0


def test_a_scanned_tube_is_carried_without_a_name(client_for, world):
    placed = a_request(world, identity=an_identity(47, surname="Canarythird"))
    number = a_collected_tube(world, placed.request_id)
    client = client_for("porter")

    page = client.follow(client.post("custody.scan", {"number": number}))
    where = client.follow(client.post("tracking.where", {"number": number}))

    for shown in (page, where):
        assert number[3:9] in shown.text
        assert "canarythird" not in shown.text.casefold()
        assert "Siân" not in shown.text
