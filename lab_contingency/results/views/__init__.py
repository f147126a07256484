"""Pages of results."""

from lab_contingency.results.views import bench, calls, checking, reading, slips
from lab_contingency.results.views.pages import blueprint

__all__ = ["bench", "blueprint", "calls", "checking", "reading", "slips"]
