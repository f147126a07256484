"""A few requests under way, so that a newcomer finds something to do in each role."""

from __future__ import annotations


def add_examples() -> None:
    """Requests in different stages, made through the same services as everybody's."""
