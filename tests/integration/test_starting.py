"""Starting: a demonstration on loopback only, a database of one kind, and the first page."""

import re
import threading
import urllib.parse
import urllib.request

import pytest
from sqlalchemy import func, select

import wsgi
from lab_contingency import create_app
from lab_contingency.audit.services import record
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.keys import Cost, RecoverySecret
from lab_contingency.foundation.sealing import keys_state, make_keys, seal_again
from lab_contingency.foundation.settings import Settings
from lab_contingency.rehearsal.starting import begin_demonstration, prepare
from lab_contingency.requests.models import Request
from tests.first_run import ADMINISTRATOR, FIRST, GROUP, SECOND, person, text_of
from tests.serving import HANG_GUARD, program


def a_live_ring():
    """Keys for the live application in context."""
    make_keys(
        [("Anna", "seven grey herons wade"), ("Bo", "lanterns under the pier")],
        recovery=RecoverySecret.new(),
        cost=Cost(memory_kib=64, time=1, lanes=1),
    )


@pytest.fixture
def served(monkeypatch):
    """What would have been served, instead of serving it; without the invented requests beside it."""
    calls = []
    monkeypatch.setattr(wsgi, "_begin", lambda _app: None)
    monkeypatch.setattr(wsgi, "_finish_rotations", lambda _app: None)
    monkeypatch.setattr(wsgi, "_serve", lambda app, host, port: calls.append((app, host, port)))
    return calls


def test_the_demonstration_starts_on_loopback(tmp_path, served):
    assert wsgi.main(["--demo", "--data", str(tmp_path), "--port", "8123"]) == 0
    assert served[0][1:] == ("127.0.0.1", 8123)
    assert (tmp_path / "demonstration.sqlite3").exists()
    page = served[0][0].test_client().get("/sign-in")
    assert page.status_code == 200
    assert "TEST" in page.text
    assert "Dr A. Okafor" in page.text


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "hospital.example"])  # noqa: S104
def test_a_demonstration_anywhere_else_makes_it_exit(tmp_path, served, capsys, host):
    assert wsgi.main(["--demo", "--data", str(tmp_path), "--host", host]) == 2
    assert served == []
    assert "this computer only" in capsys.readouterr().err


def test_a_demonstration_database_stays_on_loopback_without_the_flag(tmp_path, served):
    wsgi.main(["--demo", "--data", str(tmp_path)])
    assert wsgi.main(["--data", str(tmp_path), "--host", "0.0.0.0"]) == 2  # noqa: S104


def test_a_live_start_holds_no_people_and_offers_no_one_click(tmp_path, served):
    assert wsgi.main(["--data", str(tmp_path)]) == 0
    app = served[0][0]
    with app.app_context():
        a_live_ring()
    client = app.test_client()
    page = client.get("/sign-in")
    assert "TEST" not in page.text
    assert "Start as" not in page.text
    assert client.get("/").status_code == 303


def test_live_and_demonstration_keep_apart(tmp_path, served):
    wsgi.main(["--data", str(tmp_path)])
    with served[0][0].app_context():
        a_live_ring()
    wsgi.main(["--demo", "--data", str(tmp_path)])
    assert (tmp_path / "lab.sqlite3").exists()
    assert (tmp_path / "demonstration.sqlite3").exists()
    assert (tmp_path / "keys.json").read_bytes() != (
        tmp_path / "keys-demonstration.json"
    ).read_bytes()


def test_a_database_of_the_other_kind_is_refused(tmp_path):
    database = f"sqlite:///{tmp_path / 'one.sqlite3'}"
    live = Settings(data=tmp_path, database_url=database)
    with create_app(live).app_context():
        assert prepare(live) is False
    other = Settings(data=tmp_path, database_url=database, demonstration=True)
    with create_app(other).app_context(), pytest.raises(StartRefused, match="live database"):
        prepare(other)


def test_keys_are_for_their_owner_only(tmp_path, served):
    wsgi.main(["--demo", "--data", str(tmp_path)])
    keys = list(tmp_path.glob("keys-demonstration.*"))
    assert {file.suffix for file in keys} == {".json", ".key"}
    assert {file.stat().st_mode & 0o077 for file in keys} == {0}


def test_a_live_start_without_keys_is_not_set_up_and_makes_none(tmp_path, served):
    assert wsgi.main(["--data", str(tmp_path)]) == 0
    assert keys_state(served[0][0]) == "not set up"
    assert served[0][0].test_client().get("/").status_code == 503
    assert not list(tmp_path.glob("keys*"))


def typed(browser, address, **fields):
    """A form with the token of its page, as a browser sends it."""
    page = browser.get(address)
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert token, page
    return browser.post(address, {**fields, "csrf_token": token[1]})


class Browser:
    """A plain HTTP client that keeps cookies and follows what it is led to."""

    def __init__(self, address):
        self._address = address
        jar = urllib.request.HTTPCookieProcessor()
        self._opener = urllib.request.build_opener(jar)

    def get(self, path):
        return self.file(path).decode()

    def file(self, path):
        with self._opener.open(self._address + path, timeout=HANG_GUARD) as answer:
            return answer.read()

    def post(self, path, fields):
        body = urllib.parse.urlencode(fields).encode()
        with self._opener.open(self._address + path, body, timeout=HANG_GUARD) as answer:
            return answer.read().decode()


@pytest.mark.feature(74)
def test_a_started_program_is_set_up_with_the_code_on_its_console(tmp_path):
    with program(tmp_path / "live", set_up=False) as started:
        code = waited_for(started, r"First-run code until \d\d:\d\d: (\S+)")
        assert f"http://127.0.0.1:{started.port}/first-run" in started.text
        assert started.ask("/").status == 503
        browser = Browser(f"http://127.0.0.1:{started.port}")
        typed(browser, "/first-run", code=code)
        anna = person("Anna Fraser", ADMINISTRATOR, username="anna.fraser")
        typed(browser, "/first-run/administrator", **anna)
        typed(browser, "/first-run/first-custodian", **person("Bo Adeyemi", FIRST))
        typed(browser, "/first-run/second-custodian", **person("Chika Obi", SECOND))
        groups = GROUP.findall(text_of(browser.file("/first-run/sheet.pdf")))[:8]
        typed(browser, "/first-run/recovery-sheet")
        typed(browser, "/first-run/sheet-typed-back", groups=" ".join(groups))
        typed(browser, "/first-run/key-file", path="")
        typed(browser, "/first-run/clock", right="y")
        typed(browser, "/first-run/label", number="", why_not="no printer in this test")
        typed(browser, "/first-run/network")
        assert not list((tmp_path / "live").glob("keys*"))
        assert "It is set up" in typed(browser, "/first-run/finish")
        signed_in = typed(browser, "/sign-in", username="anna.fraser", passphrase=ADMINISTRATOR)
        assert "Codes from your phone" in signed_in
        assert started.text.count("First-run code") == 1
        assert ADMINISTRATOR not in started.text
    with program(tmp_path / "live", set_up=False) as started:
        assert "First-run code" not in started.text
        page = Browser(f"http://127.0.0.1:{started.port}")
        slot = re.search(r'<option value="([0-9a-f]{8})">Bo Adeyemi', page.get("/unseal"))
        assert slot
        assert "Sign in" in typed(page, "/unseal", slot=slot[1], passphrase=FIRST)


def waited_for(started, pattern):
    """What the program says within the time in which anything hangs."""
    for _ in range(HANG_GUARD * 10):
        found = re.search(pattern, started.text)
        if found:
            return found[1]
        threading.Event().wait(0.1)
    raise AssertionError(started.text)


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("127.0.0.1", "http://127.0.0.1:1/first-run"),
        ("192.168.1.4", "answers at this computer only"),
    ],
)
def test_the_console_says_where_set_up_is(tmp_path, served, capsys, host, words):
    wsgi.main(["--data", str(tmp_path)])
    address = f"http://{host}:1/" if host.startswith("127") else ""

    wsgi._offer_first_run(served[0][0], address)

    said = capsys.readouterr().out
    assert words in said
    assert ("First-run code" in said) is bool(address)


def test_a_folder_whose_keys_are_missing_is_told_and_offers_no_set_up(tmp_path, served, capsys):
    wsgi.main(["--data", str(tmp_path)])
    app = served[0][0]
    with app.app_context():
        a_live_ring()
        with unit_of_work():
            record("tests:happened", None, actor=Actor.system("tests"))
        seal_again()
    (tmp_path / "keys.json").unlink()

    wsgi._offer_first_run(app, "http://127.0.0.1:1/")

    said = capsys.readouterr().out
    assert "Put back the copy" in said
    assert "code" not in said


def test_a_crash_leaves_no_picture_of_the_memory(tmp_path, served):
    import resource

    wsgi.main(["--data", str(tmp_path)])
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0


def test_new_files_of_the_folder_are_for_their_owner_only(tmp_path, served):
    wsgi.main(["--data", str(tmp_path / "new")])
    (tmp_path / "new" / "left-behind").write_text("x")
    modes = {file.stat().st_mode & 0o077 for file in (tmp_path / "new").iterdir()}
    assert modes == {0}
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_broken_key_file_refuses_the_start_with_what_to_do(tmp_path, served, capsys):
    (tmp_path / "keys.json").write_text("{}")
    assert wsgi.main(["--data", str(tmp_path)]) == 2
    assert "Put back the copy" in capsys.readouterr().err


def test_a_fresh_demonstration_gets_its_requests_once(tmp_path, served):
    wsgi.main(["--demo", "--data", str(tmp_path)])
    with served[0][0].app_context():
        begin_demonstration()
        first = session().scalars(select(func.count(Request.id))).one()
        begin_demonstration()
        assert session().scalars(select(func.count(Request.id))).one() == first > 10


def test_the_database_is_for_its_owner_only(tmp_path, served):
    wsgi.main(["--data", str(tmp_path)])
    modes = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.glob("lab.sqlite3*")}
    assert set(modes.values()) == {0}
    assert "lab.sqlite3" in modes
