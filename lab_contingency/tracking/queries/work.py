"""How much waits for each role: one small count for each tab, all of a role's in one statement."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import Select, select

from lab_contingency.accounts.rules import Role
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.results.queries.deliveries import overdue_slips
from lab_contingency.tracking.queries.counting import (
    PERSON,
    Count,
    boxes_for_us,
    boxes_to_carry,
    open_looks,
    open_requests,
    stopped_today,
    to_carry,
    to_check,
    to_check_returned,
    to_decide,
    to_deliver,
    to_enter,
    to_key_again,
    to_print,
    to_receive,
    to_send_out,
    to_telephone,
    unread_results,
)
from lab_contingency.tracking.queries.to_us import expected
from lab_contingency.transport.chasing.queries import referrals_to_ring
from lab_contingency.transport.custody.queries.standing import late_count
from lab_contingency.transport.questions.queries import questions_waiting


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing a role does: where, how many wait, and what to say about it."""

    label: str
    endpoint: str
    hint: str
    count: Callable[[Actor], Count] | None = None
    urgent: bool = False
    tab: bool = True  # False: under “More”, the tabs are for what is done all night


def waiting(actor: Actor) -> dict[str, int]:
    """How many wait for the actor's role, by the endpoint of the duty."""
    duties, statement = _counting(actor.role, actor.site_id, actor.laboratory_id)
    if not duties:
        return {}
    row = session().execute(statement, {PERSON: actor.user_id}).one()
    return dict(zip(duties, row, strict=True))


@lru_cache(maxsize=256)
def _counting(
    role: str, site_id: uuid.UUID | None, laboratory_id: uuid.UUID | None
) -> tuple[tuple[str, ...], Select[*tuple[int, ...]]]:
    """Made once for a role at a place, for it stands on every page; nothing of a person or an hour is in it."""
    somebody = Actor(None, "", role, site_id, laboratory_id)
    counts = {
        duty.endpoint: duty.count(somebody).scalar_subquery()
        for duty in DUTIES[Role(role)]
        if duty.count
    }
    return tuple(counts), select(*counts.values())


_FORMS = Duty(
    "Forms", "forms.start", "Key what was written while no computer answered.", to_key_again
)
_PACKS = Duty("Packs", "packs.stock", "Numbered paper forms on the wards: print more.")
_RECEIVE = Duty("Receive", "specimens.receive", "Scan tubes as they arrive.", to_receive)
_BENCH = Duty("Bench", "results.bench", "Type results, most urgent first.", to_enter)
_CHECK = Duty("To check", "results.checking", "Compare what a colleague typed.", to_check)
_TELEPHONE = Duty(
    "To telephone", "results.calls", "Ring and have it read back.", to_telephone, urgent=True
)
_RETURNED = Duty(
    "Returned",
    "returned.start",
    "Type back what a laboratory wrote on paper; check a colleague’s.",
    to_check_returned,
)
_SEND_OUT = Duty(
    "Send out", "transport.send_out", "Tubes bound for another laboratory: pack, seal.", to_send_out
)
_BOXES_HERE = Duty(
    "Boxes", "transport.consignments", "For us, from us, and what did not agree.", boxes_for_us
)
_NOT_BACK = Duty(
    "Not back",
    "chasing.not_back",
    "Ring the partner laboratories about what is late.",
    referrals_to_ring,
    urgent=True,
)
_PLAN = Duty("Plan", "planning.plan", "The whole queue at once: propose, change, accept.")
_SLIPS = Duty(
    "Slips",
    "results.slips",
    "Print them place by place; what is late comes back.",
    overdue_slips,
    urgent=True,
)
_MENU = Duty("Today’s menu", "incidents.menu", "What is not offered now, and why.")
_LOOK = Duty("Look elsewhere", "tracking.look", "Another place’s patient, with a reason.")
_INCIDENT = Duty(
    "Incident", "incidents.incident", "Since when, for whom, what is said on every page."
)
_NUMBERS = Duty(
    "Numbers", "incidents.numbers", "The books; blocks for servers that work alone.", tab=False
)
_HAND_OVER = Duty(
    "Hand over", "oversight.hand_over", "What is open, on a sheet for the next shift.", tab=False
)
_DEVICES = Duty("Devices", "accounts.devices", "Enrol a computer or phone, revoke a lost one.")

_PRINTERS = Duty(
    "Printers",
    "station.printers",
    "Set up, test, switch off; labels for the wards’ boards.",
    tab=False,
)
_MORE = Duty(
    "More prints", "station.more", "A label that came out too often, with a reason.", tab=False
)

_NETWORK = Duty(
    "Network", "laboratories.overview", "Laboratories and partners: open, menu, room left today."
)
_NETWORK_TOO = replace(_NETWORK, tab=False)
_RECHARGE = Duty(
    "Recharge", "recharge.recharge", "What partners did for whom, month by month.", tab=False
)

_LOOKS = Duty("Looks", "tracking.looks", "Who looked beyond their place, and why.", open_looks)

_CUSTODY = Duty(
    "Tubes", "custody.board", "Where every tube is; what is overdue, and whom to ring.",
    late_count, urgent=True,
)  # fmt: skip

_BEDSIDES = Duty(
    "Bedside checks", "specimens.checks", "How patients were identified, and what was stopped.",
    stopped_today,
)  # fmt: skip

_QUESTIONS = Duty(
    "Questions",
    "questions.asked",
    "Asked about a tube or a request: answer in time.",
    questions_waiting,
    urgent=True,
)
_STATED = Duty(
    "Intervals",
    "stated.menu",
    "Your intervals and methods, as they stand beside results.",
    tab=False,
)
_TO_US = Duty(
    "To us", "tracking.to_us", "What is announced and on its way, and whom to ring.", expected
)

DUTIES: dict[Role, tuple[Duty, ...]] = {
    Role.REQUESTER: (
        Duty("Request", "requests.new", "Fill in the card: half a minute for a known patient."),
        Duty(
            "My patients",
            "tracking.my_requests",
            "What waits, what is overdue, what is ready.",
            open_requests,
        ),
        Duty(
            "Results to read",
            "tracking.results_to_read",
            "Ready and not acknowledged.",
            unread_results,
            urgent=True,
        ),
        Duty("Collect", "specimens.collect_page", "Scan tubes as you take them."),
        _FORMS,
        _MENU,
        _LOOK,
    ),
    Role.PORTER: (
        Duty("Print", "station.print_station", "Labels and cards, ward by ward.", to_print),
        Duty("Carry", "custody.carry", "What waits where, by when; take it, leave it.", to_carry),
        Duty(
            "Boxes",
            "transport.boxes",
            "Between laboratories: take one, hand it on.",
            boxes_to_carry,
        ),
        Duty("Slips", "results.slips", "Print and deliver results, place by place.", to_deliver),
        _PACKS,
    ),
    Role.LABORATORY: (
        _RECEIVE,
        _FORMS,
        _BENCH,
        _CHECK,
        _CUSTODY,
        _RETURNED,
        _QUESTIONS,
        _SEND_OUT,
        _BOXES_HERE,
        _NOT_BACK,
        _SLIPS,
        _MENU,
        _LOOK,
        _HAND_OVER,
    ),
    Role.SENIOR: (
        Duty("Queue", "routing.queue", "Decide and choose the laboratory.", to_decide),
        _RECEIVE,
        _FORMS,
        _BENCH,
        _CHECK,
        _TELEPHONE,
        _CUSTODY,
        _RETURNED,
        _QUESTIONS,
        _SEND_OUT,
        _BOXES_HERE,
        _NOT_BACK,
        _PLAN,
        _SLIPS,
        _MENU,
        _MORE,
        _NETWORK_TOO,
        _STATED,
        _HAND_OVER,
    ),
    Role.COORDINATOR: (
        _INCIDENT,
        _PLAN,
        _MENU,
        _NETWORK,
        _CUSTODY,
        _NOT_BACK,
        _PACKS,
        _LOOK,
        _LOOKS,
        _BEDSIDES,
        _DEVICES,
        _PRINTERS,
        _MORE,
        _NUMBERS,
        _RECHARGE,
        _HAND_OVER,
    ),
    Role.PARTNER: (
        _TO_US,
        _RECEIVE,
        _BOXES_HERE,
        _BENCH,
        _CHECK,
        _TELEPHONE,
        _QUESTIONS,
        _STATED,
    ),
    Role.GOVERNANCE: (
        Duty("Exposure", "oversight.exposure", "Whose data was seen, printed or taken."),
        Duty(
            "Found outside", "oversight.leaks", "Fragments: whose they are, where they came from."
        ),
        Duty("Exports", "oversight.exports", "What waits for a second person."),
        Duty("Unusual", "oversight.unusual", "Who saw how many patients."),
        _LOOKS,
        Duty("Record", "oversight.record", "Verify it, search it."),
        _RECHARGE,
        _INCIDENT,
    ),
    Role.ADMINISTRATOR: (
        Duty("Accounts", "accounts.users", "Add, disable, reset, grant."),
        Duty("Exports", "oversight.exports", "What waits for a second person."),
        Duty("Keys", "keys.keys", "What opens this node; rotate a key; seal it."),
        Duty("Signed in now", "accounts.sign_ins", "Who, where, since when; end it."),
        _DEVICES,
        _PRINTERS,
        _NUMBERS,
        _NETWORK_TOO,
        _RECHARGE,
        _INCIDENT,
    ),
}
