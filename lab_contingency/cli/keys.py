"""`flask lab keys …`: making, opening, rotating and replacing the keys of this node."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from lab_contingency.accounts.first_run.rules import same_as_another
from lab_contingency.accounts.first_run.services import refuse_without_keys_of_old
from lab_contingency.accounts.keys import services
from lab_contingency.accounts.keys.queries import keys_view, slots
from lab_contingency.accounts.keys.rules import (
    COPIES_STAY,
    NOT_ROTATION,
    PURPOSES,
)
from lab_contingency.cli.sheet import new_sheet
from lab_contingency.cli.start import database
from lab_contingency.foundation import sealing
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import LabError
from lab_contingency.foundation.keys import CUSTODIANS_FEWEST, KEY_FILE_RISK
from lab_contingency.foundation.resealing import Resealed
from lab_contingency.rehearsal.starting import prepare

group = AppGroup("keys", help="The keys of this node.")
_ACTOR = Actor.system("terminal")
_sheet_file = click.option(
    "--sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    help="also write the recovery sheet as a PDF here; print it and delete it",
)


def _said_plainly(command: Callable[..., None]) -> Callable[..., None]:
    """A refusal is one sentence, not a traceback."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except LabError as refused:
            raise click.ClickException(refused.message) from refused

    return run


@group.command("make")
@click.option(
    "--key-file", type=click.Path(dir_okay=False, path_type=Path), help="make one as well"
)
@_sheet_file
@_said_plainly
def make(key_file: Path | None, sheet: Path | None) -> None:
    """First keys: two custodians' passphrases and a recovery sheet."""
    prepare(settings_of(current_app))  # it also settles a first run that was killed
    if sealing.keys_state(current_app) != "not set up":
        raise click.ClickException("This node has keys already. Nothing was changed.")
    refuse_without_keys_of_old()
    custodians: list[tuple[str, str]] = []
    for number in range(1, CUSTODIANS_FEWEST + 1):
        custodians.append(_ask_custodian(number, custodians))
    with new_sheet(sheet) as recovery:
        services.make_keys(custodians, recovery=recovery, key_file=key_file, actor=_ACTOR)
    click.echo("The keys are made. Keep a copy of keys.json apart from the database.")
    if key_file is not None:
        click.echo(KEY_FILE_RISK, err=True)


def _ask_custodian(number: int, others: Sequence[tuple[str, str]] = ()) -> tuple[str, str]:
    name = _ask_name(number, {other.casefold() for other, _ in others})
    while True:
        passphrase = str(
            click.prompt(f"Passphrase of {name}", hide_input=True, confirmation_prompt=True)
        )
        problem = services.custodian_problem(name, passphrase) or same_as_another(
            passphrase, [("the other custodian", other) for _, other in others]
        )
        if problem is None:
            return name, passphrase
        click.echo(problem, err=True)


def _ask_name(number: int, taken: set[str]) -> str:
    while True:
        name = str(click.prompt(f"Name of custodian {number}")).strip()
        if name.casefold() not in taken:
            return name
        click.echo("The two custodians are two people. Type another name.", err=True)


@group.command("status")
@click.option("--json", "as_json", is_flag=True)
@_said_plainly
def status(as_json: bool) -> None:
    """What opens this node, which versions are held, what is left to seal anew."""
    state = sealing.keys_state(current_app)
    if state == "not set up":
        click.echo(json.dumps({"state": state}) if as_json else "Not set up.")
        return
    with database():
        view = keys_view()
    if as_json:
        held = {k.name: {"version": k.version, "older": k.older, "left": k.left} for k in view.keys}
        ways = [{"id": s.id, "kind": s.kind.value, "name": s.name} for s in view.slots]
        click.echo(json.dumps({"state": state, "slots": ways, "keys": held}))
        return
    if view.altered:
        click.echo("keys.json was altered or damaged since the program wrote it.", err=True)
    for slot in view.slots:
        click.echo(f"{slot.id}  {slot.kind.value:<16}{slot.name}")
    for key in view.keys:
        older = f", older held: {', '.join(map(str, key.older))}" if key.older else ""
        left = f", {key.left} rows still under an older one" if key.left else ""
        click.echo(f"{key.name:<10}version {key.version}{older}{left}")


@group.command("rotate")
@click.argument("name", type=click.Choice(list(PURPOSES)))
@_said_plainly
def rotate(name: str) -> None:
    """A new version of one key; it writes at once."""
    with database(), unit_of_work(alone=True):
        version = services.rotate_key(name, actor=_ACTOR)
    click.echo(f"{name}: version {version} is in use. {PURPOSES[name][1]}")
    if name in ("field", "index"):
        click.echo("The running server does this by itself; or type: flask lab keys re-encrypt")
    click.echo(COPIES_STAY)


@group.command("re-encrypt")
@_said_plainly
def re_encrypt() -> None:
    """Finish rotations: seal old rows anew, and drop versions that nothing stands under."""
    with database():
        result = services.finish_rotations(actor=_ACTOR)
    click.echo(_words(result))
    if result.unreadable:
        raise SystemExit(1)


def _words(result: Resealed) -> str:
    said = f"{result.done} rows made anew."
    if result.unreadable:
        said += (
            f" {result.unreadable} rows do not open: they were altered. They stay as they are, and so does "
            "the older version of the key."
        )
    return said


@group.command("add-custodian")
@_said_plainly
def add_custodian() -> None:
    """Another person who can open this node."""
    with database():
        name, passphrase = _ask_custodian(len(slots()))
        with unit_of_work():
            services.add_custodian(name, passphrase, actor=_ACTOR)
    click.echo(f"{name} can open this node.")


@group.command("add-key-file")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@_said_plainly
def add_key_file(path: Path) -> None:
    """A file that opens this node without a person."""
    with database(), unit_of_work():
        services.add_key_file(path, actor=_ACTOR)
    click.echo(KEY_FILE_RISK, err=True)


@group.command("remove-slot")
@click.argument("slot_id")
@_said_plainly
def remove_slot(slot_id: str) -> None:
    """Take away one way of opening; `status` lists them."""
    with database(), unit_of_work():
        slot = services.remove_slot(slot_id, actor=_ACTOR)
    click.echo(f"{slot.name} no longer opens this node. {NOT_ROTATION}")


@group.command("new-recovery-sheet")
@_sheet_file
@_said_plainly
def new_recovery_sheet(sheet: Path | None) -> None:
    """A new recovery sheet in place of the old one."""
    with database(), new_sheet(sheet) as recovery, unit_of_work():
        services.replace_recovery_sheet(recovery, actor=_ACTOR)
    click.echo(f"The new sheet opens this node; destroy the old one. {NOT_ROTATION}")
