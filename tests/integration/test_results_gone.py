"""Results are not typed where the tube left before its tests could be done; what was done here first is."""

import pytest

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RulesBroken
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.results.queries.gone import gone_of
from lab_contingency.results.queries.grids import grid
from lab_contingency.results.queries.worklists import bench_worklist, beside
from lab_contingency.results.services import print_bench_list
from lab_contingency.specimens import services as specimens
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.tracking.queries.counting import to_enter
from tests.factories.boxes import (
    a_box,
    a_tube_for,
    bring_back,
    hand_over,
    on_the_way,
    open_there,
    receive_there,
    seal,
    send_elsewhere,
    specimen,
)
from tests.factories.results import enter
from tests.factories.tubes import a_collected_tube, assign, receive
from tests.factories.world import a_request, an_identity, make_world
from tests.printing.reading import text

UE = {"NA": "140"}


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def here(world, *, seed=1, **elsewhere):
    """A tube at King’s with U&E for King’s, and other tests for where they are said to be."""
    request_id = a_request(world, tests=("UE", *elsewhere), identity=an_identity(seed)).request_id
    number = a_collected_tube(world, request_id)
    assign(world, request_id, "KCH-LAB", "UE")
    for code, place in elsewhere.items():
        assign(world, request_id, place, code)
    receive(world, number)
    return request_id, number


def number_to_enter(world):
    return session().scalars(to_enter(world.scientist)).one()


def send_on(world, number, to="STH-LAB"):
    with unit_of_work():
        specimens.dispatch(number, world.laboratories[to], actor=world.scientist)


@pytest.mark.hazard("H05")
def test_nothing_is_typed_for_a_tube_that_was_sent_where_nothing_on_it_is_done(world):
    request_id, number = here(world)
    send_on(world, number)
    with pytest.raises(RulesBroken) as refused:
        enter(request_id, world.scientist, UE=UE)
    (said,) = refused.value.problems.values()
    assert said.startswith("Its tube left this laboratory and is on the way to St Thomas'")

    done = receive_there(world, number)
    assert "Send it on: tests on it are for King's core laboratory." in done.cautions
    with pytest.raises(RulesBroken) as refused:
        enter(request_id, world.scientist, UE=UE)
    (said,) = refused.value.problems.values()
    assert "is at St Thomas'" in said

    with unit_of_work():
        specimens.dispatch(number, world.laboratories["KCH-LAB"], actor=world.other_scientist)
    receive(world, number)
    enter(request_id, world.scientist, UE=UE)


def test_what_was_done_here_is_typed_after_the_tube_was_sent_on_for_its_other_tests(world):
    request_id, number = here(world, CRP="STH-LAB")
    on_the_way(world, [number])
    enter(request_id, world.scientist, UE=UE)
    receive_there(world, number)
    enter(request_id, world.scientist, UE={"K": "4.4"})


def test_a_test_that_came_to_this_bench_while_its_tube_stood_here_waits_when_the_tube_is_gone(
    world,
):
    number = a_tube_for(world, tests=("UE",))
    request_id = specimen(number).request_id
    box_id = seal(world, a_box(world, [number]))
    send_elsewhere(world, number, "KCH-LAB")
    open_there(world, box_id)
    with pytest.raises(RulesBroken):
        enter(request_id, world.scientist, UE=UE)


def test_a_tube_that_was_brought_back_is_typed(world):
    request_id, number = here(world, CRP="STH-LAB")
    box_id = on_the_way(world, [number])
    hand_over(world, box_id, "Courier 8", from_name="Courier 7")
    bring_back(world, box_id, [number], "road closed")
    enter(request_id, world.scientist, UE=UE)


def test_it_is_not_on_the_list_of_the_bench_nor_counted_nor_the_next_one(world):
    gone_id, number = here(world)
    stays_id, _ = here(world, seed=2)
    send_on(world, number)
    assert [row.request.id for row in bench_worklist(world.scientist)] == [stays_id]
    assert number_to_enter(world) == 1
    assert beside(stays_id, world.scientist) == (0, None)
    count, following = beside(gone_id, world.scientist)
    assert (count, following.id) == (1, stays_id)


def test_the_list_keeps_what_was_done_here_before_the_tube_was_sent_on(world):
    request_id, number = here(world, CRP="STH-LAB")
    on_the_way(world, [number])
    (row,) = bench_worklist(world.scientist)
    assert [test.label for test in row.tests] == ["U&E"]
    assert [panel.gone for panel in grid(request_id, world.scientist).panels] == ["", ""]


def test_the_list_names_only_the_tests_whose_tube_lies_here(world):
    request_id = a_request(world, tests=("UE", "FBC")).request_id
    a_collected_tube(world, request_id)
    tubes = {each.tests[0].code: each.number for each in tubes_of(request_id)}
    assign(world, request_id)
    for number in tubes.values():
        receive(world, number)
    send_on(world, tubes["FBC"])
    (row,) = bench_worklist(world.scientist)
    assert [test.label for test in row.tests] == ["U&E"]
    panels = grid(request_id, world.scientist).panels
    assert {panel.code: bool(panel.gone) for panel in panels} == {"UE": False, "FBC": True}


def test_the_paper_of_the_bench_leaves_it_out_too(world):
    request_id, number = here(world)
    here(world, seed=2)
    send_on(world, number)
    with unit_of_work():
        pdf = print_bench_list(actor=world.scientist)
    words = text(pdf)
    assert grouped(number) not in words
    assert request_id not in {row.request.id for row in bench_worklist(world.scientist)}


def test_the_grid_says_where_it_went_instead_of_its_boxes(world, client_for):
    request_id, number = here(world)
    client = client_for("scientist")
    before = client.get("results.entry", request_id=request_id)
    assert 'name="value-UE-NA"' in before.text
    send_on(world, number)
    page = client.get("results.entry", request_id=request_id)
    (gone,) = gone_of(request_id).values()
    assert gone.words == f"gone to St Thomas' core laboratory at {near_time_text(gone.left_at)}"
    assert f"The tube has {gone.words}." in page.words
    assert 'name="value-UE-NA"' not in page.text
    assert "0 of 0 typed" in page.words
    assert "not on the bench any more" in page.words


def test_what_was_typed_while_its_tube_left_is_refused_and_stays_in_its_box(world, client_for):
    request_id, number = here(world)
    client = client_for("scientist")
    version = grid(request_id, world.scientist).request.version
    send_on(world, number)
    data = {"value-UE-NA": "140", "version": version}
    answer = client.post("results.enter", data, request_id=request_id)
    assert answer.status == 422
    assert "Its tube left this laboratory and is on the way to St Thomas'" in answer.words
    assert 'value="140"' in answer.text
