"""Printing the worklist of a bench and the calls to make, for when screens are down."""

from __future__ import annotations

from lab_contingency.audit.services import new_watermark, record, register_leaving
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.printing.bench_list import bench_list_pdf
from lab_contingency.printing.call_sheets import call_sheets_pdf
from lab_contingency.results.documents import bench_fields, bench_list, call_fields, call_sheets
from lab_contingency.results.queries.calls import call_pages, open_calls
from lab_contingency.results.queries.worklists import bench_worklist

MOST_SHEETS = 40


def print_bench_list(*, actor: Actor) -> bytes:
    """Print what waits on the benches of this laboratory, a PDF; who stands on it is recorded."""
    rows = bench_worklist(actor)
    if not rows:
        raise RuleBroken("Nothing waits on this bench, so there is nothing to print.")
    mark = new_watermark()
    pdf = bench_list_pdf(bench_list(rows, mark, actor=actor))
    leaving_id = register_leaving(
        "bench worklist", bench_fields(rows), pdf, actor=actor, watermark=mark
    )
    record("bench:printed", None, actor=actor, requests=len(rows), leaving=leaving_id)
    return pdf


def print_call_sheets(*, actor: Actor) -> bytes:
    """Print the calls to make with a sheet for each, a PDF; the first forty, the first due first."""
    pages = call_pages(actor, MOST_SHEETS)
    if not pages:
        raise RuleBroken("Nobody has to be rung, so there is nothing to print.")
    mark, waiting = new_watermark(), len(open_calls(actor))
    pdf = call_sheets_pdf(call_sheets(pages, waiting, mark, actor=actor))
    leaving_id = register_leaving(
        "call sheets", call_fields(pages), pdf, actor=actor, watermark=mark
    )
    record("calls:printed", None, actor=actor, calls=len(pages), leaving=leaving_id)
    return pdf
