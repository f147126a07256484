"""A rack sorted by cap: a label on another kind of tube is stopped as it comes in."""

import random

import pytest

from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.specimens import services
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.rules import SpecimenStatus
from tests.factories.tubes import assign, collect, label, receive, tube
from tests.factories.world import a_request, an_identity

CASES = 60


@pytest.fixture
def taken(world):
    """Cards of four kinds of tubes each, with blood in them."""
    found = []
    for seed in (1, 2, 3):
        who = an_identity(seed, hospital_number=f"H{seed:07d}")
        request_id = a_request(world, identity=who, tests=("FBC", "UE", "COAG", "GLU")).request_id
        assign(world, request_id)
        label(world, request_id)
        collect(world, request_id)
        found.append(request_id)
    return found


@pytest.mark.hazard("H02")
def test_a_rack_sorted_by_cap_refuses_a_label_of_another_kind(world, client_for, taken):
    blue, gold, *_ = tubes_of(taken[0])
    scientist = client_for("scientist")

    stopped = scientist.post("specimens.receive_scan", {"number": blue.number, "cap": "SST"})
    received = scientist.post("specimens.receive_scan", {"number": gold.number, "cap": "SST"})

    assert stopped.status == 422
    assert "STOP. This label is for citrate, and you are scanning serum gel tubes" in stopped.words
    assert "Reject this tube" in stopped.words
    assert "cap=SST" in received.location
    assert tube(taken[0]).status is SpecimenStatus.COLLECTED
    receive(world, blue.number)


@pytest.mark.hazard("H02")
def test_labels_dealt_out_at_random_are_stopped_wherever_the_kind_differs(world, taken):
    laboratory = world.laboratories["KCH-LAB"]
    tubes = [one for request_id in taken for one in tubes_of(request_id)]
    swapped = 0
    for case in range(CASES):
        stuck_on = random.Random(case).sample(tubes, len(tubes))  # noqa: S311 - no secret
        for real, label_of in zip(tubes, stuck_on, strict=True):
            cap = real.kind.partition("-")[0]
            if real.kind == label_of.kind:
                services.receive(label_of.number, laboratory, actor=world.scientist, cap=cap)
                continue
            swapped += 1
            with pytest.raises(RuleBroken, match="This label is for"):
                services.receive(label_of.number, laboratory, actor=world.scientist, cap=cap)
        session().rollback()
    assert swapped > CASES * len(tubes) / 2
