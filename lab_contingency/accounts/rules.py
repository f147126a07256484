"""Roles and what they may do, as data. The table is the policy; pages, tests and documents come from it."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

PASSPHRASE_SHORTEST = 12
PASSPHRASE_LONGEST = 128
ONE_TIME_SECRET_LIFE = dt.timedelta(hours=72)
SIGN_IN_LIFE = dt.timedelta(hours=12)
GUESSES = 10
GUESSES_WITHIN = dt.timedelta(minutes=5)


class Role(enum.StrEnum):
    """What a person is on a bad day."""

    REQUESTER = "requester"
    PORTER = "porter"
    LABORATORY = "laboratory"
    SENIOR = "senior"
    COORDINATOR = "coordinator"
    PARTNER = "partner"
    GOVERNANCE = "governance"
    ADMINISTRATOR = "administrator"


class Permission(enum.StrEnum):
    """Duties. A view names the one it needs."""

    REQUEST_TESTS = "request tests"
    SEE_REQUESTS = "see requests"
    FIND_REQUESTS = "find requests"
    COLLECT_SPECIMENS = "collect specimens"
    PRINT_LABELS = "print labels"
    PRINT_QUEUE = "print queued labels"
    CARRY_SPECIMENS = "carry specimens"
    RECEIVE_SPECIMENS = "receive specimens"
    TRIAGE_REQUESTS = "triage requests"
    ROUTE_TESTS = "route tests"
    DISPATCH_SPECIMENS = "dispatch specimens"
    ENTER_RESULTS = "enter results"
    CHECK_RESULTS = "check results"
    AUTHORISE_RESULTS = "authorise results"
    TELEPHONE_CRITICALS = "telephone criticals"
    READ_RESULTS = "read results"
    ACKNOWLEDGE_RESULTS = "acknowledge results"
    PRINT_SLIPS = "print slips"
    SEE_INCIDENT = "see the incident"
    DECLARE_INCIDENT = "declare an incident"
    SET_MENU = "set today's menu"
    MANAGE_ACCOUNTS = "manage accounts"
    REPORT_EXPOSURE = "report exposure"
    MATCH_LEAKS = "match leaks"
    SEARCH_AUDIT = "search the record"
    APPROVE_EXPORTS = "approve exports"


class Scope(enum.StrEnum):
    """What a grant of the role is tied to."""

    SITE = "site"
    LABORATORY = "laboratory"
    NODE = "node"


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """One role: its name on screen, its scope, its permissions, and one thing it never does."""

    title: str
    scope: Scope
    permissions: frozenset[Permission]
    never: str


_P = Permission
_BENCH = frozenset(
    {
        _P.SEE_REQUESTS,
        _P.FIND_REQUESTS,
        _P.RECEIVE_SPECIMENS,
        _P.ENTER_RESULTS,
        _P.CHECK_RESULTS,
        _P.READ_RESULTS,
        _P.PRINT_SLIPS,
        _P.DISPATCH_SPECIMENS,
        _P.SEE_INCIDENT,
    }
)

GRANTS: dict[Role, RoleFacts] = {
    Role.REQUESTER: RoleFacts(
        "Requester",
        Scope.SITE,
        frozenset(
            {
                _P.REQUEST_TESTS,
                _P.SEE_REQUESTS,
                _P.FIND_REQUESTS,
                _P.COLLECT_SPECIMENS,
                _P.PRINT_LABELS,
                _P.READ_RESULTS,
                _P.ACKNOWLEDGE_RESULTS,
                _P.PRINT_SLIPS,
                _P.SEE_INCIDENT,
            }
        ),
        "Cannot see another hospital’s patients.",
    ),
    Role.PORTER: RoleFacts(
        "Porter",
        Scope.NODE,
        frozenset({_P.PRINT_QUEUE, _P.CARRY_SPECIMENS, _P.SEE_INCIDENT}),
        "Sees no names and no results on screen.",
    ),
    Role.LABORATORY: RoleFacts(
        "Laboratory", Scope.LABORATORY, _BENCH, "Cannot authorise what they typed themselves."
    ),
    Role.SENIOR: RoleFacts(
        "Senior laboratory",
        Scope.LABORATORY,
        _BENCH | {_P.TRIAGE_REQUESTS, _P.ROUTE_TESTS, _P.AUTHORISE_RESULTS, _P.TELEPHONE_CRITICALS},
        "Every change of priority needs a reason.",
    ),
    Role.COORDINATOR: RoleFacts(
        "Coordinator",
        Scope.NODE,
        frozenset({_P.SEE_INCIDENT, _P.DECLARE_INCIDENT, _P.SET_MENU}),
        "Sees no patient detail.",
    ),
    Role.PARTNER: RoleFacts(
        "Partner laboratory",
        Scope.LABORATORY,
        frozenset(
            {
                _P.SEE_REQUESTS,
                _P.FIND_REQUESTS,
                _P.RECEIVE_SPECIMENS,
                _P.ENTER_RESULTS,
                _P.CHECK_RESULTS,
                _P.AUTHORISE_RESULTS,
                _P.TELEPHONE_CRITICALS,
                _P.READ_RESULTS,
                _P.PRINT_SLIPS,
                _P.SEE_INCIDENT,
            }
        ),
        "Sees only what was sent to it.",
    ),
    Role.GOVERNANCE: RoleFacts(
        "Information governance",
        Scope.NODE,
        frozenset(
            {
                _P.SEE_INCIDENT,
                _P.REPORT_EXPOSURE,
                _P.MATCH_LEAKS,
                _P.SEARCH_AUDIT,
                _P.APPROVE_EXPORTS,
            }
        ),
        "Changes nothing.",
    ),
    Role.ADMINISTRATOR: RoleFacts(
        "Administrator",
        Scope.NODE,
        frozenset({_P.MANAGE_ACCOUNTS, _P.SEE_INCIDENT, _P.APPROVE_EXPORTS}),
        "Reads no clinical data.",
    ),
}


def holds(role: str, permission: enum.StrEnum) -> bool:
    """Whether the role's row of the table has the permission; unknown roles hold nothing."""
    return role in set(Role) and permission in GRANTS[Role(role)].permissions


def passphrase_problem(passphrase: str, username: str) -> str | None:
    """Why a passphrase will not do, or None. Length counts; no rules about signs."""
    if len(passphrase) < PASSPHRASE_SHORTEST:
        return f"Choose a passphrase of at least {PASSPHRASE_SHORTEST} characters: three or four words are easiest."
    if len(passphrase) > PASSPHRASE_LONGEST:
        return f"Choose a passphrase of at most {PASSPHRASE_LONGEST} characters."
    if username and username.casefold() in passphrase.casefold():
        return "Choose a passphrase that does not contain your user name."
    if len(set(passphrase)) < 5:  # noqa: PLR2004 - "aaaaaaaaaaaa" is no passphrase
        return "Choose a passphrase with more different characters."
    return None
