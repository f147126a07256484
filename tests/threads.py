"""Running things at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence


def together(acts: Sequence[Callable[[], object]]) -> list[BaseException]:
    """Begin all at once, each in a thread; returns what went wrong."""
    failures: list[BaseException] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except BaseException as failure:  # noqa: BLE001 - the test tells it
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures
