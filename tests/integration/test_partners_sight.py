"""A partner laboratory sees what was sent to it: its tests and tubes of a request, and of all else nothing at all."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RulesBroken
from lab_contingency.incidents.rules import ScannedNumber, compose, for_tube, grouped
from lab_contingency.requests.models import Request, TubeReach
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestAction
from lab_contingency.requests.services import Evidence, lock_request, move_test, summary
from lab_contingency.results.commands import EnterResults, TypedValue
from lab_contingency.results.queries.grids import grid
from lab_contingency.results.queries.released import released_page
from lab_contingency.results.services import enter_results
from lab_contingency.specimens.commands import RejectTube
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.services import receive as receive_tube
from lab_contingency.specimens.services import reject
from lab_contingency.tracking.queries.story import story
from lab_contingency.tracking.queries.to_us import to_us
from lab_contingency.transport.commands import SendOne
from lab_contingency.transport.services import send_one
from lab_contingency.triage.commands import ChangePriority
from lab_contingency.triage.services import change_priority
from tests.architecture.routes import routes
from tests.clients import LabClient, stranger_id, without_ids
from tests.factories.questions import ask
from tests.factories.results import authorise, enter
from tests.factories.tubes import assign, collect, label, receive
from tests.factories.world import SYSTEM, a_request, an_identity

pytestmark = pytest.mark.hazard("T13")

# Whatever of it stands on a partner's page came from work that is not the partner's.
OTHERS = (
    "Keptcanary", "Gonecanary", "Kinga", "Gesine",  # patients that were never sent, or went elsewhere
    "C-reactive protein", "CRP", "canary-remark", "canary-priority", "canary-question", "287",
)  # fmt: skip


def moved(request_id, laboratory_id, *codes, receive_there=False):
    """Tests go to another laboratory."""
    with unit_of_work():
        request = lock_request(request_id, actor=SYSTEM)
        for test in summary.tests_of(request_id):
            if test.test_code in codes:
                where = Evidence(laboratory_id=laboratory_id, reason="no reagent")
                move_test(request, test, TestAction.REASSIGN, where, actor=SYSTEM)
                if receive_there:
                    move_test(request, test, TestAction.RECEIVE, Evidence(), actor=SYSTEM)


def our_crp(world, request_id):
    """What our laboratory reports, with a remark."""
    with unit_of_work():
        values = (TypedValue("CRP", "CRP", "287", "canary-remark"),)
        enter_results(EnterResults(request_id, values), actor=world.scientist)
    authorise(request_id, world.senior, "CRP")


@pytest.fixture
def split(world):
    """FBC for the partner, CRP ours: two tubes. The CRP is authorised; the priority was lowered with a reason."""
    request_id = a_request(world, tests=("FBC", "CRP"), identity=an_identity(71)).request_id
    assign(world, request_id, "SWLP-LAB", "FBC")
    assign(world, request_id, "KCH-LAB", "CRP")
    label(world, request_id)
    collect(world, request_id)
    for tube in tubes_of(request_id):
        if "CRP" in tube.test_words:
            receive(world, tube.number)
    our_crp(world, request_id)
    with unit_of_work():
        lower = ChangePriority(request_id, None, Band.P2, "OTHER", "canary-priority")
        change_priority(lower, actor=world.senior)
    ask(request_id, world.scientist, "canary-question")
    return request_id


@pytest.fixture
def kept(world):
    """A request that never went to the partner."""
    return a_whole(world, "KCH-LAB", 72, "Keptcanary", "Kinga")


@pytest.fixture
def gone(world):
    """One that was chosen for the partner, and went elsewhere before its tube came."""
    request_id = a_whole(world, "SWLP-LAB", 73, "Gonecanary", "Gesine")
    moved(request_id, world.laboratories["KCH-LAB"], "FBC")
    return request_id


def a_whole(world, laboratory, seed, surname, forenames):
    who = an_identity(seed, surname=surname, forenames=forenames)
    request_id = a_request(world, tests=("FBC",), identity=who).request_id
    assign(world, request_id, laboratory)
    label(world, request_id)
    collect(world, request_id)
    return request_id


def at_the_partner(world, request_id, test="FBC"):
    """The tube of the test comes to the partner."""
    (tube,) = (each for each in tubes_of(request_id) if test in each.test_words)
    with unit_of_work():
        receive_tube(tube.number, world.laboratories["SWLP-LAB"], actor=world.partner)
    return tube


def test_of_a_split_request_a_partner_sees_its_own_tests_and_tubes(world, split):
    at_the_partner(world, split)

    view = request_view(split, world.partner)
    assert [each.test.code for each in view.tests] == ["FBC"]
    assert view.elsewhere
    assert [tube.test_words for tube in tubes_of(split, world.partner)] == ["FBC"]
    assert [panel.code for panel in grid(split, world.partner).panels] == ["FBC"]
    page = released_page(split, world.partner)
    assert (page.tests, page.whole, page.readers) == ((), False, ())
    told = story(split, world.partner)
    assert told.decisions == ()
    assert len(told.lanes) == 1
    assert not [one for one in told.table if "CRP" in one.what]
    # our own laboratory goes on seeing the whole
    assert [each.test.code for each in request_view(split, world.scientist).tests] == ["FBC", "CRP"]


def test_what_goes_elsewhere_before_it_came_is_out_of_sight_again(world, gone):
    with pytest.raises(NotFound):
        request_view(gone, world.partner)
    (tube,) = tubes_of(gone)
    with pytest.raises(NotFound), unit_of_work():
        receive_tube(tube.number, world.laboratories["SWLP-LAB"], actor=world.partner)


def test_what_came_stays_in_sight_but_not_what_another_laboratory_does_with_it(world):
    request_id = a_whole(world, "SWLP-LAB", 74, "Seencanary", "Svea")
    at_the_partner(world, request_id)
    moved(request_id, world.laboratories["KCH-LAB"], "FBC", receive_there=True)

    view = request_view(request_id, world.partner)
    assert (view.tests, view.elsewhere) == ((), True)
    (tube,) = tubes_of(request_id, world.partner)
    assert tube.tests == ()
    assert not [one for one in story(request_id, world.partner).table if "FBC" in one.what]


def test_a_tube_on_its_way_is_in_sight_until_it_is_sent_elsewhere(world):
    request_id = a_whole(world, "SWLP-LAB", 75, "Waycanary", "Wanda")
    (tube,) = tubes_of(request_id)
    receive(world, tube.number)
    with unit_of_work():
        send_one(SendOne(tube.number, None, "Courier 7"), actor=world.scientist)
    held = select(TubeReach.laboratory_id).where(
        TubeReach.planned_tube_id == tube.planned_tube_id, TubeReach.received_at.is_(None)
    )
    assert session().scalars(held).all() == [world.laboratories["SWLP-LAB"]]
    assert [row.on_the_way for row in to_us(world.partner).tubes] == [True]

    moved(request_id, world.laboratories["KCH-LAB"], "FBC")
    receive(world, tube.number)  # it came back

    with pytest.raises(NotFound):
        request_view(request_id, world.partner)
    went = select(AuditEvent.id).where(AuditEvent.action == "tube:went_elsewhere")
    assert session().scalars(went).all()


def test_a_tube_of_another_laboratory_is_no_tube_for_the_partner(world, split):
    """The same request, the other tube: as a number that nobody ever printed."""
    other = next(tube for tube in tubes_of(split) if "CRP" in tube.test_words)
    refusals = []
    for number in (other.number, for_tube(session().get_one(Request, split).number, 77)):
        with pytest.raises(NotFound) as refused, unit_of_work():
            receive_tube(number, world.laboratories["SWLP-LAB"], actor=world.partner)
        refusals.append(refused.value.message)
    assert refusals[0] == refusals[1]
    command = RejectTube(split, other.planned_tube_id, "HAEMOLYSED", "")
    with pytest.raises(NotFound), unit_of_work():
        reject(command, actor=world.partner)


def test_a_test_of_another_laboratory_is_no_test_for_the_partner(world, split):
    at_the_partner(world, split)
    said = []
    for code in ("CRP", "MG"):  # one is on the request, one is not
        with pytest.raises(RulesBroken) as refused:
            enter(split, world.partner, **{code: {code: "5"}})
        said.append(str(refused.value).replace(code, "code"))
    assert said[0] == said[1]


@pytest.mark.feature(36)
def test_on_no_page_does_a_partner_meet_the_work_of_others(app, world, split, kept, gone):
    at_the_partner(world, split)
    enter(split, world.partner, FBC={"HB": "98"})
    seen = a_whole(world, "SWLP-LAB", 74, "Seencanary", "Svea")
    at_the_partner(world, seen)
    moved(seen, world.laboratories["KCH-LAB"], "FBC", receive_there=True)
    client = LabClient(app, checks=False)
    client.sign_in("partner")
    pages = 0
    for route in routes(app):
        if route.method != "GET":
            continue
        for known in _things(split, seen, kept, gone):
            if route.arguments and not route.arguments.keys() & known.keys():
                continue
            answer = client.open(route.url(app, **known))
            assert answer.status < 500, route
            if answer.data.startswith(b"%PDF-"):
                continue
            text = without_ids(answer.data.decode())
            if route.endpoint not in _NAMES_TESTS:
                assert [one for one in OTHERS if one in text] == [], (route, known)
            pages += answer.status == 200
    assert pages > 40


# The menu of the day and the partner's own menu name every test there is, and no patient.
_NAMES_TESTS = {"incidents.menu", "stated.menu", "stated.interval", "stated.method"}


def _things(*requests):
    for request_id in requests:
        for tube in tubes_of(request_id):
            yield {"request_id": request_id, "planned_tube_id": tube.planned_tube_id}
    session().rollback()


def test_what_is_not_the_partners_answers_byte_for_byte_as_nothing(app, world, split, kept, gone):
    at_the_partner(world, split)
    client = LabClient(app, checks=False)
    client.sign_in("partner")
    other = next(t.planned_tube_id for t in tubes_of(split) if "CRP" in t.test_words)
    asked = 0
    for route in routes(app):
        if "request_id" not in route.arguments:
            continue
        pairs = [({"request_id": each}, {"request_id": stranger_id()}) for each in (kept, gone)]
        if "planned_tube_id" in route.arguments:
            ours = {"request_id": split}
            pairs.append(
                ({**ours, "planned_tube_id": other}, {**ours, "planned_tube_id": stranger_id()})
            )
        for real, nothing in pairs:
            answers = [
                _said(client.open(route.url(app, **known), method=route.method))
                for known in (real, nothing)
            ]
            assert answers[0] == answers[1], (route, real)
            asked += 1
    assert asked > 60


def test_the_numbers_of_others_are_numbers_of_nobody(app, world, kept, gone):
    client = LabClient(app, checks=False)
    client.sign_in("partner")
    unknown = compose(41, 1, 999_000)
    for request_id in (kept, gone):
        form = session().get_one(Request, request_id).number
        (tube,) = tubes_of(request_id)
        session().rollback()
        for real, nothing in ((form, unknown), (tube.number, for_tube(unknown, 1))):
            for endpoint in ("specimens.receive_scan", "tracking.where", "results.find_on_bench"):
                answers = [
                    _said(client.post(endpoint, {"number": number}), number)
                    for number in (real, nothing)
                ]
                assert answers[0] == answers[1], endpoint


def _said(answer, number=""):
    text = answer.data.decode(errors="replace")
    text = re.sub(r'name="csrf_token"[^>]*value="[^"]*"', "token", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "id", text)
    text = re.sub(r"(data-clock>)\d\d:\d\d", r"\1", text)
    for form in (number, f"{number[:2]} {number[2:3]} {number[3:9]} {number[9:11]} {number[11:]}"):
        text = text.replace(form, "typed") if number else text
    return answer.status, text.replace(
        grouped(ScannedNumber(number).form), "form"
    ) if number else text
