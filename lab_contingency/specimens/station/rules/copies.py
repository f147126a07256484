"""More prints of one label than is usual: why, and how many at a time."""

from __future__ import annotations

from lab_contingency.foundation.errors import RuleBroken

MORE_REASONS: dict[str, str] = {
    "PRINTER": "the printer spoils labels",
    "SMUDGES": "labels smudge or come off",
    "SCANNER": "the laboratory cannot scan them",
    "SEVERAL": "several tubes or pots of one sample",
}
MORE_AT_ONCE = range(1, 6)


def more_reason(code: str, more: int) -> str:
    """The words of the reason for more prints than usual; RuleBroken asks for what is missing."""
    if code not in MORE_REASONS:
        raise RuleBroken("Choose why the label must come out again.", field="reason")
    if more not in MORE_AT_ONCE:
        raise RuleBroken("Allow one to five more at a time.", field="more")
    return MORE_REASONS[code]
