"""A printer behind the print command of the server: `lp` and `lpstat`, as lists of words, never by a shell."""

from __future__ import annotations

import os
import shutil
import subprocess

from lab_contingency.specimens.station.lines import Report
from lab_contingency.specimens.station.rules.printers import (
    STATES,
    PrinterState,
    read_spooler,
    refuse_queue,
)

COMMAND_SECONDS = 5.0


class CommandLine:
    """Hands labels to the spooler, which never tells whether they came out."""

    def __init__(self, queue: str) -> None:
        refuse_queue(queue)
        self._queue = queue

    def ask(self) -> Report:
        """What the spooler says of the printer."""
        code, said = _run(["lpstat", "-p", self._queue])
        return Report(read_spooler(said) if code == 0 else PrinterState.NOT_REACHABLE)

    def clear(self) -> None:
        """Nothing: the spooler's own jobs are looked after at the server."""

    def put(self, data: bytes) -> Report:
        """Hand it over. Its title names nobody."""
        code, _ = _run(["lp", "-d", self._queue, "-t", "labels"], data)
        if code != 0:
            return Report(PrinterState.NOT_REACHABLE, came_out=False)
        state = self.ask().state
        return Report(state, came_out=None if STATES[state].can_take else False)

    def load(self, data: bytes) -> None:
        """Nothing: what is behind a print command takes PDF."""

    def files(self) -> dict[str, int]:
        """Nothing is known of it."""
        return {}

    def close(self) -> None:
        """Nothing is held."""


def _run(words: list[str], given: bytes = b"") -> tuple[int | None, str]:
    """Exit code and what it said, in English; None where it is missing or does not end."""
    program = shutil.which(words[0])
    if program is None:
        return None, ""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words and a checked name
            [program, *words[1:]],
            input=given,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None, ""
    return done.returncode, done.stdout.decode(errors="replace")
