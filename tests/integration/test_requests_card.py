"""The card while it is filled: whom the look-up shows, and what is left when another patient is typed."""

import re

import pytest

from lab_contingency.foundation.errors import RulesBroken
from lab_contingency.requests.rules.identity import Sex
from tests.factories.world import a_request, an_identity, nhs_number


@pytest.fixture
def card(world, client_for):
    """What the card answers to boxes typed so far."""
    client = client_for("doctor", checks=False)
    other = an_identity(2, surname="Adeyemi", forenames="Babatunde", sex=Sex.MALE)
    a_request(world)
    a_request(world, identity=other, tests=("UE",))

    def fill(**boxes):
        return client.live("requests.card_live", {"issuer": "RJZ", **boxes})

    return fill


def _box(answer, name):
    found = re.search(rf'<input[^>]*id="{name}"[^>]*>', answer.text)
    return re.search(r'value="([^"]*)"', found[0])[1] if found else None


def test_number_and_date_of_birth_together_fill_the_name(card):
    answer = card(nhs_number=nhs_number(1), born="04-Nov-1958")
    assert _box(answer, "surname") == "Woźniak-O’Neill"
    assert "number and date of birth agree" in answer.text


@pytest.mark.parametrize(
    "boxes", [{"nhs_number": nhs_number(1)}, {"nhs_number": nhs_number(1), "born": "05-Nov-1958"}]
)
def test_a_number_alone_or_with_another_birthday_shows_nothing_of_the_patient(card, boxes):
    answer = card(**boxes)
    assert "Woźniak" not in answer.text
    assert "WOŹNIAK" not in answer.text


def test_another_patient_takes_the_place_of_what_was_filled_before(card):
    first = card(nhs_number=nhs_number(1), born="04-Nov-1958")
    filled = _box(first, "filled")
    held = {name: _box(first, name) or "" for name in ("surname", "forenames", "hospital_number")}
    second = card(nhs_number=nhs_number(2), born="04-Nov-1958", filled=filled, sex="F", **held)
    assert (_box(second, "surname"), _box(second, "forenames")) == ("Adeyemi", "Babatunde")
    assert _box(second, "hospital_number") == "H0000002"
    assert "Woźniak" not in second.text


def test_what_was_filled_is_taken_back_when_the_date_of_birth_no_longer_agrees(card):
    first = card(nhs_number=nhs_number(1), born="04-Nov-1958")
    second = card(
        nhs_number=nhs_number(1),
        born="05-Nov-1958",
        filled=_box(first, "filled"),
        surname=_box(first, "surname"),
    )
    assert _box(second, "surname") == ""
    assert _box(second, "filled") == ""


def test_what_was_typed_stays(card):
    answer = card(nhs_number=nhs_number(1), born="04-Nov-1958", surname="Wozniak")
    assert _box(answer, "surname") is None  # not sent again, so what stands in the box stays
    assert _box(answer, "forenames") == "Siân"


def test_a_name_waiting_at_another_site_is_not_told(world, client_for):
    a_request(world)
    client = client_for("other_doctor", checks=False)
    answer = client.live(
        "requests.card_live",
        {
            "issuer": "RJ1",
            "nhs_number": nhs_number(9),
            "born": "11-Apr-1985",
            "surname": "Woźniak",
            "forenames": "Sian",
        },
    )
    assert "Similar name" not in answer.text


def test_an_unknown_test_loses_nothing_that_was_typed(world, client_for):
    client = client_for("doctor")
    answer = client.post(
        "requests.send", {"tests": ["ZZZ"], "surname": "Woźniak", "idempotency_key": "x"}
    )
    assert answer.status == 422
    assert "Woźniak" in answer.text


def test_a_card_without_its_key_is_not_sent_and_gets_a_new_one(world, client_for):
    answer = client_for("doctor").post("requests.send", {"surname": "Woźniak"})
    assert answer.status == 422
    assert re.search(r'name="idempotency_key"[^>]*value="[0-9a-f-]{36}"', answer.text)


@pytest.mark.parametrize("version", ["9" * 5000, "-1", "x", ""])
def test_a_version_that_was_tampered_with_is_stale(world, client_for, version):
    placed = a_request(world)
    answer = client_for("doctor").post(
        "requests.withdraw",
        {"version": version, "tests": ["FBC"], "reason": "asked twice"},
        request_id=placed.request_id,
    )
    assert answer.status == 409
    assert "Somebody else changed this" in answer.words


def test_nothing_is_ticked_to_withdraw_until_somebody_ticks_it(world, client_for):
    placed = a_request(world, tests=("FBC", "UE"))
    client = client_for("doctor")
    page = client.get("requests.withdraw", request_id=placed.request_id)
    assert "checked" not in page.text
    everything = client.post("requests.withdraw", {"all": "1"}, request_id=placed.request_id)
    assert everything.text.count(" checked") == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"identity": an_identity(surname="王小明")}, "surname"),
        ({"identity": an_identity(surname="محمد")}, "surname"),
        ({"identity": an_identity(surname="W" * 60)}, "surname"),
        ({"callback": "W" * 40}, "callback"),
        ({"consultant": "W" * 60}, "consultant"),
        ({"clinical_details": "W" * 400}, "clinical_details"),
    ],
)
def test_what_no_paper_could_show_is_refused_before_it_is_sent(world, changes, field):
    with pytest.raises(RulesBroken) as refused:
        a_request(world, **changes)
    assert list(refused.value.problems) == [field]


def test_everything_that_is_wrong_is_said_at_once(world, client_for):
    page = client_for("doctor").post(
        "requests.send",
        {
            "band": "P1",
            "tests": ["GS"],
            "reason_code": "",
            "answer-transfused_or_pregnant_3_months": "",
        },
    )
    assert "Type the surname" in page.words
    assert "Choose a reason for P1 NOW" in page.words
    assert "in the last 3 months? Answer this; “not known” is an answer too." in page.words
    nothing = client_for("doctor").post("requests.send", {})
    assert "Tick at least one test" in nothing.words
