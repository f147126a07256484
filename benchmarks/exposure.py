"""How long an exposure report takes over a million rows, beside a bare statement that counts them.

python -m benchmarks.exposure [--rows 1000000] [--json]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from lab_contingency import create_app
from lab_contingency.accounts.models import User
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db, unit_of_work
from lab_contingency.foundation.migrations import bring_up_to_date
from lab_contingency.foundation.settings import Settings
from lab_contingency.oversight.queries.report import exposure_report
from lab_contingency.oversight.rules.exposure import About, Criteria, Verification

PATIENTS, PEOPLE, DAYS = 20_000, 200, 30
COLUMNS = (
    "id, stream, seq, key_version, mac, recorded_at, occurred_at, user_id, actor_name, role, site_id, "
    "sign_in_id, device_id, address, answer_id, action, subject, subject_id, fields, list_key, details"
)
Row = tuple[object, ...]


def rows(count: int, chance: random.Random, ends: dt.datetime) -> Iterator[Row]:
    """A third of pages, a third of lists' comings and goings, a third of refreshes and other things."""
    patients = [uuid.UUID(int=chance.getrandbits(128)).hex for _ in range(PATIENTS)]
    people = [uuid.UUID(int=chance.getrandbits(128)).hex for _ in range(PEOPLE)]
    begins = ends - dt.timedelta(days=DAYS)
    step = (ends - begins) / (count + 1)
    standing: dict[tuple[int, int], list[str]] = {}
    for seq in range(1, count + 1):
        at = begins + seq * step
        person, half_day = chance.randrange(PEOPLE), int((at - begins) / dt.timedelta(hours=12))
        sign_in = f"{half_day:016x}{person:016x}"
        action, subject, patient, fields, key = "disclosure:shown", "disclosure", None, None, None
        kind = chance.random()
        listed = standing.setdefault((person, half_day), [])
        if kind < 0.34:
            patient, fields = chance.choice(patients), chance.choice((3, 11, 267, 779))
        elif kind < 0.52 or not listed:
            patient, fields, key = chance.choice(patients), 267, "queue"
            listed.append(patient)
        elif kind < 0.66:
            action, patient, key = "disclosure:gone", listed.pop(0), "queue"
        elif kind < 0.9:
            action, subject, key = "list:refreshed", "list", "queue"
        else:
            action, subject, patient = "request:placed", "request", chance.choice(patients)
        yield (
            f"{seq:032x}", 1, seq, 1, "0" * 64, f"{at:%Y-%m-%d %H:%M:%S.%f}", f"{at:%Y-%m-%d %H:%M:%S.%f}",
            people[person], f"Person {person}", ("requester", "laboratory", "senior")[person % 3], None,
            sign_in, None, f"10.0.{person % 4}.{person}", f"{seq:032x}", action, subject, patient, fields,
            key, "{}",
        )  # fmt: skip


def fill(file: Path, count: int, ends: dt.datetime) -> None:
    """Write the rows as fast as SQLite takes them."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA synchronous=OFF")
    marks = ", ".join("?" * len(COLUMNS.split(", ")))
    connection.executemany(
        f"INSERT INTO audit_event ({COLUMNS}) VALUES ({marks})",  # noqa: S608 - names are literals
        rows(count, random.Random(1), ends),
    )
    connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


def measured(file: Path, ends: dt.datetime) -> dict[str, dict[str, object]]:
    """Each report once warm, beside counting the same rows."""
    begins = ends - dt.timedelta(days=DAYS + 1)
    person = uuid.UUID(random_person(file))
    cases = {
        "everybody, the whole month": Criteria(About.WINDOW, "", begins, ends),
        "everybody, one day": Criteria(About.WINDOW, "", ends - dt.timedelta(days=1), ends),
        "one account, the whole month": Criteria(About.ACCOUNT, str(person), begins, ends),
        "one role, the whole month": Criteria(About.ROLE, "senior", begins, ends),
        "one address, the whole month": Criteria(About.ADDRESS, "10.0.1.5", begins, ends),
    }
    floor = counting(file)
    found = {}
    for name, criteria in cases.items():
        started, computed = time.perf_counter(), time.process_time()
        report = exposure_report(criteria, Verification(None, ""))
        took, used = time.perf_counter() - started, time.process_time() - computed
        db.session.rollback()
        found[name] = {
            "seconds": round(took, 3),
            "processor_seconds": round(used, 3),
            "times_counting_all_rows": round(took / floor, 1),
            "patients": len(report.exposures),
        }
    return found


def random_person(file: Path) -> str:
    """The account of the first row."""
    with sqlite3.connect(file) as connection:
        return str(connection.execute("SELECT user_id FROM audit_event LIMIT 1").fetchone()[0])


def add_account(user_id: uuid.UUID, at: dt.datetime) -> None:
    """The account that a report is about."""
    db.session.add(
        User(
            id=user_id,
            username="measured",
            name="Measured",
            passphrase_hash=None,
            secret_expires_at=None,
            demonstration=True,
            created_at=at,
            disabled_at=None,
            disabled_by=None,
        )
    )


def counting(file: Path) -> float:
    """Seconds for a bare statement that reads every row."""
    with sqlite3.connect(file) as connection:
        statement = "SELECT count(DISTINCT subject_id), sum(fields) FROM audit_event"
        connection.execute(statement).fetchone()
        started = time.perf_counter()
        connection.execute(statement).fetchone()
        return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder), None, demonstration=True)
        app = create_app(settings)
        with app.app_context():
            bring_up_to_date()
            file = Path(str(db.engine.url.database))
            ends = clock.now()
            fill(file, options.rows, ends)
            with unit_of_work():
                add_account(uuid.UUID(random_person(file)), ends)
            figures = measured(file, ends)
            db.engine.dispose()
    print(json.dumps(figures) if options.json else table(figures))


def table(figures: dict[str, dict[str, object]]) -> str:
    """For people."""
    lines = [f"{'report':<32}{'seconds':>9}{'processor':>11}{'x counting':>12}{'patients':>10}"]
    lines += [
        f"{name:<32}{one['seconds']:>9}{one['processor_seconds']:>11}{one['times_counting_all_rows']:>12}{one['patients']:>10}"
        for name, one in figures.items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
