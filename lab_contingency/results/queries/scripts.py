"""What is said aloud on the telephone, a sentence a line."""

from __future__ import annotations

import datetime as dt

from lab_contingency.catalogue.rules.readings import in_sentence
from lab_contingency.foundation import clock
from lab_contingency.requests.queries import PatientView
from lab_contingency.results.queries.values import Before, ValueView, why_not_comparable
from lab_contingency.results.rules.calls import spoken, spoken_unit


def script(
    patient: PatientView, result: ValueView, before: Before | None, wrong: ValueView | None
) -> tuple[str, ...]:
    """What to say aloud, a sentence a line; numbers in words."""
    value = result.value
    born = patient.identity.born
    name = f"{patient.forenames} {patient.identity.surname}".strip()
    lines = [f"{name}, born {born.day} {born:%B} {born.year}."]
    if wrong is not None:
        was = spoken(wrong.value)
        lines.append(
            f"We told you {in_sentence(result.analyte.name)} {was}. That was wrong: it is put right."
        )
    lines.append(
        f"{result.analyte.name}, {spoken(value)}, {spoken_unit(value.unit)}.".replace(", .", ".")
    )
    lines.append(_taken_line(result, before))
    if value.said:
        lines.append(value.said)
    lines.append("Please read that back to me.")
    return tuple(line for line in lines if line)


def _taken_line(result: ValueView, before: Before | None) -> str:
    taken_at = result.value.taken_at
    taken = f"Blood taken {_when(taken_at)}." if taken_at else "The time of the blood is not known."
    if before is None:
        return taken
    why_not = why_not_comparable(result.analyte, result.value, result.laboratory, before)
    if why_not:
        return f"{taken} The value before, {_when(before.at)}, is not comparable: {why_not}."
    return f"{taken} Before, {_when(before.at)}, it was {spoken(before.value)}."


def _when(moment: dt.datetime) -> str:
    wall, today = clock.london(moment), clock.london(clock.now()).date()
    if wall.date() == today:
        return f"at {wall:%H:%M} today"
    return f"on {wall.day} {wall:%B} at {wall:%H:%M}"
