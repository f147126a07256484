"""Results as the ward reads them: only what was authorised, every version that went out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.accounts.rules import Role
from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import and_text
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.queries import RequestView, TestView, request_view
from lab_contingency.requests.queries.views import NOT_COMING
from lab_contingency.requests.rules.statuses import RELEASED, WORDS
from lab_contingency.requests.scope import is_partner, tests_within, within
from lab_contingency.results.models import UNREAD, Acknowledgement, Release, Slip
from lab_contingency.results.queries.calls import Ended, endings_of
from lab_contingency.results.queries.values import (
    Before,
    ValueView,
    before_of,
    change_words,
    values_of,
    why_not_comparable,
)
from lab_contingency.specimens.queries import TubeChip, container_chip

MOST = 300


@discloses(change=Field.RESULTS, incomparable=Field.RESULTS, state=NOTHING)
@dataclass(frozen=True, slots=True)
class ReleasedRow:
    """A value that went out; what it said before, when it was amended; how its call ended.

    `incomparable`: why it cannot be compared with the one before.
    """

    view: ValueView
    old: tuple[ValueView, ...]
    before: Before | None
    change: str
    incomparable: str
    telephoned: Ended | None
    to_be_telephoned: bool
    being_put_right: bool

    @property
    def patient_id(self) -> uuid.UUID:
        """Whose result it is."""
        return self.view.patient_id

    @property
    def state(self) -> str:
        """`amended` or `being put right`, or nothing."""
        if self.being_put_right:
            return "being put right: ring the laboratory before you rely on it"
        return f"amended, version {len(self.old) + 1} of {len(self.old) + 1}" if self.old else ""


@discloses(laboratory=NOTHING, method=NOTHING, words=NOTHING)
@dataclass(frozen=True, slots=True)
class ReleasedTest:
    """A test whose results went out."""

    test: TestView
    laboratory: str
    method: str
    chip: TubeChip
    rows: tuple[ReleasedRow, ...]

    @property
    def patient_id(self) -> uuid.UUID:
        """Whose test it is."""
        return self.test.patient_id

    @property
    def being_put_right(self) -> bool:
        """Whether an amendment waits for its check and authorisation."""
        return any(row.being_put_right for row in self.rows)

    @property
    def amended(self) -> bool:
        """Whether a value of it was replaced after it went out."""
        return any(row.old for row in self.rows)

    @property
    def words(self) -> str:
        """The status, always spelt."""
        if self.being_put_right:
            return "being put right"
        return "amended" if self.amended else "authorised"

    @property
    def age(self) -> dt.timedelta | None:
        """How old the sample was when it was measured."""
        ages = [row.view.value.age for row in self.rows if row.view.value.age is not None]
        return max(ages, default=None)


@discloses(by_name=NOTHING, test=Field.TESTS)
@dataclass(frozen=True, slots=True)
class Reader:
    """Who acknowledged which release, and when."""

    patient_id: uuid.UUID
    by_name: str
    at: dt.datetime
    test: str
    number: int


@discloses(label=Field.TESTS, words=NOTHING)
@dataclass(frozen=True, slots=True)
class ToCome:
    """A test without a result so far; `patient_id` None where it says only that there are others."""

    patient_id: uuid.UUID | None
    label: str
    words: str


@discloses(**dict.fromkeys(("number", "digest", "version", "copy", "by_name", "reason"), NOTHING))
@dataclass(frozen=True, slots=True)
class SlipView:
    """A slip that came out. `running` counts the slips of every series of the request."""

    patient_id: uuid.UUID | None
    number: str
    running: int
    digest: str
    version: int
    copy: int
    printed_at: dt.datetime
    by_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReleasedPage:
    """A request's results as they are read."""

    request: RequestView
    tests: tuple[ReleasedTest, ...]
    to_come: tuple[ToCome, ...]
    elsewhere: bool
    unread: tuple[uuid.UUID, ...]
    readers: tuple[Reader, ...]
    slips: tuple[SlipView, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is still to come, nor hidden from this reader."""
        return not self.to_come and not self.elsewhere

    @property
    def being_put_right(self) -> bool:
        """Whether anything that went out is being amended."""
        return any(test.being_put_right for test in self.tests)


def audience(actor: Actor) -> str:
    """For whom a slip is that this person prints: their own partner laboratory, or else the ward."""
    return str(actor.laboratory_id) if is_partner(actor) else ""


def _reader(view: RequestView, actor: Actor, *, on_paper: bool) -> Actor:
    """Who reads: paper for the ward says the same whoever prints it."""
    if on_paper and not audience(actor):
        return Actor(None, view.ward.name, Role.REQUESTER.value, view.ward.site.id)
    return actor


def released_page(request_id: uuid.UUID, actor: Actor, *, on_paper: bool = False) -> ReleasedPage:
    """What of a request in the actor's scope may be read, or may leave on paper; NotFound."""
    view = request_view(request_id, actor, reading=not on_paper)
    versions = values_of(request_id, view.patient_id, actor)
    out = [each for each in versions if each.authorised_at is not None]
    before = before_of(
        view.patient_id,
        view.id,
        {each.analyte.code for each in out},
        actor=_reader(view, actor, on_paper=on_paper),
        until=max((each.measured_at for each in out), default=None),
    )
    endings = endings_of(request_id, actor)
    tests = [
        released
        for test in view.tests
        if (released := _test(test, view, versions, before, endings)) is not None
    ]
    return ReleasedPage(
        request=view,
        tests=tuple(tests),
        to_come=_to_come(view, {each.test.id for each in tests}),
        elsewhere=view.elsewhere,
        unread=unread_releases(request_id, actor),
        readers=readers_of(request_id, actor),
        slips=slips_of(request_id, actor),
    )


def _test(
    test: TestView,
    view: RequestView,
    versions: Iterable[ValueView],
    before: Mapping[str, Before],
    endings: Mapping[uuid.UUID, Ended | None],
) -> ReleasedTest | None:
    mine: dict[str, list[ValueView]] = {}
    for each in versions:
        if each.requested_test_id == test.id:
            mine.setdefault(each.analyte.code, []).append(each)
    rows = tuple(row for line in mine.values() if (row := _row(line, before, endings)) is not None)
    if not rows:
        return None
    order = [analyte.code for analyte in catalogue().analytes_of(test.test.code)]
    rows = tuple(sorted(rows, key=lambda row: order.index(row.view.analyte.code)))
    views = [row.view for row in rows]
    return ReleasedTest(
        test=test,
        laboratory=and_text(list(dict.fromkeys(view.laboratory for view in views))),
        method=and_text(list(dict.fromkeys(view.method for view in views if view.method))),
        chip=container_chip(catalogue().container(test.test.container), view.ward.site.tube_system),
        rows=rows,
    )


def _row(
    line: list[ValueView], before: Mapping[str, Before], endings: Mapping[uuid.UUID, Ended | None]
) -> ReleasedRow | None:
    out = [each for each in line if each.authorised_at is not None]
    if not out:
        return None
    held = out[-1]
    last = before.get(held.analyte.code)
    why_not = why_not_comparable(held.analyte, held.value, held.laboratory, last)
    return ReleasedRow(
        view=held,
        old=tuple(out[:-1]),
        before=last,
        change="" if why_not else change_words(held.value, last),
        incomparable=why_not,
        telephoned=endings.get(held.id),
        to_be_telephoned=held.id in endings and endings[held.id] is None,
        being_put_right=line[-1] is not held,
    )


def _to_come(view: RequestView, out: set[uuid.UUID]) -> tuple[ToCome, ...]:
    done = RELEASED | NOT_COMING
    waiting = [
        ToCome(view.patient_id, test.test.label, WORDS[test.status])
        for test in view.tests
        if test.id not in out and test.status not in done
    ]
    if view.elsewhere:
        waiting.append(ToCome(None, "other tests", "elsewhere"))
    return tuple(waiting)


def unread_releases(request_id: uuid.UUID, actor: Actor) -> tuple[uuid.UUID, ...]:
    """What of a request that this person sees went out and nobody has acknowledged."""
    statement = (
        select(Release.id)
        .join(RequestedTest, RequestedTest.id == Release.requested_test_id)
        .where(Release.request_id == request_id, Release.unread, tests_within(actor))
    )
    return tuple(session().scalars(statement))


def readers_of(request_id: uuid.UUID, actor: Actor) -> tuple[Reader, ...]:
    """Who said that they read which release, oldest first: those to tell of an amendment."""
    statement = (
        select(Acknowledgement, Release.number, RequestedTest.test_code, Request.patient_id)
        .join(Request, Request.id == Acknowledgement.request_id)
        .join(Release, Release.id == Acknowledgement.release_id)
        .join(RequestedTest, RequestedTest.id == Release.requested_test_id)
        .where(Acknowledgement.request_id == request_id, tests_within(actor))
        .order_by(Acknowledgement.acknowledged_at)
        .limit(MOST)
    )
    return tuple(
        Reader(whose, row.by_name, row.acknowledged_at, catalogue().test(code).label, number)
        for row, number, code, whose in session().execute(statement)
    )


def unread_requests(actor: Actor) -> tuple[uuid.UUID, ...]:
    """The requests in the actor's scope with a release nobody has acknowledged, oldest first."""
    statement = (
        select(Release.request_id, Release.released_at)
        .join(Request, Request.id == Release.request_id)
        .where(UNREAD, within(actor))
        .order_by(Release.released_at)
        .limit(MOST)
    )
    return tuple(dict.fromkeys(request_id for request_id, _ in session().execute(statement)))


def slips_of(request_id: uuid.UUID, actor: Actor) -> tuple[SlipView, ...]:
    """The slips of a request in this person's series, newest first."""
    statement = (
        select(Slip)
        .where(Slip.request_id == request_id)
        .order_by(Slip.version.desc(), Slip.copy.desc())
        .limit(MOST)
    )
    rows = [
        (row, unseal(Slip.__tablename__, row.id, row.sealed))
        for row in session().scalars(statement)
    ]
    return tuple(
        SlipView(
            None,  # nothing of a patient stands in it
            row.number,
            row.version,
            row.content_digest,
            said.get("of_series", row.version),
            row.copy,
            row.printed_at,
            row.by_name,
            row.reason,
        )
        for row, said in rows
        if said.get("audience", "") == audience(actor)
    )
