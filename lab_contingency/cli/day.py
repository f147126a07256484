"""`flask lab load-day`: a whole day from two files into a demonstration."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from lab_contingency.cli.start import demonstration
from lab_contingency.foundation.errors import LabError
from lab_contingency.rehearsal.day import DayReport, load_day

_EVERY = 20
_SHOWN = 20


@click.command("load-day")
@click.argument("requests_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--results", "results_file", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="write refused rows here",
)
@click.option("--json", "as_json", is_flag=True, help="counts as JSON on standard output")
def load_day_command(
    requests_file: Path, results_file: Path | None, report_file: Path | None, as_json: bool
) -> None:
    """Take the requests (and results) of a day, through the same services as everybody's work."""
    try:
        with demonstration():
            report = load_day(requests_file, results_file, _progress)
    except LabError as refused:
        raise click.ClickException(refused.message) from refused
    _write_report(report, report_file)
    click.echo(json.dumps(counts(report)) if as_json else _words(report))
    if report.books is None or not report.books.balanced:
        raise SystemExit(1)


def counts(report: DayReport) -> dict[str, int | bool]:
    """The figures, flat."""
    if report.books is None:
        return {}
    books = dataclasses.asdict(report.books)
    rows = {name: getattr(report, name) for name in ("read", "taken", "already", "refused")}
    values = {
        f"values_{name}": getattr(report, f"values_{name}")
        for name in ("read", "taken", "already", "refused")
    }
    return {**rows, **values, **books, "balanced": report.books.balanced}


def _progress(done: int, total: int) -> None:
    if done % _EVERY == 0 or done == total:
        click.echo(f"{done} of {total} requests", err=True)


def _write_report(report: DayReport, file: Path | None) -> None:
    lines = [str(one) for one in report.refusals]
    if file is not None:
        file.write_text("\n".join(lines) + ("\n" if lines else ""), encoding="utf-8")
    for line in lines[:_SHOWN]:
        click.echo(f"refused: {line}", err=True)
    if len(lines) > _SHOWN:
        rest = f"written to {file}" if file else "use --report FILE to have them all"
        click.echo(f"refused: {len(lines) - _SHOWN} more rows, {rest}", err=True)


def _words(report: DayReport) -> str:
    figures = counts(report)
    lines = [f"{name.replace('_', ' '):<36}{value}" for name, value in figures.items()]
    if report.books is not None:
        lines += [
            f"{'holds' if held else 'DOES NOT HOLD':<15}{name}"
            for name, held in report.books.equations().items()
        ]
    return "\n".join(lines)
