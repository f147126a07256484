"""Very many patients in a few minutes: the next page asks why. Work is never held up."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy import event, select, update

from lab_contingency.audit.chains import append
from lab_contingency.audit.services import event_of, record
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.requests.models import PlannedTube, Request, RequestReach, TubeReach
from lab_contingency.requests.rules.looking import BRAKES
from tests.architecture.routes import routes
from tests.factories.results import a_critical_call, an_authorised_request, on_the_bench
from tests.factories.world import a_request, an_identity

MOST = 60
MANY = MOST + 6


def disclosed(actor, count=MOST, *, ago=dt.timedelta(), list_key=None):
    """As if pages had shown this person so many patients."""
    with unit_of_work():
        for _ in range(count):
            shown_to(actor, uuid.uuid4(), ago=ago, list_key=list_key)


def shown_to(actor, patient_id, *, ago=dt.timedelta(), list_key=None):
    """One row of the record of what was shown."""
    row = event_of("disclosure:shown", patient_id, actor=actor)
    row.recorded_at -= ago
    row.fields, row.list_key = 3, list_key
    append(row)


@pytest.fixture
def requests(world):
    """Many finished requests that every role's place reaches, by request: the patient and the surname."""
    made = {}
    for seed in range(1, MANY + 1):
        name = f"Canary{chr(97 + seed // 26)}{chr(97 + seed % 26)}"
        placed = a_request(world, identity=an_identity(seed, surname=name))
        made[placed.request_id] = name.upper()
    with unit_of_work():
        session().execute(update(Request).values(closed_at=clock.now()))
        for request_id in made:
            session().add(
                RequestReach(request_id=request_id, laboratory_id=world.laboratories["KCH-LAB"])
            )
            came_to_the_partner(world, request_id)
    return made


def came_to_the_partner(world, request_id):
    """As if its tubes had been received at the partner laboratory."""
    place, now = world.laboratories["SWLP-LAB"], clock.now()
    session().merge(RequestReach(request_id=request_id, laboratory_id=place))
    tubes = select(PlannedTube.id).where(PlannedTube.request_id == request_id)
    for tube in session().scalars(tubes):
        session().merge(
            TubeReach(
                planned_tube_id=tube, laboratory_id=place, request_id=request_id, received_at=now
            )
        )


@pytest.mark.hazard("T7")
def test_a_crawl_of_all_requests_is_cut_off_for_every_role(client_for, world, app, requests):
    patients = dict(session().execute(select(Request.id, Request.patient_id)).all())
    for name in ("doctor", "scientist", "senior", "partner"):
        client = client_for(name, checks=False)
        pages = [
            route
            for route in routes(app)
            if set(route.arguments) == {"request_id"} and route.allows(world.people[name].role)
        ]
        shown, pauses = set(), 0
        for turn, (request_id, surname) in enumerate(requests.items()):
            turned = turn % len(pages)
            for page in pages[turned:] + pages[:turned]:
                answer = client.open(page.url(app, request_id=request_id), method=page.method)
                assert answer.status < 500, (name, page)
                pauses += answer.status == 429
                printed = answer.data[:5] == b"%PDF-"  # the record of what left holds it
                if surname.encode() in answer.data.upper():
                    with unit_of_work():
                        shown_to(world.people[name], patients[request_id])
                elif not printed:
                    continue
                shown.add(surname)
                break

        assert MOST - len(pages) < len(shown) <= MOST, name
        assert pauses >= len(pages), name


@pytest.mark.parametrize("name", ["doctor", "scientist", "senior", "partner"])
def test_the_next_patient_after_very_many_asks_why(client_for, world, name):
    request_id = an_authorised_request(world)
    with unit_of_work():
        came_to_the_partner(world, request_id)
    client = client_for(name)
    disclosed(world.people[name], MOST - 1)
    assert client.get("tracking.request", request_id=request_id).status == 200
    disclosed(world.people[name], 1)

    for endpoint in ("tracking.request", "results.read"):
        page = client.get(endpoint, request_id=request_id)
        assert page.status == 429
        assert page.h1 == "A pause"
        assert "60 patients in 10 min" in page.words
        assert "WOŹNIAK" not in page.text


def test_whoever_says_why_goes_on_for_as_many_again_and_governance_is_shown_it(client_for, world):
    placed = a_request(world)
    client = client_for("doctor")
    disclosed(world.doctor)
    path = client.url("tracking.request", request_id=placed.request_id)

    empty = client.post("tracking.more", {"why": "", "next": path})
    said = client.post("tracking.more", {"why": "round of two wards", "next": path})

    assert empty.status == 422
    assert said.location == path
    assert client.follow(said).status == 200  # one patient more
    disclosed(world.doctor, MOST - 2)
    assert client.open(path).status == 200
    disclosed(world.doctor, 1)
    assert client.open(path).status == 429
    page = client_for("governance").get("tracking.looks")
    assert "Doctor, requester" in page.words
    assert "round of two wards" in page.words


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org", "/\\example.org", ""]
)
def test_after_the_pause_nobody_is_led_elsewhere(client_for, world, elsewhere):
    answer = client_for("doctor").post("tracking.more", {"why": "round", "next": elsewhere})

    assert answer.location == "/"


def test_signing_in_again_gives_no_more_patients(client_for, world):
    placed = a_request(world)
    client_for("doctor")
    disclosed(world.doctor)

    assert client_for("doctor").get("tracking.request", request_id=placed.request_id).status == 429


@pytest.mark.parametrize(
    "seen",
    [
        {"ago": dt.timedelta(minutes=11)},
        {"list_key": "my-patients"},
    ],
    ids=["long ago", "on a list that refreshes"],
)
def test_what_was_shown_long_ago_or_on_a_list_is_not_counted(client_for, world, seen):
    placed = a_request(world)
    disclosed(world.doctor, MOST * 2, **seen)

    assert client_for("doctor").get("tracking.request", request_id=placed.request_id).status == 200


def test_the_same_patient_again_and_again_is_one_patient(client_for, world):
    placed = a_request(world)
    patient = session().get_one(Request, placed.request_id).patient_id
    with unit_of_work():
        for _ in range(MOST * 2):
            shown_to(world.doctor, patient)

    assert client_for("doctor").get("tracking.request", request_id=placed.request_id).status == 200


def test_what_a_colleague_was_shown_is_not_counted(client_for, world):
    placed = a_request(world)
    disclosed(world.other_doctor)

    assert client_for("doctor").get("tracking.request", request_id=placed.request_id).status == 200


def test_paper_counts_as_well_as_pages(client_for, world):
    placed = a_request(world)
    with unit_of_work():
        for _ in range(MOST):
            record("leaving:registered", uuid.uuid4(), actor=world.doctor)

    assert client_for("doctor").get("tracking.request", request_id=placed.request_id).status == 429


@pytest.mark.hazard("T7")
def test_urgent_work_is_never_held_up(client_for, world):
    bench = on_the_bench(world, tests=("CRP",))
    critical, call_id = a_critical_call(world)
    open_one = a_request(world, identity=an_identity(3))
    for actor in world.people.values():
        disclosed(actor)

    number = {"request_id": open_one.request_id}
    work = {
        "scientist": [
            ("specimens.receive", {}),
            ("results.bench", {}),
            ("results.checking", {}),
            ("results.entry", {"request_id": bench}),
            ("results.check_page", {"request_id": critical}),
        ],
        "senior": [
            ("routing.queue", {}),
            ("results.calls", {}),
            ("results.call", {"call_id": call_id}),
            ("results.entry", {"request_id": critical}),
        ],
        "porter": [
            ("station.print_station", {}),
            ("custody.carry", {}),
            ("tracking.tubes", number),
        ],
        "doctor": [
            ("requests.new", {}),
            ("tracking.my_requests", {}),
            ("specimens.collect_page", {}),
            ("specimens.collect", number),
        ],
    }
    for name, pages in work.items():
        client = client_for(name)
        for endpoint, values in pages:
            assert client.get(endpoint, **values).status == 200, (name, endpoint)
    printed = client_for("doctor").post("specimens.labels", request_id=open_one.request_id)
    assert printed.data.startswith(b"%PDF-")


def test_at_the_brake_what_does_not_exist_and_what_belongs_to_others_look_the_same(
    client_for, world, app
):
    placed = a_request(world)
    finished = an_authorised_request(world)
    disclosed(world.other_doctor)
    client = client_for("other_doctor")

    for route in routes(app):
        if "request_id" in route.arguments and route.allows(world.other_doctor.role):
            answers = [
                client.open(route.url(app, **known), method=route.method).status
                for known in ({}, {"request_id": placed.request_id}, {"request_id": finished})
            ]
            assert len(set(answers)) == 1, (route, answers)


def test_the_check_is_one_look_into_one_index(client_for, world):
    placed = a_request(world)
    client = client_for("doctor")
    asked = []

    def note(_connection, _cursor, statement, *_):
        if "audit_event" in statement and statement.lstrip().startswith("SELECT"):
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        client.get("tracking.request", request_id=placed.request_id)
        seen = len(asked)
        client.get("tracking.home")
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert seen == 1
    assert len(asked) == seen
    if db.engine.dialect.name == "sqlite":
        plan = db.session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT count(DISTINCT subject_id) FROM audit_event "
            "WHERE user_id = 'x' AND recorded_at > '2026' AND list_key IS NULL"
        )
        assert any("ix_audit_event_user_at" in str(row) for row in plan)


def test_the_rule_is_data_by_role():
    assert {brake.patients for brake in BRAKES.values()} == {MOST}
    assert {role.value for role in BRAKES} == {
        "requester", "laboratory", "senior", "coordinator", "partner",
    }  # fmt: skip
