"""Whose data went out, read from the bytes of every answer, is exactly what the record says: per field, at any time.

Many people of every role click through the real pages. A recorder round the program reads what leaves;
the record is asked about random windows, people, roles, sign-ins and addresses.
"""

import datetime as dt
import random
import re
import uuid
from collections import defaultdict
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from lab_contingency.accounts.models import SignIn
from lab_contingency.accounts.rules import Role
from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web import disclosure
from lab_contingency.foundation.wording import date_text
from lab_contingency.oversight.models import ExportRequest
from lab_contingency.oversight.queries.record import left, shown
from lab_contingency.oversight.rules.exposure import About, Criteria
from lab_contingency.oversight.rules.told import IDENTIFIERS
from lab_contingency.requests.queries.patients import PatientView
from lab_contingency.routing.planning.models import PlanLine
from lab_contingency.routing.queries import queue as queue_memory
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.transport.custody.rules import MISSING_AFTER
from lab_contingency.transport.models import Consignment, Discrepancy
from lab_contingency.transport.questions.models import Question
from tests.architecture.routes import routes
from tests.canaries import Answered, Reader, Recorder
from tests.clients import LabClient, stranger_id
from tests.factories.planted import Night, a_night
from tests.shared_computers import enrol

STARTS = dt.datetime(2031, 11, 24, 1, 0, tzinfo=dt.UTC)  # after everything the world was made with
STEP = dt.timedelta(seconds=7)
STEPS = 600
WINDOWS = 1100
PEOPLE = (
    "doctor", "third_doctor", "other_doctor", "fourth_doctor", "porter", "second_porter",
    "scientist", "colleague", "other_scientist", "third_scientist", "senior", "second_senior",
    "third_senior", "coordinator", "partner", "second_partner", "governance", "administrator",
)  # fmt: skip

EVERYBODY = About.WINDOW, ""
FACTS = {
    About.ACCOUNT: "user_id", About.ROLE: "role", About.SIGN_IN: "sign_in_id",
    About.DEVICE: "device_id", About.ADDRESS: "address",
}  # fmt: skip
SUBJECTS = "request", "requested_test", "specimen", "result", "triage", "routing", "call", "label"
OPENED = Field.CONTACT | Field.TESTS | Field.RESULTS | Field.REMARKS
AT_DEVICES = {"doctor", "scientist", "senior"}

pytestmark = pytest.mark.feature(97)


@dataclass(frozen=True)
class Who:
    """The person behind an answer."""

    user_id: uuid.UUID | None
    role: str
    sign_in_id: uuid.UUID | None
    device_id: uuid.UUID | None
    address: str


@dataclass
class Crowd:
    """Everybody at work, and what left for whom."""

    app: object
    night: Night
    reader: Reader
    recorder: Recorder
    chance: random.Random
    now: dt.datetime
    clients: dict[str, LabClient] = field(default_factory=dict)
    who: dict[str, Who] = field(default_factory=dict)
    left: list[tuple[Answered, Who]] = field(default_factory=list)
    last: bytes = b""

    def come(self, name: str) -> None:
        """Sign in, or in again."""
        with clock.at(self.now):
            client = LabClient(self.app, checks=False)
            if name in AT_DEVICES and name not in self.clients:
                enrol(client, f"PC of {name}")
            client.sign_in(name)
        started = select(SignIn).order_by(SignIn.started_at.desc()).limit(1)
        actor = self.night.world.people[name]
        address = client.browser.environ_base["REMOTE_ADDR"]
        row = session().scalars(started).one()
        self.who[name] = Who(actor.user_id, actor.role, row.id, row.device_id, address)
        session().rollback()
        self.clients[name] = client
        self.recorder.answers.clear()
        self.now += STEP

    def do(self, name: str, url: str, **keys: object) -> Answered:
        """One click of a person; the time moves on."""
        with clock.at(self.now):
            self.last = self.clients[name].open(url, **keys).data
        (answered,) = self.recorder.answers
        assert answered.status < 500, answered.path
        self.recorder.answers.clear()
        self.left.append((answered, self.who[name]))
        self.now += STEP
        if keys.get("method") == "POST":
            self.reader.learn()
        return answered

    def poll(self, name: str) -> None:
        """The queue fetches itself: twice at once, the second time with nothing new."""
        self.do(name, self.url("routing.queue_rows"))
        seen = re.search(rb"seen=(\w+)", self.last)
        assert seen is not None
        self.do(name, self.url("routing.queue_rows", seen=seen[1].decode()))

    def url(self, endpoint: str, **values: object) -> str:
        return self.clients["doctor"].url(endpoint, **values)


@pytest.fixture
def crowd(app, world, monkeypatch):
    queue_memory._memory.clear()
    with clock.at(STARTS - dt.timedelta(minutes=10)):
        night = a_night(world)
    reader = Reader(night.planted)
    recorder = Recorder(app.wsgi_app, reader)
    monkeypatch.setattr(app, "wsgi_app", recorder)
    chance = random.Random(97)  # noqa: S311 - the same clicks in every run
    made = Crowd(app, night, reader, recorder, chance, STARTS)
    for name in PEOPLE:
        made.come(name)
    return made


def recorded(since, until, whom=EVERYBODY):
    """What the report says: on screens, and on what left as paper."""
    criteria = Criteria(*whom, since, until)
    found = {each: look.fields for each, look in shown(criteria).items()}
    for one in left(criteria):
        found[one.look.patient] = found.get(one.look.patient, 0) | one.look.fields
    session().rollback()
    return {patient: Field(fields) for patient, fields in found.items() if fields}


def true(answers, since, until, whom=EVERYBODY):
    """What the bytes say."""
    found = defaultdict(lambda: Field(0))
    for answered, who in answers:
        if since <= answered.at < until and _is(who, *whom):
            for patient, fields in answered.shown.items():
                found[patient] |= fields
    return dict(found)


def _is(who, about, value):
    return about is About.WINDOW or str(getattr(who, FACTS[about])) == value


def differences(crowd, answered):
    """What the record of one answer says too much or too little, in words."""
    at = answered.at
    said, held = recorded(at, at + STEP / 2), answered.shown
    found = []
    for patient in said.keys() | held.keys():
        one, two = said.get(patient, Field(0)), held.get(patient, Field(0))
        if one != two:
            tag = next((p.tag for p in crowd.night.planted if p.patient_id == patient), patient)
            found.append(
                f"{answered.path} {answered.status} {tag}: + {one & ~two!r} - {two & ~one!r}"
            )
    return found


def all_of(column):
    """Every value of it that there is, or one that nothing has."""
    found = list(session().scalars(select(column)))
    session().rollback()
    return found or [stranger_id()]


# What stands in an address, and which values of it are tried.
TRIED = {
    "consignment_id": lambda _: all_of(Consignment.id),
    "discrepancy_id": lambda _: all_of(Discrepancy.id),
    "line_id": lambda _: all_of(PlanLine.id)[:8],
    "question_id": lambda _: all_of(Question.id),
    "call_id": lambda crowd: crowd.night.calls,
    "slip_id": lambda crowd: crowd.night.slips,
    "request_id": lambda crowd: [*crowd.reader.requests, stranger_id()],
    "partner_id": lambda crowd: [crowd.night.world.laboratories["SWLP-LAB"]],
    "user_id": lambda crowd: [crowd.who["doctor"].user_id],
    "specimen_id": lambda crowd: [
        tube.specimen_id
        for each in crowd.reader.requests
        for tube in tubes_of(each)
        if tube.specimen_id
    ],
}


def addresses(crowd, route):
    """Every address of a route: each request, each call, and something that does not exist."""
    names = set(route.arguments)
    if "call_id" in names:
        return [crowd.url(route.endpoint, call_id=each) for each in crowd.night.calls]
    if "specimen_id" in names:
        tubes = [tube for each in crowd.reader.requests for tube in tubes_of(each)]
        ids = [tube.specimen_id for tube in tubes if tube.specimen_id]
        return [crowd.url(route.endpoint, specimen_id=each) for each in ids]
    if "planned_tube_id" in names:
        return [
            crowd.url(route.endpoint, request_id=request_id, planned_tube_id=tube.planned_tube_id)
            for request_id in crowd.reader.requests
            for tube in tubes_of(request_id)
        ]
    for name, tried in TRIED.items():
        if name in names:
            return [crowd.url(route.endpoint, **{name: each}) for each in tried(crowd)]
    if route.endpoint == "custody.missing":
        return [crowd.url(route.endpoint, minutes=min(MISSING_AFTER))]
    return [route.url(crowd.app)]


SHOWS = {
    "results.amendment", "results.bench", "results.call", "results.calls", "results.check_page",
    "results.checking", "results.entry", "results.read", "requests.correct", "requests.withdraw",
    "routing.queue", "routing.queue_rows", "routing.request", "custody.board", "custody.carry", "custody.tube",
    "custody.missing", "transport.send_out", "transport.consignment",
    "specimens.collect", "specimens.collect_page", "specimens.correct_collection",
    "specimens.correct_patient", "specimens.receive", "specimens.receive_form", "specimens.reject",
    "tracking.home", "tracking.my_requests", "tracking.request", "tracking.results_to_read",
    "tracking.tubes", "triage.request",
    "returned.check_page", "returned.slip",
    "questions.ask_page", "questions.asked", "questions.thread", "tracking.to_us",
    "linking.identify", "packs.spare", "results.slips", "station.rounds",
    "chasing.call", "chasing.not_back", "planning.plan", "planning.line",
}  # fmt: skip


# Every planted patient has a ward of their own: these pages name all wards there are, and nobody in them.
OF_PLACES = {"network.places"}


def test_every_page_that_shows_a_patient_is_recorded(crowd):
    people = ("doctor", "other_doctor", "porter", "scientist", "senior", "partner", "governance")
    people += ("administrator",)
    crowd.do("porter", crowd.url("custody.scan"), method="POST", data={"number": _a_tube(crowd)})
    crowd.do("porter", crowd.url("custody.scan"), method="POST", data={"number": _a_tube(crowd)})
    crowd.do("senior", crowd.url("planning.make"), method="POST")
    wrong, showing = [], set()
    for route in routes(crowd.app):
        if route.method != "GET" or route.endpoint in OF_PLACES:
            continue
        for url in addresses(crowd, route):
            for name in people:
                answered = crowd.do(name, url)
                wrong += differences(crowd, answered)
                if answered.shown:
                    showing.add(route.endpoint)

    assert wrong == []
    assert showing == SHOWS


def _a_tube(crowd, **_):
    numbers = [t.number for r in crowd.reader.requests for t in tubes_of(r) if t.number]
    session().rollback()
    return crowd.chance.choice(numbers)


def _some(crowd):
    return crowd.chance.choice(list(crowd.reader.requests))


def _card(crowd, **changes):
    one = crowd.chance.choice(crowd.night.planted)
    who = one.identity
    born = date_text(who.born) if crowd.chance.random() < 0.8 else "01-Jan-1950"
    return {
        "nhs_number": who.nhs_number, "hospital_number": "", "born": born, "surname": "",
        "forenames": "", "tests": crowd.chance.choice((["FBC"], ["UE", "CRP"], [])), **changes,
    }  # fmt: skip


def _deeds(crowd):
    """What people send: most of it refused, so that the page comes back with what was typed."""
    request_id, chance = _some(crowd), crowd.chance
    tubes = tubes_of(request_id)
    session().rollback()
    tube = chance.choice(tubes)
    number = {"number": chance.choice((_a_tube(crowd), "12", "", "999"))}
    there = {"request_id": request_id}
    at_tube = {**there, "planned_tube_id": tube.planned_tube_id}
    call = {"call_id": chance.choice(crowd.night.calls)}
    version = {"version": chance.choice(("1", "2", "99"))}
    again = {"reason": chance.choice(("", "LOST", "JAM", "TORN", "SPOILT"))}
    return chance.choice((
        ("tracking.where", number, {}),
        ("requests.send", _card(crowd, do="look-up"), {}),
        ("requests.send", _card(crowd, do="send", surname="Somebody", forenames="Else"), {}),
        ("requests.card_live", _card(crowd), {}),
        ("requests.correct", {**version, "bed": "9", "callback": "", "clinical_details": "new"}, there),
        ("requests.withdraw", {**version, "all": "1"}, there),
        ("specimens.correct_patient", {**version, "surname": "Other", "born": "nothing"}, there),
        ("specimens.labels", again, there), ("specimens.form", again, there),
        ("specimens.number_label", again, at_tube), ("station.print_card", again, there),
        ("station.print_ward", {}, {"ward_id": chance.choice(list(crowd.night.wards.values()))}),
        ("station.print_scanned", number, {}), ("specimens.collect_scan", number, {}),
        ("specimens.collected", {**version, **number}, there), ("custody.scan", number, {}),
        ("specimens.receive_scan", number, {}), ("specimens.accept_by_hand", {}, at_tube),
        ("specimens.reject", {"version": "99"}, at_tube), ("specimens.correct_collection", {}, at_tube),
        ("results.find_on_bench", number, {}), ("results.enter", {**version, "value-UE-K": "99"}, there),
        ("results.amend", {**version, "value-CRP-CRP": "3"}, there), ("results.check", version, there),
        ("results.send_back", version, there), ("results.authorise", version, there),
        ("results.record_call", {"read_back": "1"}, call), ("results.attempt", {"outcome": "?"}, call),
        ("results.no_call", {"reason_code": ""}, call), ("results.print_slip", again, there),
        ("results.acknowledge", {}, there), ("triage.hold", version, there),
        ("triage.decline", version, there), ("triage.accept", version, there),
        ("triage.priority", version, there), ("routing.choose", version, there),
        ("transport.send_one", number, {}), ("routing.accept", version, there),
        ("oversight.search", {"subject": chance.choice(("", "request", "result", "requested_test"))}, {}),
        ("oversight.patients", _everything(crowd), {}),
        ("questions.ask", {"kind": chance.choice(("", "time"))}, there),
        ("specimens.recollect", {"planned_tube_id": str(tube.planned_tube_id)}, there),
    ))  # fmt: skip


def _everything(crowd):
    """A report about everybody until now, as its page carries it."""
    window = {"begins": (STARTS - STEP).isoformat(), "ends": crowd.now.isoformat()}
    return {"about": "window", "value": "", **window}


def a_night_of_clicks(crowd, steps=STEPS):
    pages = [route for route in routes(crowd.app) if route.method == "GET"]
    lists = [crowd.url(name) for name in LISTS]
    for _ in range(steps):
        name = crowd.chance.choice(PEOPLE)
        dice = crowd.chance.random()
        if dice < 0.02:
            crowd.come(name)
        elif dice < 0.3:
            crowd.do(name, crowd.chance.choice(lists))
        elif dice < 0.35:
            crowd.poll(crowd.chance.choice(("senior", "second_senior")))
        elif dice < 0.4:
            crowd.do(name, crowd.chance.choice(lists), method="HEAD")
        elif dice < 0.7:
            crowd.do(name, crowd.chance.choice(addresses(crowd, crowd.chance.choice(pages))))
        else:
            endpoint, data, values = _deeds(crowd)
            name = _somebody_who_may(crowd, endpoint) if dice < 0.95 else name
            crowd.do(name, crowd.url(endpoint, **values), method="POST", data=data)


def print_everything(crowd):
    """Every paper that can be printed of every request, and some that cannot."""
    for request_id in list(crowd.reader.requests):
        for endpoint, name in (
            ("specimens.labels", "doctor"),
            ("specimens.form", "third_doctor"),
            ("results.print_slip", "senior"),
        ):
            url = crowd.url(endpoint, request_id=request_id)
            crowd.do(name, url, method="POST", data={})


def _somebody_who_may(crowd, endpoint):
    (route,) = (r for r in routes(crowd.app) if r.endpoint == endpoint and r.method == "POST")
    able = [name for name in PEOPLE if route.allows(Role(crowd.who[name].role))]
    return crowd.chance.choice(able)


LISTS = (
    "tracking.home", "tracking.my_requests", "routing.queue", "routing.queue_rows", "results.bench",
    "results.checking", "results.calls", "specimens.receive", "specimens.collect_page",
)  # fmt: skip


def _whom(crowd):
    who = crowd.chance.choice([who for _, who in crowd.left])
    about = crowd.chance.choice((About.WINDOW, *FACTS))
    if about is About.WINDOW:
        return EVERYBODY
    value = getattr(who, FACTS[about])
    return EVERYBODY if value is None else (about, str(value))


@pytest.mark.hazard("H97")
def test_any_window_of_anybody_tells_exactly_whose_fields_left(crowd):
    print_everything(crowd)
    a_night_of_clicks(crowd)
    wrong = [line for answered, _ in crowd.left for line in differences(crowd, answered)]
    assert wrong == []
    assert {a.status for a, _ in crowd.left if a.shown} >= {200, 409, 422}
    assert {a.status for a, _ in crowd.left} >= {204, 303, 403, 404}
    papers = {"labels", "form", "slips"}
    assert papers <= {a.path.rpartition("/")[2] for a, _ in crowd.left if a.status == 200}

    whole, seen = crowd.now - STARTS, 0
    for _ in range(WINDOWS):
        since = STARTS + whole * crowd.chance.random()
        until = since + whole * crowd.chance.random() * crowd.chance.random()
        whom = _whom(crowd)
        said = recorded(since, until, whom)
        assert said == true(crowd.left, since, until, whom), (since, until, whom)
        seen += bool(said)
    assert seen > WINDOWS / 3


def test_what_oversight_opens_and_takes_along_is_recorded_as_exactly(crowd):
    for name in ("senior", "doctor", "scientist"):
        for endpoint in ("routing.queue", "tracking.my_requests", "results.bench"):
            crowd.do(name, crowd.url(endpoint))
    crowd.do("senior", crowd.url("specimens.form", request_id=_some(crowd)), method="POST")
    answers = [
        crowd.do(
            "governance", crowd.url("oversight.search"), method="POST", data={"subject": subject}
        )
        for subject in ("", *SUBJECTS)
    ]
    answers.append(_governance(crowd, "oversight.patients", _everything(crowd)))
    _governance(crowd, "oversight.ask", {**_everything(crowd), "reason": "Breach 7"})
    export_id = session().scalars(select(ExportRequest.id)).one()
    session().rollback()
    crowd.do("administrator", crowd.url("oversight.approve", export_id=export_id), method="POST")
    there = {"export_id": export_id}
    answers += [
        _governance(crowd, "oversight.make_file", {"form": form}, **there)
        for form in ("pdf", "csv")
    ]

    assert [line for answered, _ in crowd.left for line in differences(crowd, answered)] == []
    assert {answered.status for answered in answers} == {200}
    opened = Field(0)
    for answered in answers:
        for fields in answered.shown.values():
            opened |= fields
    assert opened == IDENTIFIERS & ~Field.SEX | OPENED
    assert all(answered.shown for answered in answers[-3:])


def _governance(crowd, endpoint, data, **values):
    return crowd.do("governance", crowd.url(endpoint, **values), method="POST", data=data)


@pytest.mark.parametrize("name", ["born", "sex", "nhs_number"])
def test_one_declaration_less_is_noticed(crowd, monkeypatch, name):
    fields = Field(disclosure._TOLD[name][PatientView])
    monkeypatch.delitem(disclosure._TOLD[name], PatientView)

    answered = crowd.do("senior", crowd.url("routing.queue"))

    assert any(f"- {fields!r}" in line for line in differences(crowd, answered))


def test_one_declaration_too_many_is_noticed(crowd, monkeypatch):
    too_many = int(Field.NAME | Field.CLINICAL)
    monkeypatch.setitem(disclosure._TOLD["surname"], PatientView, too_many)

    answered = crowd.do("senior", crowd.url("routing.queue"))

    assert any(f"+ {Field.CLINICAL!r}" in line for line in differences(crowd, answered))


def test_nothing_of_a_patient_stands_in_the_details_of_what_is_recorded(crowd):
    a_night_of_clicks(crowd, steps=60)

    rows = session().scalars(select(AuditEvent).where(AuditEvent.answer_id.is_not(None))).all()
    assert rows
    assert {key for row in rows for key in row.details} <= {"page", "shown", "new", "gone"}
