"""Timing two or more ways of doing the same work, interleaved, so that a busy machine slows them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of one run, the median of all rounds; `spread` is the middle half over the median."""

    seconds: float
    spread: float


@dataclass(frozen=True, slots=True)
class Line:
    """One ratio beside its goal. `least` goals are met from above, the others from below."""

    name: str
    ratio: float
    goal: float
    least: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether this run met the goal."""
        return self.ratio >= self.goal if self.least else self.ratio <= self.goal


def interleaved(
    works: Mapping[str, Work], *, rounds: int = 15, clock: Callable[[], float] = time.process_time
) -> dict[str, Timed]:
    """Run each work once a round, in turn; a first round warms up and does not count."""
    found: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    gc.disable()
    try:
        for turn in range(rounds + 1):
            for name, work in works.items():
                begun = clock()
                work()
                if turn:
                    found[name].append(clock() - begun)
    finally:
        gc.enable()
    return {name: _timed(taken) for name, taken in found.items()}


def _timed(taken: list[float]) -> Timed:
    middle = statistics.median(taken)
    quarters = statistics.quantiles(taken, n=4)
    return Timed(middle, (quarters[2] - quarters[0]) / middle if middle else 0.0)


def times(count: int, work: Work) -> Work:
    """The work repeated, so that one run is long enough to measure."""

    def repeated() -> None:
        for _ in range(count):
            work()

    return repeated
