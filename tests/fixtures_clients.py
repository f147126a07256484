"""Clients of signed-in people."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.clients import LabClient


@pytest.fixture
def client_for(app) -> Callable[..., LabClient]:
    """`client_for("doctor")` is signed in as that person of the demonstration; `client_for()` is nobody."""

    def make(username: str | None = None, *, checks: bool = True) -> LabClient:
        client = LabClient(app, checks=checks)
        return client.sign_in(username) if username else client

    return make
