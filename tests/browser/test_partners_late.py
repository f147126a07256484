"""A test that nobody can do any more is said before the needle; a late referral is rung about; a month is taken."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import uuid
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from lab_contingency.accounts.models import User
from lab_contingency.accounts.rules import Role
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.network.models import MenuEntry
from lab_contingency.places.models import Laboratory
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries import planned_tubes
from lab_contingency.results.commands import AuthoriseResults, EnterResults
from lab_contingency.results.services import authorise_results, enter_results
from lab_contingency.routing.commands import AssignTests
from lab_contingency.routing.models import Assignment
from lab_contingency.routing.services import assign_tests, publish_what_cannot_be_done
from lab_contingency.specimens.commands import AcceptByHand
from lab_contingency.specimens.rules import HandItem
from lab_contingency.specimens.services import receive_form
from lab_contingency.triage.commands import AcceptTests
from lab_contingency.triage.services import accept_tests
from tests.browser.patients import a_patient
from tests.factories.results import CRP, typed

SYSTEM = Actor.system("tests")
LATE = dt.timedelta(hours=3)


def actor(username: str) -> Actor:
    """The person of the demonstration, as a senior or a partner of South West London."""
    user = session().scalars(select(User).where(User.username == username)).one()
    partner = session().scalars(select(Laboratory).where(Laboratory.code == "SWLP-LAB")).one()
    return Actor(user.id, user.name, Role.PARTNER.value, None, partner.id)


@pytest.mark.feature(94)
@pytest.mark.hazard("H05")
def test_a_test_that_nobody_can_do_any_more_is_said_under_it_and_a_person_offers_it_all_the_same(
    person, demonstration
):
    doctor, porter, coordinator = person("okafor"), person("porter.rowe"), person("bello")
    with demonstration.app_context(), unit_of_work():
        session().execute(delete(MenuEntry).where(MenuEntry.test_code == "CK"))
        record("network:changed", None, actor=SYSTEM)
        publish_what_cannot_be_done()
    for one in (doctor, porter, coordinator):
        one.page.goto("/")
        one.sees("Do not take blood for", "Creatine kinase")
        one.looks_over(about="do-not-bleed")
    doctor.goes_to("Request")
    doctor.sees("do not take blood", "it is on no laboratory’s menu", "If it cannot wait, ring")
    doctor.looks_over(about="do-not-bleed")

    coordinator.goes_to("Today’s menu")
    coordinator.sees("Do not take blood for it: nobody can do it now", "found by routing")
    coordinator.looks_over(about="nobody-can")
    coordinator.chooses("Test that nobody can do", "Creatine kinase")
    coordinator.clicks("Offer it all the same")
    assert coordinator.refusals()
    coordinator.fills("What was arranged", "Dr Shah runs it by hand.")
    coordinator.clicks("Offer it all the same")
    coordinator.sees("Offered although routing finds nobody", "Dr Shah runs it by hand.")
    coordinator.looks_over(about="offered-all-the-same")
    doctor.goes_to("Request")
    doctor.does_not_see("it is on no laboratory’s menu")


@pytest.mark.feature(38)
def test_a_late_referral_is_rung_about_and_goes_when_its_result_is_authorised(
    person, demonstration
):
    patient = a_patient()
    doctor, senior = person("okafor"), person("marsh")
    doctor.goes_to("Request")
    doctor.fills_card(patient, "CRP")
    number = doctor.sends()
    request_id = _sent_to_a_partner(demonstration, number)

    senior.goes_to("Not back")
    senior.sees_page("Not back from partner laboratories")
    senior.sees_in_row(patient.surname, "CRP", "OVERDUE", "Nobody rang yet")
    senior.main.get_by_role("link", name=re.compile(r"^Ring about \d")).first.click()
    senior.sees_page("Ring South West London Pathology, St George's")
    senior.clicks("Note the call")
    assert senior.refusals()
    senior.looks_over(about="refused")
    senior.fills("Who answered", "Priya")
    senior.fills("What was said", "on the analyser")
    promised = clock.london(clock.now() + dt.timedelta(hours=1))
    senior.fills("Results promised for", f"{promised:%H:%M}")
    senior.clicks("Note the call")
    senior.sees("It comes back to the top at")
    senior.sees_in_row(patient.surname, f"expected {promised:%H:%M}", "Priya: on the analyser")
    senior.looks_over(about="rung")
    doctor.goes_to("My patients")
    doctor.sees_in_row(patient.surname, f"expected {promised:%H:%M}")

    _released_by_the_partner(demonstration, request_id)
    senior.goes_to("Not back")
    senior.does_not_see_waiting(patient.surname)


@pytest.mark.feature(100)
def test_the_month_of_a_partner_is_taken_as_a_file(person, demonstration):
    patient = a_patient()
    doctor, coordinator = person("okafor"), person("bello")
    doctor.goes_to("Request")
    doctor.fills_card(patient, "CRP")
    request_id = _sent_to_a_partner(demonstration, doctor.sends())
    _released_by_the_partner(demonstration, request_id)

    coordinator.goes_home_to("Recharge")
    coordinator.sees_page("Recharge")
    coordinator.sees("South West London Pathology, St George's", "C-reactive protein", "£11.50")
    with coordinator.page.expect_download() as download:
        coordinator.main.get_by_role("button", name="Take as CSV").click()
    taken = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(taken)))
    assert ("CRP", "11.50") in {(row["Test code"], row["Price (GBP)"]) for row in rows}
    assert patient.surname.upper() not in taken.upper()


def _sent_to_a_partner(app, number: str) -> uuid.UUID:
    """Accepted, sent to South West London, received there, and late."""
    with app.app_context():
        request = (
            session()
            .scalars(select(Request).where(Request.number == number.replace(" ", "")))
            .one()
        )
        request_id = request.id
        partner = session().scalars(select(Laboratory).where(Laboratory.code == "SWLP-LAB")).one()
        with unit_of_work():
            accept_tests(AcceptTests(request_id, None), actor=SYSTEM)
            command = AssignTests(request_id, None, {"CRP": partner.id})
            assign_tests(command, actor=SYSTEM)
            session().execute(
                update(Assignment)
                .where(Assignment.laboratory_id == partner.id)
                .values(result_at=clock.now() - LATE)
            )
            there = (MenuEntry.laboratory_id == partner.id) & (MenuEntry.test_code == "CRP")
            session().execute(update(MenuEntry).where(there).values(price_pence=1150))
        (tube,) = planned_tubes(request_id)
        with unit_of_work():
            by_hand = AcceptByHand(
                request_id, tube.id, frozenset(HandItem), clock.now() - LATE, "Dr A. Okafor"
            )
            receive_form(by_hand, partner.id, actor=actor("castellan"))
    return request_id


def _released_by_the_partner(app, request_id: uuid.UUID) -> None:
    with app.app_context():
        with unit_of_work():
            enter_results(EnterResults(request_id, typed(CRP=CRP)), actor=actor("castellan"))
        with unit_of_work():
            authorise_results(AuthoriseResults(request_id, ("CRP",)), actor=actor("swlp.second"))
