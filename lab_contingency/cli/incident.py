"""`flask lab incident-button`: from a terminal what the button does on its page."""

from __future__ import annotations

import json
import uuid

import click

from lab_contingency.accounts.queries import devices
from lab_contingency.accounts.stopping import press_incident_button
from lab_contingency.cli.start import database
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import LabError


@click.command("incident-button")
@click.option("--device", help="name of a device to revoke as well")
@click.option("--json", "as_json", is_flag=True)
@click.confirmation_option(prompt="Sign everybody out and stop exports?")
def incident_button_command(device: str | None, as_json: bool) -> None:
    """Sign everybody out, end every PIN, stop exports."""
    try:
        with database(), unit_of_work():
            device_id = _device(device)
            pressed = press_incident_button(device_id, actor=Actor.system("terminal"))
    except LabError as refused:
        raise click.ClickException(refused.message) from refused
    if as_json:
        said = {
            "ended": pressed.ended,
            "device_revoked": pressed.device_revoked,
            "checkpoint": pressed.checkpoint,
        }
        click.echo(json.dumps(said))
        return
    click.echo(f"Sign-ins ended: {pressed.ended}. Exports are stopped.")
    click.echo(
        "Next: tell the wards to sign in again, find the account or device, ring governance."
    )


def _device(name: str | None) -> uuid.UUID | None:
    if name is None:
        return None
    found = [each.id for each in devices() if each.name == name and each.state != "revoked"]
    if len(found) != 1:
        raise click.ClickException(f"There is no one device “{name}”. Look at the list of devices.")
    return found[0]
