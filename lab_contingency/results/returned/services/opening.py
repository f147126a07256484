"""From a returned page to its rows: by the number that is scanned and the date of birth that is read from it."""

from __future__ import annotations

import datetime as dt
import uuid

from lab_contingency.audit.services import record
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.incidents.rules import digits_of, is_number_of_ours, read_return_number
from lab_contingency.results.returned.queries.slips import slip_at

_OTHER = "That is no return slip. Scan the bars at the top of the page that came back."
_MISREAD = "The check digit does not fit: one digit was misread. Scan it again."
_APART = (
    "No slip has this number with this date of birth. Read both from the same page. If the page really says "
    "so, do not type it: ring the laboratory that sent it."
)
_KIND = "07"


def open_slip(scanned: str, born: dt.date, *, actor: Actor) -> uuid.UUID:
    """The slip whose page is in the person's hands; RuleBroken while number and date of birth do not agree."""
    number = read_return_number(scanned)
    if number is None:
        whole = is_number_of_ours(scanned) and digits_of(scanned).startswith(_KIND)
        raise RuleBroken(_MISREAD if whole else _OTHER, field="number")
    try:
        slip_id = slip_at(number, born, actor)
    except NotFound:
        raise RuleBroken(_APART, field="number") from None
    record("return_slip:opened", slip_id, actor=actor)
    return slip_id
