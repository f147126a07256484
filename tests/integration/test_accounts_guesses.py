"""Guesses: ten in five minutes a budget, and nobody elsewhere locks staff out of their own computer."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from lab_contingency.accounts import guesses, passphrases
from lab_contingency.accounts.models import FailedSignIn, RoleGrant, User
from lab_contingency.accounts.rules import GUESSES, GUESSES_WITHIN, Role
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from tests.shared_computers import OWN, a_person, enrol, go_live, signs_in
from tests.threads import together

STAFF = 500


@pytest.fixture(autouse=True)
def _quick(quick_hashes):
    """No test here is about the work a guess costs."""


def _staff(world) -> list[str]:
    """Five hundred porters with one passphrase."""
    names = [f"porter.{n:03d}" for n in range(STAFF)]
    held = passphrases.hashed(OWN)
    with unit_of_work():
        for name in names:
            user_id = new_id()
            session().add(
                User(
                    id=user_id,
                    username=name,
                    name=name,
                    passphrase_hash=held,
                    demonstration=False,
                    created_at=clock.now(),
                )
            )
            session().flush()
            session().add(
                RoleGrant(
                    id=new_id(),
                    user_id=user_id,
                    role=Role.PORTER,
                    granted_at=clock.now(),
                    granted_by="tests",
                )
            )
    return names


@pytest.mark.hazard("H36")
def test_what_a_rogue_client_uses_up_locks_nobody_out_at_an_enrolled_computer(client_for, world):
    names = _staff(world)
    pc = enrol(client_for())
    go_live()
    with unit_of_work():  # every name's budget elsewhere is used up, from thousands of addresses
        for name in names:
            key = guesses.budgets(name, None, "")[0]
            session().add_all(
                FailedSignIn(id=new_id(), name_index=key, at=clock.now()) for _ in range(GUESSES)
            )
    rogue = client_for()

    refused = [signs_in(rogue, name) for name in names[:12]]
    welcome = [signs_in(pc, name).status for name in names]

    assert all(page.status == 422 and "Too many tries" in page.words for page in refused)
    assert welcome == [303] * STAFF


def test_an_address_has_one_budget_whatever_names_it_tries(client_for, world):
    rogue = client_for()

    pages = [signs_in(rogue, f"name.{n}", "wrong") for n in range(GUESSES + 2)]

    assert ["do not fit together" in page.words for page in pages] == [True] * GUESSES + [False] * 2


@pytest.mark.hazard("H36")
def test_guesses_made_at_once_get_no_more_than_ten(app, world):
    budget = guesses.budgets("porter", None, "10.0.0.1")
    charged: list[object] = []

    def guess() -> None:
        with app.app_context():
            for _ in range(4):
                try:
                    charged.append(guesses.charge(budget, field="passphrase"))
                except RuleBroken:
                    return

    failures = together([guess] * 8)

    assert failures == []
    assert len(charged) == GUESSES


def test_a_right_one_gives_its_guess_back(client_for, world):
    a_person("rowe.s", Role.PORTER)
    client = client_for()

    for _ in range(GUESSES + 5):
        assert signs_in(client, "rowe.s").status == 303

    session().rollback()
    assert session().scalars(select(func.count(FailedSignIn.id))).one() == 0


def test_a_budget_fills_again_after_five_minutes(world):
    budget = guesses.budgets("porter", None, "10.0.0.1")
    for _ in range(GUESSES):
        guesses.charge(budget, field="passphrase")

    with pytest.raises(RuleBroken, match="Too many tries"):
        guesses.charge(budget, field="passphrase")
    with clock.at(clock.now() + GUESSES_WITHIN + dt.timedelta(seconds=1)):
        assert guesses.charge(budget, field="passphrase")


def test_known_and_unknown_names_are_refused_with_the_same_page(client_for, world):
    a_person("rowe.s", Role.PORTER)
    go_live()
    known, unknown = client_for(), client_for()

    one, other = signs_in(known, "rowe.s", "wrong"), signs_in(unknown, "nobody.a", "wrong")

    assert one.status == other.status == 422
    assert one.words == other.words


def test_known_and_unknown_names_cost_the_same_work(client_for, world, monkeypatch):
    """Argon2id is all but a thousandth of a refusal's time; a stopwatch would only measure this machine."""
    a_person("rowe.s", Role.PORTER)
    go_live()
    passphrases._nobody()  # made once in a process
    work = []
    verify = passphrases._hasher.verify

    def counted(held, passphrase):
        work.append(held.split("$")[:-2])  # how much work, without salt and hash
        return verify(held, passphrase)

    monkeypatch.setattr(passphrases, "_hasher", SimpleNamespace(verify=counted))
    signs_in(client_for(), "rowe.s", "wrong")
    known = list(work)
    signs_in(client_for(), "nobody.a", "wrong")

    assert len(known) == 1
    assert work == known * 2


def test_a_right_passphrase_alone_tells_nothing_at_a_computer_that_is_not_enrolled(
    client_for, world
):
    a_person("rowe.s", Role.PORTER)
    go_live()
    client = client_for()
    client.from_elsewhere("10.1.2.3")

    right, wrong = signs_in(client, "rowe.s"), signs_in(client, "rowe.s", "wrong")

    assert right.status == wrong.status == 422
    assert right.words == wrong.words
