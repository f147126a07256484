"""Requests that no page of ours sends, refusals in the record, and one's own sign-ins."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from lab_contingency.accounts.models import SignIn, User
from lab_contingency.accounts.rules import GUESSES, Role
from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web import public
from tests.clients import stranger_id
from tests.factories.world import a_request
from tests.shared_computers import (
    OWN,
    PIN,
    a_person,
    begins_shift,
    enrol,
    go_live,
    is_in,
    phone_of,
    signs_in,
)

ABOUT_CLIENTS = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host")


@pytest.fixture(autouse=True)
def _quick(quick_hashes):
    """No test here is about the work a guess costs."""


def _recorded(action: str) -> list[AuditEvent]:
    session().rollback()
    found = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.recorded_at)
    return list(session().scalars(found))


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "OPTIONS", "PUT", "PATCH", "DELETE", "BREW"])
@pytest.mark.parametrize("path", ["/", "/sign-in", "/static/css/base.css", "/nowhere"])
def test_methods_that_no_page_uses_are_refused_everywhere(client_for, world, method, path):
    answer = client_for("doctor").open(path, method=method)

    assert answer.status == 405
    assert answer.response.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
    ids=str,
)
def test_a_form_that_another_site_sends_is_refused_even_with_its_token(client_for, world, said):
    client = client_for("coordinator")

    answer = client.open(client.url("accounts.sign_out"), method="POST", headers=said)

    assert answer.status == 403
    assert "another site" in answer.h1
    assert is_in(client)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_a_form_of_our_own_is_taken(client_for, world, said):
    client = client_for("coordinator")

    assert client.open(client.url("accounts.sign_out"), method="POST", headers=said).status == 303


def test_a_link_from_another_site_still_opens_a_page(client_for, world):
    answer = client_for("doctor").browser.get("/", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 200


def test_an_address_that_says_something_else_than_the_form_is_not_understood(client_for, world):
    client = client_for()
    url = client.url("accounts.sign_in_with_passphrase")

    two = client.open(f"{url}?next=/a", method="POST", data={"next": "/b"})
    one = client.open(f"{url}?next=/a", method="POST", data={"next": "/a"})

    assert (two.status, one.status) == (400, 422)


def test_a_box_that_comes_twice_with_different_answers_is_refused(client_for, world):
    a_person("dr.twice", Role.REQUESTER, site_id=world.sites["KCH"])
    client = client_for()
    data = {"username": ["dr.twice", "dr.once"], "passphrase": OWN}

    twice = client.post("accounts.sign_in_with_passphrase", data)
    same = client.post(
        "accounts.sign_in_with_passphrase", data | {"username": ["dr.twice", "dr.twice"]}
    )

    assert twice.status == 422
    assert "came twice" in twice.words
    assert same.status == 303


@pytest.mark.parametrize("name", ABOUT_CLIENTS)
def test_what_a_client_says_of_its_own_address_is_not_believed(client_for, world, name):
    client = client_for()
    headers = {name: "203.0.113.9"}
    url = client.url("accounts.sign_in_demonstration", user_id=world.doctor.user_id)

    client.open(url, method="POST", headers=headers)

    row = session().scalars(select(SignIn).order_by(SignIn.started_at.desc())).first()
    assert row is not None
    assert row.address == client.browser.environ_base["REMOTE_ADDR"]


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.git/",
        "/static/",
        "/static/css/",
        "/static/../wsgi.py",
        "/static/%2e%2e/wsgi.py",
        "/static/..%2f..%2fetc/passwd",
        "/wsgi.py",
        "/instance/keys.json",
        "/metrics",
        "/console",
    ],
)
def test_neither_folders_nor_the_programs_own_files_are_handed_out(client_for, world, path):
    assert client_for("administrator").open(path).status == 404


def test_every_text_says_its_letters(client_for, world, app):
    client = client_for("doctor")
    pages = [
        "/",
        "/nowhere",
        "/accounts",
        "/static/css/base.css",
        "/static/js/main.js",
        "/static/favicon.svg",
    ]

    for path in pages:
        answer = client.open(path)
        said = answer.response.headers["Content-Type"]
        answer.response.close()
        assert said.endswith("; charset=utf-8"), (path, said)


def test_no_answer_lets_another_origin_read_it(client_for, world):
    client = client_for("doctor", checks=False)

    for path in ("/", "/nowhere", "/static/js/main.js", "/blank-form"):
        response = client.browser.get(path, headers={"Origin": "https://elsewhere.example"})
        response.close()
        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


def test_passphrases_are_masked_and_may_be_pasted(client_for, world, root):
    a_person("dr.new", Role.REQUESTER, site_id=world.sites["KCH"])
    signed_in = client_for()
    signs_in(signed_in, "dr.new")

    pages = [client_for().get("accounts.sign_in"), signed_in.get("accounts.passphrase")]
    fields = [
        field
        for page in pages
        for field in page.tree.iter()
        if field.tag == "input" and field.get("name") in {"passphrase", "old", "new", "again"}
    ]

    assert len(fields) == 4
    assert {field.get("type") for field in fields} == {"password"}
    assert {field.get("autocomplete") for field in fields} == {"current-password", "new-password"}
    scripts = [file.read_text() for file in (root / "static" / "js").glob("*.js")]
    assert not any("paste" in text for text in scripts)


def test_a_field_that_the_form_does_not_have_changes_nothing(client_for, world):
    user_id = a_person("dr.more", Role.REQUESTER, site_id=world.sites["KCH"])
    client = client_for()
    signs_in(client, "dr.more")
    new = "another horse battery"
    form = {"old": OWN, "new": new, "again": new}
    more = {"role": "administrator", "username": "root", "name": "Root", "version": "77", "id": "1"}

    answer = client.post("accounts.passphrase", form | more)

    user = session().get_one(User, user_id)
    assert answer.status == 303
    assert (user.username, user.name, user.id) == ("dr.more", "Dr More", user_id)
    assert client.get("accounts.users").status == 403


def test_every_page_of_somebody_signed_in_offers_to_sign_out(client_for, world):
    for person in ("doctor", "porter", "senior", "coordinator", "governance", "administrator"):
        client = client_for(person)
        for endpoint in ("tracking.home", "incidents.incident", "accounts.roles", "accounts.users"):
            page = client.get(endpoint)
            forms = [e.get("action") for e in page.tree.iter() if e.tag == "form"]
            assert "/sign-out" in forms, (person, endpoint)


@pytest.mark.parametrize("name", ["FLASK_DEBUG", "FLASK_ENV", "DEBUG"])
def test_debugging_is_off_whatever_the_environment_says(fresh_app, monkeypatch, name):
    monkeypatch.setenv(name, "1" if name != "FLASK_ENV" else "development")

    app = fresh_app()

    assert app.debug is False


def test_a_fault_is_logged_with_its_reference_and_without_what_was_typed(
    client_for, world, app, monkeypatch, caplog
):
    typed = "Quill" + "feather"  # so that the line of the source does not hold it

    def broken(*_: object) -> None:
        raise ZeroDivisionError(typed)

    client = client_for("doctor")
    monkeypatch.setitem(app.view_functions, "tracking.where", public(broken))
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    answer = client.post("tracking.where", {"number": typed})
    after = client.get("tracking.home")

    said = re.search(r"fault ([0-9a-f]{8}) ZeroDivisionError at tracking\.where", caplog.text)
    assert answer.status == 500
    assert said
    assert said[1] in answer.text
    assert typed not in caplog.text + answer.text
    assert "Traceback" not in answer.text
    assert after.status == 200


def test_signing_out_makes_the_browser_drop_what_it_kept(client_for, world):
    answer = client_for("doctor").post("accounts.sign_out")

    assert answer.response.headers["Clear-Site-Data"] == '"cache"'


def test_a_page_of_another_role_and_a_thing_of_another_place_are_recorded_as_refused(
    client_for, world
):
    placed = a_request(world)

    client_for("porter").get("accounts.users")
    client_for("other_doctor").get("tracking.request", request_id=placed.request_id)
    client_for("other_doctor").get("tracking.request", request_id=stranger_id())

    rows = _recorded("access:refused")
    assert [row.details for row in rows] == [
        {"page": "accounts.users", "answer": 403},
        {"page": "tracking.request", "answer": 404},
        {"page": "tracking.request", "answer": 404},
    ]
    assert rows[0].user_id == world.porter.user_id
    assert all(row.subject_id is None for row in rows)


def test_a_mistyped_number_is_no_refusal(client_for, world):
    client_for("doctor").post("tracking.where", {"number": "12345"})

    assert _recorded("access:refused") == []


def test_somebody_who_does_not_get_in_is_recorded_without_what_was_typed(client_for, world):
    a_person("dr.known", Role.REQUESTER, site_id=world.sites["KCH"])
    client = client_for()

    signs_in(client, "dr.known", "wrong words altogether")
    signs_in(client, "dr.unknown", "wrong words altogether")

    known = session().scalars(select(User.id).where(User.username == "dr.known")).one()
    rows = _recorded("sign_in:refused")
    assert [(row.subject_id, row.details) for row in rows] == [
        (known, {"how": "passphrase"}),
        (None, {"how": "passphrase"}),
    ]
    assert {row.address for row in rows} == {client.browser.environ_base["REMOTE_ADDR"]}
    assert all("dr." not in row.actor_name for row in rows)


def test_that_somebody_is_slowed_down_is_recorded_once(client_for, world):
    client = client_for()

    for _ in range(GUESSES + 5):
        signs_in(client, "dr.unknown", "wrong")

    assert len(_recorded("sign_in:refused")) == GUESSES
    assert len(_recorded("sign_in:slowed")) == 2  # of the name, and of the address


def test_a_wrong_pin_and_a_wrong_code_are_recorded(client_for, world):
    user_id = a_person("dr.ward", Role.REQUESTER, site_id=world.sites["KCH"])
    go_live()
    phone_of(user_id)
    at_ward = begins_shift(enrol(client_for()), "dr.ward")
    at_ward.post("accounts.lock")
    page = at_ward.get("accounts.locked")
    shift = next(e.get("value") for e in page.tree.iter() if e.get("name") == "shift")

    at_ward.post("accounts.come_back", {"shift": shift, "pin": "000111"})
    signs_in(client_for(), "dr.ward")

    assert [row.details["how"] for row in _recorded("sign_in:refused")] == ["pin", "code"]


def test_people_see_their_own_sign_ins_and_end_the_others_with_their_pin(client_for, world):
    a_person("dr.ward", Role.REQUESTER, site_id=world.sites["KCH"])
    a_person("dr.other", Role.REQUESTER, site_id=world.sites["KCH"])
    go_live()
    here = begins_shift(enrol(client_for(), "ED Resus 2"), "dr.ward")
    there = begins_shift(enrol(client_for(), "ED Minors 1"), "dr.ward")
    somebody = begins_shift(enrol(client_for(), "Ward 9"), "dr.other")

    page = here.get("accounts.my_sign_ins")
    wrong = here.post("accounts.end_my_sign_ins", {"secret": "000111"})
    still = is_in(there)
    right = here.post("accounts.end_my_sign_ins", {"secret": PIN})

    assert "ED Resus 2" in page.words
    assert "ED Minors 1" in page.words
    assert "Ward 9" not in page.words
    assert (wrong.status, still, right.status) == (422, True, 303)
    assert (is_in(here), is_in(there), is_in(somebody)) == (True, False, True)
    assert _recorded("sign_ins:ended")[-1].details["ended"] == 1
