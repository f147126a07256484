"""The lists of an exposure report: on the page, as PDF and as CSV. Opening them is itself recorded."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from lab_contingency.accounts.reauth import Proof
from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import new_watermark, record, register_leaving
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.oversight.commands import AskExposureFile
from lab_contingency.oversight.documents import FileFacts, exposure_csv, exposure_paper
from lab_contingency.oversight.queries.exports import export
from lab_contingency.oversight.queries.people import Person, people
from lab_contingency.oversight.queries.report import exposure_report
from lab_contingency.oversight.rules.exposure import Criteria, Exposure, Report, Verification
from lab_contingency.oversight.rules.notices import NoticeFacts
from lab_contingency.oversight.services.exports import ask_export, take_export
from lab_contingency.oversight.services.signing import signed
from lab_contingency.oversight.services.verifying import verification_of, verify_record
from lab_contingency.printing.exposure_report import exposure_report_pdf

KIND = "exposure"
MOST_ON_PAGE = 200
_GREW = (
    "The list is longer than the one that was agreed to: the record was changed, or only now came in "
    "whole. Make the report again and ask again."
)


def open_patients(
    criteria: Criteria, verification: Verification, *, actor: Actor
) -> tuple[Report, tuple[tuple[Exposure, Person | None], ...]]:
    """The first 200 patients of a report with who they are; the page notes whom it shows."""
    report = exposure_report(criteria, verification)
    first = report.exposures[:MOST_ON_PAGE]
    known = people([one.patient for one in first])
    record("exposure:listed", None, actor=actor, about=criteria.about.value, people=len(first))
    return report, tuple((one, known.get(one.patient)) for one in first)


def ask_exposure_file(
    command: AskExposureFile, verification: Verification, *, actor: Actor
) -> uuid.UUID:
    """Ask for the whole list as files. Verified for this too: so many people is what is agreed to."""
    report = exposure_report(command.criteria, verification)
    if not report.exposures:
        raise RuleBroken("This report names nobody: there is no list to make.")
    facts = command.facts
    if facts.aware_at and facts.aware_at > clock.now():
        raise RuleBroken("That time has not come yet. Check it.", field="aware_at")
    return ask_export(
        KIND,
        command.criteria.as_json(),
        title=report.title,
        people=len(report.exposures),
        reason=command.reason,
        actor=actor,
        extra={
            "aware_at": facts.aware_at.isoformat() if facts.aware_at else None,
            "contact": facts.contact,
            "measures": facts.measures,
        },
    )


def facts_of(extra: Mapping[str, str | None]) -> NoticeFacts:
    """What was typed for the notice, as it was kept."""
    aware = extra.get("aware_at")
    at = dt.datetime.fromisoformat(aware) if aware else None
    return NoticeFacts(at, extra.get("contact") or "", extra.get("measures") or "")


def verify_for_file(export_id: uuid.UUID, *, actor: Actor) -> Verification:
    """Verify the record for a file that may be made; before its unit of work, so that nobody waits behind it."""
    refusal = export(export_id, actor).not_making
    if refusal:
        raise RuleBroken(refusal)
    return verification_of(verify_record(actor=actor))


def make_exposure_file(
    export_id: uuid.UUID,
    form: str,
    verification: Verification,
    *,
    organisation: str = "",
    actor: Actor,
    proof: Proof | None = None,
) -> bytes:
    """The agreed list as signed "pdf" or "csv", of one organisation (ODS code) or of all; registered as leaving."""
    taken = take_export(export_id, KIND, actor=actor, proof=proof)
    report = exposure_report(Criteria.from_json(taken.criteria), verification)
    if len(report.exposures) > taken.people:
        raise RuleBroken(_GREW)
    known = people([one.patient for one in report.exposures])
    lines = _lines(report.exposures, known, organisation)
    if not lines:
        raise RuleBroken("None of the patients belongs to this organisation.")
    facts = FileFacts(
        made_at=clock.now(),
        made_by=actor.name,
        agreed_by=taken.agreed_by,
        reason=taken.reason,
        watermark=new_watermark(),
        organisation=organisation,
        notice=facts_of(taken.extra),
        test_mark=node.this_node().demonstration,
    )
    if form == "pdf":
        raw = signed(exposure_report_pdf(exposure_paper(report, lines, facts)))
    else:
        raw = signed(exposure_csv(report, lines, facts))
    contains = {one.patient: _written(person) for one, person in lines}
    register_leaving(f"exposure {form}", contains, raw, actor=actor, watermark=facts.watermark)
    return raw


def _written(person: Person) -> Field:
    """What a file says of somebody."""
    fields, patient = Field.NAME | Field.BORN, person.patient
    if patient.nhs_number:
        fields |= Field.NHS_NUMBER
    return fields | Field.HOSPITAL_NUMBER if patient.hospital_number else fields


def _lines(
    exposures: Sequence[Exposure], known: Mapping[uuid.UUID, Person], organisation: str
) -> tuple[tuple[Exposure, Person], ...]:
    pairs = ((one, known[one.patient]) for one in exposures if one.patient in known)
    return tuple(
        (one, person)
        for one, person in pairs
        if not organisation or organisation in {code for code, _ in person.organisations}
    )
