"""A partner laboratory at its own screen: two tubes come, one cannot be used, a question goes and comes back."""

from __future__ import annotations

import re

import pytest

from lab_contingency.incidents.rules import grouped
from tests.browser.patients import a_patient
from tests.browser.rounds import COUNT, COUNT_AGREES, compared, received, typed

THEIRS = "South West London Pathology"


@pytest.mark.feature(36)
@pytest.mark.feature(103)
@pytest.mark.hazard("08")
def test_two_tubes_come_and_one_result_goes_back_with_the_partners_name_and_interval(person):
    patient = a_patient()
    doctor, scientist = person("okafor"), person("nair")
    senior, partner, colleague = person("marsh"), person("castellan"), person("swlp.second")
    tubes = received(doctor, scientist, patient, "FBC", "CRP")
    _sent_to_the_partner(senior, scientist, patient, tubes)

    partner.goes_to("To us")
    partner.sees_page("To us")
    partner.sees("On the way", *(grouped(tube) for tube in tubes))
    partner.holds_nothing_of(patient)
    _states_its_interval(partner)

    partner.goes_to("Receive")
    for tube in tubes:
        partner.scans(tube)
        partner.sees(grouped(tube), patient.surname.upper())
    blood, serum = _by_kind(partner, tubes)
    partner.asks_where(serum)
    partner.sees_page("Where is it?", about="partner")
    _rejects(partner, serum)
    _asks_and_is_answered(partner, senior, blood)

    typed(partner, blood, {**COUNT, "Haemoglobin": "114"})
    compared(colleague, patient, COUNT_AGREES, "Authorise the ticked tests")
    colleague.sees("Authorised. The ward can read it now.")

    doctor.goes_to("Results to read")
    doctor.follows_in_row(patient.surname, "41 1")
    doctor.sees_page("Where is it?", about="ready-from-partner")
    doctor.follows("Read the results")
    doctor.sees_page("Results", about="from-partner")
    doctor.sees(THEIRS, "112–151", "114")


def _sent_to_the_partner(senior, scientist, patient, tubes):
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.presses("l")
    senior.sees_page("Choose laboratory")
    for choice in senior.main.locator("label.choose-one", has_text=THEIRS).all():
        choice.click()
    senior.clicks("Send there")
    senior.sees_page("Queue")
    for tube in tubes:
        scientist.goes_to("Send out")
        scientist.main.locator("form[aria-labelledby=send-one] [data-scan]").fill(tube)
        scientist.clicks("It leaves now")
        scientist.sees("On the way to")


def _states_its_interval(partner):
    partner.goes_home_to("Intervals")
    partner.sees_page("Our intervals and methods")
    partner.main.locator("summary", has_text="Full blood count").click()
    partner.follows("State an interval of Haemoglobin")
    partner.sees_page("Interval of Haemoglobin")
    partner.clicks("State it")
    partner.sees_page("Interval of Haemoglobin", about="refused")
    partner.fills("Lower end", "112")
    partner.fills("Upper end", "151")
    partner.main.get_by_label("women", exact=True).check()
    partner.clicks("State it")
    partner.sees("Stated. It stands beside results from that day on.", "112–151")


def _by_kind(partner, tubes):
    """Which tube is the blood count’s, and which the protein’s: as the desk shows them."""
    rows = partner.main.locator("tr, .last-in")
    blood = next(
        tube
        for tube in tubes
        if re.search("FBC", " ".join(rows.filter(has_text=grouped(tube)).all_inner_texts()))
    )
    (serum,) = set(tubes) - {blood}
    return blood, serum


def _rejects(partner, tube):
    partner.goes_to("Receive")
    partner.scans(tube)
    partner.sees("Received already")
    partner.clicks("Reject this tube")
    partner.sees_page("Reject a tube")
    partner.chooses("Why it is rejected", "haemolysed")
    partner.clicks("Reject this tube")
    partner.sees("Rejected. The ward is asked to take it again.")


def _asks_and_is_answered(partner, senior, tube):
    partner.asks_where(tube)
    partner.clicks("Ask a question")
    partner.sees_page("Ask about this request")
    partner.clicks("Ask")
    partner.sees("Choose what you ask.")
    partner.ticks("Two collection times: which one is right?")
    partner.fills("In your words", "The tube says 02:10, the form 03:10.")
    partner.main.get_by_role("button", name="Ask", exact=True).click()
    partner.sees_page("Question")

    senior.goes_to("Questions")
    senior.sees_page("Questions")
    senior.sees("The tube says 02:10, the form 03:10.")
    senior.follows("Two collection times: which one is right?")
    senior.sees_page("Question", about="to-answer")
    senior.fills("What is said", "03:10 is right: the card was late.")
    senior.clicks("Save")
    senior.sees("Noted. The other side sees it on its page.")

    partner.goes_to("Questions")
    partner.sees_page("Questions", about="answered")
    partner.sees("Answered in the last 24 hours")
    partner.follows("Two collection times: which one is right?")
    partner.sees("03:10 is right: the card was late.")
