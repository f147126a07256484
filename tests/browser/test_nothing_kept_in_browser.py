"""After a doctor's session nothing of a patient is left in the browser's own folder, nor behind its back button."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Error, expect
from werkzeug.serving import make_server
from werkzeug.wrappers import Request as Asked
from werkzeug.wrappers import Response

from lab_contingency import create_app
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db
from lab_contingency.foundation.settings import Settings
from lab_contingency.rehearsal.starting import prepare
from tests.browser.conftest import CHROMIUM_ARGUMENTS, _Quiet
from tests.browser.people import PATIENCE
from tests.factories.results import CRP, authorise, enter, on_the_bench
from tests.factories.thousand import Canary, numbers_of, words_of
from tests.factories.world import make_world
from tests.scanning import Planted, Scanner

pytestmark = [pytest.mark.feature(96), pytest.mark.hazard("H34")]
LOOKED_AT, TYPED, CONTROL = Canary(1), Canary(2), Canary(3)
PLANTED = [LOOKED_AT, TYPED, CONTROL]
SCANNER = Scanner(Planted(words_of(PLANTED, []), numbers_of(PLANTED, [])))


@contextmanager
def serving(program: Callable[..., object]) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, program, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def ward(tmp_path, monkeypatch) -> Iterator[tuple[str, str, str]]:
    """A demonstration with one patient whose result went out: (address, path of the request, doctor)."""
    settings = Settings(tmp_path / "data", demonstration=True)
    app: Flask = create_app(settings)
    monkeypatch.setattr("lab_contingency.rehearsal.starting.sites", lambda: ["nothing to fill"])
    with app.app_context():
        prepare(settings, examples=False)
        with clock.at(clock.now() - dt.timedelta(minutes=30)):
            world = make_world()
            request_id = on_the_bench(world, **{**LOOKED_AT.card(), "tests": ("CRP",)})
            enter(request_id, world.scientist, CRP=CRP)
            authorise(request_id, world.senior, "CRP")
    with serving(app) as address:
        yield address, f"/requests/{request_id}", str(world.doctor.user_id)
    with app.app_context():
        db.engine.dispose()


@contextmanager
def profile(chromium, folder: Path) -> Iterator[BrowserContext]:
    """A browser whose profile stays on disk when it is closed."""
    context = chromium.browser_type.launch_persistent_context(
        folder, executable_path=_path_of(), args=CHROMIUM_ARGUMENTS, locale="en-GB"
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def _path_of() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def _found(folder: Path) -> set[str]:
    files = [each for each in sorted(folder.rglob("*")) if each.is_file()]
    assert len(files) > 20
    return {hit.value for hit in SCANNER.files(files)}


@pytest.mark.parametrize("late", [False, True], ids=["", "other scripts come too late"])
def test_a_session_leaves_no_patient_in_the_profile(chromium, ward, tmp_path, late):
    address, request, doctor = ward
    with profile(chromium, tmp_path / "profile") as context:
        page = context.pages[0]
        if late:
            page.route("**/js/main*", lambda route: route.abort())
        page.goto(address)
        page.locator(f'form[action$="/{doctor}"] button').dispatch_event("click")
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        titles = []
        for path in ("/requests", request, f"{request}/results/read", "/results-to-read"):
            page.goto(address + path)
            assert LOOKED_AT.said("surn").upper() in page.content().upper(), path
            titles += [page.title(), page.url]
        _prints(page, address, request)
        page.goto(f"{address}/requests/new")
        page.get_by_label("Surname").fill(TYPED.identity.surname)
        page.get_by_label("NHS number").fill(TYPED.identity.nhs_number)
        page.get_by_role("button", name=re.compile("^Send")).first.click()
        expect(page.get_by_label("Surname")).to_have_value(TYPED.identity.surname)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name=re.compile("Sign in|Who"))).to_be_visible()

        for _ in range(6):
            _goes_back(page)
            assert SCANNER.bytes(_shown(page).encode(), page.url) == set()

    assert SCANNER.bytes("\n".join(titles).encode(), "titles") == set()
    assert _found(tmp_path / "profile") == set()


def _shown(page) -> str:
    """The page once it has come; a busy machine is still on its way to it."""
    for _ in range(20):
        page.wait_for_load_state("networkidle")
        try:
            return page.content()
        except Error as busy:
            assert "navigating" in str(busy)
    raise AssertionError("the page never came")


def _goes_back(page) -> None:
    """The answer to a form is not kept: there the browser only offers to send the form again."""
    try:
        page.go_back()
    except Error as gone:
        assert "ERR_CACHE_MISS" in str(gone)


def _prints(page, address: str, request: str) -> None:
    """The slip, sent by the page's own form, as a browser gets it."""
    page.goto(f"{address}{request}/results/read")
    form = page.locator(f'form[action="{request}/slips"]').first
    token = form.locator('input[name="csrf_token"]').get_attribute("value")
    size = page.evaluate(
        """async ([url, token]) => {
            const body = new URLSearchParams({csrf_token: token});
            const answer = await fetch(url, {method: "POST", body});
            return [answer.headers.get("content-type"), (await answer.arrayBuffer()).byteLength];
        }""",
        [f"{request}/slips", token],
    )
    assert size[0] == "application/pdf"
    assert size[1] > 1000


def test_the_same_scan_finds_a_patient_on_a_page_that_may_be_kept(chromium, tmp_path):
    """The control: title, text and address of a careless page are found in cache and history."""
    said = CONTROL.identity

    @Asked.application
    def careless(asked: Asked) -> Response:
        text = f"<!doctype html><title>{CONTROL.said('fore')}</title><p>{CONTROL.said('clin')} {said.nhs_number}"
        answer = Response(text, mimetype="text/html")
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer

    with serving(careless) as address, profile(chromium, tmp_path / "profile") as context:
        page = context.pages[0]
        page.goto(f"{address}/patients?name={CONTROL.said('surn')}")
        page.evaluate("name => localStorage.setItem('seen', name)", CONTROL.said("bedn"))
        page.goto("about:blank")

    assert _found(tmp_path / "profile") >= {
        CONTROL.said("surn"), CONTROL.said("fore"), CONTROL.said("clin"), CONTROL.said("bedn"), said.nhs_number,
    }  # fmt: skip
