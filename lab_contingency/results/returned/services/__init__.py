"""Writing: slips that go with a box, what came back on them, the second person's check."""

from lab_contingency.results.returned.services.attaching import attach_page
from lab_contingency.results.returned.services.checking import Compared, check_return
from lab_contingency.results.returned.services.opening import open_slip
from lab_contingency.results.returned.services.printing import (
    PrintedReturns,
    print_return_slips,
)
from lab_contingency.results.returned.services.typing import type_back

__all__ = [
    "Compared",
    "PrintedReturns",
    "attach_page",
    "check_return",
    "open_slip",
    "print_return_slips",
    "type_back",
]
