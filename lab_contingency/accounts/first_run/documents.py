"""The test label's content."""

from __future__ import annotations

from lab_contingency.printing.content import NumberOnlyLabel


def printer_label(number: str) -> NumberOnlyLabel:
    """A label of no tube: it shows that the printer prints what a scanner reads."""
    return NumberOnlyLabel(number, ("Test label", "Belongs to no tube"), test_mark=True)
