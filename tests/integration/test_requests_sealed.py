"""A stolen database shows nobody: names, numbers, birthdays and clinical text stand nowhere in the clear."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path

import pytest
from sqlalchemy import JSON, String, Text, cast, select, text, update

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.requests.commands import CorrectDetails, CorrectIdentity, WithdrawTests
from lab_contingency.requests.models import PatientIdentity, Request
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.services import correct_details, correct_identity, withdraw_tests
from tests.factories.world import a_request, an_identity, nhs_number

SECRETS = (
    "Quillfeather", "QUILLFEATHER", "Xanthippe", "Zebedee",  # names
    nhs_number(77), "QQ777001", "1961-07-13", "13-Jul-1961",  # numbers and birthday
    "haematuria of unknown cause", "bleep 7731", "Dr Bartholomew", "Nurse Ottoline", "bled on the way",
    "wristband of the neighbour", "asked by mistake", "moved to the annexe",
    "bay Quartz 3", "bay Zenith 7",
)  # fmt: skip


@pytest.fixture
def lived(world):
    """A request that was placed, asked again, put right twice and withdrawn, with telling words throughout."""
    identity = an_identity(
        77,
        surname="Quillfeather",
        forenames="Xanthippe",
        born=dt.date(1961, 7, 13),
        hospital_number="QQ777001",
    )
    details = {
        "clinical_details": "haematuria of unknown cause",
        "bed": "bay Quartz 3",
        "callback": "bleep 7731",
        "requested_by": "Dr Bartholomew",
        "collected_at": clock.now() - dt.timedelta(minutes=5),
        "collected_by": "Nurse Ottoline",
    }
    a_request(world, identity=identity, **details)
    placed = a_request(world, identity=identity, overrides={"FBC": "bled on the way"}, **details)
    ward = world.wards["KCH-AMU"]
    with unit_of_work():
        correct_identity(
            CorrectIdentity(
                placed.request_id,
                1,
                an_identity(
                    77,
                    surname="Quillfeather",
                    forenames="Zebedee",
                    born=dt.date(1961, 7, 13),
                    hospital_number="QQ777001",
                ),
                "wristband of the neighbour",
            ),
            actor=world.doctor,
        )
    with unit_of_work():
        correct_details(
            CorrectDetails(
                placed.request_id,
                2,
                ward,
                "bay Zenith 7",
                ward,
                "bleep 7731",
                "Dr Bartholomew",
                "haematuria of unknown cause",
                "moved to the annexe",
            ),
            actor=world.doctor,
        )
    with unit_of_work():
        withdraw_tests(
            WithdrawTests(placed.request_id, 3, ("FBC",), "asked by mistake"), actor=world.doctor
        )
    return placed


def _stored_text() -> list[tuple[str, str]]:
    """Every text and JSON value of every table."""
    found = []
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String | Text | JSON):
                values = session().execute(select(cast(column, Text))).scalars()
                found += [(f"{table.name}.{column.name}", value) for value in values if value]
    return found


def test_what_was_typed_is_there_for_those_who_may_read_it(world, lived):
    view = request_view(lived.request_id, world.doctor)

    assert view.patient.forenames == "Zebedee"
    assert view.clinical_details == "haematuria of unknown cause"


def test_no_column_of_any_table_holds_an_identifier_or_clinical_text(lived):
    stored = _stored_text()

    shown = {
        (place, secret)
        for place, text in stored
        for secret in SECRETS
        if secret.casefold() in text.casefold()
    }
    decoded = {
        (place, secret)
        for place, text in stored
        for secret in SECRETS
        if secret.encode() in _unwrapped(text)
    }

    assert len(stored) > 500
    assert shown == set()
    assert decoded == set()


def _unwrapped(text: str) -> bytes:
    """The bytes behind base64, where it is that."""
    try:
        return base64.urlsafe_b64decode(text)
    except ValueError:
        return b""


def test_no_byte_of_the_files_shows_them_either(app, lived, engine_name):
    with app.app_context():
        files = _files(app, engine_name)
        planted = [s.encode(e) for s in SECRETS for e in ("utf-8", "utf-16-le")]
        shown = [(path.name, word) for path in files for word in planted if word in _bytes(path)]

    assert sum(b"request:placed" in _bytes(path) for path in files) > 0
    assert shown == []


def _bytes(path):
    """What the file holds; a running server drops some of its files at any moment."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _files(app, engine_name):
    """Everything the database has written: its file and log, or the server's whole folder."""
    if engine_name == "sqlite":
        return list(app.extensions["lab_settings"].data.glob("*.sqlite3*"))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        folder = connection.execute(text("SHOW data_directory")).scalar()
    return [path for path in Path(folder).rglob("*") if path.is_file() and path.stat().st_size]


def test_records_exchanged_between_two_patients_open_for_neither(world, lived):
    other = a_request(world, identity=an_identity(2))
    with unit_of_work():
        one, two = session().scalars(
            select(Request).where(Request.id.in_([lived.request_id, other.request_id]))
        )
        one.sealed, two.sealed = two.sealed, one.sealed

    for placed in (lived, other):
        with pytest.raises(Unreadable):
            request_view(placed.request_id, world.doctor)


def test_identities_exchanged_between_two_patients_open_for_neither(world, lived):
    other = a_request(world, identity=an_identity(2))
    with unit_of_work():
        ids = [session().get(Request, each.request_id).identity_id for each in (lived, other)]
        one, two = (session().get(PatientIdentity, each) for each in ids)
        one.sealed, two.sealed = two.sealed, one.sealed

    for placed in (lived, other):
        with pytest.raises(Unreadable):
            request_view(placed.request_id, world.doctor)


def test_a_record_altered_in_the_database_is_not_shown(world, lived):
    with unit_of_work():
        sealed = (
            session().scalars(select(Request.sealed).where(Request.id == lived.request_id)).one()
        )
        altered = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]
        session().execute(
            update(Request).where(Request.id == lived.request_id).values(sealed=altered)
        )

    with pytest.raises(Unreadable):
        request_view(lived.request_id, world.doctor)


def test_what_is_recorded_of_deeds_names_nobody_who_is_a_patient(lived):
    events = session().scalars(select(AuditEvent)).all()
    text = json.dumps([[e.action, e.subject, e.details, e.actor_name] for e in events], default=str)

    assert {"request:placed", "request:identity_corrected", "request:details_corrected"} <= {
        e.action for e in events
    }
    assert not [secret for secret in SECRETS if secret.casefold() in text.casefold()]


def test_every_deed_says_who_did_it_and_when(world, lived):
    events = (
        session().scalars(select(AuditEvent).where(AuditEvent.action == "request:placed")).all()
    )

    assert len(events) == 2
    for event in events:
        assert (event.user_id, event.role, event.site_id) == (
            world.doctor.user_id,
            "requester",
            world.sites["KCH"],
        )
        assert event.recorded_at.tzinfo is not None


def test_one_altered_record_says_so_in_its_row_and_holds_up_no_other(world, client_for):
    altered = a_request(world)
    a_request(world, identity=an_identity(2, surname="Oyelaran"))
    with unit_of_work():
        row = session().get_one(Request, altered.request_id)
        session().get_one(PatientIdentity, row.identity_id).sealed = "AAAA"

    page = client_for("doctor").get("tracking.my_requests")

    assert page.status == 200
    assert "OYELARAN" in page.words
    assert "RECORD ALTERED" in page.words
    alone = client_for("doctor", checks=False).get(
        "tracking.request", request_id=altered.request_id
    )
    assert alone.status == 500
    assert "Record altered" in alone.words
