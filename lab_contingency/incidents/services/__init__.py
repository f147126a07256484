"""Writing incidents: declaring, today's menu, numbers and their blocks."""

from lab_contingency.incidents.services.blocks import IssuedBlock, issue_block, issue_for_server
from lab_contingency.incidents.services.declaring import (
    change_message,
    declare_incident,
    offer_test,
    print_anchor_sheet,
    stop_test,
)
from lab_contingency.incidents.services.numbers import (
    check_numbers,
    issue_consignment_number,
    issue_form_number,
    issue_list_number,
    issue_return_number,
    issue_slip_number,
    issue_tube_number,
    lock_form_numbers,
    set_up_series,
    use_number,
    void_number,
)
from lab_contingency.incidents.services.restoring import RestoredNumbers, restore_numbers

__all__ = [
    "IssuedBlock",
    "RestoredNumbers",
    "change_message",
    "check_numbers",
    "declare_incident",
    "issue_block",
    "issue_for_server",
    "issue_consignment_number",
    "issue_form_number",
    "issue_list_number",
    "issue_return_number",
    "issue_slip_number",
    "issue_tube_number",
    "lock_form_numbers",
    "offer_test",
    "print_anchor_sheet",
    "restore_numbers",
    "set_up_series",
    "stop_test",
    "use_number",
    "void_number",
]
