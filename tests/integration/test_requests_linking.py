"""Somebody unidentified gets their name: a link between two records, made and taken back, nothing written over."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.requests.models import PatientIdentity, PatientLink, Request
from lab_contingency.requests.queries import repeats_for, request_view
from lab_contingency.requests.queries.links import (
    links_of,
    requests_of_same_person,
    same_person,
)
from lab_contingency.requests.rules.identity import Sex
from lab_contingency.requests.services import end_link
from lab_contingency.results.queries.values import before_of
from lab_contingency.specimens.queries import find_by_number
from tests.clients import stranger_id
from tests.factories.tubes import label
from tests.factories.unknown import an_unknown, identify
from tests.factories.world import a_request, an_identity

pytestmark = [pytest.mark.hazard("H19"), pytest.mark.feature(104)]


@pytest.fixture
def unknown(world):
    """A request of somebody under a prepared name, its label printed."""
    identity = an_unknown()
    request_id = a_request(world, identity=identity, unidentified=True).request_id
    (printed,) = label(world, request_id).labels
    return request_id, identity, printed.number


def test_both_names_are_shown_and_number_and_label_stay(world, unknown):
    request_id, identity, number = unknown
    before = session().get_one(Request, request_id)
    kept = (before.number, before.patient_id, before.identity_id)

    identify(world, request_id)

    view = request_view(request_id, world.doctor)
    assert find_by_number(number, world.doctor).void is None
    after = session().get_one(Request, request_id)
    assert (after.number, after.patient_id, after.identity_id) == kept
    assert view.patient.surname == identity.surname.upper()
    assert view.patient.identified.surname == "WOŹNIAK-O’NEILL"
    assert view.patient.identified.nhs_number
    assert session().scalars(
        select(func.count(PatientIdentity.id)).where(PatientIdentity.patient_id == kept[1])
    ).one() == 1  # fmt: skip


def test_requests_of_one_lead_to_those_of_the_other_until_it_is_taken_back(world, unknown):
    request_id, _, _ = unknown
    real = a_request(world, identity=an_identity(7), tests=("CRP",))
    mine = session().get_one(Request, request_id).patient_id
    theirs = session().get_one(Request, real.request_id).patient_id
    identify(world, request_id)

    assert same_person(mine) == same_person(theirs) == {mine, theirs}
    (there,) = requests_of_same_person(mine, world.doctor)
    (back,) = requests_of_same_person(theirs, world.doctor)
    assert (there.request_id, back.request_id) == (real.request_id, request_id)
    assert requests_of_same_person(theirs, world.other_doctor) == ()
    assert [repeat.test_code for repeat in repeats_for(theirs, ["FBC"])] == ["FBC"]

    with unit_of_work():
        end_link(request_id, "it was her sister", actor=world.doctor)

    assert same_person(mine) == {mine}
    assert repeats_for(theirs, ["FBC"]) == ()
    assert request_view(request_id, world.doctor).patient.identified is None
    (link,) = links_of(mine)
    assert (link.reason, link.ended_by) == ("daughter came", "Doctor")


def test_a_second_link_follows_a_wrong_one_and_both_are_kept(world, unknown):
    request_id, _, _ = unknown
    identify(world, request_id)
    with pytest.raises(RuleBroken, match="already"):
        identify(world, request_id, seed=8)
    with unit_of_work():
        end_link(request_id, "it was her sister", actor=world.doctor)
    identify(world, request_id, seed=8)

    links = links_of(session().get_one(Request, request_id).patient_id)
    assert [link.ended_at is None for link in links] == [True, False]
    assert len({link.real_id for link in links}) == 2


def test_several_unidentified_who_are_one_person_are_one(world, unknown):
    request_id, _, _ = unknown
    identity = an_unknown()
    other = a_request(world, identity=identity, unidentified=True).request_id
    identify(world, request_id)
    identify(world, other)

    one = session().get_one(Request, request_id).patient_id
    two = session().get_one(Request, other).patient_id
    assert {one, two} < same_person(one) == same_person(two)
    assert before_of(one, stranger_id(), {"CRP"}, actor=world.doctor) == {}


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        ({"nhs_number": "", "hospital_number": "", "issuer": ""}, "NHS number or the hospital"),
        ({"surname": "Other"}, "held for"),
    ],
)
def test_who_it_is_must_be_somebody(world, unknown, identity, words):
    request_id, _, _ = unknown
    a_request(world, identity=an_identity(7), tests=("CRP",))

    with pytest.raises(Exception, match=words):
        identify(world, request_id, **identity)
    assert session().scalars(select(func.count(PatientLink.id))).one() == 0


def test_a_prepared_number_is_nobodys_own(world, unknown):
    request_id, held, _ = unknown
    changes = {
        "surname": held.surname, "forenames": held.forenames, "born": held.born,
        "nhs_number": "", "hospital_number": held.hospital_number, "sex": Sex.MALE,
    }  # fmt: skip
    with pytest.raises(RuleBroken, match="prepared name"):
        identify(world, request_id, **changes)


def test_a_patient_with_a_name_is_not_identified_and_nobody_is_untied_twice(world):
    request_id = a_request(world).request_id

    with pytest.raises(RuleBroken, match="own name"):
        identify(world, request_id)
    with pytest.raises(NotFound), unit_of_work():
        end_link(request_id, "x", actor=world.doctor)


def test_the_database_keeps_a_link_as_it_was_made(world, unknown):
    request_id, _, _ = unknown
    identify(world, request_id)

    with pytest.raises(Exception, match="append-only"), unit_of_work():
        session().execute(update(PatientLink).values(linked_by="nobody"))
