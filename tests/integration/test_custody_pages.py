"""The pages of custody: the board, what is missing, one tube’s hands. Nobody’s name stands on any of them."""

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.specimens.services import hand_over
from tests.factories.tubes import a_collected_tube, assign, label, receive, tube
from tests.factories.world import a_request, an_identity
from tests.printing.reading import text

NAMES = ("WOŹNIAK", "Woźniak", "Siân", "04-Nov-1958", "999 000", "H0000001", "Haematemesis")


def in_minutes(minutes):
    return clock.at(clock.now() + dt.timedelta(minutes=minutes))


def names_on(page):
    return [name for name in NAMES if name in page.text]


@pytest.fixture
def late_tube(world):
    """A request of two tubes: one label unused, one tube carried; both for King's core laboratory."""
    request_id = a_request(world, tests=("FBC", "UE")).request_id
    assign(world, request_id)
    numbers = [one.number for one in label(world, request_id).labels]
    with unit_of_work():
        hand_over(numbers[:1], world.porter.name, actor=world.porter)
    return request_id, numbers


@pytest.mark.hazard("H05")
@pytest.mark.parametrize("who", ["coordinator", "senior", "scientist"])
def test_what_is_overdue_stands_first_with_whom_to_ring_and_nobodys_name(
    world, client_for, late_tube, who
):
    _, numbers = late_tube
    client = client_for(who)
    with in_minutes(45):
        page = client.get("custody.board")

    assert "OVERDUE 15 min" in page.words
    assert "OVERDUE 25 min" in page.words
    assert "King's core laboratory, 020 7946 0911" in page.words
    assert "ED Resus, 020 7946 0163" in page.words
    assert all(number[3:9] in page.text for number in numbers)
    assert names_on(page) == []


def test_with_nothing_under_way_the_board_says_what_would_come(client_for, world):
    page = client_for("coordinator").get("custody.board")

    assert "Nothing is overdue." in page.words
    assert "No tube is on its way." in page.words


def test_a_filter_names_its_place_and_shows_what_is_in_time(client_for, world, late_tube):
    page = client_for("coordinator").get(
        "custody.board", place=world.wards["KCH-ED-RESUS"], hop="PRINTED"
    )
    nonsense = client_for("coordinator").get("custody.board", hop="NONSENSE", site="x")

    assert "shown: ED Resus" in page.words
    assert "In time" in page.words
    assert nonsense.status == 200


@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator", 200), ("senior", 200), ("scientist", 200), ("doctor", 403), ("porter", 403),
     ("partner", 403), ("governance", 403), ("administrator", 403)],
)  # fmt: skip
def test_the_board_is_for_those_who_watch_over_tubes(client_for, world, who, status):
    assert client_for(who).get("custody.board").status == status


@pytest.mark.feature(48)
def test_a_ward_is_rung_and_what_came_of_it_stands_beside_its_tubes(world, client_for, late_tube):
    request_id, _ = late_tube
    client, ward = client_for("coordinator"), world.wards["KCH-ED-RESUS"]
    with in_minutes(61):
        listed = client.get("custody.missing")
        asked = client.get("custody.ring", ward_id=ward)
        ids = [str(tube(request_id, place).specimen_id) for place in (0, 1)]
        typed = {"tubes": ids, "whom": "Sister Obi", "answer": "LOOKING", "said": "ask theatre"}
        refused = client.post("custody.ring", {**typed, "whom": ""}, ward_id=ward)
        noted = client.post("custody.ring", typed, ward_id=ward)
        after = client.get("custody.missing")
        its_page = client.get("custody.tube", specimen_id=ids[0])

    assert "020 7946 0163" in listed.words
    assert "1 h 1 min" in listed.words
    assert "The laboratory has not received 2 tubes" in asked.words
    assert refused.status == 422
    assert "ask theatre" in refused.text
    assert noted.status == 303
    assert "Noted for 2 tubes." in after.words
    assert "they are looking for it" in after.words
    assert "Obi" not in after.text
    assert "Sister Obi" in its_page.words
    assert "ask theatre" in its_page.words
    for page in (listed, asked, refused, after, its_page):
        assert names_on(page) == []


def test_a_ward_of_which_nothing_is_missing_has_nothing_to_ring_about(world, client_for):
    assert (
        client_for("coordinator").get("custody.ring", ward_id=world.wards["KCH-AMU"]).status == 404
    )


@pytest.mark.feature(45)
def test_a_tubes_page_says_from_whom_to_whom_where_and_when(world, client_for):
    request_id = a_request(world).request_id
    assign(world, request_id)
    number = a_collected_tube(world, request_id)
    with unit_of_work():
        hand_over([number], world.porter.name, actor=world.porter)
    with in_minutes(32):
        receive(world, number)
        specimen_id = tube(request_id).specimen_id
        page = client_for("scientist").get("custody.tube", specimen_id=specimen_id)
        paper = client_for("scientist").post("custody.sheet", {}, specimen_id=specimen_id)

    said = " ".join(page.words.split())
    assert "handed over from ED Resus → Porter" in said
    assert "scanned in from Porter → King's core laboratory" in said
    assert "late by 12 min" in said
    assert names_on(page) == []
    printed = text(paper.data)
    assert "Hands of tube" in printed
    assert "Porter" in printed
    assert [name for name in NAMES if name in printed] == []


@pytest.mark.feature(48)
def test_a_tube_found_here_is_received_from_its_page(world, client_for):
    request_id = a_request(world).request_id
    assign(world, request_id)
    a_collected_tube(world, request_id)
    held = tube(request_id)
    client = client_for("scientist")

    done = client.post("custody.found", {}, specimen_id=held.specimen_id)

    assert done.status == 303
    assert tube(request_id).status is SpecimenStatus.RECEIVED


def test_a_found_tube_of_which_nobody_noted_the_time_asks_for_it(world, client_for, late_tube):
    request_id, _ = late_tube

    answer = client_for("scientist").post(
        "custody.found", {}, specimen_id=tube(request_id, 1).specimen_id
    )

    assert answer.status == 422
    assert "Nobody noted when this blood was taken" in answer.words


@pytest.mark.hazard("H05")
@pytest.mark.feature(48)
def test_a_lost_tube_is_planned_again_once_however_often_it_is_sent(world, client_for, late_tube):
    request_id, _ = late_tube
    client, held = client_for("senior"), tube(request_id)
    sent = {"version": str(held.version), "note": "not on the ward"}

    unsaid = client.post("custody.again", {**sent, "note": ""}, specimen_id=held.specimen_id)
    done = client.post("custody.again", sent, specimen_id=held.specimen_id)
    twice = client.post("custody.again", sent, specimen_id=held.specimen_id)

    assert unsaid.status == 422
    assert done.status == 303
    assert twice.status == 409
    assert "A new tube is planned" in twice.words  # said by the first, shown by the next page
    assert tube(request_id).status is SpecimenStatus.REJECTED


def test_only_a_laboratory_says_how_a_missing_tube_ended(world, client_for, late_tube):
    request_id, _ = late_tube
    specimen_id = tube(request_id).specimen_id

    answer = client_for("coordinator").post("custody.again", {}, specimen_id=specimen_id)
    page = client_for("coordinator").get("custody.tube", specimen_id=specimen_id)

    assert answer.status == 403
    assert "Take it again" not in page.words


def test_a_tube_of_another_laboratory_is_not_there(world, client_for):
    request_id = a_request(world, identity=an_identity(3)).request_id
    assign(world, request_id, "STH-LAB")
    label(world, request_id)

    page = client_for("scientist").get("custody.tube", specimen_id=tube(request_id).specimen_id)

    assert page.status == 404
