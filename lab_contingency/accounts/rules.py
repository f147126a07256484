"""Roles and what they may do, as data. The table is the policy; pages, tests and documents come from it."""

from __future__ import annotations

import datetime as dt
import enum
import re
from dataclasses import dataclass

PASSPHRASE_SHORTEST = 12
PASSPHRASE_SHORTEST_STRONG = 15  # of administrators and custodians
PASSPHRASE_LONGEST = 128
ONE_TIME_SECRET_LIFE = dt.timedelta(hours=72)
SIGN_IN_LIFE = dt.timedelta(hours=12)
GUESSES = 10
GUESSES_WITHIN = dt.timedelta(minutes=5)
PIN_DIGITS = 6
PIN_TRIES = 5
ENROLMENT_LIFE = dt.timedelta(minutes=10)
EMERGENCY_LIFE = dt.timedelta(minutes=60)
DRAFT_LIFE = dt.timedelta(hours=24)
SEEN_EVERY = dt.timedelta(seconds=15)  # how exactly the last use of a sign-in is known


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
    PRINT_PACKS = "print paper packs"
    TRANSCRIBE_FORMS = "key written forms"
    TYPE_RETURNS = "type back results from paper"
    CARRY_SPECIMENS = "carry specimens"
    WATCH_CUSTODY = "watch where tubes are"
    SETTLE_CUSTODY = "say how a missing tube ended"
    RECEIVE_SPECIMENS = "receive specimens"
    TRIAGE_REQUESTS = "triage requests"
    ROUTE_TESTS = "route tests"
    PLAN_QUEUE = "plan the queue"
    DISPATCH_SPECIMENS = "dispatch specimens"
    CHASE_REFERRALS = "chase referred tests"
    ENTER_RESULTS = "enter results"
    CHECK_RESULTS = "check results"
    AUTHORISE_RESULTS = "authorise results"
    TELEPHONE_CRITICALS = "telephone criticals"
    READ_RESULTS = "read results"
    ACKNOWLEDGE_RESULTS = "acknowledge results"
    PRINT_SLIPS = "print slips"
    CARRY_SLIPS = "print and deliver slips by place"
    HAND_OVER = "hand over a shift"
    SEE_INCIDENT = "see the incident"
    DECLARE_INCIDENT = "declare an incident"
    SET_MENU = "set today's menu"
    ISSUE_NUMBERS = "issue blocks of numbers"
    MANAGE_ACCOUNTS = "manage accounts"
    REPORT_EXPOSURE = "report exposure"
    MATCH_LEAKS = "match leaks"
    SEARCH_AUDIT = "search the record"
    APPROVE_EXPORTS = "approve exports"
    MANAGE_KEYS = "manage keys"
    LOOK_WITH_REASON = "look beyond one’s place with a reason"
    REVIEW_LOOKS = "review looks and pauses"
    MANAGE_DEVICES = "manage devices"
    MANAGE_PRINTERS = "manage printers"
    ALLOW_PRINTS = "allow more prints"
    WATCH_EMERGENCIES = "watch emergency sign-ins"
    WATCH_BEDSIDES = "watch bedside checks"
    SEE_NETWORK = "see places and network"
    MANAGE_NETWORK = "change places and network"
    SEE_RECHARGE = "see recharge"
    RECHARGE = "take recharge files"
    ASK_QUESTIONS = "ask and answer questions"
    STATE_INTERVALS = "state intervals and methods"


class ScreenKind(enum.StrEnum):
    """What kind of place a device stands at: how long it may be left alone."""

    WARD = "ward"
    BENCH = "bench"
    TRIAGE_WALL = "triage wall"
    PRINT_STATION = "print station"
    PHONE = "phone"


IDLE: dict[ScreenKind, dt.timedelta] = {
    ScreenKind.WARD: dt.timedelta(minutes=2),
    ScreenKind.BENCH: dt.timedelta(minutes=5),
    ScreenKind.TRIAGE_WALL: dt.timedelta(minutes=10),
    ScreenKind.PRINT_STATION: dt.timedelta(minutes=5),
    ScreenKind.PHONE: dt.timedelta(minutes=2),
}
IDLE_UNKNOWN = dt.timedelta(minutes=2)
IDLE_GRACE = dt.timedelta(
    seconds=30
)  # the server's own limit, should the browser not lock by itself
IDLE_EMERGENCY = dt.timedelta(
    minutes=10
)  # an envelope opens once: without a PIN there is no way back
SCREENS: dict[ScreenKind, str] = {
    ScreenKind.WARD: "Ward computer",
    ScreenKind.BENCH: "Laboratory bench",
    ScreenKind.TRIAGE_WALL: "Triage wall",
    ScreenKind.PRINT_STATION: "Print station",
    ScreenKind.PHONE: "Porter’s phone",
}


class Ending(enum.StrEnum):
    """Why a sign-in ended."""

    SIGNED_OUT = "signed out"
    LOCKED = "locked"
    REPLACED = "replaced"
    SECRET_CHANGED = "secret changed"  # noqa: S105 - a word, no secret
    ACCOUNT_CHANGED = "account changed"
    DEVICE_REVOKED = "device revoked"
    ENDED_BY_ADMINISTRATOR = "ended by an administrator"


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
        _P.TRANSCRIBE_FORMS,
        _P.RECEIVE_SPECIMENS,
        _P.ENTER_RESULTS,
        _P.TYPE_RETURNS,
        _P.CHECK_RESULTS,
        _P.READ_RESULTS,
        _P.PRINT_SLIPS,
        _P.CARRY_SLIPS,
        _P.DISPATCH_SPECIMENS,
        _P.WATCH_CUSTODY,
        _P.SETTLE_CUSTODY,
        _P.HAND_OVER,
        _P.SEE_INCIDENT,
        _P.ASK_QUESTIONS,
    }
)

GRANTS: dict[Role, RoleFacts] = {
    Role.REQUESTER: RoleFacts(
        "Requester",
        Scope.SITE,
        frozenset(
            {
                _P.REQUEST_TESTS,
                _P.TRANSCRIBE_FORMS,
                _P.SEE_REQUESTS,
                _P.FIND_REQUESTS,
                _P.COLLECT_SPECIMENS,
                _P.PRINT_LABELS,
                _P.READ_RESULTS,
                _P.ACKNOWLEDGE_RESULTS,
                _P.PRINT_SLIPS,
                _P.SEE_INCIDENT,
                _P.LOOK_WITH_REASON,
            }
        ),
        "Sees no patient of another hospital without saying why.",
    ),
    Role.PORTER: RoleFacts(
        "Porter",
        Scope.NODE,
        frozenset(
            {
                _P.PRINT_QUEUE,
                _P.PRINT_PACKS,
                _P.CARRY_SPECIMENS,
                _P.CARRY_SLIPS,
                _P.SEE_INCIDENT,
            }
        ),
        "Sees no names and no results on screen.",
    ),
    Role.LABORATORY: RoleFacts(
        "Laboratory",
        Scope.LABORATORY,
        _BENCH | {_P.LOOK_WITH_REASON, _P.CHASE_REFERRALS},
        "Cannot authorise what they typed themselves.",
    ),
    Role.SENIOR: RoleFacts(
        "Senior laboratory",
        Scope.LABORATORY,
        _BENCH
        | {
            _P.TRIAGE_REQUESTS,
            _P.ROUTE_TESTS,
            _P.CHASE_REFERRALS,
            _P.PLAN_QUEUE,
            _P.AUTHORISE_RESULTS,
            _P.TELEPHONE_CRITICALS,
            _P.ALLOW_PRINTS,
            _P.SEE_NETWORK,
            _P.STATE_INTERVALS,
        },
        "Every change of priority needs a reason.",
    ),
    Role.COORDINATOR: RoleFacts(
        "Coordinator",
        Scope.NODE,
        frozenset(
            {
                _P.SEE_INCIDENT,
                _P.HAND_OVER,
                _P.DECLARE_INCIDENT,
                _P.SET_MENU,
                _P.ISSUE_NUMBERS,
                _P.CHASE_REFERRALS,
                _P.PLAN_QUEUE,
                _P.PRINT_PACKS,
                _P.LOOK_WITH_REASON,
                _P.REVIEW_LOOKS,
                _P.MANAGE_DEVICES,
                _P.MANAGE_PRINTERS,
                _P.ALLOW_PRINTS,
                _P.WATCH_EMERGENCIES,
                _P.WATCH_BEDSIDES,
                _P.SEE_NETWORK,
                _P.MANAGE_NETWORK,
                _P.WATCH_CUSTODY,
                _P.SEE_RECHARGE,
                _P.RECHARGE,
            }
        ),
        "Sees no patient detail without saying why.",
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
                _P.ASK_QUESTIONS,
                _P.STATE_INTERVALS,
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
                _P.REVIEW_LOOKS,
                _P.WATCH_EMERGENCIES,
                _P.REPORT_EXPOSURE,
                _P.MATCH_LEAKS,
                _P.SEARCH_AUDIT,
                _P.APPROVE_EXPORTS,
                _P.SEE_RECHARGE,
            }
        ),
        "Changes nothing.",
    ),
    Role.ADMINISTRATOR: RoleFacts(
        "Administrator",
        Scope.NODE,
        frozenset(
            {
                _P.MANAGE_ACCOUNTS,
                _P.MANAGE_KEYS,
                _P.MANAGE_DEVICES,
                _P.MANAGE_PRINTERS,
                _P.ISSUE_NUMBERS,
                _P.WATCH_EMERGENCIES,
                _P.SEE_INCIDENT,
                _P.APPROVE_EXPORTS,
                _P.SEE_NETWORK,
                _P.MANAGE_NETWORK,
                _P.SEE_RECHARGE,
                _P.RECHARGE,
            }
        ),
        "Reads no clinical data.",
    ),
}


# What an envelope opens: care for patients, not the books, the record or other people's accounts.
EMERGENCY_ROLES = (
    Role.REQUESTER,
    Role.PORTER,
    Role.LABORATORY,
    Role.SENIOR,
    Role.COORDINATOR,
)


def holds(role: str, permission: enum.StrEnum) -> bool:
    """Whether the role's row of the table has the permission; unknown roles hold nothing."""
    return role in set(Role) and permission in GRANTS[Role(role)].permissions


def role_title(role: str) -> str:
    """`information governance`; what is no role of a person stays as it is."""
    return GRANTS[Role(role)].title.lower() if role in set(Role) else role


def passphrase_problem(
    passphrase: str, username: str, *, shortest: int = PASSPHRASE_SHORTEST
) -> str | None:
    """Why a passphrase will not do, or None. Length counts; no rules about signs."""
    if len(passphrase) < shortest:
        words = "three or four" if shortest == PASSPHRASE_SHORTEST else "four or five"
        return f"Choose a passphrase of at least {shortest} characters: {words} words are easiest."
    if len(passphrase) > PASSPHRASE_LONGEST:
        return f"Choose a passphrase of at most {PASSPHRASE_LONGEST} characters."
    if username and username.casefold() in passphrase.casefold():
        return "Choose a passphrase that does not contain your user name."
    if len(set(passphrase)) < 5:  # noqa: PLR2004 - "aaaaaaaaaaaa" is no passphrase
        return "Choose a passphrase with more different characters."
    return None


def idle_limit(kind: ScreenKind | None) -> dt.timedelta:
    """How long a screen may be left alone before it locks; None is a device that is not enrolled."""
    return IDLE_UNKNOWN if kind is None else IDLE[kind]


def code_needed(role: Role, *, enrolled: bool) -> bool:
    """Whether a sign-in needs a code beside the passphrase: administrators always, others elsewhere."""
    return role is Role.ADMINISTRATOR or not enrolled


_RUNS = "01234567890123456789", "98765432109876543210"
_BIRTHDAY = re.compile(
    r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d\d|\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
)
_PIN_DIFFERENT = 3


def pin_problem(pin: str) -> str | None:
    """Why a PIN will not do, or None: it is six digits and not one of the first that anybody tries."""
    if not (len(pin) == PIN_DIGITS and pin.isascii() and pin.isdigit()):
        return f"Type {PIN_DIGITS} digits."
    if len(set(pin)) < _PIN_DIFFERENT or pin[:3] == pin[3:] or pin[:2] * 3 == pin:
        return "Too easy to guess. Choose digits that do not repeat."
    if any(pin in run for run in _RUNS):
        return "Too easy to guess. Choose digits that do not run up or down."
    if _BIRTHDAY.fullmatch(pin):
        return "Too easy to guess: it reads as a date. Choose another."
    return None
