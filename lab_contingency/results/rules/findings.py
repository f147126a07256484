"""What the machine notices about a panel. It points things out; people decide."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from lab_contingency.catalogue.rules.readings import in_sentence
from lab_contingency.foundation.wording import and_text, duration_text

WHITE_CELL_PARTS = ("NEUT", "LYMPH", "MONO", "EOS", "BASO")
HIGH_POTASSIUM = Decimal("6.0")
LOW_CALCIUM = Decimal("1.90")
LOW_ALP = Decimal(20)
POTASSIUM_KEEPS = dt.timedelta(hours=4)
SLIP_FACTOR = 8
_SUM_SLACK, _SUM_SHARE = Decimal("0.3"), Decimal("0.1")
_HCT_SLACK = Decimal("0.03")
_FEMTOLITRES = 1000


class Weight(enum.StrEnum):
    """How a finding is marked."""

    FINE = "fine"
    CAUTION = "caution"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of the machine."""

    weight: Weight
    sentence: str


@dataclass(frozen=True, slots=True)
class Sighted:
    """A panel as the machine sees it: numbers by analyte, what is still empty, how it was before.

    `names` by analyte; `ages` of the sample and `containers` by analyte.
    """

    numbers: Mapping[str, Decimal]
    names: Mapping[str, str]
    empty: frozenset[str] = frozenset()
    before: Mapping[str, Decimal] = field(default_factory=dict)
    ages: Mapping[str, dt.timedelta | None] = field(default_factory=dict)
    containers: Mapping[str, str] = field(default_factory=dict)
    no_anticoagulant: bool = False
    worked_out: Mapping[str, Decimal] = field(default_factory=dict)


def findings(panel: Sighted) -> tuple[Finding, ...]:
    """Everything the machine has to say about the panel, the cautions first."""
    found = [
        *_white_cells(panel),
        *_red_cells(panel),
        *_potassium(panel),
        *_lithium(panel),
        *_clotting(panel),
        *_slips(panel),
        *_differing(panel),
    ]
    return tuple(sorted(found, key=lambda each: each.weight is not Weight.CAUTION))


def _white_cells(panel: Sighted) -> Iterable[Finding]:
    held = [code for code in WHITE_CELL_PARTS if code in panel.numbers]
    if "WBC" not in panel.numbers or not held:
        return
    empty = [in_sentence(panel.names[code]) for code in WHITE_CELL_PARTS if code in panel.empty]
    if empty:
        verb = "is" if len(empty) == 1 else "are"
        yield Finding(
            Weight.NOTE,
            f"The parts of the white cells do not add up yet: {and_text(empty)} {verb} empty.",
        )
        return
    if len(held) < len(WHITE_CELL_PARTS):
        return
    whole, parts = panel.numbers["WBC"], sum(panel.numbers[code] for code in WHITE_CELL_PARTS)
    if abs(whole - parts) > max(_SUM_SLACK, whole * _SUM_SHARE):
        yield Finding(
            Weight.CAUTION,
            f"The parts of the white cells add up to {parts}, the white cells are {whole}. "
            "Compare each with the print-out.",
        )
    else:
        yield Finding(Weight.FINE, "The parts of the white cells add up.")


def _red_cells(panel: Sighted) -> Iterable[Finding]:
    numbers = panel.numbers
    if not {"HCT", "MCV", "RBC"} <= numbers.keys():
        return
    expected = numbers["MCV"] * numbers["RBC"] / _FEMTOLITRES
    if abs(expected - numbers["HCT"]) > _HCT_SLACK:
        yield Finding(
            Weight.CAUTION,
            f"Haematocrit {numbers['HCT']} does not fit red cells × MCV ({expected:.2f}). "
            "Compare the three with the print-out.",
        )


def _potassium(panel: Sighted) -> Iterable[Finding]:
    potassium = panel.numbers.get("K")
    if potassium is None or potassium < HIGH_POTASSIUM:
        return
    calcium, alp = panel.numbers.get("CA"), panel.numbers.get("ALP")
    low = [
        name
        for name, found in (
            ("calcium", calcium is not None and calcium < LOW_CALCIUM),
            ("ALP", alp is not None and alp < LOW_ALP),
        )
        if found
    ]
    if low:
        yield Finding(
            Weight.CAUTION,
            f"High potassium with low {and_text(low)}: EDTA may have been carried over. "
            "Ask for another sample.",
        )
    elif calcium is not None or alp is not None:
        yield Finding(
            Weight.FINE, "High potassium without low calcium or ALP: not an EDTA pattern."
        )
    age = panel.ages.get("K")
    if age is not None and age > POTASSIUM_KEEPS:
        yield Finding(
            Weight.CAUTION,
            f"High potassium in a sample {duration_text(age)} old: it may come from standing. "
            "Say so in a comment or ask for another sample.",
        )


def _lithium(panel: Sighted) -> Iterable[Finding]:
    if "LI" in panel.numbers and panel.containers.get("LI") == "HEP":
        yield Finding(
            Weight.CAUTION,
            "Lithium from a lithium heparin tube measures the tube. Ask for a gold or red tube.",
        )


def _clotting(panel: Sighted) -> Iterable[Finding]:
    if "INR" in panel.numbers and panel.no_anticoagulant:
        yield Finding(
            Weight.NOTE, "The request does not say which anticoagulant the patient takes."
        )


def _slips(panel: Sighted) -> Iterable[Finding]:
    for code, number in panel.numbers.items():
        if sentence := slip(panel.names[code], number, panel.before.get(code)):
            yield Finding(Weight.CAUTION, sentence)


def slip(name: str, number: Decimal | None, before: Decimal | None) -> str:
    """The sentence about a value so far from the one before that a point may have slipped, or ''."""
    if not number or not before or number < 0 or before < 0:
        return ""
    if max(number / before, before / number) < SLIP_FACTOR:
        return ""
    return f"{name} was {before} before and is {number} now. Look at the point on the print-out."


def _differing(panel: Sighted) -> Iterable[Finding]:
    for code, number in panel.worked_out.items():
        reported = panel.numbers.get(code)
        if reported is not None and abs(reported - number) > max(
            number * _SUM_SHARE, Decimal("0.05")
        ):
            yield Finding(
                Weight.CAUTION,
                f"{panel.names[code]} was reported as {reported}; worked out here it is {number}. "
                "It stays as reported.",
            )
