"""The keys of this node: a root key in slots, and the keys it wraps (ADR 0011)."""

from lab_contingency.foundation.keys.document import NAMES, KeyDocument, read_document
from lab_contingency.foundation.keys.errors import Unreadable, WrongSecret
from lab_contingency.foundation.keys.keeping import (
    Opener,
    Passphrase,
    aside_of,
    demonstration_ring,
    make_keys,
    open_ring,
    put_in_place,
)
from lab_contingency.foundation.keys.key_file import KEY_FILE_RISK
from lab_contingency.foundation.keys.recovery import RecoverySecret
from lab_contingency.foundation.keys.ring import Ring
from lab_contingency.foundation.keys.slots import CUSTODIANS_FEWEST, Cost, Kind, Slot

__all__ = [
    "CUSTODIANS_FEWEST",
    "KEY_FILE_RISK",
    "NAMES",
    "Cost",
    "KeyDocument",
    "Kind",
    "Opener",
    "Passphrase",
    "RecoverySecret",
    "Ring",
    "Slot",
    "Unreadable",
    "WrongSecret",
    "aside_of",
    "demonstration_ring",
    "make_keys",
    "open_ring",
    "put_in_place",
    "read_document",
]
