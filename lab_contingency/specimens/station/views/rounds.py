"""A ward's round: choose its patients, print their labels one patient after the other."""

from __future__ import annotations

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, paper, see_other
from lab_contingency.specimens import services as tubes
from lab_contingency.specimens.queries import Bedside, bedsides
from lab_contingency.specimens.station import services
from lab_contingency.specimens.station.forms import RoundForm
from lab_contingency.specimens.station.sender import wake
from lab_contingency.specimens.station.views.blueprint import blueprint
from lab_contingency.specimens.station.views.here import printer_here
from lab_contingency.specimens.station.views.queue import skipped_words


@blueprint.get("/print/round")
@needs(Permission.PRINT_LABELS)
def rounds() -> ResponseReturnValue:
    """The wards of one's site with patients whose labels were never printed."""
    return render_template("station/rounds.html", wards=_by_ward(), here=printer_here())


def _by_ward() -> dict[uuid.UUID, list[Bedside]]:
    actor = current_actor()
    found: dict[uuid.UUID, list[Bedside]] = {}
    for bed in bedsides(actor.site_id, actor) if actor.site_id else ():
        if bed.to_label:
            found.setdefault(bed.request.ward.id, []).append(bed)
    return found


@blueprint.route("/print/round/<uuid:ward_id>", methods=["GET", "POST"])
@needs(Permission.PRINT_LABELS)
def round_of_ward(ward_id: uuid.UUID) -> ResponseReturnValue:
    """The patients of one ward, to tick."""
    beds, here, form, actor = _by_ward().get(ward_id, []), printer_here(), RoundForm(), current_actor()  # fmt: skip

    def act() -> tuple[uuid.UUID | None, tubes.Printed | None, tuple[str, ...]]:
        chosen = form.chosen(bed.request.id for bed in beds)
        with unit_of_work():
            if here is None:
                printed = tubes.labels_for_round(chosen, actor=actor)
                return None, printed, printed.skipped
            job_id, skipped = services.print_round_at(here.id, ward_id, chosen, actor=actor)
            return job_id, None, skipped

    done = form.attempt(act) if form.is_submitted() else None
    if done is None:
        page = render_template("station/round.html", form=form, beds=beds, here=here)
        return page, form.status
    job_id, printed, skipped = done
    if skipped:
        flash(skipped_words(skipped), "error")
    if printed is not None:
        return paper(printed.pdf, "labels")
    wake([here.id] if here else [])
    return see_other("station.job", job_id=job_id)
