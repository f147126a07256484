"""What partner laboratories have not sent back: nothing overdue is missing, and a result closes it by itself."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from lab_contingency.audit.models import AuditEvent
from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import add_rows, db, session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.commands import ReassignTests
from lab_contingency.routing.models import Assignment
from lab_contingency.routing.services import reassign_tests
from lab_contingency.specimens.services import receive
from lab_contingency.tracking.queries.lists import my_requests
from lab_contingency.tracking.queries.story import story
from lab_contingency.transport.chasing.commands import NoteCall
from lab_contingency.transport.chasing.queries import (
    chasing,
    pressing_and_rest,
    referrals_to_ring,
)
from lab_contingency.transport.chasing.rules import GRACE, NOT_BACK
from lab_contingency.transport.chasing.services import note_call
from tests.factories.boxes import a_box, hand_over, seal
from tests.factories.chasing import agreed, refer, referred
from tests.factories.results import CRP, authorise, enter
from tests.factories.tubes import a_collected_tube
from tests.factories.tubes import receive as receive_here
from tests.factories.world import a_request, an_identity, make_world

NIGHT = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)

pytestmark = [pytest.mark.feature(38), pytest.mark.hazard("H05")]


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(NIGHT):
        yield make_world()


def rows(actor):
    return [row for partner in chasing(actor) for row in partner.rows]


def count(actor) -> int:
    return session().scalars(referrals_to_ring(actor)).one()


def ring(world, *request_ids, said="on the analyser", answered="Priya", **times):
    command = NoteCall(
        world.laboratories["SWLP-LAB"], request_ids, answered=answered, said=said, **times
    )
    with unit_of_work():
        return note_call(command, actor=world.senior)


def due_of(request_id) -> dt.datetime:
    statement = (
        select(Assignment.result_at, Request.band)
        .join(RequestedTest, RequestedTest.id == Assignment.requested_test_id)
        .join(Request, Request.id == RequestedTest.request_id)
        .where(Request.id == request_id, Assignment.ended_at.is_(None))
    )
    result_at, band = session().execute(statement).one()
    return result_at + GRACE[band]


def test_what_was_sent_to_a_partner_is_on_the_list_with_whom_to_ring(world):
    agreed(world)
    request_id = referred(world, tests=("CRP", "UE"))
    (partner,) = chasing(world.senior)
    assert (partner.contact, partner.telephone) == ("Priya, results desk", "020 7946 0101")
    (row,) = partner.rows
    assert row.request_id == request_id
    assert set(row.tests) == {"CRP", "U&E"}
    assert not row.overdue


def test_a_chosen_laboratory_is_not_a_sent_tube(world, client_for):
    request_id = a_request(world, tests=("CRP",)).request_id
    number = a_collected_tube(world, request_id)
    receive_here(world, number)
    refer(world, request_id, "CRP")
    box = seal(world, a_box(world, [number], "SWLP-LAB"))
    assert rows(world.senior)[0].sent == "not sent yet"
    page = client_for("senior").get("chasing.not_back").words
    assert "not sent yet" in page
    assert "sent 02:00" not in page

    with clock.at(NIGHT + 7 * MINUTE):
        hand_over(world, box)
        assert rows(world.senior)[0].sent == "sent 02:07"
        assert "sent 02:07" in client_for("senior").get("chasing.not_back").words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("01:00", "Noted: promised for 25-Nov 01:00, which is later than it is due back ("),
        ("26-Nov 01:30", "promised for 26-Nov 01:30, which is more than a day away and later than"),
        ("02:10", "Noted: promised for 24-Nov 02:10. It comes back to the top at 02:25."),
        ("", "Noted. It comes back to the top at 03:00."),
    ],
)
def test_a_promise_is_said_back_with_its_day_and_whether_it_is_late(
    world, client_for, typed, words
):
    request_id = referred(world)
    assert due_of(request_id) > NIGHT + 10 * MINUTE
    client = client_for("senior")
    sent = {
        "requests": [str(request_id)],
        "answered": "Priya",
        "said": "later",
        "expected_at": typed,
    }
    answer = client.post("chasing.note_call", sent, partner_id=world.laboratories["SWLP-LAB"])
    assert words in client.follow(answer).words


def test_what_own_laboratories_do_is_not_chased(world):
    referred(world, to="STH-LAB")
    assert chasing(world.senior) == ()


def test_it_is_rung_about_from_its_time_on_and_not_a_minute_before(world):
    request_id = referred(world)
    due = due_of(request_id)
    with clock.at(due - MINUTE):
        assert (count(world.senior), rows(world.senior)[0].to_ring) == (0, False)
    with clock.at(due):
        assert (count(world.senior), rows(world.senior)[0].to_ring) == (1, True)


def test_a_call_puts_it_off_until_the_time_to_ring_again_and_then_it_comes_back(world):
    request_id = referred(world)
    with clock.at(due_of(request_id) + HOUR):
        promised = clock.now() + 2 * HOUR
        again = ring(world, request_id, expected_at=promised)
        assert again == promised + 15 * MINUTE
        (row,) = rows(world.senior)
        assert (row.overdue, row.to_ring, count(world.senior)) == (True, False, 0)
        assert row.said == "Priya: on the analyser"
    with clock.at(again):
        (row,) = rows(world.senior)
        assert (row.to_ring, count(world.senior)) == (True, 1)


def test_what_is_to_be_rung_about_now_stands_before_what_was_rung_about(world):
    first = referred(world, identity=an_identity(1))
    with clock.at(NIGHT + 5 * MINUTE):
        second = referred(world, identity=an_identity(2))
    with clock.at(NIGHT + 9 * HOUR):
        assert [row.request_id for row in rows(world.senior)] == [first, second]
        ring(world, first)
        assert [row.request_id for row in rows(world.senior)] == [second, first]


def test_a_result_that_comes_back_closes_it_by_itself(world):
    request_id = referred(world)
    with clock.at(NIGHT + 9 * HOUR):
        ring(world, request_id)
    number = a_collected_tube(world, request_id)
    with unit_of_work():
        receive(number, world.laboratories["SWLP-LAB"], actor=world.partner)
    enter(request_id, world.partner, CRP=CRP)
    with clock.at(NIGHT + 9 * HOUR):
        assert len(rows(world.senior)) == 1
        authorise(request_id, replace(world.partner, user_id=uuid.uuid4()), "CRP")
        assert rows(world.senior) == []
        assert count(world.senior) == 0


def test_a_test_that_went_to_another_partner_is_chased_there_anew(world):
    request_id = referred(world)
    with clock.at(NIGHT + 9 * HOUR):
        ring(world, request_id)
        other = {"CRP": world.laboratories["NWLP-LAB"]}
        with unit_of_work():
            command = ReassignTests(request_id, None, other, "no answer")
            reassign_tests(command, actor=world.senior)
        (row,) = rows(world.senior)
    assert row.laboratory_id == world.laboratories["NWLP-LAB"]
    assert row.rung is None


def test_the_ward_is_told_when_it_was_rung_and_what_was_promised_but_not_the_words(world):
    request_id = referred(world)
    with clock.at(NIGHT.replace(hour=3, minute=40)):
        ring(world, request_id, expected_at=NIGHT.replace(hour=5), said="machine broke twice")
        listed = [row for group in my_requests(world.doctor).values() for row in group]
        told = [one.what for one in story(request_id, world.doctor).table]
    assert [row.chased for row in listed] == ["rung 03:40: expected 05:00"]
    assert any(what.endswith("rung 03:40: expected 05:00") for what in told)
    assert not any("machine broke" in what for what in told)


def test_a_coordinator_sees_no_name_and_not_what_was_said(world):
    request_id = referred(world)
    ring(world, request_id)
    (row,) = rows(world.coordinator)
    assert (row.patient, row.said) == (None, "")
    assert row.number
    assert rows(world.senior)[0].patient is not None


def test_another_sites_laboratory_sees_only_what_it_reached(world):
    referred(world)
    assert rows(world.other_scientist) == []
    assert count(world.other_scientist) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"said": " "}, "Say what was said"),
        ({"expected_at": NIGHT - MINUTE}, "has passed"),
        ({"ring_at": NIGHT + 49 * HOUR}, "two days"),
    ],
)
def test_a_call_that_lacks_something_is_refused(world, changes, words):
    request_id = referred(world)
    with pytest.raises(RuleBroken, match=words):
        ring(world, request_id, **changes)
    assert rows(world.senior)[0].rung is None


def test_a_call_about_nothing_that_is_there_is_refused(world):
    request_id = referred(world, to="NWLP-LAB")
    with pytest.raises(RuleBroken, match="Tick"):
        ring(world)
    with pytest.raises(RuleBroken, match="Nothing of this is at that laboratory"):
        ring(world, request_id)


def test_what_was_said_is_sealed_and_the_record_says_who_rang(world):
    request_id = referred(world)
    ring(world, request_id, said="ask for Siân")
    held = session().execute(text("SELECT sealed FROM referral_call")).scalar_one()
    event = session().scalars(select(AuditEvent).where(AuditEvent.action == "request:chased")).one()
    assert "Siân" not in held
    assert "Siân" not in str(event.details)
    assert event.subject_id == request_id


def test_at_any_moment_of_a_night_nothing_overdue_is_missing(world):
    """Compared with a slow plain look at every assignment there is."""
    chance = random.Random(38)  # noqa: S311 - the same night in every run
    made: list[uuid.UUID] = []
    for number in range(14):
        with clock.at(NIGHT + number * 7 * MINUTE):
            band = chance.choice(list(Band))
            tests = chance.choice((("CRP",), ("UE", "CRP"), ("FBC",)))
            card = {"identity": an_identity(200 + number), "band": band, "tests": tests}
            made.append(referred(world, to=chance.choice(("SWLP-LAB", "NWLP-LAB")), **card))
    for hours in range(0, 40, 3):
        with clock.at(NIGHT + hours * HOUR):
            if hours % 2:
                shown = [row for row in rows(world.senior) if row.to_ring]
                for row in shown[:2]:
                    with unit_of_work():
                        command = NoteCall(row.laboratory_id, (row.request_id,), "", "no answer")
                        note_call(command, actor=world.senior)
            shown = {row.request_id for row in rows(world.senior) if row.overdue}
            ringing = {row.request_id for row in rows(world.senior) if row.to_ring}
            assert shown == _overdue_slowly()
            assert count(world.senior) == len(ringing)
    assert shown


def _overdue_slowly() -> set[uuid.UUID]:
    found = set()
    for assignment in session().scalars(select(Assignment)).all():
        test = session().get_one(RequestedTest, assignment.requested_test_id)
        request = session().get_one(Request, test.request_id)
        late = assignment.result_at + GRACE[request.band] <= clock.now()
        if assignment.ended_at is None and test.status in NOT_BACK and late:
            found.add(request.id)
    return found


def test_ten_thousand_open_referrals_are_read_along_indexes(world, engine_name):
    request_id = referred(world)
    _many(world, request_id, 10_000, TestStatus.ASSIGNED)
    _many(world, request_id, 5_000, TestStatus.AUTHORISED)
    if engine_name == "postgresql":  # nothing ever counts the rows of SQLite for its planner
        session().execute(text("ANALYZE"))
        session().execute(
            text("SET LOCAL enable_seqscan = off")
        )  # few calls: it would read them whole
    pressing, rest = pressing_and_rest(world.senior)
    for statement in (pressing.limit(5000), rest.limit(300), referrals_to_ring(world.senior)):
        plan = _plan(statement, engine_name)
        if engine_name == "postgresql":  # SQLite may walk the live assignments instead
            assert "ix_requested_test_not_back" in plan, plan
        assert "ix_referral_call_test_assignment" in plan, plan
    with clock.at(NIGHT + 30 * HOUR):
        assert count(world.senior) == 10_001


def _many(world, request_id, number, status) -> None:
    """Requests like this one, each with one test at the partner, row by row as the services leave them."""
    held = session().get_one(Request, request_id)
    kept = {c.name: getattr(held, c.name) for c in Request.__table__.columns}
    there = world.laboratories["SWLP-LAB"]
    requests, tests, assignments = [], [], []
    for place in range(number):
        ids = new_id(), new_id(), new_id()
        key = f"{status}-{place}"
        named = {"id": ids[0], "number": f"{number + place:012d}", "idempotency_key": key}
        requests.append({**kept, **named})
        tests.append(
            {
                "id": ids[1], "request_id": ids[0], "test_code": "CRP", "status": status,
                "status_at": NIGHT, "laboratory_id": there,
            }
        )  # fmt: skip
        assignments.append(
            {
                "id": ids[2], "requested_test_id": ids[1], "laboratory_id": there,
                "discipline": Discipline.CHEM, "hour": NIGHT, "result_at": NIGHT + 2 * HOUR,
                "suggested": True, "explanation": "", "assigned_at": NIGHT, "assigned_by": "Senior",
            }
        )  # fmt: skip
    with unit_of_work():
        add_rows(Request, *requests)
        add_rows(RequestedTest, *tests)
        add_rows(Assignment, *assignments)


def _plan(statement, engine_name) -> str:
    compiled = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN " if engine_name == "sqlite" else "EXPLAIN "
    return "\n".join(str(row[-1]) for row in session().execute(text(explain + str(compiled))))
