"""Who may answer what and by when: the table of moves."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.rules.bands import Band
from lab_contingency.transport.questions.rules import (
    ANSWERED_WITHIN,
    KINDS,
    MOVES,
    AnswerHow,
    QuestionKind,
    QuestionState,
    Side,
    due,
    next_state,
    permitted,
    refuse_unheard,
    refuse_unsaid,
)

AT = dt.datetime(2026, 11, 26, 3, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("state", "how", "side"), list(itertools.product(QuestionState, AnswerHow, Side))
)
def test_every_move_is_in_the_table_or_refused(state, how, side):
    move = MOVES[how]
    if state is move.source and side in move.sides:
        assert next_state(state, how, side) is move.target
        assert how in permitted(state, side)
    else:
        assert how not in permitted(state, side)
        with pytest.raises(RuleBroken):
            next_state(state, how, side)


def test_whoever_asked_does_not_answer_in_writing_but_writes_down_what_was_said():
    assert permitted(QuestionState.OPEN, Side.ASKED) == (AnswerHow.TELEPHONE,)
    assert permitted(QuestionState.OPEN, Side.ANSWERS) == (AnswerHow.WRITTEN, AnswerHow.TELEPHONE)
    assert permitted(QuestionState.ANSWERED, Side.ANSWERS) == ()


def test_a_pressing_question_is_due_in_a_quarter_of_an_hour():
    quarter = dt.timedelta(minutes=15)
    assert due(Band.P1, AT) == due(Band.P2, AT) == AT + quarter
    assert quarter < ANSWERED_WITHIN[Band.P3] <= ANSWERED_WITHIN[Band.P4]
    assert set(ANSWERED_WITHIN) == set(Band)
    assert set(KINDS) == set(QuestionKind)


@pytest.mark.parametrize(
    ("how", "words", "told_by", "field"),
    [
        (AnswerHow.WRITTEN, " ", "", "words"),
        (AnswerHow.TELEPHONE, "the later one", " ", "told_by"),
        (AnswerHow.TELEPHONE, "", "Dr Okafor", "words"),
    ],
)
def test_an_answer_says_something_and_one_by_telephone_who_said_it(how, words, told_by, field):
    with pytest.raises(RuleBroken) as refused:
        refuse_unheard(how, words, told_by)
    assert refused.value.field == field


def test_something_else_is_asked_in_words():
    with pytest.raises(RuleBroken):
        refuse_unsaid(QuestionKind.OTHER, " ")
    refuse_unsaid(QuestionKind.TIME, "")
    refuse_unheard(AnswerHow.WRITTEN, "the later one", "")
