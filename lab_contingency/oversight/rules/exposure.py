"""The exposure report: what it is about, its three classes, and how sure it may say it is."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab_contingency.audit.rules import Field, field_words
from lab_contingency.oversight.rules.presence import Look

EVERY_FIELD = int(~Field(0))


class About(enum.StrEnum):
    """What was taken, or who looked."""

    ACCOUNT = "account"
    ROLE = "role"
    DEVICE = "device"
    SIGN_IN = "sign-in"
    ADDRESS = "address"
    WINDOW = "window"
    LEAVING = "leaving"
    SEALED_COPY = "sealed copy"
    OPEN_COPY = "open copy"
    FRAGMENTS = "fragments"

    @property
    def words(self) -> str:
        """As a person reads it."""
        return _ABOUT[self]


_ABOUT = {
    About.ACCOUNT: "A person’s account",
    About.ROLE: "Everybody in one role",
    About.DEVICE: "A device",
    About.SIGN_IN: "One sign-in",
    About.ADDRESS: "A network address",
    About.WINDOW: "Everybody, in a time window",
    About.LEAVING: "Something that left: a paper or a file",
    About.SEALED_COPY: "A stolen database, backup or laptop, locked",
    About.OPEN_COPY: "A stolen or broken-into computer, unlocked",
    About.FRAGMENTS: "Fragments found outside",
}
BY_RECORD = frozenset(
    {
        About.ACCOUNT,
        About.ROLE,
        About.DEVICE,
        About.SIGN_IN,
        About.ADDRESS,
        About.WINDOW,
    }
)
COPIES = frozenset({About.SEALED_COPY, About.OPEN_COPY})


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a report is about. `begins` is included, `ends` is not; aware UTC.

    `value` is an id, a role, an address, a watermark or a number, as `about` needs it; "" for none.
    """

    about: About
    value: str
    begins: dt.datetime
    ends: dt.datetime

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        return {
            "about": self.about.value,
            "value": self.value,
            "begins": self.begins.isoformat(),
            "ends": self.ends.isoformat(),
        }

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Criteria:
        """As it was kept."""
        begins, ends = (dt.datetime.fromisoformat(held[name]) for name in ("begins", "ends"))
        return cls(About(held["about"]), held["value"], begins, ends)


class Reach(enum.StrEnum):
    """What became of a patient's data. The third class, not reached, is counted and not listed."""

    READABLE = "readable"
    ENCRYPTED = "only encrypted"


class Certainty(enum.StrEnum):
    """How sure a report is."""

    EXACT = "exact"
    AS_RECORDED = "as recorded, not verified"
    UPPER_BOUND = "upper bound"
    FROM_FILE = "from a file"


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the record verifies: True, False (it does not), None (nobody looked, or that is not enough)."""

    holds: bool | None
    sentence: str


def certainty_of(about: About, verification: Verification) -> Certainty:
    """How sure a report may say it is. It never says exact unless the record verifies.

    A copy that was taken surrenders at most what it held, and a record that was altered may lack
    anything: both give an upper bound. Fragments speak for themselves.
    """
    if about is About.FRAGMENTS:
        return Certainty.FROM_FILE
    if about in COPIES or verification.holds is False:
        return Certainty.UPPER_BOUND
    return Certainty.EXACT if verification.holds else Certainty.AS_RECORDED


_EXPLAINED = {
    Certainty.EXACT: "These patients and no others: the record verifies.",
    Certainty.AS_RECORDED: "What the record holds; more may have been seen.",
    Certainty.UPPER_BOUND: "No more than these. Some of them may not have been looked at.",
    Certainty.FROM_FILE: "What the fragments show. Parts that were not found may hold more.",
}


def certainty_sentence(certainty: Certainty, verification: Verification) -> str:
    """The certainty in words, with what the verification said."""
    return f"{_EXPLAINED[certainty]} {verification.sentence}".strip()


# Kinds of leaving whose content is sealed to somebody who was not robbed.
ENCRYPTED_KINDS = frozenset({"backup", "bundle", "sealed export"})


def reach_of_leaving(kind: str) -> Reach:
    """A sealed file that left gives nothing away; paper and plain files do."""
    return Reach.ENCRYPTED if kind in ENCRYPTED_KINDS else Reach.READABLE


@dataclass(frozen=True, slots=True)
class Left:
    """One patient's data in things that left: the kinds of data, first and last, in how many things."""

    look: Look
    reach: Reach


@dataclass(frozen=True, slots=True)
class Note:
    """What was found of a patient outside: kinds of data, and by what and how surely."""

    fields: int
    words: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """One patient of a report. `first` and `last` are None where only reachable, not recorded."""

    patient: uuid.UUID
    reach: Reach
    fields: int
    first: dt.datetime | None
    last: dt.datetime | None
    shown: int
    left: int
    note: str = ""

    @property
    def recorded(self) -> bool:
        """Whether the record or a file shows it, beyond that it could be reached."""
        return self.first is not None or bool(self.note)


@dataclass(frozen=True, slots=True)
class Facet:
    """One way in which the same report could be narrower: an account, device, address or sign-in."""

    about: About
    value: str
    label: str
    looks: int
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class Report:
    """Whose data was reached. Patients by id: who they are is opened only for a list."""

    criteria: Criteria
    title: str
    made_at: dt.datetime
    certainty: Certainty
    sentence: str
    exposures: tuple[Exposure, ...]
    not_reached: int
    facets: tuple[Facet, ...] = field(default=())

    def of(self, reach: Reach) -> tuple[Exposure, ...]:
        """The patients of one class."""
        return tuple(one for one in self.exposures if one.reach is reach)

    @property
    def readable(self) -> int:
        """How many people's data was readable."""
        return len(self.of(Reach.READABLE))

    @property
    def encrypted(self) -> int:
        """How many people's data was only encrypted."""
        return len(self.of(Reach.ENCRYPTED))

    @property
    def kinds(self) -> tuple[tuple[str, int], ...]:
        """(Kind of data, number of people whose readable data held it)."""
        readable = [one.fields for one in self.of(Reach.READABLE)]
        counted = ((word, sum(1 for f in readable if f & flag)) for flag, word in _flag_words())
        return tuple((word, number) for word, number in counted if number)

    @property
    def first(self) -> dt.datetime | None:
        """The first time the record shows."""
        return min((one.first for one in self.exposures if one.first), default=None)

    @property
    def last(self) -> dt.datetime | None:
        """The last time the record shows."""
        return max((one.last for one in self.exposures if one.last), default=None)


def _flag_words() -> tuple[tuple[int, str], ...]:
    return tuple((int(flag), field_words(flag)[0]) for flag in Field)


def exposures_of(
    shown: Mapping[uuid.UUID, Look], left: Iterable[Left], notes: Mapping[uuid.UUID, Note]
) -> tuple[Exposure, ...]:
    """Looks and leavings as one line a patient: readable beats encrypted; ordered by patient."""
    papers = [part.look for part in left if part.reach is Reach.READABLE]
    sealed = [part.look for part in left if part.reach is Reach.ENCRYPTED]
    readable = _lines(Reach.READABLE, shown, papers, notes)
    only = _lines(Reach.ENCRYPTED, {}, sealed, {})
    merged = {**only, **readable}
    return tuple(merged[patient] for patient in sorted(merged))


def _lines(
    reach: Reach,
    shown: Mapping[uuid.UUID, Look],
    papers: Iterable[Look],
    notes: Mapping[uuid.UUID, Note],
) -> dict[uuid.UUID, Exposure]:
    from_paper = {look.patient: look for look in papers}
    found = {}
    for patient in shown.keys() | from_paper.keys() | notes.keys():
        seen, gone = shown.get(patient), from_paper.get(patient)
        parts = [part for part in (seen, gone) if part]
        note = notes.get(patient, Note(0, ""))
        fields = note.fields
        for part in parts:
            fields |= part.fields
        found[patient] = Exposure(
            patient,
            reach,
            fields,
            min((part.first for part in parts), default=None),
            max((part.last for part in parts), default=None),
            seen.times if seen else 0,
            gone.times if gone else 0,
            note.words,
        )
    return found


def widened(
    recorded: Iterable[Exposure], everybody: Iterable[uuid.UUID], reach: Reach
) -> tuple[Exposure, ...]:
    """An upper bound: everybody in this class with every kind of data, and what the record shows beside it."""
    held = {one.patient: one for one in recorded}
    return tuple(
        _widen(patient, held.get(patient), reach) for patient in sorted({*held, *everybody})
    )


def _widen(patient: uuid.UUID, one: Exposure | None, reach: Reach) -> Exposure:
    if one is None:
        return Exposure(patient, reach, EVERY_FIELD, None, None, 0, 0)
    return Exposure(patient, reach, EVERY_FIELD, one.first, one.last, one.shown, one.left, one.note)
