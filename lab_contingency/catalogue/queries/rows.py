"""One row of a data file as the thing it describes; ValueError with a sentence otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from lab_contingency.catalogue.rules import (
    PHONE_ALL,
    Analyte,
    Calculation,
    Container,
    CriticalLimit,
    Discipline,
    HighOperator,
    Interval,
    LowOperator,
    Panel,
    Plausible,
    Question,
    QuestionKind,
    RetestInterval,
    Test,
    human_unit,
    loinc_is_valid,
    snomed_is_valid,
    transfusion_conflict,
)
from lab_contingency.places.services import Row

_HOURS_IN = {"hours": 1, "days": 24}
_YES_NO = {"yes": True, "no": False}


def container_of(row: Row) -> Container:
    """A row of containers.csv."""
    return Container(
        code=row["code"],
        name=_filled(row, "name"),
        additive=_filled(row, "additive"),
        draw_order=int(_number(row, "draw_order")) if row["draw_order"] else None,
        colour_bd=_filled(row, "colour_bd"),
        ml_bd=row["ml_bd"],
        colour_sarstedt=row["colour_sarstedt"],
        ml_sarstedt=row["ml_sarstedt"],
    )


def question_of(row: Row) -> Question:
    """A row of questions.csv; whether it is demanded is the test's affair."""
    kind = QuestionKind(_one_of(row, "kind", QuestionKind))
    choices = tuple(row["choices"].split("|")) if row["choices"] else ()
    if bool(choices) != (kind is QuestionKind.CHOICE):
        _refuse("Choices belong to a question of kind “choice”, and to no other.")
    return Question(
        row["key"], _filled(row, "wording"), kind, choices, demanded=False, field=row["field"]
    )


def test_of(
    row: Row,
    order: int,
    containers: Mapping[str, Container],
    questions: Mapping[str, Question],
    labels: Mapping[str, str],
) -> Test:
    """A row of tests.csv with its place, its questions and its label on the card."""
    if row["container"] not in containers:
        _refuse(f"There is no container “{row['container']}”.")
    if row["snomed_ct"] and not snomed_is_valid(row["snomed_ct"]):
        _refuse(f"{row['snomed_ct']} is no SNOMED CT code: its check digit is wrong.")
    test = Test(
        code=row["code"],
        name=_filled(row, "name"),
        label=labels.get(row["code"], row["name"]),
        discipline=Discipline(_one_of(row, "discipline", Discipline)),
        container=row["container"],
        tube_group=_filled(row, "tube_group"),
        tubes=int(_number(row, "tubes")),
        min_ml=_number(row, "min_ml"),
        transport=_filled(row, "transport"),
        warn_after=dt.timedelta(hours=float(_number(row, "warn_after_hours"))),
        reject_after=dt.timedelta(hours=float(_number(row, "reject_after_hours"))),
        urgent_target=dt.timedelta(minutes=float(_number(row, "urgent_target_minutes"))),
        bedside=_yes(row, "bedside"),
        defer_by_default=_yes(row, "defer_by_default"),
        questions=tuple(_asked(word, questions) for word in row["ask"].split()),
        note=row["note"],
        snomed_ct=row["snomed_ct"],
        order=order,
    )
    if test.warn_after > test.reject_after:
        _refuse("The caution must come before the rejection: compare the two ages.")
    if test.bedside != (test.tubes == 0):
        _refuse("A bedside test has 0 tubes, any other at least 1.")
    return test


def _asked(word: str, questions: Mapping[str, Question]) -> Question:
    key = word.removesuffix("!")
    if key not in questions:
        _refuse(f"There is no question “{key}” in questions.csv.")
    held = questions[key]
    return Question(held.key, held.wording, held.kind, held.choices, word.endswith("!"), held.field)


def analyte_of(row: Row, tests: Mapping[str, Test], plausible: Mapping[str, Row]) -> Analyte:
    """A row of analytes.csv with its possible range."""
    reporting = tuple(row["tests"].split())
    unknown = [code for code in reporting if code not in tests]
    if unknown or not reporting:
        _refuse(f"There is no test “{' '.join(unknown)}”.")
    if row["loinc"] and not loinc_is_valid(row["loinc"]):
        _refuse(f"{row['loinc']} is no LOINC code: its check digit is wrong.")
    unit = human_unit(row["ucum"])
    if unit is None:
        _refuse(f"The unit “{row['ucum']}” is not known. Write it in UCUM, for example mmol/L.")
    numeric = _one_of(row, "kind", ("number", "text")) == "number"
    possible = plausible.get(row["code"])
    if numeric != (possible is not None):
        _refuse("A number, and only a number, needs its possible range in plausible.csv.")
    male, female = interval_of(row, "male"), interval_of(row, "female")
    if not numeric and any(
        end is not None for each in (male, female) if each for end in (each.low, each.high)
    ):
        _refuse("A text has no interval of numbers.")
    choices = tuple(row["choices"].split("|")) if row["choices"] else ()
    if choices and (numeric or row["expected_text"] not in ("", *choices)):
        _refuse("Choices belong to a text, and its expected wording is one of them.")
    return Analyte(
        code=row["code"],
        name=_filled(row, "name"),
        tests=reporting,
        numeric=numeric,
        ucum=row["ucum"],
        unit=unit,
        calculated=Calculation(_one_of(row, "calculated", Calculation)),
        plausible=_plausible(possible) if possible else None,
        loinc=row["loinc"],
        loinc_checked=_yes(row, "loinc_checked"),
        expected_text=row["expected_text"],
        critical_text=row["critical_text"],
        decimals=int(_number(possible, "decimals")) if possible else None,
        male=male,
        female=female,
        critical=critical_limit_of(row),
        basis=row["basis"],
        choices=choices,
    )


def _plausible(row: Row) -> Plausible:
    low, high = _number(row, "low"), _number(row, "high")
    if low >= high:
        _refuse(f"The possible range {low} to {high} in plausible.csv is the wrong way round.")
    return Plausible(low, high)


def interval_of(row: Row, sex: str) -> Interval | None:
    """The interval of one sex ("male", "female"); None when none is held."""
    low, high = _optional(row, f"{sex}_low"), _optional(row, f"{sex}_high")
    if low is not None and high is not None and low > high:
        _refuse(f"The interval {low} to {high} is the wrong way round.")
    interval = Interval(low, high, row["expected_text"], row["interval_note"])
    return None if interval == Interval(None, None) else interval


def critical_limit_of(row: Row) -> CriticalLimit | None:
    """The critical limits of an analyte; None when nothing of it is telephoned."""
    low, high = _optional(row, "critical_low"), _optional(row, "critical_high")
    low_sign = _sign(row, "critical_low", LowOperator)
    high_sign = _sign(row, "critical_high", HighOperator)
    if low is not None and high is not None and low >= high:
        _refuse(f"The critical limits {low} and {high} are the wrong way round.")
    if (
        low is None
        and high is None
        and not row["critical_text"]
        and row["critical_note"] != PHONE_ALL
    ):
        return None
    return CriticalLimit(
        LowOperator(low_sign) if low_sign else None,
        low,
        HighOperator(high_sign) if high_sign else None,
        high,
        row["critical_text"],
        row["critical_note"],
        row["expected_text"],
    )


def _sign(row: Row, column: str, allowed: Iterable[str]) -> str:
    typed = row[f"{column}_op"]
    if bool(typed) != bool(row[column]):
        _refuse(f"{column} and its sign stand together, or neither does.")
    return _one_of(row, f"{column}_op", allowed) if typed else ""


def retest_of(row: Row, tests: Mapping[str, Test]) -> RetestInterval:
    """A row of retest_intervals.csv."""
    if row["test"] not in tests:
        _refuse(f"There is no test “{row['test']}”.")
    if bool(row["interval"]) != bool(row["unit"]):
        _refuse("An interval and its unit stand together, or neither does.")
    if not row["interval"]:
        return RetestInterval(row["test"], None, row["override_or_note"])
    hours = _HOURS_IN[_one_of(row, "unit", _HOURS_IN)] * float(_number(row, "interval"))
    return RetestInterval(row["test"], dt.timedelta(hours=hours), row["override_or_note"])


def panel_of(row: Row, tests: Mapping[str, Test]) -> Panel:
    """A row of panels.csv."""
    codes = tuple(row["tests"].split())
    unknown = [code for code in codes if code not in tests]
    if unknown or not codes:
        _refuse(f"There is no test “{' '.join(unknown)}”.")
    conflict = transfusion_conflict(tests[code] for code in codes)
    if conflict:
        _refuse(conflict)
    return Panel(row["code"], _filled(row, "name"), codes)


def _refuse(sentence: str) -> NoReturn:
    raise ValueError(sentence)


def _filled(row: Row, column: str) -> str:
    return row[column] or _refuse(f"{column} must be filled.")


def _one_of(row: Row, column: str, allowed: Iterable[str]) -> str:
    choices = [str(choice) for choice in allowed]
    if row[column] not in choices:
        _refuse(f"{column} must be one of {', '.join(filter(None, choices))}, not “{row[column]}”.")
    return row[column]


def _yes(row: Row, column: str) -> bool:
    return _YES_NO[_one_of(row, column, _YES_NO)]


def _optional(row: Row, column: str) -> Decimal | None:
    return _decimal(row, column) if row[column] else None


def _number(row: Row, column: str) -> Decimal:
    number = _decimal(row, column)
    if number < 0 and column not in ("low", "high"):
        _refuse(f"{column} must not be below nought.")
    return number


def _decimal(row: Row, column: str) -> Decimal:
    try:
        number = Decimal(row[column])
    except InvalidOperation:
        _refuse(f"{column} must be a number, not “{row[column]}”.")
    if not number.is_finite():
        _refuse(f"{column} must be a number, not “{row[column]}”.")
    return number
