"""Live people with secrets of their own, and enrolled devices, for tests of shared computers."""

from __future__ import annotations

import re
import uuid

import pyotp
from flask import Flask

from lab_contingency.accounts import codes
from lab_contingency.accounts.commands import AddUser, EnrolDevice
from lab_contingency.accounts.devices import enrol_device
from lab_contingency.accounts.rules import Role, ScreenKind
from lab_contingency.accounts.services import add_user, choose_passphrase
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.node import this_node
from tests.clients import Answer, LabClient
from tests.factories.world import SYSTEM

OWN = "correct horse battery"
PIN = "803719"
CODE = re.compile(r"\b[a-z2-9]{4}-[a-z2-9]{4}\b")


def go_live() -> None:
    """The node is no demonstration any more."""
    with unit_of_work():
        this_node().demonstration = False


def a_person(
    username: str,
    role: Role,
    *,
    site_id: uuid.UUID | None = None,
    laboratory_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Somebody live whose passphrase is OWN."""
    name = username.replace(".", " ").title()
    with unit_of_work():
        user_id, secret = add_user(
            AddUser(username, name, role, site_id, laboratory_id), actor=SYSTEM
        )
    with unit_of_work():
        choose_passphrase(user_id, secret, OWN, actor=SYSTEM)
    return user_id


def enrol(
    client: LabClient, name: str = "ED Resus 2", kind: ScreenKind = ScreenKind.WARD
) -> LabClient:
    """The browser of the client becomes an enrolled device."""
    client.post("accounts.ask_to_enrol")
    code = CODE.search(client.get("accounts.enrol_page").words)
    assert code
    with unit_of_work():
        enrol_device(EnrolDevice(code.group(), name, kind), actor=SYSTEM)
    answer = client.post("accounts.pick_up_key")
    assert answer.location == "/sign-in"
    return client


def signs_in(client: LabClient, username: str, passphrase: str = OWN, code: str = "") -> Answer:
    """With name and passphrase."""
    data = {"username": username, "passphrase": passphrase, "code": code}
    return client.post("accounts.sign_in_with_passphrase", data)


def begins_shift(client: LabClient, username: str, pin: str = PIN) -> LabClient:
    """The full sign-in and the PIN at an enrolled device."""
    assert signs_in(client, username).status == 303
    assert client.post("accounts.pin", {"pin": pin, "again": pin}).status == 303
    return client


def comes_back(client: LabClient, pin: str = PIN, *, who: str = "") -> Answer:
    """By PIN, as the person whose name is on the lock page, or whoever locked last."""
    page = client.get("accounts.locked")
    shift = _choice(page, who)
    return client.post("accounts.come_back", {"shift": shift, "pin": pin})


def _choice(page: Answer, who: str) -> str:
    for label in (e for e in page.tree.iter() if e.tag == "label"):
        for field in (e for e in label.iter() if e.tag == "input" and e.get("name") == "shift"):
            if who in "".join(label.itertext()):
                return field.get("value") or ""
    raise AssertionError(f"{who} is not on the lock page: {page.words}")


def phone_of(user_id: uuid.UUID) -> pyotp.TOTP:
    """Codes set up and confirmed, as on the person's phone."""
    with unit_of_work():
        codes.begin_codes(user_id, actor=SYSTEM)
    shown = codes.unconfirmed_secret(user_id)
    assert shown
    totp = pyotp.TOTP(shown[0])
    moment = clock.now()  # the code of the step before: the one of this moment stays good
    with clock.at(moment), unit_of_work():
        codes.confirm_codes(user_id, totp.at(int(moment.timestamp()) - 30), actor=SYSTEM)
    return totp


def code_now(totp: pyotp.TOTP) -> str:
    """What the phone shows."""
    return totp.at(int(clock.now().timestamp()))


def is_in(client: LabClient) -> bool:
    """Whether the browser is signed in."""
    return client.get("incidents.incident").status == 200


def cookies_of(client: LabClient) -> dict[str, str]:
    """Every cookie the browser holds."""
    return {c.key: c.value for c in client.browser._cookies.values()}


def another_browser(app: Flask, cookies: dict[str, str]) -> LabClient:
    """A browser elsewhere into which these cookies were copied."""
    thief = LabClient(app)
    for name, value in cookies.items():
        thief.browser.set_cookie(name, value)
    return thief
