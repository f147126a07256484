"""What talks to a printer: one line a printer, held while labels are sent. It knows no database."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from lab_contingency.specimens.station.rules.printers import Allowed, PrinterState, PrinterWay


@dataclass(frozen=True, slots=True)
class Report:
    """What the printer says. `came_out` is about what was put last; None: it does not tell."""

    state: PrinterState
    came_out: bool | None = None


class Letters(enum.Enum):
    """What a sender does about our letters before it sends labels."""

    NONE = enum.auto()
    LOOK = enum.auto()
    SEND = enum.auto()


@dataclass(frozen=True, slots=True)
class Target:
    """How a printer is reached."""

    way: PrinterWay
    host: str = ""
    port: int = 0
    queue: str = ""
    letters: Letters = Letters.NONE


class Line(Protocol):
    """A way to one printer. No call waits for long; none raises for a printer that fails."""

    def ask(self) -> Report:
        """Its state, without printing."""

    def clear(self) -> None:
        """Forget what the printer holds back since it stopped."""

    def put(self, data: bytes) -> Report:
        """Send, and look whether it came out."""

    def load(self, data: bytes) -> None:
        """Send what the printer is to keep; whether it did is seen by `files`."""

    def files(self) -> dict[str, int]:
        """Names and sizes of the fonts it holds; none where it does not tell."""

    def close(self) -> None:
        """Let go."""


def open_line(target: Target, allowed: Iterable[Allowed] = ()) -> Line:
    """A line to a printer on the network or behind the print command; nothing is asked yet."""
    from lab_contingency.specimens.station.lines.command import CommandLine
    from lab_contingency.specimens.station.lines.network import NetworkLine

    if target.way is PrinterWay.NETWORK:
        return NetworkLine(target.host, target.port, tuple(allowed))
    return CommandLine(target.queue)
