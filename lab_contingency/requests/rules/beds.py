"""Where on the ward the patient is: a bed, a chair, or nowhere yet."""

from __future__ import annotations

NOT_GIVEN = "not given"
"""Stands on requests taken from files that have no bed."""

_NO_BED_YET = frozenset({"none", "none yet", "no bed", "no bed yet"})
_WORD_LETTERS = 3


def bed_words(bed: str) -> str:
    """Say it as people do: “4” is “bed 4”, “chair” and “bay 2 bed 4” stand as typed."""
    said = bed.strip()
    if not said or said.casefold() == NOT_GIVEN:
        return ""
    if said.casefold() in _NO_BED_YET:
        return "no bed yet"
    has_word = any(part.isalpha() and len(part) >= _WORD_LETTERS for part in said.split())
    return said if has_word else f"bed {said}"


def ward_and_bed(ward: str, bed: str) -> str:
    """Say the ward with its bed: “ED Resus, bed 4”."""
    said = bed_words(bed)
    return f"{ward}, {said}" if said else ward
