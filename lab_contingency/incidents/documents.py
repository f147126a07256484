"""The anchor sheet as frozen content: a checkpoint in the name of this node and its incident."""

from __future__ import annotations

from lab_contingency.audit.anchors import QR_HEAD
from lab_contingency.audit.queries import CheckpointView
from lab_contingency.audit.signing import public_key
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.wording import full_time_text
from lab_contingency.incidents.queries import open_incident
from lab_contingency.printing import content

TITLE = "Anchor of the record"


def anchor_sheet(checkpoint: CheckpointView, *, actor: Actor) -> content.AnchorSheet:
    """Everything on the sheet; it names no patient."""
    this, incident = node.this_node(), open_incident()
    public = public_key(checkpoint.key_version).hex()
    return content.AnchorSheet(
        title=TITLE,
        place=f"Node {this.number}" + (f" · {incident.banner}" if incident else ""),
        made=content.PrintedBy(
            printed=f"printed {full_time_text(clock.now())} by {actor.name}",
            copy_number="copy 1",
            test_mark=this.demonstration,
        ),
        words=tuple(checkpoint.words.split()),
        code=checkpoint.code,
        checkpoint=f"Checkpoint {checkpoint.number}",
        taken=f"{full_time_text(checkpoint.recorded_at)}, {_universal(checkpoint)} UTC",
        explained=(
            "This sheet shows later whether anything recorded before this time was changed or cut off.",
            "Sign it, two of you, and keep it away from the computers.",
            "To check it, governance types the words or the code on the page “Record” and verifies.",
        ),
        digest=checkpoint.digest,
        signature=checkpoint.signature,
        public_key=public,
        scanned=anchor_text(checkpoint),
    )


def anchor_text(checkpoint: CheckpointView) -> str:
    """What the code of an anchor says: enough to check the record without this program."""
    return (
        f"{QR_HEAD} node={node.this_node().number} n={checkpoint.number} "
        f"at={checkpoint.recorded_at:%Y-%m-%dT%H:%M:%S.%fZ} digest={checkpoint.digest} "
        f"sig={checkpoint.signature} key={checkpoint.key_version} "
        f"pub={public_key(checkpoint.key_version).hex()}"
    )


def _universal(checkpoint: CheckpointView) -> str:
    return f"{checkpoint.recorded_at:%H:%M:%S}"
