"""docs/asvs.csv is whole, names only what exists, and is counted rightly."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ["id", "level", "about", "status", "code", "test", "note"]
STATUSES = ("met", "partly", "not met", "not applicable")
WHOLE = {"1": 64, "2": 147, "3": 25}
LEVEL_3 = {
    "1.2.10",
    "1.3.12",
    "2.3.5",
    "3.4.8",
    "3.5.8",
    "4.1.4",
    "4.1.5",
    "5.2.5",
    "5.2.6",
    "5.3.3",
    "6.3.8",
    "6.4.6",
    "7.5.3",
    "8.2.4",
    "8.3.2",
    "11.2.4",
    "11.3.4",
    "14.2.6",
    "14.2.7",
    "14.2.8",
    "15.4.1",
    "15.4.2",
    "15.4.3",
    "15.4.4",
    "16.5.4",
}
LEFT_OUT = re.compile(r"v5\.0\.0-(10|17|4\.3|4\.4)\.")


def _rows() -> list[dict[str, str]]:
    with (ROOT / "docs" / "asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = _rows()


@cache
def _tests_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@cache
def _defined_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.ClassDef
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def is_a_test(named: str) -> bool:
    """Whether `tests/…::test_…` names a test that exists."""
    file, _, name = named.partition("::")
    return (ROOT / file).is_file() and name in _tests_in(file)


def test_every_requirement_stands_in_it_once():
    ids = [row["id"] for row in ROWS]

    assert list(ROWS[0]) == COLUMNS
    assert [each for each, count in Counter(ids).items() if count > 1] == []
    assert Counter(row["level"] for row in ROWS) == WHOLE
    assert all(re.fullmatch(r"v5\.0\.0-\d+\.\d+\.\d+", each) for each in ids)
    assert not any(LEFT_OUT.match(each) for each in ids)
    third = {row["id"].removeprefix("v5.0.0-") for row in ROWS if row["level"] == "3"}
    assert third == LEVEL_3


def test_they_stand_in_their_order():
    numbers = [[int(part) for part in row["id"][7:].split(".")] for row in ROWS]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_row_says_what_it_must(row):
    assert row["status"] in STATUSES
    assert 2 <= len(row["about"].split()) <= 8
    file, _, name = row["code"].partition(":")
    if file:
        assert (ROOT / file).is_file(), file
    if name:
        assert name in _defined_in(file), (file, name)
    if row["test"]:
        assert is_a_test(row["test"]), row["test"]
    if row["status"] == "met":
        assert row["code"]
        assert row["test"]
    else:
        assert row["note"]


def test_the_counts_are_those_of_the_threat_model():
    said = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    counted = Counter((row["level"], row["status"]) for row in ROWS)

    for level in WHOLE:
        figures = " | ".join(str(counted[level, status]) for status in STATUSES)
        assert f"| level {level} | {figures} |" in said
    whole = Counter(row["status"] for row in ROWS)
    assert f"| all | {' | '.join(str(whole[status]) for status in STATUSES)} |" in said


def test_every_test_that_the_threat_model_names_exists():
    said = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests/)?[\w/]+\.py)(?:::(test_\w+))?`", said)
    lone = re.findall(r"`(test_\w+)`", said)
    every = {
        name for path in (ROOT / "tests").rglob("test_*.py")
        for name in _tests_in(str(path.relative_to(ROOT)))
    }  # fmt: skip

    assert len(lone) >= 30
    assert [name for name in lone if name not in every] == []
    assert [file for file, _ in named if not (ROOT / file).is_file()] == []


def test_nothing_that_a_compromise_must_not_surrender_stands_without_a_test():
    said = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    table = said.partition("## What each compromise surrenders")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]

    assert len(rows) >= 8
    for line in rows:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[3].startswith(("`test_", "none")), line
        assert not cells[3].startswith("none") or "not held" in cells[3], line
