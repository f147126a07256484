"""Slips by place: printed as a batch, carried with a list, closed by a scan, and back when they are late."""

import datetime as dt

import pytest
from sqlalchemy import select

from lab_contingency.audit.models import Leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.requests.rules.bands import Band
from lab_contingency.results.commands import Acknowledge
from lab_contingency.results.models import DeliveryList, Release, Slip, SlipDelivery
from lab_contingency.results.queries.deliveries import (
    not_read,
    on_the_way,
    overdue_slips,
    slips_to_print,
)
from lab_contingency.results.rules.slips import Arrival
from lab_contingency.results.services import (
    acknowledge,
    deliver,
    print_batch,
    print_list_again,
    print_slip,
)
from tests.factories.results import amend, an_authorised_request, authorise
from tests.factories.world import an_identity, make_world
from tests.printing.reading import barcodes, pages, text

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


@pytest.fixture
def resus(world):
    return world.wards["KCH-ED-RESUS"]


def printed(ward_id, actor):
    with unit_of_work():
        return print_batch(ward_id, actor=actor)


def arrived(number, actor):
    with unit_of_work():
        return deliver(number, actor=actor)


def alone(request_id, actor, reason=""):
    with unit_of_work():
        return print_slip(request_id, reason, actor=actor)


def read(request_id, actor):
    ids = session().scalars(select(Release.id).where(Release.request_id == request_id)).all()
    with unit_of_work():
        acknowledge(Acknowledge(request_id, tuple(ids)), actor=actor)


def way_of(request_id):
    statement = select(SlipDelivery).where(SlipDelivery.request_id == request_id)
    return session().scalars(statement.order_by(SlipDelivery.printed_at, SlipDelivery.id)).all()


def two_patients(world):
    return (
        an_authorised_request(world),
        an_authorised_request(
            world, identity=an_identity(2, surname="Woźniak", forenames="Siân"), band=Band.P2
        ),
    )


@pytest.mark.feature(61)
def test_what_was_authorised_waits_at_the_place_it_goes_to(world, resus):
    two_patients(world)

    (place,) = slips_to_print(world.porter)

    assert (place.ward_id, place.slips, place.band) == (resus, 2, Band.P1)


@pytest.mark.feature(61)
def test_a_batch_is_a_list_to_sign_and_its_slips_the_most_pressing_first(world, resus):
    two_patients(world)

    out = printed(resus, world.porter)

    assert pages(out.pdf) == 3
    listed = text(out.pdf)
    assert "Slips to deliver" in listed
    assert "2 slips" in listed
    assert [row.priority for row in out.delivery.rows] == ["P1 NOW", "P2 TODAY"]
    assert barcodes(out.pdf, 203) == sorted(
        [out.delivery.number, *(row.number for row in out.delivery.rows)]
    )
    assert [barcodes(out.pdf, 203, page)[0] for page in (1, 2)] == [
        row.number for row in out.delivery.rows
    ]


@pytest.mark.hazard("H18")
def test_names_that_could_be_mixed_up_are_marked_on_the_list(world, resus):
    an_authorised_request(world, identity=an_identity(1, surname="Patel", forenames="Anita"))
    an_authorised_request(world, identity=an_identity(2, surname="Patel", forenames="Anika"))
    an_authorised_request(world, identity=an_identity(3, surname="Lockhart", forenames="Desmond"))

    out = printed(resus, world.porter)

    marked = {row.patient.forenames: row.similar for row in out.delivery.rows}
    assert marked == {"Anita": True, "Anika": True, "Desmond": False}
    assert text(out.pdf).count("SIMILAR NAME") == 2


def test_a_batch_is_one_leaving_that_names_every_patient_on_it(world, resus):
    two_patients(world)

    printed(resus, world.porter)

    (leaving,) = session().scalars(select(Leaving)).all()
    rows = session().scalars(select(Slip)).all()
    (listed,) = session().scalars(select(DeliveryList)).all()
    assert leaving.kind == "slips of a place"
    assert len(leaving.contains) == 2
    assert {row.leaving_id for row in rows} == {leaving.id} == {listed.leaving_id}


def test_what_was_printed_waits_no_longer_and_is_on_its_way(world, resus):
    two_patients(world)

    out = printed(resus, world.porter)

    assert slips_to_print(world.porter) == ()
    (way,) = on_the_way(world.senior)
    assert (way.missing, way.slips, way.overdue) == (2, 2, False)
    assert way.number.replace(" ", "") == out.delivery.number


def test_printing_it_a_second_time_says_that_nothing_waits(world, resus):
    two_patients(world)
    printed(resus, world.porter)

    with pytest.raises(RuleBroken, match="Nothing waits for this place"):
        printed(resus, world.porter)


def test_what_was_read_on_a_screen_needs_no_slip(world):
    request_id = an_authorised_request(world)

    read(request_id, world.doctor)

    assert slips_to_print(world.porter) == ()


@pytest.mark.hazard("H21")
def test_an_amendment_waits_for_a_new_slip(world, resus):
    request_id = an_authorised_request(world)
    printed(resus, world.porter)
    amend(request_id, world.scientist, "Wrong line", CRP={"CRP": "120"})
    authorise(request_id, world.senior, "CRP")

    (place,) = slips_to_print(world.porter)
    out = printed(resus, world.porter)

    assert place.slips == 1
    assert out.delivery.rows[0].issue == "version 2 of 2"


def test_scanning_the_list_closes_all_of_it_with_who_and_when(world, resus):
    first, second = two_patients(world)
    out = printed(resus, world.porter)

    done = arrived(out.delivery.number, world.porter)

    assert (done.slips, done.destination) == (2, "ED Resus")
    ways = [*way_of(first), *way_of(second)]
    assert {way.arrival for way in ways} == {Arrival.LIST}
    assert {way.ended_by_name for way in ways} == {"Porter"}
    assert on_the_way(world.senior) == ()


def test_scanning_one_slip_closes_that_one_and_the_rest_stays_open(world, resus):
    first, second = two_patients(world)
    out = printed(resus, world.porter)

    arrived(out.delivery.rows[0].number, world.porter)

    assert [way.arrival for way in way_of(first)] == [Arrival.SLIP]
    assert [way.arrival for way in way_of(second)] == [None]
    (way,) = on_the_way(world.senior)
    assert (way.missing, way.slips) == (1, 2)


def test_a_second_scan_says_that_it_arrived_already(world, resus):
    two_patients(world)
    out = printed(resus, world.porter)
    arrived(out.delivery.number, world.porter)

    with pytest.raises(RuleBroken, match="arrived already"):
        arrived(out.delivery.number, world.porter)


@pytest.mark.parametrize("scanned", ["411004711022", "020000000999", "hello", "061"])
def test_what_is_no_list_or_slip_is_refused_with_what_to_do(world, scanned):
    with pytest.raises(RuleBroken) as refused:
        arrived(scanned, world.porter)

    assert refused.value.field == "number"


def test_a_bench_of_another_laboratory_closes_nothing_it_never_had(world, resus):
    two_patients(world)
    out = printed(resus, world.porter)

    with pytest.raises(RuleBroken, match="No list or slip here"):
        arrived(out.delivery.number, world.other_scientist)

    (listed,) = session().scalars(select(DeliveryList.id)).all()
    with pytest.raises(NotFound), unit_of_work():
        print_list_again(listed, actor=world.other_scientist)


def test_a_slip_printed_at_the_ward_is_there(world):
    request_id = an_authorised_request(world)

    alone(request_id, world.doctor)

    assert [way.arrival for way in way_of(request_id)] == [Arrival.THERE]
    assert slips_to_print(world.porter) == ()


def test_a_slip_printed_alone_in_the_laboratory_is_on_its_way(world):
    request_id = an_authorised_request(world)

    out = alone(request_id, world.senior)

    (way,) = on_the_way(world.senior)
    assert (way.list_id, way.number.replace(" ", "")) == (None, out.slip.number)
    assert arrived(out.slip.number, world.porter).slips == 1
    assert [each.arrival for each in way_of(request_id)] == [Arrival.SLIP]


def overdue(actor):
    return session().scalars(overdue_slips(actor)).one()


def test_what_is_late_comes_back(world, resus):
    two_patients(world)
    printed(resus, world.porter)
    assert overdue(world.senior) == 0

    with clock.at(clock.now() + HOUR):
        (way,) = on_the_way(world.senior)
        assert way.overdue
        late = not_read(world.senior)
        assert [(row.band, row.arrived) for row in late] == [(Band.P1, False)]
        assert overdue(world.senior) == 2 + 1


def test_a_slip_that_arrived_and_nobody_acknowledged_comes_back(world, resus):
    request_id = an_authorised_request(world)
    out = printed(resus, world.porter)
    arrived(out.delivery.number, world.porter)

    with clock.at(clock.now() + HOUR):
        (row,) = not_read(world.scientist)
        assert (row.request_id, row.arrived) == (request_id, True)
    read(request_id, world.doctor)
    with clock.at(clock.now() + HOUR):
        assert not_read(world.scientist) == ()


def test_a_list_that_did_not_arrive_is_printed_again_as_copies(world, resus):
    first, second = two_patients(world)
    out = printed(resus, world.porter)
    arrived(out.delivery.rows[0].number, world.porter)
    due = way_of(second)[0].due_at
    (listed,) = session().scalars(select(DeliveryList.id)).all()

    with unit_of_work():
        again = print_list_again(listed, actor=world.senior)

    assert again.slips == 1
    assert again.delivery.rows[0].number == out.delivery.rows[1].number
    assert again.delivery.rows[0].issue == "version 1, copy 2"
    words = text(again.pdf, 1)
    assert "COPY" in words
    assert "copy: the first is not known to have arrived" in words
    old, new = way_of(second)
    assert (old.arrival, new.arrival, new.due_at) == (Arrival.OVERTAKEN, None, due)
    assert [way.arrival for way in way_of(first)] == [Arrival.SLIP]


def test_an_old_list_says_that_a_newer_one_was_printed(world, resus):
    two_patients(world)
    out = printed(resus, world.porter)
    (listed,) = session().scalars(select(DeliveryList.id)).all()
    with unit_of_work():
        print_list_again(listed, actor=world.senior)

    with pytest.raises(RuleBroken, match="printed again since"):
        arrived(out.delivery.number, world.porter)


def test_a_slip_that_cannot_be_drawn_holds_up_no_other(world, resus):
    _, odd = two_patients(world)
    amend(odd, world.scientist, "Wrong line 漢", CRP={"CRP": "120"})
    authorise(odd, world.senior, "CRP")

    out = printed(resus, world.porter)

    assert (out.slips, len(out.skipped)) == (1, 1)
    assert way_of(odd) == []
    assert [place.slips for place in slips_to_print(world.porter)] == [1]
    assert len(session().scalars(select(Slip.number)).all()) == 1


def test_a_copy_says_word_for_word_what_the_first_said(world):
    request_id = an_authorised_request(world)
    first = alone(request_id, world.doctor)

    copy = alone(request_id, world.doctor, "LOST")

    def body(slip):
        return {name: getattr(slip, name) for name in slip.__slots__ if name != "made"}

    assert body(copy.slip) == body(first.slip)
