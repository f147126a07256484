"""What other storeys will say better: whether the record verifies, its checkpoints."""

from __future__ import annotations

from lab_contingency.oversight.rules.exposure import Verification


def audit_verifies() -> Verification:
    """Whether the record verifies up to an anchor. Nobody looks yet, and so no report calls itself exact."""
    return Verification(None, "The record has not been verified.")
