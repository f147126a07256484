"""The network's pages: who sees and who changes, what was typed is kept, both versions are shown, boxes are filled."""

from __future__ import annotations

import datetime as dt

import pytest

from lab_contingency.catalogue.rules import Discipline
from lab_contingency.catalogue.rules.throughput import MOST_AN_HOUR
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.network.commands import SetSlots
from lab_contingency.network.queries import network
from lab_contingency.network.queries.editing import (
    agreement_with,
    capacity_of,
    laboratory_sheet,
    links_to,
    menu_row,
    slots_of,
    spells_of,
)
from lab_contingency.network.queries.places import all_places, ward_row
from lab_contingency.network.rules import Acceptance, OpenSpell
from lab_contingency.network.services import remove_menu_line, set_slots
from lab_contingency.places.queries import laboratory_by_code
from lab_contingency.requests.rules.bands import Band
from lab_contingency.routing.services import accept_and_assign
from tests.clients import options_of, send_form, stranger_id, value_of
from tests.factories.results import on_the_bench
from tests.factories.waiting import sent, waits
from tests.factories.world import a_request

pytestmark = pytest.mark.feature(32)

MORNING = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _that_morning():
    with clock.at(MORNING):
        yield


@pytest.fixture
def coordinator(client_for, world):
    return client_for("coordinator")


@pytest.fixture
def lab(world):
    return world.laboratories["SWLP-LAB"]


@pytest.mark.feature(39)
def test_the_overview_and_a_partners_card_say_what_a_tired_person_needs(client_for, world, lab):
    page = client_for("senior").get("laboratories.overview")
    assert "South West London Pathology, St George's" in page.words
    assert "200 of 200 left" in page.words
    assert "signs in here" in page.words
    assert "Add a laboratory" not in page.words
    card = client_for("administrator").get("laboratories.laboratory", laboratory_id=lab)
    for words in ("020 7946 0934", "Duty biochemist", "MA-2024-01", "10 min from its door", "open round the clock", "0–8 12, 8–20 40, 20–24 12", "45 min", "£4.20", "1 h 30 min"):  # fmt: skip
        assert words in card.words, words


def test_who_may_only_look_changes_nothing(client_for, world, lab):
    senior = client_for("senior")
    assert "Change the menu" not in senior.get("laboratories.laboratory", laboratory_id=lab).words
    assert senior.get("network.places").status == 200
    for endpoint in ("network.hours", "network.capacity", "network.menu", "network.agreement"):
        assert senior.get(endpoint, laboratory_id=lab).status == 403
    for name in ("doctor", "porter", "scientist", "partner", "governance"):
        assert client_for(name).get("laboratories.overview").status == 403


def test_what_does_not_exist_is_not_found(coordinator, world):
    nobody = stranger_id()
    for endpoint in ("network.hours", "network.capacity", "network.menu", "network.slots", "network.change_laboratory", "network.add_link", "laboratories.laboratory"):  # fmt: skip
        assert coordinator.get(endpoint, laboratory_id=nobody).status == 404, endpoint
    own = world.laboratories["KCH-LAB"]
    assert coordinator.get("network.agreement", laboratory_id=own).status == 404
    assert coordinator.get("network.menu_line", laboratory_id=own, test_code="NONE").status == 404
    assert coordinator.get("network.link", link_id=nobody).status == 404


def test_a_partner_is_added_page_by_page(coordinator, world):
    organisation = next(row.id for row in all_places().organisations if row.ods_code == "RJ7")
    form = {"kind": "partner", "code": "cro-lab", "name": "Croydon laboratory", "organisation": str(organisation), "site": "", "telephone": "020 7946 0800"}  # fmt: skip
    answer = send_form(coordinator, "network.add_laboratory", **form)
    lab = laboratory_by_code("CRO-LAB").id
    card = coordinator.follow(answer)
    assert "it still lacks a menu, opening hours, tests an hour and a way to it" in card.words
    line = {"laboratory_id": lab, "test_code": "TROP"}
    page = coordinator.get("network.menu_line", **line)
    refused = send_form(coordinator, "network.menu_line", page, turnaround="45", method="Roche", price="9.80", **line)  # fmt: skip
    assert refused.status == 422
    assert "Tick what it reports" in refused.words
    assert value_of(refused, "method") == "Roche"
    done = send_form(coordinator, "network.menu_line", page, turnaround="45", method="Roche", price="9.80", analytes=["TNT"], **line)  # fmt: skip
    assert done.status == 303
    assert menu_row(lab, "TROP").price == "£9.80"
    assert send_form(coordinator, "network.hours", laboratory_id=lab, monday="24 h").status == 303
    hours = {f"CHEM-{hour}": "5" for hour in range(24)}
    assert send_form(coordinator, "network.capacity", laboratory_id=lab, **hours).status == 303
    start = f"site:{world.sites['KCH']}"
    way = {"start": start, "travel": "10", "note": "van", "goes": "any"}
    answer = send_form(coordinator, "network.add_link", laboratory_id=lab, **way)
    assert "it still lacks" not in coordinator.follow(answer).words
    agreement = {"reference": "MA-9", "accepts": "paper only", "hand_off_minutes": "20", "custody_contact": "Desk", "custody_telephone": "1", "results_contact": "Senior", "results_telephone": "2", "starts_on": "24/11/2026", "ends_on": ""}  # fmt: skip
    assert send_form(coordinator, "network.agreement", laboratory_id=lab, **agreement).status == 303
    assert agreement_with(lab).accepts is Acceptance.PAPER
    again = send_form(coordinator, "network.add_laboratory", **form)
    assert again.status == 422
    assert "CRO-LAB stands here already" in again.words


def test_a_form_that_was_behind_shows_both_versions_and_keeps_what_was_typed(
    client_for, coordinator, world, lab
):
    page = coordinator.get("network.slots", laboratory_id=lab)
    other = client_for("administrator")
    assert send_form(other, "network.slots", laboratory_id=lab, COAG="", CHEM="50").status == 303
    answer = send_form(coordinator, "network.slots", page, laboratory_id=lab, COAG="", CHEM="10")
    assert answer.status == 409
    assert "There now" in answer.words
    assert value_of(answer, "CHEM") == "10"
    assert "50" in answer.words
    assert slots_of(lab)[Discipline.CHEM] == 50
    data = {"version": value_of(answer, "version"), "COAG": "", "CHEM": "10"}
    assert coordinator.post("network.slots", data, laboratory_id=lab).status == 303
    assert slots_of(lab) == {Discipline.HAEM: 80, Discipline.CHEM: 10}


def test_hours_and_room_are_filled_many_boxes_at_once_before_anything_is_saved(
    coordinator, world, lab
):
    page = coordinator.get("network.hours", laboratory_id=lab)
    fill = {"fill": "1", "fill_days": "work", "fill_with": "07:00–20:00"}
    filled = send_form(
        coordinator, "network.hours", page, laboratory_id=lab, saturday="24 h", sunday="", **fill
    )
    assert filled.status == 200
    assert [value_of(filled, day) for day in ("monday", "friday", "saturday", "sunday")] == ["07:00–20:00", "07:00–20:00", "24 h", ""]  # fmt: skip
    assert spells_of(lab)[6] == (OpenSpell(6, 0, 1440),)
    empty = {"fill": "1", "fill_days": "week", "fill_with": " "}
    kept = send_form(coordinator, "network.hours", laboratory_id=lab, friday="07:00–20:00", **empty)
    assert kept.status == 422
    assert "Type here what stands on all these days." in kept.words
    assert value_of(kept, "friday") == "07:00–20:00"
    wrong = send_form(coordinator, "network.hours", filled, laboratory_id=lab, monday="8–12 h")
    assert wrong.status == 422
    assert value_of(wrong, "monday") == "8–12 h"

    fill = {"fill": "1", "fill_discipline": "all", "fill_from": "8", "fill_until": "20"}
    refused = send_form(
        coordinator, "network.capacity", laboratory_id=lab, fill_number="many", **fill
    )
    assert refused.status == 422
    assert "whole number from 0 to 200" in refused.words
    filled = send_form(coordinator, "network.capacity", laboratory_id=lab, fill_number="7", **fill)
    assert (value_of(filled, "CHEM-8"), value_of(filled, "CHEM-20")) == ("7", "12")
    data = {f"CHEM-{hour}": value_of(filled, f"CHEM-{hour}") for hour in range(24)}
    assert (
        send_form(coordinator, "network.capacity", filled, laboratory_id=lab, **data).status == 303
    )
    assert capacity_of(lab)[Discipline.CHEM] == (12,) * 8 + (7,) * 12 + (12,) * 4


def test_nights_and_breaks_are_typed_in_one_box_a_day_and_read_on_the_card(coordinator, lab):
    days = {
        "monday": "0800-1200, 1400-1800",
        "tuesday": "20:00-08:00",
        "wednesday": "",
        "thursday": "24 hours",
        "friday": "20:00 to 08:00 the next day",
        "saturday": "",
        "sunday": "",
    }
    card = coordinator.follow(send_form(coordinator, "network.hours", laboratory_id=lab, **days))
    assert "Its hours are changed." in card.words
    for words in (
        "Mon 08:00 to 12:00 and 14:00 to 18:00",
        "Tue today 20:00 to 08:00 the next day",
        "Wed shut from 08:00",
        "Thu 24 h",
        "Sat shut from 08:00",
        "Sun shut",
    ):
        assert words in card.words, words
    page = coordinator.get("network.hours", laboratory_id=lab)
    shown = [value_of(page, day) for day in ("monday", "tuesday", "wednesday", "friday")]
    assert shown == ["08:00–12:00, 14:00–18:00", "20:00–08:00 next day", "", "20:00–08:00 next day"]
    # What is shown can be sent again, and nothing is changed by it.
    before = laboratory_sheet(lab).version
    again = {day: value_of(page, day) for day in days}
    assert send_form(coordinator, "network.hours", page, laboratory_id=lab, **again).status == 303
    assert laboratory_sheet(lab).version == before


def test_each_bad_day_gets_its_own_sentence_and_keeps_what_was_typed(coordinator, lab):
    days = {
        "monday": "eight to noon",
        "tuesday": "08:00-13:00, 12:00-18:00",
        "wednesday": "08:00-06:00",
        "thursday": "08:00",
    }
    refused = send_form(coordinator, "network.hours", laboratory_id=lab, **days)
    assert refused.status == 422
    for words in (
        "Type times such as 07:30, not “eight”.",
        "12:00 to 18:00 begins before 08:00 to 13:00 has ended.",
        "08:00 to 06:00 the next day is 22 h.",
        "Type from and to, such as 07:00–20:00",
    ):
        assert words in refused.words, words
    assert {day: value_of(refused, day) for day in days} == days
    over = {**dict.fromkeys(days, ""), "sunday": "20:00-08:00", "monday": "07:00-20:00"}
    refused = send_form(coordinator, "network.hours", laboratory_id=lab, **over)
    assert refused.status == 422
    assert (
        "begins before Sunday’s 20:00 to 08:00 the next day has ended. Let Monday begin at 08:00"
        in refused.words
    )
    assert {day: value_of(refused, day) for day in over} == over
    assert spells_of(lab)[0] == (OpenSpell(0, 0, 1440),)


def test_a_way_gets_a_timetable_is_closed_and_taken_off(coordinator, world, lab):
    link = next(one for one in links_to(lab) if one.start == "King's College Hospital")
    way = {"travel": "35", "note": "van", "goes": "runs"}
    refused = send_form(coordinator, "network.link", link_id=link.id, **way)
    assert refused.status == 422
    assert "Type the times of its runs" in refused.words
    days = {"monday": "07:30 12:00", "tuesday": "12:00"}
    closed = {"closed_until": "18:00", "closed_reason": "Bridge shut"}
    answer = send_form(coordinator, "network.link", link_id=link.id, **way, **days, **closed)
    page = coordinator.follow(answer)
    assert "Mon 07:30 12:00; Tue 12:00" in page.words
    assert "closed until 18:00 Bridge shut" in page.words
    page = coordinator.get("network.link", link_id=link.id)
    data = {"version": value_of(page, "version")}
    page = coordinator.follow(coordinator.post("network.remove_link", data, link_id=link.id))
    assert "No way from King's College Hospital." in page.words
    assert network().way(world.sites["KCH"], lab, MORNING) is None


def test_a_laboratory_is_retired_after_a_page_that_says_what_stands_there(app, coordinator, world):
    place = world.laboratories["KCH-LAB"]
    with app.app_context():
        on_the_bench(world, tests=("FBC",))
        sent(world, waits(world, 2, tests=("UE", "CRP")))
    page = coordinator.get("network.change_laboratory", laboratory_id=place)
    assert "Retire this laboratory" in page.words
    assert '/retire"' not in page.text  # no press of a button on this page retires it
    page = coordinator.get("laboratories.retiring", laboratory_id=place)
    said = "2 tests are bound for it and 1 test is on its bench."
    assert said in page.words
    answer = send_form(coordinator, "network.retire_laboratory", page, laboratory_id=place)
    assert answer.status == 303
    assert said in coordinator.follow(answer).words
    page = coordinator.get("laboratories.retiring", laboratory_id=place)
    assert "It is retired already" in page.words
    nothing = coordinator.get("laboratories.retiring", laboratory_id=world.laboratories["BHR-LAB"])
    assert "No test is bound for it" in nothing.words
    assert coordinator.get("laboratories.retiring", laboratory_id=stranger_id()).status == 404


def test_places_are_added_changed_and_retired(coordinator, world):
    form = {"code": "KCH-NEW", "name": "Winter ward", "site": str(world.sites["KCH"]), "telephone": "4711"}  # fmt: skip
    assert send_form(coordinator, "network.add_ward", **form).status == 303
    row = next(r for r in all_places().wards[world.sites["KCH"]] if r.code == "KCH-NEW")
    answer = send_form(
        coordinator, "network.ward", ward_id=row.id, name="Spring ward", telephone="4712"
    )
    assert "Spring ward 4712" in coordinator.follow(answer).words
    data = {"version": str(ward_row(row.id).version)}
    assert coordinator.post("network.retire_ward", data, ward_id=row.id).status == 303
    assert coordinator.post("network.retire_ward", data, ward_id=row.id).status == 409
    assert (
        send_form(coordinator, "network.add_organisation", code="RX1", name="New trust").status
        == 303
    )
    organisation = next(r.id for r in all_places().organisations if r.ods_code == "RX1")
    site = {"code": "NEW", "name": "New hospital", "organisation": str(organisation), "tube_system": "Sarstedt"}  # fmt: skip
    assert send_form(coordinator, "network.add_site", **site).status == 303
    page = coordinator.get("network.places")
    assert "New hospital" in page.words
    assert "nobody can ask for tests" in page.words
    changed = send_form(
        coordinator, "network.organisation", organisation_id=organisation, name="Newer"
    )
    assert "RX1 Newer" in coordinator.follow(changed).words


def test_a_retired_ward_is_not_on_the_card(client_for, coordinator, world):
    ward = world.wards["KCH-BIRTH"]
    assert str(ward) in options_of(client_for("doctor").get("requests.new"), "ward")
    data = {"version": str(ward_row(ward).version)}
    assert coordinator.post("network.retire_ward", data, ward_id=ward).status == 303
    assert str(ward) not in options_of(client_for("doctor").get("requests.new"), "ward")


@pytest.mark.hazard("H30")
def test_a_test_taken_off_the_menu_says_how_many_open_tests_it_touches(
    client_for, coordinator, world
):
    placed = a_request(world, tests=("MG",), collected_at=MORNING, band=Band.P1)
    with unit_of_work():
        routed = accept_and_assign(placed.request_id, None, actor=world.senior)
    lab = routed.assigned["MG"]
    data = {"version": str(laboratory_sheet(lab).version)}
    answer = coordinator.post("network.remove_menu_line", data, laboratory_id=lab, test_code="MG")
    page = coordinator.follow(answer)
    assert "1 open test stands where it cannot be done any more." in page.words
    assert "1 Magnesium: not on its menu" in page.words
    assert "Tell the senior laboratory" in page.words
    seen = client_for("senior").get("laboratories.overview")
    assert "1 open test cannot be done there" in seen.words
    assert "from the queue" in seen.words
    assert "/queue" in seen.text


@pytest.mark.feature(33)
@pytest.mark.feature(40)
def test_method_turnaround_price_and_slots_are_seen_while_routing(client_for, world, lab):
    who = world.coordinator
    with unit_of_work():
        slots = {Discipline.CHEM: 10}
        set_slots(SetSlots(lab, laboratory_sheet(lab).version, slots), actor=who)
        for code in ("KCH-LAB", "STH-LAB", "UHL-LAB", "NWLP-LAB", "BHR-LAB"):
            other = world.laboratories[code]
            if "CRP" in network().menu(other):
                remove_menu_line(other, "CRP", laboratory_sheet(other).version, actor=who)
    first = a_request(world, tests=("CRP",), collected_at=MORNING)
    with unit_of_work():
        accept_and_assign(first.request_id, None, actor=world.senior)
    page = client_for("senior").get("routing.request", request_id=first.request_id)
    assert "Roche cobas · 1 h 30 min from receipt · £4.20" in page.words
    assert "9 of 10 left today" in page.words


def test_analytes_that_somebody_else_ticked_stand_beside_those_of_a_form_that_was_behind(
    client_for, coordinator, world, lab
):
    line = {"laboratory_id": lab, "test_code": "UE", "turnaround": "90", "method": "Roche cobas"}
    page = coordinator.get("network.menu_line", laboratory_id=lab, test_code="UE")
    other = client_for("administrator")
    assert (
        send_form(other, "network.menu_line", price="", analytes=["NA", "K"], **line).status == 303
    )
    answer = send_form(coordinator, "network.menu_line", page, price="", analytes=["NA"], **line)
    assert answer.status == 409
    assert "It reports NA K NA" in answer.words
    assert menu_row(lab, "UE").analytes == ("NA", "K")


def test_a_number_that_no_laboratory_finishes_is_refused_with_the_largest_and_stays_in_its_box(
    coordinator, world, lab
):
    before = capacity_of(lab)
    page = coordinator.get("network.capacity", laboratory_id=lab)
    most = MOST_AN_HOUR[Discipline.CHEM]
    data = {"CHEM-8": str(most + 1), "CHEM-9": "7", "HAEM-8": "9999"}
    refused = send_form(coordinator, "network.capacity", page, laboratory_id=lab, **data)
    assert refused.status == 422
    said = "No laboratory finishes more than 2,000 tests of chemistry an hour. Type a number from 0 to 2,000."
    assert said in refused.words
    assert "more than 1,000 tests of haematology an hour" in refused.words
    assert [value_of(refused, name) for name in data] == [*data.values()]
    assert capacity_of(lab) == before
    held = {f"CHEM-{hour}": str(most) for hour in range(24)}
    assert send_form(coordinator, "network.capacity", page, laboratory_id=lab, **held).status == 303


def test_filling_many_boxes_refuses_what_one_of_the_benches_cannot_do(coordinator, world, lab):
    fill = {"fill": "1", "fill_from": "8", "fill_until": "20", "fill_number": "500"}
    refused = send_form(
        coordinator, "network.capacity", laboratory_id=lab, fill_discipline="all", **fill
    )
    assert refused.status == 422
    assert "No laboratory finishes more than" in refused.words
    assert value_of(refused, "fill_number") == "500"
    filled = send_form(
        coordinator, "network.capacity", laboratory_id=lab, fill_discipline="CHEM", **fill
    )
    assert value_of(filled, "CHEM-8") == "500"
