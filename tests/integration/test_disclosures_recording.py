"""Recording what is shown: one row a patient and answer, lists by what is new on them, nothing without a record."""

import datetime as dt
import json
import re

import pytest
from sqlalchemy import delete, select

from lab_contingency.audit.models import AuditEvent, AuditStream, Showing
from lab_contingency.audit.rules import GONE, REFRESHED, SHOWN, Field
from lab_contingency.audit.services import record_disclosures
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.web.disclosure import Shown
from lab_contingency.oversight.queries.record import shown as shown_between
from lab_contingency.oversight.rules.exposure import About, Criteria
from lab_contingency.requests.models import Request
from tests.factories.world import a_request, an_identity
from tests.threads import together

pytestmark = pytest.mark.feature(97)

ANN, BEN = new_id(), new_id()
START = dt.datetime(2031, 11, 24, 2, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
NURSE = Actor(new_id(), "Nurse", "requester", sign_in_id=new_id(), address="10.0.0.7")
_IDENTITY = Field.NAME | Field.BORN


def rows(*actions):
    session().rollback()
    held = select(AuditEvent).where(AuditEvent.answer_id.is_not(None))
    if actions:
        held = held.where(AuditEvent.action.in_(actions))
    return session().scalars(held.order_by(AuditEvent.recorded_at, AuditEvent.seq)).all()


def patient_of(request_id):
    return session().get_one(Request, request_id).patient_id


def listed(minute, **patients):
    """What the list of a nurse shows at a minute."""
    held = {"ann": ANN, "ben": BEN}
    shown = {held[name]: fields for name, fields in patients.items()}
    with clock.at(START + minute * MINUTE):
        record_disclosures(Shown(shown, "a.list", "a list"), actor=NURSE)


EVERYBODY = About.WINDOW, ""


def looks(since, until, whom=EVERYBODY):
    return shown_between(Criteria(*whom, START + since * MINUTE, START + until * MINUTE))


def seen(since, until, whom=EVERYBODY):
    return {patient: Field(one.fields) for patient, one in looks(since, until, whom).items()}


class TestAPage:
    def test_leaves_one_row_for_its_patient_with_who_from_where_and_what(self, world, client_for):
        request_id = a_request(world).request_id
        client = client_for("senior")

        client.get("tracking.request", request_id=request_id)

        (row,) = rows()
        assert (row.action, row.subject_id) == (SHOWN, patient_of(request_id))
        assert (row.user_id, row.role) == (world.senior.user_id, "senior")
        assert row.address == client.browser.environ_base["REMOTE_ADDR"]
        assert (row.list_key, row.details) == (None, {"page": "tracking.request"})
        assert Field(row.fields) & (Field.CLINICAL | Field.CONTACT | _IDENTITY)
        assert row.sign_in_id is not None

    def test_leaves_nothing_when_only_its_head_was_asked_for(self, world, client_for):
        request_id = a_request(world).request_id
        client = client_for("senior")

        client.open(client.url("tracking.request", request_id=request_id), method="HEAD")

        assert rows() == []

    def test_that_says_not_here_leaves_nothing(self, world, client_for):
        request_id = a_request(world).request_id

        answer = client_for("other_doctor").get("tracking.request", request_id=request_id)

        assert answer.status == 404
        assert rows() == []

    def test_that_refuses_another_name_tells_the_name_held(self, world, client_for):
        request_id = a_request(world).request_id
        who = an_identity()
        client = client_for("doctor")

        answer = client.post("requests.send", _card(world, who.nhs_number, client))

        assert "held for" in answer.text, re.findall(r"field-error.*", answer.text)
        said = [row for row in rows(SHOWN) if row.subject_id == patient_of(request_id)]
        assert [Field(row.fields) & _IDENTITY for row in said] == [_IDENTITY]


def _card(world, nhs_number, client):
    key = re.search(r'name="idempotency_key"[^>]*value="([^"]+)"', client.get("requests.new").text)
    assert key is not None
    return {
        "idempotency_key": key[1], "nhs_number": nhs_number, "born": "04-Nov-1958",
        "surname": "Quite", "forenames": "Different", "sex": "F", "issuer": "RJZ",
        "ward": str(world.wards["KCH-ED-RESUS"]), "bed": "4", "callback": "2222",
        "requested_by": "Dr A. Okafor", "tests": ["CRP"], "band": "P3", "infection_risk": "none known", "destination": "",
        "anticoagulant": "", "reason_code": "",
    }  # fmt: skip


class TestWithoutARecord:
    def test_nothing_of_a_patient_leaves(self, world, client_for):
        request_id = a_request(world).request_id
        client = client_for("senior")
        with unit_of_work():
            session().execute(delete(AuditStream))

        for answer in (
            client.get("tracking.request", request_id=request_id),
            client.get("routing.queue"),
        ):
            assert answer.status == 503
            assert "WOŹNIAK" not in answer.text.upper()
            assert "/blank-form" in answer.text
            assert answer.response.headers["Cache-Control"] == "no-store"

    def test_a_page_without_patients_is_still_there(self, world, client_for):
        client = client_for("senior")
        with unit_of_work():
            session().execute(delete(AuditStream))

        assert client.get("incidents.menu").status == 200


class TestAList:
    def test_records_only_what_is_new_on_it(self, world):
        listed(0, ann=Field.NAME)
        listed(1, ann=Field.NAME)
        listed(2, ann=Field.NAME, ben=Field.NAME)
        listed(3, ben=Field.NAME)

        said = [(row.action, row.subject_id) for row in rows()]
        assert said == [
            (SHOWN, ANN), (REFRESHED, None),
            (REFRESHED, None),
            (SHOWN, BEN), (REFRESHED, None),
            (GONE, ANN), (REFRESHED, None),
        ]  # fmt: skip

    def test_tells_who_stood_on_it_at_each_fetch(self, world):
        listed(0, ann=Field.NAME)
        listed(10, ann=Field.NAME, ben=Field.NAME)
        listed(20, ben=Field.NAME)
        listed(30)

        assert seen(0, 10) == {ANN: Field.NAME}
        assert seen(10, 11) == {ANN: Field.NAME, BEN: Field.NAME}
        assert seen(11, 20) == {}
        assert seen(20, 60) == {BEN: Field.NAME}
        assert seen(30, 60) == {}

    def test_with_less_of_somebody_says_so(self, world):
        listed(0, ann=_IDENTITY)
        listed(1, ann=Field.NAME)
        listed(2, ann=Field.NAME | Field.SEX)

        assert [seen(at, at + 1) for at in range(3)] == [
            {ANN: _IDENTITY},
            {ANN: Field.NAME},
            {ANN: Field.NAME | Field.SEX},
        ]

    def test_counts_its_fetches_and_knows_the_first_and_the_last(self, world):
        for minute in (0, 5, 10):
            listed(minute, ann=Field.NAME)

        one = looks(0, 10)[ANN]
        assert (one.times, one.first, one.last) == (2, START, START + 5 * MINUTE)

    def test_fetched_twice_in_one_moment_loses_nothing(self, world):
        listed(0, ann=Field.NAME)
        listed(0, ben=Field.NAME)

        assert seen(0, 1) == {ANN: Field.NAME, BEN: Field.NAME}

    def test_of_somebody_else_is_another_list(self, world):
        listed(0, ann=Field.NAME)

        assert seen(0, 1, (About.ACCOUNT, str(new_id()))) == {}
        assert seen(0, 1, (About.ADDRESS, "10.0.0.7")) == {ANN: Field.NAME}
        assert seen(0, 1, (About.ADDRESS, "10.0.0.8")) == {}

    def test_that_never_showed_anybody_leaves_no_trace(self, world):
        listed(0)

        assert rows() == []
        assert session().scalars(select(Showing)).all() == []

    def test_in_two_windows_at_once_stays_whole(self, world, app):
        def fetch(which):
            def act():
                with app.app_context():
                    for turn in range(8):
                        both = {"ann": Field.NAME, "ben": Field.BORN}
                        names = ("ann", "ben") if (turn + which) % 2 else (("ann", "ben")[which],)
                        listed(turn, **{name: both[name] for name in names})

            return act

        assert together([fetch(0), fetch(1)]) == []

        standing = {}
        for row in rows(SHOWN, GONE):
            if row.action == SHOWN:
                standing[row.subject_id.hex] = row.fields
            else:
                standing.pop(row.subject_id.hex)
        moments = [row.recorded_at for row in rows(REFRESHED)]
        assert len(set(moments)) == len(moments) == 16
        assert json.loads(session().scalars(select(Showing.patients)).one()) == standing


class TestTheQueue:
    def test_that_has_not_changed_answers_nothing_and_records_nothing(self, world, client_for):
        a_request(world)
        client, other = client_for("senior"), client_for("second_senior")
        page = client.get("routing.queue")
        token = re.search(r"seen=(\w+)", page.text)
        assert token is not None
        other.get("routing.queue")  # is recorded, and changes nothing
        before = len(rows())

        with clock.at(clock.now().replace(second=30)):
            fresh = re.search(r"seen=(\w+)", client.live("routing.queue_rows").text)
            assert fresh is not None
            other.get("routing.queue")
            counted = len(rows())
            assert client.live("routing.queue_rows", seen=fresh[1]).status == 204

        assert len(rows()) == counted > before

    def test_page_and_fragment_are_one_list(self, world, client_for):
        a_request(world)
        client = client_for("senior")

        client.get("routing.queue")
        client.live("routing.queue_rows")

        assert [row.action for row in rows()] == [SHOWN, REFRESHED, REFRESHED]
        assert {row.list_key for row in rows()} == {"queue"}
