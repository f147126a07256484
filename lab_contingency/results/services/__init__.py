"""Writing results: typing, checking, authorising, amending, telephoning, printing, acknowledging."""

from lab_contingency.results.services.acknowledging import acknowledge
from lab_contingency.results.services.approving import authorise_results, check_results, send_back
from lab_contingency.results.services.batches import (
    PrintedBatch,
    print_batch,
    print_list_again,
)
from lab_contingency.results.services.calling import (
    close_without_call,
    record_call,
    record_failed_attempt,
)
from lab_contingency.results.services.delivering import Delivered, deliver
from lab_contingency.results.services.entering import amend_results, enter_results, field_of
from lab_contingency.results.services.lists import print_bench_list, print_call_sheets
from lab_contingency.results.services.slips import PrintedSlip, print_slip

__all__ = [
    "Delivered",
    "PrintedBatch",
    "PrintedSlip",
    "acknowledge",
    "amend_results",
    "authorise_results",
    "check_results",
    "close_without_call",
    "deliver",
    "enter_results",
    "field_of",
    "print_batch",
    "print_bench_list",
    "print_call_sheets",
    "print_list_again",
    "print_slip",
    "record_call",
    "record_failed_attempt",
    "send_back",
]
