"""Every scoped reading and locking, asked by somebody of another place: what each gives away."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping

from sqlalchemy import delete, select, update

from lab_contingency.accounts.models import RoleGrant, SignIn
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import LabError
from lab_contingency.foundation.sealing import seal
from lab_contingency.requests.commands import LookBeyond
from lab_contingency.requests.models import LookGrant, Request, RequestReach
from lab_contingency.requests.queries import (
    request_by_number,
    request_id_of,
    request_view,
)
from lab_contingency.requests.queries.known import similar_names
from lab_contingency.requests.queries.looking import is_finished, look_at, my_look
from lab_contingency.requests.rules.looking import LookNumber, LookReason, NumberKind
from lab_contingency.requests.rules.statuses import TestAction
from lab_contingency.requests.services import (
    Evidence,
    end_look,
    lock_request,
    look_beyond,
    move_test,
    request_of_number,
)
from lab_contingency.requests.services.summary import tests_of
from lab_contingency.results.models import CriticalCall
from lab_contingency.results.queries.calls import _similar, open_calls, request_of_call
from lab_contingency.results.queries.released import unread_requests
from lab_contingency.results.queries.values import before_of
from lab_contingency.results.rules.calls import CallOutcome, CallStatus
from lab_contingency.results.services import print_slip
from lab_contingency.routing.queries.outgoing import outgoing
from lab_contingency.routing.queries.waiting import (
    Filter,
    Show,
    _by_status,
    counts,
    waiting_statement,
)
from lab_contingency.specimens.queries.finding import find_by_number
from lab_contingency.specimens.queries.tubes import tubes_by_request
from lab_contingency.tracking.queries.counting import open_requests, unread_results
from lab_contingency.tracking.queries.custody import tube_places
from lab_contingency.tracking.queries.finding import request_of_slip
from lab_contingency.tracking.queries.lists import _unread, my_requests
from tests.architecture.matrix import Matrix
from tests.architecture.probes_chasing import chasing_probes
from tests.architecture.probes_custody import custody_probes
from tests.architecture.probes_paper import paper_probes
from tests.architecture.probes_partners import partner_probes
from tests.architecture.probes_planning import planning_probes
from tests.architecture.probes_returned import returned_probes
from tests.clients import stranger_id
from tests.factories.results import on_the_bench
from tests.factories.tubes import a_collected_tube, assign, receive
from tests.factories.world import SYSTEM, World, a_request, an_identity

Probe = Callable[[], object]


def told(probe: Probe) -> str:
    """What came of it, as text; nothing it did is kept."""
    try:
        return repr(probe())
    except (LabError, KeyError) as refused:  # a row of a list without its request
        return type(refused).__name__
    finally:
        session().rollback()


def probes(matrix: Matrix, world: World) -> Mapping[str, Probe]:
    """By name. Ours is King's; who asks is St Thomas' doctor or scientist, or their doctor in a look."""
    ours = matrix.things["ours"]["request_id"]
    call_id = matrix.things["ours"]["call_id"]
    request = session().get_one(Request, ours)
    number, patient = request.number, request.patient_id
    slip = _a_slip(ours, world)
    _a_tube_to_send_out(world)
    _a_waiting_request(world)
    doctor, bench = world.other_doctor, world.other_scientist
    looking = _looking(world)
    other_sign_in = dataclasses.replace(looking, sign_in_id=_another_sign_in(looking))
    look_id = session().scalars(select(LookGrant.id)).one()
    similar = an_identity(900, surname="Ourcanary", forenames="Oriel")
    now = clock.now()
    every = Filter(Show.ALL)

    def finished() -> object:
        session().execute(update(Request).where(Request.id == ours).values(closed_at=now))
        return is_finished(ours, doctor)

    def out_of_reach() -> object:
        session().execute(delete(RequestReach).where(RequestReach.request_id == ours))
        return request_of_call(call_id, world.scientist)

    def told_before() -> object:
        values = {
            "status": CallStatus.CLOSED,
            "outcome": CallOutcome.TOLD,
            "closed_at": now,
            "closed_by_name": "Senior",
            "sealed": seal(CriticalCall.__tablename__, call_id, {"person": "Dr A. Okafor"}),
        }
        session().execute(update(CriticalCall).where(CriticalCall.id == call_id).values(values))
        theirs = session().get_one(CriticalCall, matrix.things["theirs"]["call_id"])
        return len(_similar(theirs, request_view(ours, world.doctor), doctor))

    def ask(number: str, actor: Actor) -> object:
        born = dt.date(1958, 11, 4)
        command = LookBeyond(LookNumber(NumberKind.REQUEST, number), born, LookReason.ON_CALL, "")
        return look_beyond(command, actor=actor) is not None

    return {
        "view": lambda: request_view(ours, doctor).id,
        "view by a bench": lambda: request_view(ours, bench).id,
        "view to read": lambda: request_view(ours, doctor, reading=True).id,
        "view in a look": lambda: request_view(ours, looking, reading=True).id,
        "act in a look": lambda: request_view(ours, looking).id,
        "another patient in a look": lambda: _others(looking, patient),
        "coordinator": lambda: request_view(ours, world.coordinator, reading=True).id,
        "view by number": lambda: request_by_number(number, doctor).id,
        "id by number": lambda: request_id_of(number, doctor),
        "id by number to read": lambda: request_id_of(number, doctor, reading=True),
        "lock": lambda: lock_request(ours, actor=doctor).id,
        "lock by number": lambda: request_of_number(number, actor=doctor).id,
        "id before the lock": lambda: _first_refusal(number, doctor),
        "scan": lambda: find_by_number(number, doctor).request_id,
        "tubes": lambda: list(tubes_by_request([ours], doctor)),
        "places of tubes": lambda: tube_places(ours, doctor).number,
        "slip": lambda: request_of_slip(slip, doctor),
        "similar names": lambda: [one.name for one in similar_names(similar, doctor)],
        "open requests": lambda: session().scalars(open_requests(doctor)).one(),
        "unread results": lambda: session().scalars(unread_results(doctor)).one(),
        "unread requests": lambda: unread_requests(doctor),
        "unread of the list": lambda: _unread(doctor),
        "list": lambda: sorted(r.view.number for rows in my_requests(doctor).values() for r in rows),
        "queue": lambda: len(session().execute(waiting_statement(doctor, every, 99)).all()),
        "counts": lambda: sum(counts(doctor, now).bands.values()),
        "counts by status": lambda: sum(_by_status(doctor).values()),
        "send out": lambda: len(outgoing(doctor)),
        "values before": lambda: list(
            before_of(patient, stranger_id(), {"CRP"}, actor=doctor)
        ),
        "calls": lambda: [row.id for row in open_calls(doctor)],
        "call": lambda: request_of_call(call_id, doctor),
        "call out of reach": out_of_reach,
        "told before": told_before,
        "finished": finished,
        "look at": lambda: bool(look_at(ours, looking)),
        "look by another sign-in": lambda: bool(look_at(ours, other_sign_in)),
        "read by another sign-in": lambda: request_view(ours, other_sign_in, reading=True).id,
        "my look": lambda: my_look(look_id, other_sign_in).id,
        "end a look": lambda: end_look(look_id, actor=other_sign_in),
        "look at one's own": lambda: look_at(matrix.things["theirs"]["request_id"], looking),
        "ask to look": lambda: ask(number, looking),
        **paper_probes(matrix, world),
        **custody_probes(world),
        **returned_probes(matrix, world),
        **chasing_probes(world),
        **partner_probes(matrix, world),
        **planning_probes(world),
    }  # fmt: skip


def _others(looking: Actor, patient: object) -> int:
    statement = select(Request.id).where(Request.patient_id != patient)
    seen = 0
    for request_id in session().scalars(statement).all():
        try:
            request_view(request_id, looking, reading=True)
        except LabError:
            continue
        seen += 1
    return seen


def _first_refusal(number: str, actor: Actor) -> str:
    """Both refusals are NotFound; the first says more, so that a scan that fails is helped."""
    try:
        return str(request_of_number(number, actor=actor).id)
    except LabError as refused:
        return refused.message


def _a_slip(request_id: object, world: World) -> str:
    with unit_of_work():
        return print_slip(request_id, "", actor=world.doctor).slip.number  # type: ignore[arg-type]


def _a_tube_to_send_out(world: World) -> None:
    placed = a_request(world, tests=("CRP",), identity=an_identity(43))
    assign(world, placed.request_id)
    receive(world, a_collected_tube(world, placed.request_id))
    with unit_of_work():
        request = lock_request(placed.request_id, actor=SYSTEM)
        (test,) = tests_of(request.id)
        where = Evidence(laboratory_id=world.laboratories["SWLP-LAB"], reason="no reagent")
        move_test(request, test, TestAction.REASSIGN, where, actor=SYSTEM)


def _a_waiting_request(world: World) -> None:
    a_request(world, identity=an_identity(44))
    on_the_bench(world, identity=an_identity(45))


def _looking(world: World) -> Actor:
    sign_in_id = session().scalars(select(LookGrant.sign_in_id)).one()
    return dataclasses.replace(world.other_doctor, sign_in_id=sign_in_id)


def _another_sign_in(actor: Actor) -> object:
    statement = (
        select(SignIn.id)
        .join(RoleGrant, RoleGrant.id == SignIn.grant_id)
        .where(RoleGrant.user_id == actor.user_id, SignIn.id != actor.sign_in_id)
    )
    return session().scalars(statement).first()
