"""`python -m benchmarks [part …] [--json]`: ratios beside their goals."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from dataclasses import asdict

from benchmarks.timing import Line

PARTS = ("labels", "pages", "planning", "sealing", "slips", "writing")


def main(arguments: list[str] | None = None) -> int:
    """Measure the parts asked for, all by default."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="part")
    parser.add_argument("--json", action="store_true", help="for machines")
    asked = parser.parse_args(arguments)
    found: dict[str, list[Line]] = {}
    for name in asked.parts or PARTS:
        found[name] = importlib.import_module(f"benchmarks.{name}").run()
        if not asked.json:
            _print(name, found[name])
    if asked.json:
        said = {
            name: [{**asdict(line), "met": line.met} for line in lines]
            for name, lines in found.items()
        }
        json.dump(said, sys.stdout, indent=1)
        print()
    return 0


def _print(name: str, lines: list[Line]) -> None:
    print(f"\n{name}")
    for line in lines:
        sign = "at least" if line.least else "at most"
        verdict = "met" if line.met else "MISSED"
        print(f"  {line.ratio:12,.2f}  {sign} {line.goal:g}  {verdict:7} {line.name}  {line.note}")


if __name__ == "__main__":
    sys.exit(main())
