"""Words for places, and what their wristbands carry."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass


class TubeSystem(enum.StrEnum):
    """Whose tube colours a site uses. The additive is the key; colours collide between the systems."""

    BD = "BD"
    SARSTEDT = "Sarstedt"


class LaboratoryKind(enum.StrEnum):
    """Own laboratories belong to the node; partners take work in mutual aid."""

    OWN = "own"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class BandSettings:
    """What the wristbands of a place carry, and whether one must be read before blood counts as taken.

    `nhs_ai`, `hospital_ai`: GS1 identifiers (such as "91") that hold the NHS or the hospital number; "" for none.
    `gsrn_prefix`: the seven digits before the NHS number in a GSRN; "" where GSRNs hold no NHS number.
    `hospital_form`: how hospital numbers look, `#` a digit, `@` a letter, all else itself, several forms
    apart by spaces; "" for anything.
    """

    required: bool = True
    nhs_ai: str = ""
    hospital_ai: str = ""
    gsrn_prefix: str = ""
    hospital_form: str = ""


def band_problems(settings: BandSettings) -> dict[str, str]:
    """What cannot be set, by column."""
    problems = {}
    for column in ("nhs_ai", "hospital_ai"):
        ai = getattr(settings, column)
        if ai and not re.fullmatch(r"9\d|7\d{3}|8\d{3}", ai):
            problems[column] = f"{column} must be a GS1 identifier such as 91, not “{ai}”."
    if settings.nhs_ai and settings.nhs_ai == settings.hospital_ai:
        problems["hospital_ai"] = "nhs_ai and hospital_ai cannot be the same."
    if settings.gsrn_prefix and not re.fullmatch(r"\d{7}", settings.gsrn_prefix):
        problems["gsrn_prefix"] = "gsrn_prefix must be seven digits, or empty."
    if not re.fullmatch(r"[A-Z0-9#@/ -]{0,80}", settings.hospital_form):
        problems["hospital_form"] = (
            "hospital_form must be letters and digits, # for any digit, @ for any letter."
        )
    return problems
