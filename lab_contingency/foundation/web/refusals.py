"""Somebody asked for what they may not have: told to the record, without what it was."""

from __future__ import annotations

from typing import Protocol

from flask import Flask, current_app, request

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import LabError, NotFound, NotPermitted
from lab_contingency.foundation.web.access import actor_or_none

_EXTENSION = "lab_refusals"


class Recorder(Protocol):
    """What the audit storey plugs in; never raises."""

    def __call__(self, page: str, answer: int, *, actor: Actor) -> None: ...


def install(app: Flask, recorder: Recorder) -> None:
    """From here on refusals are recorded."""
    app.extensions[_EXTENSION] = recorder


def note(error: LabError, status: int) -> None:
    """A page that the role does not open, or a thing named in the address that is out of reach.

    A number that was mistyped into a box is neither. Must not be called inside a unit of work.
    """
    if not (isinstance(error, NotPermitted) or (isinstance(error, NotFound) and request.view_args)):
        return
    actor = actor_or_none()
    recorder: Recorder | None = current_app.extensions.get(_EXTENSION)
    if actor is not None and recorder is not None:
        recorder(request.endpoint or "", status, actor=actor)
