"""The recovery sheet's content."""

from __future__ import annotations

from lab_contingency.foundation import clock, node
from lab_contingency.foundation.keys import RecoverySecret
from lab_contingency.foundation.wording import full_time_text
from lab_contingency.places.queries import sites
from lab_contingency.printing.recovery_sheet import RecoverySheet


def recovery_sheet(secret: RecoverySecret) -> RecoverySheet:
    """Of this node, made now; the site stays to be written by hand where none is known yet."""
    held = node.held_node()
    places = sites()
    return RecoverySheet(
        node=str(held.number if held else node.DEFAULT_NUMBER),
        made=full_time_text(clock.now()),
        site=places[0].name if len(places) == 1 else "",
        groups=secret.groups,
        test_mark=held is not None and held.demonstration,
    )
