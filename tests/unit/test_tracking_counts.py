"""The counts in the tabs are statements made once for a role at a place: nothing of a person or an hour is in them."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy import func, select

from lab_contingency.accounts.rules import Role
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.requests.models import Request
from lab_contingency.tracking.queries.work import DUTIES, Duty

SITE, LABORATORY = uuid.UUID(int=1), uuid.UUID(int=2)
DAY = dt.datetime(2031, 11, 24, 1, 0, tzinfo=dt.UTC)
COUNTED = [
    pytest.param(role, duty, id=f"{role.value} {duty.label}")
    for role, duties in DUTIES.items()
    for duty in duties
    if duty.count
]
PLACES = {Role.REQUESTER: (SITE, None), Role.COORDINATOR: (None, None)}


def said_of(role: Role, duty: object, number: int) -> tuple[str, dict[str, object]]:
    """The statement for one of two people at the same place, each at another hour."""
    place = PLACES.get(role, (None, LABORATORY))
    somebody = Actor(
        uuid.UUID(int=number), f"Person {number}", role.value, *place,
        uuid.UUID(int=100 + number), uuid.UUID(int=200 + number), f"127.0.0.{number}",
    )  # fmt: skip
    with clock.at(DAY + number * dt.timedelta(hours=1)):
        made = duty.count(somebody).compile()
    # A value that is asked when the statement is executed is none of it.
    kept = {name: bind.value for bind, name in made.bind_names.items() if bind.callable is None}
    return str(made), kept


@pytest.mark.parametrize(("role", "duty"), COUNTED)
def test_a_count_is_the_same_statement_for_everybody_at_a_place_at_every_hour(role, duty):
    assert said_of(role, duty, 3) == said_of(role, duty, 4)


@pytest.mark.parametrize(
    "count",
    [
        lambda _actor: select(func.count()).where(Request.due_at < clock.now()),
        lambda actor: select(func.count()).where(Request.requester_id == actor.user_id),
    ],
    ids=["an hour", "a person"],
)
def test_an_hour_or_a_person_in_a_count_is_noticed(count):
    duty = Duty("Late", "tracking.home", "", count)
    assert said_of(Role.SENIOR, duty, 3) != said_of(Role.SENIOR, duty, 4)
