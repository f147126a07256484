"""`flask lab user …`: the first administrator, and everybody else when no browser is at hand."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from lab_contingency.accounts.commands import AddUser
from lab_contingency.accounts.queries import users
from lab_contingency.accounts.rules import Role
from lab_contingency.accounts.services import add_user
from lab_contingency.cli.start import database
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import LabError
from lab_contingency.places.queries import laboratory_by_code, sites

group = AppGroup("user", help="Who may sign in.")


@group.command("add")
@click.argument("username")
@click.option("--name", required=True, help="as colleagues know the person")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--site", help="code of the site, for requesters")
@click.option("--laboratory", help="code of the laboratory, for laboratory roles")
@click.option("--json", "as_json", is_flag=True)
def add(
    username: str, name: str, role: str, site: str | None, laboratory: str | None, as_json: bool
) -> None:
    """Add a person. The one-time secret is printed once and kept nowhere."""
    try:
        with database(), unit_of_work():
            command = _command(username, name, role, site, laboratory)
            _, secret = add_user(command, actor=Actor.system("terminal"))
    except LabError as refused:
        raise click.ClickException(refused.message) from refused
    if as_json:
        click.echo(json.dumps({"username": command.username.casefold(), "secret": secret}))
        return
    click.echo(f"One-time secret for {command.username.casefold()}: {secret}")
    click.echo("It works once, within 72 hours; then the person chooses a passphrase.")


def _command(
    username: str, name: str, role: str, site: str | None, laboratory: str | None
) -> AddUser:
    site_id = next((one.id for one in sites() if one.code == site), None)
    if site and site_id is None:
        raise click.ClickException(f"There is no site “{site}”.")
    lab = laboratory_by_code(laboratory) if laboratory else None
    if laboratory and lab is None:
        raise click.ClickException(f"There is no laboratory “{laboratory}”.")
    return AddUser(username, name, Role(role), site_id, lab.id if lab else None)


@group.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_users(as_json: bool) -> None:
    """Everybody who may sign in."""
    try:
        with database():
            people = users()
    except LabError as refused:
        raise click.ClickException(refused.message) from refused
    if as_json:
        rows = [
            {"username": p.username, "state": p.state, "roles": [g.role.value for g in p.grants]}
            for p in people
        ]
        click.echo(json.dumps(rows))
        return
    for person in people:
        roles = ", ".join(f"{grant.title} ({grant.place})" for grant in person.grants)
        click.echo(f"{person.username:<24}{person.state:<26}{roles}")
