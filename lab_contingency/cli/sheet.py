"""A recovery sheet at the terminal: shown, written down or printed, and typed back before it counts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from lab_contingency.accounts.keys.documents import recovery_sheet
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.keys import RecoverySecret
from lab_contingency.printing.recovery_sheet import recovery_sheet_pdf


@contextmanager
def new_sheet(file: Path | None) -> Iterator[RecoverySecret]:
    """A secret that somebody wrote down and typed back correctly."""
    secret = RecoverySecret.new()
    _show(secret, file)
    _ask_back(secret)
    yield secret


def _show(secret: RecoverySecret, file: Path | None) -> None:
    click.echo("Recovery sheet. Write these groups down; they are shown this once:")
    for number, group in enumerate(secret.groups, 1):
        click.echo(f"  {number}  {group}")
    if file is not None:
        pdf = recovery_sheet_pdf(recovery_sheet(secret))
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(pdf)
        click.echo(f"Also in {file}: print it, then delete the file.")


def _ask_back(secret: RecoverySecret) -> None:
    while True:
        typed = click.prompt("Type the groups from the paper")
        try:
            if RecoverySecret.from_text(typed) == secret:
                return
            click.echo("These are groups of another sheet. Type those of this one.", err=True)
        except RuleBroken as slip:
            click.echo(slip.message, err=True)
