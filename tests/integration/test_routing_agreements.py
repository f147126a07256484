"""A partner whose agreement ended, or has not begun, is sent nothing new; what it has stays."""

from __future__ import annotations

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RulesBroken
from lab_contingency.network.commands import SetAgreement
from lab_contingency.network.queries.editing import agreement_with
from lab_contingency.network.rules import Acceptance
from lab_contingency.network.services import set_agreement
from lab_contingency.routing.commands import DeclareOutage
from lab_contingency.routing.laboratories.queries.overview import overview
from lab_contingency.routing.planning import services
from lab_contingency.routing.planning.queries.laboratories import at_work
from lab_contingency.routing.planning.queries.plans import plan_view
from lab_contingency.routing.services import declare_outage
from tests.factories.waiting import held_tests, sent, waits

NIGHT = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
ENDED = "its agreement ended on 01-Jan-2025; renew it to send there"
COMING = "its agreement begins on 01-Jan-2027; nothing is sent there before"

pytestmark = [pytest.mark.feature(93), pytest.mark.hazard("H30")]


@pytest.fixture(autouse=True)
def _that_night():
    with clock.at(NIGHT):
        yield


@pytest.fixture
def lab(world):
    return world.laboratories["SWLP-LAB"]


def agreed(world, lab, starts_on, ends_on=None):
    version = agreement_with(lab).version
    held = ("MA-1", Acceptance.PAPER, 10, "Desk", "1", "Senior", "2", starts_on, ends_on)
    with unit_of_work():
        set_agreement(SetAgreement(lab, version, *held), actor=world.coordinator)


def ended(world, lab):
    agreed(world, lab, dt.date(2024, 1, 1), dt.date(2025, 1, 1))


def only(world, lab):
    """Every other laboratory is out of action."""
    for other in world.laboratories.values():
        if other != lab:
            with unit_of_work():
                declare_outage(DeclareOutage(other, "power"), actor=world.coordinator)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "words"),
    [
        (dt.date(2024, 1, 1), dt.date(2025, 1, 1), ENDED),
        (dt.date(2027, 1, 1), None, COMING),
    ],
)
def test_a_partner_without_a_standing_agreement_is_not_chosen(
    app, world, lab, starts_on, ends_on, words
):
    with app.app_context():
        agreed(world, lab, starts_on, ends_on)
        request_id = waits(world, tests=("FBC",))
        with pytest.raises(RulesBroken, match=words):
            sent(world, request_id, "SWLP-LAB")


@pytest.mark.parametrize("ends_on", [None, NIGHT.date(), dt.date(2027, 1, 1)])
def test_on_its_last_day_an_agreement_still_holds(app, world, lab, ends_on):
    with app.app_context():
        agreed(world, lab, NIGHT.date(), ends_on)
        request_id = waits(world, tests=("FBC",))
        sent(world, request_id, "SWLP-LAB")
        assert held_tests(request_id)["FBC"].laboratory_id == lab


def test_no_plan_sends_to_a_partner_whose_agreement_ended(app, world, lab):
    with app.app_context():
        waits(world, tests=("FBC",))
        ended(world, lab)
        only(world, lab)
        with unit_of_work():
            services.plan_again(actor=world.coordinator)
        (row,) = plan_view(world.coordinator).nobody.rows
        assert row.to == ""
        assert (
            "the agreement with South West London Pathology, St George's holds again" in row.helps
        )


def test_what_would_help_is_that_the_agreement_is_renewed(app, world, lab):
    with app.app_context():
        waits(world, tests=("FBC",))
        for name in ("SWLP-LAB", "NWLP-LAB", "BHR-LAB"):
            ended(world, world.laboratories[name])
        for name in set(world.laboratories) - {"SWLP-LAB", "NWLP-LAB", "BHR-LAB"}:
            with unit_of_work():
                declare_outage(
                    DeclareOutage(world.laboratories[name], "power"), actor=world.coordinator
                )
        with unit_of_work():
            services.plan_again(actor=world.coordinator)
        (row,) = plan_view(world.coordinator).nobody.rows
        assert "or the agreements with" in row.helps


def test_a_plan_made_before_it_ended_is_not_accepted_there(app, world, lab):
    with app.app_context():
        request_id = waits(world, tests=("FBC",))
        only(world, lab)
        with unit_of_work():
            plan_id = services.plan_again(actor=world.coordinator)
        ended(world, lab)
        with unit_of_work():
            accepted = services.accept_lines(None, plan_id, actor=world.coordinator)
        assert (accepted.sent, accepted.refused) == (0, 1)
        assert held_tests(request_id)["FBC"].laboratory_id is None
        view = plan_view(world.coordinator)
        (row,) = (*view.in_time.rows, *view.late.rows)
        assert ENDED in row.refused


def test_what_was_sent_before_it_ended_stays_there(app, world, lab, client_for):
    with app.app_context():
        request_id = waits(world, tests=("FBC",))
        sent(world, request_id, "SWLP-LAB")
        ended(world, lab)
        assert held_tests(request_id)["FBC"].laboratory_id == lab
        assert at_work(lab, world.coordinator).bound == 1
    page = client_for("coordinator").get("laboratories.laboratory", laboratory_id=lab)
    assert "cannot be done any more" not in page.words


def test_the_pages_say_that_it_takes_no_work(app, world, lab, client_for):
    with app.app_context():
        ended(world, lab)
    coordinator = client_for("coordinator")
    assert ENDED in coordinator.get("planning.laboratories").words
    assert ENDED in coordinator.get("laboratories.laboratory", laboratory_id=lab).words
    page = coordinator.get("laboratories.overview")
    assert ENDED in page.words
    assert "200 of 200 left" not in page.words


def test_a_laboratory_out_of_action_shows_it_on_the_networks_pages(app, world, client_for):
    place = world.laboratories["KCH-LAB"]
    with app.app_context(), unit_of_work():
        declare_outage(DeclareOutage(place, "no power"), actor=world.coordinator)
    senior, administrator = client_for("senior"), client_for("administrator")
    for page in (
        senior.get("laboratories.overview"),
        senior.get("laboratories.laboratory", laboratory_id=place),
    ):
        assert "OUT OF ACTION" in page.words
        assert "out of action since 03:00: no power" in page.words
        assert "aid by Coordinator" in page.words
        assert "Say that it is back in work" in page.words
    page = administrator.get("laboratories.laboratory", laboratory_id=place)
    assert "The coordinator says when it is back in work." in page.words
    with app.app_context():
        line = next(one for one in overview().lines if one.id == place)
    assert line.takes_nothing


def test_what_stands_at_a_laboratory_out_of_action_is_told_with_the_outage(app, world, client_for):
    place = world.laboratories["KCH-LAB"]
    with app.app_context():
        sent(world, waits(world, tests=("FBC",)))
        with unit_of_work():
            declare_outage(DeclareOutage(place, "no power"), actor=world.coordinator)
    page = client_for("senior").get("laboratories.laboratory", laboratory_id=place)
    assert "1 FBC: out of action since 03:00: no power" in page.words
    assert "would be too old" not in page.words
