"""Signing in and out, own passphrases, and what ends a sign-in."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from sqlalchemy import func, select

from lab_contingency.accounts.commands import AddUser, GrantRole
from lab_contingency.accounts.models import FailedSignIn, RoleGrant, SignIn, User
from lab_contingency.accounts.rules import (
    GUESSES,
    GUESSES_WITHIN,
    ONE_TIME_SECRET_LIFE,
    SIGN_IN_LIFE,
    Role,
)
from lab_contingency.accounts.services import (
    add_user,
    choose_passphrase,
    disable_user,
    end_grant,
    grant_role,
    reset_user,
)
from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.node import this_node
from tests.clients import LabClient, stranger_id
from tests.factories.world import SYSTEM, grant_of

OWN = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick(quick_hashes):
    """No test here is about the work a guess costs."""


@pytest.fixture
def secret(world):
    """The one-time secret of a new porter."""
    with unit_of_work():
        _, made = add_user(
            AddUser("rowe.s", "Sam Rowe", Role.PORTER, None, None), actor=world.administrator
        )
    return made


@pytest.fixture
def porter_id(world, secret):
    """A porter with a passphrase of their own."""
    user_id = session().scalars(select(User.id).where(User.username == "rowe.s")).one()
    with unit_of_work():
        choose_passphrase(user_id, secret, OWN, actor=SYSTEM)
    return user_id


def _sign_in(client: LabClient, passphrase: str, username: str = "rowe.s", **more: str):
    data = {"username": username, "passphrase": passphrase, **more}
    return client.post("accounts.sign_in_with_passphrase", data)


def _is_in(client: LabClient) -> bool:
    return client.get("incidents.incident").status == 200


def test_name_and_passphrase_open_the_first_page(client_for, porter_id):
    client = client_for()

    answer = _sign_in(client, OWN)

    assert (answer.status, answer.location) == (303, "/")
    assert _is_in(client)


def test_the_user_name_may_be_typed_in_capitals(client_for, porter_id):
    assert _sign_in(client_for(), OWN, username="ROWE.S").status == 303


def test_every_kind_of_failure_is_told_with_the_same_sentence(client_for, porter_id, world):
    with unit_of_work():
        _, other = add_user(AddUser("gone", "Gone", Role.PORTER, None, None), actor=SYSTEM)
        user = session().scalars(select(User).where(User.username == "gone")).one()
        disable_user(user.id, user.version, actor=world.administrator)
    client = client_for()
    tries = [("rowe.s", "wrong horse battery"), ("nobody", OWN), ("gone", other), ("doctor", OWN)]

    answers = [_sign_in(client, passphrase, name) for name, passphrase in tries]

    assert [answer.status for answer in answers] == [422] * 4
    assert all("do not fit together" in answer.words for answer in answers)
    assert not _is_in(client)


def test_a_passphrase_typed_is_not_sent_back(client_for, porter_id):
    assert "wrong horse battery" not in _sign_in(client_for(), "wrong horse battery").text


def test_an_empty_form_says_what_to_type(client_for, world):
    words = _sign_in(client_for(), "", username="").words

    assert "Type your user name." in words
    assert "Type your passphrase." in words


def test_a_one_time_secret_opens_only_the_page_that_replaces_it(client_for, secret):
    client = client_for()
    _sign_in(client, secret)

    for endpoint in ("incidents.incident", "accounts.roles", "tracking.home"):
        answer = client.get(endpoint)
        assert (answer.status, answer.location) == (303, "/passphrase")
    assert client.get("accounts.passphrase").status == 200


def test_after_choosing_a_passphrase_everything_is_open_and_the_secret_is_spent(client_for, secret):
    client = client_for()
    _sign_in(client, secret)

    answer = client.post("accounts.passphrase", {"old": secret, "new": OWN, "again": OWN})

    assert answer.status == 303
    assert _is_in(client)
    assert _sign_in(client_for(), secret).status == 422
    assert _sign_in(client_for(), OWN).status == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "words"),
    [
        ("wrong", OWN, OWN, "not the passphrase or secret"),
        (None, "short", "short", "at least 12"),
        (None, OWN, OWN + "x", "do not agree"),
        (None, "my name is rowe.s here", "my name is rowe.s here", "user name"),
        (None, None, None, "differs from the old"),
        (None, "", "", "Type a new passphrase"),
    ],
)
def test_a_passphrase_that_will_not_do_is_refused_with_what_to_do(
    client_for, secret, old, new, again, words
):
    client = client_for()
    _sign_in(client, secret)
    typed = {
        "old": old or secret,
        "new": secret if new is None else new,
        "again": secret if again is None else again,
    }

    answer = client.post("accounts.passphrase", typed)

    assert answer.status == 422
    assert words in answer.words


def test_a_one_time_secret_expires(client_for, secret):
    later = clock.now() + ONE_TIME_SECRET_LIFE

    with clock.at(later - dt.timedelta(minutes=1)):
        before = _sign_in(client_for(), secret).status
    with clock.at(later + dt.timedelta(seconds=1)):
        after = _sign_in(client_for(), secret).status

    assert (before, after) == (303, 422)


def test_a_one_time_secret_that_expires_while_signed_in_stays_on_its_page(client_for, secret):
    client = client_for()
    _sign_in(client, secret)

    assert client.get("incidents.incident").location == "/passphrase"


def test_after_ten_wrong_guesses_even_the_right_one_waits(client_for, porter_id):
    client = client_for()
    start = clock.now()
    for guess in range(GUESSES):
        with clock.at(start + dt.timedelta(seconds=guess)):
            assert "do not fit together" in _sign_in(client, f"wrong guess {guess}").words
    with clock.at(start + dt.timedelta(seconds=20)):
        slowed = _sign_in(client_for(), OWN)
        other = _sign_in(client_for(), "wrong", username="somebody.else")
    with clock.at(start + GUESSES_WITHIN + dt.timedelta(seconds=20)):
        later = _sign_in(client_for(), OWN)

    assert (slowed.status, later.status) == (422, 303)
    assert "Wait five minutes" in slowed.words
    assert "do not fit together" in other.words


def test_a_wrong_guess_is_kept_without_the_name(client_for, porter_id):
    _sign_in(client_for(), "wrong", username="rowe.s")
    session().rollback()

    held = session().scalars(select(FailedSignIn.name_index)).all()
    assert len(held) == 2  # one for the name at unknown devices, one for the address
    assert not any("rowe" in index or "127." in index for index in held)


def test_signing_out_ends_it_on_the_server_too(client_for, porter_id):
    client = client_for()
    _sign_in(client, OWN)
    cookie = client.browser.get_cookie("lab_session").value

    client.post("accounts.sign_out")
    thief = client_for()
    thief.browser.set_cookie("lab_session", cookie)

    assert not _is_in(client)
    assert not _is_in(thief)
    assert client.get("incidents.incident").location == "/sign-in?next=/incident"


def test_a_sign_in_ends_by_itself(client_for, porter_id):
    client = client_for()
    _sign_in(client, OWN)

    with clock.at(clock.now() + SIGN_IN_LIFE + dt.timedelta(minutes=1)):
        assert not _is_in(client)


def test_disabling_somebody_ends_their_sign_ins_at_once(client_for, porter_id, world):
    clients = [client_for() for _ in range(2)]
    for client in clients:
        _sign_in(client, OWN)
    with unit_of_work():
        disable_user(porter_id, session().get(User, porter_id).version, actor=world.administrator)

    assert [_is_in(client) for client in clients] == [False, False]
    assert _sign_in(client_for(), OWN).status == 422


def test_taking_a_role_away_ends_the_sign_ins_that_used_it(client_for, porter_id, world):
    with unit_of_work():
        grant_role(GrantRole(porter_id, Role.COORDINATOR, None, None), actor=world.administrator)
    client = client_for()
    _sign_in(client, OWN)
    with unit_of_work():
        grant = (
            session()
            .scalars(
                select(RoleGrant).where(
                    RoleGrant.user_id == porter_id, RoleGrant.role == Role.PORTER
                )
            )
            .one()
        )
        end_grant(grant.id, actor=world.administrator)

    assert not _is_in(client)
    assert _sign_in(client, OWN).status == 303
    assert client.get("incidents.incident").status == 200


def test_a_reset_ends_sign_ins_and_the_old_passphrase(client_for, porter_id, world):
    client = client_for()
    _sign_in(client, OWN)
    with unit_of_work():
        fresh = reset_user(
            porter_id, session().get(User, porter_id).version, actor=world.administrator
        )

    assert not _is_in(client)
    assert _sign_in(client_for(), OWN).status == 422
    assert _sign_in(client_for(), fresh).status == 303


def test_somebody_without_any_role_is_told_whom_to_ring(client_for, porter_id, world):
    with unit_of_work():
        end_grant(grant_of(porter_id).id, actor=world.administrator)

    answer = _sign_in(client_for(), OWN)

    assert answer.status == 422
    assert "administrator" in answer.words


def test_one_browser_is_not_signed_in_by_another(client_for, world):
    first = client_for("doctor")
    second = client_for()

    assert _is_in(first)
    assert not _is_in(second)
    assert "Doctor" in first.get("incidents.incident").text


def test_two_people_at_two_browsers_stay_themselves(client_for, world):
    doctor, porter = client_for("doctor"), client_for("porter")

    assert doctor.get("requests.new").status == 200
    assert porter.get("requests.new").status == 403
    assert doctor.get("requests.new").status == 200


def test_one_click_signs_in_in_a_demonstration_only(client_for, world):
    with unit_of_work():
        this_node().demonstration = False
    client = client_for()

    answer = client.post("accounts.sign_in_demonstration", user_id=world.doctor.user_id)

    assert answer.status == 404
    assert not _is_in(client)
    assert "Start as" not in client.get("accounts.sign_in").text


def test_one_click_is_for_people_of_the_demonstration_only(client_for, porter_id, world):
    client = client_for()

    assert client.post("accounts.sign_in_demonstration", user_id=porter_id).status == 404
    assert client.post("accounts.sign_in_demonstration", user_id=stranger_id()).status == 404
    assert not _is_in(client)


def test_one_click_does_not_wake_a_disabled_person(client_for, world):
    with unit_of_work():
        user = session().get(User, world.porter.user_id)
        disable_user(user.id, user.version, actor=world.administrator)
    client = client_for()

    client.post("accounts.sign_in_demonstration", user_id=world.porter.user_id)

    assert not _is_in(client)


def test_one_click_changes_the_person_and_ends_the_one_before(client_for, world):
    client = client_for("doctor")

    client.sign_in("porter")

    assert client.get("requests.new").status == 403
    session().rollback()
    ended = session().scalars(select(SignIn.ended_at).order_by(SignIn.started_at)).all()
    assert [at is None for at in ended] == [False, True]


def test_the_page_shows_a_card_for_each_role_and_a_button_for_everybody_else(client_for, world):
    page = client_for().get("accounts.sign_in")

    assert page.h1 == "Try it as…"
    assert page.text.count('data-key="') == 6
    assert page.text.count('action="/sign-in/demonstration/') == len(world.people)


@pytest.mark.parametrize("after", ["/menu", "/requests/new?unidentified=1"])
def test_after_signing_in_one_goes_on_to_where_one_was(client_for, porter_id, after):
    assert _sign_in(client_for(), OWN, next=after).location == after


@pytest.mark.parametrize(
    "after",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "evil",
        "javascript:alert(1)",
        "/\t/evil.example",
        "\\\\evil",
        "/ /evil.example\r\nX: y",
    ],
)
def test_after_signing_in_nobody_is_led_elsewhere(client_for, porter_id, after):
    location = _sign_in(client_for(), OWN, next=after).location

    assert location.startswith("/")
    assert not location.startswith(("//", "/\\", "/\t", "/%09"))


def test_somebody_not_signed_in_is_led_to_the_page_and_back(client_for, world):
    client = client_for()

    page = client.follow(client.get("incidents.menu"))

    assert page.status == 200
    assert 'name="next" value="/menu"' in page.text


def test_signing_in_and_out_is_recorded(client_for, porter_id):
    client = client_for()
    _sign_in(client, OWN)
    client.post("accounts.sign_out")
    session().rollback()

    actions = session().scalars(select(AuditEvent.action).order_by(AuditEvent.recorded_at)).all()
    assert actions[-2:] == ["sign_in:started", "sign_in:ended"]


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_changes_at_signing_in(
    client_for, porter_id
):
    client = client_for()
    header = _sign_in(client, OWN).response.headers["Set-Cookie"]

    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_a_person_with_two_roles_changes_between_them(client_for, porter_id, world):
    with unit_of_work():
        grant_role(GrantRole(porter_id, Role.COORDINATOR, None, None), actor=world.administrator)
    client = client_for()
    _sign_in(client, OWN)
    grants = (
        session()
        .scalars(
            select(RoleGrant).where(RoleGrant.user_id == porter_id).order_by(RoleGrant.granted_at)
        )
        .all()
    )
    page = client.get("accounts.roles")

    answer = client.post("accounts.change_role", grant_id=grants[1].id)

    assert "Work as coordinator" in page.words
    assert answer.status == 303
    assert "Change the message" in client.get("incidents.incident").words


def test_nobody_works_in_somebody_elses_role(client_for, world):
    client = client_for("porter")
    grant = grant_of(world.administrator.user_id)

    assert client.post("accounts.change_role", grant_id=grant.id).status == 404
    assert client.get("accounts.users").status == 403


def test_a_hundred_sign_ins_have_a_hundred_tokens(client_for, world):
    for _ in itertools.repeat(None, 20):
        client_for("doctor")
    session().rollback()

    assert session().scalars(select(func.count(SignIn.token_digest.distinct()))).one() == 20
