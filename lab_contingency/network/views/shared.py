"""What the pages that change the network share."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from lab_contingency.foundation.web import VersionedForm, see_other
from lab_contingency.network.telling import changing_the_network

blueprint = Blueprint("network", __name__)


def saves(form: VersionedForm, act: Callable[[], object]) -> bool:
    """Whether the form came and what it asks was done, in one unit of work; else its sentences stand on it."""

    def work() -> bool:
        with changing_the_network():
            act()
        return True

    return form.is_submitted() and bool(form.attempt(work))


def sheet_page(
    form: VersionedForm,
    fields: Iterable[str],
    *,
    title: str,
    back: str,
    send: str,
    here: str,
    version: int | None = None,
    lead: str = "",
) -> ResponseReturnValue:
    """A page with one form of plain fields. `here`: its address, to take what is there; `back`: where to without saving."""
    if version is not None:
        form.catch_up(version)
    page = render_template(
        "network/sheet.html",
        form=form,
        fields=tuple(fields),
        title=title,
        back=back,
        send=send,
        here=here,
        lead=lead,
    )
    return page, form.status


def laboratory_address(laboratory_id: uuid.UUID) -> str:
    """The page of a laboratory."""
    return url_for("laboratories.laboratory", laboratory_id=laboratory_id)


def back_to_laboratory(laboratory_id: uuid.UUID, said: str) -> ResponseReturnValue:
    """To the laboratory's page, with what was done; the page itself tells what the change touches."""
    flash(said, "done")
    return see_other("laboratories.laboratory", laboratory_id=laboratory_id)
