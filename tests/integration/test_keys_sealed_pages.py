"""A node that starts sealed: what answers, who opens it, and what is recorded of it."""

from __future__ import annotations

import datetime as dt
import json
import threading

import pytest
from sqlalchemy import select, text

from lab_contingency import create_app
from lab_contingency.accounts.commands import AddUser
from lab_contingency.accounts.keys import services
from lab_contingency.accounts.rules import Role
from lab_contingency.accounts.services import add_user
from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.errors import Sealed
from lab_contingency.foundation.keys import (
    Cost,
    Kind,
    RecoverySecret,
    make_keys,
    open_ring,
    read_document,
)
from lab_contingency.foundation.sealing import is_sealed, keys, keys_state, seal_again
from lab_contingency.foundation.settings import Settings
from lab_contingency.rehearsal.starting import prepare
from lab_contingency.requests.queries.patients import _kept
from tests.architecture.routes import routes
from tests.clients import LabClient, options_of
from tests.shared_computers import code_now, phone_of

CHEAP = Cost(memory_kib=64, time=1, lanes=1)
ANNA, BO = ("Anna Fraser", "seven grey herons wade"), ("Bo Adeyemi", "lanterns under the pier")
SHEET = RecoverySecret(bytes(range(20)))
SOMEBODY = Actor.system("tests")


@pytest.fixture
def sealed(fresh_app):
    """A live node as it stands after a restart: its keys are made, and nobody has opened it."""
    app = fresh_app(demonstration=False)
    settings = settings_of(app)
    make_keys(settings.keys_file, [ANNA, BO], recovery=SHEET, cost=CHEAP)
    with app.app_context():
        prepare(settings)
    assert keys_state(app) == "sealed"
    return app


def slot_id(app, name=ANNA[0]):
    slots = read_document(settings_of(app).keys_file).slots
    return next(slot.id for slot in slots if slot.name == name)


def unseal(client, passphrase=ANNA[1], name=ANNA[0]):
    return client.post(
        "keys.unseal_with_passphrase", {"slot": slot_id(client.app, name), "passphrase": passphrase}
    )


def recorded(app, action):
    with app.app_context():
        rows = session().scalars(select(AuditEvent).where(AuditEvent.action == action)).all()
        return [(row.actor_name, row.role, row.address, row.details) for row in rows]


WHILE_SEALED = {
    "keys.unseal",
    "keys.unseal_with_passphrase",
    "keys.unseal_with_sheet",
    "specimens.blank_form",
    "tls.authority",
    "tls.certificate",
    "tls.certificate_text",
}


def test_every_page_but_a_few_answers_503_and_says_what_to_do(sealed):
    client = LabClient(sealed)
    looked_at = 0
    for route in routes(sealed):
        answer = client.open(route.url(sealed), method=route.method)
        if route.endpoint in WHILE_SEALED:
            # 404: this application serves no TLS, so it has no authority to show
            assert answer.status in ({404} if route.endpoint.startswith("tls.") else {200, 422}), (
                route
            )
            continue
        assert answer.status == 503, route
        assert answer.h1 == "Sealed"
        assert "A custodian opens it" in answer.words
        assert "blank card" in answer.words
        assert "Telephone" in answer.words
        assert answer.response.headers["Retry-After"]
        looked_at += 1
    assert looked_at > 80
    assert client.open("/no-such-page").status == 503


def test_a_list_that_refreshes_gets_a_line_and_is_not_led_away(sealed):
    client = LabClient(sealed)
    answer = client.live("routing.queue")

    assert answer.status == 503
    assert "sealed" in answer.text
    assert not answer.is_html
    assert "HX-Redirect" not in answer.response.headers


def test_the_blank_card_and_the_look_of_pages_are_there_while_sealed(sealed):
    client = LabClient(sealed)

    assert client.get("specimens.blank_form").data.startswith(b"%PDF")
    look = client.open("/static/css/base.css")
    assert look.status == 200
    look.response.close()


def test_the_blank_card_is_printed_without_a_database_too(sealed):
    with sealed.app_context(), db.engine.begin() as connection:
        cascade = " CASCADE" if db.engine.dialect.name == "postgresql" else ""
        if db.engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA foreign_keys=OFF"))
        connection.execute(text(f"DROP TABLE site{cascade}"))

    assert LabClient(sealed).get("specimens.blank_form").data.startswith(b"%PDF")


def test_one_custodian_opens_it_for_everybody(sealed):
    client = LabClient(sealed)
    page = client.get("keys.unseal")
    assert options_of(page, "slot") == [slot_id(sealed), slot_id(sealed, BO[0])]
    secret = sealed.secret_key

    answer = unseal(client)

    assert answer.status == 303
    assert keys_state(sealed) == "open"
    assert sealed.secret_key != secret
    assert LabClient(sealed).get("accounts.sign_in").h1 == "Sign in"
    assert client.get("keys.unseal").status == 303
    assert unseal(client, "anything").status == 303


def test_the_recovery_sheet_opens_it(sealed):
    client = LabClient(sealed)

    answer = client.post("keys.unseal_with_sheet", {"groups": SHEET.text.lower()})

    assert answer.status == 303
    assert keys_state(sealed) == "open"
    assert recorded(sealed, "keys:opened")[0][0] == "recovery sheet"


def test_a_slip_on_the_sheet_names_its_group_and_is_no_try(sealed):
    client = LabClient(sealed)
    wrong = [*SHEET.groups]
    wrong[5] = wrong[5][::-1]
    for _ in range(15):
        page = client.post("keys.unseal_with_sheet", {"groups": " ".join(wrong)})

    assert page.status == 422
    assert "Group 6 is not as printed" in page.words
    assert client.post("keys.unseal_with_sheet", {"groups": SHEET.text}).status == 303


def test_a_wrong_passphrase_is_refused_and_recorded_once_it_is_open(sealed):
    client = LabClient(sealed)

    page = unseal(client, "not the passphrase at all")
    assert page.status == 422
    assert "does not open it" in page.words
    assert keys_state(sealed) == "sealed"
    unseal(client)

    ((who, role, address, details),) = recorded(sealed, "keys:refused")
    assert (who, role) == ("unknown", "custodian")
    assert address.startswith("127.0.1.")
    assert details == {"slot": slot_id(sealed)}
    assert [(row[0], row[3]) for row in recorded(sealed, "keys:opened")] == [
        (ANNA[0], {"slot": slot_id(sealed)})
    ]


def test_who_opened_it_is_recorded_later_when_the_database_was_away(sealed):
    with sealed.app_context(), db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_event RENAME TO audit_event_away"))
    unseal(LabClient(sealed))
    assert keys_state(sealed) == "open"
    with sealed.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE audit_event_away RENAME TO audit_event"))
        services.unsealing_of(sealed).record_noted()
        services.unsealing_of(sealed).record_noted()

    assert [row[0] for row in recorded(sealed, "keys:opened")] == [ANNA[0]]


def from_address(app, address):
    return LabClient(app).from_elsewhere(address)


def test_ten_wrong_tries_slow_the_network_but_not_the_server_itself(sealed):
    now = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
    with clock.at(now):
        for last in range(10):
            assert unseal(from_address(sealed, f"10.0.0.{last}"), "wrong one " * 2).status == 422
        slowed = unseal(from_address(sealed, "10.0.0.99"))
        assert slowed.status == 422
        assert "Wait five minutes" in slowed.words
        assert keys_state(sealed) == "sealed"
        assert unseal(from_address(sealed, "127.0.0.1")).status == 303
    with sealed.app_context():
        seal_again()
    with clock.at(now + dt.timedelta(minutes=4, seconds=59)):
        assert unseal(from_address(sealed, "10.0.0.99")).status == 422
    with clock.at(now + dt.timedelta(minutes=5)):
        assert unseal(from_address(sealed, "10.0.0.99")).status == 303


def test_tries_at_the_same_time_are_made_one_after_another(sealed):
    tries = services.unsealing_of(sealed)
    with tries.one:
        answers = []
        thread = threading.Thread(target=lambda: answers.append(unseal(LabClient(sealed)).status))
        thread.start()
        thread.join(0.3)
        assert answers == []
    thread.join()
    assert answers == [303]


def test_nothing_that_opens_it_stands_in_the_record_or_on_a_page(sealed):
    client = LabClient(sealed)
    page = unseal(client, "not the passphrase at all")
    unseal(client)

    assert "not the passphrase at all" not in page.text
    with sealed.app_context():
        rows = session().scalars(select(AuditEvent)).all()
        said = json.dumps([[r.details, r.actor_name] for r in rows])
    assert ANNA[1] not in said
    assert "not the passphrase" not in said


def administrator(app):
    unseal(LabClient(app))
    with app.app_context(), unit_of_work():
        command = AddUser("anna", "Anna Fraser", Role.ADMINISTRATOR, None, None)
        user_id, secret = add_user(command, actor=SOMEBODY)
    with app.app_context():
        phone = phone_of(user_id)
        signed = {"username": "anna", "passphrase": secret, "code": code_now(phone)}
    client = LabClient(app)
    client.next_code = phone.at(int(clock.now().timestamp()) + 30)  # each code opens once
    client.post("accounts.sign_in_with_passphrase", signed)
    chosen = "nine slow barges upstream"
    client.post("accounts.passphrase", {"old": secret, "new": chosen, "again": chosen})
    return client


def test_an_administrator_sees_slots_and_versions_but_no_key(sealed, quick_hashes):
    client = administrator(sealed)

    page = client.get("keys.keys")

    for words in (ANNA[0], BO[0], "recovery sheet", "Removing a slot is not rotation"):
        assert words in page.words
    assert "still opens with the old key" in page.words
    held = json.loads(settings_of(sealed).keys_file.read_text())
    secrets = [slot[name] for slot in held["slots"] for name in ("wrapped", "salt")]
    secrets += [one["wrapped"] for versions in held["keys"].values() for one in versions]
    assert not [secret for secret in secrets if secret in page.text]
    with sealed.app_context():
        assert keys().current("field")[1].hex() not in page.text


@pytest.mark.parametrize("name", ["field", "index", "audit", "export", "signing", "pepper"])
def test_an_administrator_rotates_a_key(sealed, quick_hashes, name):
    client = administrator(sealed)

    page = client.follow(client.post("keys.rotate", name=name))

    assert "Version 2 is in use" in page.words
    with sealed.app_context():
        assert keys().current(name)[0] == 2
    assert client.post("keys.rotate", name="nothing").status == 404


def test_rotating_the_session_key_signs_everybody_else_out(sealed, quick_hashes):
    client, other = administrator(sealed), LabClient(sealed)
    other.post(
        "accounts.sign_in_with_passphrase",
        {
            "username": "anna",
            "passphrase": "nine slow barges upstream",
            "code": client.next_code,
        },
    )
    assert other.get("keys.keys").status == 200

    assert client.post("keys.rotate", name="session").status == 303

    with sealed.app_context():
        assert keys().versions("session") == (2,)
    assert client.get("keys.keys").status == 200
    for _ in range(2):
        assert other.get("keys.keys").location.startswith("/sign-in")


def test_a_session_key_rotated_by_another_process_signs_everybody_out(sealed, quick_hashes):
    client = administrator(sealed)
    ring, _ = open_ring(settings_of(sealed).keys_file, SHEET)
    ring.rotate("session")

    for _ in range(2):
        assert client.get("keys.keys").location.startswith("/sign-in")


def test_sealing_again_closes_it_and_empties_every_memory_of_opened_records(sealed, quick_hashes):
    client = administrator(sealed)
    with sealed.app_context():
        _kept.cache_clear()

    answer = client.post("keys.seal", {"sure": "y"})

    assert answer.status == 303
    assert keys_state(sealed) == "sealed"
    assert _kept.cache_info().currsize == 0
    assert client.get("accounts.users").status == 503
    with sealed.app_context():
        assert is_sealed()
        with pytest.raises(Sealed):
            keys()
    unseal(LabClient(sealed))
    assert recorded(sealed, "keys:sealed_again")[0][0] == "Anna Fraser"


def test_an_administrator_without_places_is_told_how_to_load_them(sealed, quick_hashes):
    assert "load-places FOLDER" in administrator(sealed).get("tracking.home").words


def test_nobody_seals_it_by_a_slip_of_the_finger(sealed, quick_hashes):
    page = administrator(sealed).post("keys.seal")

    assert page.status == 422
    assert "Tick the box first" in page.words
    assert keys_state(sealed) == "open"


def test_a_demonstration_is_not_sealed_because_nobody_could_open_it(client_for, world):
    page = client_for("administrator").post("keys.seal", {"sure": "y"})

    assert page.status == 422
    assert "no custodian" in page.words


def test_a_node_without_keys_says_so_and_keeps_the_blank_card(fresh_app):
    app = fresh_app(demonstration=False)
    with app.app_context():
        prepare(settings_of(app))
    client = LabClient(app)

    assert keys_state(app) == "not set up"
    for endpoint in ("tracking.home", "keys.unseal"):
        page = client.get(endpoint)
        assert page.status == 503
        assert page.h1 == "Not set up yet"
        assert "lab keys make" in page.words
    assert client.post("keys.unseal_with_sheet", {"groups": SHEET.text}).status == 503
    assert client.get("specimens.blank_form").status == 200


def test_keys_made_on_the_running_node_open_it(fresh_app):
    app = fresh_app(demonstration=False)
    with app.app_context():
        prepare(settings_of(app))
        services.make_keys([ANNA, BO], recovery=SHEET, actor=SOMEBODY, cost=CHEAP)

        assert keys_state(app) == "open"
    assert LabClient(app).get("accounts.sign_in").status == 200
    assert recorded(app, "keys:made")[0][3] == {"custodians": [ANNA[0], BO[0]]}


def test_a_key_file_opens_it_at_the_start_and_its_risk_is_said(tmp_path, caplog):
    key_file = tmp_path / "elsewhere" / "unattended.key"
    make_keys(tmp_path / "keys.json", [ANNA, BO], recovery=SHEET, key_file=key_file, cost=CHEAP)

    app = create_app(Settings(tmp_path, key_file=key_file))

    assert keys_state(app) == "open"
    assert "can read every patient" in caplog.text
    assert "elsewhere" not in caplog.text


@pytest.mark.parametrize("wrong", ["gone", "other", "open to others"])
def test_a_key_file_that_does_not_open_it_leaves_it_sealed_for_a_custodian(tmp_path, caplog, wrong):
    key_file = tmp_path / "unattended.key"
    make_keys(tmp_path / "keys.json", [ANNA, BO], recovery=SHEET, key_file=key_file, cost=CHEAP)
    if wrong == "gone":
        key_file.unlink()
    elif wrong == "open to others":
        key_file.chmod(0o644)
    else:
        key_file.write_text("lab-key-file " + "A" * 43 + "=\n")

    app = create_app(Settings(tmp_path, key_file=key_file))

    assert keys_state(app) == "sealed"
    assert "starts sealed" in caplog.text


def test_a_demonstration_opens_by_itself(fresh_app):
    app = fresh_app()
    file = settings_of(app).keys_file

    assert keys_state(app) == "open"
    assert [slot.kind for slot in read_document(file).slots] == [Kind.KEY_FILE]
    assert file.with_suffix(".key").stat().st_mode & 0o077 == 0
