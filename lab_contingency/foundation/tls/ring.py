"""The wrapping key of the authority's key, from the key ring. The one place that knows which key it is."""

from __future__ import annotations

from flask import Flask

from lab_contingency.foundation.errors import LabError
from lab_contingency.foundation.sealing import keys

_NAME = "export"


class RingWrapping:
    """Asks the key ring of the application each time, because it may be sealed at the start and opened later."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def current(self) -> tuple[int, bytes] | None:
        """The version that seals now, and its 32 bytes; None while the ring is sealed."""
        try:
            with self._app.app_context():
                return keys().current(_NAME)
        except (LabError, KeyError):
            return None

    def version(self, number: int) -> bytes | None:
        """An earlier version; None while the ring is sealed or when it never had it."""
        try:
            with self._app.app_context():
                return keys().version(_NAME, number)
        except (LabError, KeyError):
            return None
