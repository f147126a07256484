"""Shared computers: enrolled devices, PINs, locks, and what ends a sign-in."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy import select

from lab_contingency.accounts import pins
from lab_contingency.accounts.devices import revoke_device
from lab_contingency.accounts.models import Device, DeviceEnrolment, Draft, Shift, SignIn
from lab_contingency.accounts.queries import devices, locked_here, sign_ins_now
from lab_contingency.accounts.rules import (
    ENROLMENT_LIFE,
    IDLE,
    IDLE_GRACE,
    PIN_TRIES,
    SIGN_IN_LIFE,
    Ending,
    Role,
    ScreenKind,
)
from lab_contingency.accounts.services import disable_user, reset_user
from lab_contingency.accounts.shifts import check_pin
from lab_contingency.accounts.stopping import press_incident_button
from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.sealing import open_keys
from tests.clients import stranger_id, value_of
from tests.factories.world import SYSTEM
from tests.shared_computers import (
    CODE,
    OWN,
    PIN,
    a_person,
    another_browser,
    begins_shift,
    comes_back,
    cookies_of,
    enrol,
    go_live,
    is_in,
    signs_in,
)
from tests.threads import together


@pytest.fixture(autouse=True)
def _quick(quick_hashes):
    """No test here is about the work a guess costs."""


@pytest.fixture
def live(world):
    """A live node with two nurses of King's."""
    go_live()
    king = world.sites["KCH"]
    ids = {name: a_person(name, Role.REQUESTER, site_id=king) for name in ("ada.one", "ben.two")}
    return ids


@pytest.fixture
def ward_pc(client_for, live):
    return enrol(client_for())


def _device_id():
    session().rollback()
    return session().scalars(select(Device.id)).one()


def _actions() -> list[str]:
    session().rollback()
    return list(session().scalars(select(AuditEvent.action).order_by(AuditEvent.recorded_at)))


# Enrolling


@pytest.mark.hazard("H36")
def test_a_device_is_known_only_after_somebody_who_may_typed_its_code(client_for, world, app):
    device, admin = client_for(), client_for("administrator")
    device.post("accounts.ask_to_enrol")
    code = CODE.search(device.get("accounts.enrol_page").words).group()

    early = device.post("accounts.pick_up_key")
    typed = admin.post(
        "accounts.devices",
        {"code": code, "name": "ED Resus 2", "kind": "ward", "place": ""},
    )
    taken = device.post("accounts.pick_up_key")
    again = device.post("accounts.pick_up_key")

    assert early.location == again.location == "/devices/enrol"
    assert typed.status == 303
    assert "lab_device" in cookies_of(device)
    header = taken.response.headers.getlist("Set-Cookie")
    key = next(each for each in header if each.startswith("lab_device="))
    assert "HttpOnly" in key
    assert "SameSite=Strict" in key
    assert "ED Resus 2" in admin.get("accounts.devices").words
    session().rollback()
    held = session().scalars(select(Device)).one()
    assert cookies_of(device)["lab_device"] not in str(vars(held))


def test_over_tls_the_key_is_kept_to_this_host_and_to_tls(client_for, world):
    client = client_for()
    client.open("/devices/enrol", method="POST", base_url="https://localhost")
    session().rollback()
    asked = client.open("/devices/enrol", base_url="https://localhost")
    from lab_contingency.accounts.commands import EnrolDevice
    from lab_contingency.accounts.devices import enrol_device

    with unit_of_work():
        code = CODE.search(asked.words).group()
        enrol_device(EnrolDevice(code, "Bench 1", ScreenKind.BENCH), actor=SYSTEM)

    answer = client.open("/devices/enrol/key", method="POST", base_url="https://localhost")

    key = next(
        each
        for each in answer.response.headers.getlist("Set-Cookie")
        if each.startswith("__Host-lab_device=")
    )
    assert "Secure" in key
    assert "Path=/" in key
    assert "Domain" not in key


@pytest.mark.parametrize("code", ["", "abcd-efgh", "x" * 21, "ab\u202ecd"])
def test_a_code_that_no_device_shows_is_refused(client_for, world, code):
    page = client_for("administrator").post(
        "accounts.devices", {"code": code, "name": "A", "kind": "ward", "place": ""}
    )

    assert page.status == 422
    assert devices() == ()


def test_a_code_is_good_for_ten_minutes_and_for_one_device(client_for, world):
    device, admin = client_for(), client_for("administrator")
    device.post("accounts.ask_to_enrol")
    code = CODE.search(device.get("accounts.enrol_page").words).group()
    data = {"code": code, "name": "A", "kind": "bench", "place": ""}

    with clock.at(clock.now() + ENROLMENT_LIFE + dt.timedelta(seconds=1)):
        late = admin.post("accounts.devices", data)
        assert "older than ten minutes" in late.words
    first, second = admin.post("accounts.devices", data), admin.post("accounts.devices", data)

    assert (late.status, first.status, second.status) == (422, 303, 422)


def test_another_browser_cannot_pick_the_key_up(client_for, world):
    device, admin, thief = client_for(), client_for("administrator"), client_for()
    device.post("accounts.ask_to_enrol")
    code = CODE.search(device.get("accounts.enrol_page").words).group()
    admin.post("accounts.devices", {"code": code, "name": "A", "kind": "bench", "place": ""})

    thief.post("accounts.pick_up_key")

    assert "lab_device" not in cookies_of(thief)


def test_nobody_fills_the_table_with_codes(client_for, world):
    client = client_for()
    answers = [client.post("accounts.ask_to_enrol").status for _ in range(25)]

    session().rollback()
    assert len(session().scalars(select(DeviceEnrolment)).all()) == 20
    assert answers[-1] == 422


@pytest.mark.hazard("H36")
def test_revoking_a_device_ends_its_sign_ins_and_its_pins_at_once(client_for, ward_pc, world):
    begins_shift(ward_pc, "ada.one")
    assert is_in(ward_pc)
    with unit_of_work():
        revoke_device(_device_id(), actor=SYSTEM)

    assert not is_in(ward_pc)
    assert locked_here(_device_id()) == ()
    assert ward_pc.get("accounts.locked").location == "/sign-in"
    ward_pc.from_elsewhere("10.1.2.3")
    assert signs_in(ward_pc, "ada.one").status == 422  # it is any computer now: a code is needed


# The PIN and the lock


def test_after_the_full_sign_in_a_pin_comes_before_everything_else(ward_pc):
    signs_in(ward_pc, "ada.one")

    for endpoint in ("tracking.home", "requests.new", "accounts.roles"):
        assert ward_pc.get(endpoint).location == "/pin"
    assert "ED Resus 2" in ward_pc.get("accounts.pin").words


@pytest.mark.parametrize(
    ("pin", "again", "words"),
    [
        ("123456", "123456", "run up or down"),
        ("111111", "111111", "do not repeat"),
        ("010190", "010190", "reads as a date"),
        ("80371", "80371", "six digits"),
        ("80371x", "80371x", "six digits"),
        (PIN, "803718", "do not agree"),
    ],
)
def test_a_pin_that_will_not_do_is_refused_with_what_to_do(ward_pc, pin, again, words):
    signs_in(ward_pc, "ada.one")

    page = ward_pc.post("accounts.pin", {"pin": pin, "again": again})

    assert page.status == 422
    assert words in page.words.replace("6 digits", "six digits")


@pytest.mark.hazard("H34")
def test_a_lock_ends_the_identity_and_the_same_person_goes_on_where_they_were(ward_pc):
    begins_shift(ward_pc, "ada.one")
    before = cookies_of(ward_pc)["lab_session"]

    ward_pc.post("accounts.lock", {"resume": "/menu"})
    locked = is_in(ward_pc)
    page = ward_pc.follow(ward_pc.get("accounts.sign_in"))
    back = comes_back(ward_pc)

    assert locked is False
    assert page.h1 == "Locked"
    assert "Ada One" in page.words
    assert back.location == "/menu"
    assert is_in(ward_pc)
    assert cookies_of(ward_pc)["lab_session"] != before
    session().rollback()
    rows = session().scalars(select(SignIn).order_by(SignIn.started_at)).all()
    assert len({row.token_digest for row in rows}) == len(rows)
    assert len({row.shift_id for row in rows}) == 1
    assert sum(row.ended_at is None for row in rows) == 1


@pytest.mark.hazard("H34")
def test_the_cookie_from_before_the_lock_opens_nothing(app, ward_pc):
    begins_shift(ward_pc, "ada.one")
    old = cookies_of(ward_pc)
    ward_pc.post("accounts.lock")
    comes_back(ward_pc)

    assert not is_in(another_browser(app, old))


@pytest.mark.hazard("H34")
def test_another_person_gets_a_sign_in_of_their_own_and_nothing_of_the_one_before(ward_pc, live):
    begins_shift(ward_pc, "ada.one")
    ward_pc.post("accounts.lock", {"resume": "/requests/new"})
    begins_shift(ward_pc, "ben.two", "520864")
    ward_pc.post("accounts.lock", {"resume": "/menu"})

    back = comes_back(ward_pc, "520864", who="Ben Two")

    assert back.location == "/menu"
    assert "Ben Two" in ward_pc.get("incidents.incident").text
    ward_pc.post("accounts.lock")
    assert comes_back(ward_pc, who="Ada One").location == "/requests/new"
    session().rollback()
    for row in session().scalars(select(SignIn)):
        assert row.grant.user_id == row.shift.user_id
    events = session().scalars(select(AuditEvent).where(AuditEvent.sign_in_id.is_not(None)))
    owners = {row.id: row.grant.user_id for row in session().scalars(select(SignIn))}
    assert all(owners[event.sign_in_id] == event.user_id for event in events)


@pytest.mark.hazard("H34")
def test_the_pin_of_one_person_does_not_open_another(ward_pc):
    begins_shift(ward_pc, "ada.one")
    ward_pc.post("accounts.lock")
    begins_shift(ward_pc, "ben.two", "520864")
    ward_pc.post("accounts.lock")

    page = comes_back(ward_pc, "520864", who="Ada One")

    assert page.status == 422
    assert "Wrong PIN. Four tries left" in page.words
    assert not is_in(ward_pc)


def test_signing_in_in_front_of_somebody_locks_them_and_keeps_their_pin(ward_pc):
    begins_shift(ward_pc, "ada.one")

    begins_shift(ward_pc, "ben.two", "520864")

    assert {each.name for each in locked_here(_device_id())} == {"Ada One", "Ben Two"}
    ward_pc.post("accounts.lock")
    assert comes_back(ward_pc, who="Ada One").status == 303


def test_five_wrong_pins_and_the_passphrase_is_needed(ward_pc):
    begins_shift(ward_pc, "ada.one")
    ward_pc.post("accounts.lock")
    shift = session().scalars(select(Shift.id)).one()
    session().rollback()

    wrong = [
        ward_pc.post("accounts.come_back", {"shift": shift, "pin": "520864"})
        for _ in range(PIN_TRIES)
    ]
    right = ward_pc.post("accounts.come_back", {"shift": shift, "pin": PIN})

    assert [page.status for page in wrong[:4]] == [422] * 4
    assert not is_in(ward_pc)
    assert right.location == "/sign-in"  # nobody is in the list any more
    assert signs_in(ward_pc, "ada.one").status == 303
    assert "shift:pin_spent" in _actions()


def test_tries_made_at_once_get_no_more_than_five(app, ward_pc):
    begins_shift(ward_pc, "ada.one")
    ward_pc.post("accounts.lock")
    shift = session().scalars(select(Shift.id)).one()
    session().rollback()
    key = cookies_of(ward_pc)["lab_device"]
    refused: list[str] = []

    def guess() -> None:
        with app.test_request_context(headers={"Cookie": f"lab_device={key}"}):
            try:
                check_pin(shift, "520864", field="pin")
            except RuleBroken as said:
                refused.append(said.message)

    failures = together([guess] * 8)

    assert failures == []
    looked_at = [each for each in refused if each.startswith(("Wrong PIN", "Five wrong"))]
    assert len(refused) == 8
    assert len(looked_at) == PIN_TRIES
    session().rollback()
    assert session().scalars(select(Shift.pin_hash)).one() is None


def test_a_pin_is_worth_nothing_at_another_device(client_for, ward_pc):
    begins_shift(ward_pc, "ada.one")
    ward_pc.post("accounts.lock")
    shift = session().scalars(select(Shift.id)).one()
    other = enrol(client_for(), "ED Resus 3")

    page = other.post("accounts.come_back", {"shift": shift, "pin": PIN})

    assert page.location == "/sign-in"
    assert not is_in(other)


def test_a_pin_ends_with_the_shift(ward_pc):
    begins_shift(ward_pc, "ada.one")
    ward_pc.post("accounts.lock")

    with clock.at(clock.now() + SIGN_IN_LIFE + dt.timedelta(seconds=1)):
        assert ward_pc.get("accounts.locked").location == "/sign-in"


def test_coming_back_does_not_lengthen_the_shift(ward_pc):
    begins_shift(ward_pc, "ada.one")
    ward_pc.post("accounts.lock")
    comes_back(ward_pc)

    session().rollback()
    ends = set(session().scalars(select(SignIn.ends_at)))
    assert ends == {session().scalars(select(Shift.ends_at)).one()}


def test_no_pin_is_kept_that_could_be_read(ward_pc):
    begins_shift(ward_pc, "ada.one")

    session().rollback()
    held = session().scalars(select(Shift)).one()
    assert held.pin_hash.startswith("$argon2id$")
    assert PIN not in held.pin_hash


def test_at_a_computer_that_is_not_enrolled_a_token_is_bound_to_its_address(app, client_for, world):
    client = client_for("doctor")
    stolen = cookies_of(client)

    assert not is_in(another_browser(app, stolen))
    assert is_in(client)


# The card that was half filled


def test_a_half_filled_card_waits_sealed_for_its_author_alone(ward_pc):
    begins_shift(ward_pc, "ada.one")
    typed = {"draft_of": "request", "draft": "surname=NIGHTINGALE&forenames=Flo&tests=FBC&tests=UE"}
    ward_pc.post("accounts.lock", {"resume": "/requests/new", **typed})
    session().rollback()
    held = session().scalars(select(Draft)).one()
    sealed = str(vars(held))
    begins_shift(ward_pc, "ben.two", "520864")
    others = ward_pc.get("requests.new")
    taken_by_other = ward_pc.post("requests.draft", {"do": "take-up"})
    ward_pc.post("accounts.lock")
    comes_back(ward_pc, who="Ada One")

    offered = ward_pc.get("requests.new")
    card = ward_pc.post("requests.draft", {"do": "take-up"})

    assert "NIGHTINGALE" not in sealed
    assert "had begun a card" not in others.words
    assert taken_by_other.status == 303
    assert "had begun a card" in offered.words
    assert value_of(card, "surname") == "NIGHTINGALE"
    assert {"FBC", "UE"} <= {
        e.get("value")
        for e in card.tree.iter()
        if e.get("name") == "tests" and e.get("checked") is not None
    }
    session().rollback()
    assert session().scalars(select(Draft)).all() == []


@pytest.mark.parametrize("which", ["thrown away", "a day later", "another form", "too long"])
def test_a_half_filled_card_does_not_stay(ward_pc, which):
    begins_shift(ward_pc, "ada.one")
    form = "menu" if which == "another form" else "request"
    text = "surname=N" + ("x" * 70_000 if which == "too long" else "")
    ward_pc.post("accounts.lock", {"draft_of": form, "draft": text})
    comes_back(ward_pc)
    if which == "thrown away":
        ward_pc.post("requests.draft", {"do": "throw-away"})
    moment = clock.now()
    if which == "a day later":
        with unit_of_work():
            session().scalars(select(Draft)).one().kept_at = moment - dt.timedelta(hours=25)

    assert "had begun a card" not in ward_pc.get("requests.new").words


# Left alone


@pytest.mark.hazard("H34")
@pytest.mark.parametrize("kind", list(ScreenKind))
def test_a_screen_left_alone_answers_nobody(client_for, live, kind):
    client = begins_shift(enrol(client_for(), kind=kind), "ada.one")
    now = clock.now()

    with clock.at(now + IDLE[kind]):
        before = is_in(client)
    with clock.at(now + IDLE[kind] * 2 + IDLE_GRACE + dt.timedelta(seconds=1)):
        after = is_in(client)
        page = client.follow(client.get("accounts.sign_in"))

    assert (before, after) == (True, False)
    assert page.h1 == "Locked"


def test_a_list_that_fetches_itself_is_nobody_who_sits_there(ward_pc):
    begins_shift(ward_pc, "ada.one")
    now = clock.now()

    for seconds in range(20, 160, 20):
        with clock.at(now + dt.timedelta(seconds=seconds)):
            ward_pc.live("tracking.my_requests")

    assert not _in_at(ward_pc, now + dt.timedelta(seconds=155))


def test_somebody_who_types_is_not_locked_out(ward_pc):
    begins_shift(ward_pc, "ada.one")
    now = clock.now()

    for seconds in range(60, 600, 60):
        with clock.at(now + dt.timedelta(seconds=seconds)):
            assert ward_pc.post("accounts.still_here").status == 204

    assert _in_at(ward_pc, now + dt.timedelta(seconds=600))


def _in_at(client, moment) -> bool:
    with clock.at(moment):
        return is_in(client)


def test_in_a_demonstration_nothing_locks(client_for, world):
    client = client_for("doctor")

    assert _in_at(client, clock.now() + dt.timedelta(hours=11))
    assert "data-lock" not in client.get("tracking.home").text


# Elsewhere and ended


@pytest.mark.hazard("H36")
def test_a_copied_cookie_opens_nothing_without_the_device_and_is_noted_once(app, ward_pc):
    begins_shift(ward_pc, "ada.one")
    stolen = {"lab_session": cookies_of(ward_pc)["lab_session"]}

    tries = [is_in(another_browser(app, stolen)) for _ in range(2)]

    assert tries == [False, False]
    assert _actions().count("sign_in:seen_elsewhere") == 1
    assert is_in(ward_pc)
    assert sign_ins_now()[0].elsewhere_at is not None


def test_sessions_of_a_person_die_with_every_change_of_their_account(app, client_for, live, world):
    ada = live["ada.one"]
    pcs = [enrol(client_for(), f"PC {n}") for n in range(3)]
    for pc in pcs:
        begins_shift(pc, "ada.one")
    pcs[0].post("accounts.passphrase", {"old": OWN, "new": OWN + "!", "again": OWN + "!"})
    after_passphrase = [is_in(pc) for pc in pcs]
    begins_shift_again = signs_in(pcs[1], "ada.one", OWN + "!").status
    pcs[1].post("accounts.pin", {"pin": PIN, "again": PIN})
    with unit_of_work():
        user = _user(ada)
        reset_user(ada, user.version, actor=world.administrator)
    after_reset = [is_in(pc) for pc in pcs]

    assert after_passphrase == [True, False, False]
    assert begins_shift_again == 303
    assert after_reset == [False, False, False]
    assert all(locked_here(each.id) == () for each in devices())
    with unit_of_work():
        disable_user(ada, _user(ada).version, actor=world.administrator)
    assert signs_in(pcs[0], "ada.one", OWN + "!").status == 422


def _user(user_id):
    from lab_contingency.accounts.models import User

    return session().get_one(User, user_id)


def test_a_new_pin_ends_the_cookie_from_before(app, ward_pc):
    begins_shift(ward_pc, "ada.one")
    old = cookies_of(ward_pc)

    ward_pc.post("accounts.pin", {"pin": "520864", "again": "520864"})

    assert is_in(ward_pc)
    assert not is_in(another_browser(app, old))


@pytest.mark.hazard("H36")
def test_a_cookie_handed_over_before_signing_in_is_worth_nothing_after(app, ward_pc):
    ward_pc.get("accounts.sign_in")
    planted = cookies_of(ward_pc)

    begins_shift(ward_pc, "ada.one")

    assert not is_in(another_browser(app, planted))


@pytest.mark.parametrize("which", ["one", "person", "device", "all"])
def test_ending_sign_ins_reaches_exactly_those(client_for, world, which):
    admin = client_for("administrator")
    king = world.sites["KCH"]
    ada = a_person("ada.one", Role.REQUESTER, site_id=king)
    a_person("ben.two", Role.REQUESTER, site_id=king)
    one = begins_shift(enrol(client_for(), "PC A"), "ada.one")
    two = begins_shift(enrol(client_for(), "PC B"), "ben.two", "520864")
    row = next(each for each in sign_ins_now() if each.user_id == ada)
    page = admin.get("accounts.sign_ins")

    match which:
        case "one":
            admin.post("accounts.end_sign_in", sign_in_id=row.id)
        case "person":
            admin.post("accounts.end_sign_ins_of_person", user_id=ada)
        case "device":
            admin.post("accounts.end_sign_ins_of_device", device_id=row.device_id)
        case "all":
            admin.post("accounts.end_all_sign_ins")

    assert "Ada One" in page.words
    assert "PC A" in page.words
    assert (is_in(one), is_in(two)) == (False, which != "all")
    assert admin.get("accounts.sign_ins").status == 200
    assert locked_here(row.device_id) == ()
    session().rollback()
    assert session().get_one(SignIn, row.id).ended_how is Ending.ENDED_BY_ADMINISTRATOR


def test_the_incident_button_signs_out_everybody_else_stops_exports_and_work_goes_on(
    client_for, world
):
    from lab_contingency.accounts.queries import exports_stopped

    admin = client_for("administrator")
    a_person("ada.one", Role.REQUESTER, site_id=world.sites["KCH"])
    pc = enrol(client_for(), "PC A")
    enrol(client_for(), "PC B")
    begins_shift(pc, "ada.one")
    others = client_for("porter")
    lost_id = next(each.id for each in devices() if each.name == "PC B")

    page = admin.post("accounts.press_incident_button", {"device": str(lost_id)})

    assert page.status == 200
    assert "What to do next" in page.words
    assert exports_stopped()
    assert (is_in(pc), is_in(others), is_in(admin)) == (False, False, True)
    assert {each.name: each.state for each in devices()} == {"PC A": "enrolled", "PC B": "revoked"}
    begins_shift(pc, "ada.one")
    assert pc.get("requests.new").status == 200
    admin.post("accounts.allow_exports")
    session().rollback()
    assert not exports_stopped()
    assert {"incident_button:pressed", "exports:allowed", "device:revoked"} <= set(_actions())


def test_the_button_pressed_twice_stops_exports_once(world):
    from lab_contingency.accounts.models import ExportStop

    for _ in range(2):
        with unit_of_work():
            press_incident_button(None, actor=world.administrator)

    assert len(session().scalars(select(ExportStop)).all()) == 1


def test_what_is_not_there_is_told_so(client_for, world):
    admin = client_for("administrator")

    assert admin.post("accounts.end_sign_in", sign_in_id=stranger_id()).status == 404
    assert admin.post("accounts.revoke_device", device_id=stranger_id()).status == 404
    assert admin.post("accounts.acknowledge_emergency", entry_id=stranger_id()).status == 404


def test_the_actor_of_a_request_says_which_device_and_address(ward_pc, world):
    begins_shift(ward_pc, "ada.one")

    session().rollback()
    event = (
        session()
        .scalars(
            select(AuditEvent)
            .where(AuditEvent.action == "shift:pin_chosen")
            .order_by(AuditEvent.recorded_at.desc())
        )
        .first()
    )
    assert event.device_id == _device_id()
    assert event.address.startswith("127.")


def test_the_lock_page_names_nobody_at_a_device_that_is_not_enrolled(client_for, ward_pc):
    begins_shift(ward_pc, "ada.one")
    ward_pc.post("accounts.lock")

    stranger = client_for()
    page = stranger.get("accounts.sign_in")

    assert stranger.get("accounts.locked").location == "/sign-in"
    assert "Ada One" not in page.text
    assert value_of(page, "username") == ""


def test_a_pin_outlives_a_new_pepper_and_opens_no_other_shift(app, quick_hashes):
    shift = uuid.uuid4()
    with app.app_context():
        held = pins.hashed("803719", shift)
        open_keys().rotate("pepper")

        assert pins.agrees(held, "803719", shift)
        assert not pins.agrees(held, "803718", shift)
        assert not pins.agrees(held, "803719", uuid.uuid4())
        assert not pins.agrees(None, "803719", shift)
