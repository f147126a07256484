"""`flask lab load-places`: organisations, sites, wards, laboratories, what they offer, wristbands, from tables."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from pathlib import Path

import click

from lab_contingency.catalogue.services import seed_intervals
from lab_contingency.cli.start import database
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import LabError, RulesBroken
from lab_contingency.network.services import load_network
from lab_contingency.places.queries import laboratories
from lab_contingency.places.services import load_bands, load_places

_ACTOR = Actor.system("terminal")


@click.command("load-places")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def load_places_command(folder: Path, as_json: bool) -> None:
    """Add what FOLDER names and the database lacks; see docs/architecture.md for the tables."""
    try:
        with database(), unit_of_work():
            added = {"places": load_places(folder, _ACTOR), "network": load_network(folder, _ACTOR)}
            added["wristbands"] = load_bands(folder, _ACTOR)
            added["intervals and limits"] = sum(_seed(lab.id) for lab in laboratories())
    except RulesBroken as refused:
        raise click.ClickException("\n".join(refused.problems.values())) from refused
    except LabError as refused:
        raise click.ClickException(refused.message) from refused
    click.echo(
        json.dumps(added)
        if as_json
        else "\n".join(f"{name}: {count} added" for name, count in added.items())
    )


def _seed(laboratory_id: uuid.UUID) -> int:
    today: dt.date = clock.london(clock.now()).date()
    return seed_intervals(laboratory_id, today, _ACTOR)
