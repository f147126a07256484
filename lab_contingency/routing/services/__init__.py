"""Choosing laboratories: by hand, by suggestion, again."""

from lab_contingency.routing.services.assigning import (
    accept_and_assign,
    assign_tests,
    reassign_tests,
    take_suggestions,
)

__all__ = ["accept_and_assign", "assign_tests", "reassign_tests", "take_suggestions"]
