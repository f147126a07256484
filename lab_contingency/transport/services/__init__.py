"""Boxes between laboratories: packed, handed from one to the next, unpacked, and what did not agree."""

from lab_contingency.transport.services.carrying import hand_over_box
from lab_contingency.transport.services.changing import bring_back, move_box, reroute_box
from lab_contingency.transport.services.differing import name_owner, settle
from lab_contingency.transport.services.manifests import PrintedManifest, print_manifest
from lab_contingency.transport.services.packing import (
    SentOne,
    pack_tube,
    seal_box,
    send_one,
    start_box,
    start_with_tube,
    take_out,
)
from lab_contingency.transport.services.reported import lock_reported_box, receive_by_slip
from lab_contingency.transport.services.unpacking import (
    finish_unpacking,
    note_extra,
    unpack_box,
    unpack_tube,
)

__all__ = [
    "PrintedManifest",
    "SentOne",
    "bring_back",
    "finish_unpacking",
    "hand_over_box",
    "lock_reported_box",
    "move_box",
    "name_owner",
    "note_extra",
    "pack_tube",
    "print_manifest",
    "receive_by_slip",
    "reroute_box",
    "seal_box",
    "send_one",
    "settle",
    "start_box",
    "start_with_tube",
    "take_out",
    "unpack_box",
    "unpack_tube",
]
