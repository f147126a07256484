"""Checks taken away one at a time, in memory."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import true

PACKAGE = Path(__file__).resolve().parents[2] / "lab_contingency"
# By what a partner is cut inside a request (`tests_within`, `is_partner`, …) is not among them: a sweep of every page
# with other laboratories' work planted shows that (tests/integration/test_partners_sight.py).
CONDITIONS = ("within", "within_reading", "own_place", "standing")


@dataclass(frozen=True)
class Site:
    """One place in the source where a scope is asked for."""

    module: str
    name: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.module}:{self.first} {self.name}"


def sites() -> list[Site]:
    """Every use of a scope's condition."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "requests.scope import" not in source and path.name != "scope.py":
            continue
        tree = ast.parse(source)
        known = set(CONDITIONS) if path.name == "scope.py" else _imported(tree)
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in known:
                name, last = node.func.id, node.end_lineno or node.lineno
                found.append(Site(".".join(parts), name, node.lineno, last))
    return found


def _imported(tree: ast.Module) -> set[str]:
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("requests.scope")
        for alias in node.names
    } & set(CONDITIONS)


@contextmanager
def without(site: Site) -> Iterator[None]:
    """The condition at this place, and only there, is true for everything."""
    module = importlib.import_module(site.module)
    real = getattr(module, site.name)

    def everything(*asked: Any) -> Any:
        caller = sys._getframe(1)
        here = caller.f_globals["__name__"] == site.module
        if here and site.first <= caller.f_lineno <= site.last:
            return true()
        return real(*asked)

    setattr(module, site.name, everything)
    try:
        yield
    finally:
        setattr(module, site.name, real)
