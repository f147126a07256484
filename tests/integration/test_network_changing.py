"""Places and network changed one by one: versions, the record, and that routing knows at once."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.queries import history_of
from lab_contingency.catalogue.models import ReferenceInterval
from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken, RulesBroken
from lab_contingency.network.commands import (
    AddLink,
    MenuLine,
    SetAgreement,
    SetCapacity,
    SetHours,
    SetSlots,
    SetWay,
)
from lab_contingency.network.queries import network
from lab_contingency.network.queries.editing import (
    agreement_with,
    laboratory_sheet,
    links_to,
    spells_of,
)
from lab_contingency.network.queries.places import site_row, ward_row
from lab_contingency.network.rules import Acceptance, Departure, OpenSpell
from lab_contingency.network.services import (
    add_link,
    add_menu_line,
    change_link,
    change_menu_line,
    copy_menu,
    open_laboratory,
    remove_link,
    remove_menu_line,
    set_agreement,
    set_capacity,
    set_hours,
    set_slots,
)
from lab_contingency.places.commands import (
    AddLaboratory,
    ChangeLaboratory,
    ChangeSite,
    ChangeWard,
)
from lab_contingency.places.queries import (
    laboratory_by_code,
    ward,
    working_laboratories,
    working_wards,
)
from lab_contingency.places.rules import LaboratoryKind, TubeSystem
from lab_contingency.places.services import (
    bring_back_laboratory,
    bring_back_ward,
    change_laboratory,
    change_site,
    change_ward,
    retire_laboratory,
    retire_ward,
)
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.commands import AssignTests
from lab_contingency.routing.laboratories.queries.overview import card, overview
from lab_contingency.routing.queries.snapshot import snapshot
from lab_contingency.routing.services import accept_and_assign, assign_tests
from lab_contingency.triage.commands import AcceptTests
from lab_contingency.triage.services import accept_tests
from tests.factories.world import a_request, an_identity

pytestmark = pytest.mark.feature(32)

MORNING = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
ALL_WEEK = tuple(OpenSpell(day, 0, 1440) for day in range(7))


@pytest.fixture(autouse=True)
def _that_morning():
    with clock.at(MORNING):
        yield


def version(laboratory_id) -> int:
    return laboratory_sheet(laboratory_id).version


def a_partner(world) -> object:
    """A laboratory that does magnesium around the clock, half an hour from King's."""
    who = world.coordinator
    organisation = laboratory_sheet(world.laboratories["SWLP-LAB"]).organisation_id
    about = ChangeLaboratory("Croydon laboratory", organisation, None, "020 7946 0800")
    with unit_of_work():
        lab = open_laboratory(AddLaboratory("CRO-LAB", LaboratoryKind.PARTNER, about), actor=who)
    with unit_of_work():
        line = MenuLine("MG", 30, "Roche cobas", ("MG",), 310)
        add_menu_line(lab, line, version(lab), actor=who)
        set_hours(SetHours(lab, version(lab), ALL_WEEK), actor=who)
        per_hour = {Discipline.CHEM: (5,) * 24}
        set_capacity(SetCapacity(lab, version(lab), per_hour), actor=who)
        add_link(AddLink(world.sites["KCH"], None, lab, SetWay(10, "van", True, ())), actor=who)
    return lab


def events(action) -> list[AuditEvent]:
    return list(session().scalars(select(AuditEvent).where(AuditEvent.action == action)))


def sent(world, laboratory, *codes) -> object:
    seed = 1 + session().scalars(select(func.count(RequestedTest.id))).one()
    taken = clock.now() - dt.timedelta(minutes=20)
    placed = a_request(world, tests=codes, collected_at=taken, identity=an_identity(seed))
    with unit_of_work():
        accept_tests(AcceptTests(placed.request_id, None), actor=world.senior)
        where = dict.fromkeys(codes, laboratory)
        assign_tests(AssignTests(placed.request_id, None, where), actor=world.senior)
    return placed.request_id


def test_a_new_partner_is_suggested_as_soon_as_it_can_be_reached(world):
    before = snapshot()
    lab = a_partner(world)
    assert snapshot() is not before
    placed = a_request(world, tests=("MG",), collected_at=MORNING - dt.timedelta(minutes=20))
    with unit_of_work():
        for code in ("KCH-LAB", "STH-LAB", "UHL-LAB"):
            own = world.laboratories[code]
            remove_menu_line(own, "MG", version(own), actor=world.coordinator)
        routed = accept_and_assign(placed.request_id, None, actor=world.senior)
    assert dict(routed.assigned) == {"MG": lab}
    intervals = select(ReferenceInterval).where(ReferenceInterval.laboratory_id == lab)
    assert session().scalars(intervals).first() is not None


def test_everything_that_is_changed_is_recorded_with_what_stood_before(world):
    lab = a_partner(world)
    who = world.coordinator
    with unit_of_work():
        set_slots(SetSlots(lab, version(lab), {Discipline.CHEM: 10}), actor=who)
        change_menu_line(lab, MenuLine("MG", 45, "Abbott", ("MG",), None), version(lab), actor=who)
        (link,) = links_to(lab)
        change_link(link.id, SetWay(12, "van", True, ()), link.version, actor=who)
    for action in (
        "laboratory:added",
        "menu_entry:added",
        "opening_hours:set",
        "capacity:set",
        "link:added",
        "agreement:slots_set",
        "menu_entry:changed",
        "link:changed",
    ):
        (event,) = events(action)
        assert (event.actor_name, event.sealed is not None) == (who.name, True), action


def test_saving_what_stands_there_changes_and_records_nothing(world):
    lab = world.laboratories["SWLP-LAB"]
    stands = version(lab)
    with unit_of_work():
        week = tuple(OpenSpell(day, 0, 1440) for day in range(7))
        set_hours(SetHours(lab, stands, week), actor=world.coordinator)
    assert version(lab) == stands
    assert events("opening_hours:set") == []


NIGHTS = tuple(OpenSpell(day, 1200, 1920) for day in range(7))


def test_nights_and_breaks_are_recorded_as_they_are_read_with_what_stood_before(world):
    lab, who = world.laboratories["SWLP-LAB"], world.coordinator
    broken = (OpenSpell(0, 840, 1080), OpenSpell(0, 480, 720), OpenSpell(4, 1200, 1920))
    with unit_of_work():
        set_hours(SetHours(lab, version(lab), broken), actor=who)
    with unit_of_work():
        set_hours(SetHours(lab, version(lab), (*broken[:2], *NIGHTS[4:5])), actor=who)
        set_hours(SetHours(lab, version(lab), NIGHTS[4:5]), actor=who)
    session().rollback()
    told = [dict(each.changes) for each in history_of("opening_hours", lab)]
    last, first = sorted(told, key=len)
    assert first["Mon"] == ("24 h", "08:00 to 12:00 and 14:00 to 18:00")
    assert first["Tue"] == ("24 h", None)
    assert first["Fri"] == ("24 h", "20:00 to 08:00 the next day")
    assert last == {"Mon": ("08:00 to 12:00 and 14:00 to 18:00", None)}
    assert spells_of(lab) == {4: (OpenSpell(4, 1200, 1920),)}


def test_hours_that_overlap_are_refused_day_by_day_and_nothing_is_changed(world):
    lab, who = world.laboratories["SWLP-LAB"], world.coordinator
    week = (
        OpenSpell(6, 1200, 1920),
        OpenSpell(0, 420, 1200),
        OpenSpell(2, 480, 720),
        OpenSpell(2, 700, 1080),
    )
    with pytest.raises(RulesBroken) as refused, unit_of_work():
        set_hours(SetHours(lab, version(lab), week), actor=who)
    assert refused.value.problems == {
        "monday": "07:00 to 20:00 begins before Sunday’s 20:00 to 08:00 the next day has ended. "
        "Let Monday begin at 08:00, or let Sunday’s end sooner.",
        "wednesday": "11:40 to 18:00 begins before 08:00 to 12:00 has ended. "
        "Let one end before the next begins, such as 08:00–12:00, 14:00–18:00.",
    }
    assert spells_of(lab)[0] == (OpenSpell(0, 0, 1440),)


@pytest.mark.hazard("H30")
def test_a_night_laboratory_is_sent_nothing_by_day_that_would_wait_too_long(world):
    lab, who = a_partner(world), world.coordinator
    with unit_of_work():
        set_hours(SetHours(lab, version(lab), NIGHTS), actor=who)
    held = card(lab)
    assert (held.line.open_now, held.line.open_text) == (False, "shut, opens 20:00")
    with clock.at(MORNING.replace(hour=1)):
        assert card(lab).line.open_text == "open until 08:00"
        assert sent(world, lab, "MG")
    with clock.at(MORNING.replace(hour=23)):
        line = card(lab).line
        assert line.open_text == "open until 25-Nov 08:00"
        # Five tests in the one hour that is left of the day.
        assert line.rooms["Chemistry"].left == 5
    with clock.at(MORNING.replace(hour=6)):
        # Two hours of the night and four of the evening.
        assert card(lab).line.rooms["Chemistry"].left == 30


def test_tests_an_hour_that_all_stand_where_it_is_shut_are_told(world):
    lab, who = a_partner(world), world.coordinator
    by_day = (0,) * 8 + (5,) * 12 + (0,) * 4
    with unit_of_work():
        set_capacity(SetCapacity(lab, version(lab), {Discipline.CHEM: by_day}), actor=who)
    assert card(lab).idle == ()
    with unit_of_work():
        set_hours(SetHours(lab, version(lab), NIGHTS), actor=who)
    assert card(lab).idle == ("tests an hour in the hours in which it is open",)
    with unit_of_work():
        set_hours(SetHours(lab, version(lab), (OpenSpell(2, 1170, 1920),)), actor=who)
    assert card(lab).idle == ()


def test_the_room_of_a_day_with_a_break_leaves_the_break_out(world):
    lab, who = a_partner(world), world.coordinator
    week = (OpenSpell(1, 480, 720), OpenSpell(1, 840, 1080))
    with unit_of_work():
        set_hours(SetHours(lab, version(lab), week), actor=who)
    assert card(lab).line.open_text == "open until 12:00"
    assert card(lab).line.rooms["Chemistry"].left == 30
    with clock.at(MORNING.replace(hour=13)):
        assert card(lab).line.open_text == "shut, opens 14:00"
        assert card(lab).line.rooms["Chemistry"].left == 20


@pytest.mark.parametrize("part", ["menu", "hours", "capacity", "slots", "name", "retire"])
def test_a_laboratory_seen_too_long_ago_is_not_changed(world, part):
    lab, who = a_partner(world), world.coordinator
    old = version(lab) - 1
    about = ChangeLaboratory("Other", laboratory_sheet(lab).organisation_id, None, "1")
    acts = {
        "menu": lambda: remove_menu_line(lab, "MG", old, actor=who),
        "hours": lambda: set_hours(SetHours(lab, old, ()), actor=who),
        "capacity": lambda: set_capacity(SetCapacity(lab, old, {}), actor=who),
        "slots": lambda: set_slots(SetSlots(lab, old, {}), actor=who),
        "name": lambda: change_laboratory(lab, about, old, actor=who),
        "retire": lambda: retire_laboratory(lab, old, actor=who),
    }
    with pytest.raises(ChangedByAnother), unit_of_work():
        acts[part]()
    assert laboratory_sheet(lab).name == "Croydon laboratory"


@pytest.mark.feature(39)
def test_an_agreement_is_written_once_and_then_changed_from_its_version(world):
    lab, who = a_partner(world), world.coordinator
    first = SetAgreement(
        lab, 0, "MA-9", Acceptance.PAPER, 20, "Desk", "1", "Senior", "2", dt.date(2026, 11, 1), None
    )
    with unit_of_work():
        set_agreement(first, actor=who)
    assert network().hand_off(lab) == dt.timedelta(minutes=20)
    with pytest.raises(ChangedByAnother), unit_of_work():
        set_agreement(first, actor=who)
    assert agreement_with(lab).version == 1
    own = world.laboratories["KCH-LAB"]
    with pytest.raises(RuleBroken, match="laboratory of ours"), unit_of_work():
        set_agreement(SetAgreement(own, *[0, "", Acceptance.FILE, 0, "", "", "", "", MORNING.date(), None]), actor=who)  # fmt: skip


@pytest.mark.hazard("H30")
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("menu", "not on its menu"),
        ("way", "no way there is known"),
        ("closed", "its sample would be too old"),
        ("hours", "shut"),
        ("capacity", "no capacity"),
        ("retired", "the laboratory is retired"),
    ],
)
def test_a_change_under_what_stands_is_allowed_and_says_what_it_touches(world, change, why):
    lab, who = a_partner(world), world.coordinator
    request_id = sent(world, lab, "MG")
    (link,) = links_to(lab)
    closed = SetWay(10, "van", True, (), MORNING + dt.timedelta(days=9), "Flood")
    acts = {
        "menu": lambda: remove_menu_line(lab, "MG", version(lab), actor=who),
        "way": lambda: remove_link(link.id, link.version, actor=who),
        "closed": lambda: change_link(link.id, closed, link.version, actor=who),
        "hours": lambda: set_hours(SetHours(lab, version(lab), ()), actor=who),
        "capacity": lambda: set_capacity(SetCapacity(lab, version(lab), {}), actor=who),
        "retired": lambda: retire_laboratory(lab, version(lab), actor=who),
    }
    assert card(lab).stuck == ()
    with unit_of_work():
        acts[change]()
    (stuck,) = card(lab).stuck
    assert (stuck.test, stuck.why, stuck.count) == ("Magnesium", why, 1)
    assert sum(line.stuck for line in overview().lines) == 1
    statement = select(RequestedTest.status).where(RequestedTest.request_id == request_id)
    assert session().scalars(statement).one() is TestStatus.ASSIGNED
    # And nothing new can go there.
    with pytest.raises(RulesBroken):
        sent(world, lab, "MG")


@pytest.mark.hazard("H20")
@pytest.mark.feature(40)
def test_slots_below_what_is_given_mean_no_more_today_and_take_nothing_back(world):
    lab, who = a_partner(world), world.coordinator
    sent(world, lab, "MG")
    with unit_of_work():
        set_slots(SetSlots(lab, version(lab), {Discipline.CHEM: 0}), actor=who)
    held = card(lab)
    room = held.line.rooms["Chemistry"]
    assert (room.given, room.takes, held.stuck) == (1, 0, ())
    assert room.slots_text == "1 given, 0 agreed: no more today"


def test_a_retired_laboratory_is_asked_no_more_and_comes_back_with_its_menu(world):
    lab, who = a_partner(world), world.coordinator
    with unit_of_work():
        retire_laboratory(lab, version(lab), actor=who)
    assert lab not in {each.id for each in working_laboratories()}
    assert laboratory_by_code("CRO-LAB").retired
    assert "MG" not in network().menu(lab)
    with unit_of_work():
        bring_back_laboratory(lab, version(lab), actor=who)
    assert "MG" in network().menu(lab)


def test_a_retired_ward_asks_no_more_and_is_still_known(world):
    place, who = world.wards["KCH-BIRTH"], world.coordinator
    with unit_of_work():
        retire_ward(place, ward_row(place).version, actor=who)
    assert place not in {each.id for each in working_wards(world.sites["KCH"])}
    assert ward(place).name == "Labour ward"
    with unit_of_work():
        bring_back_ward(place, ward_row(place).version, actor=who)
    assert place in {each.id for each in working_wards(world.sites["KCH"])}


def test_a_site_may_change_its_tubes_and_a_ward_its_telephone(world):
    key, who = world.sites["UHL"], world.coordinator
    held = site_row(key)
    with unit_of_work():
        bd = ChangeSite(held.name, held.organisation_id, TubeSystem.BD)
        change_site(key, bd, held.version, actor=who)
        place = world.wards["UHL-ED"]
        change_ward(place, ChangeWard("Lewisham ED", "4711"), ward_row(place).version, actor=who)
    assert ward(place).telephone == "4711"
    assert ward(place).site.tube_system is TubeSystem.BD
    assert snapshot().wards[place].telephone == "4711"


def test_a_menu_can_begin_with_another(world):
    lab, source = a_partner(world), world.laboratories["SWLP-LAB"]
    with unit_of_work():
        number = copy_menu(lab, source, version(lab), actor=world.coordinator)
    assert number == len(network().menu(source)) - 1
    assert network().menu(lab)["MG"].turnaround == dt.timedelta(minutes=30)
    assert network().menu(lab)["FBC"].price_pence is None
    with pytest.raises(RuleBroken, match="nothing on that menu"), unit_of_work():
        copy_menu(lab, source, version(lab), actor=world.coordinator)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (MenuLine("MG", 30, "x", (), None), "each once"),
        (MenuLine("MG", 30, "x", ("HB",), None), "does not report HB"),
        (MenuLine("TROP", 30, "x", ("TNT", "TNI"), None), "cannot be compared"),
        (MenuLine("NONE", 30, "x", ("HB",), None), "no test “NONE”"),
    ],
)
def test_a_menu_line_that_cannot_be_is_told(world, line, sentence):
    lab = world.laboratories["BHR-LAB"]
    with pytest.raises(RuleBroken, match=sentence), unit_of_work():
        add_menu_line(lab, line, version(lab), actor=world.coordinator)


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        (SetWay(10, "", False, ()), "times of its runs"),
        (SetWay(10, "", True, (), MORNING - dt.timedelta(hours=1), "Flood"), "has passed"),
        (SetWay(10, "", True, (), MORNING + dt.timedelta(hours=1)), "why it is closed"),
    ],
)
def test_a_way_that_cannot_be_is_told(world, way, sentence):
    lab = a_partner(world)
    (link,) = links_to(lab)
    with pytest.raises(RuleBroken, match=sentence), unit_of_work():
        change_link(link.id, way, link.version, actor=world.coordinator)


def test_a_way_that_stands_is_not_added_again_and_a_changed_timetable_is_a_new_version(world):
    lab, who = a_partner(world), world.coordinator
    (link,) = links_to(lab)
    with pytest.raises(RuleBroken, match="stands here already"), unit_of_work():
        add_link(AddLink(world.sites["KCH"], None, lab, SetWay(9, "", True, ())), actor=who)
    van = SetWay(10, "van", False, (Departure(1, 660),))
    with unit_of_work():
        change_link(link.id, van, link.version, actor=who)
    with pytest.raises(ChangedByAnother), unit_of_work():
        change_link(link.id, van, link.version, actor=who)
    way = network().way(world.sites["KCH"], lab, MORNING)
    assert way.leaves_at == MORNING + dt.timedelta(hours=1)
    with pytest.raises(NotFound), unit_of_work():
        remove_link(lab, 1, actor=who)
