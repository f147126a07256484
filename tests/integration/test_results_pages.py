"""The pages of results, through a browser's eyes."""

import pytest

from lab_contingency.foundation.database import unit_of_work
from lab_contingency.results.commands import SendBack
from lab_contingency.results.services import send_back
from tests.clients import LabClient
from tests.factories.results import (
    CRITICAL_UE,
    CRP,
    UE,
    a_critical_call,
    amend,
    an_authorised_request,
    authorise,
    check,
    enter,
    live,
    on_the_bench,
    value,
)
from tests.factories.world import make_world


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


@pytest.fixture
def page_for(app, world):
    def sign_in(username):
        return LabClient(app).sign_in(username)

    return sign_in


def boxes(values, test="UE"):
    return {f"value-{test}-{analyte}": text for analyte, text in values.items()}


def version_of(answer):
    return next(e.get("value") for e in answer.tree.iter() if e.get("name") == "version")


def test_an_empty_bench_says_what_to_do_next(page_for):
    assert "Nothing waits on this bench." in page_for("scientist").get("results.bench").words


def test_the_bench_shows_three_identifiers_tubes_and_tests(world, page_for):
    on_the_bench(world)

    words = page_for("scientist").get("results.bench").words

    for word in ("WOŹNIAK-O’NEILL", "04-Nov-1958", "999", "U&E"):
        assert word in words


def test_a_scanned_number_opens_the_grid(world, page_for):
    from tests.factories.world import a_request

    placed = a_request(world, tests=("UE",))
    answer = page_for("senior").post("results.find_on_bench", {"number": placed.number})

    assert answer.status == 303
    assert answer.location.endswith(f"/requests/{placed.request_id}/results")


def test_a_number_of_something_else_is_named(world, page_for):
    answer = page_for("scientist").post("results.find_on_bench", {"number": "020000000017"})

    assert answer.status == 422


def test_the_grid_is_headed_by_the_patient(world, page_for):
    request_id = on_the_bench(world)

    words = page_for("scientist").get("results.entry", request_id=request_id).words

    for word in (
        "WOŹNIAK-O’NEILL",
        "04-Nov-1958",
        "Potassium",
        "mmol/L",
        "3.5–5.3",
        "0 of 6 typed",
    ):
        assert word in words


def test_typing_a_panel_keeps_it_and_comes_back_with_flags(world, page_for):
    request_id = on_the_bench(world)
    client = page_for("scientist")
    shown = client.get("results.entry", request_id=request_id)

    sent = {"version": version_of(shown), **boxes(CRITICAL_UE)}
    answer = client.post("results.enter", sent, request_id=request_id)

    words = client.follow(answer).words
    assert "▼ low" in words
    assert "Telephoned as soon as a colleague has checked it." in words


@pytest.mark.hazard("H07")
def test_an_impossible_value_comes_back_with_everything_typed(world, page_for):
    request_id = on_the_bench(world)
    client = page_for("scientist")
    shown = client.get("results.entry", request_id=request_id)

    sent = {"version": version_of(shown), **boxes({**UE, "K": "68"})}
    answer = client.post("results.enter", sent, request_id=request_id)

    assert answer.status == 422
    assert "68 mmol/L cannot be potassium. Possible: 1–12." in answer.words
    assert 'value="131"' in answer.text


def test_a_page_older_than_a_colleagues_entry_is_refused_with_what_was_typed(world, page_for):
    request_id = on_the_bench(world)
    client = page_for("scientist")
    version = version_of(client.get("results.entry", request_id=request_id))
    enter(request_id, world.colleague, UE={"NA": "140", "UREA": "6.0"})

    answer = client.post(
        "results.enter",
        {"version": version, **boxes({"K": "4.4", "UREA": "5.1"})},
        request_id=request_id,
    )

    assert answer.status == 409
    assert "Somebody else changed this" in answer.words
    assert 'value="4.4"' in answer.text
    assert 'value="140"' in answer.text  # what the colleague typed stands in the box left empty
    assert "Urea 6.0 5.1" in answer.words  # both, where they differ
    sent = {"version": version_of(answer), **boxes({"NA": "140", "K": "4.4", "UREA": "5.1"})}
    assert client.post("results.enter", sent, request_id=request_id).status == 303


def test_a_comment_stands_beside_its_value(world, page_for):
    request_id = on_the_bench(world)
    client = page_for("scientist")
    version = version_of(client.get("results.entry", request_id=request_id))
    said = {"comment-UE-K": "slightly haemolysed"}

    client.post(
        "results.enter",
        {"version": version, **boxes({"K": "5.4", "NA": "140"}), **said},
        request_id=request_id,
    )

    assert value(request_id, "K").comment == "slightly haemolysed"
    assert value(request_id, "NA").comment == ""


def test_a_colleague_checks_what_agrees(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=UE)
    client = page_for("colleague")
    assert "Check" in client.get("results.checking").words
    shown = client.get("results.check_page", request_id=request_id)

    sent = {"version": version_of(shown), "tests": ["UE"]}
    answer = client.post("results.check", sent, request_id=request_id)

    assert answer.status == 303
    assert live(request_id, "K").checked_by_id == world.colleague.user_id


def test_nothing_is_ticked_beforehand(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=UE)

    shown = page_for("colleague").get("results.check_page", request_id=request_id)

    assert not [e for e in shown.tree.iter() if e.get("checked") is not None]


def test_checking_without_a_tick_says_what_to_do(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=UE)

    client = page_for("colleague")
    version = version_of(client.get("results.check_page", request_id=request_id))

    answer = client.post("results.check", {"version": version}, request_id=request_id)

    assert answer.status == 422


@pytest.mark.hazard("H13")
def test_a_tick_for_older_values_is_taken_off_when_a_value_was_typed_anew(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=UE)
    client = page_for("colleague")
    version = version_of(client.get("results.check_page", request_id=request_id))
    enter(request_id, world.scientist, UE={**UE, "NA": "140"})

    sent = {"version": version, "tests": ["UE"]}
    answer = client.post("results.check", sent, request_id=request_id)

    assert answer.status == 409
    assert "140" in answer.words
    assert "checked>" not in answer.text.replace(" ", "")


def test_a_value_that_differs_is_sent_back_and_shown_at_the_bench(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=UE)
    client = page_for("colleague")
    shown = client.get("results.check_page", request_id=request_id)

    sent = {"version": version_of(shown), "values": ["UE-K"], "reason": "The print-out says 5.4"}
    client.post("results.send_back", sent, request_id=request_id)

    words = client.get("results.entry", request_id=request_id).words
    assert "The print-out says 5.4" in words


def test_a_senior_authorises_and_sees_what_the_ward_reads(world, page_for):
    request_id = on_the_bench(world, tests=("CRP",))
    enter(request_id, world.scientist, CRP=CRP)
    client = page_for("senior")
    shown = client.get("results.check_page", request_id=request_id)

    sent = {"version": version_of(shown), "tests": ["CRP"]}
    answer = client.post("results.authorise", sent, request_id=request_id)

    assert "these results final" in client.follow(answer).words


def test_laboratory_staff_cannot_authorise(world, page_for):
    request_id = on_the_bench(world, tests=("CRP",))
    enter(request_id, world.scientist, CRP=CRP)

    answer = page_for("colleague").post(
        "results.authorise", {"tests": ["CRP"]}, request_id=request_id
    )

    assert answer.status == 403


@pytest.mark.hazard("H06")
def test_the_call_page_says_what_to_say_and_fills_in_nothing(world, page_for):
    _, call_id = a_critical_call(world)
    client = page_for("senior")
    assert "Potassium 6.8 mmol/L" in client.get("results.calls").words

    shown = client.get("results.call", call_id=call_id)

    assert "Potassium, six point eight, millimoles per litre." in shown.words
    read_back = next(e for e in shown.tree.iter() if e.get("name") == "read_back")
    assert not read_back.get("value")


@pytest.mark.hazard("H06")
def test_a_wrong_read_back_stays_on_the_page_with_the_sentence(world, page_for):
    _, call_id = a_critical_call(world)
    said = {"number": "4302", "person": "J. Ferreira", "role": "nurse", "patient_agrees": "y"}

    answer = page_for("senior").post(
        "results.record_call", {**said, "read_back": "5.8"}, call_id=call_id
    )

    assert answer.status == 422
    assert "What they read back is not the result." in answer.words


def test_a_call_is_recorded_and_leaves_the_list(world, page_for):
    _, call_id = a_critical_call(world)
    said = {"number": "4302", "person": "J. Ferreira", "role": "nurse", "patient_agrees": "y"}
    client = page_for("senior")

    answer = client.post("results.record_call", {**said, "read_back": "6.8"}, call_id=call_id)

    assert "Nobody has to be rung." in client.follow(answer).words
    assert "Told to J. Ferreira, nurse" in client.get("results.call", call_id=call_id).words


def test_no_answer_is_noted_on_the_page(world, page_for):
    _, call_id = a_critical_call(world)
    client = page_for("senior")

    answer = client.post(
        "results.attempt", {"number": "2222", "outcome": "no answer"}, call_id=call_id
    )

    assert "no answer" in client.follow(answer).words


def test_no_call_needed_without_a_reason_comes_back(world, page_for):
    _, call_id = a_critical_call(world)

    answer = page_for("senior").post("results.no_call", {"reason_code": ""}, call_id=call_id)

    assert answer.status == 422


def test_laboratory_staff_do_not_see_the_call_list(page_for):
    assert page_for("scientist").get("results.calls").status == 403


def test_the_ward_reads_and_acknowledges(world, page_for):
    request_id = an_authorised_request(world)
    client = page_for("doctor")
    shown = client.get("results.read", request_id=request_id)
    releases = [e.get("value") for e in shown.tree.iter() if e.get("name") == "releases"]

    answer = client.post("results.acknowledge", {"releases": releases}, request_id=request_id)

    words = client.follow(answer).words
    assert "I have read these results" not in words
    assert "Doctor, CRP" in words


@pytest.mark.hazard("H21")
def test_the_ward_sees_the_amended_value_with_the_old_one_struck_through(world, page_for):
    request_id = an_authorised_request(world)
    amend(request_id, world.scientist, "Wrong line", CRP={"CRP": "120"})
    pending = page_for("doctor").get("results.read", request_id=request_id).words
    authorise(request_id, world.senior, "CRP")

    shown = page_for("doctor").get("results.read", request_id=request_id)

    assert "Being put right." in pending
    assert "version 2 of 2" in shown.words
    assert "12 mg/L" in [" ".join(e.itertext()) for e in shown.tree.iter() if e.tag == "s"]


@pytest.mark.hazard("H22")
def test_the_ward_sees_nothing_that_is_only_typed_or_checked(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=CRITICAL_UE)
    check(request_id, world.colleague, "UE")

    words = page_for("doctor").get("results.read", request_id=request_id).words

    assert "6.8" not in words
    assert "checked, not authorised" in words


def test_another_site_gets_the_same_answer_as_for_nothing(world, page_for):
    import uuid

    request_id = an_authorised_request(world)
    client = page_for("other_doctor")

    there = client.get("results.read", request_id=request_id)
    nowhere = client.get("results.read", request_id=uuid.uuid4())

    assert (there.status, nowhere.status) == (404, 404)
    assert there.words == nowhere.words


def test_the_slip_comes_as_a_pdf_whose_name_says_nothing(world, page_for):
    request_id = an_authorised_request(world)

    answer = page_for("doctor").post("results.print_slip", {}, request_id=request_id)

    assert answer.data.startswith(b"%PDF")
    assert 'filename="slip-02' in answer.response.headers["Content-Disposition"]


def test_a_second_slip_without_a_reason_comes_back_to_the_page(world, page_for):
    request_id = an_authorised_request(world)
    client = page_for("doctor")
    client.post("results.print_slip", {}, request_id=request_id)

    answer = client.post("results.print_slip", {}, request_id=request_id)

    assert answer.status == 422
    assert "Choose why it is printed again" in answer.words


def test_an_amendment_is_typed_on_its_own_page(world, page_for):
    request_id = an_authorised_request(world)
    client = page_for("scientist")
    shown = client.get("results.amendment", request_id=request_id)

    sent = {"version": version_of(shown), **boxes({"CRP": "120"}, "CRP"), "reason": "Wrong line"}
    answer = client.post("results.amend", sent, request_id=request_id)

    assert answer.status == 303
    assert value(request_id, "CRP").reason == "Wrong line"


def test_an_amendment_without_a_reason_keeps_what_was_typed(world, page_for):
    request_id = an_authorised_request(world)
    client = page_for("scientist")
    shown = client.get("results.amendment", request_id=request_id)

    sent = {"version": version_of(shown), **boxes({"CRP": "120"}, "CRP"), "reason": ""}
    answer = client.post("results.amend", sent, request_id=request_id)

    assert answer.status == 422
    assert 'value="120"' in answer.text


def test_an_own_entry_says_why_it_cannot_be_checked(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=UE)

    words = page_for("scientist").get("results.check_page", request_id=request_id).words

    assert "You typed this yourself" in words


def test_the_check_list_shows_what_was_sent_back(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=UE)
    with unit_of_work():
        send_back(SendBack(request_id, (("UE", "K"),), "Look again"), actor=world.colleague)

    assert "sent back" in page_for("second_senior").get("results.checking").words


def test_a_partner_types_only_its_own_tests(world, page_for):
    request_id = on_the_bench(world, tests=("CRP",), laboratory="SWLP-LAB")

    shown = page_for("partner").get("results.entry", request_id=request_id)

    assert "0 of 1 typed" in shown.words
