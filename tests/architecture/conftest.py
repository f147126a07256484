"""Rules about the code need one engine only."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def engine_name() -> str:
    return "sqlite"
