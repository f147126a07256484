"""Issuing numbers: each once, all accounted for."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.incidents.models import IssuedNumber, NumberSeries
from lab_contingency.incidents.queries import number_counts, void_reason
from lab_contingency.incidents.rules import SEQUENCE_MOST, read_number, read_slip_number
from lab_contingency.incidents.services import (
    issue_form_number,
    issue_slip_number,
    issue_tube_number,
    set_up_series,
    void_number,
)
from tests.threads import together

SYSTEM = Actor.system("tests")


def test_numbers_follow_each_other(app):
    with app.app_context(), unit_of_work():
        forms = [issue_form_number() for _ in range(3)]
        slips = [issue_slip_number() for _ in range(2)]

    assert [form[3:9] for form in forms] == ["000001", "000002", "000003"]
    assert all(read_number(form).is_form for form in forms)
    assert all(read_slip_number(slip) == slip for slip in slips)


def test_a_number_of_a_unit_of_work_that_failed_is_passed_over(app):
    """It may stand on paper: the side file knew of it before anything else did."""
    with app.app_context():
        with pytest.raises(ArithmeticError), unit_of_work():
            lost = issue_form_number()
            raise ArithmeticError
        with unit_of_work():
            kept = issue_form_number()

        assert int(kept[3:9]) == int(lost[3:9]) + 1
        assert number_counts().issued == 1


def test_four_hundred_forms_asked_for_at_once_get_four_hundred_numbers(app):
    issued: list[str] = []

    def work() -> None:
        for _ in range(50):
            with app.app_context(), unit_of_work():
                number = issue_form_number()
                issue_tube_number(number, 1)
            issued.append(number)

    failures = together([work] * 8)

    assert failures == []
    assert len(set(issued)) == 400
    with app.app_context():
        counts = number_counts()
        assert counts.issued == 800
        assert counts.issued == counts.used + counts.void
        assert session().scalars(select(func.count(IssuedNumber.number))).one() == 800


def test_a_void_number_says_why_and_the_books_still_balance(app):
    with app.app_context():
        with unit_of_work():
            numbers = [issue_form_number() for _ in range(3)]
            void_number(numbers[1], "the name was put right", actor=SYSTEM)
            void_number(numbers[1], "again", actor=SYSTEM)

        counts = number_counts()

        assert void_reason(numbers[1]) == "the name was put right"
        assert void_reason(numbers[0]) is None
        assert (counts.issued, counts.used, counts.void) == (3, 2, 1)


def test_a_node_that_used_up_its_numbers_says_so_instead_of_beginning_again(app):
    with app.app_context():
        with unit_of_work():
            session().execute(update(NumberSeries).values(next_sequence=SEQUENCE_MOST))
        with unit_of_work():
            assert read_number(issue_form_number()).text[3:9] == "999999"

        with pytest.raises(RuleBroken, match="used up"), unit_of_work():
            issue_form_number()


def test_setting_up_twice_does_not_begin_the_numbers_again(app):
    with app.app_context():
        with unit_of_work():
            issue_form_number()
        with unit_of_work():
            set_up_series()
            second = issue_form_number()

    assert second[3:9] == "000002"
