"""Requests of planted patients in every state, made by the real services."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lab_contingency.accounts.commands import AddUser
from lab_contingency.accounts.rules import Role
from lab_contingency.accounts.services import add_demonstration_person
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.identity import new_id
from lab_contingency.places.models import Ward
from lab_contingency.requests.commands import CorrectDetails, WithdrawTests
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.services import correct_details, place_request, withdraw_tests
from lab_contingency.results.commands import (
    CloseWithoutCall,
    EnterResults,
    RecordAttempt,
    RecordCall,
    SendBack,
    TypedValue,
)
from lab_contingency.results.rules.calls import AttemptOutcome, Taker
from lab_contingency.results.services import (
    close_without_call,
    enter_results,
    record_call,
    record_failed_attempt,
    send_back,
)
from lab_contingency.specimens import services as specimens
from lab_contingency.specimens.commands import RejectTube
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.transport.questions.rules import QuestionKind
from lab_contingency.triage.commands import DeclineTests, DeferTests
from lab_contingency.triage.services import decline_tests, defer_tests
from tests.canaries import Planted
from tests.factories import boxes, returns
from tests.factories.chasing import refer
from tests.factories.questions import answer, ask
from tests.factories.results import (
    ANSWERS,
    UE,
    amend,
    authorise,
    check,
    enter,
    on_the_bench,
    sent_elsewhere,
)
from tests.factories.tubes import a_collected_tube, assign, collect, label, receive
from tests.factories.world import SYSTEM, World, a_card

REJECTION = "haemolysed"


@dataclass
class Night:
    """The planted patients, and who is about."""

    world: World
    planted: list[Planted]
    wards: dict[str, uuid.UUID]
    calls: list[uuid.UUID]
    slips: list[uuid.UUID]

    def called(self, tag: str) -> Planted:
        return next(one for one in self.planted if one.tag == tag)


class _Maker:
    def __init__(self, world: World) -> None:
        self.world, self.planted, self.wards = world, list[Planted](), dict[str, uuid.UUID]()

    def new(self, site: str = "KCH") -> Planted:
        one = Planted(len(self.planted))
        self.planted.append(one)
        with unit_of_work():
            row = Ward(
                id=new_id(),
                code=f"{site}-{one.said('ward')}",
                name=one.said("ward"),
                site_id=self.world.sites[site],
                telephone="020 7946 0999",
            )
            session().add(row)
        self.wards[one.tag] = row.id
        return one

    def card(self, one: Planted, **changes: object) -> dict[str, object]:
        held: dict[str, object] = {
            "identity": one.identity,
            "ward_id": self.wards[one.tag],
            "destination_id": self.wards[one.tag],
            "bed": one.said("bed"),
            "requested_by": one.said("reqr"),
            "consultant": one.said("cons") if one.place % 2 else "",
            "callback": one.said("call"),
            "clinical_details": one.said("clin"),
            "reason_code": "OTHER",
            "reason_text": one.said("clin"),
            "answers": ANSWERS,
        }
        return {**held, **changes}

    def keep(self, one: Planted, request_id: uuid.UUID) -> uuid.UUID:
        one.requests.append(request_id)
        one.patient_id = session().get_one(Request, request_id).patient_id
        session().rollback()
        return request_id

    def placed(self, one: Planted, *, actor: Actor | None = None, **changes: object) -> uuid.UUID:
        card = a_card(self.world, **self.card(one, **changes))
        with unit_of_work():
            made = place_request(card, actor=actor or self.world.doctor)
        return self.keep(one, made.request_id)

    def benched(self, one: Planted, **changes: object) -> uuid.UUID:
        return self.keep(one, on_the_bench(self.world, **self.card(one, **changes)))


def a_night(world: World) -> Night:
    """Some twenty patients, one or several in each state that a request can be in."""
    make = _Maker(world)
    _people(world)
    _before_the_laboratory(make, world)
    _tubes(make, world)
    _boxes(make, world)
    calls = _results(make, world)
    _decisions(make, world)
    return Night(world, make.planted, make.wards, calls, _returned(make, world))


def _people(world: World) -> None:
    extra = (
        ("third_doctor", Role.REQUESTER, "KCH", None),
        ("fourth_doctor", Role.REQUESTER, "STH", None),
        ("second_porter", Role.PORTER, None, None),
        ("third_scientist", Role.LABORATORY, None, "STH-LAB"),
        ("second_partner", Role.PARTNER, None, "SWLP-LAB"),
        ("third_senior", Role.SENIOR, None, "STH-LAB"),
    )
    with unit_of_work():
        for name, role, site, laboratory in extra:
            said = name.replace("_", " ").title()
            places = world.sites.get(site or ""), world.laboratories.get(laboratory or "")
            user_id = add_demonstration_person(AddUser(name, said, role, *places), actor=SYSTEM)
            world.people[name] = Actor(user_id, said, role.value, *places)


def _before_the_laboratory(make: _Maker, world: World) -> None:
    make.placed(make.new())
    make.placed(make.new(), tests=("UE", "CRP"), band=Band.P2)
    make.placed(make.new("STH"), actor=world.other_doctor)
    # Nothing clinical at all, so that nothing clinical may be recorded.
    make.placed(
        make.new(), band=Band.P3, reason_code="", reason_text="", clinical_details="",
        anticoagulant="", infection_risk="", answers={},
    )  # fmt: skip
    make.placed(make.new(), tests=("GS",), answers=ANSWERS)


def _tubes(make: _Maker, world: World) -> None:
    labelled = make.placed(make.new())
    assign(world, labelled)
    label(world, labelled)
    taken = make.placed(make.new(), tests=("UE",))
    assign(world, taken)
    label(world, taken)
    collect(world, taken)
    carried = make.placed(make.new())
    assign(world, carried)
    label(world, carried)
    collect(world, carried)
    with unit_of_work():
        number = tubes_of(carried)[0].number or ""
        specimens.hand_over([number], "Porter", actor=world.porter)
    received = make.placed(make.new())
    assign(world, received)
    label(world, received)
    collect(world, received)
    receive(world, tubes_of(received)[0].number or "")
    onward = make.placed(make.new())
    assign(world, onward, "STH-LAB")
    label(world, onward)
    collect(world, onward)
    receive(world, tubes_of(onward)[0].number or "")
    _rejected(make, world)


def _boxes(make: _Maker, world: World) -> None:
    """One box on its way; one that was unpacked, and a tube of it was missing."""
    numbers = []
    for _ in range(3):
        referred = make.placed(make.new())
        numbers.append(a_collected_tube(world, referred))
        receive(world, numbers[-1])
        assign(world, referred, "STH-LAB")
    boxes.on_the_way(world, numbers[:1])
    box = boxes.opened(world, numbers[1:])
    boxes.unpack(world, box, numbers[1])
    boxes.finish(world, box)


def _rejected(make: _Maker, world: World) -> None:
    one = make.new()
    rejected = make.placed(one)
    assign(world, rejected)
    label(world, rejected)
    collect(world, rejected)
    receive(world, tubes_of(rejected)[0].number or "")
    with unit_of_work():
        planned = tubes_of(rejected)[0].planned_tube_id
        command = RejectTube(rejected, planned, "HAEMOLYSED", one.said("rmk"))
        specimens.reject(command, actor=world.scientist)
    one.coded.add(REJECTION)


def _values(one: Planted, potassium: int = 4) -> dict[str, str]:
    return {**UE, "K": one.value(potassium)}


def _results(make: _Maker, world: World) -> list[uuid.UUID]:
    make.benched(make.new())
    one = make.new()
    enter(make.benched(one), world.scientist, UE=_values(one))
    one = make.new()
    back = make.benched(one)
    enter(back, world.scientist, UE=_values(one))
    with unit_of_work():
        send_back(SendBack(back, (("UE", "K"),), one.said("rmk")), actor=world.colleague)
    authorised = make.new()
    done = make.benched(authorised, tests=("CRP",))
    values = (TypedValue("CRP", "CRP", authorised.value(12), authorised.said("rmk")),)
    with unit_of_work():
        enter_results(EnterResults(done, values), actor=world.scientist)
    authorise(done, world.senior, "CRP")
    again = make.benched(
        authorised,
        tests=("CRP",),
        bed="second " + authorised.said("bed"),
        overrides={"CRP": authorised.said("rmk")},
    )
    enter(again, world.scientist, CRP={"CRP": authorised.value(15)})
    _amended(make, world)
    partner = make.new()
    theirs = make.benched(partner)
    sent_elsewhere(world, theirs, "UE")
    partner.coded.add("no reagent")
    enter(theirs, world.partner, UE={c: v for c, v in _values(partner).items() if c != "BIC"})
    asked = ask(theirs, world.partner, partner.said("rmk"))
    answer(asked, world.scientist, partner.said("rmk"))
    ask(theirs, world.partner, partner.said("rmk"), kind=QuestionKind.OTHER)
    return _calls(make, world)


def _amended(make: _Maker, world: World) -> None:
    one = make.new()
    changed = make.benched(one, tests=("CRP",))
    enter(changed, world.scientist, CRP={"CRP": one.value(12)})
    authorise(changed, world.senior, "CRP")
    amend(changed, world.scientist, one.said("rmk"), CRP={"CRP": one.value(13)})
    authorise(changed, world.senior, "CRP")
    other = make.new()
    waiting = make.benched(other, tests=("CRP",))
    enter(waiting, world.scientist, CRP={"CRP": other.value(12)})
    authorise(waiting, world.senior, "CRP")
    amend(waiting, world.scientist, other.said("rmk"), CRP={"CRP": other.value(13)})


def _calls(make: _Maker, world: World) -> list[uuid.UUID]:
    def critical() -> tuple[Planted, uuid.UUID]:
        one = make.new()
        request_id = make.benched(one)
        enter(request_id, world.scientist, UE=_values(one, potassium=7))
        (call_id,) = check(request_id, world.colleague, "UE")
        return one, call_id

    waiting, (tried, second), (told, third), (spared, fourth) = (critical() for _ in range(4))
    with unit_of_work():
        record_failed_attempt(
            RecordAttempt(
                second, AttemptOutcome.DIFFERS, "4302", tried.said("pers"),
                tried.value(9), "", None,
            ),
            actor=world.senior,
        )  # fmt: skip
    with unit_of_work():
        (value,) = (each for each in told.values)
        record_call(
            RecordCall(third, "4302", told.said("pers"), Taker.NURSE, True, value, "", None),
            actor=world.senior,
        )
    with unit_of_work():
        close_without_call(
            CloseWithoutCall(fourth, "BEDSIDE", spared.said("rmk")), actor=world.senior
        )
    return [waiting[1], second, third, fourth]


def _returned(make: _Maker, world: World) -> list[uuid.UUID]:
    """Slips of a laboratory on paper: not typed yet, typed with a comment, one that two people read differently."""
    found = []
    people = [make.new() for _ in range(3)]  # their wards are there before anybody reads the places
    for step, one in enumerate(people):
        slip_id = returns.a_slip(world, **make.card(one))
        make.keep(one, returns.request_of(slip_id))
        if step:
            values = _values(one) if step == 1 else _values(one, potassium=8)
            typed = returns.rows("UE", {c: v for c, v in values.items() if c != "BIC"})
            said = returns.rows("UE", {"CL": "101"}, comment=one.said("rmk"))
            returns.type_back(world, slip_id, *typed[:-1], *said)
            returns.keep_page(world, slip_id)
        if step == 2:
            returns.check(world, slip_id, {("UE", "K"): one.value(7)})
        found.append(slip_id)
    return found


def _decisions(make: _Maker, world: World) -> None:
    one = make.new()
    refer(world, make.placed(one, tests=("CRP",)), "CRP")
    one = make.new()
    held = make.placed(one)
    with unit_of_work():
        defer_tests(DeferTests(held, None, "OTHER", one.said("rmk")), actor=world.senior)
    one = make.new()
    declined = make.placed(one, tests=("FBC", "CRP"))
    with unit_of_work():
        command = DeclineTests(declined, None, "OTHER", one.said("rmk"), one.said("rmk"), ("CRP",))
        decline_tests(command, actor=world.senior)
    one = make.new()
    corrected = make.placed(one, tests=("FBC", "CRP"))
    view = request_view(corrected, world.doctor)
    # A minute later, since a search of the record ends after its newest rows.
    with clock.at(clock.now() + dt.timedelta(minutes=1)), unit_of_work():
        correct_details(
            CorrectDetails(
                corrected, view.version, view.ward.id, view.bed, view.destination.id,
                one.said("call"), one.said("cons"), one.said("clin"), one.said("rmk"),
            ),
            actor=world.doctor,
        )  # fmt: skip
    view = request_view(corrected, world.doctor)
    with unit_of_work():
        withdraw_tests(
            WithdrawTests(corrected, view.version, ("CRP",), one.said("rmk")), actor=world.doctor
        )
