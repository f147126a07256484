"""From the bedside to the porter: taken, put right, handed over."""

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.requests.queries import request_view
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import CollectTubes, CorrectCollection
from lab_contingency.specimens.queries import (
    custody_of,
    find_by_number,
    tubes_of,
)
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.transport.custody.queries.rounds import loads
from tests.factories.tubes import (
    a_collected_tube,
    assign,
    collect,
    label,
    receive,
    tube,
)
from tests.factories.world import a_request, an_identity, make_world

NOW = dt.datetime(2026, 11, 24, 3, 5, tzinfo=dt.UTC)
ANSWERS = {"transfused_or_pregnant_3_months": "no", "units": "2", "needed_by": "04:00"}


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(NOW):
        yield make_world()


def card(world, *tests, **changes):
    return a_request(world, tests=tests, answers=ANSWERS, **changes).request_id


def test_a_tube_goes_from_hand_to_hand_and_its_history_says_so(world):
    request_id = card(world, "FBC")
    assign(world, request_id)
    number = a_collected_tube(world, request_id)
    with clock.at(NOW + dt.timedelta(minutes=4)), unit_of_work():
        services.hand_over([number], "Sam Rowe", actor=world.porter)
    with clock.at(NOW + dt.timedelta(minutes=9)):
        receive(world, number)

    history = custody_of(request_id)

    assert [one.what for one in history] == ["taken", "label printed", "handed over", "received"]
    assert [one.place for one in history][2:] == ["Sam Rowe", "King's core laboratory"]
    assert history[0].occurred_at == NOW - dt.timedelta(minutes=5)
    assert history[0].recorded_at == NOW
    assert history[0].noted_later
    assert history[3].by_name == "Scientist"


def test_blood_cannot_be_taken_in_the_future_or_by_nobody(world):
    request_id = card(world, "FBC")
    label(world, request_id)
    planned = (tube(request_id).planned_tube_id,)

    for command, field in (
        (CollectTubes(request_id, planned, NOW + dt.timedelta(hours=1), "A"), "collected_at"),
        (CollectTubes(request_id, planned, NOW - dt.timedelta(days=9), "A"), "collected_at"),
        (CollectTubes(request_id, planned, NOW, " "), "collected_by"),
        (CollectTubes(request_id, (), NOW, "A"), "tubes"),
    ):
        with pytest.raises(RuleBroken) as refused, unit_of_work():
            services.collect(command, actor=world.doctor)
        assert refused.value.field == field


@pytest.mark.hazard("H01")
def test_a_tube_of_another_patient_is_refused_at_the_bedside(world):
    request_id = card(world, "FBC")
    other = card(world, "FBC", identity=an_identity(2, surname="Smith"))
    label(world, request_id)
    label(world, other)
    mixed = (tube(request_id).planned_tube_id, tube(other).planned_tube_id)

    with pytest.raises(NotFound), unit_of_work():
        services.collect(CollectTubes(request_id, mixed, NOW, "A"), actor=world.doctor)

    assert tube(request_id).status is SpecimenStatus.LABELLED


def test_a_collection_shown_with_an_older_version_is_refused(world):
    request_id = card(world, "FBC")
    label(world, request_id)
    planned = (tube(request_id).planned_tube_id,)

    with pytest.raises(ChangedByAnother), unit_of_work():
        services.collect(CollectTubes(request_id, planned, NOW, "A", version=0), actor=world.doctor)


def test_a_wrong_collection_time_is_corrected_with_a_reason(world):
    request_id = card(world, "UE")
    a_collected_tube(world, request_id)
    planned = tube(request_id).planned_tube_id
    earlier = NOW - dt.timedelta(hours=2)

    with pytest.raises(RuleBroken), unit_of_work():
        services.correct_collection(
            CorrectCollection(request_id, planned, earlier, "B. Osei", ""), actor=world.doctor
        )
    with unit_of_work():
        services.correct_collection(
            CorrectCollection(request_id, planned, earlier, "B. Osei", "ward clock was wrong"),
            actor=world.doctor,
        )

    held = tube(request_id)
    assert (held.collected_at, held.collected_by) == (earlier, "B. Osei")
    assert held.unusable_at == earlier + dt.timedelta(hours=12)
    assert "ward clock was wrong" in [one.reason for one in custody_of(request_id)]


def test_one_scan_of_a_form_hands_over_every_tube_that_was_taken(world):
    request_id = card(world, "FBC", "UE", "GS")
    label(world, request_id)
    collect(world, request_id)
    form = request_view(request_id, world.doctor).number

    with unit_of_work():
        services.hand_over([form], world.porter.name, actor=world.porter)

    assert {one.status for one in tubes_of(request_id)} == {SpecimenStatus.HANDED_OVER}
    assert sum(len(load.tubes) for load in loads(world.porter)) == 3


def test_a_labelled_tube_nobody_scanned_as_taken_can_still_be_carried(world):
    request_id = card(world, "FBC")
    number = label(world, request_id).labels[0].number

    with unit_of_work():
        services.hand_over([number], "Sam Rowe", actor=world.porter)

    assert tube(request_id).status is SpecimenStatus.HANDED_OVER


def test_a_number_leads_to_its_tube_within_the_scope_only(world):
    request_id = card(world, "FBC")
    number = label(world, request_id).labels[0].number

    found = find_by_number(number, world.doctor)

    assert (found.request_id, found.planned_tube_id) == (
        request_id,
        tube(request_id).planned_tube_id,
    )
    with pytest.raises(NotFound):
        find_by_number(number, world.other_doctor)
