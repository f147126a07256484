"""From the bedside to the bench: every hand a tube goes through, and every tube accounted for."""

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.requests.commands import WithdrawTests
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.services import withdraw_tests
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import Age, CollectTubes, CorrectCollection, RejectTube
from lab_contingency.specimens.queries import (
    carried_by,
    custody_of,
    find_by_number,
    last_received,
    print_queue,
    tubes_at,
    tubes_of,
    waiting_collection,
)
from lab_contingency.specimens.rules import HandItem, SpecimenStatus
from tests.factories.tubes import (
    a_collected_tube,
    accept_by_hand,
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


def statuses(world, request_id):
    view = request_view(request_id, world.doctor)
    return {one.test.code: one.status for one in view.tests}


def reject(world, request_id, place=0, reason="HAEMOLYSED", note="", actor=None):
    planned = tubes_of(request_id)[place].planned_tube_id
    with unit_of_work():
        command = RejectTube(request_id, planned, reason, note)
        return services.reject(command, actor=actor or world.scientist)


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


def test_a_tube_without_a_label_cannot_be_collected(world):
    request_id = card(world, "FBC")

    with pytest.raises(RuleBroken, match="no label yet"):
        collect(world, request_id)


def test_a_handwritten_tube_is_collected_without_one(world):
    request_id = card(world, "GS")

    collect(world, request_id)

    held = tube(request_id)
    assert (held.status, held.number) == (SpecimenStatus.COLLECTED, None)
    assert held.unusable_at == NOW - dt.timedelta(minutes=5) + dt.timedelta(hours=48)


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


@pytest.mark.hazard("01")
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
        services.hand_over([form], "Sam Rowe", actor=world.porter)

    assert {one.status for one in tubes_of(request_id)} == {SpecimenStatus.HANDED_OVER}
    assert len(carried_by(world.porter)) == 3


def test_a_labelled_tube_nobody_scanned_as_taken_can_still_be_carried(world):
    request_id = card(world, "FBC")
    number = label(world, request_id).labels[0].number

    with unit_of_work():
        services.hand_over([number], "Sam Rowe", actor=world.porter)

    assert tube(request_id).status is SpecimenStatus.HANDED_OVER


def test_receipt_moves_only_the_tests_assigned_to_that_laboratory(world):
    request_id = card(world, "UE", "CRP", "LFT")
    assign(world, request_id, "KCH-LAB", "UE")
    assign(world, request_id, "STH-LAB", "CRP")
    number = a_collected_tube(world, request_id)

    done = receive(world, number)

    assert statuses(world, request_id) == {
        "UE": TestStatus.RECEIVED,
        "CRP": TestStatus.ASSIGNED,
        "LFT": TestStatus.REQUESTED,
    }
    assert done.cautions == ("Send it on: tests on it are for St Thomas' core laboratory.",)


def test_a_tube_received_before_routing_is_received_when_its_tests_are_assigned(world):
    request_id = card(world, "FBC")
    number = a_collected_tube(world, request_id)
    receive(world, number)
    assign(world, request_id)

    with unit_of_work():
        moved = services.receive_waiting_tests(request_id, actor=world.senior)

    assert moved == 1
    assert statuses(world, request_id) == {"FBC": TestStatus.RECEIVED}


def test_receipt_starts_the_laboratorys_own_clock(world):
    request_id = card(world, "LAC", needed_by=NOW + dt.timedelta(hours=4))
    assign(world, request_id)
    number = a_collected_tube(world, request_id)

    receive(world, number)

    request = session().get(Request, request_id)
    assert request.received_at == NOW
    assert request.due_at == NOW + dt.timedelta(minutes=30)
    assert request.unusable_at == NOW + dt.timedelta(minutes=55)


def test_a_less_pressing_request_keeps_the_time_the_ward_needs_it_by(world):
    needed = NOW + dt.timedelta(hours=20)
    request_id = card(world, "LAC", band=Band.P3, needed_by=needed)
    assign(world, request_id)
    number = a_collected_tube(world, request_id)

    receive(world, number)

    assert session().get(Request, request_id).due_at == needed


def test_a_tube_received_already_says_when_and_where(world):
    request_id = card(world, "FBC")
    assign(world, request_id)
    number = a_collected_tube(world, request_id)
    receive(world, number)

    with pytest.raises(RuleBroken, match="Received already at 03:05, King's core laboratory"):
        receive(world, number)


@pytest.mark.parametrize(
    ("scanned", "words"),
    [
        ("9992173858", "NHS number"),
        ("=A99971712345600", "blood component"),
        ("020000000017", "check digit|result slip"),
        ("41100471", "8 digits"),
        ("", "Scan or type"),
    ],
)
def test_a_foreign_barcode_is_refused_by_name(world, scanned, words):
    with pytest.raises(RuleBroken, match=words) as refused:
        receive(world, scanned)
    assert refused.value.field == "number"


def test_a_forms_number_in_the_tube_field_says_what_to_do(world):
    request_id = card(world, "FBC")

    with pytest.raises(RuleBroken, match="number of a form"):
        receive(world, request_view(request_id, world.doctor).number)


def test_receipt_asks_when_the_blood_was_taken_if_nobody_noted_it(world):
    request_id = card(world, "FBC")
    assign(world, request_id)
    number = label(world, request_id).labels[0].number

    with pytest.raises(RuleBroken) as refused:
        receive(world, number)
    receive(world, number, age=Age(NOW - dt.timedelta(minutes=30)))

    assert refused.value.field == "collected_at"
    held = tube(request_id)
    assert held.collected_at == NOW - dt.timedelta(minutes=30)
    assert held.collected_by == "not noted"
    assert "as noted on tube or form" in [one.reason for one in custody_of(request_id)]


def test_receipt_takes_the_time_from_the_card(world):
    taken = NOW - dt.timedelta(minutes=12)
    request_id = card(world, "FBC", collected_at=taken, collected_by="Dr A. Okafor")
    assign(world, request_id)
    number = label(world, request_id).labels[0].number

    receive(world, number)

    assert (tube(request_id).collected_at, tube(request_id).collected_by) == (taken, "Dr A. Okafor")


def old_tube(world, *tests, hours):
    request_id = card(world, *tests)
    assign(world, request_id)
    number = label(world, request_id).labels[0].number
    collect(world, request_id, ago=dt.timedelta(hours=hours))
    return request_id, number


@pytest.mark.hazard("14")
def test_a_tube_too_old_demands_a_decision(world):
    request_id, number = old_tube(world, "UE", hours=13)

    with pytest.raises(RuleBroken) as refused:
        receive(world, number)
    done = receive(world, number, age=Age(accept_reason="only sample there will be"))

    assert refused.value.field == "accept_reason"
    assert "13 h 0 min ago, the limit is 12 h 0 min" in refused.value.message
    assert "used all the same: U&E" in done.cautions[0]
    assert "only sample there will be" in [one.reason for one in custody_of(request_id)]


@pytest.mark.hazard("14")
def test_only_the_tests_it_is_too_old_for_are_left_out(world):
    request_id, number = old_tube(world, "UE", "CRP", hours=13)

    receive(world, number, age=Age(leave_out=True))

    assert statuses(world, request_id) == {"UE": TestStatus.REJECTED, "CRP": TestStatus.RECEIVED}
    with unit_of_work():
        services.recollect(request_id, tube(request_id).planned_tube_id, actor=world.doctor)
    assert statuses(world, request_id) == {"UE": TestStatus.ACCEPTED, "CRP": TestStatus.RECEIVED}


def test_a_tube_nearly_too_old_is_received_with_a_caution(world):
    _, number = old_tube(world, "UE", hours=5)

    assert "Report with a caution: U&E" in receive(world, number).cautions[0]


def test_a_rejection_reaches_the_requester_and_is_taken_again(world):
    request_id = card(world, "FBC")
    assign(world, request_id)
    number = a_collected_tube(world, request_id)
    receive(world, number)

    reject(world, request_id, reason="MISMATCH_FORM", note="surname differs")
    seen = tubes_of(request_id, world.doctor)[0]
    with unit_of_work():
        services.recollect(request_id, seen.planned_tube_id, actor=world.doctor)
    again = label(world, request_id).labels[0]

    assert seen.words == "rejected: tube and form do not agree"
    assert seen.rejection_note == "surname differs"
    assert seen.needs_recollection
    assert [one.ordinal for one in tubes_of(request_id)] == [1, 2]
    assert again.number != number
    assert again.draw_order == "tube 2"
    assert statuses(world, request_id) == {"FBC": TestStatus.ACCEPTED}
    assert not tubes_of(request_id)[0].needs_recollection


def test_a_tube_is_taken_again_only_once(world):
    request_id = card(world, "FBC")
    a_collected_tube(world, request_id)
    reject(world, request_id, actor=world.senior)
    planned = tube(request_id).planned_tube_id
    with unit_of_work():
        services.recollect(request_id, planned, actor=world.doctor)

    with pytest.raises(RuleBroken, match="planned already"), unit_of_work():
        services.recollect(request_id, planned, actor=world.doctor)


def test_a_tube_that_was_not_rejected_is_not_taken_again(world):
    request_id = card(world, "FBC")

    with pytest.raises(RuleBroken, match="was not rejected"), unit_of_work():
        services.recollect(request_id, tube(request_id).planned_tube_id, actor=world.doctor)


def test_a_rejection_needs_a_reason_and_some_need_a_note(world):
    request_id = card(world, "FBC")
    a_collected_tube(world, request_id)

    for reason, field in (
        ("", "reason_code"),
        ("NONSENSE", "reason_code"),
        ("MISLABELLED", "note"),
    ):
        with pytest.raises(RuleBroken) as refused:
            reject(world, request_id, reason=reason, actor=world.senior)
        assert refused.value.field == field


def test_a_rejected_tube_is_not_received(world):
    request_id = card(world, "FBC")
    number = a_collected_tube(world, request_id)
    reject(world, request_id, actor=world.senior)

    with pytest.raises(RuleBroken, match="was rejected"):
        receive(world, number)


def test_the_other_bottle_of_a_blood_culture_is_still_cultured(world):
    request_id = card(world, "BCUL")
    assign(world, request_id)
    numbers = [one.number for one in label(world, request_id).labels]
    collect(world, request_id)
    reject(world, request_id, place=0, reason="LEAKED")

    receive(world, numbers[1])

    assert statuses(world, request_id) == {"BCUL": TestStatus.RECEIVED}


def test_losing_both_bottles_rejects_the_culture(world):
    request_id = card(world, "BCUL")
    assign(world, request_id)
    label(world, request_id)
    reject(world, request_id, place=0, reason="LEAKED")
    reject(world, request_id, place=1, reason="LEAKED")

    assert statuses(world, request_id) == {"BCUL": TestStatus.REJECTED}


@pytest.mark.hazard("05")
def test_tubes_planned_are_received_rejected_or_not_taken(world):
    request_id = card(world, "FBC", "UE", "COAG", "LAC")
    assign(world, request_id)
    numbers = [one.number for one in label(world, request_id).labels]
    collect_some(world, request_id, 0, 1)
    receive(world, numbers[0])
    reject(world, request_id, place=1)
    version = request_view(request_id, world.doctor).version
    with unit_of_work():
        command = WithdrawTests(request_id, version, ("FBC", "LAC"), "discharged")
        withdraw_tests(command, actor=world.doctor)
        services.give_up_unwanted(request_id, actor=world.doctor)

    held = [one.status for one in tubes_of(request_id)]

    assert held.count(SpecimenStatus.RECEIVED) == 1
    assert held.count(SpecimenStatus.REJECTED) == 1
    assert held.count(SpecimenStatus.NOT_COLLECTED) == 2
    assert len(held) == 4


def collect_some(world, request_id, *places):
    tubes = tubes_of(request_id)
    planned = tuple(tubes[place].planned_tube_id for place in places)
    with unit_of_work():
        services.collect(CollectTubes(request_id, planned, NOW, "A"), actor=world.doctor)


def test_a_tube_still_wanted_is_not_given_up(world):
    request_id = card(world, "FBC")

    with pytest.raises(RuleBroken, match="still needs"), unit_of_work():
        services.not_collected(request_id, tube(request_id).planned_tube_id, actor=world.doctor)


def test_a_tube_sent_on_is_received_at_the_other_laboratory(world):
    request_id = card(world, "UE", "CRP")
    assign(world, request_id, "KCH-LAB", "UE")
    assign(world, request_id, "STH-LAB", "CRP")
    number = a_collected_tube(world, request_id)
    receive(world, number)

    with unit_of_work():
        services.dispatch(number, world.laboratories["STH-LAB"], actor=world.scientist)
    with pytest.raises(RuleBroken, match="on the way to St Thomas"):
        reject(world, request_id)
    with unit_of_work():
        services.receive(number, world.laboratories["STH-LAB"], actor=world.other_scientist)

    assert statuses(world, request_id)["CRP"] is TestStatus.RECEIVED
    assert [one.tube.number for one in tubes_at(world.laboratories["STH-LAB"])] == [number]
    assert tubes_at(world.laboratories["KCH-LAB"]) == ()


def test_a_tube_that_arrives_at_the_wrong_laboratory_is_not_lost(world):
    request_id = card(world, "UE")
    assign(world, request_id)
    number = a_collected_tube(world, request_id)
    receive(world, number)
    with unit_of_work():
        services.dispatch(number, world.laboratories["STH-LAB"], actor=world.scientist)

    done = receive(world, number)

    assert done.cautions == ("This tube was on its way to St Thomas' core laboratory. Ring them.",)


def test_a_partner_receives_only_what_was_sent_to_it(world):
    request_id = card(world, "FBC")
    number = a_collected_tube(world, request_id)
    partner = world.laboratories["SWLP-LAB"]

    with pytest.raises(NotFound), unit_of_work():
        services.receive(number, partner, actor=world.partner)
    assign(world, request_id, "SWLP-LAB")
    with unit_of_work():
        services.receive(number, partner, actor=world.partner)

    assert tube(request_id).status is SpecimenStatus.RECEIVED


def test_a_handwritten_tube_is_accepted_only_when_every_item_agrees(world):
    request_id = card(world, "GS")
    assign(world, request_id)
    planned = tube(request_id).planned_tube_id

    for item in HandItem:
        with pytest.raises(RuleBroken, match=item.value):
            accept_by_hand(world, request_id, planned, confirmed=frozenset(HandItem) - {item})
    accept_by_hand(world, request_id, planned)

    assert tube(request_id).status is SpecimenStatus.RECEIVED
    assert statuses(world, request_id) == {"GS": TestStatus.RECEIVED}


def test_scanning_a_form_lets_the_laboratory_see_its_request(world):
    request_id = card(world, "GS")
    number = request_view(request_id, world.doctor).number
    with pytest.raises(NotFound):
        request_view(request_id, world.scientist)

    with unit_of_work():
        services.take_in_form(number, world.laboratories["KCH-LAB"], actor=world.scientist)

    assert request_view(request_id, world.scientist).number == number


def accept_second(world, request_id, *, minutes, by):
    accept_by_hand(
        world,
        request_id,
        tube(request_id).planned_tube_id,
        collected_at=NOW - dt.timedelta(minutes=minutes),
        collected_by=by,
    )


@pytest.mark.hazard("04")
def test_a_group_and_its_check_group_never_share_collector_or_time(world):
    request_id = card(world, "GS")
    assign(world, request_id)
    accept_by_hand(world, request_id, tube(request_id).planned_tube_id)
    second = card(world, "CHK")
    assign(world, second)

    with pytest.raises(RuleBroken) as same_person:
        accept_second(world, second, minutes=2, by="Dr a okafor")
    with pytest.raises(RuleBroken) as same_time:
        accept_second(world, second, minutes=18, by="B. Osei")
    accept_second(world, second, minutes=2, by="B. Osei")

    assert same_person.value.field == "collected_by"
    assert same_time.value.field == "collected_at"


@pytest.mark.hazard("04")
def test_a_check_group_is_refused_at_the_bedside_too(world):
    first = card(world, "GS")
    collect(world, first)
    second = card(world, "CHK")

    with pytest.raises(RuleBroken):
        collect(world, second, ago=dt.timedelta(0))
    collect(world, second, ago=dt.timedelta(0), by="B. Osei")

    assert tube(second).status is SpecimenStatus.COLLECTED


def test_a_check_group_of_somebody_else_is_another_matter(world):
    collect(world, card(world, "GS"))
    other = card(world, "CHK", identity=an_identity(2, surname="Smith"))

    collect(world, other)

    assert tube(other).status is SpecimenStatus.COLLECTED


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
    card(world, "FBC", identity=an_identity(3, forenames="X" * 80))
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
