"""Queues to be planned, made by chance from a seed: a handful of tubes, or two thousand."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import dataclass

from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.requests.rules.bands import Band
from lab_contingency.routing.planning.rules import HOURS, Option, Problem, Task

START = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
_D = Discipline
_BANDS = (Band.P1, Band.P2, Band.P2, Band.P3, Band.P3, Band.P3, Band.P4, Band.P4)
_NEEDED = {Band.P1: (1, 2), Band.P2: (2, 5), Band.P3: (12, 24), Band.P4: (48, 168)}
# What is asked for together on one tube, how often, and how many hours the first of it keeps.
_PANELS: tuple[tuple[int, tuple[tuple[str, Discipline], ...], int], ...] = (
    (30, (("FBC", _D.HAEM),), 24),
    (10, (("UE", _D.CHEM), ("CRP", _D.CHEM)), 12),
    (15, (("UE", _D.CHEM), ("LFT", _D.CHEM), ("CRP", _D.CHEM)), 12),
    (8, (("UE", _D.CHEM), ("TROP", _D.CHEM)), 12),
    (5, (("TROP", _D.CHEM),), 24),
    (4, (("UE", _D.CHEM), ("PARA", _D.TOX)), 12),
    (3, (("UE", _D.CHEM), ("GENT", _D.TDM)), 12),
    (15, (("COAG", _D.COAG),), 8),
    (6, (("GLU", _D.CHEM),), 72),
    (4, (("BCUL", _D.MICRO),), 24),
)
_DISCIPLINES = tuple(dict.fromkeys(desk for _, tests, _ in _PANELS for _, desk in tests))


@dataclass(frozen=True)
class Size:
    """How large: hours that are looked ahead; `scarce` times the places that the tests need in six hours.

    `plain`: one test a tube, no series, no agreed slots.
    """

    tubes: int
    places: int
    hours: int = HOURS
    scarce: float = 1.0
    plain: bool = False


def a_problem(seed: int, size: Size) -> Problem:
    """Tubes from seven sites; laboratories that lack one test in six, some of them shut at first."""
    chance = random.Random(seed)  # noqa: S311 - the same queue for the same seed
    codes = tuple(dict.fromkeys(code for _, tests, _ in _PANELS for code, _ in tests))
    travel = [[chance.choice((0.1, 0.4, 0.6, 1.1)) for _ in range(size.places)] for _ in range(7)]
    menus = [
        {code: chance.choice((0.75, 1.0, 1.0, 1.5)) for code in codes if chance.random() < 0.84}
        for _ in range(size.places)
    ]
    weights = [often for often, _, _ in _PANELS]
    tasks: list[Task] = []
    for tube in range(size.tubes):
        (_, tests, keeps) = chance.choices(_PANELS, weights)[0]
        band, site = chance.choice(_BANDS), chance.randrange(7)
        due, last = float(chance.randint(*_NEEDED[band])), keeps - chance.random() * 5
        for number, (code, discipline) in enumerate(tests[:1] if size.plain else tests):
            options = tuple(
                _option(place, menus[place][code], travel[site][place], (due, last), size)
                for place in range(size.places)
                if code in menus[place] and travel[site][place] < min(last, size.hours)
            )
            series = f"patient {tube // 15}" if code == "TROP" and not size.plain else None
            task_id = uuid.UUID(int=tube * 100 + number + 1)
            tasks.append(Task(task_id, tube, discipline, band, due, options, series))
    return _with_rooms(tuple(tasks), size, chance)


def _option(
    place: int, takes: float, ready: float, limits: tuple[float, float], size: Size
) -> Option:
    due, last = limits
    latest = min(int(last), size.hours - 1)
    in_time = max(min(int(due - takes), latest), -1)
    return Option(place, int(ready), latest, in_time, ready, takes, 0.0 if ready < 0.2 else 0.25)


def _with_rooms(tasks: tuple[Task, ...], size: Size, chance: random.Random) -> Problem:
    """Every fourth laboratory is shut at first, every third agreed on a number a day."""
    asked = {desk: sum(task.discipline is desk for task in tasks) for desk in _DISCIPLINES}
    rooms, slots = {}, {}
    for place in range(size.places):
        for desk, number in asked.items():
            each = number * size.scarce / min(6, size.hours) / size.places
            shut = 4 if place % 4 == 3 else 0
            rooms[place, desk] = tuple(
                max(round(each * chance.uniform(0.4, 1.6)), 0) if hour >= shut else 0
                for hour in range(size.hours)
            )
            if place % 3 == 2 and not size.plain:
                slots[place, desk] = (round(each * 2), round(each * 3))
    half = max(size.hours // 2, 1)
    days = tuple(int(hour >= half) for hour in range(size.hours))
    names = tuple(f"Laboratory {place}" for place in range(size.places))
    return Problem(START, names, tasks, rooms, slots, days)
