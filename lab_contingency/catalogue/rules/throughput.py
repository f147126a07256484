"""What a bench cannot do: the largest number of tests an hour that is believed when somebody types it."""

from __future__ import annotations

from collections.abc import Mapping

from lab_contingency.catalogue.rules.vocabulary import Discipline

# Requested tests, not values: a U&E is one. Several times what the largest laboratory of a region finishes with every
# line of analysers running, so that nobody argues with it; but a figure typed too many (500 for 50 stays possible,
# 9999 does not) promises room that is not there, and tubes go where they age. Lines of analysers do chemistry,
# counts and clotting; the other benches have hands in them.
MOST_AN_HOUR: Mapping[Discipline, int] = {
    Discipline.CHEM: 2000,
    Discipline.HAEM: 1000,
    Discipline.COAG: 600,
    Discipline.VIRO: 600,
    Discipline.TDM: 400,
    Discipline.MICRO: 400,
    Discipline.POCT: 400,
    Discipline.TRANSF: 300,
    Discipline.TOX: 200,
}


def too_many_an_hour(discipline: Discipline, number: int) -> str:
    """Why that number cannot be, with the largest that is taken; "" when it can."""
    most = MOST_AN_HOUR[discipline]
    if number <= most:
        return ""
    never = (
        f"No laboratory finishes more than {most:,} tests of {discipline.words.lower()} an hour."
    )
    return f"{never} Type a number from 0 to {most:,}."
