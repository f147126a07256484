"""From a filled card to a request: rule by rule, once, whole or not at all."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.errors import LabError, RulesBroken
from lab_contingency.incidents.commands import StopTest
from lab_contingency.incidents.models import Incident, IncidentState, NumberSeries
from lab_contingency.incidents.services import offer_test, stop_test
from lab_contingency.requests.models import PatientIdentity
from lab_contingency.requests.queries import planned_tubes, request_view
from lab_contingency.requests.queries.unidentified import free_name
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.identity import Identity, Sex
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.services import prepare_names
from tests.factories.world import SYSTEM, a_request, an_identity


def _rows() -> dict[str, int]:
    """How many rows each table has, the numbers' turn and all."""
    session().rollback()
    counts = {
        t.name: session().execute(select(func.count()).select_from(t)).scalar()
        for t in db.metadata.sorted_tables
    }
    counts["next"] = session().get(NumberSeries, "form").next_sequence
    return counts


def _refused(world, **changes) -> dict[str, str]:
    """The sentences by field; nothing may have been stored."""
    before = _rows()
    with pytest.raises(LabError) as refused:
        a_request(world, **changes)
    assert _rows() == before
    error = refused.value
    return error.problems if isinstance(error, RulesBroken) else {error.field or "": error.message}


def test_a_filled_card_becomes_a_request_with_a_number_tests_and_tubes(world):
    placed = a_request(world, tests=("FBC", "UE", "CRP"), band=Band.P2, reason_code="")

    view = request_view(placed.request_id, world.doctor)
    assert (view.number, len(view.number), placed.repeated) == (placed.number, 12, False)
    assert [test.test.code for test in view.tests] == ["FBC", "UE", "CRP"]
    assert {test.status for test in view.tests} == {TestStatus.REQUESTED}
    assert (view.band, view.band_asked) == (Band.P2, Band.P2)
    assert view.due_at == view.needed_by == view.requested_at + dt.timedelta(hours=2)
    assert view.patient.surname == "WOŹNIAK-O’NEILL"
    assert {tube.container: tube.test_codes for tube in planned_tubes(placed.request_id)} == {
        "SST": ("UE", "CRP"),
        "EDTA": ("FBC",),
    }


def test_what_was_written_on_the_card_stands_on_the_request(world):
    taken = clock.now() - dt.timedelta(minutes=20)
    placed = a_request(
        world,
        collected_at=taken,
        collected_by="N. Adeyemi",
        anticoagulant="warfarin",
        tests=("INR",),
    )

    view = request_view(placed.request_id, world.doctor)
    assert (view.clinical_details, view.callback) == ("Haematemesis", "bleep 2222")
    assert (view.bed, view.place) == ("4", "ED Resus, bed 4")
    assert (view.collected_at, view.collected_by) == (taken, "N. Adeyemi")
    assert (view.anticoagulant, view.requested_by) == ("warfarin", "Dr A. Okafor")


# --- who the patient is ------------------------------------------------------------------------


def test_a_number_with_another_date_of_birth_shows_nothing_of_the_patient_held(world):
    a_request(world, identity=an_identity(surname="Thornberry", forenames="Ignatius"))

    problems = _refused(world, identity=an_identity(born=dt.date(1958, 11, 5)), tests=("UE",))

    assert set(problems) == {"born"}
    assert "another date of birth" in problems["born"]
    for word in ("thornberry", "ignatius", "1958", "nov"):
        assert word not in problems["born"].casefold()


def test_the_hospital_number_with_another_date_of_birth_shows_nothing_either(world):
    a_request(world, identity=an_identity(surname="Thornberry", nhs_number=""))

    problems = _refused(
        world,
        identity=an_identity(surname="Thornberry", nhs_number="", born=dt.date(1960, 1, 1)),
        tests=("UE",),
    )

    assert "another date of birth" in problems["born"]
    assert "thornberry" not in str(problems).casefold()


def test_another_name_with_the_same_number_and_birthday_is_stopped(world):
    a_request(world, identity=an_identity(surname="Thornberry"))

    problems = _refused(world, identity=an_identity(surname="Okonkwo"), tests=("UE",))

    assert "THORNBERRY" in problems["surname"]


def test_the_same_name_without_its_accents_is_the_same_patient(world):
    first = a_request(world)
    second = a_request(
        world, identity=an_identity(surname="WOZNIAK ONEILL", forenames="sian"), tests=("UE",)
    )

    patients = {request_view(each.request_id, world.doctor).patient_id for each in (first, second)}
    assert len(patients) == 1
    assert request_view(second.request_id, world.doctor).patient.surname == "WOŹNIAK-O’NEILL"


def test_two_numbers_of_two_patients_are_stopped(world):
    a_request(world, identity=an_identity(1))
    a_request(world, identity=an_identity(2))

    problems = _refused(
        world,
        identity=an_identity(1, hospital_number=an_identity(2).hospital_number),
        tests=("UE",),
    )

    assert "two different patients" in problems["hospital_number"]


def test_a_number_not_known_before_completes_the_patient(world):
    first = a_request(world, identity=an_identity(hospital_number="", issuer=""))
    second = a_request(world, tests=("UE",))

    held = request_view(second.request_id, world.doctor)
    assert held.patient.hospital_number == "H0000001 (RJZ)"
    assert held.patient_id == request_view(first.request_id, world.doctor).patient_id
    assert request_view(first.request_id, world.doctor).patient.hospital_number is None
    currents = session().scalars(
        select(PatientIdentity.is_current).order_by(PatientIdentity.recorded_at)
    )
    assert sorted(currents) == [False, True]


def test_the_same_hospital_number_of_two_hospitals_is_two_patients(world):
    first = a_request(world, identity=an_identity(nhs_number=""))
    second = a_request(
        world, identity=an_identity(nhs_number="", issuer="RJ1", born=dt.date(1990, 1, 1))
    )

    views = [request_view(each.request_id, world.doctor) for each in (first, second)]
    assert len({view.patient_id for view in views}) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"nhs_number": "", "hospital_number": "", "issuer": ""}, "nhs_number"),
        ({"nhs_number": "9434765919"}, "nhs_number"),
        ({"issuer": "NOBODY"}, "issuer"),
        ({"born": dt.date(2100, 1, 1)}, "born"),
        ({"born": dt.date(1880, 1, 1)}, "born"),
    ],
)
def test_a_patient_who_cannot_be_one_is_stopped_at_the_box_it_is_about(world, changes, field):
    assert set(_refused(world, identity=an_identity(**changes))) == {field}


def test_a_live_database_takes_no_invented_number(world):
    from lab_contingency.foundation.node import this_node

    with unit_of_work():
        this_node().demonstration = False

    assert set(_refused(world)) == {"nhs_number"}


def test_a_prepared_name_is_used_once(world):
    with unit_of_work():
        made = prepare_names("RJZ", 3, actor=SYSTEM)
    name = free_name("RJZ")
    identity = Identity(
        name.surname,
        name.forename,
        dt.date(1986, 1, 1),
        Sex.MALE,
        "",
        name.number,
        "RJZ",
        unidentified=True,
    )

    a_request(world, identity=identity, unidentified=True)
    problems = _refused(world, identity=identity, unidentified=True, tests=("UE",))

    assert made == 3
    assert "just taken" in problems["surname"]
    assert free_name("RJZ").number != name.number


def test_a_name_that_nobody_prepared_is_no_unidentified_patient(world):
    with unit_of_work():
        prepare_names("RJZ", 1, actor=SYSTEM)
    name = free_name("RJZ")
    identity = Identity(
        "ALPHA", "Nobody", dt.date(1986, 1, 1), Sex.MALE, "", name.number, "RJZ", unidentified=True
    )

    assert set(_refused(world, identity=identity, unidentified=True)) == {"surname"}


def test_prepared_names_are_never_made_twice(world):
    with unit_of_work():
        first = prepare_names("RJZ", 40, actor=SYSTEM)
        second = prepare_names("RJZ", 40, actor=SYSTEM)
        third = prepare_names("RJZ", 10_000, actor=SYSTEM)
    from lab_contingency.requests.models import UnidentifiedName

    names = session().execute(select(UnidentifiedName.surname, UnidentifiedName.forename)).all()
    assert (first, second) == (40, 0)
    assert len(set(names)) == len(names) == 40 + third


# --- what is asked -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"band": Band.P1, "reason_code": ""}, "reason_code", "P1 NOW"),
        ({"band": Band.P1, "reason_code": "OTHER"}, "reason_text", "in words"),
        ({"tests": ()}, "tests", "at least one"),
        ({"tests": ("COAG",), "anticoagulant": ""}, "anticoagulant", "not known"),
        ({"tests": ("PARA",)}, "answer-ingestion_time", "not known"),
        ({"tests": ("GS", "CHK")}, "tests", ""),
    ],
)
def test_a_card_that_lacks_something_says_what(world, changes, field, words):
    problems = _refused(world, **changes)

    assert field in problems
    assert words in problems[field]


def test_an_answer_of_not_known_is_an_answer(world):
    placed = a_request(world, tests=("PARA",), answers={"ingestion_time": "not known"})

    assert request_view(placed.request_id, world.doctor).answers == {"ingestion_time": "not known"}


def test_several_problems_are_told_at_once(world):
    problems = _refused(
        world, tests=(), reason_code="", identity=an_identity(born=dt.date(2100, 1, 1))
    )

    assert set(problems) == {"tests", "reason_code", "born"}


def test_a_test_that_is_not_offered_says_why_and_what_to_do(world):
    with unit_of_work():
        stop_test(StopTest("DDIM", "No reagent. Scan instead.", None), actor=world.coordinator)

    problems = _refused(world, tests=("FBC", "DDIM"))
    with unit_of_work():
        offer_test("DDIM", actor=world.coordinator)

    assert "No reagent. Scan instead." in problems["tests"]
    assert a_request(world, tests=("FBC", "DDIM")).number


def test_a_stop_whose_time_has_passed_no_longer_stands(world):
    with unit_of_work():
        until = clock.now() + dt.timedelta(hours=1)
        stop_test(StopTest("DDIM", "Analyser down.", until), actor=world.coordinator)

    with clock.at(until + dt.timedelta(minutes=1)):
        assert a_request(world, tests=("DDIM",)).number


@pytest.mark.parametrize(
    ("field", "hours"),
    [("collected_at", 1), ("collected_at", -24 * 8), ("needed_by", -1), ("needed_by", 24 * 31)],
)
def test_a_time_that_cannot_be_is_stopped_at_its_box(world, field, hours):
    changes = {field: clock.now() + dt.timedelta(hours=hours), "collected_by": "N. Adeyemi"}

    assert set(_refused(world, **changes)) == {field}


def test_the_same_test_again_too_soon_warns_and_a_reason_overrides(world):
    a_request(world, tests=("FBC", "UE"))

    problems = _refused(world, tests=("FBC", "CRP"))
    again = a_request(world, tests=("FBC", "CRP"), overrides={"FBC": "bled again"})

    assert set(problems) == {"repeat-FBC"}
    assert "say why" in problems["repeat-FBC"]
    view = request_view(again.request_id, world.doctor)
    assert {test.test.code: test.asked_again for test in view.tests} == {
        "FBC": "bled again",
        "CRP": "",
    }


def test_the_same_test_for_somebody_else_is_no_repeat(world):
    a_request(world)

    assert a_request(world, identity=an_identity(2)).number


def test_the_same_test_later_is_no_repeat(world):
    a_request(world, tests=("AMY",))

    with clock.at(clock.now() + dt.timedelta(days=400)):
        assert a_request(world, tests=("AMY",)).number


def test_without_an_incident_no_card_is_sent(world):
    with unit_of_work():
        incident = session().scalars(select(Incident)).one()
        incident.state, incident.closed_at = IncidentState.CLOSED, clock.now()

    assert "coordinator" in _refused(world)[""]


def test_a_card_is_for_a_ward_of_ones_own_site(world):
    other = next(id_ for code, id_ in world.wards.items() if code.startswith("STH"))

    assert set(_refused(world, ward_id=other)) == {"ward"}


def test_a_slip_goes_to_a_ward_of_ones_own_site(world):
    other = next(id_ for code, id_ in world.wards.items() if code.startswith("STH"))

    assert set(_refused(world, destination_id=other)) == {"destination"}
