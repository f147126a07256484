"""A question goes to the other side, waits there with its time, and comes back answered. Both see the thread."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.tracking.queries.work import waiting
from lab_contingency.transport.questions.models import Answer, Question
from lab_contingency.transport.questions.queries import question, questions, questions_of
from lab_contingency.transport.questions.rules import AnswerHow, QuestionKind, QuestionState
from tests.clients import LabClient, value_of
from tests.factories.questions import answer, ask
from tests.factories.results import on_the_bench, sent_elsewhere
from tests.factories.world import an_identity

pytestmark = pytest.mark.feature(36)


@pytest.fixture
def sent(world):
    """FBC on our bench, CRP on the partner's."""
    request_id = on_the_bench(world, tests=("FBC", "CRP"), identity=an_identity(81))
    sent_elsewhere(world, request_id, "CRP")
    return request_id


def test_a_partner_asks_and_our_senior_answers_in_writing(world, sent):
    asked = ask(sent, world.partner, "Tube says 02:10, form 03:10.")

    (waits,) = questions(world.senior).to_answer
    assert (waits.words, waits.asked_by) == ("Tube says 02:10, form 03:10.", "Partner")
    assert waits.to == "our laboratories"
    assert not waits.overdue
    assert [one.id for one in questions(world.partner).waiting] == [asked]
    assert waiting(world.senior)["questions.asked"] == 1
    assert waiting(world.partner)["questions.asked"] == 0

    answer(asked, world.senior, "03:10 is right.")

    (told,) = questions(world.partner).answered
    assert [(one.words, one.by_name) for one in told.thread] == [("03:10 is right.", "Senior")]
    assert questions(world.senior).to_answer == ()
    assert waiting(world.senior)["questions.asked"] == 0


def test_what_was_said_on_the_telephone_is_written_down_by_whoever_heard_it(world, sent):
    asked = ask(sent, world.partner, kind=QuestionKind.VOLUME)
    with pytest.raises(RuleBroken, match="who said it"):
        answer(asked, world.partner, "CRP first", how=AnswerHow.TELEPHONE)
    answer(asked, world.partner, "CRP first", how=AnswerHow.TELEPHONE, told_by="Dr Okafor")
    (step,) = question(asked, world.senior).thread
    assert (step.words, step.told_by, step.by_name) == ("CRP first", "Dr Okafor", "Partner")


def test_nobody_answers_their_own_question_in_writing(world, sent):
    asked = ask(sent, world.partner)
    with pytest.raises(RuleBroken, match="other side"):
        answer(asked, world.partner, "the later one")
    ours = ask(sent, world.scientist)
    with pytest.raises(RuleBroken, match="other side"):
        answer(ours, world.scientist, "the later one")
    answer(ours, world.colleague, "the later one")


def test_our_laboratory_asks_the_partner_that_does_the_test(world, sent):
    there = world.laboratories["SWLP-LAB"]
    asked = ask(sent, world.senior, to=there)
    assert [one.id for one in questions(world.partner).to_answer] == [asked]
    assert waiting(world.partner)["questions.asked"] == 1
    answer(asked, world.partner, "It came at 02:00.")
    with pytest.raises(RuleBroken, match="Nothing of this request is done there"):
        ask(sent, world.senior, to=world.laboratories["NWLP-LAB"])


def test_it_waits_with_its_time_and_asked_again_it_waits_anew(world, sent):
    asked = ask(sent, world.partner)
    row = session().get_one(Question, asked)
    assert row.due_at - row.asked_at == dt.timedelta(minutes=15)
    first_due = row.due_at
    session().rollback()
    with clock.at(clock.now() + dt.timedelta(minutes=16)):
        assert questions(world.senior).to_answer[0].overdue
        answer(asked, world.senior, "Look at the form.")
    with clock.at(clock.now() + dt.timedelta(minutes=20)):
        answer(asked, world.partner, "It says nothing.", how=AnswerHow.AGAIN)
        held = question(asked, world.partner)
    assert held.state is QuestionState.OPEN
    assert held.due_at > first_due
    assert [one.how for one in held.thread] == [AnswerHow.WRITTEN, AnswerHow.AGAIN]


def test_a_thread_is_seen_by_both_sides_and_by_nobody_else(world, sent):
    theirs = ask(sent, world.partner)
    between_us = ask(sent, world.scientist)
    assert [one.id for one in questions_of(sent, world.partner)] == [theirs]
    assert {one.id for one in questions_of(sent, world.senior)} == {theirs, between_us}
    for actor in (world.other_scientist, world.partner):
        with pytest.raises(NotFound):
            question(between_us, actor)
        with pytest.raises(NotFound):
            answer(between_us, actor, "no")


def test_a_tube_that_is_not_the_partners_is_not_asked_about(world, sent):
    ours = next(t.planned_tube_id for t in tubes_of(sent) if "FBC" in t.test_words)
    with pytest.raises(NotFound):
        ask(sent, world.partner, tube=ours)


def test_two_answers_at_once_are_told_of_each_other(world, sent):
    asked = ask(sent, world.partner)
    answer(asked, world.senior, "the later one")
    with pytest.raises(ChangedByAnother):
        answer(asked, world.second_senior, "the earlier one", version=1)


def test_what_was_said_is_sealed_and_the_record_holds_none_of_it(world, sent):
    asked = ask(sent, world.partner, "canary-asked")
    answer(asked, world.senior, "canary-said", how=AnswerHow.TELEPHONE, told_by="canary-who")
    rows = [session().get_one(Question, asked), *session().scalars(select(Answer))]
    assert all("canary" not in row.sealed for row in rows)
    events = session().scalars(select(AuditEvent).where(AuditEvent.action.like("question:%")))
    said = [(one.action, str(one.details)) for one in events]
    assert sorted(action for action, _ in said) == ["question:answered", "question:asked"]
    assert "canary" not in str(said)


def test_on_the_pages_typed_words_are_never_lost(app, world, sent):
    partner, senior = LabClient(app).sign_in("partner"), LabClient(app).sign_in("senior")
    again = partner.post(
        "questions.ask", {"words": "which one?", "tube": "", "to": ""}, request_id=sent
    )
    assert again.status == 422
    assert "which one?" in again.text
    form = {"kind": "time", "words": "which one?", "tube": "", "to": ""}
    page = partner.follow(partner.post("questions.ask", form, request_id=sent))
    assert "Two collection times" in page.words
    asked = questions_of(sent, world.senior)[0].id
    session().rollback()

    home = senior.get("tracking.home")
    assert "Questions 1" in home.words
    shown = senior.get("questions.thread", question_id=asked)
    told = {"version": value_of(shown, "version"), "how": "telephone", "words": "the later"}
    refused = senior.post("questions.answer", told, question_id=asked)
    assert refused.status == 422
    assert "the later" in refused.text
    done = senior.post("questions.answer", told | {"told_by": "Dr Okafor"}, question_id=asked)
    assert done.status == 303
    behind = senior.post("questions.answer", told | {"told_by": "x"}, question_id=asked)
    assert behind.status in (409, 422)
    assert "said by Dr Okafor" in partner.get("questions.thread", question_id=asked).words
    assert "which one?" in partner.get("tracking.request", request_id=sent).words
