"""Where is it? One number in, the whole story out; each role's first page; the requester's list."""

import datetime as dt

import pytest
from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.incidents.rules import PaperKind, compose_paper, for_tube, grouped
from lab_contingency.requests.commands import CorrectDetails, WithdrawTests
from lab_contingency.requests.queries import planned_tubes, request_view
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.services import correct_details, withdraw_tests
from lab_contingency.results.commands import Acknowledge, CloseWithoutCall, RecordCall
from lab_contingency.results.models import Release, Slip
from lab_contingency.results.returned.models import ReturnSlip
from lab_contingency.results.rules.calls import Taker
from lab_contingency.results.services import (
    acknowledge,
    close_without_call,
    print_slip,
    record_call,
)
from lab_contingency.specimens.commands import RejectTube
from lab_contingency.specimens.services import print_form, reject
from lab_contingency.tracking.queries import lists
from lab_contingency.tracking.queries.story import story
from lab_contingency.tracking.rules import AnswerKind, Step
from lab_contingency.triage.commands import ChangePriority
from lab_contingency.triage.services import change_priority
from tests.factories import boxes, results, returns, tubes
from tests.factories.world import a_request, an_identity

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


def test_the_form_number_typed_with_its_spaces_leads_to_the_request(world, client_for):
    placed = a_request(world)
    client = client_for("doctor")
    answer = client.post("tracking.where", {"number": grouped(placed.number)})
    assert answer.location.endswith(f"/requests/{placed.request_id}")
    page = client.follow(answer)
    assert page.h1 == "Where is it?"
    assert grouped(placed.number) in page.words


def test_any_tube_number_leads_to_its_form(world, client_for):
    placed = a_request(world)
    answer = client_for("doctor").post("tracking.where", {"number": for_tube(placed.number, 1)})
    assert answer.location.endswith(f"/requests/{placed.request_id}")


def test_a_slip_number_leads_to_its_request(world, client_for):
    request_id = results.an_authorised_request(world)
    with unit_of_work():
        print_slip(request_id, actor=world.doctor)
    number = session().scalars(select(Slip.number)).one()
    answer = client_for("doctor").post("tracking.where", {"number": grouped(number)})
    assert answer.location.endswith(f"/requests/{request_id}")


def test_a_boxs_number_leads_to_the_box_for_whom_it_exists(world, client_for):
    box = boxes.on_the_way(world, boxes.tubes_for(world, 1))
    number = grouped(boxes.held(box).number)
    for person in ("scientist", "other_scientist", "senior"):
        answer = client_for(person).post("tracking.where", {"number": number})
        assert answer.location.endswith(f"/consignments/{box}")
    answer = client_for("porter").post("tracking.where", {"number": number})
    assert answer.location.endswith(f"/boxes/{box}")
    assert client_for("porter").follow(answer).status == 200
    nowhere = compose_paper(PaperKind.CONSIGNMENT, 41, 1, 999_999)
    for person in ("doctor", "partner"):
        client = client_for(person)
        refused = client.post("tracking.where", {"number": number})
        unknown = client.post("tracking.where", {"number": nowhere})
        assert refused.status == unknown.status == 422
        assert "Nothing with that number can be seen from here" in refused.words
        assert sentence_of(refused) == sentence_of(unknown)


def sentence_of(page):
    return "".join(page.tree.find(".//*[@id='number-error']").itertext()).strip()


def test_a_return_slips_number_leads_to_what_came_back_or_to_its_request(world, client_for):
    slip_id = returns.a_slip(world)
    request_id = returns.request_of(slip_id)
    number = grouped(session().get_one(ReturnSlip, slip_id).number)
    scientist = client_for("scientist")
    # Nothing was typed yet: the page opens by number and date of birth alone.
    answer = scientist.post("tracking.where", {"number": number})
    assert answer.location.endswith(f"/requests/{request_id}")
    returns.type_back(world, slip_id, *returns.rows("UE", returns.UE))
    answer = scientist.post("tracking.where", {"number": number})
    assert answer.location.endswith(f"/returned/{slip_id}")
    assert scientist.follow(answer).status == 200
    answer = client_for("doctor").post("tracking.where", {"number": number})
    assert answer.location.endswith(f"/requests/{request_id}")
    other = client_for("other_doctor")
    unknown = other.post(
        "tracking.where", {"number": compose_paper(PaperKind.RETURN, 41, 1, 999_999)}
    )
    refused = other.post("tracking.where", {"number": number})
    assert refused.status == unknown.status == 422
    assert sentence_of(refused) == sentence_of(unknown)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Scan or type"),
        ("9992172385", "NHS number"),
        ("411000001004", "check digit"),
        ("<script>", "no number of ours"),
        ("411000099", "twelve"),
    ],
)
def test_anything_else_is_named_and_kept(world, client_for, typed, words):
    answer = client_for("doctor").post("tracking.where", {"number": typed})
    assert answer.status == 422
    assert words in answer.words
    assert "<script>" not in answer.text.replace("&lt;script&gt;", "")


def test_a_number_of_another_site_is_answered_as_one_that_does_not_exist(world, client_for):
    placed = a_request(world)
    client = client_for("other_doctor")
    elsewhere = client.post("tracking.where", {"number": placed.number})
    nowhere = client.post("tracking.where", {"number": "411999999008"})
    assert elsewhere.status == nowhere.status == 422
    assert client.get("tracking.request", request_id=placed.request_id).status == 404


def test_a_porter_finds_tubes_without_a_name(world, client_for):
    placed = a_request(world)
    tubes.label(world, placed.request_id)
    client = client_for("porter")
    page = client.follow(client.post("tracking.where", {"number": placed.number}))
    assert "ED Resus" in page.words
    assert grouped(for_tube(placed.number, 1)) in page.words
    for identifier in ("WOŹNIAK", "Siân", "04-Nov-1958", "999"):
        assert identifier not in page.text


def test_a_transfusion_tube_is_called_written_by_hand_before_it_has_a_number(world, client_for):
    placed = a_request(
        world, tests=("FBC", "GS"), answers={"transfused_or_pregnant_3_months": "no"}
    )
    page = client_for("porter").get("tracking.tubes", request_id=placed.request_id)
    assert "no label yet" in page.words
    assert "written by hand" in page.words


def test_the_story_says_what_is_under_way_and_by_when(world):
    placed = a_request(world, tests=("FBC", "UE"))
    told = story(placed.request_id, world.doctor)
    assert [answer.kind for answer in told.answers] == [AnswerKind.UNDER_WAY]
    assert "FBC and U&E" in told.answers[0].heading
    assert [lane.number for lane in told.lanes] == [1, 2]


def test_the_story_says_what_is_overdue(world):
    placed = a_request(world)
    with clock.at(clock.now() + 2 * HOUR):
        told = story(placed.request_id, world.doctor)
        assert told.request.overdue
    assert told.answers[0].kind is AnswerKind.OVERDUE


def test_a_rejection_reaches_the_requester_with_what_to_do(world, client_for):
    placed = a_request(world)
    number = tubes.a_collected_tube(world, placed.request_id)
    tubes.receive(world, number)
    tube = planned_tubes(placed.request_id)[0]
    with unit_of_work():
        reject(RejectTube(placed.request_id, tube.id, "CLOTTED"), actor=world.scientist)
    page = client_for("doctor").get("tracking.request", request_id=placed.request_id)
    assert "Take again: FBC" in page.words
    assert "clotted" in page.words
    assert "Take it again" in page.words


def test_a_finished_request_is_told_from_asking_to_authorising(world):
    request_id = results.an_authorised_request(world)
    told = story(request_id, world.doctor)
    labels = [step.label for step in told.steps]
    assert labels == sorted(
        labels,
        key=[
            "Requested",
            "Taken",
            "Handed over",
            "Received",
            "On the bench",
            "Result typed",
            "Checked",
            "Authorised",
        ].index,
    )
    assert told.answers[0].kind is AnswerKind.READY
    assert told.unread


def an_authorised_critical(world):
    request_id, call_id = results.a_critical_call(world)
    results.authorise(request_id, world.senior, "UE")
    return request_id, call_id


def told(world, call_id, at=None):
    with unit_of_work():
        said = RecordCall(call_id, "4302", "J. Ferreira", Taker.NURSE, True, "6.8", at=at)
        record_call(said, actor=world.senior)


def ready(request_id, actor):
    (answer,) = [one for one in story(request_id, actor).answers if one.kind is AnswerKind.READY]
    return answer.sentence


def telephoned(request_id, actor):
    return [one for one in story(request_id, actor).table if one.step is Step.TELEPHONED]


@pytest.mark.hazard("H06")
def test_a_call_is_told_at_the_time_it_was_made_not_at_the_time_it_was_written_down(world):
    request_id, call_id = an_authorised_critical(world)
    made = clock.now() + 10 * MINUTE
    with clock.at(clock.now() + HOUR):
        told(world, call_id, made)

        assert ready(request_id, world.doctor) == (
            f"A critical value was telephoned at {near_time_text(made)}."
        )
        (step,) = telephoned(request_id, world.doctor)
    assert (step.at, step.recorded_at > made) == (made, True)


@pytest.mark.hazard("H06")
def test_the_story_says_why_nobody_was_rung(world):
    request_id, call_id = an_authorised_critical(world)
    with unit_of_work():
        decision = CloseWithoutCall(call_id, "SIMILAR", "6.7 told to Dr Mehta at 02:10")
        close_without_call(decision, actor=world.senior)

    sentence = ready(request_id, world.doctor)

    assert sentence.startswith("A critical value was not telephoned: a similar result")
    assert telephoned(request_id, world.doctor) == []
    assert "Potassium: not telephoned: a similar" in " ".join(
        one.what for one in story(request_id, world.doctor).table
    )


@pytest.mark.hazard("H06")
def test_a_value_put_right_before_anybody_was_rung_was_not_telephoned(world):
    request_id, _ = results.a_critical_call(world)
    results.enter(request_id, world.scientist, UE={"K": "4.8"})
    results.check(request_id, world.colleague, "UE")
    results.authorise(request_id, world.senior, "UE")

    assert ready(request_id, world.doctor) == (
        "A critical value was not telephoned: it was put right."
    )
    assert telephoned(request_id, world.doctor) == []


@pytest.mark.hazard("H06")
def test_while_one_call_is_open_the_story_says_so_whatever_was_telephoned_before(world):
    request_id = results.on_the_bench(world)
    results.enter(request_id, world.scientist, UE={**results.CRITICAL_UE, "NA": "115"})
    calls = results.check(request_id, world.colleague, "UE")
    results.authorise(request_id, world.senior, "UE")
    (potassium,) = [each for each in calls if results.call(each).analyte_code == "K"]

    told(world, potassium)

    assert ready(request_id, world.doctor) == "A critical value is being telephoned."


def test_the_list_stands_in_groups_with_the_overdue_before_the_waiting(world, client_for):
    a_request(world)
    results.an_authorised_request(world, identity=an_identity(7, surname="Oyelaran"))
    page = client_for("doctor").get("tracking.my_requests")
    assert "Ready to read" in page.words
    assert "Waiting" in page.words
    assert page.words.index("Ready to read") < page.words.index("Waiting")


def test_results_to_read_are_those_nobody_has_acknowledged(world, client_for):
    client = client_for("doctor")
    assert "Every result has been read" in client.get("tracking.results_to_read").words
    results.an_authorised_request(world)
    assert "Ready to read" in client.get("tracking.results_to_read").words


def test_a_withdrawn_request_is_told_as_such(world):
    placed = a_request(world)
    view = request_view(placed.request_id, world.doctor)
    with unit_of_work():
        withdraw_tests(
            WithdrawTests(placed.request_id, view.version, ("FBC",), "asked twice"),
            actor=world.doctor,
        )
    told = story(placed.request_id, world.doctor)
    assert told.answers[0].kind is AnswerKind.STOPPED
    assert "asked twice" in "".join(one.what for one in told.table)


@pytest.mark.parametrize(
    "person",
    [
        "doctor",
        "porter",
        "scientist",
        "senior",
        "coordinator",
        "partner",
        "governance",
        "administrator",
    ],
)
def test_every_role_has_a_first_page_whose_every_link_opens(world, client_for, person):
    client = client_for(person)
    page = client.get("tracking.home")
    links = [a.get("href") for a in page.tree.iter("a") if "duty" in (a.get("class") or "")]
    assert links
    assert [link for link in links if client.open(link).status != 200] == []


def test_the_table_says_when_it_happened_and_when_it_was_recorded(world):
    placed = a_request(world)
    tubes.label(world, placed.request_id)
    tubes.collect(world, placed.request_id, ago=HOUR)
    table = story(placed.request_id, world.doctor).table
    rows = [one for one in table if one.what == "taken, wristband read (NHS number)"]
    assert rows[0].recorded_at - rows[0].at >= HOUR - dt.timedelta(minutes=1)


def test_finished_requests_never_push_a_waiting_one_off_the_list(world, monkeypatch):
    waiting = a_request(world)
    for seed in (2, 3, 4):
        done = a_request(world, identity=an_identity(seed))
        view = request_view(done.request_id, world.doctor)
        with unit_of_work():
            withdraw_tests(
                WithdrawTests(done.request_id, view.version, ("FBC",), "asked twice"),
                actor=world.doctor,
            )
    monkeypatch.setattr(lists, "_MOST_FINISHED", 2)
    groups = lists.my_requests(world.doctor)
    assert [row.view.id for row in groups[lists.Group.WAITING]] == [waiting.request_id]
    assert len(groups[lists.Group.FINISHED]) == 2


def test_the_table_holds_what_was_put_right_printed_decided_and_read(world):
    request_id = results.an_authorised_request(world)
    with unit_of_work():
        print_slip(request_id, actor=world.doctor)
        print_form(request_id, actor=world.doctor)
    view = request_view(request_id, world.doctor)
    ward = world.wards["KCH-AMU"]
    with unit_of_work():
        correct_details(
            CorrectDetails(request_id, view.version, ward, "4", ward, "bleep 1", "", "", "moved"),
            actor=world.doctor,
        )
    releases = tuple(session().scalars(select(Release.id)))
    with unit_of_work():
        acknowledge(Acknowledge(request_id, releases), actor=world.doctor)
    said = " · ".join(one.what for one in story(request_id, world.doctor).table)
    for words in (
        "form printed",
        "slip printed",
        "details put right (moved)",
        "results read",
    ):
        assert words in said


def test_a_changed_priority_stands_in_the_table_with_before_and_after(world):
    placed = a_request(world)
    with unit_of_work():
        change_priority(
            ChangePriority(placed.request_id, None, Band.P3, "STABLE", "stable now"),
            actor=world.senior,
        )
    said = " · ".join(one.what for one in story(placed.request_id, world.doctor).table)
    assert "Priority P3 DAYS, before P1 NOW" in said
