"""How patients were identified at the bedside, ward by ward, and where rounds were stopped: numbers only."""

from __future__ import annotations

import datetime as dt

from flask import render_template
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation import clock
from lab_contingency.foundation.web import needs
from lab_contingency.specimens.queries import bedside_checks
from lab_contingency.specimens.views.blueprint import blueprint

_WINDOW = dt.timedelta(hours=24)


@blueprint.get("/bedside-checks")
@needs(Permission.WATCH_BEDSIDES)
def checks() -> ResponseReturnValue:
    """The last 24 hours."""
    wards = bedside_checks(clock.now() - _WINDOW)
    return render_template("specimens/checks.html", wards=wards, now=clock.now())
