"""A laboratory that works on paper, boxes that went there, and slips that came back, by the real services."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.catalogue.models import ReferenceInterval
from lab_contingency.catalogue.rules import Sex
from lab_contingency.catalogue.services import seed_intervals
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.identity import new_id
from lab_contingency.network.models import Agreement, Link, MenuEntry
from lab_contingency.network.rules import Acceptance
from lab_contingency.places.models import Laboratory
from lab_contingency.places.rules import LaboratoryKind
from lab_contingency.requests.packs.pictures import read_picture
from lab_contingency.results.returned import services
from lab_contingency.results.returned.commands import CheckAgainstPage, ReturnedValue, TypeBack
from lab_contingency.results.returned.models import ReturnSlip
from lab_contingency.results.returned.queries import return_view
from lab_contingency.results.returned.services import Compared, PrintedReturns
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.services import receive
from lab_contingency.transport.commands import HandOverBox, PackTube, SealBox
from lab_contingency.transport.services import hand_over_box, pack_tube, seal_box, start_box
from tests.factories.packs import PNG
from tests.factories.tubes import assign, collect, label
from tests.factories.world import SYSTEM, World, a_request

CODE, NAME = "NGP-LAB", "Northgate General, pathology"
BORN = dt.date(1958, 11, 4)
UE = {"NA": "139", "K": "4.4", "UREA": "6.1", "CREA": "80", "CL": "101"}
CRITICAL_UE = {**UE, "K": "6.9"}
_AGO = dt.timedelta(minutes=5)


def a_paper_partner(world: World, accepts: Acceptance = Acceptance.PAPER) -> uuid.UUID:
    """Northgate: the menu of the other partner, a potassium interval of its own, an agreement."""
    other = session().get_one(Laboratory, world.laboratories["SWLP-LAB"])
    with unit_of_work():
        row = Laboratory(
            id=new_id(), code=CODE, name=NAME, kind=LaboratoryKind.PARTNER,
            organisation_id=other.organisation_id, site_id=None, telephone="020 7946 0733",
        )  # fmt: skip
        session().add(row)
        session().flush()
        for entry in session().scalars(
            select(MenuEntry).where(MenuEntry.laboratory_id == other.id)
        ):
            session().add(
                MenuEntry(
                    id=new_id(),
                    laboratory_id=row.id,
                    test_code=entry.test_code,
                    turnaround_minutes=entry.turnaround_minutes,
                    method="Beckman AU",
                    analytes=entry.analytes,
                    price_pence=None,
                )
            )
        today = clock.london(clock.now()).date()
        session().add_all(
            (
                *(
                    Link(
                        id=new_id(),
                        from_laboratory_id=world.laboratories[place],
                        to_laboratory_id=row.id,
                        travel_minutes=20,
                        note="van",
                    )
                    for place in ("KCH-LAB", "STH-LAB")
                ),
                Agreement(
                    id=new_id(), laboratory_id=row.id, reference="MA-7", accepts=accepts,
                    hand_off_minutes=10, custody_contact="R. Castellan",
                    custody_telephone="020 7946 0734", results_contact="the duty biochemist",
                    results_telephone="020 7946 0735", starts_on=today, ends_on=None,
                ),
            )
        )  # fmt: skip
        record("laboratory:added", row.id, actor=SYSTEM)  # whoever keeps the places reads them anew
        seed_intervals(row.id, dt.date(2020, 1, 1))
        _state_potassium(row.id, today)
    world.laboratories[CODE] = row.id
    return row.id


def laboratory_id(code: str) -> uuid.UUID:
    """The laboratory with that code."""
    return session().scalars(select(Laboratory.id).where(Laboratory.code == code)).one()


def _state_potassium(there: uuid.UUID, today: dt.date) -> None:
    for sex in Sex:
        session().add(
            ReferenceInterval(
                id=new_id(),
                laboratory_id=there,
                analyte_code="K",
                sex=sex,
                low=Decimal("3.3"),
                high=Decimal("4.9"),
                text="",
                note="",
                age_to=None,
                valid_from=today - dt.timedelta(days=30),
                valid_to=None,
            )
        )


def works_on_paper(there: uuid.UUID) -> None:
    """Agreed: no sign-in there."""
    today = clock.london(clock.now()).date()
    with unit_of_work():
        held = session().scalars(select(Agreement).where(Agreement.laboratory_id == there))
        for row in held:
            session().delete(row)
        session().flush()
        session().add(
            Agreement(
                id=new_id(),
                laboratory_id=there,
                reference="MA-3",
                accepts=Acceptance.PAPER,
                hand_off_minutes=20,
                custody_contact="front desk",
                custody_telephone="020 7946 0956",
                results_contact="Senior on shift",
                results_telephone="020 7946 0957",
                starts_on=today - dt.timedelta(days=1),
                ends_on=None,
            )
        )


def a_box(
    world: World, *cards: Mapping[str, object], send: bool = True, at: str = "KCH-LAB"
) -> uuid.UUID:
    """A sealed box to Northgate with the tubes of a request for each card; sent unless said otherwise."""
    held = select(Laboratory.id).where(Laboratory.code == CODE)
    there = session().scalars(held).one_or_none() or a_paper_partner(world)
    with unit_of_work():
        box = start_box(there, actor=world.scientist)
    tubes = 0
    for card in cards or ({},):
        request_id = a_request(world, **{"tests": ("UE",), **card}).request_id
        assign(world, request_id, CODE)
        label(world, request_id)
        collect(world, request_id)
        for tube in tubes_of(request_id):
            with unit_of_work():
                receive(tube.number or "", world.laboratories[at], actor=world.scientist)
            with unit_of_work():
                pack_tube(PackTube(box, tube.number or ""), actor=world.scientist)
            tubes += 1
    with unit_of_work():
        seal_box(SealBox(box, "B14", "008821"), actor=world.scientist)
    if send:
        hand = HandOverBox(uuid.uuid4(), box, "Scientist", "D. Courier", "reception", tubes)
        with unit_of_work():
            hand_over_box(hand, actor=world.scientist)
    return box


def printed(world: World, box: uuid.UUID, reason: str = "") -> PrintedReturns:
    """Its slips, printed by the scientist."""
    with unit_of_work():
        return services.print_return_slips(box, reason, actor=world.scientist)


def a_slip(world: World, *, at: str = "KCH-LAB", **card: object) -> uuid.UUID:
    """A slip of one request in a box of its own."""
    box = a_box(world, card, at=at)
    printed(world, box)
    return session().scalars(select(ReturnSlip.id).where(ReturnSlip.consignment_id == box)).one()


def request_of(slip_id: uuid.UUID) -> uuid.UUID:
    return session().get_one(ReturnSlip, slip_id).request_id


def rows(test: str, values: Mapping[str, str], **beside: str) -> tuple[ReturnedValue, ...]:
    """Rows of a test as they were written, with that laboratory's own interval on the potassium."""
    return tuple(
        ReturnedValue(test, analyte, text, **_beside(analyte, beside))
        for analyte, text in values.items()
    )


def _beside(analyte: str, beside: Mapping[str, str]) -> dict[str, str]:
    known = {"low": "3.3", "high": "4.9"} if analyte == "K" else {}
    return {**known, **beside}


def type_back(
    world: World,
    slip_id: uuid.UUID,
    *values: ReturnedValue,
    by: Actor | None = None,
    **changes: object,
) -> tuple[str, ...]:
    """Type a slip back, by the scientist."""
    held: dict[str, object] = {
        "slip_id": slip_id,
        "values": values,
        "performed_by": "J. Mensah",
        "authorised_by": "Dr M. Osei",
        "done_at": clock.now(),
    }
    with unit_of_work():
        command = TypeBack(**{**held, **changes})  # type: ignore[arg-type]
        return services.type_back(command, actor=by or world.scientist)


def keep_page(world: World, slip_id: uuid.UUID, data: bytes = PNG) -> uuid.UUID:
    """A photo of the page."""
    with unit_of_work():
        return services.attach_page(slip_id, read_picture(data), actor=world.scientist)


def check(
    world: World,
    slip_id: uuid.UUID,
    keyed: Mapping[tuple[str, str], str] | None = None,
    *,
    by: Actor | None = None,
    page_agrees: bool = True,
) -> Compared:
    """The colleague compares it with the page."""
    with unit_of_work():
        command = CheckAgainstPage(slip_id, page_agrees, keyed or {})
        return services.check_return(command, actor=by or world.colleague)


def a_released_slip(world: World, **card: object) -> uuid.UUID:
    """Typed by the scientist, page kept, checked by the colleague: the ward can read it."""
    slip_id = a_slip(world, **card)
    type_back(world, slip_id, *rows("UE", UE))
    keep_page(world, slip_id)
    check(world, slip_id)
    return slip_id


def seen(world: World, slip_id: uuid.UUID, by: Actor | None = None):
    """The slip as its page shows it."""
    return return_view(slip_id, by or world.scientist)
