"""What porters carry, by number and place. No identifier of a patient stands on this page."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.web import current_actor, needs, see_other
from lab_contingency.foundation.web.disclosure import refreshing
from lab_contingency.specimens import services
from lab_contingency.specimens.forms import ScanForm
from lab_contingency.specimens.queries import carried_by
from lab_contingency.specimens.views.blueprint import blueprint


@blueprint.get("/carry")
@needs(Permission.CARRY_SPECIMENS)
@refreshing("carry")
def carry() -> ResponseReturnValue:
    """Scan a tube or a form to take it; what is in one’s hands stands below."""
    return _carry(ScanForm(formdata=None))


@blueprint.post("/carry")
@needs(Permission.CARRY_SPECIMENS)
@refreshing("carry")
def take() -> ResponseReturnValue:
    """Take what was scanned."""
    form, actor = ScanForm(), current_actor()

    def act() -> object:
        with unit_of_work():
            return services.hand_over([form.number.data or ""], actor.name, actor=actor)

    return see_other("specimens.carry") if form.attempt_scan(act) else _carry(form)


def _carry(form: ScanForm) -> ResponseReturnValue:
    tubes = carried_by(current_actor())
    page = render_template("specimens/carry.html", form=form, tubes=tubes, now=clock.now())
    return page, form.status
