"""What the card shows of the catalogue: tests in columns, tubes to fill, questions asked."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.tubes import PlannedTube, questions_of
from lab_contingency.catalogue.rules.vocabulary import Container, Panel, Question, Shape, Test
from lab_contingency.foundation.wording import count_text
from lab_contingency.incidents.queries import Stop, stops
from lab_contingency.places.rules import TubeSystem


@dataclass(frozen=True, slots=True)
class TubeChip:
    """A container as drawn: colour's name in the site's system, its key for the style, shape, additive."""

    colour_name: str
    css: str
    shape: str
    additive: str


@dataclass(frozen=True, slots=True)
class CardLine:
    """One test on the card."""

    code: str
    label: str
    name: str
    chip: TubeChip
    ticked: bool
    stop: Stop | None


@dataclass(frozen=True, slots=True)
class CardGroup:
    """Tests under one heading."""

    id: str
    heading: str
    lines: tuple[CardLine, ...]


@dataclass(frozen=True, slots=True)
class StripTube:
    """One tube to fill."""

    chip: TubeChip
    ordinal: int
    tests: str
    filling: str
    mind: str


@dataclass(frozen=True, slots=True)
class Strip:
    """All tubes to fill, in order of draw, and what is done at the bedside."""

    tubes: tuple[StripTube, ...]
    bedside: str
    summary: str
    labels: int


def chip_of(container: Container, system: TubeSystem) -> TubeChip:
    """How a container is drawn and named at a site."""
    name = (
        "Culture pair" if container.shape is Shape.BOTTLE else container.colour(system).capitalize()
    )
    return TubeChip(name, container.css(system), container.shape.value, container.name)


def card_columns(
    system: TubeSystem, ticked: Iterable[str], site_id: uuid.UUID | None = None
) -> tuple[tuple[CardGroup, ...], ...]:
    """The four columns of tests, with what today's menu does not offer.

    `site_id`: where blood is to be taken; None when it was taken already, as for a written form.
    """
    chosen, stopped = set(ticked), stops(site_id)

    def line(test: Test) -> CardLine:
        chip = chip_of(catalogue().container(test.container), system)
        return CardLine(
            test.code, test.label, test.name, chip, test.code in chosen, stopped.get(test.code)
        )

    return tuple(
        tuple(
            CardGroup(
                f"group-{column}-{place}",
                heading.heading,
                tuple(line(test) for test in heading.tests),
            )
            for place, heading in enumerate(headings, start=1)
        )
        for column, headings in enumerate(catalogue().card_columns, start=1)
    )


def lines_of(columns: Iterable[Iterable[CardGroup]]) -> Iterator[CardLine]:
    """Every test of the columns."""
    return (line for column in columns for group in column for line in group.lines)


def strip(system: TubeSystem, codes: Iterable[str]) -> Strip:
    """The tubes for these tests."""
    tests = catalogue().tests_of(codes)
    plan = catalogue().tube_plan(test.code for test in tests)
    tubes = tuple(_strip_tube(planned, system) for planned in plan)
    bedside = ", ".join(test.label for test in tests if test.bedside)
    summary = count_text(len(tubes), "tube") if tubes else ""
    return Strip(tubes, bedside, summary, sum(not planned.by_hand for planned in plan))


def _strip_tube(planned: PlannedTube, system: TubeSystem) -> StripTube:
    chip = chip_of(planned.container, system)
    labels = ", ".join(catalogue().test(code).label for code in planned.tests)
    if planned.bottles > 1:
        labels = f"{labels}, bottle {planned.bottle} of {planned.bottles}"
    return StripTube(
        chip,
        planned.ordinal,
        labels,
        filling(planned.container.millilitres(system)),
        _mind(planned),
    )


def filling(millilitres: str) -> str:
    """`2.7 mL, to the line`, `3.5–5 mL`, `8–10 mL each`."""
    amount, _, rest = millilitres.replace("-", "–").partition(" ")
    return f"{amount} mL{', ' + rest if rest.startswith('to') else ' ' + rest}".strip()


def _mind(planned: PlannedTube) -> str:
    if planned.by_hand:
        return "write the label by hand"
    return "on ice, at once" if planned.on_ice else ""


def questions_for(codes: Iterable[str]) -> tuple[Question, ...]:
    """The questions that these tests ask and no box of the card answers."""
    return tuple(
        question for question in questions_of(catalogue().tests_of(codes)) if not question.field
    )


def all_questions() -> tuple[Question, ...]:
    """Every question any test may ask."""
    return tuple(catalogue().questions.values())


def panels() -> tuple[Panel, ...]:
    """Sets of tests to tick at once, without those that hold a test not offered now."""
    return catalogue().panels
