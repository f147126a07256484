"""One ward computer, two people: nothing of the first is left for the second, and a PIN signs."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from lab_contingency import create_app
from lab_contingency.accounts.commands import EnrolDevice
from lab_contingency.accounts.devices import enrol_device
from lab_contingency.accounts.models import SignIn
from lab_contingency.accounts.rules import Role, ScreenKind
from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.keys import Cost, RecoverySecret, make_keys
from lab_contingency.foundation.settings import Settings
from lab_contingency.rehearsal.starting import prepare
from lab_contingency.requests.models import Request
from tests.browser.conftest import _Quiet
from tests.browser.people import PATIENCE
from tests.factories.results import CRP, enter, on_the_bench
from tests.factories.world import SYSTEM, an_identity, make_world
from tests.shared_computers import CODE, OWN, a_person

ADA, BEN, EVE = "803719", "520864", "417396"


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> Iterator[tuple[Flask, str]]:
    """A live node with two nurses and a senior, served on this computer."""
    folder = tmp_path_factory.mktemp("live")
    settings = Settings(data=folder, key_file=folder / "opens.key")
    make_keys(
        settings.keys_file,
        [("Anna", "twelve quiet herons"), ("Bo", "green kettles sing")],
        recovery=RecoverySecret.new(),
        key_file=settings.key_file,
        cost=Cost(64, 1, 1),
    )
    app = create_app(settings)
    with app.app_context():
        prepare(settings, examples=False)
        world = make_world()
        for name in ("ada.one", "ben.two"):
            a_person(name, Role.REQUESTER, site_id=world.sites["KCH"])
        a_person("eve.senior", Role.SENIOR, laboratory_id=world.laboratories["KCH-LAB"])
        request_id = on_the_bench(world, tests=("CRP",), identity=an_identity(nhs_number=""))
        enter(request_id, world.scientist, CRP=CRP)
    app.extensions["the_crp"] = request_id
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def ward_pc(chromium, live) -> Iterator[Page]:
    """A browser of its own that becomes an enrolled ward computer through its pages."""
    app, address = live
    context: BrowserContext = chromium.new_context(
        base_url=address, viewport={"width": 1280, "height": 900}, locale="en-GB"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda broken: complaints.append(str(broken)))
    _enrol(page, app)
    yield page
    context.close()
    assert complaints == []


def _enrol(page: Page, app: Flask) -> None:
    page.goto("/sign-in")
    page.get_by_role("link", name="Enrol this device").click()
    page.get_by_role("button", name="Show a code").click()
    code = CODE.search(page.locator(".enrol-code").inner_text())
    assert code
    with app.app_context(), unit_of_work():
        enrol_device(EnrolDevice(code.group(), "ED Resus 2", ScreenKind.WARD), actor=SYSTEM)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This device is enrolled.")).to_be_visible()


def _signs_in(page: Page, name: str, pin: str) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Passphrase", exact=True).fill(OWN)
    page.get_by_label("Passphrase", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Choose a PIN")).to_be_visible()
    page.get_by_label("Six digits").fill(pin)
    page.get_by_label("The same again").fill(pin)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Lock")).to_be_visible()


def _locked(page: Page) -> None:
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()


@pytest.mark.hazard("H34")
def test_a_second_person_at_a_ward_computer_finds_nothing_of_the_first(ward_pc, live, inspector):
    page, (app, _) = ward_pc, live
    inspector.look_over(page, about="enrolled")
    _signs_in(page, "ada.one", ADA)
    page.goto("/requests/new")
    page.get_by_label("Surname").fill("NIGHTINGALE")
    page.keyboard.press("Alt+l")
    _locked(page)
    inspector.look_over(page, about="one")
    assert "NIGHTINGALE" not in page.content()

    page.go_back()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    assert "NIGHTINGALE" not in page.content()

    page.get_by_role("link", name="Sign in with your passphrase").click()
    _signs_in(page, "ben.two", BEN)
    expect(page.locator(".bar-who")).to_contain_text("Ben Two")
    page.goto("/requests/new")
    expect(page.get_by_label("Surname")).to_have_value("")
    expect(page.get_by_text("had begun a card")).to_have_count(0)
    page.get_by_role("button", name="Lock").click()
    _locked(page)
    inspector.look_over(page, about="two")

    # Ada comes back with a click and seven keys, to the page where she was.
    page.get_by_text("Ada One").click()
    page.keyboard.type(ADA)
    page.keyboard.press("Enter")
    expect(page.locator(".bar-who")).to_contain_text("Ada One")
    assert page.url.endswith("/requests/new")
    page.get_by_role("button", name="Take it up again").click()
    expect(page.get_by_label("Surname")).to_have_value("NIGHTINGALE")

    with app.app_context():
        owners = {row.id: row.grant.user_id for row in session().scalars(select(SignIn))}
        events = session().scalars(select(AuditEvent).where(AuditEvent.sign_in_id.is_not(None)))
        assert all(owners[event.sign_in_id] == event.user_id for event in events)
        assert session().scalars(select(Request.requested_at)).all()


@pytest.mark.hazard("H34")
def test_a_screen_left_alone_is_taken_away_and_the_server_forgets(ward_pc, live):
    page, (app, _) = ward_pc, live
    _signs_in(page, "ada.one", ADA)
    page.clock.install()
    page.goto("/requests/new")
    page.get_by_label("Surname").fill("NIGHTINGALE")
    page.clock.run_for(110_000)
    expect(page.get_by_label("Surname")).to_have_value("NIGHTINGALE")
    page.clock.run_for(15_000)
    _locked(page)
    assert "NIGHTINGALE" not in page.content()

    with app.app_context():
        newest = session().scalars(select(SignIn).order_by(SignIn.started_at.desc())).first()
        assert newest.ended_at is not None
        assert clock.now() - newest.ended_at < dt.timedelta(minutes=1)


def test_typing_keeps_the_screen_and_two_windows_lock_together(ward_pc):
    page = ward_pc
    _signs_in(page, "ada.one", ADA)
    other = page.context.new_page()
    page.context.clock.install()
    for window in (page, other):
        window.goto("/requests/new")
    for _ in range(3):
        page.get_by_label("Surname").press_sequentially("A")
        page.context.clock.run_for(60_000)
    expect(page.get_by_label("Surname")).to_be_visible()
    expect(other.get_by_label("Surname")).to_be_visible()
    page.get_by_role("button", name="Lock").click()
    _locked(page)
    expect(other.get_by_role("heading", name="Locked")).to_be_visible()


@pytest.mark.feature(53)
def test_a_senior_signs_results_with_the_pin(ward_pc, live, inspector):
    page, (app, _) = ward_pc, live
    _signs_in(page, "eve.senior", EVE)
    page.goto(f"/requests/{app.extensions['the_crp']}/results/check")
    page.get_by_label(re.compile("every value agrees")).check()
    page.get_by_label("Your PIN").fill("803718")
    page.get_by_role("button", name="Authorise the ticked tests").click()
    expect(page.get_by_role("alert")).to_contain_text("Wrong PIN. Four tries left")
    inspector.look_over(page, about="pin")
    expect(page.get_by_label(re.compile("every value agrees"))).to_be_checked()
    page.get_by_label("Your PIN").fill(EVE)
    page.get_by_role("button", name="Authorise the ticked tests").click()
    expect(page.get_by_text("Authorised. The ward can read it now.")).to_be_visible()


def test_five_wrong_pins_ask_for_the_passphrase(ward_pc):
    page = ward_pc
    _signs_in(page, "ben.two", BEN)
    page.get_by_role("button", name="Lock").click()
    for words in ("Four", "Three", "Two", "One"):
        page.get_by_label("PIN", exact=True).fill("803718")
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"Wrong PIN. {words} tr")).to_be_visible()
        expect(page.get_by_label("PIN", exact=True)).to_be_focused()
    page.get_by_label("PIN", exact=True).fill("803718")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_text("Five wrong PINs.")).to_be_visible()
