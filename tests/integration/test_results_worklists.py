"""A long list costs no more trips to the database than a short one."""

import contextlib

import pytest
from sqlalchemy import event

from lab_contingency.foundation.database import db, session
from lab_contingency.results.queries.worklists import bench_worklist, check_worklist
from lab_contingency.specimens.queries import waiting_collection
from tests.factories.results import UE, enter, on_the_bench
from tests.factories.world import a_request, an_identity, make_world


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


@contextlib.contextmanager
def statements():
    """Every statement sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    session().expunge_all()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def cost(read):
    with statements() as sent:
        rows = read()
    return len(rows), len(sent)


def test_the_bench_reads_many_requests_as_cheaply_as_two(world):
    for seed in (11, 12):
        on_the_bench(world, identity=an_identity(seed))
    few, short = cost(lambda: bench_worklist(world.scientist))
    for seed in (13, 14, 15, 16):
        on_the_bench(world, identity=an_identity(seed))

    many, long = cost(lambda: bench_worklist(world.scientist))

    assert (few, many, long) == (2, 6, short)


def test_the_list_of_checks_reads_many_requests_as_cheaply_as_two(world):
    for seed in (11, 12):
        enter(on_the_bench(world, identity=an_identity(seed)), world.scientist, UE=UE)
    few, short = cost(lambda: check_worklist(world.senior))
    for seed in (13, 14, 15, 16):
        enter(on_the_bench(world, identity=an_identity(seed)), world.scientist, UE=UE)

    many, long = cost(lambda: check_worklist(world.senior))

    assert (few, many, long) == (2, 6, short)


def test_the_collection_list_reads_many_tubes_as_cheaply_as_two(world):
    for seed in (11, 12):
        a_request(world, identity=an_identity(seed))
    few, short = cost(lambda: waiting_collection(world.doctor.site_id))
    for seed in (13, 14, 15, 16):
        a_request(world, identity=an_identity(seed))

    many, long = cost(lambda: waiting_collection(world.doctor.site_id))

    assert (few, many, long) == (2, 6, short)
