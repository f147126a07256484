"""Emergency envelopes: printed, opened once, loud."""

from __future__ import annotations

import datetime as dt
import re
from io import BytesIO

import pypdf
import pytest
from sqlalchemy import select

from lab_contingency.accounts.emergencies import print_envelopes
from lab_contingency.accounts.models import EmergencyCode, EmergencyEntry
from lab_contingency.accounts.queries import envelopes_left
from lab_contingency.accounts.rules import EMERGENCY_LIFE, EMERGENCY_ROLES, GUESSES
from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from tests.shared_computers import enrol, go_live, is_in
from tests.threads import together

REASON = "Phone lost, passphrase forgotten, three patients bleeding"
CODE = re.compile(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}")


@pytest.fixture(autouse=True)
def _quick(quick_hashes):
    """No test here is about the work a guess costs."""


@pytest.fixture
def envelopes(world):
    with unit_of_work():
        _, codes = print_envelopes(actor=world.administrator)
    return codes


def _open(client, world, code: str, **changes: str):
    data = {
        "code": code,
        "name": "Dr Zoë Night",
        "role": "requester",
        "site_id": str(world.sites["KCH"]),
        "laboratory_id": "",
        "reason": REASON,
        **changes,
    }
    return client.post("accounts.emergency", data)


@pytest.mark.feature(72)
def test_the_sheet_carries_five_codes_that_are_kept_nowhere(client_for, world):
    answer = client_for("administrator").post("accounts.print_envelopes")

    text = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(answer.data)).pages)
    codes = CODE.findall(text)
    assert answer.response.mimetype == "application/pdf"
    assert len(set(codes)) == 5
    session().rollback()
    held = str([vars(row) for row in session().scalars(select(EmergencyCode))])
    assert not any(code in held for code in codes)
    assert envelopes_left() == 5


@pytest.mark.feature(72)
def test_an_envelope_opens_an_hour_in_ones_own_name(client_for, world, envelopes):
    client = client_for()

    answer = _open(client, world, envelopes[0])

    assert answer.status == 303
    assert client.get("requests.new").status == 200
    assert "Dr Zoë Night (emergency)" in client.get("incidents.incident").text
    with clock.at(clock.now() + EMERGENCY_LIFE + dt.timedelta(seconds=1)):
        assert not is_in(client)


@pytest.mark.feature(72)
@pytest.mark.parametrize("watcher", ["administrator", "coordinator", "governance"])
def test_it_stands_on_every_page_of_those_who_watch_until_somebody_looked(
    client_for, world, envelopes, watcher
):
    _open(client_for(), world, envelopes[0])
    eyes, admin = client_for(watcher), client_for("administrator")
    before = [eyes.get(page).words for page in ("tracking.home", "incidents.incident")]
    entry = session().scalars(select(EmergencyEntry.id)).one()
    session().rollback()

    admin.post("accounts.acknowledge_emergency", entry_id=entry)

    assert all("Emergency envelope opened" in words and REASON in words for words in before)
    assert "Emergency envelope" not in eyes.get("incidents.incident").words


def test_nobody_else_reads_why(client_for, world, envelopes):
    _open(client_for(), world, envelopes[0])

    for name in ("doctor", "porter", "senior", "partner"):
        assert REASON not in client_for(name).get("tracking.home").text


def test_an_envelope_opens_once_even_for_many_at_once(client_for, world, envelopes):
    clients = [client_for() for _ in range(4)]
    statuses: list[int] = []

    failures = together(
        [lambda c=c: statuses.append(_open(c, world, envelopes[0]).status) for c in clients]
    )

    assert failures == []
    assert sorted(statuses) == [303, 422, 422, 422]
    assert envelopes_left() == 4


def test_a_new_sheet_takes_the_place_of_the_old_one(client_for, world, envelopes):
    with unit_of_work():
        _, fresh = print_envelopes(actor=world.administrator)
    client = client_for()

    old, new = _open(client, world, envelopes[1]), _open(client, world, fresh[1])

    assert (old.status, new.status) == (422, 303)
    assert envelopes_left() == 4


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": ""}, "Type the code"),
        ({"code": "abcd-efgh-jkmn-pqrs"}, "opens nothing"),
        ({"name": ""}, "Type your name"),
        ({"reason": ""}, "Say why"),
        ({"role": "administrator"}, "Choose one of the list"),
        ({"role": "governance"}, "Choose one of the list"),
        ({"role": "laboratory"}, "Choose the laboratory"),
        ({"site_id": ""}, "Choose the site"),
    ],
)
def test_what_is_missing_is_asked_for_and_spends_nothing(
    client_for, world, envelopes, changes, words
):
    rest = {name: value for name, value in changes.items() if name != "code"}
    page = _open(client_for(), world, changes.get("code", envelopes[0]), **rest)

    assert page.status == 422
    assert words in page.words
    assert envelopes_left() == 5


def test_codes_are_not_guessed(client_for, world, envelopes):
    client = client_for()
    for n in range(GUESSES):
        _open(client, world, f"abcd-efgh-jkmn-pqr{n}")

    assert "Too many tries" in _open(client, world, envelopes[0]).words
    assert envelopes_left() == 5


def test_what_is_done_with_it_is_recorded_without_the_code_or_the_reason(
    client_for, world, envelopes
):
    _open(client_for(), world, envelopes[2])

    session().rollback()
    event = (
        session().scalars(select(AuditEvent).where(AuditEvent.action == "emergency:opened")).one()
    )
    assert event.actor_name == "Dr Zoë Night (emergency)"
    assert event.details == {"sheet": "1", "envelope": 3}
    everything = str([vars(row) for row in session().scalars(select(AuditEvent))])
    assert envelopes[2] not in everything
    assert "passphrase forgotten" not in everything


def test_at_an_enrolled_computer_a_pin_brings_them_back_within_the_hour(
    client_for, world, envelopes
):
    pc = enrol(client_for())
    go_live()
    _open(pc, world, envelopes[0])
    pc.post("accounts.pin", {"pin": "803719", "again": "803719"})
    pc.post("accounts.lock")

    page = pc.get("accounts.locked")

    assert "Dr Zoë Night (emergency)" in page.words


def test_no_envelope_opens_the_books_or_other_peoples_accounts():
    assert not {"administrator", "governance", "partner"} & {each.value for each in EMERGENCY_ROLES}
