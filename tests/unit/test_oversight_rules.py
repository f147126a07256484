"""What a report may say, who must agree, what the notice says, who looked at more than is usual."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid

import pytest

from lab_contingency.accounts.rules import Role
from lab_contingency.audit.rules import NO_FIELD, Field
from lab_contingency.oversight.rules.approval import (
    Asked,
    ExportState,
    refusal_to_decide,
    refusal_to_make,
    state_of,
)
from lab_contingency.oversight.rules.exposure import (
    About,
    Certainty,
    Criteria,
    Exposure,
    Left,
    Note,
    Reach,
    Report,
    Verification,
    certainty_of,
    certainty_sentence,
    exposures_of,
    reach_of_leaving,
    widened,
)
from lab_contingency.oversight.rules.notices import (
    NoticeFacts,
    article_33,
    article_34,
    clock_sentence,
)
from lab_contingency.oversight.rules.presence import Look, Tally, Turn
from lab_contingency.oversight.rules.told import IDENTIFIERS, told_by
from lab_contingency.oversight.rules.unusual import Watcher, beyond_the_usual
from lab_contingency.requests.services.patients import record_of
from tests.factories.world import an_identity

NOW = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ONE, OTHER, THIRD = (uuid.UUID(int=n) for n in (1, 2, 3))
pytestmark = pytest.mark.feature(97)


@pytest.mark.parametrize(("about", "holds"), list(itertools.product(About, (True, False, None))))
def test_exact_is_said_only_of_a_record_that_verifies(about, holds):
    said = Verification(holds, "Said.")
    certainty = certainty_of(about, said)

    assert (certainty is Certainty.EXACT) <= (holds is True)
    if holds is not True:
        assert "exact" not in certainty.value + certainty_sentence(certainty, said)
    if about in {About.OPEN_COPY, About.SEALED_COPY}:
        assert certainty is Certainty.UPPER_BOUND
    if about is About.FRAGMENTS:
        assert certainty is Certainty.FROM_FILE


def _look(patient: uuid.UUID, fields: int = 1, hour: int = 0, times: int = 1) -> Look:
    return Look(patient, fields, NOW + hour * HOUR, NOW + hour * HOUR, times)


def test_readable_beats_encrypted_and_both_are_one_line_a_patient():
    lines = exposures_of(
        {ONE: _look(ONE, 1, 0, 4)},
        [
            Left(_look(ONE, 2, 3), Reach.READABLE),
            Left(_look(ONE, 8, 5), Reach.ENCRYPTED),
            Left(_look(OTHER, 8, 1), Reach.ENCRYPTED),
        ],
        {THIRD: Note(16, "certain: hospital number")},
    )

    assert lines == (
        Exposure(ONE, Reach.READABLE, 3, NOW, NOW + 3 * HOUR, 4, 1),
        Exposure(OTHER, Reach.ENCRYPTED, 8, NOW + HOUR, NOW + HOUR, 0, 1),
        Exposure(THIRD, Reach.READABLE, 16, None, None, 0, 0, "certain: hospital number"),
    )


def test_an_upper_bound_keeps_what_was_recorded_and_adds_everybody():
    recorded = exposures_of({ONE: _look(ONE)}, [], {})
    wide = widened(recorded, [OTHER], Reach.READABLE)
    assert [(one.patient, one.recorded) for one in wide] == [(ONE, True), (OTHER, False)]


@pytest.mark.parametrize(
    ("kind", "reach"),
    [("label", Reach.READABLE), ("exposure csv", Reach.READABLE), ("backup", Reach.ENCRYPTED)],
)
def test_what_left_sealed_was_only_encrypted(kind, reach):
    assert reach_of_leaving(kind) is reach


def test_what_a_report_is_about_is_kept_and_read_again():
    criteria = Criteria(About.ROLE, "senior", NOW, NOW + HOUR)
    assert Criteria.from_json(criteria.as_json()) == criteria


def test_one_kind_of_data_may_go_while_others_stay_on_a_list():
    tally = Tally()
    turns = [(1, Turn.SHOWN, "a", 3), (4, Turn.GONE, "a", 2), (7, Turn.GONE, "a", 0)]
    tally.add_list(turns, [0, 1, 3, 4, 6, 7, 9])
    assert tally._held == {"a": [3, 1, 6, 4]}


def test_who_goes_and_comes_at_the_same_moment_is_there():
    tally = Tally()
    tally.add_list([(1, 1, "a", 1), (5, 1, "a", 1), (5, 0, "a", 0)], [5, 6])
    assert tally._held == {"a": [1, 5, 6, 2]}


def test_every_part_of_an_identity_is_known_by_name_and_nothing_unknown_is_taken_for_harmless():
    written = record_of(an_identity())
    told = NO_FIELD
    for name in written:
        assert told_by(name) in Field, name
        told |= told_by(name)
    assert told == IDENTIFIERS
    assert told_by("reason") == Field.REMARKS
    assert told_by("something new") == IDENTIFIERS | Field.REMARKS


# Two people

ASKER, SECOND = uuid.UUID(int=10), uuid.UUID(int=11)


def _asked(approved: bool | None = None) -> Asked:
    return Asked(ASKER, NOW, None if approved is None else SECOND, approved)


@pytest.mark.parametrize("role", Role)
def test_governance_and_administrators_agree_and_nobody_else(role):
    refusal = refusal_to_decide(_asked(), SECOND, role.value, NOW)
    assert (refusal is None) is (role in {Role.GOVERNANCE, Role.ADMINISTRATOR})


def test_nobody_agrees_to_what_they_asked_for():
    for role in Role:
        assert refusal_to_decide(_asked(), ASKER, role.value, NOW)
    assert refusal_to_decide(_asked(), None, Role.ADMINISTRATOR.value, NOW)


@pytest.mark.parametrize(
    ("approved", "after", "state"),
    [
        (None, 23, ExportState.WAITING),
        (None, 24, ExportState.EXPIRED),
        (True, 23, ExportState.APPROVED),
        (True, 24, ExportState.EXPIRED),
        (False, 1, ExportState.DECLINED),
        (False, 99, ExportState.DECLINED),
    ],
)
def test_an_export_lives_a_day(approved, after, state):
    now = NOW + after * HOUR
    assert state_of(_asked(approved), now) is state
    assert (refusal_to_make(_asked(approved), ASKER, now) is None) is (
        state is ExportState.APPROVED
    )
    assert refusal_to_make(_asked(approved), SECOND, now)
    decidable = refusal_to_decide(_asked(approved), SECOND, Role.GOVERNANCE.value, now) is None
    assert decidable is (state is ExportState.WAITING)


# The notice


def _report(*exposures: Exposure, certainty: Certainty = Certainty.AS_RECORDED) -> Report:
    criteria = Criteria(About.WINDOW, "", NOW, NOW + HOUR)
    return Report(criteria, "Everybody", NOW, certainty, "Sentence.", exposures, 7)


READABLE = Exposure(ONE, Reach.READABLE, int(Field.NAME | Field.RESULTS), NOW, NOW, 2, 1)
ENCRYPTED = Exposure(OTHER, Reach.ENCRYPTED, int(Field.NAME), NOW, NOW, 0, 1)


def _said(sections) -> str:
    return " ".join(text for section in sections for text in (section.heading, *section.paragraphs))


def test_the_draft_says_what_the_article_asks_for():
    facts = NoticeFacts(NOW, "J. Whitfield", "Sign-ins ended.")
    said = _said(article_33(_report(READABLE, ENCRYPTED), facts))
    for part in (
        "Nature", "Everybody", "Readable: about 1 person", "Only encrypted: about 1 person",
        "Not reached: about 7 people", "shown, printed or exported: 4", "name: 1", "results: 1", "Likely consequences",
        "Health data", "Sign-ins ended.", "J. Whitfield",
    ):  # fmt: skip
        assert part in said, part
    exact = _said(article_33(_report(READABLE, certainty=Certainty.EXACT), facts))
    assert "about" not in exact


def test_only_encrypted_data_needs_no_letter_to_people():
    said = _said(article_34(_report(ENCRYPTED)))
    assert "not needed under article 34(3)(a)" in said
    assert "tell them" not in said
    assert "tell them if the risk" in _said(article_34(_report(READABLE, ENCRYPTED)))
    assert "None expected" in _said(article_33(_report(ENCRYPTED), NoticeFacts()))


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "72 h 0 min left"),
        (71.5, "0 h 30 min left"),
        (72, "0 h 0 min left"),
        (75, "ended 3 h 0 min ago"),
    ],
)
def test_the_clock_of_the_regulator(hours, words):
    assert words in clock_sentence(NoticeFacts(NOW), NOW + hours * HOUR)


def test_without_a_beginning_the_clock_asks_for_one():
    assert "since when" in clock_sentence(NoticeFacts(), NOW)


# Beyond the usual


def _watcher(number: int, patients: int, role: str = "requester") -> Watcher:
    return Watcher(uuid.UUID(int=number), f"N{number}", role, patients, patients)


def test_beyond_the_usual_is_three_times_the_middle_of_the_others_and_twenty_at_least():
    found = beyond_the_usual([_watcher(1, 60), _watcher(2, 10), _watcher(3, 21), _watcher(4, 12)])
    assert [(one.watcher.patients, one.beyond) for one in found] == [
        (60, True), (21, False), (12, False), (10, False),
    ]  # fmt: skip
    assert not beyond_the_usual([_watcher(1, 19), _watcher(2, 1)])[0].beyond
    assert beyond_the_usual([_watcher(1, 20), _watcher(2, 1)])[0].beyond


def test_a_role_is_compared_with_itself():
    found = beyond_the_usual([_watcher(1, 90, "senior"), _watcher(2, 80, "senior"), _watcher(3, 2)])
    assert not any(one.beyond for one in found)
