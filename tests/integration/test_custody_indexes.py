"""The board and the tab’s count are found along indexes of what is open: history is never read."""

import pytest

from lab_contingency.foundation.database import db, session
from lab_contingency.specimens.models import Specimen
from lab_contingency.transport.custody.queries.standing import (
    boxes_on,
    late_count,
    tubes_on,
)
from lab_contingency.transport.custody.rules import BOX_HOPS, TUBE_HOPS, Hop
from tests.integration.test_requests_found_by_index import plan_of

UNDER_WAY = [hop for hop in TUBE_HOPS if hop is not Hop.TO_PACK]


def reads_whole(plan, *tables):
    """The tables that a plan goes through from the first row to the last."""
    lines = [line.strip() for line in plan.splitlines()]
    return [
        table
        for table in tables
        if f"SCAN {table}" in lines or any(f"Seq Scan on {table} " in line for line in lines)
    ]


@pytest.mark.parametrize("late", [True, False], ids=["late", "all"])
@pytest.mark.parametrize("hop", UNDER_WAY)
def test_tubes_under_way_are_found_along_the_index_of_them_alone(world, hop, late):
    plan = plan_of(lambda: tubes_on((hop,), world.coordinator, late=late))

    assert "ix_specimen_under_way" in plan
    assert reads_whole(plan, "specimen", "custody_event", "request", "requested_test") == []


@pytest.mark.parametrize("late", [True, False], ids=["late", "all"])
def test_tubes_to_be_packed_are_found_from_the_tests_that_wait(world, late):
    plan = plan_of(lambda: tubes_on((Hop.TO_PACK,), world.coordinator, late=late))

    assert "ix_requested_test_bench" in plan
    assert reads_whole(plan, "specimen", "custody_event", "request", "requested_test") == []


@pytest.mark.parametrize("hop", BOX_HOPS)
def test_boxes_are_found_along_the_index_of_open_ones(world, hop):
    plan = plan_of(lambda: boxes_on((hop,), world.coordinator))

    assert "ix_consignment_from" in plan
    assert reads_whole(plan, "specimen", "consignment", "consignment_item", "request") == []


def test_the_count_on_every_page_reads_no_history(world):
    plan = plan_of(lambda: session().scalars(late_count(world.coordinator)).one())

    assert reads_whole(
        plan, "specimen", "custody_event", "request", "requested_test", "consignment"
    ) == []  # fmt: skip
    assert plan.count("ix_specimen_under_way") >= len(UNDER_WAY)


def test_the_index_holds_only_what_somebody_has(world):
    index = next(one for one in Specimen.__table__.indexes if one.name == "ix_specimen_under_way")

    where = index.dialect_options[db.engine.dialect.name]["where"]
    assert str(where) == "under_way_since IS NOT NULL"
