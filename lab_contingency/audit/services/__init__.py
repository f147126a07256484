"""Recording what was done and shown, checkpoints over the chains, and the journal for when nothing can be written."""

from lab_contingency.audit.services.checkpoints import (
    checkpoint_if_due,
    checkpoint_is_due,
    make_checkpoint,
)
from lab_contingency.audit.services.journalling import record_or_journal, take_in_journal
from lab_contingency.audit.services.recording import (
    event_of,
    new_watermark,
    prepared,
    record,
    register_leaving,
    row_of,
    set_up_streams,
)
from lab_contingency.audit.services.refusing import record_refusal
from lab_contingency.audit.services.showing import record_disclosures, record_or_withhold

__all__ = [
    "checkpoint_if_due",
    "checkpoint_is_due",
    "event_of",
    "make_checkpoint",
    "new_watermark",
    "prepared",
    "record",
    "record_disclosures",
    "record_or_journal",
    "record_or_withhold",
    "record_refusal",
    "register_leaving",
    "row_of",
    "set_up_streams",
    "take_in_journal",
]
