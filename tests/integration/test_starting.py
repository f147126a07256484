"""Starting: a demonstration on loopback only, a database of one kind, and the first page."""

import pytest
from sqlalchemy import func, select

import wsgi
from lab_contingency import create_app
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.keys import Cost, RecoverySecret
from lab_contingency.foundation.sealing import keys_state, make_keys
from lab_contingency.foundation.settings import Settings
from lab_contingency.rehearsal.starting import begin_demonstration, prepare
from lab_contingency.requests.models import Request


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
