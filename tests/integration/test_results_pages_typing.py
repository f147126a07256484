"""Typing by keyboard, choices, and who is credited: what the pages of results say."""

import pytest

from tests.clients import LabClient
from tests.factories.results import UE, amend, authorise, enter, on_the_bench
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


def test_a_box_knows_what_cannot_be(world, page_for):
    request_id = on_the_bench(world)

    answer = page_for("scientist").get("results.entry", request_id=request_id)

    (box,) = (each for each in answer.tree.iter() if each.get("name") == "value-UE-K")
    assert (box.get("data-low"), box.get("data-high")) == ("1", "12")
    assert box.get("data-impossible").startswith("… mmol/L cannot be potassium. Possible: 1–12.")


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
