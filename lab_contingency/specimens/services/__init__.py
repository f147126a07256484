"""Writing tubes: labels and forms, collection, custody, receipt, rejection."""

from lab_contingency.specimens.services.carrying import (
    HandedOver,
    hand_over,
    leave_tubes,
    take_tubes,
)
from lab_contingency.specimens.services.collecting import collect, correct_collection
from lab_contingency.specimens.services.labels import (
    labels_for,
    labels_for_round,
    number_only_label,
    void_labels,
)
from lab_contingency.specimens.services.matching import Read, read_at_bedside
from lab_contingency.specimens.services.pack_labels import tie_spare
from lab_contingency.specimens.services.paper import LabelPrinter, Printed
from lab_contingency.specimens.services.receiving import (
    Received,
    dispatch,
    receive,
    receive_form,
    take_in_form,
    to_send_on,
)
from lab_contingency.specimens.services.rejecting import (
    give_up_unwanted,
    not_collected,
    recollect,
    reject,
    reject_old_tests,
)
from lab_contingency.specimens.services.rejection_papers import (
    PrintedRejection,
    print_recollection_form,
    print_rejection_slip,
)
from lab_contingency.specimens.services.reported import receive_reported
from lab_contingency.specimens.services.request_forms import blank_form, print_form, print_ward
from lab_contingency.specimens.services.scanning import find_to_reject, tie_scanned
from lab_contingency.specimens.services.travelling import (
    send_tubes,
    take_back_tubes,
    write_off_tubes,
)
from lab_contingency.specimens.services.tubes import refresh_usability

__all__ = [
    "HandedOver",
    "LabelPrinter",
    "Printed",
    "PrintedRejection",
    "Read",
    "Received",
    "blank_form",
    "collect",
    "correct_collection",
    "dispatch",
    "find_to_reject",
    "give_up_unwanted",
    "hand_over",
    "labels_for",
    "labels_for_round",
    "leave_tubes",
    "not_collected",
    "number_only_label",
    "print_form",
    "print_recollection_form",
    "print_rejection_slip",
    "print_ward",
    "read_at_bedside",
    "receive",
    "receive_form",
    "receive_reported",
    "recollect",
    "refresh_usability",
    "reject",
    "reject_old_tests",
    "send_tubes",
    "take_back_tubes",
    "take_in_form",
    "take_tubes",
    "tie_scanned",
    "tie_spare",
    "to_send_on",
    "void_labels",
    "write_off_tubes",
]
