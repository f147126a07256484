"""`flask lab exposure verify` and `flask lab leak match`: is a file ours and unchanged, whose data is outside."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from flask.cli import AppGroup

from lab_contingency.cli.start import database
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import LabError
from lab_contingency.oversight.matching import Sure
from lab_contingency.oversight.queries.found import LeavingView, leavings
from lab_contingency.oversight.services import match_leak, verify_signed
from lab_contingency.oversight.services.leaks import Matched

exposure_group = AppGroup("exposure", help="Exposure reports.")
leak_group = AppGroup("leak", help="Fragments found outside.")
_PIECE = 4 * 1024 * 1024
_EVERY = 64 * 1024 * 1024
_ACTOR = Actor.system("terminal")


@exposure_group.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Say whether FILE, a PDF or CSV of an exposure report, is as this node made it."""
    found = verify_signed(file.read_bytes())
    click.echo(found.sentence)
    if not found.holds:
        raise SystemExit(1)


@leak_group.command("match")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="counts as JSON on standard output")
def match(paths: tuple[Path, ...], as_json: bool) -> None:
    """Look through files and folders. Names and numbers of patients are not printed: see the page."""
    files = list(_files(paths))
    begins = time.perf_counter()
    try:
        with database(), unit_of_work():
            matched = match_leak(map(_pieces, files), actor=_ACTOR, progress=_Progress())
            came_from = leavings(tuple(sorted(matched.finding.leavings)))
    except LabError as refused:
        raise click.ClickException(refused.message) from refused
    figures = _figures(matched, came_from, len(files), time.perf_counter() - begins)
    click.echo(json.dumps(figures) if as_json else _words(figures))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """Every file, in a fixed order; what a link leads to is not followed."""
    for path in paths:
        if path.is_dir():
            yield from sorted(
                each for each in path.rglob("*") if each.is_file() and not each.is_symlink()
            )
        else:
            yield path


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as handle:
        while piece := handle.read(_PIECE):
            yield piece


class _Progress:
    """Says on standard error how far it is."""

    def __init__(self) -> None:
        self._said = 0

    def __call__(self, done: int) -> None:
        if done - self._said >= _EVERY:
            self._said = done
            click.echo(f"{done // 1_000_000:,} MB read", err=True)


def _figures(
    matched: Matched, came_from: Iterable[LeavingView], files: int, seconds: float
) -> dict[str, object]:
    finding = matched.finding
    return {
        "match": str(matched.id),
        "files": files,
        "bytes": finding.size,
        "seconds": round(seconds, 3),
        "megabytes_a_second": round(finding.size / 1e6 / seconds, 1) if seconds else None,
        "certain": len(finding.of(Sure.CERTAIN)),
        "likely": len(finding.of(Sure.LIKELY)),
        "stopped_at_a_cap": finding.capped,
        "leavings": [
            {
                "watermark": one.watermark,
                "kind": one.kind,
                "made": one.recorded_at.isoformat(),
                "by": one.by,
                "people": one.people,
            }
            for one in came_from
        ],
    }


def _words(figures: dict[str, object]) -> str:
    lines = [
        f"{name.replace('_', ' '):<24}{value}"
        for name, value in figures.items()
        if name != "leavings"
    ]
    said = figures["leavings"]
    lines += [
        f"came from {one['watermark']}: {one['kind']}, {one['made']}, by {one['by']}"
        for one in (said if isinstance(said, list) else [])
    ]
    return "\n".join(lines)
