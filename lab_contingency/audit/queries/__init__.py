"""Reading the record: verifying it, its checkpoints, and the history of one thing."""

from lab_contingency.audit.queries.checkpoints import (
    CheckpointView,
    checkpoints,
    last_checkpoint,
)
from lab_contingency.audit.queries.findings import Break, Report
from lab_contingency.audit.queries.reading import EventView, events_between, history_of
from lab_contingency.audit.queries.verifying import verify

__all__ = [
    "Break",
    "CheckpointView",
    "EventView",
    "Report",
    "checkpoints",
    "events_between",
    "history_of",
    "last_checkpoint",
    "verify",
]
