"""The queue by keyboard: another priority, hold, decline; and what the ward is told."""

from __future__ import annotations

from tests.browser.patients import a_patient
from tests.browser.rounds import asked


def test_a_lower_priority_asks_for_a_reason(person):
    patient = a_patient()
    asked(person("okafor"), patient, "FBC")
    senior = person("marsh")
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.presses("3")
    senior.sees_page("Change priority")
    senior.presses("Control+Enter")
    senior.sees("Choose a reason. The ward reads it.")
    senior.sees_page("Change priority")
    senior.chooses("Reason", "The patient is stable")
    senior.presses("Control+Enter")
    senior.sees_in_row(patient.surname, "P3 DAYS", "asked P1")


def test_the_ward_reads_why_a_test_waits_and_why_another_is_not_done(person):
    patient = a_patient()
    doctor, senior = person("okafor"), person("marsh")
    asked(doctor, patient, "FBC", "CRP")
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.presses("h")
    senior.sees_page("Hold")
    senior.ticks_one_of("CRP")
    senior.chooses("Reason", "No capacity now")
    senior.presses("Control+Enter")
    senior.sees_page("Queue")
    senior.walks_to(patient.surname)
    senior.presses("d")
    senior.sees_page("Decline")
    senior.ticks_one_of("FBC")
    senior.clicks("Decline the ticked tests")
    senior.sees("Choose a reason. The ward reads it.")
    senior.chooses("Reason", "Done too recently to have changed")
    senior.clicks("Decline the ticked tests")

    doctor.goes_to("My patients")
    doctor.follows_in_row(patient.surname, "41 1")
    doctor.sees("No capacity now", "Done too recently to have changed", "Use the last result.")
    doctor.sees_page("Where is it?", about="declined")


def test_the_queue_moves_by_itself_and_says_when_it_no_longer_hears(person):
    patient = a_patient()
    senior = person("marsh")
    senior.page.clock.install()
    senior.goes_to("Queue")
    senior.does_not_see_waiting(patient.surname)
    asked(person("okafor"), patient, "FBC")
    senior.waits(6)
    senior.sees_in_row(patient.surname, "FBC", "not taken yet")

    senior.loses_the_network()
    senior.waits(70)
    senior.sees("Ring before you rely on it. Its buttons are off until it answers.")
    senior.walks_to(patient.surname)
    senior.presses("Enter")
    senior.sees("Ring before you rely on it.")
    senior.has_the_network_again()
    senior.waits(6)
    senior.does_not_see("Ring before you rely on it.")
    senior.sees_in_row(patient.surname, "not taken yet")


def test_several_rows_are_chosen_with_space_and_accepted_together(person):
    patients = [a_patient(), a_patient()]
    doctor, senior = person("okafor"), person("marsh")
    for patient in patients:
        asked(doctor, patient, "FBC")
    senior.goes_to("Queue")
    senior.does_not_see("Accept the 1 chosen")
    for number, patient in enumerate(patients, 1):
        senior.walks_to(patient.surname)
        senior.presses("Space")
        senior.sees(f"{number} chosen", f"Accept the {number} chosen")
    senior.sees_page("Queue", about="chosen")
    senior.presses("Control+Enter")
    senior.sees("Accepted 2 requests.")
    for patient in patients:
        senior.sees_in_row(patient.surname, "laboratory chosen")


def test_a_chosen_row_stays_chosen_while_the_list_moves_unless_it_changed(person):
    patient, other = a_patient(), a_patient()
    doctor, senior, second = person("okafor"), person("marsh"), person("lindqvist")
    asked(doctor, patient, "FBC")
    senior.page.clock.install()
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.presses("Space")
    asked(doctor, other, "FBC")
    senior.waits(6)
    senior.sees_in_row(other.surname, "not taken yet")
    senior.sees("1 chosen")
    second.goes_to("Queue")
    second.walks_to(patient.surname)
    second.presses("Enter")
    second.sees_in_row(patient.surname, "laboratory chosen")
    senior.waits(6)
    senior.sees_in_row(patient.surname, "laboratory chosen")
    senior.sees("1 changed: look again")
    senior.does_not_see("1 chosen")


def test_without_script_ticked_rows_are_accepted_together(person):
    patient = a_patient()
    asked(person("okafor"), patient, "FBC")
    senior = person("marsh", script=False)
    senior.goes_to("Queue")
    senior.clicks("Accept the chosen")
    senior.sees("Choose a row first: tick it, or press Space on it.")
    senior.row(patient.surname).get_by_role("checkbox").check()
    senior.clicks("Accept the chosen")
    senior.sees("Accepted 1 request.")


def test_the_keys_of_a_row_lead_where_they_say(person):
    patient = a_patient()
    asked(person("okafor"), patient, "FBC")
    senior = person("marsh")
    for key, title in (
        ("o", "Where is it?"),
        ("l", "Choose laboratory"),
        ("p", "Change priority"),
        ("2", "Change priority"),
        ("h", "Hold"),
        ("d", "Decline"),
    ):
        senior.goes_to("Queue")
        senior.walks_to(patient.surname)
        senior.presses(key)
        senior.sees_page(title)


def test_the_ward_is_called_from_the_row(person):
    patient = a_patient()
    asked(person("okafor"), patient, "FBC")
    senior = person("marsh")
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.sees_in_row(patient.surname, "call the ward", "bleep 2222")
    senior.presses("c")
    senior.is_at(senior.row(patient.surname).locator("[data-key=C] a[href^='tel:']"))
    senior.sees_page("Queue", about="calling")


def test_single_letters_are_switched_off_and_on_from_the_list_of_keys(person):
    patient = a_patient()
    asked(person("okafor"), patient, "FBC")
    senior = person("marsh")
    senior.goes_to("Queue")
    senior.presses("?")
    senior.page.get_by_label("Single letters, figures and signs").uncheck()
    senior.looks_again()
    senior.walks_to(patient.surname)
    senior.presses("h", "3", "?", "/")
    senior.sees_page("Queue")
    senior.is_at(senior.row(patient.surname))
    senior.page.locator("[data-key-list] summary").click()
    senior.page.get_by_label("Single letters, figures and signs").check()
    senior.walks_to(patient.surname)
    senior.presses("h")
    senior.sees_page("Hold")


def test_a_letter_typed_in_a_text_box_is_text(person):
    patient = a_patient()
    asked(person("okafor"), patient, "FBC")
    senior = person("marsh")
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.presses("/")
    senior.types("hdn")
    senior.sees_page("Queue")


# This row alone is overdue, whoever else waits here; the list is fetched again every few seconds, and the row with it.
_OVERDUE = """it => {
    const name = it.id;
    const mark = () => {
        for (const row of document.querySelectorAll("[data-row]")) row.toggleAttribute("data-overdue", row.id === name);
    };
    mark();
    new MutationObserver(mark).observe(document.body, {childList: true, subtree: true});
}"""


def test_the_next_overdue_row_is_found_by_its_key_and_by_its_button(person):
    patient = a_patient()
    asked(person("okafor"), patient, "FBC")
    senior = person("marsh")
    senior.goes_to("Queue")
    senior.row(patient.surname).evaluate(_OVERDUE)
    senior.page.locator("h1").click()
    senior.presses("n")
    senior.is_at(senior.row(patient.surname))
    senior.page.locator("h1").click()
    senior.follows("next overdue")
    senior.is_at(senior.row(patient.surname))
