"""Who may check and authorise what: the whole matrix."""

import itertools
import uuid
from dataclasses import replace

import pytest

from lab_contingency.results.rules.hands import Hands, authorise_refusal, check_refusal
from lab_contingency.results.rules.values import ResultStatus, Source

TYPIST, CHECKER, OTHER = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
PEOPLE = {"typist": TYPIST, "checker": CHECKER, "other": OTHER}
MAY_AUTHORISE = {
    # (needs a check, checked) -> who may
    (False, False): {"checker", "other"},
    (False, True): {"checker", "other"},
    (True, False): set(),
    (True, True): {"other"},
}


def hands(*, needs_check=False, checked=False, source=Source.MANUAL, sent_back=False):
    status = ResultStatus.CHECKED if checked else ResultStatus.ENTERED
    by = CHECKER if checked else None
    typist = TYPIST if source is Source.MANUAL else None
    return Hands(source, status, needs_check, typist, by, sent_back)


@pytest.mark.parametrize(
    ("person", "needs_check", "checked"),
    list(itertools.product(PEOPLE, (False, True), (False, True))),
)
def test_exactly_the_people_of_the_table_may_authorise(person, needs_check, checked):
    allowed = person in MAY_AUTHORISE[needs_check, checked]

    refusal = authorise_refusal(hands(needs_check=needs_check, checked=checked), PEOPLE[person])

    assert (refusal is None) is allowed


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("needs_check", [False, True])
def test_everybody_but_the_typist_may_check(person, needs_check):
    refusal = check_refusal(hands(needs_check=needs_check), PEOPLE[person])

    assert (refusal is None) is (person != "typist")


@pytest.mark.parametrize("rule", [check_refusal, authorise_refusal])
def test_the_program_itself_neither_checks_nor_authorises(rule):
    assert rule(hands(), None) == "Only a person can do this. Sign in."


@pytest.mark.parametrize("rule", [check_refusal, authorise_refusal])
def test_what_was_sent_back_goes_nowhere(rule):
    assert "was sent back" in (rule(hands(sent_back=True), OTHER) or "")


def test_an_imported_critical_result_still_needs_two_people():
    imported = hands(needs_check=True, checked=True, source=Source.IMPORTED)

    assert authorise_refusal(imported, CHECKER) is not None
    assert authorise_refusal(imported, OTHER) is None


@pytest.mark.parametrize("rule", [check_refusal, authorise_refusal])
def test_whoever_typed_the_same_before_is_no_second_pair_of_eyes(rule):
    again = replace(hands(), typed_by=frozenset({OTHER}))

    assert "typed this yourself" in (rule(again, OTHER) or "")
    assert rule(again, CHECKER) is None
