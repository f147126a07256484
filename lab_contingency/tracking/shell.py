"""What stands around every page: bar, tabs, notices."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Flask

from lab_contingency.foundation import clock, node
from lab_contingency.foundation.web import actor_or_none, templates
from lab_contingency.foundation.wording import time_text
from lab_contingency.incidents.queries import open_incident


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of a role: where it leads, how many wait there."""

    label: str
    href: str
    count: int | None = None
    urgent: bool = False
    current: bool = False


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
    tabs: tuple[Tab, ...] = ()
    notices: tuple[str, ...] = field(default=())


def install(app: Flask) -> None:
    """Give every template its shell."""
    templates.add_context(app, shell=shell)


def shell() -> Shell:
    """The shell of this request."""
    actor = actor_or_none()
    incident = open_incident()
    return Shell(
        demonstration=node.this_node().demonstration,
        incident=incident.banner if incident else None,
        place="",
        person=actor.name if actor else "",
        role=actor.role if actor else "",
        clock=time_text(clock.now()),
        signed_in=actor is not None,
        notices=(incident.message,) if incident and incident.message else (),
    )
