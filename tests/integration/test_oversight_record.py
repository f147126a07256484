"""Who saw whom: the report says exactly what every answer showed, for anybody in any window."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from itertools import islice

import pytest

from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import register_leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound
from lab_contingency.oversight.queries.record import left, shown
from lab_contingency.oversight.queries.report import exposure_report
from lab_contingency.oversight.queries.watching import watched
from lab_contingency.oversight.rules.exposure import (
    EVERY_FIELD,
    About,
    Certainty,
    Criteria,
    Reach,
    Verification,
)
from tests.factories.looking import BEGINS, Answers, a_busy_night, criteria_of, persons
from tests.factories.world import a_request, an_identity

pytestmark = pytest.mark.feature(97)
HOUR = dt.timedelta(hours=1)
UNLOOKED = Verification(None, "")


@pytest.fixture
def in_app(app):
    with app.app_context():
        yield app


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.hazard("H40")
def test_the_record_gives_back_what_every_answer_showed(in_app, seed):
    chance = random.Random(seed)  # noqa: S311 - invented data
    patients = [uuid.uuid4() for _ in range(40)]
    people = persons(8)
    night = a_busy_night(chance, patients, people, 500)
    night.keep()
    compared = found_some = 0

    for criteria in islice(criteria_of(chance, people, night.answers[-1].at), 120):
        found = {
            look.patient: (look.fields, look.first, look.last, look.times)
            for look in shown(criteria).values()
        }
        assert found == night.truth(criteria), criteria
        compared += 1
        found_some += bool(found)

    assert compared == 120
    assert found_some > 80


def test_somebody_who_came_before_the_window_counts_when_the_list_was_fetched_in_it(in_app):
    person, patient = persons(1)[0], uuid.uuid4()
    night = Answers()
    night.show(person, BEGINS, "queue", {patient: 3})
    night.show(person, BEGINS + 3 * HOUR, "queue", {patient: 3})
    night.show(person, BEGINS + 5 * HOUR, "queue", {})
    night.keep()

    def times(begins: int, ends: int) -> int:
        window = BEGINS + begins * HOUR, BEGINS + ends * HOUR
        look = shown(Criteria(About.WINDOW, "", *window)).get(patient)
        return look.times if look else 0

    assert times(1, 2) == 0
    assert times(2, 4) == 1
    assert times(3, 4) == 1
    assert times(2, 3) == 0
    assert times(4, 9) == 0
    assert times(0, 9) == 2


def _window(about: About = About.WINDOW, value: str = "") -> Criteria:
    return Criteria(about, value, clock.now() - HOUR, clock.now() + HOUR)


def test_what_left_is_told_by_person_address_watermark_and_window(world):
    placed = a_request(world)
    maker = Actor(world.doctor.user_id, "Doctor", "requester", address="10.1.1.1")
    patient = _patient_of(placed.request_id)
    with unit_of_work():
        register_leaving("slip", {patient: Field.NAME}, "one", actor=maker, watermark="7QK3M0ZT9A")
        register_leaving("slip", {patient: Field.RESULTS}, "two", actor=maker, copies=2)

    for criteria in (
        _window(),
        _window(About.ACCOUNT, str(world.doctor.user_id)),
        _window(About.ROLE, "requester"),
        _window(About.ADDRESS, "10.1.1.1"),
    ):
        [one] = left(criteria)
        assert (one.look.patient, one.look.fields, one.look.times) == (patient, 1 | 512, 3)
    assert left(_window(About.ADDRESS, "10.1.1.2")) == ()
    [only] = exposure_report(_window(About.LEAVING, "7qk3m-0zt9a"), UNLOOKED).exposures
    assert (only.patient, only.fields, only.left, only.shown) == (patient, 1, 1, 0)


def test_a_printed_label_is_found_by_the_number_on_it(client_for, world):
    from lab_contingency.requests.queries import planned_tubes
    from lab_contingency.specimens.services import labels_for

    placed = a_request(world)
    with unit_of_work():
        labels_for(
            placed.request_id, [t.id for t in planned_tubes(placed.request_id)], actor=world.doctor
        )
    number = _tube_number(placed.request_id)

    report = exposure_report(_window(About.LEAVING, number), UNLOOKED)

    assert [one.patient for one in report.exposures] == [_patient_of(placed.request_id)]
    with pytest.raises(NotFound, match="watermark or number"):
        exposure_report(_window(About.LEAVING, "410000000000"), UNLOOKED)


def test_the_three_classes_are_readable_only_encrypted_and_not_reached(world):
    placed = [a_request(world, identity=an_identity(seed)) for seed in range(1, 6)]
    patients = [_patient_of(one.request_id) for one in placed]
    with unit_of_work():
        register_leaving("slip", {patients[0]: Field.NAME}, "a", actor=world.doctor)
        register_leaving("backup", dict.fromkeys(patients[:3], Field.NAME), "b", actor=world.doctor)

    report = exposure_report(_window(), UNLOOKED)

    assert [one.patient for one in report.of(Reach.READABLE)] == patients[:1]
    assert [one.patient for one in report.of(Reach.ENCRYPTED)] == sorted(patients[1:3])
    assert report.not_reached == 2


@pytest.mark.parametrize(
    ("about", "reach"), [(About.SEALED_COPY, Reach.ENCRYPTED), (About.OPEN_COPY, Reach.READABLE)]
)
def test_a_stolen_copy_is_everybody_at_most(world, about, reach):
    patients = {
        _patient_of(a_request(world, identity=an_identity(s)).request_id) for s in (1, 2, 3)
    }

    report = exposure_report(_window(about), UNLOOKED)

    assert report.certainty is Certainty.UPPER_BOUND
    assert {one.patient for one in report.of(reach)} == patients
    assert {one.fields for one in report.exposures} == {EVERY_FIELD}
    assert report.not_reached == 0
    before = Criteria(about, "", clock.now() - 2 * HOUR, clock.now() - HOUR)
    assert exposure_report(before, UNLOOKED).exposures == ()


@pytest.mark.parametrize(
    ("holds", "certainty"),
    [(True, Certainty.EXACT), (None, Certainty.AS_RECORDED), (False, Certainty.UPPER_BOUND)],
)
@pytest.mark.parametrize("about", [About.WINDOW, About.ROLE, About.LEAVING])
def test_a_report_is_exact_only_when_the_record_verifies(world, holds, certainty, about):
    patient = _patient_of(a_request(world).request_id)
    other = _patient_of(a_request(world, identity=an_identity(2)).request_id)
    with unit_of_work():
        register_leaving(
            "slip", {patient: Field.NAME}, "a", actor=world.doctor, watermark="7QK3M0ZT9A"
        )
    said = Verification(holds, "Row 7 of chain 2 was altered.")
    value = {About.LEAVING: "7QK3M0ZT9A", About.ROLE: "requester"}.get(about, "")

    report = exposure_report(_window(about, value), said)

    assert report.certainty is certainty
    assert ("exact" in f"{report.certainty.value} {report.sentence}") is (holds is True)
    assert said.sentence in report.sentence
    reached = {one.patient for one in report.exposures}
    assert reached == ({patient, other} if holds is False else {patient})


def test_people_who_saw_many_patients_come_first(in_app):
    night, people = Answers(), persons(6)
    now = clock.now()
    for place, person in enumerate(people):
        for number in range(60 if place == 0 else 4 + place):
            night.show(person, now - HOUR, "", {uuid.UUID(int=number): 1})
    night.keep()

    found = watched(now - 24 * HOUR, now)

    assert found[0].watcher.user_id == people[0].user_id
    assert found[0].watcher.patients == 60
    assert [one.beyond for one in found].count(True) == 1
    assert watched(now, now + HOUR) == ()


def test_a_report_says_who_and_from_where_it_could_be_narrower(in_app):
    night, people = Answers(), persons(4)
    for person in people:
        night.show(person, BEGINS, "", {uuid.UUID(int=1): 1})
    night.keep()

    report = exposure_report(
        Criteria(About.WINDOW, "", BEGINS, BEGINS + HOUR), UNLOOKED, narrower=True
    )

    assert {one.value for one in report.facets} == {
        *(str(p.user_id) for p in people),
        *(str(p.sign_in_id) for p in people),
        *(str(p.device_id) for p in people if p.device_id),
        *(p.address for p in people),
    }


def _patient_of(request_id: uuid.UUID) -> uuid.UUID:
    from lab_contingency.foundation.database import session
    from lab_contingency.requests.models import Request

    return session().get_one(Request, request_id).patient_id


def _tube_number(request_id: uuid.UUID) -> str:
    from sqlalchemy import select

    from lab_contingency.foundation.database import session
    from lab_contingency.specimens.models import Specimen

    return (
        session().scalars(select(Specimen.number).where(Specimen.request_id == request_id)).first()
    )
