"""What stood before and after a correction is in the record, sealed: by its words the history tells it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from lab_contingency.accounts.queries import users
from lab_contingency.accounts.services import disable_user, enable_user, end_grant
from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.queries import history_of, verify
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.incidents.commands import StopTest
from lab_contingency.incidents.queries import open_incident
from lab_contingency.incidents.services import change_message, offer_test, stop_test
from lab_contingency.requests.commands import CorrectDetails, CorrectIdentity, WithdrawTests
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.services import correct_details, correct_identity, withdraw_tests
from lab_contingency.specimens.commands import CorrectCollection
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.services import correct_collection
from lab_contingency.triage.commands import ChangePriority
from lab_contingency.triage.services import change_priority
from tests.clients import without_ids
from tests.factories.results import amend, an_authorised_request
from tests.factories.tubes import a_collected_tube, assign, tube
from tests.factories.world import a_request, an_identity, grant_of

pytestmark = pytest.mark.feature(69)


@pytest.fixture
def placed(world):
    return a_request(world, tests=("FBC", "UE"))


@pytest.fixture(autouse=True)
def _nothing_of_it_is_readable(world):
    """None of what was changed stands in the open columns of the record; and the record holds."""
    yield
    session().rollback()
    for row in session().scalars(select(AuditEvent)):
        open_part = without_ids(json.dumps([row.details, row.list_key, row.address]))
        for word in ("Nowak", "NOWAK", "Siân", "bleep", "Haematemesis", "120", "wristband"):
            assert word not in open_part, row.action
    session().rollback()
    assert verify().ok


def _version(placed) -> int:
    return session().scalars(select(Request.version).where(Request.id == placed.request_id)).one()


def _changes(action: str, subject_id: uuid.UUID) -> dict[str, tuple[Any, Any]]:
    session().rollback()
    found = [
        each
        for each in history_of(action.split(":", maxsplit=1)[0], subject_id)
        if each.action == action
    ]
    assert found, action
    return dict(found[0].changes)


def test_a_patient_put_right(world, placed):
    identity = an_identity(surname="Nowak")
    with unit_of_work():
        command = CorrectIdentity(placed.request_id, _version(placed), identity, "wristband read")
        correct_identity(command, actor=world.doctor)

    changes = _changes("request:identity_corrected", placed.request_id)

    assert changes == {
        "surname": (an_identity().surname, identity.surname),
        "reason": (None, "wristband read"),
    }


def test_details_and_destination_put_right(world, placed):
    ward, other = world.wards["KCH-ED-RESUS"], world.wards["KCH-ED-MAJORS"]
    with unit_of_work():
        command = CorrectDetails(
            request_id=placed.request_id,
            version=_version(placed),
            ward_id=ward,
            bed="4",
            destination_id=other,
            callback="bleep 3333",
            consultant="Dr P. Mehta",
            clinical_details="Haematemesis",
            reason="moved",
        )
        correct_details(command, actor=world.doctor)

    changes = _changes("request:details_corrected", placed.request_id)

    assert changes["destination"] == (str(ward), str(other))
    assert changes["callback"] == ("bleep 2222", "bleep 3333")
    assert set(changes) == {"destination", "callback", "reason"}


def test_a_test_taken_back(world, placed):
    with unit_of_work():
        command = WithdrawTests(placed.request_id, _version(placed), ("UE",), "asked twice")
        withdraw_tests(command, actor=world.doctor)
    test = session().scalars(select(RequestedTest.id).where(RequestedTest.test_code == "UE")).one()

    changes = _changes("requested_test:withdraw", test)

    assert changes == {"status": ("requested", "withdrawn"), "reason": (None, "asked twice")}


def test_another_priority(world, placed):
    with unit_of_work():
        command = ChangePriority(
            placed.request_id, _version(placed), Band.P2, "STABLE", "since nine"
        )
        change_priority(command, actor=world.senior)

    changes = _changes("request:band_changed", placed.request_id)

    assert changes["band"] == ("P1", "P2")
    before, after = (dt.datetime.fromisoformat(each) for each in changes["needed_by"])
    assert before < after


def test_a_collection_put_right(world, placed):
    assign(world, placed.request_id)
    a_collected_tube(world, placed.request_id)
    planned = tube(placed.request_id).planned_tube_id
    earlier = clock.now() - dt.timedelta(hours=2)
    with unit_of_work():
        command = CorrectCollection(placed.request_id, planned, earlier, "B. Osei", "wrong clock")
        correct_collection(command, actor=world.doctor)
    specimen = (
        session().scalars(select(Specimen.id).where(Specimen.planned_tube_id == planned)).one()
    )

    changes = _changes("specimen:correct_time", specimen)

    assert changes["collected_by"][1] == "B. Osei"
    assert changes["collected_by"][0] != "B. Osei"
    assert dt.datetime.fromisoformat(changes["collected_at"][1]) == earlier
    assert changes["reason"] == (None, "wrong clock")


def test_an_amended_value(world):
    request_id = an_authorised_request(world)
    amend(request_id, world.scientist, "Wrong line of the print-out", CRP={"CRP": "120"})

    changes = _changes("result:amended", request_id)

    before, after = changes["CRP-CRP"]
    assert (before["text"], after["text"]) != ("120", "120")
    assert after["text"] == "120"
    assert changes["reason"] == (None, "Wrong line of the print-out")


def test_a_test_taken_off_the_menu_and_offered_again(world):
    with unit_of_work():
        first = stop_test(StopTest("FBC", "No reagent.", None), actor=world.coordinator)
    with unit_of_work():
        second = stop_test(StopTest("FBC", "Analyser down.", None), actor=world.coordinator)
    with unit_of_work():
        offer_test("FBC", actor=world.coordinator)

    assert _changes("menu:test_stopped", first) == {
        "offered": (True, False),
        "reason": (None, "No reagent."),
    }
    assert _changes("menu:test_stopped", second) == {"reason": ("No reagent.", "Analyser down.")}
    offered = session().scalars(select(AuditEvent).where(AuditEvent.action == "menu:test_offered"))
    assert offered.one().sealed is not None


def test_another_message_on_every_page(world):
    held = open_incident()
    with unit_of_work():
        change_message("Ring 2200", held.version, actor=world.coordinator)

    assert _changes("incident:message_changed", held.id) == {"message": ("", "Ring 2200")}


def test_accounts_closed_opened_and_roles_taken(world):
    porter = world.people["porter"].user_id
    grant = grant_of(porter)
    grant_id, role = grant.id, grant.role.value
    for act in (disable_user, enable_user):
        version = next(one.version for one in users() if one.id == porter)
        with unit_of_work():
            act(porter, version, actor=world.administrator)
    with unit_of_work():
        end_grant(grant_id, actor=world.administrator)

    assert _changes("user:disabled", porter) == {"disabled": (False, True)}
    assert _changes("user:enabled", porter) == {"disabled": (True, False)}
    assert _changes("grant:ended", grant_id)["role"] == (role, None)
    assert _changes("user:added", porter) == {
        "username": (None, "porter"),
        "name": (None, "Porter"),
    }
