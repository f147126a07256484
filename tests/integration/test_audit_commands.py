"""The terminal, the anchor sheet as it is recorded, and what the server does beside serving."""

from __future__ import annotations

import json
import threading

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import func, select, text

from lab_contingency.audit import keeping
from lab_contingency.audit.models import AuditEvent, Checkpoint, Leaving
from lab_contingency.audit.queries import checkpoints, last_checkpoint, verify
from lab_contingency.audit.services import record
from lab_contingency.audit.signing import is_signed, public_key
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.incidents.services import print_anchor_sheet
from tests.factories.record import ACTOR

pytestmark = pytest.mark.feature(70)


@pytest.fixture
def ready(fresh_app):
    """A migrated, set-up demonstration without examples, and a runner of its commands."""
    from lab_contingency.foundation.configuration import settings_of
    from lab_contingency.rehearsal.starting import prepare

    app = fresh_app()
    with app.app_context():
        prepare(settings_of(app), examples=False)
    return app


def _run(app, *arguments: str):
    return app.test_cli_runner().invoke(args=["lab", "audit", *arguments])


def test_a_record_that_holds_verifies_and_says_so(ready):
    assert _run(ready, "checkpoint").exit_code == 0

    run = _run(ready, "verify")

    assert run.exit_code == 0, run.output
    assert run.output.startswith("The record holds: ")
    assert "1 checkpoint signed" in run.output


def test_the_anchor_of_a_checkpoint_is_found_and_a_slip_is_told(ready):
    made = json.loads(_run(ready, "checkpoint", "--json").output)
    slip = made["code"][:-1] + ("0" if made["code"][-1] != "0" else "1")

    for typed in (made["words"], made["words"].upper(), made["code"].replace("-", " ").lower()):
        run = _run(ready, "verify", "--anchor", typed)
        assert run.exit_code == 0, run.output
        assert "The anchor is that of checkpoint 1" in run.output
    wrong = _run(ready, "verify", "--anchor", slip)
    assert wrong.exit_code == 1
    assert "typing slip" in wrong.output


def test_an_anchor_that_no_checkpoint_agrees_with_fails(ready):
    from lab_contingency.audit.anchors import words_of

    run = _run(ready, "verify", "--anchor", words_of("12ab" * 16))

    assert run.exit_code == 1
    assert "no checkpoint agrees" in run.output


def test_the_first_bad_row_is_said_in_a_sentence_and_as_json(ready):
    with ready.app_context(), db.engine.begin() as connection:
        if db.engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_event_no_update"))
        else:
            connection.execute(text("DROP TRIGGER audit_event_append_only ON audit_event"))
        connection.execute(
            text("UPDATE audit_event SET actor_name = 'x' WHERE stream = 1 AND seq = 3")
        )

    said, machine = _run(ready, "verify"), _run(ready, "verify", "--json")

    assert (said.exit_code, machine.exit_code) == (1, 1)
    assert "Row 3 of stream 1" in said.output
    found = json.loads(machine.output)
    assert found["ok"] is False
    assert (found["first_bad"]["stream"], found["first_bad"]["seq"]) == (1, 3)


def test_a_database_that_was_never_set_up_is_told_without_a_fault(fresh_app):
    run = _run(fresh_app(), "verify")

    assert run.exit_code == 1
    assert "no record here" in run.output


def test_the_anchor_sheet_is_written_recorded_and_registered(ready, tmp_path):
    file = tmp_path / "anchor.pdf"

    run = _run(ready, "anchor", "--out", str(file))

    assert run.exit_code == 0, run.output
    picture = pypdfium2.PdfDocument(file.read_bytes())[0].render(scale=203 / 72).to_pil()
    scanned = zxingcpp.read_barcodes(picture.convert("L"))[0].text
    with ready.app_context():
        held = last_checkpoint()
        kinds = session().scalars(select(Leaving.kind).order_by(Leaving.recorded_at.desc())).all()
        session().rollback()
    assert held.digest in scanned
    assert kinds[0] == "anchor sheet"
    run = _run(ready, "verify", "--anchor", scanned)
    assert run.exit_code == 0, run.output


def test_a_sheet_that_cannot_be_written_leaves_no_record_of_one(ready, tmp_path):
    run = _run(ready, "anchor", "--out", str(tmp_path / "no folder" / "a.pdf"))

    assert run.exit_code == 1
    with ready.app_context():
        assert session().scalar(select(func.count(Checkpoint.number))) == 0


def test_an_outsider_checks_the_sheet_with_the_public_key_alone(app):
    with app.app_context():
        with unit_of_work():
            print_anchor_sheet(actor=ACTOR)
        held = last_checkpoint()
        public = public_key(held.key_version)

    assert is_signed(held.digest, held.key_version, held.signature, public)
    assert not is_signed("0" * 64, held.key_version, held.signature, public)


def test_the_server_makes_a_checkpoint_of_what_was_done_and_not_one_more(app):
    with app.app_context():
        with unit_of_work():
            record("thing:done", None, actor=ACTOR)

        keeping.look()
        keeping.look()

        assert [one.number for one in checkpoints()] == [1]
        assert session().scalars(select(AuditEvent.action).order_by(AuditEvent.seq)).all() == [
            "thing:done",
            "checkpoint:made",
        ]
        assert verify().ok


def test_the_thread_of_the_server_looks_at_once_and_ends_when_told(app):
    with app.app_context(), unit_of_work():
        record("thing:done", None, actor=ACTOR)
    stop = keeping.keep(app, every=0.01)
    try:
        with app.app_context():
            for _ in range(500):
                if checkpoints():
                    break
                session().rollback()
                threading.Event().wait(0.02)
            assert checkpoints()
            session().rollback()
    finally:
        stop.set()
