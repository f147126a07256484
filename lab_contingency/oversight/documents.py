"""The exposure report as frozen content for paper and as a table; the hand-over of a shift."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lab_contingency.audit.queries import CheckpointView
from lab_contingency.audit.rules import field_words
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.wording import count_text, full_time_text, near_time_text
from lab_contingency.incidents.documents import anchor_text
from lab_contingency.incidents.queries import open_incident
from lab_contingency.oversight.commands import HandOverShift
from lab_contingency.oversight.queries.handing_over import MOST_LINES, OpenItem, Stage
from lab_contingency.oversight.queries.people import Person
from lab_contingency.oversight.rules.exposure import EVERY_FIELD, Exposure, Report
from lab_contingency.oversight.rules.notices import (
    NoticeFacts,
    Section,
    article_33,
    article_34,
    clock_sentence,
    regulator_by,
)
from lab_contingency.places.queries import laboratory
from lab_contingency.printing.content import PrintedBy
from lab_contingency.printing.content.sheets import HandoverSheet, OpenLine, StageCount
from lab_contingency.printing.exposure_report import ExposurePaper, PaperSection, PatientTable

Line = tuple[Exposure, Person]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What stands on a file besides the report."""

    made_at: dt.datetime
    made_by: str
    agreed_by: str
    reason: str
    watermark: str
    organisation: str
    notice: NoticeFacts
    test_mark: bool


def kinds_text(fields: int) -> str:
    """The kinds of data in words."""
    return "every kind" if fields == EVERY_FIELD else ", ".join(field_words(fields))


def times_text(one: Exposure) -> str:
    """`shown 3 times, printed or exported once`, or what else is known."""
    said = []
    if one.shown:
        said.append(f"shown {count_text(one.shown, 'time')}")
    if one.left:
        said.append(f"printed or exported {count_text(one.left, 'time')}")
    if one.note:
        said.append(f"found ({one.note})")
    return ", ".join(said) or "reachable, not recorded"


def by_organisation(
    lines: Sequence[Line], only: str
) -> tuple[tuple[str, str, tuple[Line, ...]], ...]:
    """(ODS code, name, patients) for each organisation that asked for them; a patient may stand under several."""
    held: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        for code, name in line[1].organisations:
            if not only or code == only:
                held[code, name].append(line)
    return tuple(
        (code, name, tuple(sorted(group, key=_by_name)))
        for (code, name), group in sorted(held.items())
    )


def _by_name(line: Line) -> tuple[str, str, str]:
    patient = line[1].patient
    return patient.surname, patient.forenames, str(line[0].patient)


def exposure_paper(report: Report, lines: Sequence[Line], facts: FileFacts) -> ExposurePaper:
    """Facts, the drafts of the notices, and a table for each organisation."""
    tables = tuple(
        PatientTable(f"{code} {name}".strip(), tuple(_row(line) for line in group))
        for code, name, group in by_organisation(lines, facts.organisation)
    )
    return ExposurePaper(
        title="Exposure report",
        lines=(report.title,),
        sections=(
            _summary(report, facts),
            *_notices(report, facts),
        ),
        tables=tables,
        watermark=facts.watermark,
        made=PrintedBy(
            f"made {full_time_text(facts.made_at)} by {facts.made_by}, agreed by {facts.agreed_by}",
            "",
            test_mark=facts.test_mark,
        ),
    )


def _summary(report: Report, facts: FileFacts) -> PaperSection:
    counts = (
        f"Certainty: {report.certainty.value}. {report.sentence}",
        _classes(report),
        f"Asked for because: {facts.reason}",
    )
    return PaperSection("In short", counts)


def _classes(report: Report) -> str:
    classes = (
        ("Readable", report.readable),
        ("Only encrypted", report.encrypted),
        ("Not reached", report.not_reached),
    )
    return " ".join(f"{name}: {count_text(n, 'person', 'people')}." for name, n in classes)


def _notices(report: Report, facts: FileFacts) -> tuple[PaperSection, ...]:
    due = [clock_sentence(facts.notice, facts.made_at)]
    until = regulator_by(facts.notice)
    if until and facts.notice.aware_at:
        since = full_time_text(facts.notice.aware_at)
        due.append(f"Aware since {since}; tell the regulator until {full_time_text(until)}.")
    head = PaperSection("Draft for the regulator (UK GDPR article 33)", tuple(due))
    said = (*article_33(report, facts.notice), *article_34(report))
    return (head, *(_paper_section(one) for one in said))


def _paper_section(section: Section) -> PaperSection:
    return PaperSection(section.heading, section.paragraphs)


def _row(line: Line) -> tuple[str, ...]:
    one, person = line
    patient = person.patient
    numbers = " · ".join(filter(None, (patient.nhs_number, patient.hospital_number)))
    return (
        f"{patient.surname} {patient.forenames}",
        f"{patient.born}\n{numbers}" if numbers else patient.born,
        f"{one.reach.value}: {kinds_text(one.fields)}",
        f"{times_text(one)}\n{_span(one)}".strip(),
    )


def _span(one: Exposure) -> str:
    if one.first is None or one.last is None:
        return ""
    if one.first == one.last:
        return full_time_text(one.first)
    return f"{full_time_text(one.first)} to {full_time_text(one.last)}"


_HEADS = (
    "watermark",
    "ods_code",
    "organisation",
    "surname",
    "forenames",
    "born",
    "nhs_number",
    "hospital_number",
    "reached",
    "kinds_of_data",
    "first",
    "last",
    "times_shown",
    "times_printed_or_exported",
    "found",
    "certainty",
)


def exposure_csv(report: Report, lines: Sequence[Line], facts: FileFacts) -> bytes:
    """One row a patient and organisation; no cell can be taken for a formula; the watermark in every row."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    rows.writerow(_HEADS)
    for code, name, group in by_organisation(lines, facts.organisation):
        for one, person in group:
            rows.writerow(
                [safe_cell(cell) for cell in _cells(report, facts, code, name, one, person)]
            )
    return out.getvalue().encode("utf-8-sig")


def _cells(
    report: Report, facts: FileFacts, code: str, name: str, one: Exposure, person: Person
) -> tuple[str, ...]:
    patient = person.patient
    return (
        facts.watermark,
        code,
        name,
        patient.surname,
        patient.forenames,
        patient.born,
        patient.nhs_number or "",
        patient.hospital_number or "",
        one.reach.value,
        kinds_text(one.fields),
        one.first.isoformat(timespec="seconds") if one.first else "",
        one.last.isoformat(timespec="seconds") if one.last else "",
        str(one.shown),
        str(one.left),
        one.note,
        report.certainty.value,
    )


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before what could be one."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text


def handover_sheet(
    command: HandOverShift,
    checkpoint: CheckpointView,
    held: Sequence[Stage],
    calls: Sequence[OpenItem],
    late: Sequence[OpenItem],
    mark: str,
    *,
    actor: Actor,
) -> HandoverSheet:
    """Make the sheet; more lines than it has room for are counted, and stand on the screens."""
    incident = open_incident()
    where = laboratory(actor.laboratory_id).name if actor.laboratory_id else "All places"
    left_out = len(calls) > MOST_LINES or len(late) > MOST_LINES
    return HandoverSheet(
        title="Hand-over of the shift",
        place=f"{where} · {incident.banner}" if incident else where,
        status=f"as of {full_time_text(clock.now())}",
        made=PrintedBy(
            printed=f"printed {full_time_text(clock.now())} by {actor.name}",
            copy_number="copy 1",
            test_mark=node.this_node().demonstration,
            mark=mark,
        ),
        stages=tuple(
            StageCount(
                stage.words,
                stage.waiting,
                stage.overdue,
                f"since {near_time_text(stage.since)}" if stage.since else "–",
            )
            for stage in held
        ),
        calls=tuple(_open_line(item) for item in calls[:MOST_LINES]),
        overdue=tuple(_open_line(item) for item in late[:MOST_LINES]),
        more="There are more than these lines: look at the lists on the screen."
        if left_out
        else "",
        notes=command.notes,
        from_whom=actor.name,
        to_whom=command.to_whom,
        anchor_words=tuple(checkpoint.words.split()),
        anchor_code=checkpoint.code,
        checkpoint=f"Checkpoint {checkpoint.number}, {full_time_text(checkpoint.recorded_at)}",
        scanned=anchor_text(checkpoint),
    )


def _open_line(item: OpenItem) -> OpenLine:
    late = item.due_at < clock.now()
    return OpenLine(item.number, item.what, item.ward, near_time_text(item.due_at), overdue=late)
