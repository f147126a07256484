"""Whatever a scanner types into a scan field: a sentence comes back, nothing runs, nothing is kept."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.database import db, session
from lab_contingency.incidents.rules import read_number, read_slip_number
from lab_contingency.specimens.models import BedsideReading
from lab_contingency.specimens.queries import tubes_of
from tests.factories.tubes import label
from tests.factories.world import a_request

# Who scans where, and the fields beside the scan.
FIELDS = [
    ("doctor", "tracking.where", {}),
    ("doctor", "specimens.collect_scan", {}),
    ("porter", "tracking.where", {}),
    ("porter", "custody.scan", {}),
    ("porter", "station.print_scanned", {}),
    ("scientist", "specimens.receive_scan", {}),
    ("scientist", "specimens.receive_scan", {"do": "reject"}),
    ("scientist", "results.find_on_bench", {}),
    ("scientist", "tracking.ask_to_look", {"born": "4 11 1958", "reason": "on call", "text": ""}),
]
TYPED = [
    "411000001005\r\n411000002009\r\n",
    "411000001005\t411000002009",
    "\r\n",
    "\t\t\t",
    "<script>alert(1)</script>",
    '"><script src=//example.org/x.js></script>',
    "' onfocus=alert(1) autofocus='",
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "=cmd|' /C calc'!A0",
    "+SUM(A1)",
    "@import",
    "'; DROP TABLE request; --",
    "../../etc/passwd",
    "%0d%0aLocation: //example.org",
    "\x00",
    "\x1b[2J",
    "4110000\u202e01005",
    "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660\u0661\u0662",
    "9" * 100_000,
    "x" * 100_000,
    "=W0000 12 345678",
    "]C1 00123456789012345678",
    "4000000000",
]


def _rows():
    """How many rows every table holds; that somebody was shown a list is itself recorded."""
    held = {
        table.name: session().execute(select(func.count()).select_from(table)).scalar()
        for table in db.metadata.sorted_tables
        if table.name != "showing"
    }
    changes = select(func.count()).where(AuditEvent.answer_id.is_(None))
    held["audit_event"] = session().execute(changes).scalar()
    session().rollback()
    return held


def _is_a_number(typed):
    try:
        return bool(read_slip_number(typed)) or bool(read_number(typed))
    except ValueError:
        return False


def _errors(answer):
    return [e for e in answer.tree.iter() if "field-error" in (e.get("class") or "").split()]


def _type(client, endpoint, beside, typed):
    """One scan: a sentence on the field, a page without a script of its own, nowhere led to."""
    answer = client.post(endpoint, {"number": typed, **beside})

    assert answer.status == 422, (endpoint, typed[:40], answer.status)
    assert _errors(answer), (endpoint, typed[:40])
    assert "49" not in [e.get("value") for e in answer.tree.iter("input")]
    for script in answer.tree.iter("script"):
        assert script.get("src", "").startswith("/static/")
    assert not [e for e in answer.tree.iter() for name in e.attrib if name.startswith("on")]


@pytest.mark.hazard("T11")
@pytest.mark.parametrize(
    ("name", "endpoint", "beside"),
    FIELDS,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_scanner_should_type_gets_a_sentence_and_leaves_nothing(
    client_for, world, name, endpoint, beside
):
    a_request(world)
    client = client_for(name)
    before = _rows()

    for typed in TYPED:
        _type(client, endpoint, beside, typed)

    assert _rows() == before


@pytest.mark.hazard("T11")
@pytest.mark.parametrize(
    ("name", "endpoint", "beside"),
    FIELDS,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_any_text_at_all_gets_a_sentence_and_leaves_nothing(
    client_for, world, name, endpoint, beside
):
    client = client_for(name)
    before = _rows()

    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(typed=st.text(st.characters(exclude_categories=("Cs",)), max_size=80))
    @example(typed="\x0b")
    def types(typed):
        if not _is_a_number(typed):
            _type(client, endpoint, beside, typed)

    types()
    assert _rows() == before


@pytest.mark.hazard("T11")
def test_beside_a_patient_it_gets_a_sentence_too_and_counts_for_nothing(client_for, world):
    placed = a_request(world)
    label(world, placed.request_id)
    (tube,) = tubes_of(placed.request_id)
    client = client_for("doctor")

    for typed in TYPED:
        if typed.strip():
            scan = {"number": typed, "holding": str(tube.planned_tube_id)}
            answer = client.post("specimens.collected", scan, request_id=placed.request_id)
            assert answer.status == 422, typed[:40]
            assert _errors(answer), typed[:40]

    assert session().scalars(select(BedsideReading)).all() == []


@pytest.mark.parametrize(("name", "endpoint", "beside"), FIELDS[:7])
def test_bytes_that_are_no_text_are_answered_too(client_for, world, name, endpoint, beside):
    client = client_for(name)
    url = client.url(endpoint)

    for raw in (b"number=%ED%A0%80", b"number=%FF%FE", b"number=%80" * 50, b"number&number=&&="):
        answer = client.open(
            url, method="POST", data=raw, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status in {400, 422}, (raw, answer.status)


def test_a_number_with_the_scanners_enter_is_the_number(client_for, world):
    placed = a_request(world)

    for typed in (f"{placed.number}\r\n", f" {placed.number}\t", placed.number):
        answer = client_for("doctor").post("tracking.where", {"number": typed})
        assert answer.location.endswith(str(placed.request_id))
