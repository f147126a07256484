"""A patient who moves between any two steps: the result goes to where the patient is when it is ready."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.requests.commands import CorrectDetails
from lab_contingency.requests.models import Request
from lab_contingency.requests.rules.beds import slip_goes_to
from lab_contingency.requests.services import correct_details
from lab_contingency.results.commands import Acknowledge
from lab_contingency.results.models import Release, SlipDelivery
from lab_contingency.results.queries.deliveries import not_read, on_the_way, slips_to_print
from lab_contingency.results.rules.slips import Arrival
from lab_contingency.results.services import acknowledge, deliver, print_batch
from lab_contingency.tracking.queries.lists import my_requests
from tests.factories.results import CRP, authorise, check, enter
from tests.factories.tubes import assign, collect, label, receive
from tests.factories.world import World, a_request, make_world
from tests.printing.reading import text

OLD, NEW = "KCH-ED-RESUS", "KCH-AMU"
LATER = dt.timedelta(days=2)
STEPS = ("asked", "assigned", "labelled", "taken", "received", "typed", "checked", "authorised")

pytestmark = pytest.mark.hazard("H33")


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def move(world: World, request_id: uuid.UUID, to: str = NEW, slip_to: str | None = None) -> None:
    """The ward changes; whoever puts it right leaves everything else as it was."""
    held = session().get_one(Request, request_id, populate_existing=True)
    slip = world.wards[slip_to] if slip_to else held.destination_id
    command = CorrectDetails(
        request_id, held.version, world.wards[to], "7", slip, "bleep 1", "", "", "moved"
    )
    with unit_of_work():
        correct_details(command, actor=world.doctor)


def walk(world: World, moved_after: str) -> uuid.UUID:
    """From the card to the release, with the move after one step."""
    request_id = a_request(world, tests=("CRP",)).request_id
    numbers: list[str] = []
    steps: dict[str, Callable[[], object]] = {
        "asked": lambda: None,
        "assigned": lambda: assign(world, request_id),
        "labelled": lambda: numbers.append(label(world, request_id).labels[0].number),
        "taken": lambda: collect(world, request_id),
        "received": lambda: receive(world, numbers[0]),
        "typed": lambda: enter(request_id, world.scientist, CRP=CRP),
        "checked": lambda: check(request_id, world.colleague, "CRP"),
        "authorised": lambda: authorise(request_id, world.senior, "CRP"),
    }
    for name in STEPS:
        steps[name]()
        if name == moved_after:
            move(world, request_id)
    return request_id


def printed(ward_id, actor):
    with unit_of_work():
        return print_batch(ward_id, actor=actor)


@pytest.mark.parametrize("step", STEPS)
def test_a_move_after_any_step_takes_the_slip_and_the_doctors_list_along(world, step):
    request_id = walk(world, step)
    (place,) = slips_to_print(world.porter)
    assert place.ward_id == world.wards[NEW]
    assert "Acute Medical Unit" in text(printed(place.ward_id, world.porter).pdf)
    listed = [row for rows in my_requests(world.doctor).values() for row in rows]
    assert [(row.view.id, row.view.ward.id) for row in listed] == [(request_id, world.wards[NEW])]
    with clock.at(clock.now() + LATER):
        assert [row.ward for row in not_read(world.porter)] == [place.ward]


def test_a_move_while_the_slip_is_on_its_way_prints_one_for_where_the_patient_is(world):
    request_id = walk(world, "")
    printed(world.wards[OLD], world.porter)
    assert slips_to_print(world.porter) == ()
    move(world, request_id)
    (place,) = slips_to_print(world.porter)
    assert place.ward_id == world.wards[NEW]
    printed(place.ward_id, world.porter)
    (way,) = on_the_way(world.porter)
    assert way.ward == place.ward
    ways = session().scalars(select(SlipDelivery).order_by(SlipDelivery.printed_at)).all()
    assert [one.arrival for one in ways] == [Arrival.OVERTAKEN, None]


def test_a_move_after_the_slip_arrived_and_before_anybody_read_it(world):
    request_id = walk(world, "")
    listed = printed(world.wards[OLD], world.porter)
    with unit_of_work():
        deliver(listed.delivery.number, actor=world.porter)
    move(world, request_id)
    assert [place.ward_id for place in slips_to_print(world.porter)] == [world.wards[NEW]]


def test_what_was_read_before_the_move_is_not_printed_again(world):
    request_id = walk(world, "")
    printed(world.wards[OLD], world.porter)
    releases = session().scalars(select(Release.id).where(Release.request_id == request_id)).all()
    with unit_of_work():
        acknowledge(Acknowledge(request_id, tuple(releases)), actor=world.doctor)
    move(world, request_id)
    assert slips_to_print(world.porter) == ()


def test_a_slip_that_was_sent_elsewhere_on_purpose_stays_there(world):
    request_id = a_request(world, tests=("CRP",), destination_id=world.wards[NEW]).request_id
    move(world, request_id, to="KCH-ICU" if "KCH-ICU" in world.wards else OLD)
    assert session().get_one(Request, request_id).destination_id == world.wards[NEW]


def test_somebody_who_moves_the_patient_can_send_the_slip_elsewhere():
    here, there, other = (uuid.UUID(int=number) for number in range(3))
    assert slip_goes_to((here, here), (there, here)) == there
    assert slip_goes_to((here, here), (there, other)) == other
    assert slip_goes_to((here, other), (there, other)) == other
    assert slip_goes_to((here, here), (here, here)) == here
