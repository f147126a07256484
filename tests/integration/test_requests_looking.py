"""Looking at another place's patient: asked for, for a while, to read only, recorded and listed."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotPermitted
from lab_contingency.requests.commands import LookBeyond
from lab_contingency.requests.models import LookGrant, Request
from lab_contingency.requests.rules.looking import LOOK_TRIES, LookNumber, LookReason, NumberKind
from lab_contingency.requests.services import look_beyond
from lab_contingency.requests.services.looking import NOTHING_FITS
from tests.factories.results import an_authorised_request
from tests.factories.tubes import a_collected_tube
from tests.factories.world import a_request, an_identity, nhs_number
from tests.threads import together

BORN = "4 11 1958"
LOOK = {"born": BORN, "reason": "telephone", "issuer": "", "text": ""}


def ask(client, number, **changes):
    """Fill in the page and send it."""
    return client.post("tracking.ask_to_look", {**LOOK, "number": number, **changes})


def audited(action):
    return list(session().scalars(select(AuditEvent).where(AuditEvent.action == action)))


@pytest.mark.hazard("T6")
def test_another_places_patient_does_not_exist_until_a_reason_is_given(client_for, world):
    placed = a_request(world)
    client = client_for("other_doctor")
    assert client.get("tracking.request", request_id=placed.request_id).status == 404

    page = client.follow(ask(client, placed.number))
    story = client.get("tracking.request", request_id=placed.request_id)

    assert "You look at another place’s patient until" in page.words
    assert "WOŹNIAK-O’NEILL" in page.words
    assert story.status == 200
    assert "telephone enquiry answered" in story.words


@pytest.mark.parametrize("kind", ["request", "tube", "nhs", "hospital"])
def test_every_number_with_the_date_of_birth_leads_to_the_patient(client_for, world, kind):
    placed = a_request(world)
    number = {
        "request": placed.number,
        "tube": a_collected_tube(world, placed.request_id),
        "nhs": nhs_number(1),
        "hospital": "H0000001",
    }[kind]
    client = client_for("other_doctor")

    page = client.follow(ask(client, number, issuer="RJZ" if kind == "hospital" else ""))

    assert placed.number[3:9] in page.words


def test_exactly_this_patient_becomes_visible(client_for, world):
    placed, again = a_request(world), a_request(world, tests=("UE",), answers={})
    other = a_request(world, identity=an_identity(2))
    client = client_for("other_doctor")

    page = client.follow(ask(client, placed.number))

    assert placed.number[3:9] in page.words
    assert again.number[3:9] in page.words
    assert client.get("tracking.request", request_id=again.request_id).status == 200
    assert client.get("tracking.request", request_id=other.request_id).status == 404


def test_only_the_sign_in_that_asked_may_look(client_for, world):
    placed = a_request(world)
    client = client_for("other_doctor")
    location = ask(client, placed.number).location

    again = client_for("other_doctor")

    assert again.get("tracking.request", request_id=placed.request_id).status == 404
    assert again.open(location).status == 404


def test_a_look_ends_by_itself_after_half_an_hour(client_for, world, monkeypatch):
    placed = a_request(world)
    client = client_for("other_doctor")
    location = ask(client, placed.number).location
    later = clock.now() + dt.timedelta(minutes=30)

    monkeypatch.setattr(clock, "now", lambda: later)

    assert client.get("tracking.request", request_id=placed.request_id).status == 404
    assert client.open(location).status == 404


def test_a_look_can_be_given_back(client_for, world):
    placed = a_request(world)
    client = client_for("other_doctor")
    ask(client, placed.number)
    look_id = session().scalars(select(LookGrant.id)).one()

    assert client.post("tracking.end_look", look_id=look_id).status == 303

    assert client.get("tracking.request", request_id=placed.request_id).status == 404
    assert client.post("tracking.end_look", look_id=look_id).status == 404
    assert len(audited("look:ended")) == 1


def test_a_look_reads_results_and_lets_nobody_do_anything(client_for, world):
    request_id = an_authorised_request(world)
    client = client_for("other_doctor")
    number = number_of(request_id)
    ask(client, number)

    read = client.get("results.read", request_id=request_id)
    story = client.get("tracking.request", request_id=request_id)

    assert read.status == 200
    assert "C-reactive protein" in read.words
    for page in (read, story):
        actions = [form.get("action") for form in page.tree.iter("form")]
        assert [a for a in actions if str(request_id) in (a or "")] == []
        for words in ("Withdraw", "Print the slip", "Print labels", "Put details right"):
            assert words not in page.words
    for endpoint in (
        "results.print_slip",
        "results.acknowledge",
        "specimens.labels",
        "specimens.form",
        "specimens.recollect",
        "requests.withdraw",
        "requests.correct",
        "specimens.correct_patient",
        "specimens.collected",
    ):
        assert client.post(endpoint, request_id=request_id).status == 404, endpoint
    for endpoint in ("requests.withdraw", "requests.correct", "specimens.collect"):
        assert client.get(endpoint, request_id=request_id).status == 404, endpoint


def number_of(request_id):
    return session().get_one(Request, request_id).number


def test_a_bench_of_another_laboratory_reads_but_types_nothing(client_for, world):
    request_id = an_authorised_request(world)
    client = client_for("other_scientist")
    ask(client, number_of(request_id), reason="on call")

    assert client.get("results.read", request_id=request_id).status == 200
    for endpoint in ("results.entry", "results.amendment", "results.check_page"):
        assert client.get(endpoint, request_id=request_id).status == 404, endpoint


def test_a_coordinator_reads_one_story_after_a_reason_and_no_results(client_for, world):
    request_id = an_authorised_request(world)
    other = a_request(world, identity=an_identity(2))
    client = client_for("coordinator")
    assert client.get("tracking.request", request_id=request_id).status == 404

    ask(client, number_of(request_id))

    page = client.get("tracking.request", request_id=request_id)
    assert page.status == 200
    assert "Read the results" not in page.words
    assert client.get("results.read", request_id=request_id).status == 403
    assert client.get("tracking.request", request_id=other.request_id).status == 404
    where = client.post("tracking.where", {"number": number_of(request_id)})
    assert where.location.endswith(str(request_id))
    assert client.post("tracking.where", {"number": other.number}).status == 422


@pytest.mark.parametrize("name", ["porter", "partner", "senior", "governance", "administrator"])
def test_nobody_else_looks_beyond_their_place(client_for, world, name):
    assert client_for(name).get("tracking.look").status == 403


def test_a_wrong_date_and_a_number_nobody_has_get_the_same_answer(client_for, world):
    placed = a_request(world)
    client = client_for("other_doctor")
    answers = [
        ask(client, placed.number, born="5 11 1958"),
        ask(client, nhs_number(1), born="5 11 1958"),
        ask(client, nhs_number(4711)),
        ask(client, "H0000001", issuer="RJZ", born="5 11 1958"),
        ask(client, "H0009999", issuer="RJZ"),
        ask(client, "H0000001", issuer="RJ1"),
    ]

    assert {answer.status for answer in answers} == {422}
    assert all(NOTHING_FITS in answer.words for answer in answers)
    assert len(audited("look:refused")) == len(answers)
    assert not session().scalars(select(LookGrant)).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": ""}, "Type or scan a number"),
        ({"number": "123"}, "a number of ours has twelve"),
        ({"number": "H0000001"}, "choose who issued it"),
        ({"born": ""}, "a number alone shows nobody"),
        ({"born": "31 2 1958"}, ""),
        ({"reason": ""}, "Choose why you look"),
        ({"reason": "other"}, "Say why in a few words"),
    ],
)
def test_what_is_missing_is_said_and_shows_nobody(client_for, world, changes, words):
    placed = a_request(world)
    client = client_for("other_doctor")

    answer = ask(client, **{"number": placed.number, **changes})

    assert answer.status == 422
    assert words in answer.words
    assert "WOŹNIAK" not in answer.text.upper()


def test_ones_own_patient_needs_no_look(client_for, world):
    placed = a_request(world)

    answer = ask(client_for("doctor"), placed.number)

    assert answer.status == 422
    assert "sees every request of this patient already" in answer.words


@pytest.mark.hazard("T6")
def test_guessing_is_stopped_whoever_signs_in_again(client_for, world):
    placed = a_request(world)
    client = client_for("other_doctor")
    for year in range(LOOK_TRIES - 1):
        ask(client, placed.number, born=f"4 11 {1900 + year}")
    again = client_for("other_doctor")
    ask(again, placed.number, born="4 11 1910")

    right = ask(again, placed.number)

    assert right.status == 422
    assert "Too many tries" in right.words
    assert not session().scalars(select(LookGrant)).all()
    assert ask(client_for("other_scientist"), placed.number).status == 303


def test_guesses_sent_at_once_are_all_counted(client_for, world, app):
    placed = a_request(world)
    client = client_for("other_doctor")
    guesses = [
        lambda year=year: ask(client, placed.number, born=f"4 11 {1900 + year}")
        for year in range(LOOK_TRIES + 5)
    ]

    assert together(guesses) == []

    assert len(audited("look:refused")) == LOOK_TRIES


def test_a_look_is_recorded_and_its_reason_is_sealed(client_for, world):
    placed = a_request(world)
    client = client_for("other_doctor")

    ask(client, placed.number, reason="other", text="rang from Guy's clinic")

    row = session().scalars(select(LookGrant)).one()
    (event,) = audited("look:granted")
    assert event.subject_id == row.id
    assert event.details["patient"] == str(row.patient_id)
    assert "clinic" not in row.sealed
    assert "clinic" not in str(event.details)


@pytest.mark.parametrize("name", ["governance", "coordinator"])
def test_looks_are_listed_for_those_who_review_them_without_the_patient(client_for, world, name):
    placed = a_request(world)
    client = client_for("other_doctor")
    ask(client, placed.number, reason="on call", text="renal")
    ask(client, placed.number, born="5 11 1958")

    page = client_for(name).get("tracking.looks")

    assert "Other Doctor, requester, St Thomas" in page.words
    assert "on-call cover: renal" in page.words
    assert "open now" in page.words
    assert "Looks that fitted nobody" in page.words
    for secret in ("WOŹNIAK", "Woźniak", nhs_number(1), "1958", placed.number):
        assert secret not in page.text


def test_a_look_is_never_changed_but_for_its_end(client_for, world):
    placed = a_request(world)
    ask(client_for("other_doctor"), placed.number)
    row = session().scalars(select(LookGrant)).one()
    row.ends_at = row.ends_at + dt.timedelta(days=1)

    with pytest.raises(Exception, match="append-only"):
        session().flush()
    session().rollback()


def test_without_a_sign_in_there_is_no_look(world):
    number = LookNumber(NumberKind.NHS, nhs_number(1))
    command = LookBeyond(number, dt.date(1958, 11, 4), LookReason.ON_CALL, "")

    with pytest.raises(NotPermitted):
        look_beyond(command, actor=world.doctor)
