"""The queue's rows are drawn once and kept: for everybody the right ones, recorded for everybody, gone when sealed."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.rules import SHOWN, Field
from lab_contingency.foundation import clock, sealing
from lab_contingency.foundation.database import session
from lab_contingency.routing import views
from lab_contingency.routing.queries import queue as queue_memory
from tests.factories.world import a_request, an_identity, make_world

pytestmark = pytest.mark.feature(97)
ROW_TOKEN = re.compile(
    r'action="/queue/[^"]*/accept"[^>]*><input[^>]*name="csrf_token" value="([^"]*)"'
)
PAGE_TOKEN = re.compile(r'action="/sign-out">\s*<input[^>]*name="csrf_token" value="([^"]*)"')


@pytest.fixture
def world(app):
    with app.app_context():
        return make_world()


@pytest.fixture
def seniors(world, client_for):
    return client_for("senior"), client_for("second_senior")


@pytest.fixture
def request_id(app, world):
    with app.app_context():
        return a_request(world).request_id


def shown_to(app, who):
    """{patient: fields} of everything that was shown to the person."""
    with app.app_context():
        events = select(AuditEvent).where(
            AuditEvent.action == SHOWN, AuditEvent.user_id == who.user_id
        )
        return {row.subject_id: row.fields for row in session().scalars(events)}


def test_a_row_that_was_kept_is_recorded_for_each_who_is_shown_it(app, world, seniors, request_id):
    with clock.at(clock.now()):
        for client in seniors:
            client.get("routing.queue")
    first, second = (shown_to(app, who) for who in (world.senior, world.second_senior))
    assert first == second
    (fields,) = first.values()
    assert Field(fields) & Field.NAME
    assert Field(fields) & Field.TESTS


def test_the_token_in_a_kept_row_is_that_of_whoever_asks(seniors, request_id):
    with clock.at(clock.now()):
        pages = [client.get("routing.queue").text for client in (*seniors, *seniors)]
    for page in pages:
        assert ROW_TOKEN.findall(page) == PAGE_TOKEN.findall(page)
        assert views._TOKEN not in page
    assert ROW_TOKEN.findall(pages[0]) != ROW_TOKEN.findall(pages[1])


def test_the_focus_of_one_answer_is_in_no_other(seniors, request_id):
    one, other = seniors
    with clock.at(clock.now()):
        assert " autofocus" not in one.get("routing.queue").text
        assert " autofocus" in one.get("routing.queue", at=request_id).text
        assert " autofocus" not in one.get("routing.queue").text
        assert " autofocus" not in other.get("routing.queue").text


def test_a_row_that_changes_is_drawn_anew_and_the_others_are_not(app, world, seniors, request_id):
    with clock.at(clock.now()):
        seniors[0].get("routing.queue")
        drawn = views._row.cache_info().misses
        with app.app_context():
            a_request(world, identity=an_identity(2, surname="Patterson-Khan", forenames="Imran"))
        page = seniors[0].get("routing.queue").text
    assert "WOŹNIAK" in page
    assert "PATTERSON-KHAN" in page
    assert views._row.cache_info().misses == drawn + 1


def test_nothing_that_was_drawn_is_kept_when_the_node_is_sealed(app, seniors, request_id):
    seniors[0].get("routing.queue")
    kept = views._row, views._all_rows
    assert all(each.cache_info().currsize for each in kept)
    assert queue_memory._memory
    with app.app_context():
        ring = sealing.keys()
        sealing.seal_again()
        try:
            assert [each.cache_info().currsize for each in kept] == [0, 0]
            assert not queue_memory._memory
        finally:
            sealing.install(app, ring)
