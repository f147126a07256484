"""Who may call what, for every route and every role, from the map of addresses itself."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from lab_contingency.accounts.rules import Permission, Role
from lab_contingency.foundation.database import db
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.web.access import PUBLIC, SIGNED_IN, access_of, refuse_undeclared
from lab_contingency.foundation.web.gate import answers_before_set_up, answers_while_sealed
from tests.architecture.routes import SAFE, routes
from tests.clients import value_of
from tests.factories.world import a_request

FOR_EVERYBODY = {
    "accounts.ask_to_enrol",
    "accounts.come_back",
    "accounts.emergency",
    "accounts.enrol_page",
    "accounts.lock",
    "accounts.locked",
    "accounts.pick_up_key",
    "accounts.sign_in",
    "accounts.sign_in_with_passphrase",
    "accounts.sign_in_demonstration",
    "accounts.sign_out",
    "first_run.code",
    "first_run.finished",
    "first_run.give_code",
    "first_run.label",
    "first_run.sheet",
    "first_run.step",
    "first_run.take_step",
    "keys.unseal",
    "keys.unseal_with_passphrase",
    "keys.unseal_with_sheet",
    "specimens.blank_form",
    "static",
    "tls.authority",
    "tls.certificate",
    "tls.certificate_text",
}
BEFORE_SET_UP = {
    "first_run.code",
    "first_run.give_code",
    "first_run.label",
    "first_run.sheet",
    "first_run.step",
    "first_run.take_step",
}
WHILE_SEALED = {
    "keys.unseal",
    "keys.unseal_with_passphrase",
    "keys.unseal_with_sheet",
    "specimens.blank_form",
    "static",
    "tls.authority",
    "tls.certificate",
    "tls.certificate_text",
}
FOR_ANYBODY_SIGNED_IN = {
    "accounts.begin_codes",
    "accounts.change_role",
    "accounts.codes",
    "accounts.end_my_sign_ins",
    "accounts.my_sign_ins",
    "accounts.passphrase",
    "accounts.pin",
    "accounts.roles",
    "accounts.still_here",
    "tracking.home",
    "tracking.where",
    "tracking.where_page",
}
# Looking is itself recorded: these tables and no other may grow by it.
RECORD = re.compile(r"^(INSERT INTO|UPDATE) (audit_event|audit_stream|showing)\b")
PEOPLE = {
    Role.REQUESTER: "doctor",
    Role.PORTER: "porter",
    Role.LABORATORY: "scientist",
    Role.SENIOR: "senior",
    Role.COORDINATOR: "coordinator",
    Role.PARTNER: "partner",
    Role.GOVERNANCE: "governance",
    Role.ADMINISTRATOR: "administrator",
}
NEVER = {401, 403, 405, 500}


def test_every_endpoint_says_who_may_use_it(app):
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        declared = access in (PUBLIC, SIGNED_IN) or (
            isinstance(access, tuple) and access and all(isinstance(p, Permission) for p in access)
        )
        assert declared, rule.endpoint


def test_an_application_with_an_undeclared_page_does_not_start(fresh_app):
    app = fresh_app()
    app.add_url_rule("/forgotten", "forgotten", lambda: "")

    with pytest.raises(StartRefused, match="forgotten"):
        refuse_undeclared(app)


def test_what_is_open_to_everybody_is_a_short_list_that_was_looked_over(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert {each for each in endpoints if access_of(app, each) == PUBLIC} == FOR_EVERYBODY
    assert {
        each for each in endpoints if access_of(app, each) == SIGNED_IN
    } == FOR_ANYBODY_SIGNED_IN


def test_what_answers_while_the_node_is_sealed_is_a_short_list_that_was_looked_over(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert {each for each in endpoints if answers_while_sealed(app, each)} == WHILE_SEALED


def test_what_sets_the_node_up_is_a_short_list_that_was_looked_over(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert {each for each in endpoints if answers_before_set_up(app, each)} == BEFORE_SET_UP


def test_every_permission_that_opens_a_page_is_held_by_a_role(app):
    for route in routes(app):
        assert any(route.allows(role) for role in Role), route


def test_somebody_not_signed_in_is_led_to_sign_in(client_for, world, app):
    client = client_for()

    for route in routes(app):
        if route.access != PUBLIC:
            answer = client.open(route.url(app), method=route.method)
            assert answer.status == 303, route
            assert answer.location.startswith("/sign-in"), route
            live = client.open(route.url(app), method=route.method, headers={"HX-Request": "true"})
            assert live.status == 401, route
            assert live.text == ""


@pytest.mark.parametrize("role", Role)
def test_a_role_gets_exactly_what_its_permissions_open(client_for, world, app, role):
    client = client_for(PEOPLE[role], checks=False)

    for route in routes(app):
        if route.access == PUBLIC:  # it would sign out
            continue
        answer = client.open(
            route.url(app), method=route.method, data={} if route.method == "POST" else None
        )
        if route.allows(role):
            assert answer.status not in NEVER, (route, answer.status)
            assert not answer.location.startswith("/sign-in"), route
        else:
            assert answer.status == 403, (route, answer.status)


def test_a_page_for_another_role_says_so_without_showing_anything(client_for, world, app):
    placed = a_request(world)

    page = client_for("porter").get("tracking.request", request_id=placed.request_id)

    assert page.status == 403
    assert "Not for your role" in page.h1
    assert placed.number not in page.text


def test_what_does_not_exist_and_what_belongs_to_others_look_the_same(client_for, world, app):
    placed = a_request(world)
    client = client_for("other_doctor")

    for route in routes(app):
        if "request_id" in route.arguments and route.allows(Role.REQUESTER):
            one = client.open(route.url(app, request_id=placed.request_id), method=route.method)
            other = client.open(route.url(app), method=route.method)
            assert one.status == other.status == 404, (route, one.status, other.status)
            assert _without_tokens(one.text) == _without_tokens(other.text), route


def _without_tokens(page: str) -> str:
    page = re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27}", "/id", page)
    page = re.sub(r"data-clock>[^<]*<", "the clock went on", page)
    return re.sub(r'name="csrf_token"[^>]*value="[^"]*"', "token", page)


@pytest.fixture
def guarded(app):
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.parametrize("name", [None, "administrator", "doctor", "senior"])
def test_nothing_is_changed_without_the_token_of_a_page_of_ours(client_for, world, app, name):
    client = client_for(name)
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        for route in routes(app):
            if route.method not in SAFE:
                answer = client.open(route.url(app), method=route.method)
                assert answer.status == 400, route
                assert "old page" in answer.h1
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_with_the_token_of_the_page_a_form_is_taken(client_for, world, guarded):
    client = client_for()
    page = client.get("accounts.sign_in")
    token = value_of(page, "csrf_token")

    answer = client.post(
        "accounts.sign_in_demonstration", {"csrf_token": token}, user_id=world.doctor.user_id
    )

    assert answer.status == 303
    assert client.get("requests.new").status == 200


def test_the_token_of_one_browser_is_refused_from_another(client_for, world, guarded):
    token = value_of(client_for().get("accounts.sign_in"), "csrf_token")

    answer = client_for().post(
        "accounts.sign_in_demonstration", {"csrf_token": token}, user_id=world.doctor.user_id
    )

    assert answer.status == 400


@pytest.mark.parametrize("role", [None, *Role])
def test_looking_changes_nothing(client_for, world, app, role):
    placed = a_request(world)
    client = client_for(PEOPLE[role] if role else None)
    written: list[str] = []

    def note(_connection, _cursor, statement, *_: object) -> None:
        reads = statement.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN", "WITH"))
        if not reads and not RECORD.search(statement):
            written.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        for route in routes(app):
            if route.method == "GET" and route.allows(role):
                answer = client.open(route.url(app, request_id=placed.request_id))
                assert answer.status < 500, route
                assert written == [], route
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_every_answer_carries_the_headers_that_keep_a_page_to_itself(client_for, world, app):
    client = client_for("doctor")

    for endpoint in ("tracking.home", "requests.new", "accounts.users", "specimens.blank_form"):
        headers = client.get(endpoint).response.headers
        assert "'unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"


def test_a_page_that_does_not_exist_says_what_to_do(client_for, world):
    for client in (client_for(), client_for("doctor")):
        page = client.open("/no-such-page")
        assert page.status == 404
        assert "Not here" in page.h1
