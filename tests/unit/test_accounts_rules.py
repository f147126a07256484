"""Roles and what they hold; passphrases; the people of the demonstration on the sign-in page."""

from __future__ import annotations

import re
import uuid

import pytest

from lab_contingency.accounts import passphrases
from lab_contingency.accounts.queries import DemonstrationPerson
from lab_contingency.accounts.rules import GRANTS, Permission, Role, holds, passphrase_problem
from lab_contingency.accounts.trying import THINGS_TO_TRY, arrange

P = Permission


def test_every_role_has_a_title_a_scope_and_something_it_never_does():
    assert set(GRANTS) == set(Role)
    assert len({facts.title for facts in GRANTS.values()}) == len(Role)
    assert all(facts.never.endswith(".") for facts in GRANTS.values())


def test_every_permission_is_held_by_some_role():
    assert set().union(*(facts.permissions for facts in GRANTS.values())) == set(Permission)


@pytest.mark.parametrize(
    ("role", "never"),
    [
        (Role.REQUESTER, {P.ENTER_RESULTS, P.AUTHORISE_RESULTS, P.TRIAGE_REQUESTS, P.PRINT_QUEUE}),
        (Role.PORTER, {P.READ_RESULTS, P.SEE_REQUESTS, P.FIND_REQUESTS, P.REQUEST_TESTS}),
        (Role.LABORATORY, {P.AUTHORISE_RESULTS, P.TRIAGE_REQUESTS, P.REQUEST_TESTS}),
        (Role.SENIOR, {P.REQUEST_TESTS, P.MANAGE_ACCOUNTS, P.DECLARE_INCIDENT}),
        (Role.COORDINATOR, {P.SEE_REQUESTS, P.READ_RESULTS, P.ENTER_RESULTS, P.MANAGE_ACCOUNTS}),
        (Role.PARTNER, {P.TRIAGE_REQUESTS, P.ROUTE_TESTS, P.REQUEST_TESTS, P.LOOK_WITH_REASON}),
        (
            Role.GOVERNANCE,
            set(Permission)
            - {
                P.SEE_INCIDENT,
                P.REVIEW_LOOKS,
                P.WATCH_EMERGENCIES,
                P.REPORT_EXPOSURE,
                P.MATCH_LEAKS,
                P.SEARCH_AUDIT,
                P.APPROVE_EXPORTS,
                P.SEE_RECHARGE,
            },
        ),
        (
            Role.ADMINISTRATOR,
            {P.READ_RESULTS, P.SEE_REQUESTS, P.FIND_REQUESTS, P.REQUEST_TESTS, P.REPORT_EXPOSURE},
        ),
    ],
)
def test_what_a_role_never_does(role, never):
    assert not GRANTS[role].permissions & never


def test_only_an_administrator_manages_accounts():
    assert [role for role in Role if P.MANAGE_ACCOUNTS in GRANTS[role].permissions] == [
        Role.ADMINISTRATOR
    ]


@pytest.mark.parametrize("role", ["system", "", "Requester", "root"])
def test_an_unknown_role_holds_nothing(role):
    assert not any(holds(role, permission) for permission in Permission)


@pytest.mark.parametrize(
    ("passphrase", "words"),
    [
        ("", "at least 12"),
        ("elevenchars", "at least 12"),
        ("x" * 129, "at most 128"),
        ("my name is OKAFOR.A", "user name"),
        ("aaaaaaaaaaaa", "different"),
        ("abababababab", "different"),
    ],
)
def test_a_weak_passphrase_is_refused_with_what_to_do(passphrase, words):
    assert words in (passphrase_problem(passphrase, "okafor.a") or "")


@pytest.mark.parametrize(
    "passphrase", ["correct horse battery", "źdźbło trawy na wietrze", "x7" + "qwertyuiop"]
)
def test_length_is_what_counts(passphrase):
    assert passphrase_problem(passphrase, "okafor.a") is None


def test_a_one_time_secret_can_be_read_aloud_and_is_never_the_same():
    secrets = {passphrases.one_time_secret() for _ in range(200)}

    assert len(secrets) == 200
    assert all(
        re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", secret) for secret in secrets
    )


def test_a_passphrase_agrees_with_its_hash_only():
    held = passphrases.hashed("correct horse battery")

    assert "correct" not in held
    assert passphrases.agrees(held, "correct horse battery")
    assert not passphrases.agrees(held, "correct horse batterz")
    assert not passphrases.agrees(None, "correct horse battery")
    assert not passphrases.agrees("not a hash", "correct horse battery")


def _person(role: Role, name: str) -> DemonstrationPerson:
    return DemonstrationPerson(uuid.uuid4(), name, role, GRANTS[role].title, "here", "never")


def test_the_first_of_each_role_gets_a_card_and_everybody_else_a_button():
    people = [_person(role, f"{role.value} {n}") for role in Role for n in (1, 2)]

    trying = arrange(people)

    assert [card.key for card in trying.cards] == [1, 2, 3, 4, 5, 6]
    assert [card.person.name for card in trying.cards] == [
        f"{role.value} 1" for role in THINGS_TO_TRY
    ]
    rest = trying.colleagues + trying.elsewhere
    assert len(rest) == len(people) - 6
    assert {person.role for person in rest} == set(Role)


def test_without_people_there_is_nothing_to_try():
    assert arrange(()).cards == arrange(()).colleagues == arrange(()).elsewhere == ()


@pytest.mark.feature(74)
@pytest.mark.parametrize(
    "passphrase",
    [
        "passwordpassword",
        "Correct Horse Battery Staple",
        "P@ssw0rd 1234",
        "1q2w3e4r5t6y7u",
        "Hospital Laboratory",
        "pathology-contingency",
        "Welcome to the NHS 2026",
        "LabContingency!!!",
        "123456789012345",
        "Manchester United 1999",
    ],
)
def test_the_first_that_anybody_tries_are_refused(passphrase):
    assert "first that anybody tries" in (passphrases.problem(passphrase, "okafor.a") or "")


@pytest.mark.parametrize(
    "passphrase",
    [
        "correct horse battery",
        "źdźbło trawy na wietrze",
        "nine slow barges upstream",
        "my hospital heron wades",
        "\N{SNOWMAN}\N{UMBRELLA}\N{COMET}\N{BLACK STAR} kettles",
    ],
)
def test_other_words_are_not(passphrase):
    assert passphrases.problem(passphrase, "okafor.a") is None


def test_the_list_holds_some_hundreds_each_long_enough_to_be_typed():
    listed = passphrases._listed("common-passphrases.txt")

    assert len(listed) > 500
    assert min(map(len, listed)) >= 12
    assert all(passphrases.is_common(each) for each in listed)
    assert {
        "hospital",
        "laboratory",
        "password",
        "contingency",
        "pathology",
    } <= passphrases._listed("common-words.txt")
