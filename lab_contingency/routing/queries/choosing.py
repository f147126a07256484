"""One request and every laboratory: who can do which test, when, and why another cannot."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import date_text, duration_text, near_time_text
from lab_contingency.network.rules import price_text
from lab_contingency.places.queries import LaboratoryView
from lab_contingency.requests.queries.card import TubeChip, chip_of
from lab_contingency.requests.queries.views import RequestView, request_view
from lab_contingency.requests.rules.statuses import WORDS, TestStatus
from lab_contingency.routing.queries.facts import (
    OPEN_TO_ROUTING,
    RequestFacts,
    Setting,
    TestFacts,
    facts_of,
    offers_for,
    setting_at,
)
from lab_contingency.routing.rules import Choice, Offer, Refusal, suggest

ROUTABLE = (*OPEN_TO_ROUTING, TestStatus.ASSIGNED, TestStatus.RECEIVED)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one laboratory says to one test: when, how it does it and for how much, what is left of what was agreed."""

    laboratory_id: uuid.UUID
    name: str
    can: bool
    late: bool
    text: str
    detail: str
    does: str = ""
    slots: str = ""


@discloses(code=Field.TESTS, label=Field.TESTS, words=NOTHING, explanation=NOTHING)
@dataclass(frozen=True, slots=True)
class TestChoice:
    """One test with every laboratory's answer, the suggested one and the one that stands."""

    __test__ = False

    patient_id: uuid.UUID
    code: str
    label: str
    chip: TubeChip
    words: str
    sent: bool
    answers: tuple[Answer, ...]
    suggested_id: uuid.UUID | None
    explanation: str
    standing_id: uuid.UUID | None

    @property
    def preset(self) -> uuid.UUID | None:
        """What the page shows as chosen: what stands, else what is suggested."""
        return self.standing_id if self.sent else self.suggested_id

    @property
    def possible(self) -> bool:
        """Whether any laboratory can."""
        return any(answer.can for answer in self.answers)


@discloses(settled=Field.TESTS)
@dataclass(frozen=True, slots=True)
class RoutingView:
    """The page's content."""

    request: RequestView
    laboratories: tuple[LaboratoryView, ...]
    choices: tuple[TestChoice, ...]
    settled: tuple[tuple[str, str], ...]

    @property
    def patient_id(self) -> uuid.UUID:
        """Whose request it is."""
        return self.request.patient_id

    @property
    def any_sent(self) -> bool:
        """Whether a laboratory was chosen for a test before."""
        return any(choice.sent for choice in self.choices)


def choosing(request_id: uuid.UUID, actor: Actor) -> RoutingView:
    """The request in the actor's scope with everything that can still be chosen; NotFound."""
    shown, now = request_view(request_id, actor), clock.now()
    setting = setting_at(now)
    tests = facts_of([shown.id]).get(shown.id, ())
    open_tests = [test for test in tests if test.status in ROUTABLE]
    facts = RequestFacts(shown.id, shown.ward.site.id, shown.due_at, shown.collected_at)
    asked, offers = offers_for(setting, open_tests, facts)
    sent = {
        test.tube: test.laboratory_id
        for test in open_tests
        if test.tube and test.laboratory_id and test.status not in OPEN_TO_ROUTING
    }
    suggested = {choice.test_code: choice for choice in suggest(asked, offers, sent)}
    return RoutingView(
        shown,
        setting.snapshot.working,
        tuple(
            _choice(test, offers[test.test.code], suggested.get(test.test.code), shown, setting)
            for test in open_tests
        ),
        _settled(tests, setting.snapshot.laboratories),
    )


def _choice(
    test: TestFacts,
    answers: Sequence[Offer | Refusal],
    suggested: Choice | None,
    shown: RequestView,
    setting: Setting,
) -> TestChoice:
    return TestChoice(
        patient_id=shown.patient_id,
        code=test.test.code,
        label=test.test.label,
        chip=chip_of(catalogue().container(test.container), shown.ward.site.tube_system),
        words=WORDS[test.status],
        sent=test.status not in OPEN_TO_ROUTING,
        answers=tuple(_answer(answer, test, setting) for answer in answers),
        suggested_id=suggested.offer.laboratory_id if suggested else None,
        explanation=suggested.explanation if suggested else "",
        standing_id=test.laboratory_id,
    )


def _answer(answer: Offer | Refusal, test: TestFacts, setting: Setting) -> Answer:
    if isinstance(answer, Refusal):
        sentence = answer.sentence[:1].upper() + answer.sentence[1:]
        return Answer(
            answer.laboratory_id, answer.name, can=False, late=False, text=sentence, detail=""
        )
    there = (
        f"there {near_time_text(answer.arrives_at)}"
        if answer.arrives_at > setting.now
        else "here already"
    )
    parts = [there, answer.note]
    return Answer(
        answer.laboratory_id,
        answer.name,
        can=True,
        late=answer.late,
        text=f"Result about {near_time_text(answer.result_at)}",
        detail="; ".join(part for part in parts if part),
        does=_does(answer, test, setting),
        slots=_slots(answer, test, setting),
    )


def _does(answer: Offer, test: TestFacts, setting: Setting) -> str:
    """How this laboratory does the test, how long it takes there, and what it asks for it."""
    line = setting.snapshot.network.menu(answer.laboratory_id)[test.test.code]
    takes = f"{duration_text(line.turnaround)} from receipt"
    return " · ".join(part for part in (line.method, takes, price_text(line.price_pence)) if part)


def _slots(answer: Offer, test: TestFacts, setting: Setting) -> str:
    """What is left of the agreed tests of the London day on which this one would be done."""
    key = (answer.laboratory_id, test.test.discipline)
    agreed = setting.snapshot.network.slots_a_day(*key)
    if agreed is None:
        return ""
    day = clock.london(answer.begins_at).date()
    left = max(agreed - setting.slots_used.get(key, {}).get(day, 0), 0)
    today = day == clock.london(setting.now).date()
    return f"{left} of {agreed} left {'today' if today else 'on ' + date_text(day)}"


def _settled(
    tests: Sequence[TestFacts], laboratories: Mapping[uuid.UUID, LaboratoryView]
) -> tuple[tuple[str, str], ...]:
    """Tests about which nothing is left to choose: name, and where they stand."""
    found = []
    for test in tests:
        if test.status not in ROUTABLE:
            place = laboratories.get(test.laboratory_id) if test.laboratory_id else None
            at = f", {place.name}" if place else ""
            found.append((test.test.label, f"{WORDS[test.status]}{at}"))
    return tuple(found)
