"""The administrator's pages: adding, granting, disabling, resetting."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from lab_contingency.accounts.commands import AddUser, GrantRole
from lab_contingency.accounts.models import RoleGrant, User
from lab_contingency.accounts.queries import grants_of, user, users
from lab_contingency.accounts.rules import Role
from lab_contingency.accounts.services import add_user, disable_user, end_grant, grant_role
from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from tests.clients import options_of, stranger_id, value_of
from tests.factories.world import grant_of

SECRET = re.compile(r"\b(?:[a-z2-9]{4}-){3}[a-z2-9]{4}\b")


@pytest.fixture(autouse=True)
def _quick(quick_hashes):
    """No test here is about the work a guess costs."""


@pytest.fixture
def admin(client_for, world):
    return client_for("administrator")


def _id(username: str):
    session().rollback()
    return session().scalars(select(User.id).where(User.username == username)).one()


def _new(world, **changes: str) -> dict[str, str]:
    held = {"name": "Sam Rowe", "username": "rowe.s", "role": "requester", "laboratory_id": ""}
    return {**held, "site_id": str(world.sites["KCH"]), **changes}


def test_a_person_is_added_and_their_secret_is_shown_once(admin, world):
    page = admin.post("accounts.add_user", _new(world))

    secret = SECRET.search(page.words)
    assert page.status == 200
    assert secret
    assert "72 hours" in page.words
    later = admin.get("accounts.user", user_id=_id("rowe.s"))
    assert secret.group() not in later.text
    assert "has not signed in yet" in later.words
    assert later.h1 == "Sam Rowe"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"username": "Doctor"}, "taken"),
        ({"username": "a"}, "2 to 40"),
        ({"username": "a b"}, "2 to 40"),
        ({"username": ""}, "Choose a user name"),
        ({"name": ""}, "Type the person’s name"),
        ({"name": "Sam\u202eRowe"}, "cannot be printed"),
        ({"site_id": ""}, "Choose the site"),
        ({"role": "laboratory"}, "Choose the laboratory"),
        ({"role": "king"}, "Choose one of the list"),
        ({"site_id": "not-a-site"}, "Choose one of the list"),
    ],
)
def test_a_person_who_cannot_be_added_is_refused_at_the_field(admin, world, changes, words):
    page = admin.post("accounts.add_user", _new(world, **changes))

    assert page.status == 422
    assert words in page.words
    assert len(users()) == len(world.people)


def test_the_forms_offer_every_place(admin, world):
    page = admin.get("accounts.add_user")

    assert {str(id_) for id_ in world.sites.values()} <= set(options_of(page, "site_id"))
    assert {str(id_) for id_ in world.laboratories.values()} <= set(
        options_of(page, "laboratory_id")
    )


def test_the_list_shows_everybody_with_roles_and_state(admin, world):
    words = admin.get("accounts.users").words

    for name in ("Doctor", "Porter", "Second Senior"):
        assert name in words
    assert "12 people" in words


def test_a_role_is_given_and_taken_away(admin, world):
    doctor = world.doctor.user_id
    given = admin.post(
        "accounts.grant",
        {"role": "coordinator", "site_id": "", "laboratory_id": ""},
        user_id=doctor,
    )
    session().rollback()
    held = {grant.role: grant.id for grant in grants_of(doctor)}
    taken = admin.post("accounts.end_grant", grant_id=held[Role.COORDINATOR])

    assert (given.status, taken.status) == (303, 303)
    assert set(held) == {Role.REQUESTER, Role.COORDINATOR}
    session().rollback()
    assert {grant.role for grant in grants_of(doctor)} == {Role.REQUESTER}


def test_the_same_role_is_not_given_twice(admin, world):
    data = {"role": "requester", "site_id": str(world.sites["KCH"]), "laboratory_id": ""}

    page = admin.post("accounts.grant", data, user_id=world.doctor.user_id)

    assert page.status == 422
    assert "holds that role there already" in page.words


def test_an_account_is_disabled_and_enabled_again(admin, world):
    porter = world.porter.user_id
    shown = admin.get("accounts.user", user_id=porter)
    admin.post("accounts.disable", {"version": value_of(shown, "version")}, user_id=porter)
    off = admin.get("accounts.user", user_id=porter)
    admin.post("accounts.enable", {"version": value_of(off, "version")}, user_id=porter)
    on = admin.get("accounts.user", user_id=porter)

    assert "disabled" in off.words
    assert "sign in again" in off.words
    assert "demonstration" in on.words


@pytest.mark.parametrize("version", ["", "0", "99", "-1", "x", "1.0"])
@pytest.mark.parametrize("endpoint", ["accounts.disable", "accounts.reset"])
def test_a_page_that_is_out_of_date_changes_nothing(admin, world, endpoint, version):
    page = admin.post(endpoint, {"version": version}, user_id=world.porter.user_id)

    assert page.status == 409
    assert not user(world.porter.user_id).disabled


def test_a_reset_shows_a_new_secret_once(admin, world):
    with unit_of_work():
        user_id, first = add_user(
            AddUser("rowe.s", "Sam Rowe", Role.PORTER, None, None), actor=world.administrator
        )

    page = admin.post("accounts.reset", {"version": "1"}, user_id=user_id)

    assert SECRET.search(page.words)
    assert first not in page.text


def test_nobody_disables_themselves(admin, world):
    own = world.administrator.user_id
    shown = admin.get("accounts.user", user_id=own)

    page = admin.post("accounts.disable", {"version": value_of(shown, "version")}, user_id=own)

    assert page.status == 422
    assert "another administrator" in page.words


def test_the_last_administrator_stays(admin, world):
    page = admin.post("accounts.end_grant", grant_id=grant_of(world.administrator.user_id).id)

    assert page.status == 422
    assert "last administrator" in page.words


def test_with_a_second_administrator_the_first_may_go(world):
    with unit_of_work():
        grant_role(
            GrantRole(world.porter.user_id, Role.ADMINISTRATOR, None, None),
            actor=world.administrator,
        )
    with unit_of_work():
        end_grant(grant_of(world.administrator.user_id).id, actor=world.administrator)

    assert grants_of(world.administrator.user_id) == ()


def test_a_disabled_administrator_does_not_count_as_the_second(world):
    with unit_of_work():
        grant_role(
            GrantRole(world.porter.user_id, Role.ADMINISTRATOR, None, None),
            actor=world.administrator,
        )
        porter = session().get(User, world.porter.user_id)
        disable_user(porter.id, porter.version, actor=world.administrator)

    with pytest.raises(RuleBroken, match="last administrator"), unit_of_work():
        end_grant(grant_of(world.administrator.user_id).id, actor=world.administrator)


def test_the_last_administrator_is_not_disabled_by_another_hand(world):
    with pytest.raises(RuleBroken, match="last administrator"), unit_of_work():
        held = session().get(User, world.administrator.user_id)
        disable_user(held.id, held.version, actor=world.porter)


def test_what_does_not_exist_is_told_so(admin):
    assert admin.get("accounts.user", user_id=stranger_id()).status == 404
    assert admin.post("accounts.end_grant", grant_id=stranger_id()).status == 404
    assert admin.post("accounts.grant", {"role": "porter"}, user_id=stranger_id()).status == 404


def test_a_name_with_signs_of_html_stays_text(admin, world):
    admin.post("accounts.add_user", _new(world, name="<b>Sam</b> & 'Co\""))

    page = admin.get("accounts.user", user_id=_id("rowe.s"))

    assert page.h1 == "<b>Sam</b> & 'Co\""


def test_every_deed_about_an_account_is_recorded_without_its_secret(admin, world):
    page = admin.post("accounts.add_user", _new(world))
    secret = SECRET.search(page.words).group()
    user_id = _id("rowe.s")
    admin.post("accounts.reset", {"version": "1"}, user_id=user_id)
    admin.post("accounts.disable", {"version": "2"}, user_id=user_id)
    session().rollback()

    events = (
        session()
        .scalars(
            select(AuditEvent)
            .where(AuditEvent.subject_id == user_id)
            .order_by(AuditEvent.recorded_at)
        )
        .all()
    )
    assert [event.action for event in events] == ["user:added", "user:reset", "user:disabled"]
    assert {event.user_id for event in events} == {world.administrator.user_id}
    assert secret not in str([event.details for event in events])
    held = session().get(User, user_id)
    assert secret not in str(vars(held))
    assert (
        session().scalars(select(RoleGrant.granted_by).where(RoleGrant.user_id == user_id)).one()
        == "Administrator"
    )
