"""Pages of information governance: counts before names, two people, what was looked at is recorded."""

from __future__ import annotations

import datetime as dt
import zlib

import pytest
from sqlalchemy import func, select, text

from lab_contingency.audit.anchors import words_of
from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.audit.queries import last_checkpoint
from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import record, register_leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.oversight.models import ExportRequest, LeakMatch
from lab_contingency.oversight.services import verify_signed
from lab_contingency.requests.models import Request
from tests.clients import LabClient, value_of
from tests.factories.world import a_request, an_identity

NAME = "WOŹNIAK-O’NEILL"


@pytest.fixture
def patient(world):
    """One patient, on a slip that left a moment ago."""
    placed = a_request(world)
    held = session().get_one(Request, placed.request_id).patient_id
    with unit_of_work():
        register_leaving(
            "slip",
            {held: Field.NAME | Field.RESULTS},
            "s",
            actor=world.doctor,
            watermark="7QK3M0ZT9A",
        )
    return held


@pytest.fixture
def governance(client_for, world) -> LabClient:
    return client_for("governance")


def _carried(page) -> dict[str, str]:
    return {name: value_of(page, name) for name in ("about", "value", "begins", "ends")}


def _report(client, world):
    return client.get("oversight.exposure", about="account", account=world.doctor.user_id)


def test_the_preview_counts_and_names_nobody(governance, world, patient):
    page = _report(governance, world)

    assert page.status == 200
    assert "Readable 1" in page.words
    assert "Only encrypted 0" in page.words
    assert "as recorded, not verified" in page.words
    assert "Results 1 person" in page.words
    assert NAME not in page.text
    assert an_identity().nhs_number not in page.text


def test_opening_the_list_names_them_and_is_recorded(governance, world, patient):
    preview = _report(governance, world)

    page = governance.post("oversight.patients", _carried(preview))

    assert NAME in page.words
    assert "printed or exported 1 time" in page.words
    shown = select(AuditEvent).where(AuditEvent.action == "disclosure:shown")
    [row] = session().scalars(shown)
    assert (row.subject_id, row.user_id) == (patient, world.governance.user_id)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"about": "account"}, "Choose the person."),
        ({"about": "role"}, "Choose the role."),
        ({"about": "address"}, "Type the network address."),
        ({"about": "device", "value": "x"}, "There is no such thing here"),
        ({"about": "leaving", "value": "0000000000"}, "watermark or number"),
        ({"about": "window", "begins": "24-Nov 03:05", "ends": "24-Nov 03:05"}, "must be before"),
        ({"about": "window", "begins": "soon"}, "24-hour clock"),
        ({"about": "everything"}, "Choose one of the list"),
    ],
)
def test_what_is_missing_or_wrong_is_said(governance, answers, words):
    page = governance.get("oversight.exposure", **answers)
    assert page.status == 422
    assert words in page.words


@pytest.mark.parametrize("about", ["window", "sealed copy", "open copy", "role", "leaving"])
def test_every_kind_of_report_can_be_made(governance, patient, about):
    value = {"leaving": "7QK3M0ZT9A"}.get(about, "")
    page = governance.get("oversight.exposure", about=about, value=value, role="requester")
    assert page.status == 200
    assert ("Only encrypted 1" if about == "sealed copy" else "Readable 1") in page.words


def test_from_asking_to_the_file_it_takes_two(client_for, governance, world, patient):
    preview = _report(governance, world)
    typed = {
        **_carried(preview),
        "reason": "Breach 7",
        "aware_at": "",
        "contact": "",
        "measures": "",
    }

    asked = governance.post("oversight.ask", typed)
    export_id = session().scalars(select(ExportRequest.id)).one()
    own = governance.follow(asked)
    refused = governance.post("oversight.approve", export_id=export_id)
    early = governance.post("oversight.make_file", {"form": "csv"}, export_id=export_id)
    other = client_for("administrator")
    theirs = other.get("oversight.export", export_id=export_id)
    agreed = other.post("oversight.approve", export_id=export_id)
    file = governance.post(
        "oversight.make_file", {"form": "csv", "organisation": ""}, export_id=export_id
    )

    assert asked.status == 303
    assert "Nobody has agreed yet" in own.words
    assert (refused.status, early.status) == (422, 422)
    assert "Breach 7" in theirs.words
    assert NAME not in theirs.text
    assert agreed.status == 303
    assert file.status == 200
    assert (
        file.response.headers["Content-Disposition"] == 'attachment; filename="exposure-report.csv"'
    )
    assert NAME.encode() in file.data
    with governance.app.app_context():
        assert verify_signed(file.data).holds
    paper = governance.post(
        "oversight.make_file", {"form": "pdf", "organisation": ""}, export_id=export_id
    )
    assert paper.data.startswith(b"%PDF")
    assert other.post("oversight.make_file", {"form": "csv"}, export_id=export_id).status == 403


def test_declining_says_so(client_for, governance, world, patient):
    typed = {**_carried(_report(governance, world)), "reason": "Breach 7"}
    governance.post("oversight.ask", typed)
    export_id = session().scalars(select(ExportRequest.id)).one()
    other = client_for("administrator")

    page = other.follow(other.post("oversight.decline", export_id=export_id))

    assert "declined" in page.words
    assert "This was declined" in governance.get("oversight.export", export_id=export_id).words


def test_a_reason_is_asked_for_and_what_was_typed_is_kept(governance, world, patient):
    typed = {**_carried(_report(governance, world)), "reason": "", "contact": "J. Whitfield"}
    page = governance.post("oversight.ask", typed)
    assert page.status == 422
    assert "Say why the list is needed" in page.words
    assert "J. Whitfield" in page.text


def test_a_page_that_was_tampered_with_is_refused(governance):
    for held in (
        {},
        {"about": "x"},
        {"about": "window", "value": "", "begins": "2026-01-01", "ends": "2026-01-02"},
    ):
        assert governance.post("oversight.patients", held).status == 422


def test_pasted_fragments_lead_to_the_people_and_the_paper(governance, world, patient):
    number = an_identity().nhs_number
    answer = governance.post("oversight.match", {"text": f"\x00\x07 {number}; 7QK3M0ZT9A"})
    page = governance.follow(answer)

    assert "Certain 1" in page.words
    assert "7QK3M0ZT9A" in page.words
    assert "Doctor, requester" in page.words
    assert number not in page.text
    match_id = session().scalars(select(LeakMatch.id)).one()
    report = governance.get("oversight.fragments", match_id=match_id)
    assert "from a file" in report.words
    listed = governance.post("oversight.patients", _carried(report))
    assert NAME in listed.words


def test_a_file_larger_than_a_form_is_taken_and_a_bomb_costs_little(governance, patient):
    number = an_identity().nhs_number.encode()
    files = (b"word 123456 " * 200_000 + number, zlib.compress(b"0" * 80_000_000))

    answer = governance.open(
        governance.url("oversight.match"),
        method="POST",
        data=_body(*files),
        content_type="multipart/form-data; boundary=between",
    )

    assert answer.status == 303
    assert "Certain 1" in governance.follow(answer).words


def _body(*files: bytes) -> bytes:
    """As a browser sends it; the client of the tests would write large files to the disk."""
    head = b'--between\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    sent = [head % (b"files", b'; filename="../../x.zip"', file) for file in files]
    return b"".join([head % (b"text", b"", b""), *sent, b"--between--\r\n"])


def test_nothing_given_is_said(governance):
    page = governance.post("oversight.match", {"text": ""})
    assert page.status == 422
    assert "Paste some text or choose a file" in page.words


def test_the_record_is_searched_opened_and_that_is_recorded(governance, world, patient):
    with unit_of_work():
        record(
            "patient:corrected",
            patient,
            actor=world.doctor,
            changes={"surname": ("Wozniak", "Woźniak")},
        )
    typed = {"account": str(world.doctor.user_id), "subject": "patient", "begins": "", "ends": ""}

    page = governance.post("oversight.search", typed)

    assert "patient: corrected" in page.words
    assert "Wozniak Woźniak" in page.words
    actions = set(session().scalars(select(AuditEvent.action)))
    assert {"audit:searched", "disclosure:shown"} <= actions


def test_the_record_says_roles_and_times_as_people_do(governance, world):
    with unit_of_work():
        record("test:noted", None, actor=world.senior, until="2026-11-26 01:45:54.172249+00:00")
    page = governance.post("oversight.search", {"subject": "test"})
    assert "senior laboratory" in page.words
    assert "until: 26-Nov-2026 01:45" in page.words


def test_an_altered_row_of_the_record_says_so(governance, world, app):
    with unit_of_work():
        record("request:corrected", None, actor=world.doctor, changes={"ward": ("A", "B")})
        session().flush()
        altered = (
            "UPDATE audit_event SET sealed = 'ZZZZ' || substr(sealed, 5) WHERE sealed IS NOT NULL"
        )
        session().execute(text(altered))
    page = governance.post("oversight.search", {"subject": "request"})
    assert "altered: tell the administrator" in page.words


def test_a_search_is_bounded(governance, world):
    with unit_of_work():
        for _ in range(210):
            record("test:noted", None, actor=world.doctor)
    page = governance.post("oversight.search", {"subject": "test"})
    assert "200 rows" in page.words


def test_verifying_says_what_came_of_it(governance):
    page = governance.post("oversight.verify", {"anchor": ""})

    assert "The record holds" in page.words
    assert "There is no checkpoint yet" in page.words
    assert (
        session().scalars(select(func.count()).where(AuditEvent.action == "audit:verified")).one()
        == 1
    )


def test_an_anchor_sheet_is_printed_and_its_words_and_code_are_checked(governance):
    sheet = governance.post("oversight.print_anchor")
    made = last_checkpoint()
    words = governance.post("oversight.verify", {"anchor": made.words})
    code = governance.post("oversight.verify", {"anchor": made.code.lower()})
    slip = governance.post("oversight.verify", {"anchor": made.words[:-1]})
    other = governance.post("oversight.verify", {"anchor": words_of("ab" * 32)})

    assert sheet.data.startswith(b"%PDF")
    for page in (words, code):
        assert "The anchor is that of checkpoint 1" in page.words
        assert "1, the last" in page.words
    assert slip.status == 422
    assert "type it again" in slip.words
    assert "The record does not hold" in other.words
    assert "no checkpoint agrees with it" in other.words
    kinds = session().scalars(select(Leaving.kind)).all()
    assert kinds == ["anchor sheet"]


def test_who_saw_how_many_leads_to_the_report(governance, world, patient):
    governance.post("oversight.patients", _carried(_report(governance, world)))
    page = governance.get("oversight.unusual")
    assert "Governance" in page.words
    assert f"account={world.governance.user_id}" in page.text


@pytest.mark.parametrize(
    "name", ["doctor", "porter", "scientist", "senior", "coordinator", "partner", "administrator"]
)
def test_nobody_else_reports_matches_or_searches(client_for, world, name):
    client = client_for(name)
    for endpoint in ("exposure", "leaks", "unusual", "record"):
        assert client.get(f"oversight.{endpoint}").status == 403
    expected = 200 if name == "administrator" else 403
    assert client.get("oversight.exports").status == expected


def test_governance_changes_nothing_clinical(governance, world, app):
    before = session().scalars(select(func.count(Leaving.id))).one()
    for endpoint in (
        "requests.new",
        "tracking.my_requests",
        "routing.queue",
        "results.bench",
        "specimens.receive",
    ):
        assert governance.get(endpoint).status == 403
    assert session().scalars(select(func.count(Leaving.id))).one() == before


def test_the_clock_of_the_notice_is_on_the_page(governance, world, patient):
    since = clock.london(clock.now() - dt.timedelta(hours=2))
    typed = {
        **_carried(_report(governance, world)),
        "reason": "",
        "aware_at": f"{since:%Y-%m-%dT%H:%M}",
    }
    page = governance.post("oversight.ask", typed)
    assert "left of the 72 hours" in page.words
