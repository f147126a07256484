"""`flask lab numbers …`: the numbers after an old copy of the database was put back, or when they are used up."""

from __future__ import annotations

import json

import click
from flask import current_app
from flask.cli import AppGroup

from lab_contingency.cli.start import database
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import LabError
from lab_contingency.incidents.rules import compose, grouped
from lab_contingency.incidents.services import restore_numbers

group = AppGroup("numbers", help="The numbers that this node gives out.")
_ACTOR = Actor.system("terminal")


@group.command("restore")
@click.option(
    "--last-label",
    "last_labels",
    multiple=True,
    help="number on the last label, form, slip or pack that was printed; may be given several times",
)
@click.option("--no-label", is_flag=True, help="nothing that was printed can be found")
@click.option("--node", type=int, help="a node number that was never used, 10 to 99")
@click.option("--json", "as_json", is_flag=True)
def restore_command(
    last_labels: tuple[str, ...], no_label: bool, node: int | None, as_json: bool
) -> None:
    """Let the numbers go on after an old copy of the database was put back.

    Look for the newest label: the last one printed, on the wards and in the laboratory.
    """
    if not last_labels and not no_label:
        raise click.ClickException(
            "Scan the newest label you can find: --last-label NUMBER. "
            "If there is really none: --no-label."
        )
    try:
        with database(numbers=False), unit_of_work():
            done = restore_numbers(last_labels, new_node=node, actor=_ACTOR)
    except LabError as refused:
        raise click.ClickException(refused.message) from refused
    following = grouped(compose(done.node, done.epoch, done.sequence + 1))
    if as_json:
        said = {"before": done.before, "node": done.node, "epoch": done.epoch, "next": following}
        click.echo(json.dumps(said))
        return
    click.echo(f"The next form has the number {following}.")
    click.echo(
        f"The side file is {settings_of(current_app).high_water_file}. Keep it out of backups."
    )
