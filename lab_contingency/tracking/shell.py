"""What stands around every page: bar, tabs, notices."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Flask, current_app, request, url_for

from lab_contingency.accounts.queries import open_emergencies
from lab_contingency.accounts.rules import Permission, Role, role_title
from lab_contingency.accounts.sign_in import person_signed_in
from lab_contingency.foundation import clock, node, tls
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.sealing import is_sealed
from lab_contingency.foundation.web import actor_or_none, may, templates
from lab_contingency.foundation.wording import near_time_text, time_text
from lab_contingency.incidents.queries import open_incident
from lab_contingency.tracking.queries.work import DUTIES, waiting

# The pages that are reached from a tab's own page, and leave its tab marked: by the tab's endpoint.
BENEATH: dict[str, frozenset[str]] = {
    "requests.new": frozenset({"requests.send", "requests.draft"}),
    "tracking.my_requests": frozenset(
        {
            "tracking.request",
            "requests.correct",
            "requests.withdraw",
            "specimens.correct_patient",
        }
    ),
    "tracking.results_to_read": frozenset({"results.read", "results.acknowledge"}),
    "specimens.collect_page": frozenset(
        {"specimens.collect", "specimens.collect_scan", "specimens.collected"}
    ),
    "station.print_station": frozenset(
        {
            "station.print_scanned",
            "station.print_ward",
            "station.print_card",
            "station.choose",
            "station.job",
            "station.go_on",
            "station.give_up",
        }
    ),
    "specimens.carry": frozenset({"specimens.camera_carry"}),
    "packs.stock": frozenset({"packs.print_packs", "packs.void"}),
    "forms.start": frozenset(
        {
            "forms.scan",
            "forms.key",
            "forms.save",
            "forms.attach",
            "forms.again",
            "packs.spare",
        }
    ),
    "results.slips": frozenset({"results.slips_arrived", "results.print_slips_of"}),
    "specimens.receive": frozenset(
        {
            "specimens.receive_scan",
            "specimens.receive_form",
            "specimens.accept_by_hand",
            "specimens.reject",
        }
    ),
    "routing.queue": frozenset(
        {
            "routing.accept_chosen",
            "routing.request",
            "routing.choose",
            "triage.request",
            "triage.accept",
            "triage.hold",
            "triage.decline",
            "triage.priority",
        }
    ),
    "routing.send_out": frozenset({"routing.send_on"}),
    "planning.plan": frozenset(
        {
            "planning.line",
            "planning.change",
            "planning.settle",
            "planning.accept_all",
            "planning.suppose",
            "planning.laboratories",
            "planning.outage",
            "planning.declare",
        }
    ),
    "results.bench": frozenset(
        {
            "results.find_on_bench",
            "results.entry",
            "results.enter",
            "results.amendment",
            "results.amend",
        }
    ),
    "results.checking": frozenset(
        {"results.check_page", "results.check", "results.authorise", "results.send_back"}
    ),
    "results.calls": frozenset(
        {"results.call", "results.record_call", "results.attempt", "results.no_call"}
    ),
    "tracking.look": frozenset({"tracking.ask_to_look", "tracking.looked"}),
    "incidents.incident": frozenset({"incidents.declare", "incidents.change_message"}),
    "incidents.menu": frozenset({"incidents.stop"}),
    "oversight.exposure": frozenset(
        {
            "oversight.patients",
            "oversight.fragments",
            "oversight.ask",
            "oversight.verify_report",
        }
    ),
    "oversight.leaks": frozenset({"oversight.match", "oversight.leak"}),
    "oversight.exports": frozenset({"oversight.export", "oversight.approve", "oversight.decline"}),
    "oversight.record": frozenset({"oversight.search", "oversight.verify"}),
    "accounts.users": frozenset(
        {
            "accounts.user",
            "accounts.add_user",
            "accounts.grant",
            "accounts.reset",
            "accounts.emergency_codes",
        }
    ),
    "accounts.sign_ins": frozenset(
        {"accounts.incident_button", "accounts.press_incident_button", "accounts.allow_exports"}
    ),
    "keys.keys": frozenset({"keys.rotate", "keys.seal"}),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One thing a role does: where it leads, how many wait there; a tab if it stands on every page.

    `current`: what `aria-current` says, `page` on the tab's own page and `true` on one beneath it.
    """

    label: str
    href: str
    hint: str
    count: int | None = None
    urgent: bool = False
    current: str = ""
    on_every_page: bool = True


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything base.html shows."""

    demonstration: bool
    incident: str | None
    place: str
    person: str
    role: str
    clock: str
    signed_in: bool
    duties: tuple[Tab, ...] = ()
    notices: tuple[str, ...] = field(default=())
    can_lock: bool = False
    lock_after: int = 0  # seconds; 0 is never
    path: str = ""

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """The duties that stand on every page."""
        return tuple(duty for duty in self.duties if duty.on_every_page)


def install(app: Flask) -> None:
    """Give every template its shell."""
    templates.add_context(app, shell=shell)


def shell() -> Shell:
    """The shell of this request. While the node is sealed it asks the database for nothing."""
    if is_sealed():
        return Shell(
            demonstration=settings_of(current_app).demonstration,
            incident=None,
            place="",
            person="",
            role="",
            clock=time_text(clock.now()),
            signed_in=False,
        )
    actor = actor_or_none()
    incident = open_incident()
    person = person_signed_in()
    return Shell(
        demonstration=person.demonstration if person else node.this_node().demonstration,
        incident=incident.banner if incident else None,
        place=person.place if person else "",
        person=actor.name if actor else "",
        role=role_title(actor.role) if actor else "",
        clock=time_text(clock.now()),
        signed_in=actor is not None,
        duties=duties(actor) if actor else (),
        notices=_notices(actor, incident.message if incident else ""),
        can_lock=person is not None and person.live,
        lock_after=person.idle if person is not None else 0,
        path=request.full_path.rstrip("?") if request.method == "GET" else "/",
    )


def _emergencies() -> tuple[str, ...]:
    """What was opened by an envelope, for those who watch over it, until an administrator looked at it."""
    if not may(Permission.WATCH_EMERGENCIES):
        return ()
    return tuple(
        f"Emergency envelope opened at {near_time_text(entry.started_at)}: {entry.name}, {entry.role}, "
        f"{entry.place}. “{entry.reason}”"
        for entry in open_emergencies()
    )


def _notices(actor: Actor | None, message: str) -> tuple[str, ...]:
    """What the incident tells everybody, and what the certificate needs of the administrator."""
    emergencies = _emergencies() if actor is not None else ()
    said = (*emergencies, message) if message else emergencies
    is_administrator = actor is not None and actor.role == Role.ADMINISTRATOR
    return (*said, *tls.notices()) if is_administrator else said


def duties(actor: Actor) -> tuple[Tab, ...]:
    """Everything the actor's role does, with what waits."""
    counts = waiting(actor)
    return tuple(
        Tab(
            duty.label,
            url_for(duty.endpoint),
            duty.hint,
            counts.get(duty.endpoint),
            urgent=duty.urgent,
            current=_current(duty.endpoint),
            on_every_page=duty.tab,
        )
        for duty in DUTIES[Role(actor.role)]
    )


def _current(tab: str) -> str:
    if request.endpoint == tab:
        return "page"
    return "true" if request.endpoint in BENEATH.get(tab, ()) else ""
