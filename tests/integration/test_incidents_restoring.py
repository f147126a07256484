"""An old copy of the database is put back: no number is ever given twice."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken, StartRefused
from lab_contingency.foundation.high_water import HighWater, Mark, high_water_of
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.node import Node
from lab_contingency.incidents.models import IssuedNumber, NumberBlock, NumberSeries
from lab_contingency.incidents.queries import number_counts
from lab_contingency.incidents.rules import (
    SEQUENCE_MOST,
    BlockPurpose,
    BlockState,
    NumberState,
    compose,
)
from lab_contingency.incidents.services import (
    check_numbers,
    issue_block,
    issue_form_number,
    issue_slip_number,
    restore_numbers,
    use_number,
    void_number,
)
from lab_contingency.incidents.services.numbers import FORMS, take
from lab_contingency.rehearsal.starting import prepare
from tests.threads import together

SYSTEM = Actor.system("tests")
COPIES, AFTERWARDS = 50, 1000


class Copy:
    """What a backup keeps of the numbers. The side file is not among it."""

    def __init__(self) -> None:
        self.tables = [
            (table, session().execute(select(table)).mappings().all())
            for table in (Node.__table__, NumberSeries.__table__)
        ]
        self.issued = set(session().scalars(select(IssuedNumber.number)))
        session().rollback()

    def put_back(self) -> None:
        with unit_of_work():
            for table, rows in self.tables:
                session().execute(delete(table))
                session().execute(table.insert(), [dict(row) for row in rows])
            session().execute(delete(IssuedNumber).where(IssuedNumber.number.not_in(self.issued)))
        session().expire_all()


def _slips_and_forms(count: int) -> list[str]:
    with unit_of_work():
        return [*(issue_form_number() for _ in range(count)), issue_slip_number()]


def _take(count: int) -> list[str]:
    """Numbers as a block takes them, without its rows."""
    with unit_of_work():
        taken = take(FORMS, count)
    places = range(taken.first, taken.first + count)
    return [compose(taken.node, taken.epoch, place) for place in places]


def _restore_or_take_a_new_node(number: int) -> None:
    try:
        with unit_of_work():
            restore_numbers([], actor=SYSTEM)
    except RuleBroken as refused:
        assert "--node" in refused.message
        with unit_of_work():
            restore_numbers([], new_node=number, actor=SYSTEM)


@pytest.mark.hazard("H25")
def test_fifty_old_copies_put_back_never_give_a_number_twice(app):
    with app.app_context():
        ever, copies, nodes = [], [], iter(range(42, 100))
        for _ in range(COPIES):
            copies.append(Copy())
            ever += _slips_and_forms(3)
        for old in reversed(copies):
            old.put_back()
            with pytest.raises(RuleBroken, match="old copy"), unit_of_work():
                issue_form_number()
            _restore_or_take_a_new_node(next(nodes))
            ever += [*_take(AFTERWARDS), *_slips_and_forms(2)]

        assert len(ever) == len(set(ever))


@pytest.mark.hazard("H25")
@pytest.mark.parametrize("witness", ["side file", "label", "both"])
def test_each_of_fifty_old_copies_put_back_by_itself(app, witness):
    """Each copy from the same past; one of the two witnesses is enough."""
    with app.app_context():
        copies, past = [], []
        for _ in range(COPIES):
            copies.append(Copy())
            past += _slips_and_forms(2)
        file = high_water_of(app).file
        kept, last = file.read_bytes(), past[-2]
        for old in copies:
            old.put_back()
            file.write_bytes(kept) if witness != "label" else file.unlink(missing_ok=True)
            with unit_of_work():
                restore_numbers([] if witness == "side file" else [last], actor=SYSTEM)
            fresh = [*_take(AFTERWARDS), *_slips_and_forms(1)]

            assert not set(fresh) & set(past)


@pytest.mark.hazard("H25")
def test_the_same_copy_put_back_again_and_again(app):
    with app.app_context():
        old, ever = Copy(), _slips_and_forms(5)
        for _ in range(8):
            old.put_back()
            with unit_of_work():
                restore_numbers([ever[0]], actor=SYSTEM)
            ever += _slips_and_forms(5)
        old.put_back()

        assert len(ever) == len(set(ever))
        with pytest.raises(RuleBroken, match="--node"), unit_of_work():
            restore_numbers([], actor=SYSTEM)
        with unit_of_work():
            done = restore_numbers([], new_node=42, actor=SYSTEM)
        assert (done.node, done.epoch) == (42, 0)
        assert _slips_and_forms(1)[0].startswith("420000001")


@pytest.mark.hazard("H25")
def test_a_program_that_died_between_side_file_and_commit_goes_on_after_the_gap(app):
    with app.app_context():
        before = _slips_and_forms(1)[0]
        high_water_of(app).note(Mark("form", 41, 1, 7, 1))  # as it stood when the power went

        with unit_of_work():
            check_numbers()
            after = issue_form_number()

        assert (before[3:9], after[3:9]) == ("000001", "000008")


def test_eight_at_once_with_blocks_among_them_share_no_number(app):
    issued: list[str] = []

    def work() -> None:
        for turn in range(12):
            with app.app_context():
                with unit_of_work():
                    if turn % 3:
                        numbers = [issue_form_number()]
                    else:
                        block = issue_block(BlockPurpose.SERVER, 7, actor=SYSTEM)
                        numbers = list(block.numbers)
                issued.extend(numbers)

    assert together([work] * 8) == []
    assert len(issued) == len(set(issued)) == 8 * (8 + 4 * 7)


def test_when_the_side_file_cannot_be_written_no_number_is_given(app):
    with app.app_context():
        file = high_water_of(app).file
        file.unlink(missing_ok=True)
        file.mkdir(parents=True)
        try:
            with pytest.raises((RuleBroken, OSError)), unit_of_work():
                issue_form_number()
        finally:
            file.rmdir()
        assert number_counts().issued == 0


def test_a_side_file_cut_short_or_grown_long_still_says_how_far_it_went(tmp_path):
    file = HighWater(tmp_path / "numbers" / "marks")
    for sequence in range(1, 900):
        file.note(Mark("form", 41, 1, sequence, sequence - 1))
    with file.file.open("ab") as handle:
        handle.write(b"form 41 1 9999 99")
    file.note(Mark("slip", 41, 1, 3, 2))

    assert file.marks("form")[-1] == Mark("form", 41, 1, 899, 898)
    assert file.marks("slip") == (Mark("slip", 41, 1, 3, 2),)
    assert file.file.stat().st_size < 20_000


@pytest.mark.feature(80)
@pytest.mark.feature(17)
def test_the_database_itself_refuses_blocks_that_overlap(app):
    with app.app_context():
        with unit_of_work():
            block = issue_block(BlockPurpose.SERVER, 10, actor=SYSTEM)
        held = session().get_one(NumberBlock, block.id)
        values = {c.name: getattr(held, c.name) for c in NumberBlock.__table__.columns}
        inside = {**values, "id": new_id(), "first_sequence": 10, "last_sequence": 12}
        beside = {**values, "id": new_id(), "first_sequence": 11, "last_sequence": 12}

        with pytest.raises(DBAPIError, match="overlaps"), unit_of_work():
            session().execute(NumberBlock.__table__.insert(), [inside])
        with unit_of_work():
            session().execute(NumberBlock.__table__.insert(), [beside])
        with pytest.raises(DBAPIError, match="append-only"), unit_of_work():
            session().execute(update(NumberBlock).values(last_sequence=99))


def test_a_block_knows_when_its_numbers_are_used_up_or_void(app):
    with app.app_context():
        with unit_of_work():
            block = issue_block(BlockPurpose.SERVER, 2, actor=SYSTEM)
            lost = issue_block(BlockPurpose.SERVER, 1, actor=SYSTEM)
            use_number(block.numbers[0])
            void_number(lost.numbers[0], "lost", actor=SYSTEM)
        states = [session().get_one(NumberBlock, each.id).state for each in (block, lost)]
        assert states == [BlockState.ISSUED, BlockState.VOID]

        with unit_of_work():
            void_number(block.numbers[1], "spoilt", actor=SYSTEM)
        with pytest.raises(RuleBroken, match="used before"), unit_of_work():
            use_number(block.numbers[0])

        assert session().get_one(NumberBlock, block.id).state is BlockState.USED_UP
        counts = number_counts()
        assert counts.issued == counts.used + counts.void + counts.left == 3
        assert session().get_one(IssuedNumber, block.numbers[1]).state is NumberState.VOID


def test_a_block_longer_than_what_is_left_is_refused_whole(app):
    with app.app_context():
        with unit_of_work():
            session().execute(update(NumberSeries).values(next_sequence=SEQUENCE_MOST - 3))

        with pytest.raises(RuleBroken, match="used up"), unit_of_work():
            issue_block(BlockPurpose.SERVER, 5, actor=SYSTEM)
        with unit_of_work():
            assert len(issue_block(BlockPurpose.SERVER, 4, actor=SYSTEM).numbers) == 4


@pytest.mark.hazard("H25")
def test_a_file_of_yesterday_put_back_stops_the_start_until_somebody_read_a_label(fresh_app):
    app = fresh_app()
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            return
        settings = settings_of(app)
        prepare(settings, examples=False)
        _slips_and_forms(2)
        yesterday = settings.data / "yesterday"
        with (
            contextlib.closing(sqlite3.connect(settings.file)) as live,
            contextlib.closing(sqlite3.connect(yesterday)) as copy,
        ):
            live.backup(copy)
        today = _slips_and_forms(4)
        session().execute(text("SELECT 1"))
        session().rollback()
        db.engine.dispose()
        for name in (f"{settings.file}-wal", f"{settings.file}-shm"):
            (settings.data / name).unlink(missing_ok=True)
        shutil.copy(yesterday, settings.file)

        with pytest.raises(StartRefused, match="flask lab numbers restore"):
            prepare(settings, examples=False)

        run = app.test_cli_runner()
        assert run.invoke(args=["lab", "numbers", "restore"]).exit_code == 1
        done = run.invoke(args=["lab", "numbers", "restore", "--last-label", today[3], "--json"])
        assert done.exit_code == 0, done.output
        assert json.loads(done.output)["epoch"] == 2
        prepare(settings, examples=False)
        assert not set(_slips_and_forms(9)) & set(today)
