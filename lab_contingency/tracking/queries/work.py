"""How much waits for each role: one small count for each tab, all of a role's in one statement."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from lab_contingency.accounts.rules import Role
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.packs.models import Transcription
from lab_contingency.requests.queries.looking import looks_standing
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.results.models import UNREAD, CriticalCall, Release
from lab_contingency.results.queries.calls import rung_from
from lab_contingency.results.queries.deliveries import overdue_slips, slips_waiting
from lab_contingency.results.returned.models import SlipReturn
from lab_contingency.results.returned.queries import returns_to_do
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.queries import labels_waiting, stops_lately
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.specimens.station.queries.jobs import jobs_to_look_at
from lab_contingency.tracking.queries.to_us import expected
from lab_contingency.transport.chasing.queries import referrals_to_ring
from lab_contingency.transport.custody.queries.standing import late_count
from lab_contingency.transport.models import Consignment, ConsignmentItem, Discrepancy
from lab_contingency.transport.questions.queries import questions_waiting
from lab_contingency.transport.rules import ConsignmentState

Count = Select[int]
"""A statement that counts: one row, one number."""
_PERSON = "person"
"""Who asks, given when the statement is executed."""


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
    row = session().execute(statement, {_PERSON: actor.user_id}).one()
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


def open_requests(actor: Actor) -> Count:
    """Requests in the scope that are not finished."""
    return select(func.count(Request.id)).where(Request.closed_at.is_(None), within(actor))


def unread_results(actor: Actor) -> Count:
    """Requests in the scope with a release nobody has acknowledged."""
    statement = (
        select(func.count(func.distinct(Release.request_id)))
        .join(Request, Request.id == Release.request_id)
        .where(UNREAD, within(actor))
    )
    return statement


def _tests(actor: Actor, *statuses: TestStatus) -> Count:
    """Requests with a test of this laboratory in one of the statuses."""
    here: ColumnElement[bool] = RequestedTest.laboratory_id == actor.laboratory_id
    statement = select(func.count(func.distinct(RequestedTest.request_id))).where(
        here, RequestedTest.status.in_(statuses)
    )
    return statement


def to_enter(actor: Actor) -> Count:
    """Requests with a test on this laboratory's bench."""
    return _tests(actor, TestStatus.RECEIVED)


def to_check(actor: Actor) -> Count:
    """Requests with typed or checked results that are not authorised."""
    return _tests(actor, TestStatus.ENTERED, TestStatus.CHECKED)


def to_telephone(actor: Actor) -> Count:
    """Critical calls of this laboratory's results that nobody has made."""
    statement = (
        select(func.count(CriticalCall.id))
        .join(RequestedTest, RequestedTest.id == CriticalCall.requested_test_id)
        .join(Request, Request.id == CriticalCall.request_id)
        .where(CriticalCall.closed_at.is_(None), rung_from(actor), within(actor))
    )
    return statement


def to_receive(actor: Actor) -> Count:
    """Tubes on their way: with a ward's label and blood in them, or sent on to this laboratory."""
    on_the_way = Specimen.status.in_((SpecimenStatus.COLLECTED, SpecimenStatus.HANDED_OVER))
    sent_here = (Specimen.status == SpecimenStatus.DISPATCHED) & (
        Specimen.bound_for_id == actor.laboratory_id
    )
    if actor.role == Role.PARTNER.value:
        return select(func.count(Specimen.id)).where(sent_here)
    return select(func.count(Specimen.id)).where(on_the_way | sent_here)


def to_carry(_actor: Actor) -> Count:
    """Tubes with blood in them that nobody carries yet."""
    return select(func.count(Specimen.id)).where(Specimen.status == SpecimenStatus.COLLECTED)


def to_send_out(actor: Actor) -> Count:
    """Tubes that lie here in no box and whose laboratory is another."""
    in_a_box = select(ConsignmentItem.specimen_id).where(ConsignmentItem.ended_at.is_(None))
    statement = (
        select(func.count(func.distinct(Specimen.id)))
        .join(RequestedTest, RequestedTest.planned_tube_id == Specimen.planned_tube_id)
        .where(
            Specimen.status == SpecimenStatus.RECEIVED,
            Specimen.laboratory_id == actor.laboratory_id,
            RequestedTest.status == TestStatus.ASSIGNED,
            RequestedTest.laboratory_id != actor.laboratory_id,
            Specimen.id.not_in(in_a_box),
        )
    )
    return statement


def boxes_for_us(actor: Actor) -> Count:
    """Boxes for this laboratory that are sealed, on the way or being unpacked, and what is not settled of ours."""
    partner = actor.role == Role.PARTNER.value
    closed = Consignment.left_at if partner else Consignment.sealed_at
    coming = select(func.count(Consignment.id)).where(
        Consignment.ended_at.is_(None),
        closed.is_not(None),
        Consignment.to_laboratory_id == actor.laboratory_id,
    )
    ours = select(func.count(Discrepancy.id)).where(
        Discrepancy.settled_at.is_(None), Discrepancy.owner_laboratory_id == actor.laboratory_id
    )
    return select(coming.scalar_subquery() + ours.scalar_subquery())


def boxes_to_take(_actor: Actor) -> Count:
    """Boxes that are sealed and nobody has taken."""
    return select(func.count(Consignment.id)).where(Consignment.state == ConsignmentState.SEALED)


def open_looks(_actor: Actor) -> Count:
    """Looks beyond somebody's place that stand now."""
    return looks_standing()


def to_print(actor: Actor) -> Count:
    """Requests with a tube that waits for its label, and print jobs that wait for somebody."""
    return select(labels_waiting().scalar_subquery() + jobs_to_look_at(actor).scalar_subquery())


def to_deliver(actor: Actor) -> Count:
    """Slips that wait to be printed for some place."""
    return slips_waiting(actor)


def to_decide(_actor: Actor) -> Count:
    """Requests that wait for triage."""
    statement = select(func.count(func.distinct(RequestedTest.request_id))).where(
        RequestedTest.status == TestStatus.REQUESTED
    )
    return statement


def stopped_today(_actor: Actor) -> Count:
    """Rounds at a bedside that were stopped within a day."""
    return stops_lately(dt.timedelta(hours=24))


def to_key_again(actor: Actor) -> Count:
    """Written forms in the scope that wait for a second person, the actor's own left out."""
    statement = (
        select(func.count(Transcription.id))
        .join(Request, Request.id == Transcription.request_id)
        .where(
            Transcription.check_needed,
            Transcription.checked_at.is_(None),
            Transcription.keyed_by_id != bindparam(_PERSON, type_=Transcription.keyed_by_id.type),
            within(actor),
        )
    )
    return statement


def to_check_returned(actor: Actor) -> Count:
    """Slips typed back that wait for this person: a colleague's to check, their own that went back."""
    return returns_to_do(actor, bindparam(_PERSON, type_=SlipReturn.typed_by_id.type))


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
            "Boxes", "transport.boxes", "Between laboratories: take one, hand it on.", boxes_to_take
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
    Role.PARTNER: (_RECEIVE, _BOXES_HERE, _BENCH, _CHECK, _TELEPHONE),
    Role.PARTNER: (_TO_US, _RECEIVE, _BENCH, _CHECK, _TELEPHONE, _QUESTIONS, _STATED),
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
