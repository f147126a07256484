"""The page of slips: place by place, scanned on arrival, without a name on it; the buttons that print lists."""

import pytest
from sqlalchemy import select

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.results.models import DeliveryList, SlipDelivery
from lab_contingency.results.rules.slips import Arrival
from lab_contingency.specimens.commands import RejectTube
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.services import recollect, reject
from tests.factories.results import a_critical_call, an_authorised_request, on_the_bench
from tests.factories.tubes import a_collected_tube, assign, receive
from tests.factories.world import a_request, an_identity
from tests.printing.reading import text

NAMES = ("WOŹNIAK", "Woźniak", "Siân", "04-Nov-1958", "999 000")


@pytest.fixture
def porter(client_for):
    return client_for("porter")


def list_number():
    return session().scalars(select(DeliveryList.number)).one()


def print_place(client, world):
    return client.post("results.print_slips_of", {}, ward_id=world.wards["KCH-ED-RESUS"])


@pytest.mark.feature(61)
def test_a_porter_prints_a_place_and_scans_its_list_when_it_is_there(world, porter):
    request_id = an_authorised_request(world)
    before = porter.get("results.slips")
    assert "Print ED Resus" in before.text

    paper = print_place(porter, world)
    on_its_way = porter.get("results.slips")
    done = porter.post("results.slips_arrived", {"number": list_number()})

    assert paper.data.startswith(b"%PDF-")
    assert "WOŹNIAK-O’NEILL" in text(paper.data)
    assert "of 1 slip not there" in on_its_way.text
    assert done.status == 303
    after = porter.get("results.slips")
    assert "1 slip arrived at ED Resus." in after.text
    assert "No slip is on its way." in after.text
    statement = select(SlipDelivery.arrival).where(SlipDelivery.request_id == request_id)
    assert session().scalars(statement).one() is Arrival.LIST
    for page in (before, on_its_way, after):
        assert [name for name in NAMES if name in page.text] == []


def test_the_name_of_the_file_says_nothing_of_anybody(world, porter):
    an_authorised_request(world)

    paper = print_place(porter, world)

    assert paper.response.headers["Content-Disposition"] == (
        f'inline; filename="slips-{list_number()}.pdf"'
    )


def test_a_wrong_scan_is_said_on_the_field_and_changes_nothing(world, porter):
    an_authorised_request(world)
    print_place(porter, world)

    answer = porter.post("results.slips_arrived", {"number": "411004711022"})

    assert answer.status == 422
    assert "Scan the bars at the top of a delivery list or of a result slip." in answer.text
    assert session().scalars(select(SlipDelivery.arrival)).all() == [None]


def test_a_list_is_printed_again_from_its_row(world, porter):
    an_authorised_request(world)
    print_place(porter, world)
    list_id = session().scalars(select(DeliveryList.id)).one()

    paper = porter.post("results.print_list_again", {}, list_id=list_id)

    assert "COPY" in text(paper.data, 1)


def test_a_doctor_prints_no_batches(world, client_for):
    an_authorised_request(world)

    assert client_for("doctor").get("results.slips").status == 403


@pytest.mark.feature(59)
def test_the_bench_and_the_calls_have_a_button_that_prints_them(world, client_for):
    on_the_bench(world, identity=an_identity(2))
    a_critical_call(world)
    scientist, senior = client_for("scientist"), client_for("senior")

    assert "Print this worklist" in scientist.get("results.bench").text
    assert "Print the calls, a sheet each" in senior.get("results.calls").text
    assert "Bench worklist" in text(scientist.post("results.print_bench", {}).data)
    assert "Calls to make" in text(senior.post("results.print_calls", {}).data)


@pytest.mark.feature(47)
def test_from_a_rejected_tube_to_its_slip_and_the_form_of_the_new_one(world, client_for):
    request_id = a_request(world, tests=("CRP",)).request_id
    assign(world, request_id)
    receive(world, a_collected_tube(world, request_id))
    (tube,) = tubes_of(request_id)
    with unit_of_work():
        command = RejectTube(request_id, tube.planned_tube_id, "HAEMOLYSED", "")
        reject(command, actor=world.scientist)
    doctor, scientist = client_for("doctor"), client_for("scientist")
    where = {"request_id": request_id, "planned_tube_id": tube.planned_tube_id}

    assert "Print the rejection slip" in scientist.get("specimens.receive").text
    assert "Print the rejection slip" in doctor.get("tracking.request", request_id=request_id).text
    assert "Haemolysed" in text(scientist.post("specimens.rejection_slip", {}, **where).data)
    again = doctor.post("specimens.rejection_slip", {}, **where)
    assert again.status == 422
    assert "Choose why it is printed again" in again.text

    with unit_of_work():
        fresh = recollect(request_id, tube.planned_tube_id, actor=world.doctor)
    page = doctor.get("tracking.request", request_id=request_id)
    assert "Print the recollection form, tube 2" in page.text
    paper = doctor.post(
        "specimens.recollection_form", {}, request_id=request_id, planned_tube_id=fresh
    )
    assert "TAKEN AGAIN" in text(paper.data)


def test_the_hand_over_page_counts_names_nobody_and_keeps_what_was_typed(world, client_for):
    a_critical_call(world)
    senior = client_for("senior")

    page = senior.get("oversight.hand_over")
    refused = senior.post("oversight.print_hand_over", {"notes": "kept " * 200})
    paper = senior.post("oversight.print_hand_over", {"to_whom": "T. Osei", "notes": "Stock low"})

    assert "On the bench: to type" in page.text
    assert [name for name in NAMES if name in page.text] == []
    assert refused.status == 422
    assert "kept kept" in refused.text
    assert "T. Osei" in text(paper.data)
