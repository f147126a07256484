"""A value belongs to the tube it was typed from: another tube, patient or laboratory begins anew."""

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken, RulesBroken
from lab_contingency.requests.commands import CorrectIdentity
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.statuses import TestAction, TestStatus
from lab_contingency.requests.services import (
    Evidence,
    correct_identity,
    lock_request,
    move_test,
    summary,
)
from lab_contingency.results.queries.benches import benches_of
from lab_contingency.results.queries.grids import grid
from lab_contingency.results.queries.worklists import bench_worklist
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import Age, CollectTubes, RejectTube
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.rules import SpecimenStatus
from tests.factories.results import (
    CRITICAL_UE,
    CRP,
    UE,
    amend,
    authorise,
    check,
    enter,
    live,
    on_the_bench,
    value,
    versions,
)
from tests.factories.tubes import a_collected_tube, assign, label, match, receive
from tests.factories.world import SYSTEM, a_request, an_identity, make_world

REST = {name: text for name, text in UE.items() if name != "K"}


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def received(world, *tests, **card):
    request_id = a_request(world, tests=tests or ("UE",), **card).request_id
    assign(world, request_id)
    receive(world, a_collected_tube(world, request_id))
    return request_id


def reject(world, request_id, reason="HAEMOLYSED", note=""):
    planned = tubes_of(request_id)[0].planned_tube_id
    with unit_of_work():
        services.reject(RejectTube(request_id, planned, reason, note), actor=world.scientist)


def plan_again(world, request_id):
    with unit_of_work():
        planned = tubes_of(request_id)[0].planned_tube_id
        return services.recollect(request_id, planned, actor=world.doctor)


def label_again(world, request_id):
    """Take the rejected tube again, up to its label; its number."""
    planned = plan_again(world, request_id)
    with unit_of_work():
        request = lock_request(request_id, actor=SYSTEM)
        for test in summary.tests_of(request_id):
            if test.status is TestStatus.ACCEPTED:
                where = Evidence(laboratory_id=world.laboratories["KCH-LAB"])
                move_test(request, test, TestAction.ASSIGN, where, actor=SYSTEM)
    return planned, label(world, request_id, tubes=[planned]).labels[0].number


def take_again(world, request_id):
    planned, number = label_again(world, request_id)
    match(world, request_id)
    with unit_of_work():
        services.collect(
            CollectTubes(request_id, (planned,), clock.now(), "B. Osei"), actor=world.doctor
        )
    receive(world, number)


def status(world, request_id, code="UE"):
    tests = request_view(request_id, world.doctor).tests
    return next(test.status for test in tests if test.test.code == code)


def reassign(world, request_id, laboratory):
    with unit_of_work():
        request = lock_request(request_id, actor=SYSTEM)
        for test in summary.tests_of(request_id):
            where = Evidence(laboratory_id=world.laboratories[laboratory], reason="Analyser down")
            move_test(request, test, TestAction.REASSIGN, where, actor=SYSTEM)
            move_test(request, test, TestAction.RECEIVE, Evidence(), actor=SYSTEM)


def shown(request_id, actor, analyte="K"):
    rows = [row for panel in grid(request_id, actor).panels for row in panel.rows]
    return next(row.words for row in rows if row.analyte.code == analyte)


def test_a_value_of_a_rejected_tube_is_never_released_with_the_next_one(world):
    request_id = received(world)
    enter(request_id, world.scientist, UE={"K": "7.9"})
    reject(world, request_id)
    take_again(world, request_id)

    complete = enter(request_id, world.scientist, UE=REST)
    with pytest.raises(RuleBroken, match="not typed whole yet"):
        check(request_id, world.colleague, "UE")
    enter(request_id, world.scientist, UE={"K": "4.4"})
    authorise(request_id, world.senior, "UE")

    assert complete == ()
    assert value(request_id, "K").words == "4.4"
    assert [row.version for row in versions(request_id, "K")] == [1, 2]


def test_the_grid_and_the_bench_show_nothing_of_the_rejected_tube(world):
    request_id = received(world)
    enter(request_id, world.scientist, UE={"K": "7.9"})
    reject(world, request_id)
    take_again(world, request_id)

    (row,) = bench_worklist(world.scientist)

    assert shown(request_id, world.scientist) == ""
    assert [(test.typed, test.critical) for test in row.tests] == [(0, False)]


def test_a_value_of_another_patients_blood_does_not_stay_when_the_patient_is_put_right(world):
    request_id = received(world)
    enter(request_id, world.scientist, UE={"K": "6.1"})
    with unit_of_work():
        version = lock_request(request_id, actor=world.doctor).version
        command = CorrectIdentity(request_id, version, an_identity(8), "wrong patient")
        correct_identity(command, actor=world.doctor)
        services.void_labels(request_id, "the patient was corrected.", actor=world.doctor)
    take_again(world, request_id)

    assert enter(request_id, world.scientist, UE=REST) == ()
    assert shown(request_id, world.scientist) == ""


def test_a_test_begun_on_a_tube_sent_on_stops_when_its_patient_is_put_right(world):
    request_id = received(world)
    enter(request_id, world.scientist, UE={"K": "6.1"})
    number = tubes_of(request_id)[0].number
    with unit_of_work():
        services.dispatch(number, world.laboratories["STH-LAB"], actor=world.scientist)
        version = lock_request(request_id, actor=world.doctor).version
        command = CorrectIdentity(request_id, version, an_identity(8), "wrong patient")
        correct_identity(command, actor=world.doctor)
        services.void_labels(request_id, "the patient was corrected.", actor=world.doctor)

    with pytest.raises(RulesBroken, match="rejected"):
        enter(request_id, world.scientist, UE=REST)


def test_a_bedside_value_does_not_stay_when_the_patient_is_put_right(world):
    request_id = on_the_bench(world, tests=("ABG",))
    enter(request_id, world.scientist, ABG={"BK": "6.1"})
    with unit_of_work():
        version = lock_request(request_id, actor=world.doctor).version
        command = CorrectIdentity(request_id, version, an_identity(8), "wrong patient")
        correct_identity(command, actor=world.doctor)

    assert shown(request_id, world.scientist, "BK") == ""
    assert bench_worklist(world.scientist)[0].tests[0].typed == 0


def test_another_laboratory_begins_with_empty_boxes(world):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE={"K": "7.7"})

    reassign(world, request_id, "SWLP-LAB")

    assert shown(request_id, world.partner) == ""
    assert bench_worklist(world.partner)[0].tests[0].typed == 0
    assert enter(request_id, world.partner, UE={"NA": "131"}) == ()


def test_a_value_sent_away_and_back_is_typed_in_its_own_order_of_versions(world):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE={"K": "4.7"})
    reassign(world, request_id, "SWLP-LAB")
    enter(request_id, world.partner, UE={"K": "4.8"})
    reassign(world, request_id, "KCH-LAB")

    enter(request_id, world.scientist, UE=UE)

    assert [row.version for row in versions(request_id, "K")] == [1, 2, 3]
    assert live(request_id, "K").laboratory_id == world.laboratories["KCH-LAB"]


@pytest.mark.parametrize("checked", [False, True])
def test_rejecting_a_tube_stops_the_result_typed_from_it(world, checked):
    request_id = received(world)
    enter(request_id, world.scientist, UE=UE)
    if checked:
        check(request_id, world.colleague, "UE")

    reject(world, request_id, "MISLABELLED", "another patient's label")

    assert status(world, request_id) is TestStatus.REJECTED
    with pytest.raises(RuleBroken):
        authorise(request_id, world.senior, "UE")


def test_the_tube_taken_again_carries_the_test_that_was_stopped(world):
    request_id = received(world)
    enter(request_id, world.scientist, UE=UE)
    reject(world, request_id)

    take_again(world, request_id)

    first, second = tubes_of(request_id)
    assert first.replaced
    assert (second.status, second.wanted) == (SpecimenStatus.RECEIVED, True)
    assert status(world, request_id) is TestStatus.RECEIVED


def test_a_tube_whose_results_went_out_is_not_rejected_before_they_are_amended(world):
    request_id = received(world, "CRP")
    enter(request_id, world.scientist, CRP=CRP)
    authorise(request_id, world.senior, "CRP")

    with pytest.raises(RuleBroken, match="Amend them first"):
        reject(world, request_id, "MISLABELLED", "another patient's label")
    amend(request_id, world.scientist, "Another patient's blood", CRP={"CRP": ".."})
    with pytest.raises(RuleBroken, match="Amend them first"):
        reject(world, request_id, "MISLABELLED", "another patient's label")
    authorise(request_id, world.senior, "CRP")
    reject(world, request_id, "MISLABELLED", "another patient's label")

    assert tubes_of(request_id)[0].status is SpecimenStatus.REJECTED
    assert status(world, request_id, "CRP") is TestStatus.AMENDED


def test_what_was_measured_before_the_tube_was_used_up_stands(world):
    request_id = received(world, "UE", "CRP")
    enter(request_id, world.scientist, UE=UE)

    reject(world, request_id, "INSUFFICIENT")

    assert status(world, request_id) is TestStatus.ENTERED
    assert status(world, request_id, "CRP") is TestStatus.REJECTED


def test_a_tube_is_not_taken_again_when_all_was_measured_before(world):
    request_id = received(world)
    enter(request_id, world.scientist, UE=UE)
    reject(world, request_id, "LEAKED")

    with pytest.raises(RuleBroken, match="nothing to take again"):
        plan_again(world, request_id)


def test_a_tube_taken_again_does_not_take_the_time_of_the_first_draw_from_the_card(world):
    first = clock.now() - dt.timedelta(hours=5)
    request_id = received(world, collected_at=first, collected_by="A. Okafor")
    reject(world, request_id)
    _, number = label_again(world, request_id)

    with pytest.raises(RuleBroken, match="Nobody noted when"):
        receive(world, number)
    bench = benches_of(request_view(request_id, world.doctor))["UE"].bench
    taken = clock.now() - dt.timedelta(minutes=4)
    receive(world, number, age=Age(taken))

    assert bench.taken_at is None
    assert tubes_of(request_id)[1].collected_at == taken


def test_a_critical_value_of_the_first_tube_keeps_the_check_for_the_second(world):
    request_id = received(world)
    enter(request_id, world.scientist, UE=CRITICAL_UE)
    check(request_id, world.colleague, "UE")
    reject(world, request_id)
    take_again(world, request_id)

    enter(request_id, world.scientist, UE=UE)

    assert live(request_id, "K").needs_check
