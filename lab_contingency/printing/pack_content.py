"""What a batch of paper packs says: frozen, complete, already text."""

from dataclasses import dataclass

from lab_contingency.printing.content import (
    BlankRequestForm,
    HandwrittenTube,
    NumberOnlyLabel,
    PrintedBy,
    WriteOnLabel,
)

StripLabel = WriteOnLabel | NumberOnlyLabel | HandwrittenTube


@dataclass(frozen=True, slots=True)
class Pack:
    """One pack: its blank form, and the strip of spare labels that is cut off and clipped to it."""

    form: BlankRequestForm
    strip_heading: str
    strip: tuple[StripLabel, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the instructions: a few bold words, and what to do."""

    heading: str
    words: str


@dataclass(frozen=True, slots=True)
class MenuStop:
    """A test that is not offered, and what to do instead."""

    name: str
    instead: str


@dataclass(frozen=True, slots=True)
class MenuSection:
    """One discipline of today's menu."""

    heading: str
    offered: tuple[str, ...]
    stopped: tuple[MenuStop, ...]


@dataclass(frozen=True, slots=True)
class IntervalLine:
    """One quantity: its intervals (one, or one for each sex, in words), and from where on it is telephoned."""

    name: str
    unit: str
    intervals: tuple[str, ...]
    telephoned: str


@dataclass(frozen=True, slots=True)
class IntervalSection:
    """The quantities of one discipline."""

    heading: str
    lines: tuple[IntervalLine, ...]


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals and limits of one laboratory; `line` says whose they are, for whom, and of when."""

    line: str
    sections: tuple[IntervalSection, ...]


@dataclass(frozen=True, slots=True)
class DrawStep:
    """One tube in order of draw. `shape` is 'tube', 'bottle' or 'syringe'; `by_hand`: no printed label."""

    order: str
    shape: str
    colour: str
    additive: str
    amount: str
    tests: str
    label: str
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Telephone:
    """Whom to ring."""

    place: str
    number: str


@dataclass(frozen=True, slots=True)
class TelephoneGroup:
    """Numbers under one heading; the first group of a list is drawn large."""

    heading: str
    numbers: tuple[Telephone, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A prepared name with its number, for somebody nobody can identify."""

    surname: str
    forename: str
    number: str


@dataclass(frozen=True, slots=True)
class PackBatch:
    """Packs for one ward with what stands once above them. `tube_system` says whose colours."""

    ward: str
    place: str
    made: PrintedBy
    summary: str
    steps: tuple[Step, ...]
    never: tuple[str, ...]
    tube_system: str
    menu_at: str
    menu: tuple[MenuSection, ...]
    draw: tuple[DrawStep, ...]
    telephones: tuple[TelephoneGroup, ...]
    names: tuple[Name, ...]
    packs: tuple[Pack, ...]
    intervals: Intervals | None = None
