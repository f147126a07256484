"""Invented answers that showed patients, and the rows of the record they leave behind."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.oversight.rules.exposure import About, Criteria

BEGINS = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
ADDRESSES = ("10.0.0.7", "10.0.0.8", "10.9.1.1")
ROLES = ("requester", "laboratory", "senior")
LISTS = ("queue", "bench")


@dataclass(frozen=True)
class Person:
    """One sign-in of one person at one device."""

    user_id: uuid.UUID
    role: str
    sign_in_id: uuid.UUID
    device_id: uuid.UUID | None
    address: str


@dataclass(frozen=True)
class Shown:
    """One answer: to whom, when, which patients with which kinds of data; '' for a page that is no list."""

    person: Person
    at: dt.datetime
    list_key: str
    patients: dict[uuid.UUID, int]


@dataclass
class Answers:
    """What was really shown, and the rows that record it."""

    answers: list[Shown] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    _standing: dict[tuple[uuid.UUID, str], dict[uuid.UUID, int]] = field(default_factory=dict)

    def show(
        self, person: Person, at: dt.datetime, key: str, patients: dict[uuid.UUID, int]
    ) -> None:
        """One answer: a page, or a list of which only what is new is recorded."""
        self.answers.append(Shown(person, at, key, patients))
        answer = uuid.uuid4()
        if not key:
            for patient, fields in patients.items():
                self._row(person, at, "disclosure:shown", patient, fields, None, answer)
            return
        before = self._standing.get((person.sign_in_id, key), {})
        for patient in before.keys() | patients.keys():
            was, now = before.get(patient, 0), patients.get(patient, 0)
            if now & ~was:
                self._row(person, at, "disclosure:shown", patient, now & ~was, key, answer)
            if was & ~now:
                lost = was & ~now if now else None
                self._row(person, at, "disclosure:gone", patient, lost, key, answer)
        self._row(person, at, "list:refreshed", None, None, key, answer)
        self._standing[person.sign_in_id, key] = dict(patients)

    def _row(
        self,
        person: Person,
        at: dt.datetime,
        action: str,
        patient: uuid.UUID | None,
        fields: int | None,
        key: str | None,
        answer: uuid.UUID,
    ) -> None:
        self.rows.append(
            {
                **plain_row(at, action),
                "user_id": person.user_id,
                "actor_name": f"Person {person.user_id.hex[:4]}",
                "role": person.role,
                "sign_in_id": person.sign_in_id,
                "device_id": person.device_id,
                "address": person.address,
                "answer_id": answer,
                "subject_id": patient,
                "fields": fields,
                "list_key": key,
            }
        )

    def keep(self) -> None:
        """Write the rows into the record, shuffled: their order is their time's, not the table's."""
        rows = list(self.rows)
        random.Random(5).shuffle(rows)  # noqa: S311 - invented data
        last = session().scalars(select(func.max(AuditEvent.seq))).one() or 0
        with unit_of_work():
            for number, row in enumerate(rows, last + 1):
                row["seq"] = number
            session().execute(insert(AuditEvent), rows)

    def truth(
        self, criteria: Criteria
    ) -> dict[uuid.UUID, tuple[int, dt.datetime, dt.datetime, int]]:
        """By looking at every answer: kinds of data, first, last, how often, for each patient."""
        found: dict[uuid.UUID, tuple[int, dt.datetime, dt.datetime, int]] = {}
        for answer in self.answers:
            if not (
                criteria.begins <= answer.at < criteria.ends and _meant(criteria, answer.person)
            ):
                continue
            for patient, fields in answer.patients.items():
                was, first, last, times = found.get(patient, (0, answer.at, answer.at, 0))
                found[patient] = (
                    was | fields,
                    min(first, answer.at),
                    max(last, answer.at),
                    times + 1,
                )
        return found


def _meant(criteria: Criteria, person: Person) -> bool:
    said = {
        About.ACCOUNT: person.user_id,
        About.ROLE: person.role,
        About.DEVICE: person.device_id,
        About.SIGN_IN: person.sign_in_id,
        About.ADDRESS: person.address,
    }
    return criteria.about is About.WINDOW or str(said[criteria.about]) == criteria.value


def plain_row(at: dt.datetime, action: str) -> dict[str, Any]:
    """A row of the record that says nothing but when and what."""
    return {
        "id": uuid.uuid4(),
        "stream": 999,
        "seq": 0,
        "key_version": 1,
        "mac": "0" * 64,
        "recorded_at": at,
        "occurred_at": at,
        "user_id": None,
        "actor_name": "somebody",
        "role": "system",
        "site_id": None,
        "sign_in_id": None,
        "device_id": None,
        "address": "",
        "answer_id": None,
        "action": action,
        "subject": action.partition(":")[0],
        "subject_id": None,
        "fields": None,
        "list_key": None,
        "details": {},
        "sealed": None,
        "sealed_digest": None,
    }


def persons(count: int) -> list[Person]:
    """People at devices; two sign-ins of the same person here and there."""
    users = [uuid.uuid4() for _ in range(max(1, count // 2))]
    devices = [uuid.uuid4(), uuid.uuid4(), None]
    return [
        Person(
            users[place % len(users)],
            ROLES[place % len(users) % 3],
            uuid.uuid4(),
            devices[place % 3],
            ADDRESSES[place % 3],
        )
        for place in range(count)
    ]


def a_busy_night(
    chance: random.Random, patients: Sequence[uuid.UUID], people: Sequence[Person], answers: int
) -> Answers:
    """Pages and refreshing lists, with patients coming and going and lists showing more or less of them."""
    held = Answers()
    at = BEGINS
    standing: dict[tuple[uuid.UUID, str], dict[uuid.UUID, int]] = {}
    for _ in range(answers):
        at += dt.timedelta(microseconds=chance.randrange(1, 90_000_000))
        person = chance.choice(people)
        if chance.random() < 0.3:
            shown = {chance.choice(patients): chance.randrange(1, 2048) for _ in range(2)}
            held.show(person, at, "", shown)
            continue
        key = chance.choice(LISTS)
        now = standing.setdefault((person.sign_in_id, key), {})
        for _ in range(chance.randrange(3)):
            now[chance.choice(patients)] = chance.choice((1, 3, 11, 267))
        for patient in [each for each in now if chance.random() < 0.15]:
            del now[patient]
        held.show(person, at, key, dict(now))
    for number in range(answers // 3):  # rows that show nobody
        row = plain_row(BEGINS + dt.timedelta(seconds=number * 40), "request:placed")
        held.rows.append(
            {**row, "subject_id": chance.choice(patients), "user_id": people[0].user_id}
        )
    return held


def criteria_of(
    chance: random.Random, people: Sequence[Person], ends: dt.datetime
) -> Iterator[Criteria]:
    """Any person, role, device, sign-in, address or everybody, in any window."""
    while True:
        person = chance.choice(people)
        span = (ends - BEGINS).total_seconds()
        one, other = sorted(chance.uniform(-0.05, 1.05) * span for _ in range(2))
        window = BEGINS + dt.timedelta(seconds=one), BEGINS + dt.timedelta(seconds=other)
        about = chance.choice(
            (About.ACCOUNT, About.ROLE, About.DEVICE, About.SIGN_IN, About.ADDRESS, About.WINDOW)
        )
        value = {
            About.ACCOUNT: str(person.user_id),
            About.ROLE: person.role,
            About.DEVICE: str(person.device_id),
            About.SIGN_IN: str(person.sign_in_id),
            About.ADDRESS: person.address,
            About.WINDOW: "",
        }[about]
        if value != "None":
            yield Criteria(about, value, *window)
