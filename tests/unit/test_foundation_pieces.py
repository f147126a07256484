"""A part of a page that is made once: shown by whoever shows it, each time, and in no other way."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest
from flask import Flask

from lab_contingency.foundation.web.disclosure import (
    NotingEnvironment,
    apart,
    discloses,
    note_shown,
)
from lab_contingency.foundation.web.pieces import Piece, joined, piece

ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)
NAME, BORN = 1, 2
PAGE = NotingEnvironment(Flask("pieces"), autoescape=True)


@discloses(name=NAME, born=BORN)
@dataclass(frozen=True)
class Somebody:
    patient_id: uuid.UUID
    name: str
    born: str


def drawn(whom: uuid.UUID, name: str = "O'Neill & <b>") -> Piece:
    template = PAGE.from_string("<b>{{ one.name }}</b>")
    return piece(lambda: template.render(one=Somebody(whom, name, "1958")))


def shown_by(source: str, **values: object) -> tuple[str, dict[int, int]]:
    with apart() as noted:
        page = PAGE.from_string(source).render(**values)
    return page, dict(noted)


def test_making_one_shows_nobody():
    with apart() as noted:
        made = drawn(ONE)
    assert noted == {}
    assert made.shows == {ONE.int: NAME}


def test_each_page_it_stands_on_shows_them_and_writes_what_was_escaped_before():
    made = drawn(ONE)
    for _ in range(2):
        page, noted = shown_by("<td>{{ made }}</td>", made=made)
        assert page == "<td><b>O&#39;Neill &amp; &lt;b&gt;</b></td>"
        assert noted == {ONE.int: NAME}


def test_a_page_it_does_not_stand_on_shows_nobody():
    assert shown_by("{% if made %}{% endif %}", made=drawn(ONE))[1] == {}


def test_joined_ones_show_all_and_add_up_what_they_show_of_one():
    template = PAGE.from_string("{{ one.born }}")
    born = piece(lambda: template.render(one=Somebody(ONE, "", "1958")))
    page, noted = shown_by("{{ made }}", made=joined([drawn(ONE, "A"), drawn(TWO, "B"), born]))
    assert page == "<b>A</b><b>B</b>1958"
    assert noted == {ONE.int: NAME | BORN, TWO.int: NAME}


def test_what_differs_from_answer_to_answer_is_filled_in_and_the_kept_one_stays():
    made = drawn(ONE, "place")
    page, noted = shown_by("{{ made }}", made=made.filled("place", "token"))
    assert (page, noted) == ("<b>token</b>", {ONE.int: NAME})
    assert shown_by("{{ made }}", made=made)[0] == "<b>place</b>"


@pytest.mark.parametrize("attribute", ["html", "shows", "filled"])
def test_no_template_gets_at_its_html_past_the_record(attribute):
    with pytest.raises(TypeError, match="not for pages"):
        shown_by(f"{{{{ made.{attribute} }}}}", made=drawn(ONE))


def test_what_is_noted_apart_is_not_noted_for_the_answer_even_after_a_failure():
    with apart() as answer:
        with pytest.raises(ArithmeticError), apart() as aside:
            note_shown(ONE, NAME)
            raise ArithmeticError
        assert aside == {ONE.int: NAME}
        note_shown(TWO, BORN)
    assert answer == {TWO.int: BORN}
