"""One open request as a line of the queue: every text ready, nothing left to work out."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.sealing import forgotten_when_sealed
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import (
    and_text,
    duration_text,
    near_time_text,
    time_text,
    until_text,
)
from lab_contingency.places.queries import LaboratoryView, WardView
from lab_contingency.places.rules import TubeSystem
from lab_contingency.requests.queries.card import TubeChip, chip_of
from lab_contingency.requests.queries.patients import PatientView
from lab_contingency.requests.rules.beds import ward_and_bed
from lab_contingency.requests.rules.statuses import WORDS, TestStatus
from lab_contingency.routing.queries.facts import (
    OPEN_TO_ROUTING,
    RequestFacts,
    Setting,
    TestFacts,
    card_of,
    offers_for,
)
from lab_contingency.routing.queries.waiting import Waiting
from lab_contingency.routing.rules import Choice, nobody_can, suggest
from lab_contingency.specimens.rules import WORDS as TUBE_WORDS
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.triage.rules import SOON

_GONE = frozenset({TestStatus.DECLINED, TestStatus.WITHDRAWN})
_WORKED_ON = (TestStatus.ASSIGNED, TestStatus.RECEIVED, TestStatus.ENTERED, TestStatus.CHECKED)
_NO_LIMIT = "–"
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()-]{3,24}")
_CACHED = 8192


@dataclass(frozen=True, slots=True)
class QueueTube:
    """One tube and the tests on it; `other_system` when its colours are not those used here."""

    chip: TubeChip
    tests: str
    rejected: bool
    other_system: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where the tubes are, or where they go: one strong line and one small."""

    name: str
    detail: str


@discloses(
    **dict.fromkeys(
        (
            "band",
            "asked",
            "needed",
            "left",
            "overdue",
            "unusable",
            "tags",
            "laboratory",
            "accepts",
            "telephone",
            "dial",
        ),
        NOTHING,
    ),
    first_to_expire=Field.TESTS,
    ward=Field.PLACE,
    where=NOTHING,  # a ward, which stands beside it anyway, or a laboratory
    callback=Field.CONTACT,
    tubes=Field.TESTS,
    note=Field.TESTS,
)
@dataclass(frozen=True, slots=True)
class QueueRow:
    """A line of the queue."""

    id: uuid.UUID
    patient_id: uuid.UUID
    version: int
    band: str
    asked: str
    needed: str
    left: str
    overdue: str
    unusable: str
    expiring: bool
    first_to_expire: str
    patient: PatientView
    tags: tuple[str, ...]
    ward: str
    callback: str
    telephone: str
    dial: str
    tubes: tuple[QueueTube, ...]
    where: Place
    laboratory: Place
    late: bool
    to_decide: bool
    accepts: str
    note: str


@dataclass(frozen=True, slots=True)
class RowFacts:
    """Everything one line is written from."""

    waiting: Waiting
    patient: PatientView
    similar: bool
    ward: WardView
    tests: Sequence[TestFacts]
    setting: Setting
    here: uuid.UUID | None


def queue_row(facts: RowFacts) -> QueueRow:
    """Write the line."""
    row, now = facts.waiting, facts.setting.now
    late = row.due_at < now
    left = until_text(row.due_at, now)
    expiring = row.unusable_at is not None and row.unusable_at <= now + SOON
    suggestion, card = _suggestion(facts), card_of(row.id, row.sealed)
    tests = [test for test in facts.tests if test.status not in _GONE]
    return QueueRow(
        id=row.id,
        patient_id=row.patient_id,
        version=row.version,
        band=row.band.value,
        asked="" if row.band is row.band_asked else f"asked {row.band_asked.value}",
        needed=near_time_text(row.due_at),
        left="" if late else left,
        overdue=left if late else "",
        unusable=_unusable(row.unusable_at, now),
        expiring=expiring,
        first_to_expire=_first_to_expire(row.unusable_at, tests),
        patient=facts.patient,
        tags=_tags(facts),
        ward=ward_and_bed(facts.ward.name, card.bed),
        callback=card.callback or facts.ward.telephone,
        telephone=facts.ward.telephone,
        dial=_dial(facts.ward.telephone),
        tubes=_tubes(tests, facts.ward.site.tube_system, _system_here(facts)),
        where=_where(facts, tests),
        laboratory=suggestion.place,
        late=suggestion.late,
        to_decide=bool(suggestion.accepts),
        accepts=suggestion.accepts,
        note=suggestion.note,
    )


def _dial(telephone: str) -> str:
    """The ward's telephone as a computer dials it; nothing for a bleep or words."""
    return re.sub(r"[^+0-9]", "", telephone) if _TELEPHONE.fullmatch(telephone) else ""


def _unusable(unusable_at: dt.datetime | None, now: dt.datetime) -> str:
    if unusable_at is None:
        return _NO_LIMIT
    return duration_text(unusable_at - now) if unusable_at > now else "unusable"


def _first_to_expire(unusable_at: dt.datetime | None, tests: Iterable[TestFacts]) -> str:
    """`lactate, 03:20`: which test makes the sample unusable, and when."""
    if unusable_at is None:
        return ""
    names = [
        test.test.label
        for test in tests
        if test.collected_at and test.collected_at + test.test.reject_after == unusable_at
    ]
    return f"{names[0]}, {near_time_text(unusable_at)}" if names else near_time_text(unusable_at)


def _tags(facts: RowFacts) -> tuple[str, ...]:
    unknown = ("not identified, age guessed",) if facts.patient.unidentified else ()
    return unknown + (("similar name in queue",) if facts.similar else ())


@lru_cache(maxsize=128)
def _chip(container: str, system: TubeSystem) -> TubeChip:
    return chip_of(catalogue().container(container), system)


def _system_here(facts: RowFacts) -> TubeSystem:
    """The colours used where the reader works; BD's for somebody of no one laboratory."""
    here = _laboratory(facts, facts.here).site_id if facts.here else None
    wards = facts.setting.snapshot.wards.values()
    return next((ward.site.tube_system for ward in wards if ward.site.id == here), TubeSystem.BD)


def _tubes(
    tests: Iterable[TestFacts], system: TubeSystem, used_here: TubeSystem
) -> tuple[QueueTube, ...]:
    by_tube: dict[tuple[int, str], list[TestFacts]] = {}
    for test in sorted(tests, key=lambda each: (each.ordinal or 99, each.test.order)):
        by_tube.setdefault((test.ordinal, test.container), []).append(test)
    return tuple(
        QueueTube(
            chip=_chip(container, system),
            tests=", ".join(test.test.label for test in on_it),
            rejected=any(_is_rejected(test) for test in on_it),
            other_system=system is not used_here,
        )
        for (_, container), on_it in by_tube.items()
    )


def _is_rejected(test: TestFacts) -> bool:
    return test.status is TestStatus.REJECTED or test.tube_status is SpecimenStatus.REJECTED


def _where(facts: RowFacts, tests: Sequence[TestFacts]) -> Place:
    """Where most of the tubes are, how many of them, and since when."""
    tubes = {test.tube: test for test in tests if test.tube is not None}
    if not tubes:
        return Place(facts.ward.name, "at the bedside")
    places = Counter(_place_of(test, facts) for test in tubes.values())
    (name, detail), most = places.most_common(1)[0]
    since = [
        test.received_at
        for test in tubes.values()
        if test.received_at and _place_of(test, facts) == (name, detail)
    ]
    if since:
        detail = f"since {time_text(max(since))}"
    part = f"{most} of {len(tubes)} tubes; " if most < len(tubes) else ""
    return Place(name, f"{part}{detail}")


def _place_of(test: TestFacts, facts: RowFacts) -> tuple[str, str]:
    status = test.tube_status
    if status is SpecimenStatus.RECEIVED and test.tube_laboratory_id:
        return _laboratory(facts, test.tube_laboratory_id).name, "received"
    if status is SpecimenStatus.HANDED_OVER:
        return "With the porter", "not received yet"
    if status is SpecimenStatus.DISPATCHED and test.tube_bound_for_id:
        return "On the way", f"to {_laboratory(facts, test.tube_bound_for_id).name}"
    if status is not None:
        return facts.ward.name, TUBE_WORDS[status]
    taken = card_of(facts.waiting.id, facts.waiting.sealed).collected_at is not None
    return facts.ward.name, "taken, not seen since" if taken else "not taken yet"


def _laboratory(facts: RowFacts, laboratory_id: uuid.UUID) -> LaboratoryView:
    return facts.setting.snapshot.laboratories[laboratory_id]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The suggested laboratory with its reason, what accepting does, and what nobody can do.

    `late`: a result is expected there only after it is needed.
    """

    place: Place
    accepts: str = ""
    note: str = ""
    late: bool = False


@forgotten_when_sealed
@lru_cache(maxsize=_CACHED)
def _remembered(_key: object) -> list[Suggestion]:
    """An empty place for one suggestion."""
    return []


def _suggestion(facts: RowFacts) -> Suggestion:
    """Suggest once a minute for a request that stays as it is.

    It is only shown: accepting works it out again under the lock that gives the places.
    """
    minute = facts.setting.now.replace(second=0, microsecond=0)
    tubes = tuple((each.id, each.status, each.starts_in, each.collected_at) for each in facts.tests)
    stopped = tuple(sorted(stop.id for stop in facts.setting.stops.values()))
    out = tuple(sorted(facts.setting.outages.values(), key=lambda one: one.laboratory_id))
    key = (facts.waiting, tubes, stopped, out, minute, facts.here, id(facts.setting.snapshot))
    held = _remembered(key)
    if not held:
        held.append(_suggested(facts))
    return held[0]


def _suggested(facts: RowFacts) -> Suggestion:
    open_tests = [test for test in facts.tests if test.status in OPEN_TO_ROUTING]
    if not open_tests:
        return Suggestion(_chosen(facts))
    row = facts.waiting
    request = RequestFacts(
        row.id, row.site_id, row.due_at, card_of(row.id, row.sealed).collected_at
    )
    asked, offers = offers_for(facts.setting, open_tests, request)
    choices = suggest(asked, offers, _sent(facts.tests))
    chosen = {choice.test_code for choice in choices}
    left_out = [test.test for test in open_tests if test.test.code not in chosen]
    note = (
        f"Nobody can do {and_text([test.label for test in left_out])}: "
        f"{nobody_can(offers[left_out[0].code])}."
        if left_out
        else ""
    )
    if not choices:
        return Suggestion(Place("Nobody can", "see who and why"), "accept, nobody can yet", note)
    name = _names((choice.offer.laboratory_id for choice in choices), facts)
    held = all(test.status is TestStatus.DEFERRED for test in open_tests)
    because = f"held; {_because(choices)}" if held else _because(choices)
    late = any(choice.offer.late for choice in choices)
    return Suggestion(Place(name, because), f"accept {name}", note, late)


def _sent(tests: Iterable[TestFacts]) -> dict[uuid.UUID, uuid.UUID]:
    return {
        test.tube: test.laboratory_id
        for test in tests
        if test.tube and test.laboratory_id and test.status in _WORKED_ON
    }


def _names(laboratory_ids: Iterable[uuid.UUID], facts: RowFacts) -> str:
    places = [_laboratory(facts, each) for each in dict.fromkeys(laboratory_ids)]
    return and_text(
        [f"{each.name} (here)" if each.id == facts.here else each.name for each in places]
    )


def _because(choices: Sequence[Choice]) -> str:
    """The explanation that decides: the only place there is, else the one that takes longest."""
    decisive = max(
        choices, key=lambda one: (one.explanation.startswith("only"), one.offer.result_at)
    )
    return decisive.explanation


def _chosen(facts: RowFacts) -> Place:
    """Where its tests are done, and how far they are."""
    working = [test for test in facts.tests if test.status not in _GONE]
    places = [test.laboratory_id for test in working if test.laboratory_id]
    stands = Counter(WORDS[test.status] for test in working)
    if len(stands) == 1:
        return Place(_names(places, facts) or _NO_LIMIT, next(iter(stands)))
    return Place(
        _names(places, facts) or _NO_LIMIT,
        "; ".join(f"{number} {words}" for words, number in stands.items()),
    )
