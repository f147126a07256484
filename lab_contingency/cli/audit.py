"""`flask lab audit …`: whether the record is whole, checkpoints over it, and the anchor sheet."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from lab_contingency.audit.anchors import read_anchor
from lab_contingency.audit.queries import CheckpointView, Report, verify
from lab_contingency.audit.services import make_checkpoint
from lab_contingency.cli.start import database
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import LabError
from lab_contingency.foundation.wording import count_text, full_time_text
from lab_contingency.incidents.services import print_anchor_sheet

group = AppGroup("audit", help="The record of what was done and shown.")
_ACTOR = Actor.system("terminal")
_NOT_THERE = (
    "There is no record here that can be read. Check LAB_DATA and LAB_DATABASE_URL; a database that was "
    "restored is brought up to date by starting the program once."
)


@group.command("verify")
@click.option("--anchor", "typed", help="words, code or scan of an anchor sheet")
@click.option("--json", "as_json", is_flag=True)
def verify_command(typed: str | None, as_json: bool) -> None:
    """Read the whole record and check it. Changes nothing; 0 only if everything holds."""
    try:
        report = verify(read_anchor(typed) if typed else None)
    except LabError as refused:
        raise click.ClickException(refused.message) from refused
    except (OperationalError, ProgrammingError) as problem:
        raise click.ClickException(_NOT_THERE) from problem
    click.echo(json.dumps(_flat(report)) if as_json else "\n".join(_lines(report)))
    if not report.ok:
        raise SystemExit(1)


def _flat(report: Report) -> dict[str, Any]:
    bad = report.first_bad
    return {
        **{name: _plain(getattr(report, name)) for name in Report.__slots__ if name != "first_bad"},
        "ok": report.ok,
        "anchor": report.anchor
        and {k: _plain(v) for k, v in dataclasses.asdict(report.anchor).items()},
        "first_bad": bad and {**dataclasses.asdict(bad), "sentence": bad.sentence},
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _lines(report: Report) -> list[str]:
    if report.first_bad is not None:
        return [f"THE RECORD DOES NOT HOLD. {report.first_bad.sentence}", *report.remarks]
    last = report.last_checkpoint_at
    rows, streams = count_text(report.rows, "row"), count_text(report.streams, "stream")
    checkpoints = count_text(report.checkpoints, "checkpoint")
    signed = f", the last at {full_time_text(last)}" if last else ""
    said = [
        f"The record holds: {rows} in {streams}.",
        f"{report.sealed:,} with sealed changes, {report.leavings:,} that registered what left.",
        f"{checkpoints} signed{signed}; {count_text(report.since_checkpoint, 'row')} since.",
    ]
    if report.anchor is not None:
        said.append(
            f"The anchor is that of checkpoint {report.anchor.number}, "
            f"made {full_time_text(report.anchor.recorded_at)}: nothing before it was changed or cut off."
        )
    return [*said, *report.remarks]


@group.command("checkpoint")
@click.option("--json", "as_json", is_flag=True)
def checkpoint_command(as_json: bool) -> None:
    """Sign the ends of all chains now."""
    try:
        with database(), unit_of_work():
            made = make_checkpoint(actor=_ACTOR)
    except LabError as refused:
        raise click.ClickException(refused.message) from refused
    click.echo(json.dumps(_said(made)) if as_json else "\n".join(_words(made)))


def _said(made: CheckpointView) -> dict[str, Any]:
    held = {name: _plain(getattr(made, name)) for name in CheckpointView.__slots__}
    return {**held, "words": made.words, "code": made.code}


def _words(made: CheckpointView) -> list[str]:
    return [
        f"Checkpoint {made.number}, {full_time_text(made.recorded_at)}",
        f"words  {made.words}",
        f"code   {made.code}",
    ]


@group.command("anchor")
@click.option(
    "--out",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="the PDF to write",
)
def anchor_command(file: Path) -> None:
    """Make a checkpoint and its sheet, to be printed, signed and kept away from the computers."""
    try:
        with database(), unit_of_work():
            # Written before the commit: a sheet that could not be written leaves no record of one.
            file.write_bytes(print_anchor_sheet(actor=_ACTOR))
    except OSError as problem:
        raise click.ClickException(
            f"{file.name} cannot be written: {problem.strerror}"
        ) from problem
    except LabError as refused:
        raise click.ClickException(refused.message) from refused
    click.echo(f"Written to {file}. Print it, sign it, keep it away from the computers.")
