"""Drafts of what is said to the regulator (UK GDPR article 33) and to people (article 34). A person signs them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lab_contingency.audit.rules import Field, field_words
from lab_contingency.foundation.wording import count_text
from lab_contingency.oversight.rules.exposure import Certainty, Report

REGULATOR_WITHIN = dt.timedelta(hours=72)
_SPECIAL = Field.CLINICAL | Field.TESTS | Field.RESULTS | Field.REMARKS


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What a person adds: since when the controller knew, whom to ask, what was done."""

    aware_at: dt.datetime | None = None
    contact: str = ""
    measures: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, a paragraph each."""

    heading: str
    paragraphs: tuple[str, ...]


def regulator_by(facts: NoticeFacts) -> dt.datetime | None:
    """Until when the regulator must know; None until it is said since when the controller knew."""
    return facts.aware_at + REGULATOR_WITHIN if facts.aware_at else None


def clock_sentence(facts: NoticeFacts, now: dt.datetime) -> str:
    """What is left of the 72 hours."""
    until = regulator_by(facts)
    if until is None:
        return "Say since when the controller knew: the 72 hours run from then."
    left = until - now
    hours, minutes = divmod(int(abs(left).total_seconds()) // 60, 60)
    span = f"{hours} h {minutes} min"
    if left < dt.timedelta(0):
        return f"The 72 hours ended {span} ago. Tell the regulator now, and say why it is late."
    return f"{span} left of the 72 hours."


def article_33(report: Report, facts: NoticeFacts) -> tuple[Section, ...]:
    """The draft for the regulator, in the order the article asks for it."""
    return (
        Section("Nature of the breach", (_nature(report), report.sentence)),
        Section("People and records", _numbers(report)),
        Section("Categories of data", _categories(report)),
        Section("Likely consequences", _consequences(report)),
        Section("Measures", (facts.measures or "To be added.",)),
        Section("Contact", (facts.contact or "To be added.",)),
    )


def _nature(report: Report) -> str:
    return f"{report.title}. Certainty of this report: {report.certainty.value}."


def _numbers(report: Report) -> tuple[str, ...]:
    records = sum(one.shown + one.left for one in report.exposures)
    classes = (
        ("Readable", report.readable),
        ("Only encrypted", report.encrypted),
        ("Not reached", report.not_reached),
    )
    about = "" if report.certainty is Certainty.EXACT else "about "
    people = " ".join(
        f"{name}: {about if number else ''}{count_text(number, 'person', 'people')}."
        for name, number in classes
    )
    return people, f"Times their records were shown, printed or exported: {records:,}."


def _categories(report: Report) -> tuple[str, ...]:
    kinds = report.kinds
    if not kinds:
        return ("No readable data.",)
    said = "; ".join(f"{word}: {number:,}" for word, number in kinds)
    return (f"Patients of the laboratory. {said}.",)


def _consequences(report: Report) -> tuple[str, ...]:
    if not report.readable:
        return (
            "None expected: nothing that was taken can be read without a key that was not taken.",
        )
    fields = 0
    for one in report.exposures:
        fields |= one.fields
    said = ["Loss of confidentiality; contact by strangers; fraud with name and date of birth."]
    if fields & _SPECIAL:
        words = ", ".join(field_words(fields & _SPECIAL))
        said.append(f"Health data ({words}): distress, embarrassment, pressure on the person.")
    return tuple(said)


def article_34(report: Report) -> tuple[Section, ...]:
    """Whether people have to be told, and what the letter says."""
    encrypted = (
        f"{count_text(report.encrypted, 'person', 'people')}: telling them is not needed under article 34(3)(a), because what was "
        "taken cannot be read without a key that was not taken."
    )
    if not report.readable:
        return (Section("Telling people", (encrypted,)),)
    readable = (
        f"{count_text(report.readable, 'person', 'people')}: tell them if the risk to them is high. Say in plain words what happened, "
        "which of their data it was, what is done, what they can do, and whom to ask."
    )
    said = (readable, encrypted) if report.encrypted else (readable,)
    return (Section("Telling people", said),)
