"""Codes from the phone: who needs one, one use each, and what happens when the phone is lost."""

from __future__ import annotations

import datetime as dt
import re

import pyotp
import pytest
from sqlalchemy import select

from lab_contingency.accounts.models import SecondFactor, User
from lab_contingency.accounts.rules import Role
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.printing.qr import qr_rows
from tests.clients import value_of
from tests.shared_computers import (
    OWN,
    a_person,
    another_browser,
    code_now,
    cookies_of,
    enrol,
    go_live,
    is_in,
    phone_of,
    signs_in,
)
from tests.threads import together

FAR = "10.1.2.3"


@pytest.fixture(autouse=True)
def _quick(quick_hashes):
    """No test here is about the work a guess costs."""


@pytest.fixture
def nurse(world):
    user_id = a_person("ada.one", Role.REQUESTER, site_id=world.sites["KCH"])
    go_live()
    return user_id


@pytest.fixture
def chief(world):
    user_id = a_person("cho.chief", Role.ADMINISTRATOR)
    go_live()
    return user_id


def _far(client):
    return client.from_elsewhere(FAR)


def test_elsewhere_the_passphrase_alone_opens_nothing(client_for, nurse):
    client = _far(client_for())
    phone = phone_of(nurse)

    without, wrong = signs_in(client, "ada.one"), signs_in(client, "ada.one", code="000000")
    right = signs_in(client, "ada.one", code=code_now(phone))

    assert (without.status, wrong.status, right.status) == (422, 422, 303)
    assert is_in(client)


def test_a_code_opens_once(client_for, nurse):
    phone = phone_of(nurse)
    code = code_now(phone)

    first = signs_in(_far(client_for()), "ada.one", code=code)
    second = signs_in(_far(client_for()), "ada.one", code=code)

    assert (first.status, second.status) == (303, 422)


def test_a_code_used_by_many_at_once_opens_once(app, client_for, nurse):
    phone = phone_of(nurse)
    code = code_now(phone)
    clients = [_far(client_for()) for _ in range(4)]
    statuses: list[int] = []

    failures = together(
        [lambda c=c: statuses.append(signs_in(c, "ada.one", code=code).status) for c in clients]
    )

    assert failures == []
    assert sorted(statuses) == [303, 422, 422, 422]


def test_a_code_of_an_hour_ago_opens_nothing(client_for, nurse):
    phone = phone_of(nurse)
    old = phone.at(int((clock.now() - dt.timedelta(hours=1)).timestamp()))

    assert signs_in(_far(client_for()), "ada.one", code=old).status == 422


def test_at_an_enrolled_computer_a_nurse_needs_no_code(client_for, nurse):
    assert signs_in(enrol(client_for()), "ada.one").location == "/"


def test_an_administrator_needs_a_code_everywhere(client_for, chief):
    phone = phone_of(chief)
    pc = enrol(client_for())

    assert signs_in(pc, "cho.chief").status == 422
    assert signs_in(pc, "cho.chief", code=code_now(phone)).status == 303


def test_without_codes_yet_they_are_set_up_before_anything_else(client_for, chief):
    client = client_for()  # at the server itself
    signs_in(client, "cho.chief")

    assert client.get("accounts.users").location == "/codes"
    client.post("accounts.begin_codes")
    page = client.get("accounts.codes")
    key = re.search(r'code-key">([A-Z2-7 ]+)<', page.text).group(1).replace(" ", "")
    wrong = client.post("accounts.codes", {"code": "000000"})
    right = client.post("accounts.codes", {"code": pyotp.TOTP(key).at(clock.now())})

    assert wrong.status == 422
    assert right.status == 303
    assert client.get("accounts.users").status == 200
    assert key not in client.get("accounts.codes").text.replace(" ", "")
    session().rollback()
    assert key not in str(vars(session().scalars(select(SecondFactor)).one()))


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_what_came_through_a_proxy_is_not_the_server_itself(client_for, chief, header):
    client = client_for()

    answer = client.open(
        "/sign-in",
        method="POST",
        data={"username": "cho.chief", "passphrase": OWN},
        headers={header: "10.1.2.3"},
    )

    assert answer.status == 422
    assert not is_in(client)


def test_elsewhere_nobody_sets_codes_up(client_for, chief):
    client = _far(client_for())

    assert signs_in(client, "cho.chief").status == 422
    assert not is_in(client)


def test_an_administrator_removes_the_codes_of_a_lost_phone_and_sees_no_secret(client_for, world):
    nurse = a_person("ada.one", Role.REQUESTER, site_id=world.sites["KCH"])
    admin = client_for("administrator")
    phone_of(nurse)
    pc = enrol(client_for())
    signs_in(pc, "ada.one")
    shown = admin.get("accounts.user", user_id=nurse)

    answer = admin.post(
        "accounts.remove_codes", {"version": value_of(shown, "version")}, user_id=nurse
    )

    assert answer.status == 303
    session().rollback()
    assert session().get(SecondFactor, nurse) is None
    assert not is_in(pc)
    again = admin.post("accounts.remove_codes", {"version": "2"}, user_id=nurse)
    assert again.status in {409, 422}


def test_setting_codes_up_changes_the_token(app, client_for, nurse):
    client = enrol(client_for())
    signs_in(client, "ada.one")
    client.post("accounts.pin", {"pin": "803719", "again": "803719"})
    old = cookies_of(client)
    client.post("accounts.begin_codes")
    page = client.get("accounts.codes")
    key = re.search(r'code-key">([A-Z2-7 ]+)<', page.text).group(1).replace(" ", "")

    client.post("accounts.codes", {"code": pyotp.TOTP(key).at(clock.now())})

    assert is_in(client)
    assert not is_in(another_browser(app, old))


def test_the_square_holds_what_the_phone_needs(world):
    import zxingcpp
    from PIL import Image

    text = "otpauth://totp/Pathology%20contingency:ada.one?secret=ABCD&issuer=Pathology"
    rows = qr_rows(text)
    picture = Image.new("L", ((len(rows) + 8) * 4,) * 2, 255)
    for y, row in enumerate(rows):
        for x, module in enumerate(row):
            if module == "1":
                picture.paste(0, ((x + 4) * 4, (y + 4) * 4, (x + 5) * 4, (y + 5) * 4))

    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [text]


def test_changing_to_the_administrators_role_needs_the_code_of_this_shift(client_for, world):
    from lab_contingency.accounts.commands import GrantRole
    from lab_contingency.accounts.queries import grants_of
    from lab_contingency.accounts.services import grant_role
    from lab_contingency.foundation.database import unit_of_work
    from tests.factories.world import SYSTEM

    nurse = a_person("ada.one", Role.REQUESTER, site_id=world.sites["KCH"])
    go_live()
    pc = enrol(client_for())
    signs_in(pc, "ada.one")
    pc.post("accounts.pin", {"pin": "803719", "again": "803719"})
    with unit_of_work():
        grant_role(GrantRole(nurse, Role.ADMINISTRATOR, None, None), actor=SYSTEM)
    held = {grant.role: grant.id for grant in grants_of(nurse)}
    session().rollback()

    answer = pc.post("accounts.change_role", grant_id=held[Role.ADMINISTRATOR])

    assert answer.status == 422
    assert "code from their phone" in answer.words
    assert session().scalars(select(User.name).where(User.id == nurse)).one() == "Ada One"
