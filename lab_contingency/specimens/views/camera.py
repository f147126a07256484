"""The camera of a phone as a scanner: it reads into the scan field of a page, and presses no button.

The picture never leaves the phone. These pages name nobody; what is scanned goes to the pages of the work.
"""

from __future__ import annotations

from flask import make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.web import needs
from lab_contingency.foundation.web.headers import CAMERA_HEADERS
from lab_contingency.specimens.views.blueprint import blueprint


@blueprint.get("/camera/carry")
@needs(Permission.CARRY_SPECIMENS)
def camera_carry() -> ResponseReturnValue:
    """A porter takes tubes over."""
    return _camera("Carry by camera", url_for("custody.carry"), porter=True)


@blueprint.get("/camera/receive")
@needs(Permission.RECEIVE_SPECIMENS)
def camera_receive() -> ResponseReturnValue:
    """The laboratory takes tubes in where no scanner is."""
    return _camera("Receive by camera", url_for("specimens.receive", camera=1))


@blueprint.get("/camera/collect")
@needs(Permission.COLLECT_SPECIMENS)
def camera_collect() -> ResponseReturnValue:
    """Form, wristband and tubes at the bedside."""
    return _camera("Collect by camera", url_for("specimens.collect_page", camera=1))


def _camera(title: str, page: str, *, porter: bool = False) -> ResponseReturnValue:
    body = render_template("specimens/camera.html", heading=title, page=page, porter=porter)
    answer = make_response(body)
    answer.headers.update(CAMERA_HEADERS)
    return answer
