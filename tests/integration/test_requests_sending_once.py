"""A card is sent once, whole or not at all."""

from __future__ import annotations

import pytest
from sqlalchemy import event, func, select

from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.errors import LabError, RuleBroken, RulesBroken
from lab_contingency.incidents.models import IssuedNumber, NumberSeries
from lab_contingency.incidents.queries import number_counts
from lab_contingency.requests.models import PatientIdentity, Request, RequestedTest
from lab_contingency.requests.services import place_request
from tests.factories.world import SYSTEM, a_card, a_request, an_identity, nhs_number
from tests.threads import together

WRITTEN = (
    "patient", "patient_identity", "issued_number", "request", "planned_tube", "requested_test",
    "audit_event",
)  # fmt: skip


def _rows() -> dict[str, int]:
    """How many rows each table has, the numbers' turn and all."""
    session().rollback()
    counts = {
        t.name: session().execute(select(func.count()).select_from(t)).scalar()
        for t in db.metadata.sorted_tables
    }
    counts["next"] = session().get(NumberSeries, "form").next_sequence
    return counts


def _refused(world, **changes) -> dict[str, str]:
    """The sentences by field; nothing may have been stored."""
    before = _rows()
    with pytest.raises(LabError) as refused:
        a_request(world, **changes)
    assert _rows() == before
    error = refused.value
    return error.problems if isinstance(error, RulesBroken) else {error.field or "": error.message}


# --- once, whole or not at all -----------------------------------------------------------------


def test_the_same_card_sent_again_gives_the_first_request_again(world):
    card = a_card(world)
    with unit_of_work():
        first = place_request(card, actor=world.doctor)
    before = _rows()

    with unit_of_work():
        second = place_request(card, actor=world.doctor)

    assert (second.request_id, second.number, second.repeated) == (
        first.request_id,
        first.number,
        True,
    )
    assert _rows() == before


def test_another_card_under_the_same_key_is_refused(world):
    card = a_card(world)
    with unit_of_work():
        place_request(card, actor=world.doctor)

    problems = _refused(world, idempotency_key=card.idempotency_key, tests=("UE",))

    assert "sent already" in problems[""]


def test_five_copies_of_a_card_at_once_make_one_request(app, world):
    card = a_card(world, tests=("FBC", "UE"))
    session().remove()
    placed = []

    def send() -> None:
        with app.app_context(), unit_of_work():
            result = place_request(card, actor=world.doctor)
        placed.append(result)

    assert together([send] * 5) == []

    assert len({each.request_id for each in placed}) == 1
    assert sorted(each.repeated for each in placed) == [False, True, True, True, True]
    assert session().scalars(select(func.count(Request.id))).one() == 1
    assert session().scalars(select(func.count(RequestedTest.id))).one() == 2
    assert number_counts().issued == 1


def test_five_cards_for_one_new_patient_at_once_make_one_patient(app, world):
    codes = ("FBC", "UE", "CRP", "AMY", "LFT")
    cards = [a_card(world, tests=(code,)) for code in codes]
    session().remove()

    def send(card) -> None:
        with app.app_context(), unit_of_work():
            place_request(card, actor=world.doctor)

    assert together([lambda card=card: send(card) for card in cards]) == []

    assert session().scalars(select(func.count(PatientIdentity.id))).one() == 1
    assert session().scalars(select(func.count(Request.id))).one() == 5


def test_four_hundred_cards_from_eight_at_once_get_four_hundred_numbers(app, world):
    session().remove()

    def work(person: int) -> None:
        for card in range(50):
            seed = 1000 * (person + 1) + card
            with app.app_context(), unit_of_work():
                place_request(
                    a_card(world, identity=an_identity(seed, nhs_number=nhs_number(seed))),
                    actor=world.doctor,
                )

    assert together([lambda person=person: work(person) for person in range(8)]) == []

    numbers = session().scalars(select(Request.number)).all()
    counts = number_counts()
    assert len(numbers) == len(set(numbers)) == 400
    assert set(numbers) == set(session().scalars(select(IssuedNumber.number)))
    assert counts.issued == counts.used + counts.void == 400


@pytest.mark.parametrize("table", WRITTEN)
def test_a_failure_at_any_row_leaves_nothing_half_stored(world, table):
    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(f"INSERT INTO {table} "):
            raise ArithmeticError("the disk is full")

    before = _rows()
    event.listen(db.engine, "after_cursor_execute", fail)
    try:
        with pytest.raises(ArithmeticError):
            a_request(world)
    finally:
        event.remove(db.engine, "after_cursor_execute", fail)

    assert _rows() == before


def test_a_refused_card_can_be_sent_again_under_its_key(world):
    card = a_card(world, reason_code="")
    with pytest.raises(RulesBroken), unit_of_work():
        place_request(card, actor=world.doctor)

    assert a_request(world, idempotency_key=card.idempotency_key).repeated is False


def test_nobody_without_a_site_is_stopped_from_another_site(world):
    """An actor of the whole node (loading a day) may place for any ward."""
    with unit_of_work():
        assert place_request(a_card(world), actor=SYSTEM).number


def test_an_unknown_test_is_not_stored(world):
    with pytest.raises(LabError):
        a_request(world, tests=("NOSUCH",))

    assert session().scalars(select(func.count(Request.id))).one() == 0


def test_rule_broken_is_what_a_page_shows(world):
    with pytest.raises(RuleBroken):
        a_request(world, identity=an_identity(issuer="NOBODY"))
