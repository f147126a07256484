"""What a browser sends is read in memory: nothing of it is spooled to a temporary file of this computer."""

from __future__ import annotations

import io
from typing import IO, Any

from flask import Flask, Request


class RequestInMemory(Request):
    """Flask's own keeps a file part of half a megabyte on disk; the cap on requests bounds the memory here."""

    def _get_file_stream(self, *_args: Any, **_keys: Any) -> IO[bytes]:
        return io.BytesIO()


def install(app: Flask) -> None:
    """Every request of the application."""
    app.request_class = RequestInMemory
