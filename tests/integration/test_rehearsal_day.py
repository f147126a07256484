"""A day from two files: bad rows refused by line, the good ones in, the books balanced, nothing twice."""

import csv

import pytest
from sqlalchemy import func, select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.node import this_node
from lab_contingency.rehearsal.day import load_day
from lab_contingency.rehearsal.day.rows import FileRefused
from lab_contingency.rehearsal.demonstration import fill
from lab_contingency.requests.models import Request
from lab_contingency.results.models import Result


@pytest.fixture
def files(root, tmp_path):
    """The first three requests of the sample day with all their values."""
    requests = _rows(root / "tests" / "data" / "day-requests.csv")[:3]
    wanted = {row["reference"] for row in requests}
    values = [
        r for r in _rows(root / "tests" / "data" / "day-results.csv") if r["reference"] in wanted
    ]
    return _Files(tmp_path, requests, values)


class _Files:
    def __init__(self, folder, requests, values):
        self.requests_file, self.results_file = folder / "requests.csv", folder / "results.csv"
        self.requests, self.values = requests, values

    def write(self):
        _write(self.requests_file, self.requests)
        _write(self.results_file, self.values)
        return self.requests_file, self.results_file


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def demonstration(app):
    with app.app_context():
        fill(Actor.system("tests"))
        yield app


def test_a_good_day_is_taken_whole_and_its_books_balance(demonstration, files):
    report = load_day(*files.write())
    assert (report.read, report.taken, report.already, report.refused) == (3, 3, 0, 0)
    assert report.values_taken == report.values_read - report.values_refused
    assert report.books.requests == 3
    assert report.books.equations() == dict.fromkeys(report.books.equations(), True)


def test_a_second_run_takes_nothing(demonstration, files):
    load_day(*files.write())
    before = session().scalars(select(func.count(AuditEvent.id))).one()
    report = load_day(*files.write())
    assert (report.taken, report.already, report.refused) == (0, 3, 0)
    assert report.values_taken == 0
    assert report.values_already == report.values_read
    assert session().scalars(select(func.count(AuditEvent.id))).one() == before


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("nhs_number", "9994762690", "last digit does not fit"),
        ("nhs_number", "4010232137", "only invented numbers"),
        ("date_of_birth", "2026-02-30", "not a date of birth"),
        ("date_of_birth", "2031-01-01", "future"),
        ("ward_code", "NO-SUCH-WARD", "there is no ward"),
        ("priority", "STAT", "not P1"),
        ("tests", "FBC NOSUCH", "there is no test"),
        ("tests", "", "no test is asked for"),
        ("surname", "", "surname is empty"),
        ("surname", "Gra\u202ent", "cannot be printed"),
        ("clinical_details", "a\x00b", "cannot be printed"),
        ("surname", "x" * 200, "longer than fits"),
        ("sex", "X", "not F, M or U"),
        ("collected_at", "yesterday", "not a time"),
        ("reason_code", "BECAUSE", "there is no reason"),
        ("infection_risk", "maybe", "not True or False"),
        ("answers", "dose_time", "not question=answer"),
        ("answers", "", "dose_time: Answer this"),
        ("callback", "", "callback is empty"),
    ],
)
def test_a_bad_row_is_refused_by_line_and_the_others_are_in(
    demonstration, files, column, text, words
):
    files.requests[0][column] = text
    report = load_day(*files.write())
    assert (report.taken, report.refused) == (2, 1)
    refusal = next(one for one in report.refusals if one.file == "requests.csv")
    assert refusal.line == 2
    assert words in refusal.reason
    assert report.books.balanced


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "7400"}, "cannot be"),
        ({"value": "6,8"}, ""),
        ({"value": "abc"}, ""),
        ({"value": ""}, "the value is empty"),
        ({"unit": "g/dL"}, "is reported in"),
        ({"analyte": "NOSUCH"}, "does not report"),
        ({"test": "NOSUCH"}, "there is no test"),
        ({"reference": "D99999"}, "was taken"),
    ],
)
def test_a_bad_value_is_refused_by_line_and_the_others_are_in(demonstration, files, change, words):
    row = next(i for i, value in enumerate(files.values) if value["analyte"] == "K")
    files.values[row].update(change)
    report = load_day(*files.write())
    refused = [one for one in report.refusals if one.line == row + 2]
    assert len(refused) == 1
    assert words in refused[0].reason
    assert report.values_taken + report.values_refused == len(files.values)
    assert report.values_taken >= len(files.values) - 1 - _implausible(report)
    assert report.books.balanced


def _implausible(report):
    return sum("cannot be" in one.reason for one in report.refusals)


def test_nobody_authorises_what_they_typed(demonstration, files):
    load_day(*files.write())
    typed = select(func.count(Result.id)).where(
        Result.authorised_by_id.is_not(None), Result.authorised_by_id == Result.entered_by_id
    )
    assert session().scalars(typed).one() == 0
    assert session().scalars(select(func.count(Result.authorised_at))).one() > 20


def test_everything_happens_on_the_clock_of_the_file(demonstration, files):
    load_day(*files.write())
    asked = session().scalars(select(func.min(Request.requested_at))).one()
    latest = session().scalars(select(func.max(Request.closed_at))).one()
    assert str(asked)[:10] == str(latest)[:10] == "2026-03-02"


def test_a_file_without_a_column_is_refused_whole(demonstration, files):
    for row in files.requests:
        del row["ward_code"]
    with pytest.raises(FileRefused, match="lacks the columns ward_code"):
        load_day(*files.write())


def test_a_live_database_is_refused(demonstration, files):
    this_node().demonstration = False
    session().flush()
    with pytest.raises(StartRefused, match="live"):
        load_day(*files.write())
    session().rollback()
