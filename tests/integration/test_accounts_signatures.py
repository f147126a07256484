"""PIN or passphrase again, with the very form, for what cannot be taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lab_contingency.accounts.reauth import Proof, Secret
from lab_contingency.accounts.rules import PIN_TRIES, Role
from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries.views import request_view
from lab_contingency.requests.rules.bands import Band
from lab_contingency.results.commands import AuthoriseResults
from lab_contingency.results.models import CriticalCall
from lab_contingency.results.services import authorise_results
from lab_contingency.triage.commands import ChangePriority
from lab_contingency.triage.services import change_priority
from tests.clients import value_of
from tests.factories.results import CRP, a_critical_call, enter, on_the_bench
from tests.factories.world import a_request
from tests.shared_computers import OWN, PIN, a_person, begins_shift, enrol, signs_in


@pytest.fixture(autouse=True)
def _quick(quick_hashes):
    """No test here is about the work a guess costs."""


@pytest.fixture
def senior_id(world):
    """A live senior of King's laboratory."""
    return a_person("eve.senior", Role.SENIOR, laboratory_id=world.laboratories["KCH-LAB"])


@pytest.fixture
def bench(client_for, senior_id):
    """An enrolled bench with the senior's shift on it."""
    return begins_shift(enrol(client_for()), "eve.senior")


def _event(action: str) -> AuditEvent:
    session().rollback()
    return session().scalars(select(AuditEvent).where(AuditEvent.action == action)).one()


def _typed_crp(world):
    request_id = on_the_bench(world, tests=("CRP",))
    enter(request_id, world.scientist, CRP=CRP)
    return request_id


def _authorise(client, request_id, secret: str):
    shown = client.get("results.check_page", request_id=request_id)
    data = {"version": value_of(shown, "version"), "tests": ["CRP"], "secret": secret}
    return client.post("results.authorise", data, request_id=request_id)


@pytest.mark.feature(53)
def test_results_are_authorised_with_the_pin_and_the_record_says_so(world, bench, senior_id):
    request_id = _typed_crp(world)

    answer = _authorise(bench, request_id, PIN)

    assert answer.status == 303
    event = _event("result:authorised")
    assert event.details["reauthenticated"] == "pin"
    assert event.user_id == senior_id


@pytest.mark.feature(53)
@pytest.mark.parametrize(("secret", "words"), [("", "Type your PIN"), ("520864", "Wrong PIN")])
def test_without_the_right_pin_nothing_is_authorised_and_what_was_ticked_stays(
    world, bench, secret, words
):
    request_id = _typed_crp(world)

    page = _authorise(bench, request_id, secret)

    assert page.status == 422
    assert words in page.words
    assert 'value="CRP" checked' in page.text
    assert secret == "" or secret not in page.text
    session().rollback()
    assert "result:authorised" not in set(session().scalars(select(AuditEvent.action)))


def test_after_five_wrong_pins_the_passphrase_signs_and_a_new_pin_is_chosen(world, bench):
    request_id = _typed_crp(world)
    pages = [_authorise(bench, request_id, "520864") for _ in range(PIN_TRIES)]

    spent = _authorise(bench, request_id, PIN)
    signed = _authorise(bench, request_id, OWN)

    assert "Five wrong PINs" in pages[-1].words
    assert spent.status == 422
    assert "Your passphrase" in spent.words
    assert signed.status == 303
    assert bench.get("tracking.home").location == "/pin"
    assert _event("result:authorised").details["reauthenticated"] == "passphrase"


def test_where_there_is_no_pin_the_passphrase_is_asked_for(world, client_for, senior_id):
    client = client_for()
    assert signs_in(client, "eve.senior").status == 303
    request_id = _typed_crp(world)

    page = client.get("results.check_page", request_id=request_id)
    wrong = _authorise(client, request_id, "wrong horse battery")
    right = _authorise(client, request_id, OWN)

    assert "Your passphrase" in page.words
    assert "not your passphrase" in wrong.words
    assert right.status == 303


def test_people_of_the_demonstration_are_asked_for_nothing(world, client_for):
    request_id = _typed_crp(world)
    client = client_for("senior")

    page = client.get("results.check_page", request_id=request_id)
    answer = _authorise(client, request_id, "")

    assert 'name="secret"' not in page.text
    assert answer.status == 303
    assert "reauthenticated" not in _event("result:authorised").details


def test_the_service_itself_refuses_a_live_person_without_a_proof_of_their_own(world, senior_id):
    request_id = _typed_crp(world)
    laboratory = world.laboratories["KCH-LAB"]
    senior = Actor(senior_id, "Eve Senior", Role.SENIOR.value, laboratory_id=laboratory)
    command = AuthoriseResults(request_id, ("CRP",))

    for proof in (None, Proof(world.doctor.user_id, Secret.PIN)):
        with pytest.raises(RuleBroken, match="stands for your signature"), unit_of_work():
            authorise_results(command, actor=senior, proof=proof)


@pytest.mark.feature(53)
@pytest.mark.parametrize("secret", ["", "520864", PIN])
def test_a_read_back_is_signed(world, bench, secret):
    _, call_id = a_critical_call(world)
    data = {
        "number": "4302",
        "person": "J. Ferreira",
        "role": "nurse",
        "patient_agrees": "y",
        "read_back": "6.8",
        "secret": secret,
    }

    page = bench.post("results.record_call", data, call_id=call_id)

    session().rollback()
    closed = session().get_one(CriticalCall, call_id).closed_at is not None
    assert closed is (secret == PIN)
    if closed:
        assert _event("call:made").details["reauthenticated"] == "pin"
    else:
        assert page.status == 422
        assert "J. Ferreira" in page.text


@pytest.mark.feature(53)
def test_a_lower_priority_is_signed_a_higher_one_is_not(world, bench, senior_id):
    placed = a_request(world)

    def change(band: str, **more: str):
        shown = bench.get("triage.request", request_id=placed.request_id, do="priority")
        data = {"version": value_of(shown, "version"), "band": band, "reason_code": "STABLE"}
        return bench.post("triage.priority", {**data, **more}, request_id=placed.request_id)

    unsigned, signed = change("P3"), change("P3", secret=PIN)
    higher = change("P2")

    assert unsigned.status == 422
    assert "Type your PIN" in unsigned.words
    assert (signed.status, higher.status) == (303, 303)
    session().rollback()
    assert session().get_one(Request, placed.request_id).band is Band.P2
    events = session().scalars(
        select(AuditEvent)
        .where(AuditEvent.action == "request:band_changed")
        .order_by(AuditEvent.recorded_at)
    )
    assert [event.details.get("reauthenticated") for event in events] == ["pin", None]


def test_a_service_lowers_nothing_for_a_live_person_without_a_proof(world, senior_id):
    placed = a_request(world)
    senior = Actor(senior_id, "Eve", Role.SENIOR.value, laboratory_id=world.laboratories["KCH-LAB"])

    with pytest.raises(RuleBroken, match="signature"), unit_of_work():
        change_priority(ChangePriority(placed.request_id, 1, Band.P4, "STABLE"), actor=senior)

    session().rollback()
    assert request_view(placed.request_id, world.senior).band is Band.P1
