"""Typing results by keyboard: flags at once, comments, repeats, what is not done."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.patients import a_patient
from tests.browser.people import Person
from tests.browser.rounds import accepted, received


def at_the_bench(person, *tests: str, **keys: bool) -> Person:
    patient, doctor, scientist = a_patient(), person("okafor"), person("nair", **keys)
    (tube,) = received(doctor, person("nair"), patient, *tests)
    accepted(person("marsh"), patient)
    scientist.goes_to("Bench")
    if keys:
        scientist.scans_without_script(tube)
    else:
        scientist.scans(tube)
    scientist.sees_page("Type results")
    return scientist


def row(scientist: Person, name: str):
    """The row of that value."""
    return scientist.field(name).locator("xpath=ancestor::tr")


def test_a_box_that_is_left_shows_flag_and_message_at_once(person):
    scientist = at_the_bench(person, "UE")
    scientist.types_down("Sodium", ["131", "6.8"])
    expect(row(scientist, "Sodium")).to_contain_text("low")
    expect(row(scientist, "Potassium")).to_contain_text("critical")
    scientist.sees("Telephoned as soon as a colleague has checked it.", "Same on repeat?")
    scientist.looks_over(about="judged")
    scientist.corrects_to("Potassium", "68")
    scientist.presses("Enter")
    scientist.sees("68 mmol/L cannot be potassium.", "1 to put right")
    scientist.does_not_see("Telephoned as soon as")
    scientist.corrects_to("Potassium", "4.8")
    scientist.presses("Enter")
    scientist.does_not_see("cannot be potassium", "to put right")
    expect(row(scientist, "Potassium").locator(".g-flag")).to_have_text("")


def test_a_comment_and_a_repeat_are_typed_by_key_and_read_at_the_check(person):
    scientist = at_the_bench(person, "UE")
    scientist.types_down("Sodium", ["131"])
    scientist.types("6.8y")
    scientist.finds_typed("Potassium", "6.8")
    expect(scientist.field("Potassium")).to_be_focused()
    scientist.types("f")
    scientist.is_at(scientist.field("Comment on Potassium"))
    scientist.types("no haemolysis, fresh")
    scientist.presses("Enter")
    scientist.is_at(scientist.field("Urea"))
    scientist.types("6.1n")
    scientist.finds_typed("Urea", "6.1")
    scientist.presses("Enter")
    scientist.types("..")
    scientist.finds_typed("Creatinine", "not done")
    scientist.presses("Enter")
    scientist.types_down("Chloride", ["101", "24"])
    scientist.presses("Control+Enter")
    scientist.sees("can be checked by a colleague now")
    scientist.finds_typed("Comment on Potassium", "no haemolysis, fresh")
    assert scientist.main.locator("[data-repeat=yes]:checked").count() == 1

    colleague = person("osei")
    colleague.page.goto(f"{scientist.page.url}/check")
    colleague.sees_page("Check results", about="repeated")
    colleague.sees("Repeated, the same. no haemolysis, fresh", "Not repeated yet.", "not done")


def test_the_keys_of_the_grid_have_buttons(person):
    scientist = at_the_bench(person, "UE")
    scientist.field("Potassium").focus()
    scientist.types("5.9")
    scientist.clicks("comment, repeat")
    scientist.is_at(scientist.field("Comment on Potassium"))
    scientist.field("Urea").focus()
    scientist.clicks("not done")
    scientist.finds_typed("Urea", "not done")
    scientist.presses("Alt+p")
    scientist.sees_page("Results")


def test_a_word_typed_in_an_empty_box_is_a_word(person):
    scientist = at_the_bench(person, "UE")
    scientist.types("not done")
    scientist.finds_typed("Sodium", "not done")


def test_without_script_comments_and_flags_come_with_saving(person):
    scientist = at_the_bench(person, "CRP", script=False)
    scientist.fills("CRP", "188")
    scientist.ticks("Comment and repeat under every value")
    scientist.fills("Comment on CRP", "lipaemic")
    scientist.ticks("repeated, the same")
    scientist.clicks("Save for second check")
    scientist.sees("can be checked by a colleague now", "high")
    scientist.finds_typed("Comment on CRP", "lipaemic")
