"""Where every tube is, what is overdue, what is missing by ward. No name of a patient stands here."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web import current_actor, may, needs, see_other
from lab_contingency.foundation.web.disclosure import list_variant, note_shown, refreshing
from lab_contingency.foundation.wording import count_text
from lab_contingency.places.queries import ward as ward_of
from lab_contingency.routing.queries.snapshot import snapshot
from lab_contingency.transport.custody import services
from lab_contingency.transport.custody.forms import EnquiryForm
from lab_contingency.transport.custody.queries import board as boards
from lab_contingency.transport.custody.queries.missing import is_cut
from lab_contingency.transport.custody.queries.missing import missing as missing_by_ward
from lab_contingency.transport.custody.rules import (
    MISSING_AFTER,
    USUALLY_MISSING_AFTER,
    Hop,
)
from lab_contingency.transport.custody.views.blueprint import blueprint


@blueprint.get("/custody")
@needs(Permission.WATCH_CUSTODY)
@refreshing("custody")
def board() -> ResponseReturnValue:
    """Every tube’s place now, what is overdue first."""
    chosen, held = _filter(), snapshot()
    list_variant(f"{chosen.hop or ''} {chosen.site_id or ''} {chosen.place_id or ''}".strip())
    return render_template(
        "custody/board.html",
        board=boards.board(current_actor(), chosen),
        chosen=chosen,
        hops=tuple(Hop),
        sites=boards.sites_of(held),
        place=boards.place_name(chosen.place_id, held),
        boxes_open=may(Permission.DISPATCH_SPECIMENS),
        now=clock.now(),
    )


def _filter() -> boards.Filter:
    """What the address asks for; what it cannot mean is left out."""
    hop = request.args.get("hop", "")
    return boards.Filter(
        Hop[hop] if hop in Hop.__members__ else None,
        request.args.get("site", type=uuid.UUID),
        request.args.get("place", type=uuid.UUID),
    )


@blueprint.get("/custody/missing")
@needs(Permission.WATCH_CUSTODY)
@refreshing("missing")
def missing() -> ResponseReturnValue:
    """Printed or taken and not received within so many minutes, by ward, with its telephone."""
    minutes = _minutes()
    list_variant(str(minutes))
    wards = missing_by_ward(current_actor(), dt.timedelta(minutes=minutes))
    return render_template(
        "custody/missing.html",
        wards=wards,
        minutes=minutes,
        choices=MISSING_AFTER,
        cut=is_cut(wards),
        now=clock.now(),
    )


def _minutes() -> int:
    asked = request.args.get("minutes", USUALLY_MISSING_AFTER, type=int)
    return asked if asked in MISSING_AFTER else USUALLY_MISSING_AFTER


@blueprint.route("/custody/missing/<uuid:ward_id>", methods=["GET", "POST"])
@needs(Permission.WATCH_CUSTODY)
def ring(ward_id: uuid.UUID) -> ResponseReturnValue:
    """What to say to one ward, and what it said."""
    minutes, actor = _minutes(), current_actor()
    known = ward_of(ward_id)
    wards = missing_by_ward(actor, dt.timedelta(minutes=minutes))
    ward = next((one for one in wards if one.ward_id == known.id), None)
    if ward is None and request.method == "GET":
        raise NotFound
    form = EnquiryForm()
    form.offer(ward.tubes if ward else ())
    for one in ward.tubes if ward else ():
        note_shown(
            one.tube.patient_id, Field.PLACE
        )  # in the choices of the form, under the ward’s name

    def act() -> int:
        with unit_of_work():
            return services.note_enquiry(form.to_command(), actor=actor)

    noted = form.attempt(act)
    if noted is not None:
        flash(f"Noted for {count_text(noted, 'tube')}.", "done")
        return see_other("custody.missing", minutes=minutes)
    page = render_template(
        "custody/ring.html", ward=ward, form=form, minutes=minutes, now=clock.now()
    )
    return page, form.status
