"""Check digits of code systems, and the units in which results are written."""

from __future__ import annotations

import re

_LOINC = re.compile(r"[0-9]{1,7}-[0-9]")
_SNOMED = re.compile(r"[1-9][0-9]{5,17}")

# The dihedral group of ten elements and the position's permutation (Verhoeff 1969).
_MULTIPLY = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_PERMUTE = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)

UNITS = {
    "10*9/L": "×10⁹/L",
    "10*12/L": "×10¹²/L",
    "m[IU]/L": "mIU/L",
    "[IU]/L": "IU/L",
    "[IU]/mL": "IU/mL",
    "ug/L": "µg/L",
    "ug/L{FEU}": "µg/L FEU",
    "umol/L": "µmol/L",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "mosm/kg": "mOsm/kg",
    "{INR}": "",
    "[pH]": "",
    "": "",
} | {
    # written for people as they are coded
    unit: unit
    for unit in (
        "g/L", "mg/L", "ng/L", "mmol/L", "nmol/L", "pmol/L", "mmol/mol", "U/L", "L/L",
        "fL", "pg", "%", "s", "mm/h", "kPa",
    )
}  # fmt: skip


def loinc_is_valid(code: str) -> bool:
    """Shape and mod-10 check digit of a LOINC code (the last digit, after the hyphen)."""
    if not _LOINC.fullmatch(code):
        return False
    body, check = code.split("-")
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return (10 - total % 10) % 10 == int(check)


def snomed_is_valid(code: str) -> bool:
    """Shape and Verhoeff check digit of a SNOMED CT identifier."""
    if not _SNOMED.fullmatch(code):
        return False
    state = 0
    for place, digit in enumerate(reversed(code)):
        state = _MULTIPLY[state][_PERMUTE[place % 8][int(digit)]]
    return state == 0


def human_unit(ucum: str) -> str | None:
    """The unit as people write it (`×10⁹/L`, nothing for INR and pH); None for an unknown one."""
    return UNITS.get(ucum)
