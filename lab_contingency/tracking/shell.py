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
from lab_contingency.tracking.rules import NARROW_BAR, WIDE_BAR, tab_width, tabs_in_line

PORTERS_PARTS = (8, 4)
"""Into how many parts the porters' bar is divided at most: at a desk, on a phone."""

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
    "custody.carry": frozenset(
        {"specimens.camera_carry", "custody.scan", "custody.take", "custody.leave"}
    ),
    "custody.board": frozenset(
        {"custody.missing", "custody.ring", "custody.tube", "custody.found", "custody.again"}
    ),
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
    "returned.start": frozenset(
        {
            "returned.scan",
            "returned.slip",
            "returned.type_back",
            "returned.attach",
            "returned.check_page",
            "returned.check",
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
    "transport.send_out": frozenset({"transport.send_one", "transport.start"}),
    "transport.consignments": frozenset(
        {
            "transport.find",
            "transport.consignment",
            "transport.pack",
            "transport.seal",
            "transport.move",
            "transport.bring_back",
            "transport.reroute",
            "transport.print_manifest",
            "transport.unpack",
            "transport.unpack_tube",
            "transport.extra",
            "transport.finish",
            "transport.discrepancy",
            "transport.settle",
            "transport.name_owner",
        }
    ),
    "transport.boxes": frozenset(
        {"transport.scan_box", "transport.hand_over", "transport.note_hand_over"}
    ),
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
    "questions.asked": frozenset(
        {"questions.ask_page", "questions.ask", "questions.thread", "questions.answer"}
    ),
    "stated.menu": frozenset(
        {"stated.interval", "stated.state", "stated.method", "stated.change_method"}
    ),
    "results.calls": frozenset(
        {"results.call", "results.record_call", "results.attempt", "results.no_call"}
    ),
    "tracking.look": frozenset({"tracking.ask_to_look", "tracking.looked"}),
    "incidents.incident": frozenset({"incidents.declare", "incidents.change_message"}),
    "chasing.not_back": frozenset({"chasing.call", "chasing.note_call"}),
    "incidents.menu": frozenset({"incidents.stop", "incidents.offer_all_the_same"}),
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
    "laboratories.overview": frozenset(
        {
            "laboratories.laboratory",
            "network.places",
            "network.add_organisation",
            "network.organisation",
            "network.add_site",
            "network.site",
            "network.add_ward",
            "network.ward",
            "network.add_laboratory",
            "network.change_laboratory",
            "network.agreement",
            "network.slots",
            "network.menu",
            "network.copy_menu",
            "network.menu_line",
            "network.hours",
            "network.capacity",
            "network.add_link",
            "network.link",
        }
    ),
    "keys.keys": frozenset({"keys.rotate", "keys.seal"}),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One thing a role does: where it leads, and how many wait there.

    `current`: what `aria-current` says, `page` on the tab's own page and `true` on one beneath it. `wide` and
    `narrow`: whether it stands in the bar of a desk and of a phone, or is folded into “More” there.
    """

    label: str
    href: str
    hint: str
    count: int | None = None
    urgent: bool = False
    current: str = ""
    wide: bool = True
    narrow: bool = True


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
        """The duties that stand in the bar, at one width of the screen or at both."""
        return tuple(duty for duty in self.duties if duty.wide or duty.narrow)

    @property
    def folded(self) -> tuple[Tab, ...]:
        """The duties that are folded into “More” at one width or at both."""
        return tuple(duty for duty in self.duties if not (duty.wide and duty.narrow))


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
    role = Role(actor.role)
    wide, narrow = standing(role)
    return tuple(
        Tab(
            duty.label,
            url_for(duty.endpoint),
            duty.hint,
            counts.get(duty.endpoint),
            urgent=duty.urgent,
            current=_current(duty.endpoint),
            wide=duty.endpoint in wide,
            narrow=duty.endpoint in narrow,
        )
        for duty in DUTIES[role]
    )


def standing(role: Role) -> tuple[frozenset[str], frozenset[str]]:
    """The endpoints of a role's tabs that stand in the bar of a desk, and of a phone."""
    held = DUTIES[role]
    tabs = [duty for duty in held if duty.tab]
    widths = [tab_width(duty.label, counted=duty.count is not None) for duty in tabs]
    more = len(tabs) < len(held)
    wide, narrow = (tabs_in_line(widths, room, more=more) for room in (WIDE_BAR, NARROW_BAR))
    if role is Role.PORTER:  # theirs are equal parts of the screen, in large letters
        wide, narrow = (_parts(len(tabs), most, more=more) for most in PORTERS_PARTS)
    return (
        frozenset(duty.endpoint for duty in tabs[:wide]),
        frozenset(duty.endpoint for duty in tabs[:narrow]),
    )


def _parts(tabs: int, most: int, *, more: bool) -> int:
    return tabs if tabs <= most - more else most - 1


def _current(tab: str) -> str:
    if request.endpoint == tab:
        return "page"
    return "true" if request.endpoint in BENEATH.get(tab, ()) else ""
