"""Reading the two files of a day: every bad row is refused by line and reason, the good ones go on."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.web.forms import tidy, unprintable
from lab_contingency.places.queries import WardView, ward_by_code
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.identity import (
    Identity,
    Sex,
    read_hospital_number,
    read_nhs_number,
)

REQUEST_COLUMNS = (
    "reference", "nhs_number", "hospital_number", "surname", "forenames", "date_of_birth", "sex", "issuer_ods",
    "organisation_ods", "ward_code", "ward", "requester", "consultant", "callback", "result_to", "priority",
    "reason_code", "needed_by", "collected_at", "collected_by", "tests", "clinical_details", "infection_risk",
    "anticoagulant", "answers",
)  # fmt: skip
RESULT_COLUMNS = ("reference", "test", "analyte", "value", "unit")
_LONGEST = 600
_LINE_LONGEST = 120
_LONG_FIELDS = frozenset({"clinical_details", "answers", "tests"})
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0", "")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: where it stands and what is wrong with it."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request of the day, read."""

    line: int
    reference: str
    identity: Identity
    ward: WardView
    requester: str
    consultant: str
    callback: str
    result_to: str
    band: Band
    reason_code: str
    needed_by: dt.datetime | None
    collected_at: dt.datetime
    collected_by: str
    tests: tuple[str, ...]
    clinical_details: str
    infection_risk: bool
    anticoagulant: str
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One value of the day."""

    line: int
    reference: str
    test: str
    analyte: str
    value: str
    unit: str


class FileRefused(RuleBroken):
    """The file cannot be read as one of a day at all."""


def raw_rows(path: Path, columns: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, fields) of a CSV file with these columns; FileRefused says what is missing."""
    wanted = tuple(columns)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in wanted if name not in (reader.fieldnames or ())]
            if missing:
                raise FileRefused(f"{path.name} lacks the columns {', '.join(missing)}.")
            for row in reader:
                yield reader.line_num, {name: tidy(row.get(name) or "") for name in wanted}
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise FileRefused(
            f"{path.name} cannot be read as a CSV file in UTF-8: {problem}"
        ) from problem


def read_requests(path: Path) -> tuple[list[RequestRow], list[Refused]]:
    """The rows that can be read, in the order of collection, and those that cannot."""
    good: list[RequestRow] = []
    refused: list[Refused] = []
    for line, fields in raw_rows(path, REQUEST_COLUMNS):
        try:
            good.append(_request(line, fields))
        except (ValueError, RuleBroken) as problem:
            refused.append(Refused(path.name, line, str(problem)))
    return sorted(good, key=lambda row: row.collected_at), refused


def read_results(path: Path) -> tuple[dict[str, list[ResultRow]], list[Refused], int]:
    """Values by reference, those that cannot be read, and how many lines there were."""
    good: dict[str, list[ResultRow]] = {}
    refused: list[Refused] = []
    seen: set[tuple[str, str, str]] = set()
    count = 0
    for line, fields in raw_rows(path, RESULT_COLUMNS):
        count += 1
        row = ResultRow(line, *(fields[name] for name in RESULT_COLUMNS))
        key = (row.reference, row.test, row.analyte)
        try:
            _check_result(fields, row, seen)
        except ValueError as problem:
            refused.append(Refused(path.name, line, str(problem)))
            continue
        seen.add(key)
        good.setdefault(row.reference, []).append(row)
    return good, refused, count


def _check_result(
    fields: Mapping[str, str], row: ResultRow, seen: set[tuple[str, str, str]]
) -> None:
    _check_text(fields)
    held = catalogue()
    if not row.reference:
        raise ValueError("the reference is empty")
    if row.test not in held.tests:
        raise ValueError(f"there is no test “{row.test}” in the catalogue")
    if row.analyte not in held.analytes or row.test not in held.analytes[row.analyte].tests:
        raise ValueError(f"{row.test} does not report “{row.analyte}”")
    if not row.value:
        raise ValueError("the value is empty")
    ucum = held.analytes[row.analyte].ucum
    if row.unit != ucum:
        raise ValueError(
            f"{row.analyte} is reported in {ucum or 'no unit'}, not in {row.unit or 'no unit'}"
        )
    if (row.reference, row.test, row.analyte) in seen:
        raise ValueError("this value stands in the file already")


def _check_text(fields: Mapping[str, str]) -> None:
    for name, text in fields.items():
        if bad := unprintable(text, allowed="\n" if name in _LONG_FIELDS else ""):
            raise ValueError(f"{name} holds a sign that cannot be printed ({bad})")
        if len(text) > (_LONGEST if name in _LONG_FIELDS else _LINE_LONGEST):
            raise ValueError(f"{name} is longer than fits on the form")


def _request(line: int, fields: Mapping[str, str]) -> RequestRow:
    _check_text(fields)
    ward = ward_by_code(fields["ward_code"])
    if ward is None:
        raise ValueError(f"there is no ward “{fields['ward_code']}”")
    return RequestRow(
        line=line,
        reference=_demanded(fields, "reference"),
        identity=_identity(fields),
        ward=ward,
        requester=_demanded(fields, "requester"),
        consultant=fields["consultant"],
        callback=_demanded(fields, "callback"),
        result_to=fields["result_to"],
        band=_band(fields["priority"]),
        reason_code=_reason(fields["reason_code"]),
        needed_by=_moment(fields["needed_by"], "needed_by") if fields["needed_by"] else None,
        collected_at=_moment(_demanded(fields, "collected_at"), "collected_at"),
        collected_by=_demanded(fields, "collected_by"),
        tests=_tests(fields["tests"]),
        clinical_details=fields["clinical_details"],
        infection_risk=_truth(fields["infection_risk"]),
        anticoagulant=fields["anticoagulant"],
        answers=_answers(fields["answers"]),
    )


def _demanded(fields: Mapping[str, str], name: str) -> str:
    if not fields[name]:
        raise ValueError(f"{name} is empty")
    return fields[name]


def _identity(fields: Mapping[str, str]) -> Identity:
    try:
        born = dt.date.fromisoformat(fields["date_of_birth"])
    except ValueError:
        raise ValueError(
            f"“{fields['date_of_birth']}” is not a date of birth (2026-03-02)"
        ) from None
    if fields["sex"] not in set(Sex):
        raise ValueError(f"sex is “{fields['sex']}”, not F, M or U")
    nhs, hospital = fields["nhs_number"], fields["hospital_number"]
    return Identity(
        surname=_demanded(fields, "surname"),
        forenames=_demanded(fields, "forenames"),
        born=born,
        sex=Sex(fields["sex"]),
        nhs_number=read_nhs_number(nhs, demonstration=True) if nhs else "",
        hospital_number=read_hospital_number(hospital) if hospital else "",
        issuer=fields["issuer_ods"] if hospital else "",
    )


def _band(text: str) -> Band:
    if text not in set(Band):
        raise ValueError(f"priority is “{text}”, not P1, P2, P3 or P4")
    return Band(text)


def _reason(code: str) -> str:
    if code and code not in {reason.code for reason in catalogue().reasons}:
        raise ValueError(f"there is no reason “{code}”")
    return code


def _moment(text: str, name: str) -> dt.datetime:
    """A London time; one with its own offset is taken as it stands."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} is “{text}”, not a time such as 2026-03-02T03:45:00") from None
    return moment.astimezone(dt.UTC) if moment.tzinfo else clock.from_london(moment)


def _tests(text: str) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(text.split()))
    if not codes:
        raise ValueError("no test is asked for")
    unknown = [code for code in codes if code not in catalogue().tests]
    if unknown:
        raise ValueError(f"there is no test “{unknown[0]}” in the catalogue")
    return codes


def _truth(text: str) -> bool:
    if text.casefold() in _TRUE:
        return True
    if text.casefold() in _FALSE:
        return False
    raise ValueError(f"infection_risk is “{text}”, not True or False")


def _answers(text: str) -> dict[str, str]:
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(";"))):
        key, separator, answer = pair.partition("=")
        if not separator:
            raise ValueError(f"answers holds “{pair}”, not question=answer")
        if key.strip() not in catalogue().questions:
            raise ValueError(f"there is no question “{key.strip()}”")
        found[key.strip()] = answer.strip()
    return found
