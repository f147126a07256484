"""What a verification found, frozen: counts, the first bad row in words, remarks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Break:
    """The first thing that does not hold. `place` names it for people; `row_id` is the row's own id.

    `stream` and `seq` stand for rows of the chains, `number` for checkpoints.
    """

    place: str
    wrong: str
    stream: int | None = None
    seq: int | None = None
    row_id: str | None = None
    number: int | None = None

    @property
    def sentence(self) -> str:
        """Which row, and what is wrong with it."""
        named = f" (id {self.row_id})" if self.row_id else ""
        return f"{self.place}{named}: {self.wrong}"


class Broken(Exception):  # it ends the verification
    """Carries the first break out of the loops."""

    def __init__(self, found: Break) -> None:
        super().__init__(found.sentence)
        self.found = found


@dataclass(frozen=True, slots=True)
class FoundAnchor:
    """The checkpoint that an anchor names."""

    number: int
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Report:
    """The record as it was at one moment.

    `rows` were verified; `unprovable` are rows and leavings from before there were chains: the first
    checkpoint holds what they said then, nothing shows what they said before. `since_checkpoint` rows stand
    after the last checkpoint: a cut among them that also set the ends back would not show.
    """

    verified_at: dt.datetime
    rows: int
    streams: int
    unprovable: int
    sealed: int
    leavings: int
    checkpoints: int
    since_checkpoint: int
    last_checkpoint_at: dt.datetime | None
    first_bad: Break | None
    remarks: tuple[str, ...]
    anchor: FoundAnchor | None = None

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return self.first_bad is None
