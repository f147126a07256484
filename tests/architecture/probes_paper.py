"""The same for papers: packs, pictures, slips on their way, the sheet of a shift, records that were linked."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping

from sqlalchemy import select, update

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.oversight.queries import handing_over
from lab_contingency.requests.commands import CorrectIdentity
from lab_contingency.requests.models import Request, RequestReach
from lab_contingency.requests.packs.pictures import read_picture
from lab_contingency.requests.packs.queries import standing
from lab_contingency.requests.packs.queries.pictures import picture_bytes
from lab_contingency.requests.packs.services import attach_picture
from lab_contingency.requests.queries.links import requests_of_same_person
from lab_contingency.requests.queries.unidentified import free_name
from lab_contingency.requests.rules.identity import Identity, Sex
from lab_contingency.requests.services import identify_patient, prepare_names
from lab_contingency.results.models import DeliveryList, Slip, SlipDelivery
from lab_contingency.results.queries.deliveries import (
    not_read,
    on_the_way,
    overdue_slips,
    slips_to_print,
)
from lab_contingency.results.services import deliver, print_batch, print_list_again
from lab_contingency.tracking.queries.counting import to_key_again
from tests.architecture.matrix import Matrix
from tests.factories.packs import PNG
from tests.factories.results import an_authorised_request
from tests.factories.world import SYSTEM, World, a_request, an_identity

_LATER = dt.timedelta(days=2)


def paper_probes(matrix: Matrix, world: World) -> Mapping[str, Callable[[], object]]:
    """By name. Ours is King's; who asks is St Thomas' doctor, once their laboratory."""
    doctor, bench = world.other_doctor, world.other_scientist
    ours = matrix.things["ours"]
    transcription_id, list_id = ours["transcription_id"], ours["list_id"]
    pack_id, picture_id = _a_keyed_picture(transcription_id, world)
    shared_list = _a_list_of_two_laboratories(world)
    linked = _a_linked_patient(world)
    an_authorised_request(world, identity=an_identity(53))  # waits to be printed
    list_number = (
        session().scalars(select(DeliveryList.number).where(DeliveryList.id == list_id)).one()
    )
    slip_number = session().scalars(
        select(Slip.number).join(SlipDelivery, SlipDelivery.slip_id == Slip.id)
        .where(SlipDelivery.list_id == list_id)
    ).first()  # fmt: skip
    now = clock.now()

    def overdue() -> int:
        late = Request.id == ours["request_id"]
        session().execute(update(Request).where(late).values(due_at=now - dt.timedelta(hours=1)))
        return len(handing_over.overdue_requests(doctor))

    def later(probe: Callable[[], object]) -> object:
        with clock.at(now + _LATER):
            return probe()

    return {
        "stages": lambda: [one.waiting for one in handing_over._tests(doctor)],
        "telephoning": lambda: handing_over._telephoning(doctor).waiting,
        "open criticals": lambda: len(handing_over.open_criticals(doctor)),
        "overdue requests": overdue,
        "picture of a keyed form": lambda: len(picture_bytes(picture_id, doctor)[1]),
        "transcription": lambda: standing.transcription(transcription_id, doctor).id,  # type: ignore[arg-type]
        "to key again": lambda: len(standing.to_key_again(doctor)),
        "forms of the tab": lambda: (
            session()
            .execute(select(to_key_again(doctor).scalar_subquery()), {"person": doctor.user_id})
            .scalar()
        ),
        "attach": lambda: bool(attach_picture(pack_id, read_picture(PNG), actor=doctor)),
        "same person": lambda: len(requests_of_same_person(linked, doctor)),
        "slips to print": lambda: sum(one.slips for one in slips_to_print(doctor)),
        "slips on the way": lambda: len(on_the_way(doctor)),
        "not read": lambda: later(lambda: len(not_read(doctor))),
        "late slips": lambda: later(lambda: session().scalars(overdue_slips(doctor)).one()),
        "deliver a list": lambda: deliver(list_number, actor=doctor).slips,
        "deliver a slip": lambda: deliver(str(slip_number), actor=doctor).slips,
        "print a list again": lambda: print_list_again(shared_list, actor=bench).slips,
    }


def _a_keyed_picture(transcription_id: object, world: World) -> tuple[uuid.UUID, uuid.UUID]:
    """A picture of the form that King's doctor keyed: its pack and its id."""
    held = standing._transcriptions(standing.Transcription.id == transcription_id, standing.true())
    with unit_of_work():
        return held[0].pack_id, attach_picture(
            held[0].pack_id, read_picture(PNG), actor=world.doctor
        )


def _a_list_of_two_laboratories(world: World) -> uuid.UUID:
    """Slips for one ward, of which St Thomas' laboratory reaches one."""
    first, second = (an_authorised_request(world, identity=an_identity(n)) for n in (51, 52))
    with unit_of_work():
        laboratory_id = world.laboratories["STH-LAB"]
        session().add(RequestReach(request_id=second, laboratory_id=laboratory_id))
    ward_id = session().get_one(Request, first).destination_id
    with unit_of_work():
        print_batch(ward_id, actor=world.porter)
    statement = select(SlipDelivery.list_id).where(SlipDelivery.request_id == second)
    list_id = session().scalars(statement).one()
    assert list_id is not None
    return list_id


def _a_linked_patient(world: World) -> uuid.UUID:
    """Somebody of King's who came without a name, and turned out to be this patient."""
    with unit_of_work():
        prepare_names("RJZ", 5, actor=SYSTEM)
    name = free_name("RJZ")
    assert name is not None
    unknown = Identity(
        name.surname, name.forename, dt.date(1986, 1, 1), Sex.MALE, "", name.number, "RJZ",
        unidentified=True,
    )  # fmt: skip
    request_id = a_request(world, identity=unknown, unidentified=True).request_id
    version = session().get_one(Request, request_id).version
    known = a_request(world, identity=an_identity(54)).request_id
    command = CorrectIdentity(request_id, version, an_identity(54), "daughter came")
    with unit_of_work():
        identify_patient(command, actor=world.doctor)
    return session().get_one(Request, known).patient_id
