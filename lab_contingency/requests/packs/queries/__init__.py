"""Reading packs and the forms keyed from them."""

from lab_contingency.requests.packs.queries.pictures import (
    PictureView,
    picture_bytes,
    pictures_of,
    pictures_of_request,
)
from lab_contingency.requests.packs.queries.standing import (
    KeyedNow,
    PackView,
    TranscriptionView,
    WardStock,
    is_from_pack,
    others_keying,
    pack_view,
    reachable,
    refuse_not_keyed,
    stock,
    to_key_again,
    transcription,
    transcription_of,
    used_words,
    waits_for_check,
)

__all__ = [
    "KeyedNow",
    "PackView",
    "PictureView",
    "TranscriptionView",
    "WardStock",
    "is_from_pack",
    "others_keying",
    "pack_view",
    "picture_bytes",
    "pictures_of",
    "pictures_of_request",
    "reachable",
    "refuse_not_keyed",
    "stock",
    "to_key_again",
    "transcription",
    "transcription_of",
    "used_words",
    "waits_for_check",
]
