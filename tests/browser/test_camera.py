"""A phone whose camera sees real labels: what it reads goes the way of a scanner, and nothing leaves the phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from playwright.sync_api import Browser, expect

from lab_contingency.incidents.rules import grouped
from tests.browser.conftest import CHROMIUM_ARGUMENTS, executable
from tests.browser.patients import a_patient
from tests.browser.people import Person, numbers_on
from tests.browser.rounds import asked, collected
from tests.browser.video import film

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(chromium, address, inspector, tmp_path) -> Iterator[Callable[..., Person]]:
    """`phone("porter.rowe", labels)`: a phone held over these papers, one after the other; without any, no camera."""
    opened: list[tuple[Browser, Person]] = []

    def take(username: str, papers: Sequence[bytes] = ()) -> Person:
        arguments = [*CHROMIUM_ARGUMENTS]
        if papers:
            seen = film(tmp_path / f"{len(opened)}.y4m", papers)
            arguments += [
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={seen}",
            ]
        browser = chromium.browser_type.launch(executable_path=executable(), args=arguments)
        context = browser.new_context(base_url=address, viewport=PHONE, locale="en-GB")
        context.set_default_timeout(20_000)
        one = Person(context, inspector)
        opened.append((browser, one))
        one.signs_in_as(username)
        return one

    yield take
    complaints = [complaint for _, one in opened for complaint in one.complaints()]
    for browser, _ in opened:
        browser.close()
    assert not complaints, "\n".join(complaints)


def test_a_porter_takes_tubes_over_by_camera_and_sees_no_patient(person, phone):
    patient = a_patient()
    doctor = person("okafor")
    asked(doctor, patient, "FBC", "UE")
    labels = [doctor.prints("Print labels")]
    tubes = numbers_on(labels[0])
    collected(doctor, tubes)
    porter = phone("porter.rowe", labels)
    porter.goes_to("Carry")
    porter.page.get_by_role("link", name="Scan with the camera of this phone").click()
    porter.sees("Scan a tube, a form, a box")
    porter.looks_over(about="camera-off")

    porter.page.get_by_role("button", name="Start the camera").click()

    porter.sees("1 tube taken", grouped(tubes[0]))
    expect(porter.page.get_by_text("Read. Take the next one.")).to_be_visible()
    porter.looks_over(about="camera-on")
    porter.holds_nothing_of(patient)
    assert porter.page.url.endswith("/camera/carry")
    expect(porter.page.locator(".scan-error")).to_have_count(0)  # held there, it is read once
    porter.page.get_by_role("button", name="Stop the camera").click()
    expect(porter.page.get_by_role("button", name="Start the camera")).to_be_visible()


@pytest.mark.feature(23)
@pytest.mark.hazard("T12")
def test_a_wristband_and_a_label_are_matched_by_camera_without_a_name_on_the_screen(person, phone):
    patient = a_patient()
    doctor = person("okafor")
    asked(doctor, patient, "FBC")
    label = doctor.prints("Print labels")
    (tube,) = numbers_on(label)
    nurse = phone("okafor", [label])
    nurse.page.goto("/camera/collect")
    nurse.sees("scan the wristband, the form or a label")
    nurse.page.get_by_role("button", name="Start the camera").click()
    nurse.sees("Read the wristband")
    nurse.holds_nothing_of(patient)
    nurse.page.locator("#main [data-scan-home]").fill(
        patient.nhs
    )  # the field stands beside the camera
    nurse.page.keyboard.press("Enter")
    nurse.sees("Wristband agrees")
    nurse.sees("All agree. Save", grouped(tube))  # the label came by again
    nurse.looks_over(about="bedside")
    nurse.holds_nothing_of(patient)
    nurse.clicks("Save: these are taken")
    nurse.sees("1 tube noted as taken")
    nurse.holds_nothing_of(patient)


def test_a_refused_camera_is_said_in_words_and_the_field_stands_beside_it(phone):
    porter = phone("porter.rowe")
    porter.page.goto("/camera/carry")
    porter.sees("Scan a tube, a form, a box")
    porter.page.get_by_role("button", name="Start the camera").click()
    expect(porter.page.get_by_text("Type the number below.")).to_be_visible()
    expect(porter.page.locator("#main [data-scan-home]")).to_be_visible()
    porter.looks_over(about="camera-refused")


def test_where_the_page_is_not_secure_the_way_out_is_said(person):
    porter = person("porter.rowe")
    porter.page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    porter.page.goto("/camera/carry")
    porter.sees("Scan a tube, a form, a box")
    porter.page.get_by_role("button", name="Start the camera").click()
    expect(porter.page.get_by_text("begins with https")).to_be_visible()
