"""Fragments found outside: look through them, say whose they are and where they came from."""

from __future__ import annotations

import uuid

from flask import render_template, request
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import GRANTS, Permission, Role
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.oversight import services
from lab_contingency.oversight.forms import LeakForm
from lab_contingency.oversight.matching import Caps
from lab_contingency.oversight.queries.found import found_in, leavings, matches
from lab_contingency.oversight.views.pages import blueprint

_MEGABYTE = 1024 * 1024
LARGEST_UPLOAD = 16 * _MEGABYTE


def _caps() -> Caps:
    """For a page: a bomb costs no more than this."""
    return Caps(stream=16 * _MEGABYTE, left=64 * _MEGABYTE, depth=3)


@blueprint.get("/leaks")
@needs(Permission.MATCH_LEAKS)
def leaks() -> ResponseReturnValue:
    """Where fragments are given, and the latest searches."""
    return _page(LeakForm(formdata=None))


def _page(form: LeakForm) -> ResponseReturnValue:
    return render_template("oversight/leaks.html", form=form, matches=matches()), form.status


@blueprint.post("/leaks")
@needs(Permission.MATCH_LEAKS)
def match() -> ResponseReturnValue:
    """Look through them. They are read where they lie in memory and are not kept."""
    form = LeakForm()

    def act() -> uuid.UUID:
        streams = form.streams()
        with unit_of_work():
            return services.match_leak(streams, actor=current_actor(), caps=_caps()).id

    match_id = form.attempt(act)
    return see_other("oversight.leak", match_id=match_id) if match_id else _page(form)


@blueprint.get("/leaks/<uuid:match_id>")
@needs(Permission.MATCH_LEAKS)
def leak(match_id: uuid.UUID) -> ResponseReturnValue:
    """What one search found: counts, and the papers and files by watermark."""
    found = found_in(match_id)
    titles = {role.value: GRANTS[role].title.lower() for role in Role}
    return render_template(
        "oversight/leak.html", found=found, leavings=leavings(found.leavings), titles=titles
    )


def _allow_uploads() -> None:
    """Fragments may be larger than a form; everything else keeps the ordinary cap."""
    if request.endpoint == "oversight.match":
        request.max_content_length = LARGEST_UPLOAD


@blueprint.record_once
def _before_everything(state: BlueprintSetupState) -> None:
    """Before the token is looked for: that reads the form."""
    state.app.before_request_funcs.setdefault(None, []).insert(0, _allow_uploads)
