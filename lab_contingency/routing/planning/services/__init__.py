"""Making plans, changing and accepting their lines; taking a laboratory out of action."""

from lab_contingency.routing.planning.services.accepting import Accepted, accept_lines
from lab_contingency.routing.planning.services.dropping import Dropped, drop_laboratory
from lab_contingency.routing.planning.services.making import (
    change_line,
    fix_lines,
    free_lines,
    make_plan,
    plan_again,
)

__all__ = [
    "Accepted",
    "Dropped",
    "accept_lines",
    "change_line",
    "drop_laboratory",
    "fix_lines",
    "free_lines",
    "make_plan",
    "plan_again",
]
