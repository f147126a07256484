"""What a clinician would argue about in the catalogue: tubes, numbers, limits, calculations."""

from lab_contingency.catalogue.rules.calculations import (
    adjusted_calcium,
    calculate,
    egfr,
    transferrin_saturation,
)
from lab_contingency.catalogue.rules.checks import human_unit, loinc_is_valid, snomed_is_valid
from lab_contingency.catalogue.rules.judging import Flag, flag, interval_for, is_critical
from lab_contingency.catalogue.rules.readings import (
    Qualifier,
    Reading,
    implausible,
    impossible,
    read_number,
)
from lab_contingency.catalogue.rules.tubes import (
    PlannedTube,
    caution_at,
    is_transfusion,
    questions_of,
    transfusion_conflict,
    tube_plan,
    unusable_at,
)
from lab_contingency.catalogue.rules.vocabulary import (
    PHONE_ALL,
    Analyte,
    Calculation,
    CardHeading,
    Container,
    CriticalLimit,
    Discipline,
    HighOperator,
    Interval,
    LowOperator,
    Panel,
    Plausible,
    Question,
    QuestionKind,
    Reason,
    RetestInterval,
    Sex,
    Shape,
    Test,
)
from lab_contingency.catalogue.rules.whole import Catalogue

__all__ = [
    "PHONE_ALL", "Analyte", "Calculation", "CardHeading", "Catalogue", "Container",
    "CriticalLimit", "Discipline", "Flag", "HighOperator",
    "Interval", "LowOperator", "Panel", "PlannedTube", "Plausible", "Qualifier", "Question",
    "QuestionKind", "Reading", "Reason", "RetestInterval", "Sex", "Shape", "Test",
    "adjusted_calcium", "calculate", "caution_at", "egfr", "flag", "human_unit", "implausible", "impossible",
    "interval_for", "is_critical", "is_transfusion", "loinc_is_valid", "questions_of",
    "read_number", "snomed_is_valid", "transferrin_saturation", "transfusion_conflict",
    "tube_plan", "unusable_at",
]  # fmt: skip
