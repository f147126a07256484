"""Loading places from tables: organisations, sites, wards, laboratories. Reads any such table."""

from __future__ import annotations

import csv
import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RulesBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.places.models import BandRule, Laboratory, Organisation, Site, Ward
from lab_contingency.places.rules import (
    BandSettings,
    LaboratoryKind,
    TubeSystem,
    band_problems,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, with the place where a person finds it again."""

    file: str
    line: int
    fields: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.fields[column]

    def problem(self, sentence: str) -> str:
        """The sentence with file and line before it."""
        return f"{self.file}, line {self.line}: {sentence}"


def read_rows(
    path: Path, columns: Iterable[str], problems: list[str], more: Iterable[str] = ()
) -> tuple[Row, ...]:
    """The rows of a CSV file (UTF-8, first line the columns); what is wrong joins `problems`.

    `more`: columns that may follow; without them each row has nothing there.
    """
    wanted = _Columns(list(columns), list(more))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _rows(path.name, csv.reader(file, strict=True), wanted, problems)
    except FileNotFoundError:
        problems.append(f"{path.name} is missing. Put it into {path.parent}.")
    except UnicodeDecodeError:
        problems.append(f"{path.name} is not UTF-8 text. Save it again as “CSV UTF-8”.")
    except csv.Error as wrong:
        problems.append(f"{path.name} cannot be read as a table: {wrong}.")
    return ()


@dataclass(frozen=True, slots=True)
class _Columns:
    needed: list[str]
    more: list[str]


def _rows(
    name: str, lines: Iterable[list[str]], wanted: _Columns, problems: list[str]
) -> tuple[Row, ...]:
    found: list[Row] = []
    header: list[str] | None = None
    for number, cells in enumerate(lines, start=1):
        if header is None:
            header = cells
            if header not in (wanted.needed, [*wanted.needed, *wanted.more]):
                problems.append(f"{name}, line 1: the columns must be {', '.join(wanted.needed)}.")
                return ()
        elif len(cells) != len(header):
            if cells:
                problems.append(
                    f"{name}, line {number}: {len(cells)} cells instead of {len(header)}."
                )
        else:
            fields = dict.fromkeys(wanted.more, "")
            fields |= dict(zip(header, (cell.strip() for cell in cells), strict=True))
            found.append(Row(name, number, fields))
    return tuple(found)


def unique_rows(
    rows: Iterable[Row], columns: tuple[str, ...], problems: list[str]
) -> tuple[Row, ...]:
    """The rows whose key (`columns`) is filled and stands there for the first time."""
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(row[column] for column in columns)
        if not all(key):
            problems.append(row.problem(f"{' and '.join(columns)} must be filled."))
        elif key in first:
            problems.append(
                row.problem(f"{' '.join(key)} stands already on line {first[key].line}.")
            )
        else:
            first[key] = row
    return tuple(first.values())


def refuse_if(problems: list[str]) -> None:
    """Raise every problem at once, or nothing."""
    if problems:
        raise RulesBroken(
            {
                sentence.partition(":")[0] + f" ({n})": sentence
                for n, sentence in enumerate(problems, 1)
            }
        )


def load_places(folder: Path, actor: Actor) -> int:
    """Add what `folder` names and the database lacks; nothing is changed or removed. Rows added.

    Reads organisations.csv, sites.csv, wards.csv and laboratories.csv.
    RulesBroken lists every bad row.
    """
    problems: list[str] = []
    organisations = _named(folder / "organisations.csv", ("ods_code", "name"), problems)
    sites = _named(folder / "sites.csv", ("code", "name", "ods_code", "tube_system"), problems)
    wards = _named(folder / "wards.csv", ("code", "name", "site", "telephone"), problems)
    columns = ("code", "name", "kind", "ods_code", "site", "telephone")
    laboratories = _named(folder / "laboratories.csv", columns, problems)
    held = _Held.read()
    _check_references(organisations, sites, wards, laboratories, held, problems)
    refuse_if(problems)
    added = [
        *(_add(row["ods_code"], held.organisations, _organisation(row)) for row in organisations),
        *(_add(row["code"], held.sites, _site(row, held)) for row in sites),
        *(_add(row["code"], held.wards, _ward(row, held)) for row in wards),
        *(_add(row["code"], held.laboratories, _laboratory(row, held)) for row in laboratories),
    ]
    count = sum(added)
    if count:
        session().flush()
        record("places:loaded", None, actor=actor, rows=count)
    return count


_BAND_COLUMNS = (
    "site", "ward", "required", "nhs_ai", "hospital_ai", "gsrn_prefix", "hospital_form",
)  # fmt: skip
_YES_OR_NO = {"yes": True, "no": False}


def load_bands(folder: Path, actor: Actor) -> int:
    """Set what wristbands carry, as wristbands.csv in `folder` says; without the file nothing changes.

    A row for a site holds for its wards (`ward` empty), a row with a ward for that one. Unlike places these
    rows are changed as well as added. RulesBroken lists every bad row. Returns how many were set.
    """
    path = folder / "wristbands.csv"
    if not path.exists():
        return 0
    problems: list[str] = []
    rows = read_rows(path, _BAND_COLUMNS, problems)
    wanted = [row for row in rows if _band_row_stands(row, problems)]
    refuse_if(problems)
    count = sum(_set_band(row) for row in wanted)
    if count:
        session().flush()
        record("wristbands:set", None, actor=actor, rows=count)
    return count


def _band_row_stands(row: Row, problems: list[str]) -> bool:
    before = len(problems)
    _check_choice(row, "required", _YES_OR_NO, problems)
    if _site_and_ward(row) is None:
        place = f"ward “{row['ward']}” of site “{row['site']}”" if row["ward"] else "such site"
        problems.append(row.problem(f"There is no {place}."))
    problems += [row.problem(sentence) for sentence in band_problems(_band(row)).values()]
    return len(problems) == before


def _band(row: Row) -> BandSettings:
    said = [row[column] for column in _BAND_COLUMNS[3:]]
    return BandSettings(_YES_OR_NO.get(row["required"], True), *said)


def _site_and_ward(row: Row) -> tuple[uuid.UUID, uuid.UUID | None] | None:
    site_id = session().scalars(select(Site.id).where(Site.code == row["site"])).one_or_none()
    if site_id is None or not row["ward"]:
        return (site_id, None) if site_id else None
    statement = select(Ward.id).where(Ward.code == row["ward"], Ward.site_id == site_id)
    ward_id = session().scalars(statement).one_or_none()
    return (site_id, ward_id) if ward_id else None


def _set_band(row: Row) -> bool:
    place = _site_and_ward(row)
    assert place is not None  # the rows were checked  # noqa: S101
    held = select(BandRule).where(BandRule.site_id == place[0], BandRule.ward_id == place[1])
    rule = session().scalars(held).one_or_none()
    if rule is None:
        rule = BandRule(id=new_id(), site_id=place[0], ward_id=place[1])
        session().add(rule)
    for name, value in dataclasses.asdict(_band(row)).items():
        setattr(rule, name, value)
    return session().is_modified(rule)


@dataclass(frozen=True, slots=True)
class _Held:
    """Ids by code of what the database holds, completed while loading."""

    organisations: dict[str, uuid.UUID]
    sites: dict[str, uuid.UUID]
    wards: dict[str, uuid.UUID]
    laboratories: dict[str, uuid.UUID]

    @classmethod
    def read(cls) -> _Held:
        def ids(model: type[Site | Ward | Laboratory]) -> dict[str, uuid.UUID]:
            return dict(session().execute(select(model.code, model.id)).all())

        pairs = session().execute(select(Organisation.ods_code, Organisation.id))
        return cls(dict(pairs.all()), ids(Site), ids(Ward), ids(Laboratory))


_Make = Callable[[uuid.UUID], Organisation | Site | Ward | Laboratory]


def _add(code: str, held: dict[str, uuid.UUID], make: _Make) -> bool:
    if code in held:
        return False
    held[code] = new_id()
    session().add(make(held[code]))
    return True


def _named(path: Path, columns: tuple[str, ...], problems: list[str]) -> tuple[Row, ...]:
    rows = unique_rows(read_rows(path, columns, problems), columns[:1], problems)
    problems += [row.problem("The name is missing.") for row in rows if not row["name"]]
    return rows


def _check_references(
    organisations: Iterable[Row],
    sites: Iterable[Row],
    wards: Iterable[Row],
    laboratories: Iterable[Row],
    held: _Held,
    problems: list[str],
) -> None:
    known_organisations = {row["ods_code"] for row in organisations} | set(held.organisations)
    known_sites = {row["code"] for row in sites} | set(held.sites)
    problems += [
        row.problem(f"There is no organisation “{row['ods_code']}”.")
        for row in (*sites, *laboratories)
        if row["ods_code"] not in known_organisations
    ]
    for row in (*wards, *laboratories):
        partner = row.fields.get("kind") == LaboratoryKind.PARTNER
        if row["site"] not in known_sites and (row["site"] or not partner):
            problems.append(row.problem(f"There is no site “{row['site']}”."))
    for row in sites:
        _check_choice(row, "tube_system", list(TubeSystem), problems)
    for row in laboratories:
        _check_choice(row, "kind", list(LaboratoryKind), problems)


def _check_choice(row: Row, column: str, choices: Iterable[str], problems: list[str]) -> None:
    allowed = [str(choice) for choice in choices]
    if row[column] not in allowed:
        problems.append(
            row.problem(f"{column} must be {' or '.join(allowed)}, not “{row[column]}”.")
        )


def _organisation(row: Row) -> _Make:
    return lambda row_id: Organisation(id=row_id, ods_code=row["ods_code"], name=row["name"])


def _site(row: Row, held: _Held) -> _Make:
    return lambda row_id: Site(
        id=row_id,
        code=row["code"],
        name=row["name"],
        organisation_id=held.organisations[row["ods_code"]],
        tube_system=TubeSystem(row["tube_system"]),
    )


def _ward(row: Row, held: _Held) -> _Make:
    return lambda row_id: Ward(
        id=row_id,
        code=row["code"],
        name=row["name"],
        site_id=held.sites[row["site"]],
        telephone=row["telephone"],
    )


def _laboratory(row: Row, held: _Held) -> _Make:
    return lambda row_id: Laboratory(
        id=row_id,
        code=row["code"],
        name=row["name"],
        kind=LaboratoryKind(row["kind"]),
        organisation_id=held.organisations[row["ods_code"]],
        site_id=held.sites[row["site"]] if row["site"] else None,
        telephone=row["telephone"],
    )
