"""Two patients who went through everything that is ever sealed: every sealed table holds rows of both."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

from lab_contingency.accounts.codes import begin_codes
from lab_contingency.accounts.commands import OpenEnvelope
from lab_contingency.accounts.drafts import keep_draft
from lab_contingency.accounts.emergencies import open_envelope, print_envelopes
from lab_contingency.accounts.models import SignIn
from lab_contingency.accounts.rules import Role
from lab_contingency.accounts.sign_in import first_grant
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.identity import new_id
from lab_contingency.oversight.services import ask_export
from lab_contingency.oversight.services.leaks import match_leak
from lab_contingency.requests.commands import (
    CorrectDetails,
    CorrectIdentity,
    LookBeyond,
    WithdrawTests,
)
from lab_contingency.requests.models import Request
from lab_contingency.requests.packs.pictures import read_picture
from lab_contingency.requests.packs.services import attach_picture
from lab_contingency.requests.queries.unidentified import free_name
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.identity import Identity, Sex
from lab_contingency.requests.rules.looking import LookNumber, LookReason, NumberKind
from lab_contingency.requests.services import (
    correct_details,
    identify_patient,
    prepare_names,
    withdraw_tests,
)
from lab_contingency.requests.services.looking import look_beyond
from lab_contingency.results.commands import RecordAttempt, RecordCall, SendBack
from lab_contingency.results.models import CriticalCall
from lab_contingency.results.rules.calls import AttemptOutcome, Taker
from lab_contingency.results.services import (
    print_slip,
    record_call,
    record_failed_attempt,
    send_back,
)
from lab_contingency.routing.commands import ReassignTests
from lab_contingency.routing.services import accept_and_assign, reassign_tests
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import CorrectCollection, RejectTube
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.transport.chasing.commands import NoteCall
from lab_contingency.transport.chasing.services import note_call
from lab_contingency.transport.commands import MoveBox, SettleDiscrepancy
from lab_contingency.transport.custody.commands import NoteEnquiry
from lab_contingency.transport.custody.rules import Answer
from lab_contingency.transport.custody.services import note_enquiry
from lab_contingency.transport.rules import Condition, ConsignmentAction, Settlement
from lab_contingency.transport.services import move_box, settle, unpack_box
from lab_contingency.triage.commands import ChangePriority
from lab_contingency.triage.services import change_priority
from tests.factories import returns
from tests.factories.boxes import a_tube_for, differences, on_the_way, unpack
from tests.factories.chasing import referred
from tests.factories.packs import PNG, a_pack, keyed
from tests.factories.questions import answer, ask
from tests.factories.results import CRITICAL_UE, CRP, authorise, check, enter, on_the_bench
from tests.factories.tubes import assign, collect, label, receive
from tests.factories.world import SYSTEM, World, a_request, an_identity

_AGO = dt.timedelta(minutes=20)


def live_through_everything(world: World, *seeds: int) -> tuple[uuid.UUID, ...]:
    """Each patient's request that was put right, triaged, assigned again and withdrawn."""
    lived = tuple(_one(world, seed) for seed in seeds or (1, 2))
    _around(world, *(seeds or (1, 2)))
    return lived


def _one(world: World, seed: int) -> uuid.UUID:
    identity = an_identity(seed)
    _tubes(world, identity=identity)
    _in_a_box(world, identity=identity)
    _results(world, identity=identity)
    _on_paper(world, seed)
    returns.a_released_slip(world, identity=an_identity(seed + 700))
    _chased(world, identity=identity)
    return _changes(world, identity=identity)


def _on_paper(world: World, seed: int) -> None:
    """A form keyed from a pack, with its picture; and somebody unknown who turned out to be the patient."""
    pack = a_pack(world)
    with unit_of_work():
        attach_picture(pack, read_picture(PNG), actor=world.scientist)
    keyed(world, pack, identity=an_identity(seed), tests=("GLU",))
    with unit_of_work():
        prepare_names("RJZ", 5, actor=SYSTEM)
    name = free_name("RJZ")
    assert name is not None
    unknown = Identity(
        name.surname, name.forename, dt.date(1986, 1, 1), Sex.MALE, "", name.number, "RJZ",
        unidentified=True,
    )  # fmt: skip
    card = {"identity": unknown, "unidentified": True, "tests": ("GLU",)}
    request_id = a_request(world, **card).request_id
    version = session().get_one(Request, request_id).version
    command = CorrectIdentity(request_id, version, an_identity(seed), "daughter came")
    with unit_of_work():
        identify_patient(command, actor=world.doctor)


def _chased(world: World, **card: object) -> None:
    request_id = referred(world, tests=("FERR",), **card)
    partner = world.laboratories["SWLP-LAB"]
    with unit_of_work():
        note_call(NoteCall(partner, (request_id,), "Priya", "on the analyser"), actor=world.senior)


def _around(world: World, *seeds: int) -> None:
    """What is sealed beside the requests: drafts, codes, envelopes, looks, exports, searches."""
    with unit_of_work():
        _, envelopes = print_envelopes(actor=world.administrator)
    for who, seed, envelope in zip(("doctor", "other_doctor"), seeds, envelopes, strict=False):
        actor = world.people[who]
        stranger = replace(world.other_doctor, sign_in_id=_a_sign_in(world.other_doctor.user_id))
        identity = an_identity(seed)
        with unit_of_work():
            keep_draft("request", f"half a card {seed}", actor=actor)
            begin_codes(actor.user_id, actor=actor)
            opening = OpenEnvelope(envelope, "R. Night", Role.SENIOR, None, _a_place(world), "fire")
            open_envelope(opening, device_id=None, address="127.0.0.1")
            number = LookNumber(NumberKind.NHS, identity.nhs_number)
            look_beyond(LookBeyond(number, identity.born, LookReason.ON_CALL, ""), actor=stranger)
            match_leak([[f"{identity.nhs_number} x".encode()]], actor=world.governance)
            ask_export(
                "exposure", {}, title="some", people=1, reason="asked", actor=world.governance
            )


def _a_sign_in(user_id: uuid.UUID) -> uuid.UUID:
    with unit_of_work():
        row = SignIn(
            id=new_id(),
            token_digest=uuid.uuid4().hex,
            grant_id=first_grant(user_id),
            started_at=clock.now(),
            ends_at=clock.now() + dt.timedelta(hours=1),
        )
        session().add(row)
    return row.id


def _a_place(world: World) -> uuid.UUID:
    return world.laboratories["KCH-LAB"]


def _changes(world: World, **card: object) -> uuid.UUID:
    a_request(world, tests=("LAC",), **card)
    placed = a_request(
        world,
        tests=("LAC",),
        overrides={"LAC": "bled on the way"},
        collected_at=clock.now() - _AGO,
        **card,
    )
    request_id, ward = placed.request_id, world.wards["KCH-AMU"]
    with unit_of_work():
        details = CorrectDetails(
            request_id, 1, ward, "7", ward, "bleep 1", "Dr B", "weak", "moved to another bay"
        )
        correct_details(details, actor=world.doctor)
    with unit_of_work():
        lower = ChangePriority(request_id, None, Band.P2, "OTHER", "seen by the senior")
        change_priority(lower, actor=world.senior)
    with unit_of_work():
        accept_and_assign(request_id, None, actor=world.senior)
    with unit_of_work():
        other = ReassignTests(
            request_id, None, {"LAC": world.laboratories["STH-LAB"]}, "no reagent here"
        )
        reassign_tests(other, actor=world.senior)
    with unit_of_work():
        withdraw_tests(WithdrawTests(request_id, None, ("LAC",), "not needed"), actor=world.doctor)
    with unit_of_work():
        record("request:noted", request_id, actor=world.doctor, changes={"bed": ("4", "7")})
    return request_id


def _tubes(world: World, **card: object) -> None:
    request_id = a_request(world, tests=("FBC",), **card).request_id
    assign(world, request_id)
    number = label(world, request_id).labels[0].number
    (tube,) = tubes_of(request_id)
    assert tube.specimen_id is not None
    with unit_of_work():
        rung = NoteEnquiry((tube.specimen_id,), Answer.NOT_TAKEN, "Sister Obi", "asleep")
        note_enquiry(rung, actor=world.coordinator)
    collect(world, request_id)
    with unit_of_work():
        again = CorrectCollection(
            request_id, tube.planned_tube_id, clock.now() - _AGO, "Nurse A", "read the clock wrong"
        )
        services.correct_collection(again, actor=world.doctor)
    receive(world, number)
    with unit_of_work():
        refused = RejectTube(request_id, tube.planned_tube_id, "MISMATCH_FORM", "surname differs")
        services.reject(refused, actor=world.scientist)


def _in_a_box(world: World, **card: object) -> None:
    """A box that was called back, went on, and came with the tube too warm."""
    number = a_tube_for(world, **card)
    box_id = on_the_way(world, [number])
    for action in (ConsignmentAction.RECALL, ConsignmentAction.SEND_AFTER_ALL):
        with unit_of_work():
            move_box(MoveBox(box_id, action, "the road is closed"), actor=world.scientist)
    with unit_of_work():
        unpack_box(box_id, actor=world.other_scientist)
    unpack(world, box_id, number, Condition.WARM)
    (row,) = differences(box_id)
    with unit_of_work():
        ending = SettleDiscrepancy(row.id, Settlement.USED, "still cool inside")
        settle(ending, actor=world.scientist)


def _results(world: World, **card: object) -> None:
    request_id = on_the_bench(world, **card)
    enter(request_id, world.scientist, UE=CRITICAL_UE)
    with unit_of_work():
        doubt = SendBack(request_id, (("UE", "NA"),), "the strip says 141")
        send_back(doubt, actor=world.colleague)
    enter(request_id, world.scientist, UE=CRITICAL_UE)
    asked = ask(request_id, world.colleague, "which of the two times?")
    answer(asked, world.senior, "the later one")
    check(request_id, world.colleague, "UE")
    with unit_of_work() as session:
        call = session.query(CriticalCall).filter_by(request_id=request_id).one()
        record_failed_attempt(
            RecordAttempt(call.id, AttemptOutcome.NO_ANSWER, "2222"), actor=world.senior
        )
        told = RecordCall(call.id, "4302", "J. Ferreira", Taker.NURSE, True, "6.8")
        record_call(told, actor=world.senior)
    authorised = on_the_bench(world, tests=("CRP",), **card)
    enter(authorised, world.scientist, CRP=CRP)
    authorise(authorised, world.senior, "CRP")
    with unit_of_work():
        print_slip(authorised, actor=world.senior)
