"""A report is exact only when the record was verified for it; what leaves stops, and is signed for, as it should."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from lab_contingency.accounts.commands import GrantRole
from lab_contingency.accounts.models import RoleGrant, User
from lab_contingency.accounts.rules import Role
from lab_contingency.accounts.services import grant_role
from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.audit.rules import SHOWN, Field
from lab_contingency.audit.services import make_checkpoint, prepared, record, register_leaving
from lab_contingency.audit.services.journalling import into_journal
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.oversight import services
from lab_contingency.oversight.commands import AskExposureFile
from lab_contingency.oversight.models import ExportRequest
from lab_contingency.oversight.queries.report import exposure_report
from lab_contingency.oversight.rules.exposure import About, Certainty, Criteria, Verification
from lab_contingency.oversight.rules.notices import NoticeFacts
from lab_contingency.oversight.services import verifying
from lab_contingency.rehearsal.starting import prepare
from lab_contingency.requests.commands import CorrectIdentity
from lab_contingency.requests.models import Patient, Request, RequestedTest
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.services import correct_identity
from tests.clients import LabClient, value_of
from tests.factories.record import Tampering
from tests.factories.world import SYSTEM, a_request, an_identity
from tests.shared_computers import PIN, a_person, begins_shift, enrol

HOUR = dt.timedelta(hours=1)
pytestmark = pytest.mark.feature(97)


@dataclass
class Held:
    """A demonstration with a database of its own, one patient on a slip, and the two people it takes."""

    patient: object
    asks: Actor
    agrees: Actor


def _person(role: Role) -> Actor:
    statement = select(User).join(RoleGrant, RoleGrant.user_id == User.id)
    row = session().scalars(statement.where(RoleGrant.role == role).order_by(User.username)).first()
    return Actor(row.id, row.name, role.value)


@pytest.fixture
def held(fresh_app):
    app = fresh_app()
    with app.app_context():
        prepare(settings_of(app))
        patient = session().scalars(select(Patient.id).order_by(Patient.id)).first()
        people = Held(patient, _person(Role.GOVERNANCE), _person(Role.ADMINISTRATOR))
        with unit_of_work():
            register_leaving(
                "slip", {patient: Field.NAME}, "s", actor=people.asks, watermark="7QK3M0ZT9A"
            )
        yield people


def _checkpoint() -> None:
    with unit_of_work():
        make_checkpoint(actor=SYSTEM)


def _tamper(sql: str) -> None:
    """Somebody who owns the database: the triggers go, a row changes, it is committed."""
    session().rollback()
    with db.engine.begin() as connection:
        changed = Tampering(connection).run(sql)
        assert changed.rowcount == 1


def _slip() -> Criteria:
    return Criteria(About.LEAVING, "7QK3M0ZT9A", clock.now() - HOUR, clock.now() + HOUR)


def _file(held: Held) -> list[dict[str, str]]:
    found = services.verification_of(services.verify_record(actor=held.asks))
    command = AskExposureFile(_slip(), "Breach 7", NoticeFacts())
    with unit_of_work():
        export_id = services.ask_exposure_file(command, found, actor=held.asks)
    with unit_of_work():
        services.approve_export(export_id, actor=held.agrees)
    found = services.verify_for_file(export_id, actor=held.asks)
    with unit_of_work():
        raw = services.make_exposure_file(export_id, "csv", found, actor=held.asks)
    body = raw[: raw.rindex(b"% lab-contingency")].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body)))


@pytest.mark.hazard("H97")
def test_an_untouched_record_with_a_checkpoint_is_exact_on_the_page_and_in_the_file(held):
    _checkpoint()

    report = exposure_report(_slip(), services.verify_if_short())

    assert report.certainty is Certainty.EXACT
    assert {one.patient for one in report.exposures} == {held.patient}
    assert "the last checkpoint of" in report.sentence
    assert {row["certainty"] for row in _file(held)} == {"exact"}


def test_without_a_checkpoint_nothing_is_exact(held):
    report = exposure_report(_slip(), services.verify_if_short())

    assert report.certainty is Certainty.AS_RECORDED
    assert "no checkpoint stands in it" in report.sentence
    assert {row["certainty"] for row in _file(held)} == {"as recorded, not verified"}


NEWEST = "(SELECT id FROM {0} ORDER BY recorded_at DESC, id DESC LIMIT 1)"


@pytest.mark.hazard("H97")
@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE audit_event SET actor_name = 'Nobody' WHERE id = {NEWEST.format('audit_event')}",
        f"DELETE FROM audit_event WHERE id = {NEWEST.format('audit_event')}",
        "UPDATE leaving SET actor_name = 'Nobody' WHERE watermark = '7QK3M0ZT9A'",
        "UPDATE checkpoint SET signature = 'ab' WHERE number = 1",
    ],
)
def test_a_record_that_was_changed_is_never_exact_and_the_report_widens(held, sql):
    _checkpoint()
    everybody = set(session().scalars(select(Patient.id)))
    assert len(everybody) > 1
    _tamper(sql)

    report = exposure_report(_slip(), services.verify_if_short())
    rows = _file(held)

    assert report.certainty is Certainty.UPPER_BOUND
    assert "exact" not in f"{report.certainty.value} {report.sentence}"
    assert "The record does not hold" in report.sentence
    assert {one.patient for one in report.exposures} == everybody
    assert {row["certainty"] for row in rows} == {"upper bound"}
    assert len({(row["surname"], row["born"], row["nhs_number"]) for row in rows}) > 1


def test_what_waits_in_the_journal_keeps_a_report_from_being_exact(held):
    _checkpoint()
    into_journal([prepared(SHOWN, held.patient, actor=held.asks, fields=1)])

    assert services.verify_if_short().holds is None
    assert "waits to be taken" in services.verify_if_short().sentence


def test_a_longer_list_than_was_agreed_to_is_not_made(held):
    _checkpoint()
    command = AskExposureFile(_slip(), "Breach 7", NoticeFacts())
    with unit_of_work():
        export_id = services.ask_exposure_file(command, Verification(None, ""), actor=held.asks)
    with unit_of_work():
        services.approve_export(export_id, actor=held.agrees)
    _tamper("UPDATE checkpoint SET signature = 'ab' WHERE number = 1")
    found = services.verify_for_file(export_id, actor=held.asks)

    with pytest.raises(RuleBroken, match="longer than the one"), unit_of_work():
        services.make_exposure_file(export_id, "csv", found, actor=held.asks)
    assert "exposure csv" not in session().scalars(select(Leaving.kind)).all()


# Pages


@pytest.fixture
def slip(world):
    """One patient on a slip, under a checkpoint."""
    patient = session().get_one(Request, a_request(world).request_id).patient_id
    with unit_of_work():
        register_leaving(
            "slip", {patient: Field.NAME}, "s", actor=world.doctor, watermark="7QK3M0ZT9A"
        )
    _checkpoint()
    return patient


def _preview(client: LabClient):
    return client.get("oversight.exposure", about="leaving", value="7QK3M0ZT9A")


def _carried(page) -> dict[str, str]:
    return {name: value_of(page, name) for name in ("about", "value", "begins", "ends")}


def test_a_short_record_is_verified_at_once(client_for, slip):
    page = _preview(client_for("governance"))
    assert "exact. These patients and no others" in page.words
    assert "Verify now" not in page.words


def test_a_long_record_is_verified_when_asked_to(client_for, slip, monkeypatch):
    monkeypatch.setattr(verifying, "LONG", 3)
    client = client_for("governance")
    page = _preview(client)
    assert "as recorded, not verified" in page.words
    assert "it is verified when a file is made" in page.words
    assert "Verify now" in page.words

    verified = client.post("oversight.verify_report", _carried(page))

    assert verified.status == 200
    assert "exact. These patients and no others" in verified.words
    done = select(func.count()).where(AuditEvent.action == "audit:verified")
    assert session().scalars(done).one() == 1


def _ask(client: LabClient) -> object:
    typed = {**_carried(_preview(client)), "reason": "Breach 7"}
    assert client.post("oversight.ask", typed).status == 303
    session().rollback()
    return (
        session().scalars(select(ExportRequest.id).order_by(ExportRequest.asked_at.desc())).first()
    )


def test_the_incident_button_stops_asking_agreeing_and_making(client_for, slip):
    governance, admin = client_for("governance"), client_for("administrator")
    agreed, waiting = _ask(governance), _ask(governance)
    admin.post("oversight.approve", export_id=agreed)
    admin.post("accounts.press_incident_button", {"device": ""})
    governance = client_for("governance")
    said = "The incident button stopped all exports"

    typed = {**_carried(_preview(governance)), "reason": "Breach 8"}
    pages = (
        governance.post("oversight.ask", typed),
        governance.post("oversight.make_file", {"form": "csv"}, export_id=agreed),
        admin.post("oversight.approve", export_id=waiting),
    )

    for page in pages:
        assert page.status == 422
        assert said in page.words
    assert said in governance.get("oversight.exports").words
    assert said in governance.get("oversight.export", export_id=agreed).words
    assert "exposure csv" not in session().scalars(select(Leaving.kind)).all()
    admin.post("accounts.allow_exports")
    file = governance.post("oversight.make_file", {"form": "csv"}, export_id=agreed)
    assert file.status == 200


@pytest.mark.feature(53)
def test_a_file_is_signed_for_with_the_pin(client_for, slip, quick_hashes, world):
    a_person("gov.one", Role.GOVERNANCE)
    client = begins_shift(enrol(client_for(), "IG office"), "gov.one")
    export_id = _ask(client)
    client_for("administrator").post("oversight.approve", export_id=export_id)
    make = {"form": "csv", "organisation": ""}

    without = client.post("oversight.make_file", make, export_id=export_id)
    wrong = client.post("oversight.make_file", {**make, "secret": "000000"}, export_id=export_id)
    right = client.post("oversight.make_file", {**make, "secret": PIN}, export_id=export_id)

    assert "Your PIN" in client.get("oversight.export", export_id=export_id).words
    assert (without.status, wrong.status, right.status) == (422, 422, 200)
    assert "Type your PIN" in without.words
    made = session().scalars(select(AuditEvent).where(AuditEvent.action == "export:made")).one()
    assert made.details["reauthenticated"] == "pin"


def test_one_person_with_two_roles_is_one_person(client_for, slip, world):
    asker = world.governance.user_id
    with unit_of_work():
        grant_role(GrantRole(asker, Role.ADMINISTRATOR, None, None), actor=world.administrator)
    other = select(RoleGrant.id).where(
        RoleGrant.user_id == asker, RoleGrant.role == Role.ADMINISTRATOR
    )
    grant_id = session().scalars(other).one()
    client = client_for("governance")
    export_id = _ask(client)
    client.post("accounts.change_role", grant_id=grant_id)

    page = client.post("oversight.approve", export_id=export_id)
    assert page.status == 422
    assert "You asked for this yourself" in page.words
    assert "Agree" not in client.get("oversight.export", export_id=export_id).words
    as_other = Actor(asker, "Governance", Role.ADMINISTRATOR.value)
    with pytest.raises(RuleBroken, match="Another person"), unit_of_work():
        services.approve_export(export_id, actor=as_other)


# The record's own pages


def _shown_to(world) -> dict[object, Field]:
    rows = session().scalars(
        select(AuditEvent).where(
            AuditEvent.action == SHOWN, AuditEvent.user_id == world.governance.user_id
        )
    )
    found: dict[object, Field] = {}
    for row in rows:
        found[row.subject_id] = found.get(row.subject_id, Field(0)) | Field(row.fields)
    return found


def test_who_the_patient_was_and_who_it_is_are_both_recorded_as_shown(client_for, world):
    """A correction that leads to somebody known already shows two people."""
    known = (
        session().get_one(Request, a_request(world, identity=an_identity(2)).request_id).patient_id
    )
    placed = a_request(world, identity=an_identity(1))
    first = session().get_one(Request, placed.request_id).patient_id
    view = request_view(placed.request_id, world.doctor)
    with unit_of_work():
        correct_identity(
            CorrectIdentity(placed.request_id, view.version, an_identity(2), "Wrong card"),
            actor=world.doctor,
        )
    assert session().get_one(Request, placed.request_id).patient_id == known

    page = client_for("governance").post("oversight.search", {"subject": "request"})

    assert "Wrong card" in page.words
    shown = _shown_to(world)
    assert set(shown) == {known, first}
    for fields in shown.values():
        assert fields & Field.NHS_NUMBER


def test_of_a_change_nobody_knows_everything_that_could_identify_is_noted(client_for, world):
    placed = a_request(world)
    patient = session().get_one(Request, placed.request_id).patient_id
    one = session().scalars(select(RequestedTest.id)).first()
    with unit_of_work():
        record("requested_test:noted", one, actor=world.doctor, changes={"novel": ("a", None)})

    page = client_for("governance").post("oversight.search", {"subject": "requested_test"})

    assert "novel: a nothing" in page.words
    fields = _shown_to(world)[patient]
    assert fields & (Field.NAME | Field.BORN | Field.NHS_NUMBER | Field.REMARKS) == (
        Field.NAME | Field.BORN | Field.NHS_NUMBER | Field.REMARKS
    )
