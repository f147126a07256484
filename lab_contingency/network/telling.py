"""A page has changed the network: whoever stands above and must know is told at once, without the network knowing who."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask, current_app

from lab_contingency.foundation.database import unit_of_work

_EXTENSION = "lab_network_changed"


def install(app: Flask, told: Callable[[], None]) -> None:
    """From here on `told` is called after every change; it never raises."""
    app.extensions[_EXTENSION] = told


@contextmanager
def changing_the_network() -> Iterator[None]:
    """One unit of work. It is told when the change stands and before the answer leaves.

    Not inside the unit: who is told takes the locks of all laboratories, in their order, and the change holds one
    of them already. A change is never lost because somebody above could not be told of it.
    """
    with unit_of_work():
        yield
    told: Callable[[], None] | None = current_app.extensions.get(_EXTENSION)
    if told is not None:
        told()
