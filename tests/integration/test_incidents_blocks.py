"""Blocks of numbers for servers that work alone: the page of the coordinator and the administrator."""

import pytest
from sqlalchemy import select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound
from lab_contingency.incidents.commands import IssueBlock
from lab_contingency.incidents.models import IssuedNumber, NumberBlock
from lab_contingency.incidents.queries import server_blocks
from lab_contingency.incidents.rules import BLOCK_MOST, grouped
from lab_contingency.incidents.services import (
    issue_for_server,
    issue_form_number,
    use_number,
    void_number,
)
from tests.clients import stranger_id
from tests.factories.packs import packs


def taken(world, count=3, site="KCH"):
    with unit_of_work():
        return issue_for_server(
            IssueBlock(world.sites[site], count), actor=world.coordinator
        ).numbers


@pytest.mark.feature(63)
@pytest.mark.parametrize("role", ["coordinator", "administrator"])
def test_a_block_is_taken_and_stands_on_the_page_with_what_became_of_it(client_for, world, role):
    client = client_for(role)
    empty = client.get("incidents.numbers")
    answer = client.post("incidents.numbers", {"site": str(world.sites["UHL"]), "count": "4"})
    page = client.follow(answer)
    block = session().scalars(select(NumberBlock)).one()
    numbers = session().scalars(
        select(IssuedNumber.number).where(IssuedNumber.block_id == block.id)
    )

    assert "No other server has numbers of this one." in empty.words
    assert answer.status == 303
    first, *_, last = sorted(numbers)
    assert f"Taken: {grouped(first)} to {grouped(last)}" in page.words
    assert "University Hospital Lewisham" in page.words
    assert session().scalars(
        select(AuditEvent.action).where(AuditEvent.subject_id == block.id)
    ).all() == ["number_block:issued"]


def test_its_numbers_are_given_to_nobody_else_and_the_block_says_what_became_of_them(world):
    numbers = taken(world)
    with unit_of_work():
        following = issue_form_number()
        use_number(numbers[0])
        void_number(numbers[1], "torn", actor=world.coordinator)
    packs(world, 1)  # of a ward, and no server's

    (block,) = server_blocks()
    assert following not in numbers
    assert (block.first, block.last) == (grouped(numbers[0]), grouped(numbers[-1]))
    assert (block.left, block.used, block.void, block.issued) == (1, 1, 1, 3)
    assert block.site == "King's College Hospital"


@pytest.mark.parametrize("count", ["0", str(BLOCK_MOST + 1), "many", ""])
def test_a_number_that_makes_no_block_is_refused_and_what_was_chosen_stays(
    client_for, world, count
):
    page = client_for("coordinator").post(
        "incidents.numbers", {"site": str(world.sites["UHL"]), "count": count}
    )

    assert page.status == 422
    assert f"from 1 to {BLOCK_MOST}" in page.words
    assert f'<option selected value="{world.sites["UHL"]}">' in page.text
    assert server_blocks() == ()


def test_a_place_that_does_not_exist_gets_none(world):
    with pytest.raises(NotFound), unit_of_work():
        issue_for_server(IssueBlock(stranger_id(), 3), actor=world.coordinator)
    session().rollback()
    assert server_blocks() == ()
