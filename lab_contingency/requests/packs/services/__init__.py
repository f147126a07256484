"""Writing packs: issuing and voiding them, keying their forms, keeping their pictures."""

from lab_contingency.requests.packs.services.attaching import attach_picture
from lab_contingency.requests.packs.services.checking import key_again
from lab_contingency.requests.packs.services.keying import (
    begin_keying,
    note_keying,
    transcribe_form,
)
from lab_contingency.requests.packs.services.stock import (
    NO_PACK,
    IssuedPacks,
    form_number,
    issue_packs,
    locked_pack,
    void_packs,
)

__all__ = [
    "NO_PACK",
    "IssuedPacks",
    "attach_picture",
    "begin_keying",
    "form_number",
    "issue_packs",
    "key_again",
    "locked_pack",
    "note_keying",
    "transcribe_form",
    "void_packs",
]
