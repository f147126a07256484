"""Several people at the same tubes at the same moment: each thing happens once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.specimens import services
from lab_contingency.specimens.models import CustodyEvent, FormPrint, LabelPrint
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.rules import CustodyAction
from tests.factories.tubes import a_collected_tube, assign
from tests.factories.world import a_request, an_identity, make_world

PEOPLE = 4


@pytest.fixture
def world(app):
    with app.app_context():
        return make_world()


def at_once(app, act):
    """Let several people do the same; True where it was done, False where it was refused."""

    def one(_):
        with app.app_context():
            try:
                with unit_of_work():
                    act()
            except RuleBroken:
                return False
            return True

    with ThreadPoolExecutor(PEOPLE) as pool:
        return sorted(pool.map(one, range(PEOPLE)))


ONCE = [False] * (PEOPLE - 1) + [True]


def test_labels_asked_for_by_several_people_come_out_once(app, world):
    with app.app_context():
        request_id = a_request(world, tests=("FBC", "UE")).request_id

    done = at_once(app, lambda: services.labels_for(request_id, actor=world.doctor))

    assert done == ONCE
    with app.app_context():
        assert len(session().scalars(select(LabelPrint.number)).all()) == 2
        assert [tube.number for tube in tubes_of(request_id)] == sorted(
            session().scalars(select(LabelPrint.number)).all()
        )


def test_a_ward_printed_by_several_porters_comes_out_once(app, world):
    with app.app_context():
        for seed in range(1, 4):
            a_request(world, tests=("FBC",), identity=an_identity(seed))
    ward = world.wards["KCH-ED-RESUS"]

    done = at_once(app, lambda: services.print_ward(ward, actor=world.porter))

    assert done == ONCE
    with app.app_context():
        assert session().scalars(select(FormPrint.copy)).all() == [1, 1, 1]


def test_a_tube_scanned_by_several_people_is_received_once(app, world):
    with app.app_context():
        request_id = a_request(world, tests=("FBC",)).request_id
        assign(world, request_id)
        number = a_collected_tube(world, request_id)
    laboratory = world.laboratories["KCH-LAB"]

    done = at_once(app, lambda: services.receive(number, laboratory, actor=world.scientist))

    assert done == ONCE
    with app.app_context():
        received = select(CustodyEvent).where(CustodyEvent.action == CustodyAction.RECEIVE)
        assert len(session().scalars(received).all()) == 1
