"""Analytes that are worked out, never typed. None when an input is missing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from lab_contingency.catalogue.rules.vocabulary import Analyte, Calculation, Sex

ADULT_FOR_EGFR = 18
_MICROMOLES_IN_MG_PER_DL = 88.4
_ALBUMIN_MIDDLE = Decimal(40)
_CALCIUM_PER_ALBUMIN = Decimal("0.02")
_IRON_BOUND = Decimal("25.1")


def rounded(number: Decimal, decimals: int) -> Decimal:
    """Rounded half up, as laboratories do."""
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def egfr(
    creatinine: Decimal | None, sex: str, age_years: int | None, decimals: int = 0
) -> Decimal | None:
    """Estimated glomerular filtration rate in mL/min/1.73 m² from creatinine in µmol/L.

    CKD-EPI 2009 (Levey, Ann Intern Med 150:604) without the ethnicity factor, as NICE NG203 asks:
    141 × min(Scr/κ, 1)^α × max(Scr/κ, 1)^−1.209 × 0.993^age × 1.018 if female; Scr in mg/dL
    (µmol/L ÷ 88.4), κ 0.7 and α −0.329 for women, κ 0.9 and α −0.411 for men. From 18 years on.
    """
    if creatinine is None or creatinine <= 0 or age_years is None or age_years < ADULT_FOR_EGFR:
        return None
    if sex not in (Sex.MALE, Sex.FEMALE):
        return None
    female = sex == Sex.FEMALE
    kappa, alpha, factor = (0.7, -0.329, 1.018) if female else (0.9, -0.411, 1.0)
    ratio = float(creatinine) / _MICROMOLES_IN_MG_PER_DL / kappa
    estimate = (
        141 * min(ratio, 1.0) ** alpha * max(ratio, 1.0) ** -1.209 * 0.993**age_years * factor
    )
    return rounded(Decimal(estimate), decimals)


def adjusted_calcium(
    calcium: Decimal | None, albumin: Decimal | None, decimals: int = 2
) -> Decimal | None:
    """Calcium in mmol/L for an albumin of 40 g/L: Ca + 0.02 × (40 − albumin)."""
    if calcium is None or albumin is None:
        return None
    return rounded(calcium + _CALCIUM_PER_ALBUMIN * (_ALBUMIN_MIDDLE - albumin), decimals)


def transferrin_saturation(
    iron: Decimal | None, transferrin: Decimal | None, decimals: int = 0
) -> Decimal | None:
    """Saturation in %: iron (µmol/L) × 100 ÷ (transferrin (g/L) × 25.1)."""
    if iron is None or transferrin is None or transferrin <= 0:
        return None
    return rounded(iron * 100 / (transferrin * _IRON_BOUND), decimals)


def calculate(
    analyte: Analyte, values: Mapping[str, Decimal], sex: str, age_years: int | None
) -> Decimal | None:
    """The calculated analyte from the values of others by code; None for one that is typed."""
    decimals = analyte.decimals or 0
    match analyte.calculated:
        case Calculation.EGFR:
            return egfr(values.get("CREA"), sex, age_years, decimals)
        case Calculation.ADJUSTED_CALCIUM:
            return adjusted_calcium(values.get("CA"), values.get("ALB"), decimals)
        case Calculation.TRANSFERRIN_SATURATION:
            return transferrin_saturation(values.get("FE"), values.get("TRF"), decimals)
        case Calculation.NONE:
            return None
