"""Typing by keyboard, choices, and who is credited: what the pages of results say."""

import pytest
from sqlalchemy import event

from lab_contingency.foundation.database import db
from lab_contingency.results.rules.values import Repeated
from tests.clients import LabClient, words_of
from tests.factories.results import UE, amend, authorise, enter, on_the_bench, value
from tests.factories.world import make_world
from tests.printing import reading


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


def focused(answer):
    return [each.get("name") for each in answer.tree.iter() if each.get("autofocus") is not None]


def test_the_grid_opens_in_its_first_empty_box(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE={"NA": "131", "UREA": "6.1"})

    answer = page_for("scientist").get("results.entry", request_id=request_id)

    assert focused(answer) == ["value-UE-K"]


def test_a_refused_grid_leaves_the_focus_to_what_is_to_put_right(world, page_for):
    request_id = on_the_bench(world)

    answer = page_for("scientist").post(
        "results.enter", boxes({"K": "4400"}), request_id=request_id
    )

    assert answer.status == 422
    assert not focused(answer)


def judged(client, request_id, analyte, text, test="UE"):
    return client.live("results.judged", boxes({analyte: text}, test), request_id=request_id)


def part(answer, name):
    (found,) = (each for each in answer.tree.iter() if each.get("id") == name)
    return found


@pytest.mark.parametrize(
    ("text", "flag"), [("3.1", "▼ low"), ("4.4", ""), ("5.9", "▲ high"), ("6.8", "▲▲ critical")]
)
def test_a_box_that_is_left_shows_its_flag_at_once(world, page_for, text, flag):
    request_id = on_the_bench(world)

    answer = judged(page_for("scientist"), request_id, "K", text)

    assert answer.status == 200
    assert words_of(part(answer, "flag-UE-K")) == flag
    assert words_of(part(answer, "interval-UE-K")) == "3.5–5.3"


def test_a_critical_value_says_at_once_that_it_is_telephoned(world, page_for):
    request_id = on_the_bench(world)

    answer = judged(page_for("scientist"), request_id, "K", "6.8")

    note = words_of(part(answer, "note-UE-K"))
    assert note.startswith("CRITICAL Telephoned as soon as a colleague has checked it. Limit here:")
    assert part(answer, "flag-UE-K").get("data-asks") is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("4400", "4400 mmol/L cannot be potassium. Possible: 1–12."),
        ("high", "is not a number."),
        ("", "This was typed already."),
    ],
)
def test_a_box_that_is_left_says_what_saving_would_refuse(world, page_for, text, said):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE={"K": "4.4"})

    answer = judged(page_for("scientist"), request_id, "K", text)

    assert said in words_of(part(answer, "note-UE-K"))
    assert "It will not save like this." in answer.words
    assert part(answer, "note-UE-K").get("data-refused") is not None


def test_a_value_far_from_the_one_before_asks_for_a_repeat(world, page_for):
    before = on_the_bench(world)
    enter(before, world.scientist, UE=UE)
    authorise(before, world.senior, "UE")
    request_id = on_the_bench(world, overrides={"UE": "new sepsis"})

    answer = judged(page_for("scientist"), request_id, "CREA", "800")

    assert "Creatinine was 80 before and is 800 now." in words_of(part(answer, "note-UE-CREA"))
    assert words_of(part(answer, "change-UE-CREA")) == "+720"
    assert part(answer, "flag-UE-CREA").get("data-asks") is not None


def test_judging_a_box_changes_nothing(world, page_for):
    request_id = on_the_bench(world)
    client = page_for("scientist")
    written = []

    def note(_connection, _cursor, statement, *_):
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN", "WITH")):
            written.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        judged(client, request_id, "K", "6.8")
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

    assert written == []
    assert client.get("results.entry", request_id=request_id).words.count("6.8") == 0


@pytest.mark.parametrize("box", ["value-UE-NONE", "value-FBC-HB", "value-UE-EGFR", "other"])
def test_a_box_that_is_not_there_is_not_judged(world, page_for, box):
    request_id = on_the_bench(world)

    answer = page_for("scientist").live("results.judged", {box: "5"}, request_id=request_id)

    assert answer.status == 404


def test_a_partner_judges_only_what_was_sent_to_it(world, page_for):
    request_id = on_the_bench(world)

    assert judged(page_for("partner"), request_id, "K", "6.8").status == 404


def test_the_address_of_judging_holds_no_value(world, page_for):
    request_id = on_the_bench(world)

    answer = page_for("scientist").get("results.entry", request_id=request_id)

    box = part(answer, "value-UE-K")
    assert box.get("hx-post") == f"/requests/{request_id}/results/judged"
    assert box.get("hx-params") == "csrf_token,value-UE-K"


def test_a_comment_and_a_repeat_stay_with_their_value(world, page_for):
    request_id = on_the_bench(world)
    client = page_for("scientist")
    said = {"comment-UE-K": "no haemolysis seen", "repeated-UE-K": "yes"}
    client.post("results.enter", {**boxes({**UE, "K": "6.8"}), **said}, request_id=request_id)

    held = value(request_id, "K")
    grid = client.get("results.entry", request_id=request_id)
    check = page_for("colleague").get("results.check_page", request_id=request_id).words

    assert (held.comment, held.repeated) == ("no haemolysis seen", Repeated.YES)
    assert part(grid, "comment-UE-K").get("value") == "no haemolysis seen"
    assert "Repeated, the same. no haemolysis seen" in check


def test_a_critical_value_without_a_word_on_a_repeat_is_told_at_the_check(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE={**UE, "K": "6.8"})

    words = page_for("colleague").get("results.check_page", request_id=request_id).words

    assert words.count("Nobody has said whether it was repeated.") == 1


def test_what_is_said_beside_a_value_is_kept_when_the_form_says_nothing_of_it(world, page_for):
    request_id = on_the_bench(world)
    client = page_for("scientist")
    said = {"comment-UE-K": "no haemolysis seen", "repeated-UE-K": "no"}
    client.post("results.enter", {**boxes({"K": "6.8"}), **said}, request_id=request_id)
    client.post("results.enter", boxes({"K": "6.8", "NA": "140"}), request_id=request_id)

    assert value(request_id, "K").said == "Not repeated yet. no haemolysis seen"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"repeated-UE-K": "perhaps"}, "Choose one of the list."),
        ({"comment-UE-K": "x" * 121}, "Keep this to 120 characters"),
        ({"comment-UE-K": "a\u202eb"}, "cannot be printed (U+202E)"),
        ({"comment-UE-NA": "cloudy"}, "Type the value that this is said about"),
    ],
)
def test_what_is_badly_said_beside_a_value_is_answered_and_kept(world, page_for, said, sentence):
    request_id = on_the_bench(world)

    answer = page_for("scientist").post(
        "results.enter", {**boxes({"K": "5.9"}), **said}, request_id=request_id
    )

    assert answer.status == 422
    assert sentence in answer.words
    assert part(answer, "value-UE-K").get("value") == "5.9"
    assert words_of(part(answer, "flag-UE-K")) == "▲ high"
    for name, text in said.items():
        if name.startswith("comment"):
            # a mark that turns text round comes back as the sign for what cannot be shown
            assert part(answer, name).get("value") == text.replace("\u202e", "\ufffd")


def test_the_ward_and_the_slip_are_told_that_a_value_was_repeated(app, world, page_for):
    request_id = on_the_bench(world)
    said = {"comment-UE-K": "no haemolysis seen", "repeated-UE-K": "yes"}
    page_for("scientist").post(
        "results.enter", {**boxes({**UE, "K": "5.9"}), **said}, request_id=request_id
    )
    authorise(request_id, world.senior, "UE")
    doctor = page_for("doctor")

    page = doctor.get("results.read", request_id=request_id)
    slip = doctor.post("results.print_slip", {}, request_id=request_id)

    assert "Repeated, the same. no haemolysis seen" in page.words
    assert 'data-key="Alt+P"' in page.text
    assert "Repeated, the same. no haemolysis seen" in reading.text(slip.data)


def test_every_key_of_the_grid_is_listed(world, page_for):
    request_id = on_the_bench(world)
    page = page_for("scientist").get("results.entry", request_id=request_id)

    (listed,) = (each for each in page.tree.iter() if each.get("data-key-list") is not None)

    keys = {key.text for key in listed.iter("kbd")}
    assert keys >= {"/", "?", "Esc", "Ctrl", "Enter", "↑", "↓", ".", "F", "Y", "N", "Alt", "P"}


def test_an_empty_grid_is_not_called_saved(world, page_for):
    request_id = on_the_bench(world)
    client = page_for("scientist")
    client.post("results.enter", boxes(dict.fromkeys(UE, "")), request_id=request_id)

    words = client.get("results.entry", request_id=request_id).words

    assert "Nothing typed yet." in words
    assert "Saved." not in words


def test_a_coded_text_offers_its_choices_and_takes_no_other(world, page_for):
    request_id = on_the_bench(world, tests=("GS",))
    client = page_for("scientist")

    shown = client.get("results.entry", request_id=request_id)
    answer = client.post("results.enter", boxes({"ABO": "zebra"}, "GS"), request_id=request_id)

    offered = [each.get("value") for each in shown.tree.iter() if each.tag.endswith("option")]
    assert {"AB", "Negative"} <= set(offered)
    assert answer.status == 422
    assert "ABO group is A, B, AB, O or Not determined." in answer.words


def test_an_amendment_is_credited_to_whoever_authorised_it(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=UE)
    authorise(request_id, world.senior, "UE")
    amend(request_id, world.scientist, "Wrong line of the print-out", UE={"K": "4.9"})
    authorise(request_id, world.second_senior, "UE")

    words = page_for("doctor").get("results.read", request_id=request_id).words

    at = f"by {world.second_senior.name}"
    assert words.count(at) == 2
    assert f"authorised by {world.senior.name}" not in words


def test_an_own_entry_shows_no_button_that_would_be_refused(world, page_for):
    request_id = on_the_bench(world)
    enter(request_id, world.senior, UE=UE)

    own = page_for("senior").get("results.check_page", request_id=request_id).words
    others = page_for("colleague").get("results.check_page", request_id=request_id).words

    assert "Check the ticked tests" not in own
    assert "Authorise the ticked tests" not in own
    assert "Check the ticked tests" in others
