"""No sealed record opens in another row than its own, whatever the table."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import pytest
from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db, session
from lab_contingency.foundation.database.sealed_columns import sealed_columns
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.sealing import unseal
from tests.factories.sealed import live_through_everything
from tests.factories.world import make_world

MORNING = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def lived(app):
    with app.app_context(), clock.at(MORNING):
        world = make_world()
        live_through_everything(world)
        yield world


def _rows(each):
    statement = select(each.id, each.sealed).where(each.sealed.is_not(None)).limit(8)
    return session().execute(statement).all()


def test_swapping_any_two_records_of_any_table_opens_neither_and_says_so(lived):
    swapped = 0
    for each in sealed_columns(db.metadata):
        rows = _rows(each)
        assert len(rows) >= 2, each.table.name
        for (row_id, own), (_, others) in permutations(rows, 2):
            assert unseal(each.table.name, row_id, own)
            with pytest.raises(Unreadable, match=each.table.name):
                unseal(each.table.name, row_id, others)
            swapped += 1
    assert swapped >= 2 * 16


def test_a_record_carried_to_another_table_does_not_open(lived):
    tables = [(each.table.name, _rows(each)[0]) for each in sealed_columns(db.metadata)]
    for (_, (_, sealed)), (other, (row_id, _)) in permutations(tables, 2):
        with pytest.raises(Unreadable, match=other):
            unseal(other, row_id, sealed)


def test_the_sealed_record_of_a_row_that_is_never_changed_cannot_be_replaced(lived):
    """Not with another row's, nor with an older one of the same key: only by sealing it anew."""
    from sqlalchemy import update
    from sqlalchemy.exc import DatabaseError

    from lab_contingency.foundation.database.append_only import protected_columns

    guarded = 0
    for each in sealed_columns(db.metadata):
        if protected_columns(each.table.name) is None:
            continue
        one, other = _rows(each)[:2]
        for wrong in (other.sealed, "x", None, one.sealed[:-4]):
            with pytest.raises(DatabaseError, match=r"append-only|NOT NULL|null value"):
                session().execute(update(each.table).where(each.id == one.id).values(sealed=wrong))
            session().rollback()
        guarded += 1
    assert guarded >= 11
