"""What is looked up at every card and on every page is found along an index, however many patients there are."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, text

from lab_contingency.foundation.database import db, session
from lab_contingency.requests.queries.known import (
    held_by_hospital,
    held_by_nhs,
    held_by_numbers,
)
from lab_contingency.requests.rules.identity import Identity
from lab_contingency.results.queries.released import unread_requests
from tests.factories.world import a_request, an_identity, nhs_number

PATIENTS = 40


def plan_of(ask) -> str:
    """How the engine would read what `ask` reads, with no table so small that it is read whole."""
    asked: list[tuple[str, object]] = []
    listen = (db.engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    event.listen(*listen)
    try:
        ask()
    finally:
        event.remove(*listen)
    ((statement, values),) = [
        each for each in asked if each[0].lstrip().startswith(("SELECT", "WITH"))
    ]
    connection = session().connection()
    if db.engine.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    else:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        # What the server counted for earlier tests is no ground to choose by: their rows are gone.
        connection.execute(text("DELETE FROM pg_statistic"))
        connection.execute(
            text("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relkind = 'r'")
        )
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", values)
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize(
    ("ask", "indexes"),
    [
        (lambda one: held_by_nhs(one.nhs_number), {"nhs"}),
        (lambda one: held_by_hospital(one.hospital_number, one.issuer), {"hospital"}),
        (held_by_numbers, {"nhs", "hospital"}),
    ],
    ids=["nhs", "hospital", "both"],
)
def test_a_number_is_found_along_its_index(world, ask, indexes):
    for seed in range(1, PATIENTS):
        a_request(world, identity=an_identity(seed))

    plan = plan_of(lambda: ask(an_identity(7)))

    assert set(re.findall(r"uq_patient_identity_(nhs|hospital)", plan)) == indexes, plan
    assert "SCAN patient_identity" not in plan
    assert "Seq Scan" not in plan


def test_unread_results_are_found_along_their_index(world):
    plan = plan_of(lambda: unread_requests(world.doctor))
    assert "ix_release_unread" in plan


def test_both_numbers_at_once_find_whom_each_of_them_finds(world):
    for seed in (1, 2):
        a_request(world, identity=an_identity(seed))
    one, two = an_identity(1), an_identity(2)

    def found(**changes: str) -> tuple[object, ...]:
        asked: Identity = an_identity(1, **changes)
        held = held_by_numbers(asked)
        assert held == (
            held_by_nhs(asked.nhs_number),
            held_by_hospital(asked.hospital_number, asked.issuer),
        )
        return tuple(row and row.patient_id for row in held)

    first, _ = found()
    second = held_by_nhs(two.nhs_number).patient_id
    assert found() == (first, first)
    assert found(hospital_number=two.hospital_number) == (first, second)
    assert found(hospital_number="") == (first, None)
    assert found(nhs_number="") == (None, first)
    assert found(nhs_number=nhs_number(99), hospital_number="H9") == (None, None)
    assert found(nhs_number="", hospital_number="") == (None, None)
    assert one.issuer == two.issuer
