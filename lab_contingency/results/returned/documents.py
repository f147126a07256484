"""The return slip as frozen content: what is asked of a laboratory that works on paper, with what it is known to use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Analyte
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.wording import day_time_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.queries import laboratory
from lab_contingency.printing.content import PatientIdentity
from lab_contingency.printing.content.returns import (
    ReturnAnalyte,
    ReturnSlip,
    ReturnTest,
    ReturnTube,
)
from lab_contingency.requests.queries import RequestView
from lab_contingency.results.queries.benches import TestBench
from lab_contingency.results.returned.queries.asked import (
    Asked,
    AskedTube,
    PaperPartner,
    written,
)
from lab_contingency.results.returned.rules import CANNOT
from lab_contingency.specimens.documents import identity_fields, made_by, patient
from lab_contingency.specimens.queries import container_chip

TITLE = "Return slip"


def return_slip(number: str, asked: Asked, partner: PaperPartner, *, actor: Actor) -> ReturnSlip:
    """Make the slip of one request in a box; who prints which copy is put on by `printed_as`."""
    box, view = partner.consignment, asked.request
    return ReturnSlip(
        number=number,
        title=TITLE,
        laboratory=laboratory(box.to_laboratory_id).name,
        sender=partner.sender,
        patient=patient(view.patient),
        priority=view.band.text,
        needed_by=day_time_text(view.needed_by),
        request_number=view.number_text,
        consignment=grouped(box.number),
        tubes=tuple(_tube(tube, view) for tube in asked.tubes),
        reasons=tuple(f"{each.number} {each.words}" for each in CANNOT.values()),
        send_back=_send_back(partner),
        made=made_by(actor, 1, None),
    )


def _send_back(partner: PaperPartner) -> str:
    ring = ", ".join(part for part in (partner.sender, partner.telephone) if part)
    return (
        f"Send every page back to {partner.sender}: with the next van, by fax or as a scan. "
        f"A dangerous result: ring {ring} first, at any hour."
    )


def _tube(tube: AskedTube, view: RequestView) -> ReturnTube:
    first = tube.benches[0]
    chip = container_chip(catalogue().container(first.container), view.ward.site.tube_system)
    taken = first.bench.taken_at
    return ReturnTube(
        number=first.tube_number,
        tube=f"{chip.colour_name}, {chip.additive}" if chip.additive else chip.colour_name,
        taken=day_time_text(taken) if taken else "time not known",
        tests=tuple(_test(bench) for bench in tube.benches),
    )


def _test(bench: TestBench) -> ReturnTest:
    analytes = tuple(_analyte(each, bench) for each in written(bench))
    return ReturnTest(bench.test.name, bench.bench.method, analytes)


def _analyte(analyte: Analyte, bench: TestBench) -> ReturnAnalyte:
    known = bench.bench.interval(analyte.code)
    return ReturnAnalyte(
        name=analyte.name,
        unit=analyte.unit,
        known=known.words if known and analyte.numeric else "",
        choices=" / ".join(analyte.choices),
    )


def printed_as(
    slip: ReturnSlip, copy: int, words: str | None, mark: str, *, actor: Actor
) -> ReturnSlip:
    """The same slip as this copy, printed now."""
    return replace(slip, made=replace(made_by(actor, copy, words), mark=mark))


def slip_again(said: Mapping[str, Any], partner: PaperPartner, *, actor: Actor) -> ReturnSlip:
    """The slip that a kept print says, word for word but for whom to ring: that is as it is today."""
    held = {name: said[name] for name in ReturnSlip.__slots__ if name != "made"}
    held["patient"] = PatientIdentity(**held["patient"])
    held["tubes"] = tuple(_tube_again(tube) for tube in held["tubes"])
    held["reasons"] = tuple(held["reasons"])
    held["send_back"] = _send_back(partner)
    return ReturnSlip(**held, made=made_by(actor, 1, None))


def _tube_again(said: Mapping[str, Any]) -> ReturnTube:
    tests = tuple(
        ReturnTest(
            test["name"],
            test["method"],
            tuple(ReturnAnalyte(**analyte) for analyte in test["analytes"]),
        )
        for test in said["tests"]
    )
    return ReturnTube(said["number"], said["tube"], said["taken"], tests)


def fields_on_return(slip: ReturnSlip) -> Field:
    """Which kinds of the patient's data stand on a slip."""
    return identity_fields(slip.patient) | Field.TESTS
