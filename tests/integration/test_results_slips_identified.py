"""Slips of somebody who was identified after the sample was taken: both names, on paper and in the record."""

import uuid

import pytest
from sqlalchemy import select

from lab_contingency.audit.models import Leaving
from lab_contingency.audit.rules import Field
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.requests.models import PatientLink, Request
from lab_contingency.requests.services import end_link
from lab_contingency.results.models import DeliveryList
from lab_contingency.results.services import print_batch, print_list_again, print_slip
from tests.factories.results import an_authorised_request
from tests.factories.unknown import an_unknown, identify
from tests.factories.world import make_world
from tests.printing.reading import joined, pages

pytestmark = [pytest.mark.hazard("H19"), pytest.mark.feature(104)]


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


@pytest.fixture
def taken(world):
    """Results of a sample that was taken under a prepared name: the request, and that name."""
    identity = an_unknown()
    request_id = an_authorised_request(world, identity=identity, unidentified=True)
    return request_id, identity


def printed(request_id, actor, reason=""):
    with unit_of_work():
        return print_slip(request_id, reason, actor=actor)


def says_both(words, identity):
    return (
        "WOŹNIAK-O’NEILL" in words
        and f"Thesamplewastakenas{identity.surname.upper()}{identity.forenames}" in words
    )


def test_a_slip_says_who_it_is_and_under_which_name_the_sample_was_taken(world, taken):
    request_id, identity = taken
    before = printed(request_id, world.doctor)
    identify(world, request_id)
    after = printed(request_id, world.doctor)
    again = printed(request_id, world.doctor, "LOST")

    assert "WOŹNIAK" not in joined(before.pdf)
    assert says_both(joined(after.pdf), identity)
    assert "version2of2" in joined(after.pdf)
    assert says_both(joined(again.pdf), identity)
    assert "COPY" in joined(again.pdf)


def test_a_batch_says_both_on_its_list_and_on_the_slip_and_so_does_its_reprint(world, taken):
    request_id, identity = taken
    ward_id = session().get_one(Request, request_id).destination_id
    identify(world, request_id)
    with unit_of_work():
        batch = print_batch(ward_id, actor=world.porter)
    list_id = session().scalars(select(DeliveryList.id)).one()
    with unit_of_work():
        again = print_list_again(list_id, actor=world.porter)

    for pdf in (batch.pdf, again.pdf):
        front, slip = (joined(pdf, page) for page in range(pages(pdf)))
        assert identity.surname.upper() in front
        assert "identifiedas" in front
        assert "WOŹNIAK-O’NEILL" in front
        assert says_both(slip, identity)


def test_what_leaves_is_recorded_for_both_records_of_the_person(world, taken):
    request_id, _ = taken
    identify(world, request_id)
    printed(request_id, world.doctor)
    link = session().scalars(select(PatientLink)).one()

    contains = (
        session().scalars(select(Leaving.contains).where(Leaving.kind == "result slip")).one()
    )
    found = {uuid.UUID(patient): Field(fields) for patient, fields in contains.items()}
    assert set(found) == {link.unidentified_id, link.patient_id}
    assert Field.RESULTS in found[link.unidentified_id]
    assert Field.RESULTS not in found[link.patient_id]
    assert Field.NAME | Field.BORN in found[link.patient_id]


def test_when_it_was_somebody_else_the_next_slip_names_them_no_more(world, taken):
    request_id, _ = taken
    identify(world, request_id)
    printed(request_id, world.doctor)
    with unit_of_work():
        end_link(request_id, "it was her sister", actor=world.doctor)
    after = printed(request_id, world.doctor)

    assert "WOŹNIAK" not in joined(after.pdf)
    assert "version2of2" in joined(after.pdf)
