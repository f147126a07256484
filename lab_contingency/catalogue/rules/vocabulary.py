"""What can be asked for and what is reported: containers, tests, questions, analytes, limits."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field
from decimal import Decimal

from lab_contingency.places.rules import TubeSystem


class Discipline(enum.StrEnum):
    """The bench that does the work; capacity is counted by it."""

    HAEM = "HAEM"
    COAG = "COAG"
    CHEM = "CHEM"
    TOX = "TOX"
    TDM = "TDM"
    TRANSF = "TRANSF"
    MICRO = "MICRO"
    VIRO = "VIRO"
    POCT = "POCT"

    @property
    def words(self) -> str:
        """As people say it."""
        return _DISCIPLINES[self]


_DISCIPLINES = {
    Discipline.HAEM: "Haematology",
    Discipline.COAG: "Clotting",
    Discipline.CHEM: "Chemistry",
    Discipline.TOX: "Poisons",
    Discipline.TDM: "Drug levels",
    Discipline.TRANSF: "Transfusion",
    Discipline.MICRO: "Microbiology",
    Discipline.VIRO: "Virology",
    Discipline.POCT: "Bedside",
}


class Sex(enum.StrEnum):
    """The sexes for which intervals are held."""

    MALE = "M"
    FEMALE = "F"


class QuestionKind(enum.StrEnum):
    """What kind of answer a question takes."""

    TEXT = "text"
    CHOICE = "choice"
    MOMENT = "moment"
    NUMBER = "number"


class Calculation(enum.StrEnum):
    """How an analyte is worked out from others; NONE is typed or captured."""

    NONE = ""
    EGFR = "egfr"
    ADJUSTED_CALCIUM = "adjusted_calcium"
    TRANSFERRIN_SATURATION = "transferrin_saturation"


class Shape(enum.StrEnum):
    """What the container looks like when it is drawn."""

    TUBE = "tube"
    BOTTLE = "bottle"
    SYRINGE = "syringe"


# Keyed by the container's code, because names of colours collide between the systems.
_SHAPES = {"BCULT": Shape.BOTTLE, "GAS": Shape.SYRINGE}


@dataclass(frozen=True, slots=True)
class Container:
    """A tube, bottle or syringe. The additive is the key; its colour is the site's system's."""

    code: str
    name: str
    additive: str
    draw_order: int | None
    colour_bd: str
    ml_bd: str
    colour_sarstedt: str
    ml_sarstedt: str

    @property
    def shape(self) -> Shape:
        """How it is drawn."""
        return _SHAPES.get(self.code, Shape.TUBE)

    def colour(self, system: TubeSystem) -> str:
        """The colour's name in that system; the BD name where Sarstedt has none."""
        return (self.colour_sarstedt if system is TubeSystem.SARSTEDT else "") or self.colour_bd

    def millilitres(self, system: TubeSystem) -> str:
        """The usual filling in mL, as written on the card."""
        return (self.ml_sarstedt if system is TubeSystem.SARSTEDT else "") or self.ml_bd

    def css(self, system: TubeSystem) -> str:
        """Key of the style that draws it: `light-blue`, `bottle`, `syringe`."""
        if self.shape is not Shape.TUBE:
            return self.shape.value
        return self.colour(system).replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Question:
    """Asked when a test is ticked. Demanded: the request waits for an answer ("not known" is one).

    `field` names the box of the card that already holds the answer, so that nobody types it twice.
    """

    key: str
    wording: str
    kind: QuestionKind
    choices: tuple[str, ...]
    demanded: bool
    field: str = ""


@dataclass(frozen=True, slots=True)
class Test:
    """One orderable test. Ages count from collection, unspun; `urgent_target` from receipt."""

    # pytest would collect a class of this name in every test module that imports it.
    __test__ = False

    code: str
    name: str
    label: str
    discipline: Discipline
    container: str
    tube_group: str
    tubes: int
    min_ml: Decimal
    transport: str
    warn_after: dt.timedelta
    reject_after: dt.timedelta
    urgent_target: dt.timedelta
    bedside: bool
    defer_by_default: bool
    questions: tuple[Question, ...]
    note: str
    snomed_ct: str
    order: int = field(default=0)


@dataclass(frozen=True, slots=True)
class Plausible:
    """The range outside which a number cannot be that analyte; both ends belong to it."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Interval:
    """A reference interval; an open end is None. `text` is the expected wording of a text.

    It holds from `from_age` years up to, but without, `to_age`; None is for ever.
    """

    low: Decimal | None
    high: Decimal | None
    text: str = ""
    note: str = ""
    from_age: int = 16
    to_age: int | None = None

    def covers(self, age_years: int) -> bool:
        """Whether it is stated for that age."""
        return self.from_age <= age_years and (self.to_age is None or age_years < self.to_age)

    @property
    def ages(self) -> str:
        """`from 16`, `under 1`, `1 to 15`: whole years."""
        if self.to_age is None:
            return f"from {self.from_age}" if self.from_age else "any age"
        if not self.from_age:
            return f"under {self.to_age}"
        last = self.to_age - 1
        return f"{self.from_age}" if last == self.from_age else f"{self.from_age} to {last}"

    @property
    def words(self) -> str:
        """`3.5–5.3`, `up to 5`, `90 or more`, or the expected text."""
        if self.low is not None and self.high is not None:
            dash = " to " if self.low < 0 else "–"
            return f"{_plain(self.low)}{dash}{_plain(self.high)}"
        if self.high is not None:
            return f"up to {_plain(self.high)}"
        return f"{_plain(self.low)} or more" if self.low is not None else self.text


class LowOperator(enum.StrEnum):
    """How a low critical limit is compared: strict or inclusive."""

    BELOW = "<"
    AT_OR_BELOW = "<="


class HighOperator(enum.StrEnum):
    """How a high critical limit is compared: strict or inclusive."""

    ABOVE = ">"
    AT_OR_ABOVE = ">="


_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
PHONE_ALL = "phone all"
_SPELT = {"pos": "positive"}


@dataclass(frozen=True, slots=True)
class CriticalLimit:
    """From where on a result is telephoned; `text` the critical word, `expected` the harmless."""

    low_op: LowOperator | None = None
    low: Decimal | None = None
    high_op: HighOperator | None = None
    high: Decimal | None = None
    text: str = ""
    note: str = ""
    expected: str = ""

    @property
    def phone_all(self) -> bool:
        """Every result is telephoned."""
        return PHONE_ALL in (self.text, self.note)

    @property
    def words(self) -> str:
        """`≤ 2.5 or ≥ 6.5`, `every result`, `any positive result`, or the critical word."""
        if self.phone_all:
            return "every result"
        ends = ((self.low_op, self.low), (self.high_op, self.high))
        held = [
            f"{_SIGNS[op]} {_plain(end)}" for op, end in ends if op is not None and end is not None
        ]
        return " or ".join(held) or self._text_words

    @property
    def _text_words(self) -> str:
        """The word alone where it is looked for; `any positive result` where it is the opposite."""
        spelt = _SPELT.get(self.text, self.text)
        return f"any {spelt} result" if self.text and self.expected else spelt


@dataclass(frozen=True, slots=True)
class Analyte:
    """One reported quantity. `tests` that can report it; which do is the laboratory's menu.

    `choices`: all that a coded text can be; a text without any is a description, freely worded.
    """

    code: str
    name: str
    tests: tuple[str, ...]
    numeric: bool
    ucum: str
    unit: str
    calculated: Calculation
    plausible: Plausible | None
    loinc: str
    loinc_checked: bool
    expected_text: str
    critical_text: str
    decimals: int | None
    male: Interval | None
    female: Interval | None
    critical: CriticalLimit | None
    basis: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RetestInterval:
    """The shortest useful time between two requests; None where only a note speaks. Warns only."""

    test: str
    after: dt.timedelta | None
    note: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A set of tests that people tick at once."""

    code: str
    name: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardHeading:
    """One heading of the request card with its tests in the order shown."""

    heading: str
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a request is urgent, as code and words."""

    code: str
    words: str


def _plain(number: Decimal) -> str:
    """The number as the catalogue writes it, with a minus sign."""
    return format(number, "f").replace("-", "−")
