"""The page of a month's recharge, and its files."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from lab_contingency.accounts.rules import Permission
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web import current_actor, may, needs
from lab_contingency.oversight.recharge import queries
from lab_contingency.oversight.recharge.rules import CHARGED, Month, pounds, read_month
from lab_contingency.oversight.recharge.services import FileKind, make_recharge_file

blueprint = Blueprint("recharge", __name__)
_TYPES = {
    FileKind.CSV: "text/csv; charset=utf-8",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.get("/recharge")
@needs(Permission.SEE_RECHARGE)
def recharge() -> ResponseReturnValue:
    """What partners did for whom in a month: this one, or `?month=2026-11`."""
    months = queries.months()
    month = _month(request.args["month"]) if "month" in request.args else months[0]
    return render_template(
        "recharge/recharge.html",
        report=queries.recharge(month),
        months=months if month in months else (*months, month),
        pounds=pounds,
        charged=CHARGED,
        may_take=may(Permission.RECHARGE),
    )


@blueprint.post("/recharge/<string:month>/<string:kind>")
@needs(Permission.RECHARGE)
def take(month: str, kind: str) -> ResponseReturnValue:
    """The month as a file; what leaves is registered in the same transaction."""
    if kind not in set(FileKind):
        raise NotFound
    wanted, form = _month(month), FileKind(kind)
    with unit_of_work():
        made = make_recharge_file(wanted, form, actor=current_actor())
    answer = make_response(made)
    answer.headers["Content-Type"] = _TYPES[form]
    name = f"recharge-{wanted.value}.{form.value}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _month(typed: str) -> Month:
    month = read_month(typed)
    if month is None:
        raise NotFound
    return month
