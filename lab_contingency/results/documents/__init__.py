"""Slips and lists of results as frozen content."""

from lab_contingency.results.documents.lists import (
    bench_fields,
    bench_list,
    call_fields,
    call_sheets,
    delivery_list,
    delivery_row,
)
from lab_contingency.results.documents.slips import (
    SlipIssue,
    result_slip,
    slip_again,
    slip_fields,
)

__all__ = [
    "SlipIssue",
    "bench_fields",
    "bench_list",
    "call_fields",
    "call_sheets",
    "delivery_list",
    "delivery_row",
    "result_slip",
    "slip_again",
    "slip_fields",
]
