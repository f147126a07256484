"""The queue: what is on it, in which order, what it costs, and that nothing pressing is hidden."""

from __future__ import annotations

import datetime as dt
import random
import uuid

import pytest
from sqlalchemy import insert, select, text

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.sealing import seal, unseal
from lab_contingency.requests.models import Request
from lab_contingency.requests.rules.bands import Band
from lab_contingency.routing.queries.heads import queue_heads
from lab_contingency.routing.queries.queue import change_token, queue
from lab_contingency.routing.queries.waiting import (
    LATER_SHOWN,
    Filter,
    Show,
    counts,
    waiting,
    waiting_statement,
)
from lab_contingency.routing.services import accept_and_assign
from lab_contingency.triage.commands import ChangePriority, DeferTests
from lab_contingency.triage.rules import queue_key
from lab_contingency.triage.services import change_priority, defer_tests
from tests.factories.world import a_request, an_identity, make_world

MORNING = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
EVERYTHING = Filter()


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(MORNING):
        yield make_world()


def many_requests(world, number, *, open_ones=None) -> None:
    """Copies of one placed request, in every band, most of them closed when `open_ones` says so."""
    placed = a_request(world)
    columns = Request.__table__.c
    first = dict(
        session()
        .execute(select(Request.__table__).where(columns.id == placed.request_id))
        .mappings()
        .one()
    )
    sealed = unseal("request", placed.request_id, first["sealed"])
    chance = random.Random(7)  # noqa: S311 - not for secrets
    rows = []
    for n in range(number):
        is_open = open_ones is None or n % (number // open_ones) == 0
        due = MORNING + MINUTE * chance.randint(-300, 9000)
        rows.append(
            {
                **first,
                "id": uuid.UUID(int=n + 1),
                "sealed": seal("request", uuid.UUID(int=n + 1), sealed),
                "number": f"{n:012d}",
                "idempotency_key": f"copy-{n}",
                "band": chance.choice(list(Band)),
                "due_at": due,
                "unusable_at": chance.choice([None, due + 30 * MINUTE]),
                "received_at": chance.choice([None, MORNING]),
                "closed_at": None if is_open else MORNING,
            }
        )
    with unit_of_work():
        session().execute(insert(Request.__table__), rows)


@pytest.mark.hazard("H29")
@pytest.mark.parametrize("show", list(Show))
def test_among_thousands_every_pressing_request_is_shown_whatever_is_chosen(world, show):
    many_requests(world, 5000)
    chosen = Filter(show, world.sites["STH"] if show is Show.SITE else None)
    held = counts(world.senior, MORNING)
    rows = waiting(world.senior, chosen, held)
    shown = {band: sum(row.band is band for row in rows) for band in Band}
    assert shown[Band.P1] == held.bands[Band.P1] > 1000
    assert shown[Band.P2] == held.bands[Band.P2] > 1000
    assert shown[Band.P3] + shown[Band.P4] <= LATER_SHOWN


@pytest.mark.hazard("H29")
def test_the_rows_stand_in_the_order_of_the_rule(world):
    many_requests(world, 400)
    rows = waiting(world.senior, EVERYTHING, counts(world.senior, MORNING))
    keys = [
        queue_key(row.band, row.due_at, row.unusable_at, row.received_at, row.id) for row in rows
    ]
    assert keys == sorted(keys)


@pytest.mark.hazard("H29")
def test_what_is_not_shown_is_counted(world):
    many_requests(world, 2000)
    view = queue(world.senior, EVERYTHING)
    assert len(view.rows) + sum(view.below.values()) == view.counts.total == 2001
    assert set(view.below) <= {Band.P3, Band.P4}
    whole = queue(world.senior, Filter(whole=True))
    assert len(whole.rows) == 2001
    assert whole.below == {}


def test_the_engine_reads_along_the_partial_index_and_sorts_nothing(world):
    many_requests(world, 20_000, open_ones=2000)
    statement = waiting_statement(world.senior, EVERYTHING, 300)
    compiled = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    session().execute(text("ANALYZE"))
    sqlite = db.engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    plan = "\n".join(str(row) for row in session().execute(text(explain + str(compiled))))
    assert "ix_request_queue" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_a_row_has_every_text_ready(world):
    a_request(world, tests=("UE", "LAC"), collected_at=MORNING - 20 * MINUTE)
    (row,) = queue(world.senior, EVERYTHING).rows
    assert (row.band, row.needed, row.left, row.overdue) == ("P1", "11:00", "in 1 h", "")
    assert (row.patient.surname, row.ward, row.callback) == (
        "WOŹNIAK-O’NEILL",
        "ED Resus, bed 4",
        "bleep 2222",
    )
    assert [(tube.chip.colour_name, tube.tests) for tube in row.tubes] == [
        ("Gold", "U&E"),
        ("Grey", "Lactate, on ice"),
    ]
    assert (row.where.name, row.where.detail) == ("ED Resus", "taken, not seen since")
    assert row.laboratory.name == "King's core laboratory (here)"
    assert row.accepts == "accept King's core laboratory (here)"


def test_an_overdue_request_says_so_and_is_counted(world):
    a_request(world)
    with clock.at(MORNING + 72 * MINUTE):
        view = queue(world.senior, EVERYTHING)
    assert view.rows[0].overdue == "OVERDUE 12 min"
    assert view.counts.overdue == 1


def test_what_was_asked_stands_beside_what_was_given(world):
    placed = a_request(world)
    with unit_of_work():
        command = ChangePriority(placed.request_id, 1, Band.P2, "STABLE")
        change_priority(command, actor=world.senior)
    (row,) = queue(world.senior, EVERYTHING).rows
    assert (row.band, row.asked) == ("P2", "asked P1")


def test_similar_names_are_marked_on_both_and_the_same_patient_is_not(world):
    a_request(world, identity=an_identity(1, surname="Smith"))
    a_request(world, identity=an_identity(2, surname="Smithe"), tests=("UE",))
    a_request(world, identity=an_identity(3, surname="Patel"), tests=("UE",))
    a_request(world, identity=an_identity(3, surname="Patel"), tests=("CRP",))
    marked = {row.patient.surname: row.tags for row in queue(world.senior, EVERYTHING).rows}
    assert marked == {
        "SMITH": ("similar name in queue",),
        "SMITHE": ("similar name in queue",),
        "PATEL": (),
    }


def test_a_filter_takes_less_pressing_rows_away_and_says_how_many(world):
    first = a_request(world, band=Band.P3, reason_code="")
    a_request(world, band=Band.P4, reason_code="", identity=an_identity(2))
    a_request(world, identity=an_identity(3))
    with unit_of_work():
        defer_tests(DeferTests(first.request_id, 1, "NO_CAPACITY"), actor=world.senior)
    view = queue(world.senior, Filter(Show.HELD))
    assert [row.band for row in view.rows] == ["P1", "P3"]
    assert queue_heads(view, Filter(Show.HELD)).below == "1 more not shown here: 1 P4."


def test_a_decided_request_shows_where_it_is_done_and_offers_no_accepting(world):
    placed = a_request(world, collected_at=MORNING - 20 * MINUTE)
    with unit_of_work():
        accept_and_assign(placed.request_id, 1, actor=world.senior)
    (row,) = queue(world.senior, EVERYTHING).rows
    assert not row.to_decide
    assert (row.laboratory.name, row.laboratory.detail) == (
        "King's core laboratory (here)",
        "laboratory chosen",
    )


def test_what_nobody_can_do_is_said_with_why(world):
    a_request(world, tests=("LAC", "UE"), collected_at=MORNING - 100 * MINUTE)
    (row,) = queue(world.senior, EVERYTHING).rows
    assert row.note.startswith("Nobody can do Lactate, on ice: the sample expired 09:20")


def test_the_token_stays_while_nothing_changes_and_moves_with_every_change(world):
    placed = a_request(world)
    before = change_token(world.senior, EVERYTHING)
    with clock.at(MORNING + dt.timedelta(seconds=40)):
        assert change_token(world.senior, EVERYTHING) == before
    with unit_of_work():
        accept_and_assign(placed.request_id, 1, actor=world.senior)
    assert change_token(world.senior, EVERYTHING) != before
    with clock.at(MORNING + MINUTE):
        assert change_token(world.senior, EVERYTHING) != before


def test_different_filters_and_people_never_share_an_answer(world):
    tokens = {
        change_token(world.senior, EVERYTHING),
        change_token(world.senior, Filter(Show.HELD)),
        change_token(world.senior, Filter(whole=True)),
        change_token(world.other_scientist, EVERYTHING),
    }
    assert len(tokens) == 4
