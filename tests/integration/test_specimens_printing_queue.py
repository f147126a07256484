"""What waits to be printed, ward by ward, and that printing empties it."""

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.rules.bands import Band
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import RejectTube
from lab_contingency.specimens.queries import (
    last_received,
    print_queue,
    tubes_of,
    waiting_collection,
)
from tests.factories.tubes import (
    assign,
    collect,
    label,
    receive,
    tube,
)
from tests.factories.world import a_request, an_identity, make_world, with_an_unprintable_name

NOW = dt.datetime(2026, 11, 24, 3, 5, tzinfo=dt.UTC)
ANSWERS = {"transfused_or_pregnant_3_months": "no", "units": "2", "needed_by": "04:00"}


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(NOW):
        yield make_world()


def card(world, *tests, **changes):
    return a_request(world, tests=tests, answers=ANSWERS, **changes).request_id


def reject(world, request_id, place=0, reason="HAEMOLYSED", note="", actor=None):
    planned = tubes_of(request_id)[place].planned_tube_id
    with unit_of_work():
        command = RejectTube(request_id, planned, reason, note)
        return services.reject(command, actor=actor or world.scientist)


def test_the_print_queue_counts_by_ward_and_names_nobody(world):
    card(world, "FBC", "GS")
    card(world, "UE", "COAG", band=Band.P3, ward_id=world.wards["KCH-AMU"])
    card(world, "FBC", band=Band.P2, identity=an_identity(2))

    queue = print_queue()

    assert [(one.ward, one.labels, one.cards, one.by_hand) for one in queue] == [
        ("ED Resus", 2, 2, 1),
        ("Acute Medical Unit", 2, 1, 0),
    ]
    assert queue[0].band is Band.P1


def test_printing_a_ward_empties_its_queue_one_patient_after_the_other(world):
    low = card(world, "FBC", band=Band.P3)
    high = card(world, "UE", "COAG", identity=an_identity(2, surname="Smith"))
    ward = world.wards["KCH-ED-RESUS"]

    with unit_of_work():
        printed = services.print_ward(ward, actor=world.porter)

    assert [form.patient.surname for form in printed.forms] == ["SMITH", "WOŹNIAK-O’NEILL"]
    assert [one.tube_colour for one in printed.labels] == ["light blue", "gold", "lavender"]
    assert print_queue() == ()
    assert tube(low).number
    assert tube(high).number
    with pytest.raises(RuleBroken), unit_of_work():
        services.print_ward(ward, actor=world.porter)


def test_a_card_that_cannot_be_drawn_holds_up_no_other(world):
    with_an_unprintable_name(card(world, "FBC", identity=an_identity(3)))
    card(world, "UE", identity=an_identity(2))

    with unit_of_work():
        printed = services.print_ward(world.wards["KCH-ED-RESUS"], actor=world.porter)

    assert len(printed.forms) == 1
    assert len(printed.skipped) == 1
    assert print_queue()[0].cards == 1


def test_a_recollected_tube_waits_in_the_queue_again(world):
    request_id = card(world, "FBC", "UE")
    with unit_of_work():
        services.print_ward(world.wards["KCH-ED-RESUS"], actor=world.porter)
    reject(world, request_id, actor=world.senior)
    with unit_of_work():
        services.recollect(request_id, tube(request_id).planned_tube_id, actor=world.doctor)

    queue = print_queue()
    with unit_of_work():
        printed = services.print_ward(world.wards["KCH-ED-RESUS"], actor=world.porter)

    assert (queue[0].labels, queue[0].cards) == (1, 0)
    assert len(printed.labels) == 1
    assert printed.forms[0].made.copy_reason == "replaces an older one"


def test_what_waits_to_be_taken_and_what_came_last_are_listed(world):
    request_id = card(world, "FBC", "UE")
    assign(world, request_id)
    numbers = [one.number for one in label(world, request_id).labels]
    site = world.sites["KCH"]
    before = len(waiting_collection(site))
    collect(world, request_id)
    receive(world, numbers[0])

    assert before == 2
    assert waiting_collection(site) == ()
    assert [one.tube.number for one in last_received(world.laboratories["KCH-LAB"])] == [numbers[0]]
