"""Setting a node up in a browser at the server itself, from the code on the console to the first sign-in."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from lab_contingency import create_app
from lab_contingency.accounts.first_run import services
from lab_contingency.foundation.database import db
from lab_contingency.foundation.sealing import keys_state
from lab_contingency.foundation.settings import Settings
from lab_contingency.rehearsal.starting import prepare
from tests.browser.conftest import _Quiet
from tests.browser.people import PATIENCE
from tests.first_run import ADMINISTRATOR, FIRST, GROUP, SECOND, Console, offered, text_of


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def fresh(request, chromium, tmp_path) -> Iterator[tuple[Page, Flask, Console]]:
    """A live node that was never set up, its console, and a browser on the same computer."""
    settings = Settings(data=tmp_path / "live")
    app = create_app(settings)
    with app.app_context():
        prepare(settings)
    console = offered(app)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = chromium.new_context(
        base_url=f"http://127.0.0.1:{server.server_port}",
        viewport={"width": 1280, "height": 900},
        locale="en-GB",
        java_script_enabled=request.param,
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda broken: complaints.append(str(broken)))
    yield page, app, console
    context.close()
    server.shutdown()
    thread.join(5)
    server.server_close()
    with app.app_context():
        db.engine.dispose()
    assert complaints == []


def _person(page: Page, name: str, passphrase: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Passphrase", exact=True).fill(passphrase)
    page.get_by_label("The same again").fill(passphrase)


def _is_at(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def _printed(page: Page, link: str) -> str:
    """What the paper says that the link leads to."""
    href = page.get_by_role("link", name=link).get_attribute("href")
    assert href
    return text_of(page.request.get(href).body())


@pytest.mark.feature(74)
def test_a_node_is_set_up_at_three_in_the_morning(fresh, inspector):
    page, app, console = fresh

    def look(about: str = "") -> None:
        inspector.look_over(page, about=about)

    page.goto("/")
    _is_at(page, "Not set up yet")
    look("not-set-up")
    page.get_by_role("button", name="Set it up").click()
    _is_at(page, "Set up this program")
    look()
    page.get_by_label("Code on the console").fill("aaaa-bbbb-cccc-dddd")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("alert")).to_contain_text("not the code")
    look()
    page.get_by_label("Code on the console").fill(console.code)
    page.keyboard.press("Enter")

    _is_at(page, "The administrator")
    look()
    page.get_by_label("User name").fill("anna.fraser")
    _person(page, "Anna Fraser", "hospital laboratory 1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("first that anybody tries")
    look()
    _person(page, "Anna Fraser", ADMINISTRATOR)
    page.keyboard.press("Enter")
    _is_at(page, "The first custodian")
    look()
    _person(page, "Bo Adeyemi", FIRST)
    page.keyboard.press("Enter")
    _is_at(page, "The second custodian")
    page.get_by_role("link", name="Back").click()
    _is_at(page, "The first custodian")
    expect(page.get_by_label("Passphrase", exact=True)).to_have_value("")
    page.get_by_role("button", name="Go on").click()
    _is_at(page, "The second custodian")
    look()
    _person(page, "Chika Obi", SECOND)
    page.keyboard.press("Enter")

    _is_at(page, "Print the recovery sheet")
    look()
    groups = GROUP.findall(_printed(page, "Open the sheet"))[:8]
    page.get_by_role("button", name="It is printed").click()
    _is_at(page, "Type the sheet back")
    look()
    page.get_by_label("The eight groups").fill(" ".join([*groups[:4], "AAAAB", *groups[5:]]))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("Group 5")
    look()
    page.get_by_label("The eight groups").fill(" ".join(groups).lower())
    page.get_by_role("button", name="Go on").click()

    _is_at(page, "A key file, or none")
    look()
    page.get_by_role("button", name="Go on").click()
    _is_at(page, "Is the clock right?")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("set the computer’s clock first")
    look()
    page.get_by_label("Date and time are right").check()
    page.get_by_role("button", name="Go on").click()
    _is_at(page, "Print a test label")
    look()
    number = "".join(filter(str.isdigit, _printed(page, "Open the label").split("tube")[-1]))
    page.get_by_label("Number on the label").fill(number)
    page.keyboard.press("Enter")  # as the scanner ends it
    _is_at(page, "Trust on the network")
    look()
    page.get_by_role("button", name="Go on").click()
    _is_at(page, "Make the keys")
    expect(page.get_by_text("Bo Adeyemi, Chika Obi")).to_be_visible()
    look()
    assert keys_state(app) == "not set up"
    page.get_by_role("button", name="Finish").click()

    _is_at(page, "It is set up")
    look()
    assert keys_state(app) == "open"
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("User name").fill("anna.fraser")
    page.get_by_label("Passphrase", exact=True).fill(ADMINISTRATOR)
    page.keyboard.press("Enter")
    _is_at(page, "Codes from your phone")
    assert services.first_run_of(app).finished_at is not None


def test_a_second_browser_is_told(fresh, inspector):
    page, app, console = fresh
    services.first_run_of(app).give(console.code)

    page.goto("/first-run")

    expect(page.get_by_text("Set-up goes on in another browser")).to_be_visible()
    inspector.look_over(page, about="second")
