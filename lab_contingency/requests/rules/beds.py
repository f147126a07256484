"""Where on the ward the patient is: a bed, a chair, or nowhere yet."""

from __future__ import annotations

import uuid

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


def slip_goes_to(
    before: tuple[uuid.UUID, uuid.UUID], chosen: tuple[uuid.UUID, uuid.UUID]
) -> uuid.UUID:
    """Where the slip goes when (ward, slip's ward) becomes another pair.

    It goes with a patient who moves, unless it went elsewhere already or somebody sends it elsewhere now.
    """
    (ward, slip), (moved_to, chosen_slip) = before, chosen
    went_with_the_patient = slip == ward
    left_as_it_was = chosen_slip == slip
    moved = moved_to != ward
    return moved_to if moved and went_with_the_patient and left_as_it_was else chosen_slip
