"""The terminal: a whole day, people, and what a command says when it cannot."""

import csv
import json
import os
import subprocess
import sys

import pytest

from lab_contingency.foundation.keys import Cost, RecoverySecret, make_keys


def flask(root, data, *arguments, **environment):
    """Run `flask --app wsgi lab …` as a person would, with its own data folder."""
    env = {**os.environ, "LAB_DATA": str(data), **environment}
    env.pop("LAB_DATABASE_URL", None)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "lab", *map(str, arguments)]
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def live(tmp_path):
    """A live folder whose keys are made; a key file opens it for the commands. (folder, environment)"""
    key_file = tmp_path / "unattended.key"
    make_keys(
        tmp_path / "keys.json",
        [("Anna", "seven grey herons wade"), ("Bo", "lanterns under the pier")],
        recovery=RecoverySecret.new(),
        key_file=key_file,
        cost=Cost(memory_kib=64, time=1, lanes=1),
    )
    return tmp_path, {"LAB_KEY_FILE": str(key_file)}


@pytest.fixture(scope="module")
def day(root, tmp_path_factory):
    """The whole sample day, loaded into an empty folder."""
    data = tmp_path_factory.mktemp("day")
    samples = root / "tests" / "data"
    run = flask(
        root,
        data,
        "load-day",
        samples / "day-requests.csv",
        "--results",
        samples / "day-results.csv",
        "--report",
        data / "refused.txt",
        "--json",
    )
    return data, run


def test_a_day_of_four_hundred_requests_goes_through(day):
    _, run = day
    assert run.returncode == 0, run.stderr
    counts = json.loads(run.stdout)
    assert counts["read"] == counts["taken"] == counts["requests"] == 400
    assert counts["values_read"] == 9242
    assert counts["values_taken"] + counts["values_refused"] == 9242
    assert counts["balanced"] is True
    assert counts["criticals_open"] == 0


def test_its_equations_hold_by_another_route(day):
    """Counted from the file with plain SQL, not with the program's own queries."""
    import sqlite3

    data, run = day
    counts = json.loads(run.stdout)
    with sqlite3.connect(data / "demonstration.sqlite3") as raw:
        one = lambda sql: raw.execute(sql).fetchone()[0]  # noqa: E731 - four counts beside each other
        finished = one("SELECT count(*) FROM request WHERE closed_at IS NOT NULL")
        tubes = one("SELECT count(*) FROM planned_tube")
        numbers = one("SELECT count(DISTINCT number) FROM issued_number")
        authorised_by_typist = one(
            "SELECT count(*) FROM result WHERE authorised_by_id = entered_by_id"
        )
        labels_of_transfusion = one(
            "SELECT count(*) FROM label_print JOIN specimen ON specimen.id = label_print.specimen_id "
            "JOIN planned_tube ON planned_tube.id = specimen.planned_tube_id WHERE container = 'PINK'"
        )
    raw.close()
    assert counts["authorised"] == finished
    assert counts["requests"] == finished + counts["open"]
    assert (
        counts["tubes"]
        == tubes
        == counts["received"] + counts["rejected"] + counts["not_collected"]
    )
    assert counts["numbers_issued"] == numbers == counts["numbers_used"] + counts["numbers_void"]
    assert authorised_by_typist == 0
    assert labels_of_transfusion == 0


def test_every_refused_value_stands_in_the_report_with_its_line(day):
    data, run = day
    lines = (data / "refused.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == json.loads(run.stdout)["values_refused"]
    assert all(line.startswith("day-results.csv, line ") for line in lines)


def test_progress_stands_on_standard_error(day):
    _, run = day
    assert "400 of 400 requests" in run.stderr


def test_no_identifier_of_the_day_stands_in_the_database_file(day, root):
    data, _ = day
    raw = b"".join(file.read_bytes() for file in data.glob("demonstration.sqlite3*"))
    with (root / "tests" / "data" / "day-requests.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    planted = {row["nhs_number"] for row in rows} | {row["hospital_number"] for row in rows}
    planted |= {row["clinical_details"] for row in rows} | {row["callback"] for row in rows}
    found = [
        word for word in planted - {""} if word.encode() in raw or word.encode("utf-16-le") in raw
    ]
    assert len(planted) > 700
    assert found == []


def test_a_second_run_takes_nothing_and_still_succeeds(day, root, tmp_path):
    data, _ = day
    requests = (
        (root / "tests" / "data" / "day-requests.csv").read_text(encoding="utf-8").splitlines()[:6]
    )
    few = tmp_path / "few.csv"
    few.write_text("\n".join(requests) + "\n", encoding="utf-8")
    run = flask(root, data, "load-day", few, "--json")
    assert run.returncode == 0, run.stderr
    counts = json.loads(run.stdout)
    assert (counts["read"], counts["taken"], counts["already"]) == (5, 0, 5)


def test_a_person_added_at_the_terminal_gets_a_secret_once(root, live):
    data, key_file = live
    added = flask(
        root,
        data,
        "user",
        "add",
        "anna",
        "--name",
        "Anna Fraser",
        "--role",
        "administrator",
        "--json",
        **key_file,
    )
    assert added.returncode == 0, added.stderr
    assert len(json.loads(added.stdout)["secret"]) == 19
    again = flask(
        root,
        data,
        "user",
        "add",
        "anna",
        "--name",
        "Anna Fraser",
        "--role",
        "administrator",
        **key_file,
    )
    assert again.returncode != 0
    assert "taken" in again.stderr
    listed = flask(root, data, "user", "list", "--json", **key_file)
    assert json.loads(listed.stdout)[0]["username"] == "anna"


def test_a_day_is_not_loaded_into_a_live_folder(root, live):
    data, key_file = live
    added = ("user", "add", "anna", "--name", "Anna Fraser", "--role", "administrator")
    assert flask(root, data, *added, **key_file).returncode == 0
    run = flask(root, data, "load-day", root / "tests" / "data" / "day-requests.csv", **key_file)
    assert run.returncode != 0
    assert "live database" in run.stderr


def test_a_requester_needs_a_site(root, live):
    data, key_file = live
    bo = ("user", "add", "bo", "--name", "Bo", "--role", "requester")
    run = flask(root, data, *bo, **key_file)
    assert run.returncode != 0
    assert "site" in run.stderr


def test_the_incident_button_is_pressed_from_a_terminal(root, live):
    data, environment = live
    asked = flask(root, data, "incident-button", **environment)
    pressed = flask(root, data, "incident-button", "--yes", "--json", **environment)
    wrong = flask(
        root, data, "incident-button", "--yes", "--device", "no such device", **environment
    )

    assert asked.returncode == 1  # nobody said yes
    assert json.loads(pressed.stdout)["ended"] == 0, pressed.stderr
    assert wrong.returncode == 1
    assert "no one device" in wrong.stderr
