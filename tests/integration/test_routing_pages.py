"""The queue's page, deciding, choosing laboratories and sending out, through the browser's door."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.incidents.rules import grouped
from lab_contingency.requests.queries import planned_tubes
from lab_contingency.requests.queries.views import request_view
from lab_contingency.requests.rules.bands import Band
from lab_contingency.routing.commands import AssignTests
from lab_contingency.routing.services import accept_and_assign, assign_tests
from lab_contingency.specimens.commands import RejectTube
from lab_contingency.specimens.services import reject
from lab_contingency.triage.commands import AcceptTests, ChangePriority
from lab_contingency.triage.services import accept_tests, change_priority
from tests.clients import stranger_id, value_of, words_of
from tests.factories.tubes import label, receive
from tests.factories.world import a_request, an_identity, make_world


@pytest.fixture
def world(app):
    with app.app_context():
        return make_world()


@pytest.fixture
def senior(world, client_for):
    return client_for("senior")


def placed(app, world, **card):
    taken = clock.now() - dt.timedelta(minutes=20)
    with app.app_context():
        held = {"collected_at": taken, "collected_by": "Dr A. Okafor", **card}
        return a_request(world, **held).request_id


def another():
    return an_identity(2, surname="Patterson-Khan", forenames="Imran")


def ticked(answer):
    boxes = (each for each in answer.tree.iter("input") if each.get("name") == "chosen")
    return {
        each.get("value").partition(":")[0] for each in boxes if each.get("checked") is not None
    }


def states(app, world, request_id):
    with app.app_context():
        view = request_view(request_id, world.senior)
        return {test.test.code: test.status.value for test in view.tests}


def seen(answer) -> str:
    return re.search(r"seen=([0-9a-f]+)", answer.text)[1]


def test_an_empty_queue_says_so(senior):
    assert "Nobody is waiting." in senior.get("routing.queue").words


def test_the_queue_shows_the_patient_and_every_key(app, world, senior):
    placed(app, world)
    answer = senior.get("routing.queue")
    assert "WOŹNIAK-O’NEILL Siân" in answer.words
    keys = set(re.findall(r'data-key="(\w+)"', answer.text))
    assert keys == {"Enter", "Space", "L", "P", "2", "3", "4", "H", "D", "O", "C"}


def test_the_line_of_a_row_says_how_to_reach_the_ward(app, world, senior):
    placed(app, world, callback="bleep 2222")
    answer = senior.get("routing.queue")
    (line,) = (each for each in answer.tree.iter() if each.get("data-key") == "C")
    assert words_of(line) == "C call the ward bleep 2222 or 020 7946 0163"
    assert [each.get("href") for each in line.iter("a")] == ["tel:02079460163"]


def test_the_key_list_names_every_key_and_lets_letters_be_switched_off(world, senior):
    page = senior.get("routing.queue")
    (listed,) = (each for each in page.tree.iter() if each.get("data-key-list") is not None)
    hints = [e for e in listed.iter("span") if e.get("class") == "key-hint"]
    keys = {key.text for each in hints for key in each.iter("kbd")}
    assert keys >= set("/?↑↓LP1234HDOCN") | {"Esc", "Enter", "Space", "Ctrl"}
    assert any(each.get("data-single-keys-switch") is not None for each in listed.iter())


def test_the_first_overdue_row_has_the_focus_when_asked_for(app, world, senior):
    placed(app, world)
    late = placed(app, world, identity=another(), needed_by=clock.now() + dt.timedelta(minutes=1))
    with clock.at(clock.now() + dt.timedelta(minutes=5)):
        answer = senior.get("routing.queue", at="overdue")
    assert re.findall(r'id="row-([^"]+)"[^>]* autofocus', answer.text) == [str(late)]


def test_the_row_that_was_worked_on_has_the_focus_again(app, world, senior):
    request_id = placed(app, world)
    answer = senior.get("routing.queue", at=request_id)
    assert re.search(rf'id="row-{request_id}"[^>]* autofocus', answer.text)


def test_a_rejected_tube_says_so_in_its_row(app, world, senior):
    request_id = placed(app, world, tests=("FBC", "UE"))
    with app.app_context():
        for one in label(world, request_id).labels:
            receive(world, one.number)
        tube_id = next(tube.id for tube in planned_tubes(request_id) if "FBC" in tube.test_codes)
        with unit_of_work():
            reject(RejectTube(request_id, tube_id, "CLOTTED"), actor=world.scientist)
    assert "FBC rejected" in senior.get("routing.queue").words


def test_a_result_expected_too_late_is_called_late(app, world, senior):
    placed(app, world, needed_by=clock.now() + dt.timedelta(minutes=2))
    assert 'class="status-tag">late<' in senior.get("routing.queue").text


@pytest.mark.parametrize(("do", "field"), [("hold", "reason_code"), ("decline", "reason_code")])
def test_the_reason_has_the_focus_and_a_single_test_is_ticked(app, world, senior, do, field):
    request_id = placed(app, world, tests=("FBC",))
    page = senior.get("triage.request", request_id=request_id, do=do).text
    assert re.search(rf'<select[^>]* autofocus[^>]*id="{field}"', page)
    assert re.search(r'<input[^>]*checked[^>]*name="tests"[^>]*value="FBC"', page)


@pytest.mark.parametrize("name", ["doctor", "porter", "scientist", "coordinator", "partner"])
@pytest.mark.parametrize("endpoint", ["routing.queue", "routing.queue_rows"])
def test_only_those_who_triage_see_the_queue(world, client_for, name, endpoint):
    assert client_for(name).get(endpoint).status == 403


def test_an_unchanged_queue_answers_with_nothing(app, world, senior):
    request_id = placed(app, world)
    with clock.at(clock.now()):
        token = seen(senior.get("routing.queue"))
        assert senior.live("routing.queue_rows", seen=token).status == 204
        with app.app_context(), unit_of_work():
            accept_tests(AcceptTests(request_id, None), actor=world.senior)
        again = senior.live("routing.queue_rows", seen=token)
        assert again.status == 200
        assert seen(again) != token
        assert 'id="queue-counts" hx-swap-oob="true"' in again.text


def test_one_key_accepts_and_sends(app, world, senior):
    request_id = placed(app, world)
    answer = senior.post("routing.accept", {"version": "1"}, request_id=request_id)
    assert answer.status == 303
    page = senior.follow(answer)
    assert "Accepted for King's core laboratory." in page.words
    assert states(app, world, request_id) == {"FBC": "assigned"}


@pytest.mark.hazard("H13")
def test_acting_on_a_row_that_changed_is_refused_with_409(app, world, senior):
    request_id = placed(app, world)
    with app.app_context(), unit_of_work():
        accept_and_assign(request_id, None, actor=world.second_senior)
    answer = senior.post("routing.accept", {"version": "1"}, request_id=request_id)
    assert answer.status == 409
    assert "Somebody else changed this" in answer.words


def test_a_test_nobody_can_do_is_told_after_accepting(app, world, senior):
    taken = clock.now() - dt.timedelta(minutes=90)
    request_id = placed(app, world, tests=("LAC", "UE"), collected_at=taken)
    answer = senior.post("routing.accept", {"version": "1"}, request_id=request_id)
    assert "Nobody can do LAC: the sample expired" in senior.follow(answer).words
    assert states(app, world, request_id) == {"LAC": "accepted", "UE": "assigned"}


def test_holding_some_tests_with_a_reason(app, world, senior):
    request_id = placed(app, world, tests=("FBC", "FERR"))
    page = senior.get("triage.request", request_id=request_id, do="hold")
    data = {
        "version": value_of(page, "version"),
        "tests": ["FERR"],
        "reason_code": "NO_CAPACITY",
        "reason": "",
    }
    assert senior.post("triage.hold", data, request_id=request_id).status == 303
    assert states(app, world, request_id) == {"FBC": "requested", "FERR": "deferred"}


def test_holding_without_a_reason_keeps_what_was_typed(app, world, senior):
    request_id = placed(app, world, tests=("FBC", "FERR"))
    data = {"version": "1", "tests": ["FERR"], "reason_code": "", "reason": "back at six"}
    answer = senior.post("triage.hold", data, request_id=request_id)
    assert answer.status == 422
    assert "Choose a reason. The ward reads it." in answer.words
    assert "back at six" in answer.text


def test_deciding_needs_a_test_or_the_button_for_all(app, world, senior):
    request_id = placed(app, world, tests=("FBC", "FERR"))
    data = {"version": "1", "reason_code": "NOT_IN_INCIDENT"}
    answer = senior.post("triage.decline", data, request_id=request_id)
    assert answer.status == 422
    assert "Tick at least one test" in answer.words
    whole = {**data, "which": "every"}
    assert senior.post("triage.decline", whole, request_id=request_id).status == 303
    assert set(states(app, world, request_id).values()) == {"declined"}


def test_the_ward_reads_on_its_page_what_was_decided(app, world, senior, client_for):
    request_id = placed(app, world)
    data = {"version": "1", "which": "every", "reason_code": "OTHER", "reason": "No reagent"}
    senior.post("triage.decline", data, request_id=request_id)
    page = client_for("doctor").get("tracking.request", request_id=request_id)
    assert "Declined: FBC. No reagent." in page.words


@pytest.mark.hazard("H28")
def test_lowering_on_the_page_demands_a_reason(app, world, senior):
    request_id = placed(app, world)
    data = {"version": "1", "band": "P3", "reason_code": "", "reason": "", "needed_by": ""}
    answer = senior.post("triage.priority", data, request_id=request_id)
    assert answer.status == 422
    assert "Choose a reason" in answer.words
    data["reason_code"] = "STABLE"
    assert senior.post("triage.priority", data, request_id=request_id).status == 303


def test_a_time_that_cannot_be_read_lands_on_its_field(app, world, senior):
    request_id = placed(app, world)
    data = {"version": "1", "band": "P2", "reason_code": "STABLE", "needed_by": "soon"}
    answer = senior.post("triage.priority", data, request_id=request_id)
    assert answer.status == 422
    assert "24-hour clock" in answer.words


def test_chosen_rows_are_accepted_together(app, world, senior):
    one, two = placed(app, world), placed(app, world, identity=another())
    answer = senior.post("routing.accept_chosen", {"chosen": [f"{one}:1", f"{two}:1"]})
    assert answer.status == 303
    assert "Accepted 2 requests." in senior.follow(answer).words
    assert states(app, world, one) == states(app, world, two) == {"FBC": "assigned"}


@pytest.mark.hazard("H13")
def test_a_chosen_row_that_changed_is_told_and_the_others_are_accepted(app, world, senior):
    one, two = placed(app, world), placed(app, world, identity=another())
    with app.app_context(), unit_of_work():
        change_priority(ChangePriority(one, 1, Band.P2, "STABLE"), actor=world.second_senior)
    answer = senior.post("routing.accept_chosen", {"chosen": [f"{one}:1", f"{two}:1"]})
    assert answer.status == 422
    assert "One thing to put right" in answer.words
    assert "WOŹNIAK-O’NEILL Siân, 04-Nov-1958: Somebody else changed it." in answer.words
    assert "Accepted 1 request." in answer.words
    assert ticked(answer) == {str(one)}
    assert states(app, world, one) == {"FBC": "requested"}
    assert states(app, world, two) == {"FBC": "assigned"}


def test_a_chosen_row_with_nothing_to_decide_leaves_nothing_behind(app, world, senior):
    one, two = placed(app, world), placed(app, world, identity=another())
    with app.app_context(), unit_of_work():
        accept_and_assign(one, None, actor=world.senior)
    with app.app_context():
        version = request_view(one, world.senior).version
    answer = senior.post("routing.accept_chosen", {"chosen": [f"{one}:{version}", f"{two}:1"]})
    assert "Nothing of this request waits for a decision." in answer.words
    with app.app_context():
        assert request_view(one, world.senior).version == version
    assert states(app, world, two) == {"FBC": "assigned"}


def test_a_chosen_row_that_nobody_can_do_is_told_by_name(app, world, senior):
    taken = clock.now() - dt.timedelta(minutes=90)
    one = placed(app, world, tests=("LAC", "UE"), collected_at=taken)
    answer = senior.post("routing.accept_chosen", {"chosen": [f"{one}:1"]})
    assert answer.status == 422
    assert "Nobody can do LAC: the sample expired" in answer.words
    assert "Accepted 1 request." in answer.words


def test_a_chosen_row_that_does_not_exist_is_told(app, world, senior):
    answer = senior.post("routing.accept_chosen", {"chosen": [f"{stranger_id()}:1"]})
    assert answer.status == 422
    assert "A row you chose: It is no longer in your queue." in answer.words


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ([], "Choose a row first: tick it, or press Space on it."),
        (["robbery"], "A row you chose could not be read. Choose the rows again."),
        ([f"{stranger_id()}:1"] * 101, "Choose at most 100 rows at once."),
    ],
)
def test_choosing_badly_is_answered_with_a_sentence(app, world, senior, chosen, said):
    answer = senior.post("routing.accept_chosen", {"chosen": chosen})
    assert answer.status == 422
    assert said in answer.words


def test_accepting_together_keeps_the_filter(app, world, senior):
    one = placed(app, world)
    answer = senior.post("routing.accept_chosen", {"chosen": [f"{one}:1"]}, show="held", whole=1)
    assert answer.location == senior.url("routing.queue", show="held", whole=1)


@pytest.mark.hazard("H13")
def test_deciding_on_an_old_page_shows_what_is_there_now_and_keeps_what_was_typed(
    app, world, senior
):
    request_id = placed(app, world, tests=("FBC", "UE"))
    with app.app_context(), unit_of_work():
        accept_tests(AcceptTests(request_id, None, ("UE",)), actor=world.second_senior)
    data = {"version": "1", "tests": ["FBC"], "reason_code": "NO_CAPACITY", "reason": "at six"}
    answer = senior.post("triage.hold", data, request_id=request_id)
    assert answer.status == 409
    assert "Somebody else changed this" in answer.words
    assert "at six" in answer.text
    assert "UE (accepted)" in answer.words.replace("U&E", "UE")
    data["version"] = value_of(answer, "version")
    assert senior.post("triage.hold", data, request_id=request_id).status == 303


@pytest.mark.parametrize("do", ["accept", "hold", "decline", "priority", "nonsense"])
def test_every_page_of_deciding_opens(app, world, senior, do):
    request_id = placed(app, world, tests=("FBC", "UE"))
    assert senior.get("triage.request", request_id=request_id, do=do).status == 200


def test_a_request_that_does_not_exist_is_not_found(senior):
    for endpoint in ("triage.request", "routing.request"):
        assert senior.get(endpoint, request_id=stranger_id()).status == 404


def test_the_page_of_laboratories_says_who_can_and_why_others_cannot(app, world, senior):
    request_id = placed(app, world, tests=("LAC",))
    words = senior.get("routing.request", request_id=request_id).words
    assert "Suggested: " in words
    assert "Not on its menu" in words


def test_another_laboratory_is_chosen_for_a_test_that_still_waits(app, world, senior):
    request_id = placed(app, world)
    page = senior.get("routing.request", request_id=request_id)
    data = {
        "version": value_of(page, "version"),
        "laboratory-FBC": str(world.laboratories["STH-LAB"]),
        "reason": "",
    }
    assert senior.post("routing.choose", data, request_id=request_id).status == 303
    assert states(app, world, request_id) == {"FBC": "assigned"}


def test_a_laboratory_that_cannot_is_refused_on_its_test(app, world, senior):
    request_id = placed(app, world, tests=("LAC",))
    data = {"version": "1", "laboratory-LAC": str(world.laboratories["SWLP-LAB"])}
    answer = senior.post("routing.choose", data, request_id=request_id)
    assert answer.status == 422
    assert "Choose another laboratory." in answer.words
    assert states(app, world, request_id) == {"LAC": "requested"}


def test_sending_elsewhere_asks_why(app, world, senior):
    request_id = placed(app, world)
    with app.app_context(), unit_of_work():
        accept_and_assign(request_id, None, actor=world.senior)
    page = senior.get("routing.request", request_id=request_id)
    data = {
        "version": value_of(page, "version"),
        "laboratory-FBC": str(world.laboratories["STH-LAB"]),
        "reason": "",
    }
    answer = senior.post("routing.choose", data, request_id=request_id)
    assert answer.status == 422
    assert "Say why it goes elsewhere." in answer.words
    data["reason"] = "Analyser stopped"
    assert senior.post("routing.choose", data, request_id=request_id).status == 303


def test_a_tube_bound_elsewhere_is_listed_and_leaves_with_one_scan(app, world, senior, client_for):
    request_id = placed(app, world, band=Band.P3, reason_code="")
    with app.app_context():
        number = label(world, request_id).labels[0].number
        receive(world, number)
        with unit_of_work():
            accept_tests(AcceptTests(request_id, None), actor=world.senior)
            where = {"FBC": world.laboratories["STH-LAB"]}
            assign_tests(AssignTests(request_id, None, where), actor=world.senior)
    scientist = client_for("scientist")
    words = scientist.get("transport.send_out").words
    assert "St Thomas' core laboratory 1 tube" in words
    assert grouped(number) in words
    answer = scientist.post("transport.send_one", {"number": number, "laboratory": ""})
    page = scientist.follow(answer)
    assert "On the way to St Thomas' core laboratory." in page.words
    assert "Nothing is to be sent out." in scientist.get("transport.send_out").words


def test_a_tube_that_belongs_here_is_not_sent_out(app, world, senior):
    request_id = placed(app, world)
    with app.app_context():
        number = label(world, request_id).labels[0].number
        receive(world, number)
        with unit_of_work():
            accept_and_assign(request_id, None, actor=world.senior)
    answer = senior.post("transport.send_one", {"number": number, "laboratory": ""})
    assert answer.status == 422
    assert "Leave it where it is." in answer.words
