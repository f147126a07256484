"""What a plan must keep to, said line by line: menu, hours, capacity, slots, stability, series."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping

from lab_contingency.routing.planning.rules.problem import (
    Desk,
    Placed,
    Placing,
    Problem,
    Task,
    room,
)


def faults(problem: Problem, placed: Placed) -> tuple[str, ...]:
    """What the plan breaks; nothing for a plan that can be proposed."""
    tasks = {task.id: task for task in problem.tasks}
    held = {tasks[task_id]: placing for task_id, placing in placed.items()}
    return (*_cannot(held), *_crowded(problem, held), *_beyond_slots(problem, held), *_apart(held))


_Held = Mapping[Task, Placing]


def _cannot(held: _Held) -> Iterator[str]:
    for task, placing in held.items():
        if placing.option not in task.options:
            yield f"{task.id}: this laboratory cannot do it"
        elif not placing.option.first <= placing.hour <= placing.option.last:
            yield f"{task.id}: not there yet, or expired by then"


def _desk_hours(held: _Held) -> Counter[tuple[Desk, int]]:
    return Counter(
        ((placing.option.place, task.discipline), placing.hour) for task, placing in held.items()
    )


def _crowded(problem: Problem, held: _Held) -> Iterator[str]:
    for (desk, hour), number in _desk_hours(held).items():
        if number > room(problem, desk, hour):
            yield f"{desk}: {number} tests in hour {hour}, {room(problem, desk, hour)} places"


def _beyond_slots(problem: Problem, held: _Held) -> Iterator[str]:
    days: Counter[tuple[Desk, int]] = Counter()
    for (desk, hour), number in _desk_hours(held).items():
        days[desk, problem.days[hour]] += number
    for (desk, day), number in days.items():
        if desk in problem.slots and number > problem.slots[desk][day]:
            yield f"{desk}: {number} tests on day {day}, {problem.slots[desk][day]} agreed"


def _apart(held: _Held) -> Iterator[str]:
    series: dict[Hashable, set[int]] = defaultdict(set)
    for task, placing in held.items():
        if task.series is not None:
            series[task.series].add(placing.option.place)
    for name, places in series.items():
        if len(places) > 1:
            yield f"{name}: one series at {len(places)} laboratories"
