"""Making the file of a month: it is registered as leaving, and holds no patient."""

from __future__ import annotations

import enum

from lab_contingency.audit.services import new_watermark, record, register_leaving
from lab_contingency.foundation.actor import Actor
from lab_contingency.oversight.recharge.documents import recharge_csv, recharge_xlsx
from lab_contingency.oversight.recharge.queries import recharge
from lab_contingency.oversight.recharge.rules import Month


class FileKind(enum.StrEnum):
    """What kind of file."""

    CSV = "csv"
    XLSX = "xlsx"


def make_recharge_file(month: Month, kind: FileKind, *, actor: Actor) -> bytes:
    """The month as CSV or as a workbook; who took it stands in the record."""
    report, mark = recharge(month), new_watermark()
    made = recharge_csv(report, mark) if kind is FileKind.CSV else recharge_xlsx(report, mark)
    leaving_id = register_leaving(f"recharge {kind.value}", {}, made, actor=actor, watermark=mark)
    record("recharge:taken", None, actor=actor, month=month.value, leaving=leaving_id)
    return made
