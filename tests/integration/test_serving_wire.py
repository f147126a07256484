"""What the program itself does about the wire, whichever server runs it."""

from __future__ import annotations

import logging
import re

import pytest

from lab_contingency.foundation import tls
from lab_contingency.foundation.serving.answers import NoPaths

ELSEWHERE = {"REMOTE_ADDR": "192.168.1.20"}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/static/css/base.css", "/no-such-page"])
def test_a_plain_request_from_another_computer_gets_no_page_and_no_redirect(app, path):
    answer = app.test_client().get(path, environ_overrides=ELSEWHERE)

    assert answer.status_code == 400
    assert "https://" in answer.text
    assert "<" not in answer.text
    assert not {"Location", "Set-Cookie"} & set(answer.headers.keys())


def test_over_tls_another_computer_is_answered(app):
    answer = app.test_client().get(
        "/sign-in", base_url="https://lab.example", environ_overrides=ELSEWHERE
    )

    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "__Host-lab_session=" in answer.headers["Set-Cookie"]


def test_on_this_computer_the_cookie_is_as_it_was(app):
    answer = app.test_client().get("/sign-in")

    assert answer.headers["Set-Cookie"].startswith("lab_session=")
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in answer.headers


def test_a_cookie_from_the_plain_side_opens_nothing_over_tls(app, world, client_for):
    client = client_for("doctor")
    token = client.browser.get_cookie("lab_session").value
    thief = app.test_client()

    for name in ("lab_session", "__Host-lab_session"):
        thief.delete_cookie(name)
    thief.set_cookie("lab_session", token)
    page = thief.get("/", base_url="https://localhost")

    assert page.status_code == 303
    assert page.headers["Location"].startswith("/sign-in")


def test_where_there_is_no_authority_the_page_says_why(client_for, world):
    page = client_for().get("tls.authority")

    assert page.status == 404
    assert "--host" in page.words


def test_the_administrator_is_told_about_the_certificate_and_nobody_else(app, world, client_for):
    class Kept:
        notices = ("The certificate of this server ends on 01-Jan-2027.",)

    tls.install(app, Kept())
    try:
        assert Kept.notices[0] in client_for("administrator").get("accounts.users").text
        assert Kept.notices[0] not in client_for("doctor").get("tracking.home").text
        assert Kept.notices[0] not in client_for().get("accounts.sign_in").text
    finally:
        del app.extensions["lab_tls"]
    assert Kept.notices[0] not in client_for("administrator").get("accounts.users").text


def test_the_librarys_own_lines_hold_no_path_and_no_error_text(caplog):
    def failing():
        raise ValueError("Featherstonehaugh")

    log = logging.getLogger("tests.paths")
    log.addFilter(NoPaths())
    log.warning("Client disconnected while serving /requests/Featherstonehaugh")
    try:
        failing()
    except ValueError:
        log.exception("Exception while serving /Featherstonehaugh")

    assert "Featherstonehaugh" not in caplog.text
    assert re.search(r"serving a page \(ValueError\)", caplog.text)
