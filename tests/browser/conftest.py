"""One server, one Chromium, and a browser window of their own for each person."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from lab_contingency import create_app
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db
from lab_contingency.foundation.settings import Settings
from lab_contingency.rehearsal.incident import open_demonstration_incident
from lab_contingency.rehearsal.starting import prepare
from lab_contingency.requests.rules.looking import BRAKES, Brake
from tests.browser.inspection import Inspector
from tests.browser.people import PATIENCE, Person
from tests.factories.returns import laboratory_id, works_on_paper

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]


class _Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_request(self, *_args: object) -> None:
        """Nothing."""


def pytest_configure(config: pytest.Config) -> None:
    """A browser that walks on before a picture has come leaves the small server holding its file."""
    config.addinivalue_line("filterwarnings", "ignore:unclosed file .*static:ResourceWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a Chromium."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def executable() -> str | None:
    """Where the Chromium of this computer is."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The Chromium of this computer."""
    path = executable()
    if not path:
        pytest.skip("no Chromium on this computer: install one, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package", autouse=True)
def _no_pause() -> Iterator[None]:
    """All stories here are the same few people's ten minutes: nobody of them is asked why.

    It ends with this folder: elsewhere the pause is what is tested.
    """
    with pytest.MonkeyPatch.context() as patched:
        for role in BRAKES:
            patched.setitem(BRAKES, role, Brake(100_000, dt.timedelta(minutes=10)))
        yield


@pytest.fixture(scope="session")
def address(tmp_path_factory) -> Iterator[str]:
    """A demonstration without requests, with its incident open, served on this computer."""
    settings = Settings(data=tmp_path_factory.mktemp("browser"), demonstration=True)
    app = create_app(settings)
    with app.app_context():
        prepare(settings, examples=False)
        open_demonstration_incident(clock.now() - dt.timedelta(hours=20))
        works_on_paper(laboratory_id("BHR-LAB"))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def inspector() -> Inspector:
    """Looks each page over once in a run."""
    shots = os.environ.get("LAB_BROWSER_SHOTS")
    return Inspector(Path(shots) if shots else None)


@pytest.fixture(scope="session")
def bare_inspector() -> Inspector:
    """The same for people whose browser runs no script."""
    return Inspector(None, script=False)


@pytest.fixture
def person(chromium, address, inspector, bare_inspector) -> Iterator[Callable[..., Person]]:
    """`person("okafor")` sits down at a browser of their own and signs in."""
    present: list[Person] = []

    def arrives(username: str, *, script: bool = True, **keys) -> Person:
        context = chromium.new_context(
            base_url=address,
            viewport={"width": 1280, "height": 900},
            locale="en-GB",
            timezone_id="Europe/London",
            java_script_enabled=script,
        )
        context.set_default_timeout(PATIENCE)
        one = Person(context, inspector if script else bare_inspector, **keys)
        present.append(one)
        one.signs_in_as(username)
        return one

    yield arrives
    complaints = [complaint for one in present for complaint in one.complaints()]
    for one in present:
        try:
            one.context.close()
        except Error as closed:  # the browser went away: the test failed already
            complaints.append(str(closed))
    assert not complaints, "\n".join(complaints)
