"""The first run: a code on the console, a few pages at the server itself, everything or nothing at the end."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import func, select

from lab_contingency import create_app
from lab_contingency.accounts.first_run import services
from lab_contingency.accounts.models import User
from lab_contingency.audit.models import AuditEvent, Checkpoint
from lab_contingency.audit.queries import verify
from lab_contingency.foundation import clock, tls
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.database import db, session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.keys import Kind, Passphrase, read_document
from lab_contingency.foundation.sealing import keys_state, open_with
from lab_contingency.foundation.tls.keeper import Keeper
from lab_contingency.foundation.tls.names import own_names
from lab_contingency.foundation.tls.ring import RingWrapping
from lab_contingency.rehearsal.starting import prepare
from tests.architecture.routes import routes
from tests.clients import LabClient
from tests.first_run import (
    ADMINISTRATOR,
    FIRST,
    PASSPHRASES,
    SECOND,
    STEPS,
    answer,
    begin,
    given,
    groups_of,
    number_of,
    offered,
    person,
    text_of,
    walk,
)
from tests.scanning import Planted, Scanner

NIGHT = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def live(fresh_app, quick_hashes):
    """A live node that was just started for the first time."""
    app = fresh_app(demonstration=False)
    with app.app_context():
        prepare(settings_of(app))
    return app


@pytest.fixture
def console(live):
    return offered(live)


@pytest.fixture
def client(live, console):
    return begin(LabClient(live), console.code)


class Elsewhere(LabClient):
    """A browser of another computer: it comes over TLS."""

    def open(self, url, **keys):
        return super().open(url, base_url="https://localhost", **keys)


def from_elsewhere(app, address="10.0.0.7"):
    client = Elsewhere(app)
    client.browser.environ_base["REMOTE_ADDR"] = address
    return client


def people(app):
    with app.app_context():
        return session().scalars(select(User.username)).all()


def recorded(app, action):
    with app.app_context():
        rows = session().scalars(select(AuditEvent).where(AuditEvent.action == action)).all()
        return [(row.actor_name, row.address, row.details) for row in rows]


@pytest.mark.feature(74)
def test_a_node_is_set_up_at_its_own_pages_and_the_administrator_signs_in(live, console, client):
    answered = answer(walk(client), "finish")

    assert answered.status == 303
    page = client.follow(answered)
    assert page.h1 == "It is set up"
    for words in ("codes of your phone", "load-places", "anchor", "incident"):
        assert words in page.words
    assert keys_state(live) == "open"
    kinds = [slot.kind for slot in read_document(settings_of(live).keys_file).slots]
    assert kinds == [Kind.CUSTODIAN, Kind.CUSTODIAN, Kind.RECOVERY]
    assert people(live) == ["anna.fraser"]
    signed_in = client.post(
        "accounts.sign_in_with_passphrase",
        {"username": "anna.fraser", "passphrase": ADMINISTRATOR},
    )
    assert signed_in.status == 303
    assert client.get("keys.keys").location.startswith("/codes")
    assert len(console.said) == 1


@pytest.mark.feature(74)
def test_what_was_done_is_recorded_and_signed(live, client):
    answer(walk(client), "finish")

    ((who, address, details),) = recorded(live, "set_up:finished")
    assert who == "first run"
    assert address.startswith("127.")
    assert details["test_label"] == "read back"
    assert recorded(live, "keys:made")[0][2] == {"custodians": ["Bo Adeyemi", "Chika Obi"]}
    assert len(recorded(live, "user:added")) == len(recorded(live, "grant:given")) == 1
    with live.app_context():
        assert session().scalars(select(func.count(Checkpoint.number))).one() == 1
        assert verify().ok


def test_until_then_every_page_answers_503_with_the_reason_and_the_blank_card(live, console):
    client = LabClient(live)
    looked_at = 0
    for route in routes(live):
        reply = client.open(route.url(live), method=route.method)
        if route.endpoint == "specimens.blank_form":
            assert reply.data.startswith(b"%PDF")
        elif route.endpoint.startswith("tls."):
            assert reply.status == 404  # this application serves no network
        elif route.endpoint.startswith("first_run.") and route.endpoint != "first_run.finished":
            assert reply.status in {200, 404, 422}, route
        else:
            assert reply.status == 503, route
            assert "never set up" in reply.words
            assert "blank card" in reply.words
            assert 'href="/first-run"' in reply.text
            looked_at += 1
    assert looked_at > 100


@pytest.mark.feature(74)
def test_set_up_answers_nobody_on_the_network(live, console):
    for client in (from_elsewhere(live), from_elsewhere(live, "203.0.113.9"), forwarded(live)):
        for route in routes(live):
            if not route.endpoint.startswith("first_run."):
                continue
            data = {"code": console.code} if route.method == "POST" else None
            reply = client.open(route.url(live), method=route.method, data=data)
            assert reply.status == 503, route
            assert "never answers over the network" in reply.words
    assert LabClient(live).get("first_run.code").status == 200
    begin(LabClient(live), console.code)


def forwarded(app):
    client = LabClient(app)
    client.browser.environ_base["HTTP_X_FORWARDED_FOR"] = "10.0.0.7"
    return client


def test_a_list_that_refreshes_gets_a_line_that_says_it_is_not_set_up(live):
    reply = LabClient(live).live("routing.queue")

    assert reply.status == 503
    assert "not set up yet" in reply.text


def test_without_a_console_nobody_gets_in(live):
    client = LabClient(live)

    assert client.get("first_run.code").status == 503
    assert client.post("first_run.give_code", {"code": ""}).status == 503
    assert client.post("first_run.give_code", {"code": "abcd-efgh-jkmn-pqrs"}).status == 503


def test_a_code_is_good_for_thirty_minutes_and_then_another_stands_there(live):
    with clock.at(NIGHT):
        console = offered(live)
        first = console.code
    with clock.at(NIGHT + 29 * MINUTE):
        services.first_run_of(live).look()
        assert console.said == [first]
    with clock.at(NIGHT + 30 * MINUTE):
        assert "not the code" in LabClient(live).post("first_run.give_code", {"code": first}).words
        assert len(console.said) == 2
        begin(LabClient(live), console.code)


def test_a_code_has_four_groups_of_four_and_may_be_typed_in_capitals_without_hyphens(live, console):
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", console.code)

    begin(LabClient(live), console.code.upper().replace("-", " "))


def test_ten_wrong_codes_make_the_right_one_void(live, console):
    client, right = LabClient(live), console.code
    for _ in range(9):
        page = client.post("first_run.give_code", {"code": "aaaa-aaaa-aaaa-aaaa"})
        assert page.status == 422
        assert "Read it again" in page.words
    page = client.post("first_run.give_code", {"code": "aaaa-aaaa-aaaa-aaaa"})
    assert "Fetch the new one from the console" in page.words
    assert len(console.said) == 2

    assert client.post("first_run.give_code", {"code": right}).status == 422
    begin(client, console.code)


def test_a_code_is_good_once_and_a_second_browser_is_told(live, console, client):
    second = LabClient(live)

    assert "another browser" in second.get("first_run.code").words
    page = second.post("first_run.give_code", {"code": console.code})
    assert page.status == 422
    assert "another browser" in page.words
    assert second.get("first_run.step", step="administrator").location == "/first-run"
    assert second.get("first_run.sheet").status == 404
    assert second.get("first_run.label").status == 404
    assert client.get("first_run.step", step="administrator").status == 200


def test_what_was_typed_is_forgotten_after_thirty_minutes(live):
    with clock.at(NIGHT):
        console = offered(live)
        client = walk(begin(LabClient(live), console.code), "clock")
    with clock.at(NIGHT + 30 * MINUTE):
        assert client.get("first_run.step", step="clock").location == "/first-run"
        assert answer(client, "finish", {}).location == "/first-run"
        begin(LabClient(live), console.code)
    assert keys_state(live) == "not set up"


def test_one_may_go_back_and_not_ahead(live, client):
    assert client.get("first_run.step", step="clock").location.endswith("/administrator")
    assert answer(client, "finish", {}).location.endswith("/administrator")
    walk(client, "clock")

    page = client.get("first_run.step", step="administrator")
    assert 'value="anna.fraser"' in page.text
    assert ADMINISTRATOR not in page.text
    assert "It is kept" in page.words
    kept = {"name": "Anna Fraser", "username": "anna.fraser", "passphrase": "", "again": ""}
    assert answer(client, "administrator", kept).location.endswith("/clock")
    assert client.get("first_run.code").location.endswith("/clock")
    assert client.get("first_run.step", step="nothing").status == 404


@pytest.mark.parametrize(
    ("step", "data", "words"),
    [
        ("administrator", person("A", "fourteen signs", username="anna"), "at least 15"),
        ("administrator", person("A", "Hospital Laboratory 1", username="anna"), "first that"),
        ("administrator", person("A", "passwordpassword", username="anna"), "first that"),
        ("administrator", person("A", ADMINISTRATOR, username="an na"), "2 to 40 letters"),
        ("administrator", person("A", "anna.fraser is it", username="anna.fraser"), "user name"),
        ("administrator", {**person("A", ADMINISTRATOR, username="a.b"), "again": "x"}, "twice"),
        ("administrator", person("A", "", username="anna"), "at least 15"),
        ("first-custodian", person("Bo", ADMINISTRATOR), "passphrase of the administrator"),
        ("second-custodian", person("Chika", FIRST), "passphrase of the first custodian"),
        ("second-custodian", person("bo adeyemi", SECOND), "two people"),
        ("second-custodian", person("Chika", "too short"), "at least 15"),
        ("sheet-typed-back", {"groups": "abc"}, "eight groups|8 groups"),
        ("key-file", {"path": "lab.key"}, "whole path"),
        ("key-file", {"path": "/no/such/folder/lab.key"}, "whole path"),
        ("clock", {}, "Tick it"),
        ("label", {}, "Scan the label"),
        ("label", {"number": "411004711022"}, "not the number of this label"),
        ("label", {"why_not": "later"}, "Say in a few words"),
    ],
)
def test_what_will_not_do_is_refused_with_what_to_do(live, client, step, data, words):
    page = answer(walk(client, step), step, data)

    assert page.status == 422
    assert re.search(words, page.words), page.words
    assert not [each for each in PASSPHRASES if each in page.text]


def test_the_administrator_may_not_take_a_custodians_passphrase_afterwards(live, client):
    walk(client, "clock")

    page = answer(client, "administrator", person("Anna", SECOND, username="anna"))

    assert "passphrase of the second custodian" in page.words


def test_a_slip_in_the_sheet_names_its_group(live, client):
    groups = groups_of(walk(client, "sheet-typed-back")).split()
    swapped = [*groups[:3], groups[3][::-1], *groups[4:]]
    assert "Group 4" in answer(client, "sheet-typed-back", {"groups": " ".join(swapped)}).words
    other = "00000 " * 8
    assert "Group" in answer(client, "sheet-typed-back", {"groups": other}).words
    page = client.get("first_run.step", step="sheet-typed-back")
    assert not [group for group in groups if group in page.text]


def test_a_key_file_is_never_made_in_the_data_folder(live, client):
    folder = settings_of(live).data

    page = answer(walk(client, "key-file"), "key-file", {"path": str(folder / "lab.key")})

    assert "Not in the data folder" in page.words


def test_a_key_file_opens_the_node_without_a_person(live, client, restarted, tmp_path):
    path = tmp_path / "medium.key"
    walk(client, "key-file")
    assert "can read every patient" in client.get("first_run.step", step="key-file").words
    answer(client, "key-file", {"path": str(path)})
    assert not path.exists()
    for step in STEPS[STEPS.index("clock") :]:
        answer(client, step)

    assert path.stat().st_mode & 0o077 == 0
    with restarted(live).app_context():
        open_with(path)


def test_a_label_left_out_is_recorded_with_its_reason(live, client):
    answer(walk(client, "label"), "label", {"why_not": "the label printer comes tomorrow"})
    for step in ("network", "finish"):
        answer(client, step)

    details = recorded(live, "set_up:finished")[0][2]
    assert details["test_label"] == "left out"
    assert details["why_no_label"] == "the label printer comes tomorrow"


def test_the_test_label_belongs_to_no_tube(live, client):
    walk(client, "label")

    assert number_of(client).startswith("00")
    assert "TEST" in text_of(client.get("first_run.label").data)


@pytest.fixture
def on_the_network(live):
    """The application as it serves a network: its authority was made at the start, before there were keys."""
    data = settings_of(live).data
    keeper = Keeper(data, RingWrapping(live), own_names)
    tls.install(live, keeper)
    return keeper


def test_the_fingerprint_of_the_authority_is_shown_and_its_key_put_away(
    live, on_the_network, client
):
    sealed_key = settings_of(live).data / "tls" / "authority.key"
    page = walk(client, "network").get("first_run.step", step="network")
    shown = page.words.replace(" ", "")
    assert on_the_network.fingerprint.replace(" ", "") in shown
    assert not sealed_key.exists()

    for step in ("network", "finish"):
        answer(client, step)

    assert sealed_key.exists()


def again(app):
    """The program started anew in the same folder, after whatever befell it."""
    settings = settings_of(app)
    with app.app_context():
        db.session.remove()
    made = create_app(settings)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with made.app_context():
        prepare(settings)
        made.extensions["tests_engine"] = db.engine
    return made


@pytest.fixture
def restarted():
    made = []

    def start(app):
        made.append(again(app))
        return made[-1]

    yield start
    for app in made:
        app.extensions["tests_engine"].dispose()


class Killed(BaseException):
    """As if the process had ended here: nothing of it runs any more."""


POINTS = (
    ("before anything is written", False),
    ("keys lie aside", False),
    ("before the records are kept", False),
    ("records are kept", True),
    ("keys have their name", True),
)


@pytest.mark.feature(74)
@pytest.mark.parametrize(("point", "is_finished"), POINTS)
def test_killed_while_finishing_it_is_set_up_or_not_at_all(
    live, client, restarted, point, is_finished
):
    walk(client)
    draft = services.first_run_of(live)._begun.draft.after("finish")

    def kill(here):
        if here == point:
            raise Killed

    with live.app_context(), pytest.raises(Killed):
        services.finish(
            draft, address="127.0.0.1", cost=services.first_run_of(live).cost, note=kill
        )
    after = restarted(live)

    left = {each.name for each in settings_of(live).data.glob("keys*")}
    if is_finished:
        assert keys_state(after) == "sealed"
        assert left == {"keys.json"}
        slot = read_document(settings_of(after).keys_file).slots[0]
        with after.app_context():
            open_with(Passphrase(slot.id, FIRST))
        assert people(after) == ["anna.fraser"]
        with after.app_context():
            assert verify().ok
    else:
        assert keys_state(after) == "not set up"
        assert left == set()
        assert people(after) == []
        newcomer = walk(begin(LabClient(after), offered(after).code))
        assert answer(newcomer, "finish").location.endswith("/finished")
        assert people(after) == ["anna.fraser"]


def test_every_point_of_finishing_was_killed_at(live, client):
    passed = []
    draft = services.first_run_of(walk(client).app)._begun.draft
    with live.app_context():
        services.finish(
            draft, address="", cost=services.first_run_of(live).cost, note=passed.append
        )

    assert passed == [point for point, _ in POINTS]


def test_killed_before_the_finish_it_begins_from_nothing(live, client, restarted):
    before = {each.name for each in settings_of(live).data.iterdir()}
    walk(client)

    after = restarted(live)

    assert {each.name for each in settings_of(live).data.iterdir()} == before
    assert people(after) == []
    console = offered(after)
    cookies = LabClient(after)
    for cookie in client.browser._cookies.values():
        cookies.browser.set_cookie(cookie.key, cookie.value)
    assert cookies.get("first_run.step", step="network").location == "/first-run"
    begin(cookies, console.code)


@pytest.mark.feature(74)
def test_no_secret_is_on_the_disk_or_in_a_cookie(live, client, caplog):
    groups = groups_of(walk(client, "finish"))
    secrets = [each.replace(" ", "") for each in (*PASSPHRASES, groups)]
    planted = Planted(
        frozenset({*PASSPHRASES, *secrets, groups, groups.replace(" ", "-")}), frozenset()
    )
    scanner, folder = Scanner(planted), settings_of(live).data

    def files():
        return [each for each in folder.rglob("*") if each.is_file()]

    assert scanner.files(files()) == []
    cookies = " ".join(each.value for each in client.browser._cookies.values())
    assert cookies
    assert scanner.bytes(cookies.encode(), "cookie") == set()
    assert keys_state(live) == "not set up"
    answer(client, "finish")
    assert any(each.name == "keys.json" for each in files())
    assert scanner.files(files()) == []
    assert scanner.bytes(caplog.text.encode(), "log") == set()


def test_the_scan_would_have_found_them(live, tmp_path):
    (tmp_path / "left").write_text(FIRST)

    assert Scanner(Planted(frozenset(PASSPHRASES), frozenset())).files([tmp_path / "left"])


def test_once_set_up_the_pages_are_gone(live, console, client):
    answer(walk(client), "finish")

    for reply in (
        client.get("first_run.code"),
        client.post("first_run.give_code", {"code": console.code}),
        client.get("first_run.step", step="administrator"),
        client.get("first_run.sheet"),
        from_elsewhere(live).get("first_run.finished"),
    ):
        assert reply.status == 404
    services.first_run_of(live).look()
    assert len(console.said) == 1


def test_while_sealed_the_pages_are_sealed_too(live, client, restarted):
    answer(walk(client), "finish")
    after = restarted(live)

    for endpoint in ("first_run.code", "first_run.sheet", "first_run.finished"):
        page = LabClient(after).get(endpoint)
        assert (page.status, page.h1) == (503, "Sealed")


def test_a_database_whose_keys_were_lost_is_not_set_up_anew(live, client, restarted):
    answer(walk(client), "finish")
    settings_of(live).keys_file.unlink()
    after = restarted(live)

    with after.app_context(), pytest.raises(RuleBroken, match="Put back the copy"):
        services.refuse_without_keys_of_old()
    newcomer = walk(begin(LabClient(after), offered(after).code))
    page = answer(newcomer, "finish")
    assert page.status == 422
    assert "Put back the copy" in page.words
    assert not settings_of(live).keys_file.exists()
    run = after.test_cli_runner().invoke(args=["lab", "keys", "make"])
    assert run.exit_code == 1
    assert "Put back the copy" in run.output


def test_keys_made_at_the_terminal_meanwhile_end_the_first_run(live, client):
    from lab_contingency.foundation.keys import RecoverySecret, make_keys

    walk(client)
    make_keys(
        settings_of(live).keys_file,
        [("Dee", FIRST), ("Eve", SECOND)],
        recovery=RecoverySecret.new(),
        cost=services.first_run_of(live).cost,
    )

    assert answer(client, "finish").status == 503
    assert people(live) == []


def test_two_who_press_finish_at_once_make_one_node(live, client):
    walk(client)
    with services.first_run_of(live).finishing:
        page = answer(client, "finish", {})
    assert page.status == 422
    assert "Wait a moment" in page.words

    assert answer(client, "finish", given(client, "finish")).status == 303
    assert people(live) == ["anna.fraser"]


@pytest.mark.feature(74)
def test_a_fresh_live_node_has_no_person_no_key_and_opens_with_nothing(live):
    assert people(live) == []
    assert keys_state(live) == "not set up"
    assert not list(settings_of(live).data.glob("*key*"))
    assert live.secret_key != create_app(settings_of(live)).secret_key
    client = LabClient(live)
    for username, passphrase in (("admin", "admin"), ("admin", "password"), ("root", "")):
        reply = client.post(
            "accounts.sign_in_with_passphrase", {"username": username, "passphrase": passphrase}
        )
        assert reply.status == 503
