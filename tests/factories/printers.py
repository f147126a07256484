"""Printers and jobs in valid states, made by the real services."""

from __future__ import annotations

import uuid

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.specimens.station import services
from lab_contingency.specimens.station.commands import SetUpPrinter
from lab_contingency.specimens.station.queries.jobs import JobView, job
from lab_contingency.specimens.station.rules.printers import PrinterWay
from tests.factories.world import SYSTEM, World, a_request, an_identity
from tests.printers import FakePrinter


def set_up(world: World, fake: FakePrinter | None = None, **changes: object) -> uuid.UUID:
    """A printer in ED Resus: the fake one, or without one that opens as a PDF."""
    held: dict[str, object] = {
        "name": f"ED {uuid.uuid4().hex[:6]}",
        "site_id": world.sites["KCH"],
        "ward_id": world.wards["KCH-ED-RESUS"],
        "room": "",
        "way": PrinterWay.NETWORK if fake else PrinterWay.BROWSER,
        "stock": "AUTO12",
        "host": fake.host if fake else "",
        "port": fake.port if fake else None,
    }
    with unit_of_work():
        return services.set_up_printer(
            SetUpPrinter(**{**held, **changes}),  # type: ignore[arg-type]
            actor=SYSTEM,
        )


def a_job(world: World, printer_id: uuid.UUID, labels: int = 5, *, seed: int = 1) -> uuid.UUID:
    """A job of about that many labels: patients of five tubes each, then one of fewer."""
    tests = ("COAG", "UE", "FBC", "GLU", "HBA1C")
    seeds = range(seed, seed + (labels + len(tests) - 1) // len(tests))
    ids = []
    for place, one in enumerate(seeds):
        wanted = tests[: min(len(tests), labels - place * len(tests))]
        ids.append(a_request(world, tests=wanted, identity=an_identity(one)).request_id)
    with unit_of_work():
        job_id, _ = services.print_round_at(
            printer_id, world.wards["KCH-ED-RESUS"], ids, actor=world.doctor
        )
    return job_id


def shown(job_id: uuid.UUID) -> JobView:
    """The job as a page shows it now."""
    session().rollback()
    return job(job_id, SYSTEM)


def states(job_id: uuid.UUID) -> list[str]:
    """The states of its labels, in order."""
    return [tile.status.value for tile in shown(job_id).tiles]
