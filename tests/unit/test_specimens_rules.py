"""The life of a tube, transfusion and age, as rules."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.tubes import is_transfusion
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.specimens.rules import (
    COPY_REASONS,
    ENDED,
    MOVES,
    REJECTION_REASONS,
    WORDS,
    CustodyAction,
    GroupSample,
    HandItem,
    SpecimenStatus,
    copy_reason,
    next_custody,
    refuse_collection_time,
    refuse_patient_label,
    refuse_same_group_sample,
    refuse_unconfirmed,
    rejection_reason,
    same_person,
    too_old,
    with_caution,
)

NOW = dt.datetime(2026, 11, 24, 3, 5, tzinfo=dt.UTC)
STATUSES = [None, *SpecimenStatus]
TRANSFUSION = [test for test in catalogue().tests.values() if is_transfusion(test)]


def test_every_action_has_its_row_and_every_status_its_words():
    assert set(MOVES) == set(CustodyAction)
    assert set(WORDS) == set(SpecimenStatus)
    assert all(move.permissions for move in MOVES.values())


@pytest.mark.parametrize("action", CustodyAction)
@pytest.mark.parametrize("status", STATUSES)
def test_a_move_is_allowed_exactly_where_the_table_says_so(action, status):
    move = MOVES[action]
    if status in move.sources:
        assert next_custody(status, action) is (move.target or status)
    else:
        with pytest.raises(RuleBroken, match="This tube is"):
            next_custody(status, action)


@pytest.mark.parametrize("status", sorted(ENDED))
def test_nothing_brings_a_rejected_or_given_up_tube_back(status):
    assert not [action for action, move in MOVES.items() if status in move.sources]


def test_a_tube_on_its_way_elsewhere_goes_from_hand_to_hand_until_it_is_received():
    status = next_custody(SpecimenStatus.DISPATCHED, CustodyAction.DISPATCH)
    assert status is SpecimenStatus.DISPATCHED
    with pytest.raises(RuleBroken, match="on the way to another laboratory"):
        next_custody(SpecimenStatus.DISPATCHED, CustodyAction.HAND_OVER)


@pytest.mark.hazard("H03")
@pytest.mark.parametrize("test", TRANSFUSION, ids=lambda test: test.code)
@pytest.mark.parametrize("container", ["PINK", "EDTA"])
@pytest.mark.parametrize("by_hand", [True, False])
def test_a_transfusion_test_never_gets_a_printed_patient_label(test, container, by_hand):
    with pytest.raises(RuleBroken, match="no printed label"):
        refuse_patient_label(container, [catalogue().test("FBC"), test], by_hand=by_hand)


@pytest.mark.hazard("H03")
def test_a_pink_tube_gets_none_whatever_is_asked_of_it():
    with pytest.raises(RuleBroken):
        refuse_patient_label("PINK", [], by_hand=False)


@pytest.mark.parametrize(
    "test",
    [one for one in catalogue().tests.values() if one not in TRANSFUSION],
    ids=lambda t: t.code,
)
def test_every_other_test_may_have_a_label(test):
    refuse_patient_label(test.container, [test], by_hand=False)


@given(some.sets(some.sampled_from(HandItem)))
def test_only_all_seven_items_confirm_a_handwritten_tube(confirmed):
    if confirmed == set(HandItem):
        refuse_unconfirmed(confirmed)
    else:
        with pytest.raises(RuleBroken) as refused:
            refuse_unconfirmed(confirmed)
        assert all(item.value in refused.value.message for item in set(HandItem) - confirmed)


def sample(tests, minutes, by):
    return GroupSample(frozenset(tests), NOW + dt.timedelta(minutes=minutes), by)


@pytest.mark.hazard("H04")
@pytest.mark.parametrize(
    ("one", "other", "field"),
    [
        (sample(["GS"], 0, "A. Okafor"), sample(["CHK"], 30, "Dr A Okafor"), "collected_by"),
        (sample(["CHK"], 0, "A. Okafor"), sample(["XM"], 30, "a.okafor"), "collected_by"),
        (sample(["GS", "XM"], 0, "A. Okafor"), sample(["CHK"], 4, "B. Osei"), "collected_at"),
        (sample(["CHK"], 0, "A. Okafor"), sample(["GS"], -4, "B. Osei"), "collected_at"),
    ],
)
def test_group_and_check_group_share_neither_collector_nor_time(one, other, field):
    with pytest.raises(RuleBroken) as refused:
        refuse_same_group_sample(one, [other])
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (sample(["GS"], 0, "A. Okafor"), sample(["CHK"], 5, "B. Osei")),
        (sample(["GS"], 0, "A. Okafor"), sample(["XM"], 0, "A. Okafor")),
        (sample(["DAT"], 0, "A. Okafor"), sample(["CHK"], 0, "A. Okafor")),
    ],
)
def test_two_venepunctures_by_two_people_are_right(one, other):
    refuse_same_group_sample(one, [other])


def test_a_person_is_known_by_name_without_title_case_or_points():
    assert same_person("Dr. A. Okafor", "a okafor")
    assert not same_person("A. Okafor", "B. Okafor")


def test_a_collection_lies_within_the_last_week():
    refuse_collection_time(NOW, NOW)
    refuse_collection_time(NOW + dt.timedelta(minutes=10), NOW)
    for hours in (0.2, -24 * 7 - 1):
        with pytest.raises(RuleBroken) as refused:
            refuse_collection_time(NOW + dt.timedelta(hours=hours), NOW)
        assert refused.value.field == "collected_at"


@pytest.mark.hazard("H14")
@pytest.mark.parametrize("test", catalogue().tests.values(), ids=lambda test: test.code)
def test_a_tube_is_too_old_from_its_limit_on_and_cautioned_before(test):
    assert too_old([test], NOW - test.reject_after, NOW) == (test,)
    assert with_caution([test], NOW - test.reject_after, NOW) == ()
    moment = dt.timedelta(seconds=1)
    assert too_old([test], NOW - test.reject_after + moment, NOW) == ()
    if test.warn_after < test.reject_after:
        assert with_caution([test], NOW - test.warn_after, NOW) == (test,)
    assert with_caution([test], NOW - test.warn_after + moment, NOW) == ()


def test_a_rejection_has_a_known_reason_and_its_note():
    assert rejection_reason("CLOTTED", "").words == "clotted"
    assert rejection_reason("MISLABELLED", "says Smith").needs_note
    for code, note, field in (("", "", "reason_code"), ("MISLABELLED", " ", "note")):
        with pytest.raises(RuleBroken) as refused:
            rejection_reason(code, note)
        assert refused.value.field == field


def test_every_reason_says_what_to_do_better():
    assert all(reason.advice for reason in REJECTION_REASONS.values())
    assert all(code == reason.code for code, reason in REJECTION_REASONS.items())


def test_a_copy_has_a_reason_that_fits_the_label():
    assert copy_reason("JAM") == "printer jammed"
    assert all(len(words) < 24 for words in COPY_REASONS.values())
    with pytest.raises(RuleBroken):
        copy_reason("")
