"""How much waits for each role: one small count for each tab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from lab_contingency.accounts.rules import Role
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.packs.models import Transcription
from lab_contingency.requests.queries.looking import looks_standing
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.results.models import CriticalCall, Release
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing a role does: where, how many wait, and what to say about it."""

    label: str
    endpoint: str
    hint: str
    count: Callable[[Actor], int] | None = None
    urgent: bool = False


def _number(statement: object) -> int:
    return int(session().execute(statement).scalar() or 0)  # type: ignore[call-overload]


def open_requests(actor: Actor) -> int:
    """Requests in the scope that are not finished."""
    return _number(select(func.count(Request.id)).where(Request.closed_at.is_(None), within(actor)))


def unread_results(actor: Actor) -> int:
    """Requests in the scope with a release nobody has acknowledged."""
    statement = (
        select(func.count(func.distinct(Release.request_id)))
        .join(Request, Request.id == Release.request_id)
        .where(Release.unread.is_(True), within(actor))
    )
    return _number(statement)


def _tests(actor: Actor, *statuses: TestStatus) -> int:
    """Requests with a test of this laboratory in one of the statuses."""
    here: ColumnElement[bool] = RequestedTest.laboratory_id == actor.laboratory_id
    statement = select(func.count(func.distinct(RequestedTest.request_id))).where(
        here, RequestedTest.status.in_(statuses)
    )
    return _number(statement)


def to_enter(actor: Actor) -> int:
    """Requests with a test on this laboratory's bench."""
    return _tests(actor, TestStatus.RECEIVED)


def to_check(actor: Actor) -> int:
    """Requests with typed or checked results that are not authorised."""
    return _tests(actor, TestStatus.ENTERED, TestStatus.CHECKED)


def to_telephone(actor: Actor) -> int:
    """Critical calls of this laboratory's results that nobody has made."""
    statement = (
        select(func.count(CriticalCall.id))
        .join(RequestedTest, RequestedTest.id == CriticalCall.requested_test_id)
        .where(CriticalCall.closed_at.is_(None), RequestedTest.laboratory_id == actor.laboratory_id)
    )
    return _number(statement)


def to_receive(actor: Actor) -> int:
    """Tubes on their way: with a ward's label and blood in them, or sent on to this laboratory."""
    on_the_way = Specimen.status.in_((SpecimenStatus.COLLECTED, SpecimenStatus.HANDED_OVER))
    sent_here = (Specimen.status == SpecimenStatus.DISPATCHED) & (
        Specimen.bound_for_id == actor.laboratory_id
    )
    if actor.role == Role.PARTNER.value:
        return _number(select(func.count(Specimen.id)).where(sent_here))
    return _number(select(func.count(Specimen.id)).where(on_the_way | sent_here))


def to_carry(_actor: Actor) -> int:
    """Tubes with blood in them that nobody carries yet."""
    return _number(
        select(func.count(Specimen.id)).where(Specimen.status == SpecimenStatus.COLLECTED)
    )


def to_send_out(actor: Actor) -> int:
    """Tests whose tube lies here and whose laboratory is another."""
    statement = (
        select(func.count(func.distinct(Specimen.id)))
        .join(RequestedTest, RequestedTest.planned_tube_id == Specimen.planned_tube_id)
        .where(
            Specimen.status == SpecimenStatus.RECEIVED,
            Specimen.laboratory_id == actor.laboratory_id,
            RequestedTest.status == TestStatus.ASSIGNED,
            RequestedTest.laboratory_id != actor.laboratory_id,
        )
    )
    return _number(statement)


def open_looks(_actor: Actor) -> int:
    """Looks beyond somebody's place that stand now."""
    return looks_standing()


def to_print(_actor: Actor) -> int:
    """Requests with a tube that waits for its label."""
    from lab_contingency.specimens.queries import labels_waiting

    return labels_waiting()


def to_decide(_actor: Actor) -> int:
    """Requests that wait for triage."""
    statement = select(func.count(func.distinct(RequestedTest.request_id))).where(
        RequestedTest.status == TestStatus.REQUESTED
    )
    return _number(statement)


def to_key_again(actor: Actor) -> int:
    """Written forms in the scope that wait for a second person, the actor's own left out."""
    statement = (
        select(func.count(Transcription.id))
        .join(Request, Request.id == Transcription.request_id)
        .where(
            Transcription.check_needed,
            Transcription.checked_at.is_(None),
            Transcription.keyed_by_id != actor.user_id,
            within(actor),
        )
    )
    return _number(statement)


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
_SEND_OUT = Duty("Send out", "routing.send_out", "Tubes bound for another laboratory.", to_send_out)
_MENU = Duty("Today’s menu", "incidents.menu", "What is not offered now, and why.")
_LOOK = Duty("Look elsewhere", "tracking.look", "Another place’s patient, with a reason.")
_INCIDENT = Duty(
    "Incident", "incidents.incident", "Since when, for whom, what is said on every page."
)
_DEVICES = Duty("Devices", "accounts.devices", "Enrol a computer or phone, revoke a lost one.")

_LOOKS = Duty("Looks", "tracking.looks", "Who looked beyond their place, and why.", open_looks)

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
        Duty("Print", "specimens.print_station", "Labels and cards, ward by ward.", to_print),
        Duty("Carry", "specimens.carry", "Scan tubes out and in.", to_carry),
        _PACKS,
    ),
    Role.LABORATORY: (_RECEIVE, _FORMS, _BENCH, _CHECK, _SEND_OUT, _MENU, _LOOK),
    Role.SENIOR: (
        Duty("Queue", "routing.queue", "Decide and choose the laboratory.", to_decide),
        _RECEIVE,
        _FORMS,
        _BENCH,
        _CHECK,
        _TELEPHONE,
        _SEND_OUT,
        _MENU,
    ),
    Role.COORDINATOR: (_INCIDENT, _MENU, _PACKS, _LOOK, _LOOKS, _DEVICES),
    Role.PARTNER: (_RECEIVE, _BENCH, _CHECK, _TELEPHONE),
    Role.GOVERNANCE: (
        Duty("Exposure", "oversight.exposure", "Whose data was seen, printed or taken."),
        Duty(
            "Found outside", "oversight.leaks", "Fragments: whose they are, where they came from."
        ),
        Duty("Exports", "oversight.exports", "What waits for a second person."),
        Duty("Unusual", "oversight.unusual", "Who saw how many patients."),
        _LOOKS,
        Duty("Record", "oversight.record", "Verify it, search it."),
        _INCIDENT,
    ),
    Role.ADMINISTRATOR: (
        Duty("Accounts", "accounts.users", "Add, disable, reset, grant."),
        Duty("Exports", "oversight.exports", "What waits for a second person."),
        Duty("Keys", "keys.keys", "What opens this node; rotate a key; seal it."),
        Duty("Signed in now", "accounts.sign_ins", "Who, where, since when; end it."),
        _DEVICES,
        _INCIDENT,
    ),
}
