"""Reading return slips: what went with a box, what came back, what waits for whom."""

from lab_contingency.results.returned.queries.asked import Asked, asked_in_box, paper_partner
from lab_contingency.results.returned.queries.lists import ReturnRow, open_returns, returns_to_do
from lab_contingency.results.returned.queries.pages import PageView, page_bytes, pages_of
from lab_contingency.results.returned.queries.slips import (
    ReturnView,
    SlipRow,
    SlipTest,
    TypedBack,
    return_view,
    slip_at,
)

__all__ = [
    "Asked",
    "PageView",
    "ReturnRow",
    "ReturnView",
    "SlipRow",
    "SlipTest",
    "TypedBack",
    "asked_in_box",
    "open_returns",
    "page_bytes",
    "pages_of",
    "paper_partner",
    "return_view",
    "returns_to_do",
    "slip_at",
]
