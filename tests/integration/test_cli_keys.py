"""`flask lab keys …` as a person types it."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from lab_contingency.accounts.models import User
from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.database import session
from lab_contingency.foundation.keys import (
    Cost,
    Kind,
    RecoverySecret,
    make_keys,
    open_ring,
    read_document,
    slots,
)
from lab_contingency.foundation.sealing import keys_state

CHEAP = Cost(memory_kib=64, time=1, lanes=1)
ANNA, BO = ("Anna Fraser", "seven grey herons wade"), ("Bo Adeyemi", "lanterns under the pier")
SHEET = RecoverySecret(bytes(range(20)))


@pytest.fixture
def live(fresh_app):
    return fresh_app(demonstration=False)


@pytest.fixture
def made(live):
    make_keys(settings_of(live).keys_file, [ANNA, BO], recovery=SHEET, cost=CHEAP)
    return live


def lab(app, *arguments, typed=()):
    return app.test_cli_runner().invoke(
        args=["lab", *map(str, arguments)], input="".join(f"{line}\n" for line in typed)
    )


def file(app):
    return settings_of(app).keys_file


AS_ANNA = ("1", ANNA[1])


class Typist:
    """Reads the groups that the command shows and types them back, once with a slip."""

    def __init__(self, monkeypatch, answers):
        import click

        self.answers, self.said, self.asked, self.groups_asked = list(answers), [], [], 0
        echo = click.echo
        monkeypatch.setattr(
            click,
            "echo",
            lambda message="", **keys: (self.said.append(str(message)), echo(message, **keys)),
        )
        monkeypatch.setattr(click, "prompt", self.prompt)

    def prompt(self, text, **_keys):
        self.asked.append(text)
        if "groups" not in text:
            return self.answers.pop(0)
        self.groups_asked += 1
        groups = [m[1] for line in self.said if (m := re.fullmatch(r"  \d  ([0-9A-Z]{5})", line))]
        if self.groups_asked == 1:
            groups = [*groups[:2], "AAAAB", *groups[3:]]
        return " ".join(groups[-8:])


def test_a_live_node_is_set_up_from_the_terminal(live, monkeypatch, tmp_path):
    short = "too short"
    common = "Hospital Laboratory 2026"
    typist = Typist(
        monkeypatch,
        [ANNA[0], short, common, ANNA[1], ANNA[0].upper(), BO[0], ANNA[1], BO[1]],
    )
    monkeypatch.setattr(slots.Cost, "__init__", _cheap)

    run = lab(live, "keys", "make", "--sheet", tmp_path / "sheet.pdf", "--key-file", tmp_path / "k")

    assert run.exit_code == 0, run.output
    assert "at least 15 characters" in run.output
    assert "first that anybody tries" in run.output
    assert "two people" in run.output
    assert "passphrase of the other custodian" in run.output
    assert "Group 3 is not as printed" in run.output
    assert "can read every patient" in run.output
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "sheet.pdf").stat().st_mode & 0o077 == 0
    kinds = [slot.kind for slot in read_document(file(live)).slots]
    assert kinds == [Kind.CUSTODIAN, Kind.CUSTODIAN, Kind.RECOVERY, Kind.KEY_FILE]
    groups = [line.split()[1] for line in typist.said if re.match(r"  \d  ", line)]
    assert open_ring(file(live), RecoverySecret.from_text(" ".join(groups)))
    again = lab(live, "keys", "make")
    assert again.exit_code == 1
    assert "keys already" in again.output


def _cheap(self, memory_kib=64, time=1, lanes=1):
    for name, value in (("memory_kib", 64), ("time", 1), ("lanes", 1)):
        object.__setattr__(self, name, value)


def test_a_command_without_keys_says_what_to_type(live):
    for command in (["user", "list"], ["keys", "rotate", "field"]):
        run = lab(live, *command)
        assert run.exit_code != 0
        assert "lab keys make" in run.output
    assert json.loads(lab(live, "keys", "status", "--json").output) == {"state": "not set up"}


def test_a_command_asks_a_custodian_for_the_passphrase_and_never_shows_it(made):
    person = ("user", "add", "anna", "--name", "Anna Fraser", "--role", "administrator")

    wrong = lab(made, *person, typed=("1", "not this one at all"))
    assert wrong.exit_code == 1
    assert "does not open it" in wrong.output
    right = lab(made, *person, typed=("2", BO[1]))

    assert right.exit_code == 0, right.output
    assert "1  Anna Fraser" in right.output
    assert BO[1] not in right.output
    with made.app_context():
        assert session().scalars(select(User.username)).all() == ["anna"]


def test_a_key_file_given_to_the_command_is_used_instead(made, tmp_path):
    run = lab(made, "keys", "add-key-file", tmp_path / "k", typed=AS_ANNA)
    assert run.exit_code == 0, run.output
    assert "can read every patient" in run.output
    _close(made)

    listed = lab(made, "--key-file", tmp_path / "k", "user", "list")

    assert listed.exit_code == 0, listed.output
    assert "can read every patient" in listed.output


def _close(app):
    from lab_contingency.foundation.sealing import seal_again

    with app.app_context():
        seal_again()


def test_status_shows_slots_and_versions_and_no_key(made):
    run = lab(made, "keys", "status", "--json", typed=AS_ANNA)

    said = json.loads(run.stdout)
    assert said["state"] == "sealed"
    assert [slot["name"] for slot in said["slots"]] == [ANNA[0], BO[0], "recovery sheet"]
    assert said["keys"]["pepper"] == {"version": 1, "older": [], "left": 0}
    words = lab(made, "keys", "status").output
    assert "field     version 1" in words


def test_rotating_says_what_it_does_and_does_not_do(made):
    run = lab(made, "keys", "rotate", "field", typed=AS_ANNA)

    assert run.exit_code == 0, run.output
    assert "version 2 is in use" in run.output
    assert "still opens with the old key" in run.output
    finished = lab(made, "keys", "re-encrypt")
    assert "rows made anew" in finished.output
    with made.app_context():
        assert keys_state(made) == "open"
        actions = session().scalars(select(AuditEvent.action)).all()
    assert [action for action in actions if action.startswith("key:")] == [
        "key:rotated",
        "key:older_dropped",
    ]
    assert lab(made, "keys", "rotate", "root").exit_code == 2


def test_slots_are_added_removed_and_refused_with_sentences(made, monkeypatch):
    monkeypatch.setattr(slots.Cost, "__init__", _cheap)
    anna = read_document(file(made)).slots[0].id
    refused = lab(made, "keys", "remove-slot", anna, typed=AS_ANNA)
    assert refused.exit_code == 1
    assert "Two custodians must remain" in refused.output
    new = ("Chika Obi", "a slow boat to Deptford", "a slow boat to Deptford")
    assert "Chika Obi can open" in lab(made, "keys", "add-custodian", typed=new).output

    removed = lab(made, "keys", "remove-slot", anna)

    assert removed.exit_code == 0
    assert "Removing a slot is not rotation" in removed.output
    names = [slot.name for slot in read_document(file(made)).slots_of(Kind.CUSTODIAN)]
    assert names == [BO[0], "Chika Obi"]


def test_a_new_recovery_sheet_is_typed_back_before_it_counts(made, monkeypatch):
    typist = Typist(monkeypatch, [1, ANNA[1]])

    run = lab(made, "keys", "new-recovery-sheet")

    assert run.exit_code == 0, run.output
    assert typist.groups_asked == 2
    groups = [line.split()[1] for line in typist.said if re.match(r"  \d  ", line)]
    assert (
        open_ring(file(made), RecoverySecret.from_text(" ".join(groups)))[1].kind is Kind.RECOVERY
    )
    with pytest.raises(Exception, match="newest recovery sheet"):
        open_ring(file(made), SHEET)
