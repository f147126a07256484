"""Pages of results."""

from lab_contingency.results.views.pages import blueprint

__all__ = ["blueprint"]
