"""The pages of the receiving desk."""

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.bands import Band
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import RejectTube
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.rules import HandItem, SpecimenStatus
from tests.factories.tubes import a_collected_tube, assign, label, receive, tube
from tests.factories.world import a_request, make_world

ANSWERS = {"transfused_or_pregnant_3_months": "no", "units": "2", "needed_by": "04:00"}


@pytest.fixture
def world(app):
    with app.app_context():
        return make_world()


@pytest.fixture
def person(app, world):
    """A client signed in as somebody of the world."""

    def signed_in(name):
        client = app.test_client()
        client.post(f"/sign-in/demonstration/{world.people[name].user_id}")
        return client

    return signed_in


def card(app, world, *tests, **changes):
    with app.app_context():
        return a_request(world, tests=tests, answers=ANSWERS, **changes).request_id


def number_of(app, world, request_id):
    with app.app_context():
        return request_view(request_id, world.doctor).number


def labelled(app, world, request_id):
    with app.app_context():
        return [one.number for one in label(world, request_id).labels]


def held(app, request_id, place=0):
    with app.app_context():
        return tube(request_id, place)


def test_a_scan_at_the_desk_receives_at_once_and_shows_whose_it_is(app, world, person):
    request_id = card(app, world, "FBC")
    with app.app_context():
        assign(world, request_id)
        number = a_collected_tube(world, request_id)
    scientist = person("scientist")

    page = scientist.post("/receive", data={"number": number}, follow_redirects=True)
    again = scientist.post("/receive", data={"number": number})

    assert page.status_code == 200
    for word in ("WOŹNIAK", "04-Nov-1958", "Reject this tube", "on the bench"):
        assert word in page.text
    assert again.status_code == 422
    assert "Received already" in again.text


def test_the_desk_asks_for_a_missing_time_and_keeps_the_number(app, world, person):
    request_id = card(app, world, "FBC")
    with app.app_context():
        assign(world, request_id)
    number = labelled(app, world, request_id)[0]
    scientist = person("scientist")

    asked = scientist.post("/receive", data={"number": number})
    now = clock.london(clock.now() - dt.timedelta(minutes=20))
    done = scientist.post(
        "/receive", data={"number": number, "collected_at": now.strftime("%d-%b %H:%M")}
    )

    assert asked.status_code == 422
    assert "When was it taken?" in asked.text
    assert number in asked.text
    assert done.status_code == 303


def test_a_form_at_the_desk_opens_its_check_list(app, world, person):
    request_id = card(app, world, "GS")
    scientist = person("scientist")

    page = scientist.post(
        "/receive", data={"number": number_of(app, world, request_id)}, follow_redirects=True
    )
    planned = held(app, request_id).planned_tube_id
    path = f"/requests/{request_id}/tubes/{planned}/accept"
    taken = clock.london(clock.now() - dt.timedelta(minutes=20)).strftime("%d-%b %H:%M")
    data = {"collected_at": taken, "collected_by": "A. Okafor"}
    part = scientist.post(path, data={**data, "confirmed": ["surname"]})
    whole = scientist.post(path, data={**data, "confirmed": [item.value for item in HandItem]})
    label_out = scientist.post(f"/requests/{request_id}/tubes/{planned}/number-label")

    assert page.status_code == 200
    for word in ("WOŹNIAK-O’NEILL", "Siân", "04-Nov-1958", "signature"):
        assert word in page.text
    assert part.status_code == 422
    assert "Not confirmed: forename" in part.text
    assert whole.status_code == 303
    assert label_out.content_type == "application/pdf"


def test_a_rejection_at_the_desk_reaches_the_requester(app, world, person):
    request_id = card(app, world, "FBC")
    with app.app_context():
        assign(world, request_id)
        number = a_collected_tube(world, request_id)
        receive(world, number)
    one = held(app, request_id)
    path = f"/requests/{request_id}/tubes/{one.planned_tube_id}/reject"
    scientist, doctor = person("scientist"), person("doctor")

    shown = scientist.get(path)
    refused = scientist.post(path, data={"version": one.version})
    done = scientist.post(path, data={"version": one.version, "reason_code": "CLOTTED"})
    again = doctor.post(
        f"/requests/{request_id}/recollect", data={"planned_tube_id": str(one.planned_tube_id)}
    )

    assert shown.status_code == 200
    assert refused.status_code == 422
    assert done.status_code == 303
    assert again.status_code == 303
    with app.app_context():
        assert [each.status for each in tubes_of(request_id)] == [SpecimenStatus.REJECTED, None]


@pytest.mark.parametrize(
    ("band", "said"),
    [(Band.P1, "Ring as well, it is P1 NOW: "), (Band.P3, "If it cannot wait, ring as well: ")],
)
def test_who_rejects_is_told_to_ring_as_it_presses(app, world, person, band, said):
    request_id = card(app, world, "FBC", band=band)
    with app.app_context():
        assign(world, request_id)
        number = a_collected_tube(world, request_id)
        receive(world, number)
    one = held(app, request_id)
    page = person("scientist").get(f"/requests/{request_id}/tubes/{one.planned_tube_id}/reject")
    assert said in page.text


def test_a_rejection_of_a_tube_changed_meanwhile_is_refused(app, world, person):
    request_id = card(app, world, "FBC")
    with app.app_context():
        assign(world, request_id)
        a_collected_tube(world, request_id)
    one = held(app, request_id)

    answer = person("scientist").post(
        f"/requests/{request_id}/tubes/{one.planned_tube_id}/reject",
        data={"version": "1", "reason_code": "CLOTTED"},
    )

    assert answer.status_code == 409
    assert "Somebody else changed this" in answer.text


def test_a_tube_rejected_elsewhere_is_said_so_at_the_desk(app, world, person):
    request_id = card(app, world, "FBC")
    with app.app_context():
        assign(world, request_id)
        number = a_collected_tube(world, request_id)
        with unit_of_work():
            planned = tube(request_id).planned_tube_id
            command = RejectTube(request_id, planned, "LEAKED")
            services.reject(command, actor=world.scientist)

    answer = person("scientist").post("/receive", data={"number": number})

    assert "was rejected" in answer.text


def test_a_tube_with_a_void_label_can_be_rejected_from_the_desk(app, world, person):
    request_id = card(app, world, "FBC")
    with app.app_context():
        number = a_collected_tube(world, request_id)
        with unit_of_work():
            services.hand_over([number], "Sam Rowe", actor=world.porter)
            services.void_labels(request_id, "the patient was corrected.", actor=world.doctor)
    scientist = person("scientist")

    refused = scientist.post("/receive", data={"number": number})
    led = scientist.post("/receive", data={"number": number, "do": "reject"})

    assert "no longer counts: the patient was corrected." in refused.text
    assert led.status_code == 303
    assert led.location.endswith("/reject")
    assert scientist.get(led.location).status_code == 200


def test_the_first_draw_on_the_card_is_not_offered_for_a_tube_taken_again(app, world, person):
    first = clock.now() - dt.timedelta(hours=5)
    request_id = card(app, world, "GS", collected_at=first, collected_by="A. Okafor")
    one = held(app, request_id)
    with app.app_context(), unit_of_work():
        command = RejectTube(request_id, one.planned_tube_id, "UNDERFILLED", "")
        services.reject(command, actor=world.senior)
        services.recollect(request_id, one.planned_tube_id, actor=world.doctor)
    scientist, doctor = person("scientist"), person("doctor")

    scientist.post("/receive", data={"number": number_of(app, world, request_id)})
    desk = scientist.get(f"/requests/{request_id}/receive-form")
    bedside = doctor.get(f"/requests/{request_id}/collect")

    offered = clock.london(first).strftime("%H:%M")
    for page in (desk, bedside):
        assert page.status_code == 200
        assert f'{offered}"' not in page.text
        assert "A. Okafor" not in page.text
