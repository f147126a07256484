"""Who looked at more patients than their colleagues in the same role: a list to ask about, no verdict."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

MANY_TIMES = 3
AT_LEAST = 20


@dataclass(frozen=True, slots=True)
class Watcher:
    """One person in one role, and how many patients they saw."""

    user_id: uuid.UUID | None
    name: str
    role: str
    patients: int
    looks: int


@dataclass(frozen=True, slots=True)
class Watched:
    """The same with whether that is beyond the usual, and what is usual in the role."""

    watcher: Watcher
    usual: float
    beyond: bool


def beyond_the_usual(watchers: Iterable[Watcher]) -> tuple[Watched, ...]:
    """Most patients first. Beyond: at least 20, and three times the middle of the others in the role."""
    by_role: dict[str, list[Watcher]] = defaultdict(list)
    for one in watchers:
        by_role[one.role].append(one)
    found = [_judge(one, group) for group in by_role.values() for one in group]
    return tuple(sorted(found, key=lambda each: (-each.watcher.patients, each.watcher.name)))


def _judge(one: Watcher, group: list[Watcher]) -> Watched:
    others = [other.patients for other in group if other is not one]
    usual = float(median(others)) if others else 0.0
    return Watched(one, usual, one.patients >= max(AT_LEAST, MANY_TIMES * usual))
