"""The porter’s list: what waits where and by when; taken, left and sent twice; nobody’s name."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import func, select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.incidents.rules import with_check_digit
from lab_contingency.requests.rules.bands import Band
from lab_contingency.specimens.models import CustodyEvent
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.specimens.services import hand_over, take_tubes
from lab_contingency.specimens.station.rules.jobs import place_number
from lab_contingency.transport.custody.queries.rounds import loads, ward_rounds
from lab_contingency.transport.models import Consignment
from tests.factories.tubes import a_collected_tube, assign, collect, label, tube
from tests.factories.world import a_request, an_identity
from tests.integration.test_custody_board import a_box, sealed
from tests.integration.test_custody_pages import names_on


@pytest.fixture
def porter(client_for):
    return client_for("porter")


@pytest.fixture
def waiting(world):
    """Two tubes of one patient, taken on ED Resus, for King's core laboratory."""
    request_id = a_request(world, tests=("FBC", "UE")).request_id
    assign(world, request_id)
    label(world, request_id)
    collect(world, request_id)
    return request_id


def events():
    return session().scalars(select(func.count(CustodyEvent.id))).one()


def ids(request_id):
    return [str(tube(request_id, place).specimen_id) for place in (0, 1)]


@pytest.mark.feature(44)
@pytest.mark.hazard("T12")
def test_the_list_says_what_from_where_to_where_and_by_when_and_names_nobody(
    world, porter, waiting
):
    page = porter.get("custody.carry")

    assert "Take 2 tubes from ED Resus" in page.words
    assert "King's core laboratory" in page.words
    assert "in 9 min" in page.words
    assert names_on(page) == []
    assert "FBC" not in page.text


@pytest.mark.feature(44)
def test_what_is_most_pressing_stands_first(world):
    a_collected_tube(
        world, a_request(world, identity=an_identity(2), band=Band.P3, ward_id=world.wards["KCH-AMU"]).request_id
    )  # fmt: skip
    a_collected_tube(world, a_request(world).request_id)

    assert [one.ward for one in ward_rounds(world.porter)] == ["ED Resus", "Acute Medical Unit"]


@pytest.mark.feature(44)
def test_one_press_takes_a_wards_tubes_and_one_leaves_them_and_twice_changes_nothing(
    world, porter, waiting
):
    ward, here = world.wards["KCH-ED-RESUS"], world.laboratories["KCH-LAB"]
    sent = {"tubes": ids(waiting)}

    porter.post("custody.take", sent, ward_id=ward)
    taken = porter.get("custody.carry")
    before = events()
    again = porter.post("custody.take", sent, ward_id=ward)
    said = porter.get("custody.carry")
    porter.post("custody.leave", sent, laboratory_id=here)
    left = porter.get("custody.carry")
    with_two_more = events()
    porter.post("custody.leave", sent, laboratory_id=here)

    assert "2 tubes taken from ED Resus." in taken.words
    assert "Leave 2 tubes at King's core laboratory" in taken.words
    assert again.status == 303
    assert "Nothing changed" in said.words
    assert "2 tubes left at King's core laboratory." in left.words
    assert "You carry nothing." in left.words
    assert (with_two_more - before, events() - with_two_more) == (2, 0)
    assert tube(waiting).status is SpecimenStatus.HANDED_OVER
    for page in (taken, said, left):
        assert names_on(page) == []


def test_a_tube_that_came_meanwhile_is_not_taken_by_a_press_that_did_not_show_it(
    world, porter, waiting
):
    porter.post("custody.take", {"tubes": ids(waiting)[:1]}, ward_id=world.wards["KCH-ED-RESUS"])

    statuses = [tube(waiting, place).status for place in (0, 1)]
    assert statuses == [SpecimenStatus.HANDED_OVER, SpecimenStatus.COLLECTED]


@pytest.mark.parametrize("tubes", [[], ["no id"]])
def test_a_press_with_nothing_in_it_says_so(world, porter, tubes):
    answer = porter.post("custody.take", {"tubes": tubes}, ward_id=world.wards["KCH-ED-RESUS"])

    assert answer.status == 422
    assert "Look at the list again" in answer.words


def test_ids_that_are_no_tubes_change_nothing(world, porter, waiting):
    before = events()

    porter.post("custody.take", {"tubes": [str(uuid.uuid4())]}, ward_id=world.wards["KCH-ED-RESUS"])

    assert events() == before


@pytest.mark.feature(44)
def test_a_wards_board_takes_all_and_a_laboratorys_door_leaves_all(world, porter, waiting):
    board = place_number(world.wards["KCH-ED-RESUS"])
    door = place_number(world.laboratories["KCH-LAB"])

    porter.post("custody.scan", {"number": board})
    in_hand = [len(load.tubes) for load in loads(world.porter)]
    nothing_more = porter.post("custody.scan", {"number": board})
    porter.post("custody.scan", {"number": door})
    empty_handed = porter.post("custody.scan", {"number": door})

    assert in_hand == [2]
    assert nothing_more.status == 422
    assert "Nothing waits on ED Resus" in nothing_more.words
    assert loads(world.porter) == ()
    assert empty_handed.status == 422


def test_a_tube_scanned_twice_is_taken_once(world, porter, waiting):
    number = tube(waiting).number

    porter.post("custody.scan", {"number": number})
    before = events()
    porter.post("custody.scan", {"number": number})

    assert events() == before
    assert "You carry it already." in porter.get("custody.carry").words


def test_a_tube_that_another_porter_took_over_is_in_their_hands_alone(world, waiting):
    with unit_of_work():
        take_tubes([tube(waiting).specimen_id], world.porter.name, actor=world.porter)
    with unit_of_work():
        hand_over([tube(waiting).number], world.doctor.name, actor=world.doctor)

    assert loads(world.porter) == ()


def test_a_sealed_box_waits_for_whoever_takes_it(world, porter):
    _, box_id = a_box(world)
    sealed(world, box_id)

    with clock.at(clock.now() + dt.timedelta(minutes=25)):
        page = porter.get("custody.carry")

    number = session().scalars(select(Consignment.number)).one()
    scanned = porter.post("custody.scan", {"number": number})
    unknown = porter.post("custody.scan", {"number": with_check_digit("01411000099")})

    assert scanned.response.location.endswith(f"/boxes/{box_id}")
    assert unknown.status == 422
    assert "Take the box to St Thomas' core laboratory" in page.words
    assert "Box at King's core laboratory" in page.words
    assert "St Thomas' core laboratory" in page.words
    assert "OVERDUE 5 min" in page.words
    assert names_on(page) == []
