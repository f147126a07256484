"""Writing printers and jobs."""

from lab_contingency.specimens.station.services.copies import allow_prints
from lab_contingency.specimens.station.services.making import (
    print_labels_at,
    print_round_at,
    print_test_label,
    print_ward_at,
)
from lab_contingency.specimens.station.services.printers import (
    change_printer,
    choose_printer,
    forget_printer,
    new_roll,
    print_boards,
    send_letters,
    set_up_printer,
    switch_printer,
)
from lab_contingency.specimens.station.services.settling import (
    carry_on,
    give_up,
    hand_out,
)

__all__ = [
    "allow_prints",
    "carry_on",
    "change_printer",
    "choose_printer",
    "forget_printer",
    "give_up",
    "hand_out",
    "new_roll",
    "print_boards",
    "print_labels_at",
    "print_round_at",
    "print_test_label",
    "print_ward_at",
    "send_letters",
    "set_up_printer",
    "switch_printer",
]
