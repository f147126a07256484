"""Writing incidents: declaring, today's menu, numbers and their blocks."""

from lab_contingency.incidents.services.blocks import IssuedBlock, issue_block, issue_for_server
from lab_contingency.incidents.services.declaring import (
    change_message,
    declare_incident,
    print_anchor_sheet,
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
from lab_contingency.incidents.services.offering import (
    offer_all_the_same,
    offer_test,
    publish_nobody_can,
    stop_test,
    withdraw_nobody_can,
)
from lab_contingency.incidents.services.restoring import RestoredNumbers, restore_numbers

__all__ = [
    "IssuedBlock",
    "RestoredNumbers",
    "change_message",
    "check_numbers",
    "declare_incident",
    "issue_block",
    "issue_consignment_number",
    "issue_for_server",
    "issue_form_number",
    "issue_list_number",
    "issue_return_number",
    "issue_slip_number",
    "issue_tube_number",
    "lock_form_numbers",
    "offer_all_the_same",
    "offer_test",
    "print_anchor_sheet",
    "publish_nobody_can",
    "restore_numbers",
    "set_up_series",
    "stop_test",
    "use_number",
    "void_number",
    "withdraw_nobody_can",
]
