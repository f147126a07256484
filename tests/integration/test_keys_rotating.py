"""Rotation: a new key writes at once, old rows follow in small steps, and no step can lose one."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading

import pytest
from sqlalchemy import func, select, text, update

from lab_contingency.accounts.keys.services import finish_rotations, rotate_key
from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock, resealing
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.database.sealed_columns import sealed_columns
from lab_contingency.foundation.keys import NAMES, Ring, open_ring
from lab_contingency.foundation.migrations import bring_up_to_date
from lab_contingency.foundation.resealing import is_left, left
from lab_contingency.foundation.sealing import keys, keys_file, unseal
from lab_contingency.rehearsal.starting import prepare
from lab_contingency.requests.models import PatientIdentity, Request
from lab_contingency.requests.queries.known import held_by_hospital, held_by_nhs
from lab_contingency.requests.queries.patients import read_identity
from tests.factories.sealed import live_through_everything
from tests.factories.world import a_request, an_identity, make_world, nhs_number

MORNING = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
SOMEBODY = Actor.system("tests")


class Killed(BaseException):
    """The process is gone at this point."""


@pytest.fixture
def lived(fresh_app, monkeypatch):
    """A database of its own, with its own keys, where every sealed table holds rows of two patients."""
    monkeypatch.setattr(resealing, "_UNIT", 3)
    with fresh_app().app_context() as context, clock.at(MORNING):
        bring_up_to_date()
        monkeypatch.setattr("lab_contingency.rehearsal.starting.sites", lambda: ["nothing to fill"])
        prepare(context.app.extensions["lab_settings"], examples=False)
        world = make_world()
        live_through_everything(world)
        yield world


def rotate(name, note=lambda _point: None):
    with unit_of_work(alone=True):
        return rotate_key(name, actor=SOMEBODY, note=note)


def everything() -> dict[str, dict]:
    """Every sealed record of every table, opened with a ring read anew from the file."""
    session().rollback()
    ring, _ = open_ring(keys_file(), keys_file().with_suffix(".key"))
    found = {}
    for each in sealed_columns(db.metadata):
        statement = select(each.id, each.sealed).where(each.sealed.is_not(None))
        for row_id, sealed in session().execute(statement):
            place = f"{each.table.name}|{row_id}"
            found[place] = ring.open(sealed, place)
    session().rollback()
    return found


def headers() -> set[str]:
    found = set()
    for each in sealed_columns(db.metadata):
        found |= set(session().execute(select(func.substr(each.sealed, 1, 4))).scalars())
    session().rollback()
    return found - {None}


def indexes() -> set[str]:
    rows = session().execute(select(PatientIdentity.nhs_index, PatientIdentity.hospital_index))
    found = {each[:4] for row in rows for each in row if each}
    session().rollback()
    return found


def finds_patients() -> bool:
    found = [held_by_nhs(nhs_number(seed)) for seed in (1, 2)]
    also = [held_by_hospital(f"H{seed:07d}", "RJZ") for seed in (1, 2)]
    known = all(found) and [a.id for a in found] == [b.id for b in also]
    session().rollback()
    return bool(known)


def points_of(act) -> list[str]:
    """Each different point of the work, in order."""
    seen: list[str] = []
    act(seen.append)
    return list(dict.fromkeys(seen))


def killed_at(point):
    def note(reached):
        if reached == point:
            raise Killed

    return note


@pytest.mark.hazard("H37")
def test_a_rotation_killed_at_any_step_loses_nothing_and_is_finished_by_the_next_run(lived):
    before = everything()
    rotate("field")
    rotate("index")
    points = points_of(lambda note: finish_rotations(actor=SOMEBODY, note=note))
    assert len(points) >= 16 * 3 + 3 + 4

    for point in points:
        rotate("field")
        rotate("index")
        with pytest.raises(Killed):
            finish_rotations(actor=SOMEBODY, note=killed_at(point))
        opened = everything()
        assert {place: opened[place] for place in before} == before, point
        assert finds_patients(), point

        finish_rotations(actor=SOMEBODY)

        assert headers() == {keys().header()}, point
        assert indexes() == {keys().index_header()}, point
        assert len(keys().versions("field")) == len(keys().versions("index")) == 1, point
    opened = everything()
    assert {place: opened[place] for place in before} == before


def dies_at(point):
    """Finish the rotations in a process of its own, which the system kills at that point."""
    db.session.remove()
    db.engine.dispose()  # no connection is shared with the child
    child = os.fork()
    if child == 0:
        try:
            finish_rotations(
                actor=SOMEBODY,
                note=lambda reached: reached == point and os.kill(os.getpid(), signal.SIGKILL),
            )
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), point
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.hazard("H37")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_process_that_is_killed_while_it_rotates_loses_nothing(lived):
    before = everything()
    rotate("field")
    rotate("index")
    points = points_of(lambda note: finish_rotations(actor=SOMEBODY, note=note))

    for point in points[:: len(points) // 12]:
        rotate("field")
        rotate("index")
        dies_at(point)
        opened = everything()
        assert {place: opened[place] for place in before} == before, point
        assert finds_patients(), point
        finish_rotations(actor=SOMEBODY)

        assert headers() == {keys().header()}, point
        assert len(keys().versions("field")) == len(keys().versions("index")) == 1, point


@pytest.mark.parametrize("name", ["field", "index", "audit", "session"])
def test_making_the_new_version_can_be_killed_too(lived, name):
    before = everything()
    points = points_of(lambda note: rotate(name, note))
    assert len(points) == 2

    for point in points:
        with pytest.raises(Killed):
            rotate(name, killed_at(point))
        opened = everything()
        assert {place: opened[place] for place in before} == before
        assert finds_patients()
    finish_rotations(actor=SOMEBODY)
    assert {place: value for place, value in everything().items() if place in before} == before


def test_a_new_key_writes_at_once_and_old_rows_still_open(lived):
    old = keys().header()
    before = everything()

    assert rotate("field") == 2
    placed = a_request(lived, identity=an_identity(3))

    row = session().get_one(Request, placed.request_id)
    assert row.sealed.startswith(keys().header())
    assert keys().header() != old
    assert {old, keys().header()} == headers()
    assert before.items() <= everything().items()


def test_patients_are_found_while_the_index_key_is_rotated(lived):
    rotate("index")
    assert finds_patients()
    assert indexes() == {"0001"}

    again = a_request(lived, identity=an_identity(1), tests=("MG",))

    # The same patient, not a second one under the new key.
    row = session().get_one(Request, again.request_id)
    held = held_by_nhs(nhs_number(1))
    assert row.patient_id == held.patient_id
    finish_rotations(actor=SOMEBODY)
    assert indexes() == {"0002"}
    assert finds_patients()
    assert held_by_nhs(nhs_number(9)) is None


def test_an_old_version_stays_while_one_record_cannot_be_opened(lived):
    identity = session().scalars(select(PatientIdentity)).first()
    with unit_of_work() as now:
        broken = identity.sealed[:40] + ("A" if identity.sealed[40] != "A" else "B")
        now.execute(
            update(PatientIdentity)
            .where(PatientIdentity.id == identity.id)
            .values(sealed=broken + identity.sealed[41:])
        )
    rotate("field")

    result = finish_rotations(actor=SOMEBODY)

    assert result.unreadable == 1
    assert result.done > 50
    assert left("field") == {"patient_identity": 1}
    assert keys().versions("field") == (2, 1)


def test_a_row_written_under_the_old_key_just_before_keeps_the_old_key(lived):
    """Dropping looks again, alone: a row that came after the run began is not lost."""
    rotate("field")
    resealing.seal_anew()
    ring, _ = open_ring(keys_file(), keys_file().with_suffix(".key"))
    with unit_of_work() as now:
        row = now.scalars(select(Request)).first()
        place = f"request|{row.id}"
        plain = ring.open(row.sealed, place)
        held = {name: {1: ring.current(name)[1]} for name in NAMES}
        old = Ring({**held, "field": {1: ring.version("field", 1)}})
        now.execute(
            update(Request).where(Request.id == row.id).values(sealed=old.seal(plain, place))
        )

    with unit_of_work(alone=True):
        assert not resealing.drop_older("field")

    assert keys().versions("field") == (2, 1)
    finish_rotations(actor=SOMEBODY)
    assert keys().versions("field") == (2,)


def test_work_goes_on_while_rows_are_sealed_anew(lived):
    """Cards are sent from another thread all the while; every one of them is there afterwards and opens."""
    rotate("field")
    rotate("index")
    app = lived_app()
    placed, failed = [], []

    def send() -> None:
        with app.app_context(), clock.at(MORNING):
            try:
                placed.extend(
                    a_request(lived, identity=an_identity(seed)) for seed in range(20, 26)
                )
            except BaseException as problem:
                failed.append(problem)
                raise

    thread = threading.Thread(target=send)
    thread.start()
    while thread.is_alive():
        finish_rotations(actor=SOMEBODY)
        rotate("field")
        rotate("index")
    thread.join()
    finish_rotations(actor=SOMEBODY)

    assert failed == []
    assert len(placed) == 6
    assert headers() == {keys().header()}
    everything()
    for seed in range(20, 26):
        assert read_identity(held_by_nhs(nhs_number(seed))).nhs_number == nhs_number(seed)


def lived_app():
    from flask import current_app

    return current_app._get_current_object()


def test_a_paper_printed_before_the_audit_key_was_rotated_is_still_a_copy(lived):
    from lab_contingency.results.services import print_slip
    from tests.factories.results import CRP, authorise, enter, on_the_bench

    request_id = on_the_bench(lived, tests=("CRP",), identity=an_identity(7))
    enter(request_id, lived.scientist, CRP=CRP)
    authorise(request_id, lived.senior, "CRP")
    with unit_of_work():
        first = print_slip(request_id, actor=lived.senior)
    rotate("audit")

    with unit_of_work():
        again = print_slip(request_id, "LOST", actor=lived.senior)

    assert again.slip.version == first.slip.version
    assert again.slip.number == first.slip.number


def test_the_record_is_chained_with_the_new_audit_key_and_the_old_one_is_kept(lived):
    rotate("audit")
    with unit_of_work():
        pass
    a_request(lived, identity=an_identity(5))

    versions = set(session().scalars(select(AuditEvent.key_version)))
    assert versions == {1, 2}
    assert keys().versions("audit") == (2, 1)
    finish_rotations(actor=SOMEBODY)
    assert keys().versions("audit") == (2, 1)


def test_what_was_rotated_and_dropped_is_recorded(lived):
    rotate("field")
    finish_rotations(actor=SOMEBODY)

    rows = session().scalars(select(AuditEvent).where(AuditEvent.subject == "key")).all()
    assert [(row.action, row.details["key"]) for row in rows] == [
        ("key:rotated", "field"),
        ("key:older_dropped", "field"),
    ]


def test_the_dropped_key_stands_in_no_file(lived):
    old = keys().version("field", 1)
    sealed = session().scalars(select(Request.sealed)).first()
    rotate("field")
    finish_rotations(actor=SOMEBODY)

    ring, _ = open_ring(keys_file(), keys_file().with_suffix(".key"))

    with pytest.raises(KeyError):
        ring.version("field", 1)
    assert old != ring.version("field", 2)
    assert sealed not in session().scalars(select(Request.sealed)).all()
    assert not is_left("field")


def test_a_history_still_refuses_every_other_change(lived):
    rotate("field")
    finish_rotations(actor=SOMEBODY)

    from sqlalchemy.exc import DatabaseError

    for statement in (
        "UPDATE test_move SET reason_code = 'X'",
        "DELETE FROM test_move",
        "UPDATE slip SET number = '0'",
    ):
        with pytest.raises(DatabaseError, match="append-only"):
            session().execute(text(statement))
        session().rollback()
    row = session().scalars(select(Request)).first()
    assert unseal("request", row.id, row.sealed)
