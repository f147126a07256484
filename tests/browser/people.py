"""A person at a browser, in the verbs that people use of their work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import APIResponse, BrowserContext, Locator, Request, Route, expect

from lab_contingency.incidents.rules import grouped
from tests.browser.inspection import Inspector
from tests.browser.patients import Patient
from tests.printing import reading

NAMES = {
    "okafor": "Dr A. Okafor",
    "porter.rowe": "Sam Rowe",
    "nair": "P. Nair",
    "osei": "T. Osei",
    "marsh": "Dr H. Marsh",
    "lindqvist": "Dr M. Lindqvist",
    "castellan": "R. Castellan",
    "bello": "T. Bello",
    "governance": "J. Whitfield",
    "administrator": "L. Fraser",
}
# Colleagues that a story needs beside those, who have the same tabs.
COLLEAGUES = {"swlp.second": "D. Mwangi"}
# The browser's own line for a form that came back with something to put right; no page wrote it.
_REFUSED_FORM = "Failed to load resource: the server responded with a status of 422"
# Its line when somebody was quicker than the page and stands in a box already; no page wrote it.
_QUICK_HAND = "Autofocus processing was blocked because a document already has a focused element."
PATIENCE = 30_000
"""Milliseconds to wait for what must come: a loaded machine is slow, a missing thing never comes."""
expect.set_options(timeout=PATIENCE)
_HAS_FOCUS = "it => it === document.activeElement"
_TABS_MOST = 60
LABEL_DPI = 300


class Person:
    """Somebody signed in. Every page they are shown is watched."""

    def __init__(self, context: BrowserContext, inspector: Inspector) -> None:
        self.context = context
        self.page = context.new_page()
        self.keystrokes = 0
        self.cut_off = False
        self._inspector = inspector
        self._complaints: list[str] = []
        self.page.on("console", lambda said: self._note("console", said.text))
        self.page.on("pageerror", lambda broken: self._note("script", str(broken)))
        context.on("request", self._watch)

    @property
    def main(self) -> Locator:
        """What stands between bar and foot."""
        return self.page.locator("main")

    def complaints(self) -> Iterator[str]:
        """What the browser had to say: nothing is right."""
        yield from self._complaints

    def _note(self, kind: str, said: str) -> None:
        if not (self.cut_off or said.startswith((_REFUSED_FORM, _QUICK_HAND))):
            self._complaints.append(f"{kind} at {self.page.url}: {said}")

    def _watch(self, request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "about:")):
            self._complaints.append(f"asked elsewhere: {request.url}")

    # Coming and going

    def signs_in_as(self, username: str) -> None:
        """One click, as a person of the demonstration."""
        self.page.goto("/")
        name = (NAMES | COLLEAGUES)[username]
        card = self.page.locator("section.person", has_text=name).get_by_role("button")
        other = self.page.get_by_role("button", name=re.compile(rf"^{re.escape(name)},"))
        self._inspector.look_over(self.page, about="signed-out")
        if username in COLLEAGUES:
            self.page.locator("details.others-elsewhere summary").click()
            other = self.page.get_by_role("button", name=name, exact=True)
        card.or_(other).first.click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def goes_to(self, tab: str) -> None:
        """By a tab of the bar."""
        link = self._work().get_by_role("link", name=re.compile(rf"^{re.escape(tab)}"))
        if link.count() == 0:
            self._unfolds()
        with self.page.expect_navigation():
            link.click()

    def _work(self) -> Locator:
        return self.page.get_by_role("navigation", name="Your work")

    def _unfolds(self) -> None:
        """Open “More”, where there is one."""
        folded = self._work().locator("details:not([open]) > summary")
        if folded.is_visible():
            folded.click()

    def goes_home_to(self, duty: str) -> None:
        """By a box of the first page: what is done too seldom for a tab."""
        self.page.goto("/")
        with self.page.expect_navigation():
            self.page.locator("main .duty").filter(
                has=self.page.get_by_text(duty, exact=True)
            ).click()

    def tabs(self) -> list[str]:
        """The names of the tabs, without their counts."""
        self._unfolds()
        links = self._work().get_by_role("link")
        return [re.sub(r"\s*\d+$", "", text.strip()) for text in links.all_inner_texts()]

    def looks_over(self, *, about: str = "") -> None:
        """This page, whatever it is."""
        self._is_ready()
        self._inspector.look_over(self.page, about=about)

    def looks_again(self) -> None:
        """Load the page once more."""
        self.page.reload()

    # Keyboard and scanner

    def types(self, text: str) -> None:
        """Into whatever has the focus."""
        self._is_ready()
        self.page.keyboard.type(text)
        self.keystrokes += len(text)

    def presses(self, *keys: str) -> None:
        """One key after the other."""
        self._is_ready()
        for key in keys:
            self.page.keyboard.press(key)
            self.keystrokes += 1

    def _is_ready(self) -> None:
        """The page has come whole: nobody presses a key before."""
        self.page.wait_for_load_state("load")
        expect(self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)

    def scans(self, text: str) -> None:
        """The scanner types quickly into the scan field that has the focus, and presses Enter."""
        self._is_ready()
        expect(self.page.locator("[data-scan]:focus")).to_be_visible()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def scans_at_once(self, *texts: str) -> None:
        """One after the other, without waiting for an answer."""
        self._is_ready()
        for text in texts:
            self.page.keyboard.type(text)
            self.page.keyboard.press("Enter")

    def scans_without_script(self, text: str) -> None:
        """The same where no script hears it: the browser itself sends the form."""
        field = self.page.locator("main [data-scan]").first
        field.focus()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def reads_wristband(self) -> None:
        """The patient whose card is on the screen wears the NHS number that the card shows."""
        shown = self.main.locator(".patient-strip").inner_text()
        found = re.search(r"999 \d{3} \d{4}", shown)
        assert found, shown
        self.scans(found[0])
        self.sees("Wristband agrees")

    def sticks_on(self, tube: str) -> None:
        """Takes the tube that this label is for in the hand, and scans the label on it."""
        row = self.main.locator(".tube-tick", has_text=grouped(tube))
        hold = row.get_by_role("radio")
        if not hold.is_checked():
            hold.click()
        self.scans(tube)
        expect(row).to_contain_text("label read")

    def asks_where(self, number: str) -> None:
        """The number and Enter, in the bar of any page."""
        self._is_ready()
        self.page.locator("#where-number").focus()
        self.page.keyboard.type(number)
        self.page.keyboard.press("Enter")

    def reaches(self, label: str) -> None:
        """By Tab, as often as it takes, from wherever the focus is."""
        self._is_ready()
        self._tabs_to(self.field(label), label)

    def walks_to(self, surname: str) -> None:
        """With the arrow keys, to the row of that patient."""
        self._is_ready()
        row = self.row(surname)
        expect(row).to_be_visible()
        self.page.locator("h1").click()  # nothing has the focus
        # A list that is fetched anew may lose the place: then the arrows begin at the top again.
        for _ in range(3 * self.page.locator("[data-row]").count() + 1):
            if row.evaluate(_HAS_FOCUS):
                return
            self.presses("ArrowDown")
        raise AssertionError(f"the arrow keys do not lead to {surname}")

    def row(self, surname: str) -> Locator:
        """The row of that patient."""
        return self.page.locator("[data-row]", has_text=surname.upper())

    def types_down(self, first: str, values: Sequence[str]) -> None:
        """From that box on, Enter after each value."""
        self._is_ready()
        self.field(first).focus()
        for value in values:
            self.types(value)
            self.presses("Enter")

    def corrects_to(self, label: str, value: str) -> None:
        """Type something else in a box."""
        self._is_ready()  # before that a script may still take the focus, to what has to be put right
        self.field(label).focus()
        self.presses("Control+A")
        self.types(value)

    def is_at(self, place: Locator) -> None:
        """It has the focus."""
        expect(place).to_be_focused()

    # Seeing

    def sees_page(self, title: str, *, about: str = "") -> None:
        """Its heading; the page is looked over the first time anybody is shown it."""
        heading = self.page.get_by_role("heading", level=1)
        try:
            expect(heading).to_have_text(title)
        except AssertionError as other:
            raise AssertionError(f"{other}\nrefused: {self.refusals()}") from None
        self.page.wait_for_load_state("load")
        self._inspector.look_over(self.page, about=about)

    def refusals(self) -> list[str]:
        """The sentences that say what to put right."""
        return self.page.locator(".error-summary li, .field-error").all_inner_texts()

    def sees(self, *texts: str) -> None:
        """Somewhere in the page."""
        for text in texts:
            expect(self.main).to_contain_text(text)

    def does_not_see(self, *texts: str) -> None:
        """Nowhere in the page, nor in what it was made from."""
        for text in texts:
            expect(self.main).not_to_contain_text(text)

    def finds_typed(self, label: str, value: str) -> None:
        """What was typed is still there."""
        expect(self.field(label)).to_have_value(value)

    def does_not_see_waiting(self, surname: str) -> None:
        """No row with that patient."""
        expect(self.row(surname)).to_have_count(0)

    def sees_in_row(self, surname: str, *texts: str) -> None:
        """In the row of a patient."""
        for text in texts:
            expect(self.row(surname)).to_contain_text(text)

    def follows_in_row(self, surname: str, name: str) -> None:
        """A link in the row of a patient."""
        self.row(surname).get_by_role("link", name=name).click()

    def sees_struck_through(self, text: str) -> None:
        """What does not count any more, still readable."""
        expect(self.main.locator("s", has_text=text).first).to_be_visible()

    def holds_nothing_of(self, patient: Patient) -> None:
        """Not in sight, and not in what the page was made from."""
        self._is_ready()
        held = self.page.content()
        for identifier in patient.identifiers:
            assert identifier not in held, identifier

    def is_turned_away_from(self, address: str, patient: Patient) -> None:
        """The page is refused, and the refusal says nothing of the patient."""
        answer = self.context.request.get(address, headers={"User-Agent": self._agent()})
        assert answer.status in {403, 404}
        assert not [each for each in patient.identifiers if each in answer.text()]

    # The network

    def waits(self, seconds: int) -> None:
        """By a clock that is moved, not by sitting there."""
        self.page.clock.run_for(seconds * 1000)

    @contextmanager
    def waits_long_for(self, pattern: str) -> Iterator[None]:
        """Answers come only when what is done within is over."""
        held: list[Route] = []
        self.page.route(pattern, lambda route: held.append(route))  # noqa: PLW0108 - it wraps no built-in
        yield
        for route in held:
            route.continue_()
        self.page.unroute(pattern)

    def loses_the_network(self) -> None:
        """Nothing answers any more; what the browser says of that is expected."""
        self.cut_off = True
        self.context.set_offline(True)

    def has_the_network_again(self) -> None:
        """It answers."""
        self.context.set_offline(False)

    # Forms

    def field(self, label: str) -> Locator:
        """The field of that label, in the page itself."""
        return self.main.get_by_label(label, exact=True)

    def fills(self, label: str, text: str) -> None:
        """Type into a field."""
        self.main.get_by_label(label).first.fill(text)

    def chooses(self, label: str, choice: str) -> None:
        """From a list."""
        self.main.get_by_label(label).first.select_option(label=choice)

    def ticks(self, label: str) -> None:
        """A box, or one of several choices."""
        self.main.get_by_label(label).first.check()

    def ticks_one_of(self, label: str) -> None:
        """This box and no other of the tests."""
        for box in self.main.locator("input[name=tests]").all():
            box.uncheck()
        self.main.get_by_label(label).first.check()

    def clicks(self, name: str) -> None:
        """A button."""
        self.main.get_by_role("button", name=name).first.click()

    def follows(self, name: str) -> None:
        """A link."""
        self.main.get_by_role("link", name=name).first.click()

    def fills_card(self, patient: Patient, *tests: str, band: str = "P1", answer: str = "") -> None:
        """A card for ED Resus, complete but for sending it; “no” to the question `answer`."""
        self.goes_to("Request")
        self.page.locator("#nhs_number").fill(patient.nhs)
        self.page.locator("#born").fill(patient.born)
        self.page.locator("#surname").fill(patient.surname)
        self.page.locator("#forenames").fill(patient.forename)
        self.page.locator("input[name=sex][value=F]").check()
        self.fills_rest_of_card(*tests, band=band)
        if answer:
            self.chooses(answer, "no")

    def fills_rest_of_card(self, *tests: str, band: str = "P1") -> None:
        """Everything but the patient."""
        self.page.locator("#ward").select_option(label="ED Resus")
        self.page.locator("#bed").fill("4")
        self.page.locator("#callback").fill("bleep 2222")
        for test in tests:
            self.page.locator(f"input[name=tests][value={test}]").check()
        self.page.locator(f"input[name=band][value={band}]").check()
        self.page.locator("#reason_code").select_option(index=1)
        self.page.locator("#clinical_details").fill("Bleeding")
        self.page.locator("#anticoagulant").select_option(label="none")

    def fills_card_by_keyboard(self, patient: Patient, test: str, *, known: bool = False) -> None:
        """The same without a mouse: Tab, Alt with the number of the box, Space, first letters."""
        expect(self.page.locator("#nhs_number")).to_be_focused()
        self.types(patient.nhs)
        self.presses("Tab")
        self.types(patient.born)
        if known:
            self.presses("Tab")
            expect(self.page.locator("#surname")).to_have_value(patient.surname)
        else:
            self.presses("Tab", "Space", "Tab")
            self.types(patient.surname)
            self.presses("Tab")
            self.types(patient.forename)
        self.presses("Alt+2")
        self.types("ED R")
        self.presses("Tab")
        self.types("4")
        self.presses("Tab")
        self.types("2222")
        self.presses("Alt+3")
        self.tabs_to(f"input[name=tests][value={test}]")
        self.presses("Space", "Alt+4", "Space")
        self.tabs_to("#reason_code")
        self.presses("ArrowDown", "Alt+5")
        self.types("Bleeding")

    def tabs_to(self, selector: str) -> None:
        """By Tab to one field."""
        self._tabs_to(self.page.locator(selector), selector)

    def _tabs_to(self, wanted: Locator, name: str) -> None:
        for _ in range(_TABS_MOST):
            if wanted.evaluate(_HAS_FOCUS):
                return
            self.presses("Tab")
        raise AssertionError(f"Tab does not lead to {name}")

    def still_filled(self, patient: Patient, *, but: str = "") -> None:
        """What was typed on the card stands there still."""
        for selector, value in (
            ("#nhs_number", patient.nhs),
            ("#born", patient.born),
            ("#surname", patient.surname),
            ("#forenames", patient.forename),
            ("#callback", "bleep 2222"),
            ("#clinical_details", "Bleeding"),
        ):
            if selector != but:
                expect(self.page.locator(selector)).to_have_value(value)
        expect(self.page.locator("input[name=tests][value=FBC]")).to_be_checked()
        expect(self.page.locator("input[name=band][value=P1]")).to_be_checked()

    def sends(self) -> str:
        """Sign and send; returns the number of the request."""
        self.clicks("Sign and send")
        self.sees_page("Where is it?")
        return self.request_number()

    def request_number(self) -> str:
        """The number in the patient's strip."""
        text = self.main.locator(".patient-strip, [class*=patient]").first.inner_text()
        found = re.search(r"\d{2} \d \d{6} \d{2} \d", text)
        assert found, text
        return found[0].replace(" ", "")

    # Paper

    def prints(self, button: str, **answers: str) -> bytes:
        """Press a print button; what comes out of the printer."""
        answer = self._press(button, **answers)
        assert answer.headers["content-type"] == "application/pdf", answer.text()
        assert answer.headers["cache-control"] == "no-store"
        return answer.body()

    def _press(self, button: str, **answers: str) -> APIResponse:
        pressed = self.main.get_by_role("button", name=button).first
        form = pressed.locator("xpath=ancestor::form[1]")
        sent = {
            each.get_attribute("name") or "": each.get_attribute("value") or ""
            for each in form.locator("input[type=hidden]").all()
        }
        return self.context.request.post(
            form.get_attribute("action") or self.page.url,
            form={**sent, **answers},
            headers={"User-Agent": self._agent()},
        )

    def is_refused_print(self, button: str, sentence: str) -> None:
        """A sentence comes in place of paper."""
        answer = self._press(button)
        assert answer.status == 422
        assert sentence in answer.text()

    def _agent(self) -> str:
        """What the window calls itself: a sign-in holds for that alone."""
        return self.page.evaluate("navigator.userAgent")


def numbers_on(pdf: bytes) -> list[str]:
    """The barcodes of every page, decoded from its pixels."""
    return [
        text
        for page in range(reading.pages(pdf))
        for text in reading.barcodes(pdf, LABEL_DPI, page)
    ]
