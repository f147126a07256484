"""The table of hops: complete, and stricter the more pressing a tube is."""

import datetime as dt

import pytest

from lab_contingency.foundation.wording import duration_text
from lab_contingency.requests.rules.bands import Band
from lab_contingency.specimens.rules import (
    MOVES,
    CustodyAction,
    SpecimenStatus,
)
from lab_contingency.specimens.rules.way import UNDER_WAY, begins_hop
from lab_contingency.transport.custody.rules import (
    BOX_HOPS,
    HOPS,
    MISSING_AFTER,
    TUBE_HOPS,
    USUALLY_MISSING_AFTER,
    Hop,
    due,
    latest_starts,
)
from lab_contingency.transport.rules import ConsignmentState

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
OPEN_BOXES = {
    ConsignmentState.PACKING,
    ConsignmentState.SEALED,
    ConsignmentState.IN_TRANSIT,
    ConsignmentState.UNPACKING,
    ConsignmentState.RECALLED,
}
TIMED = [hop for hop, facts in HOPS.items() if facts.within is not None]


def test_every_hop_has_its_row_and_stands_for_tubes_or_for_boxes():
    assert set(HOPS) == set(Hop)
    assert {*TUBE_HOPS, *BOX_HOPS} == set(Hop)
    assert not set(TUBE_HOPS) & set(BOX_HOPS)


@pytest.mark.hazard("H05")
def test_no_status_in_which_somebody_has_a_tube_is_without_a_hop():
    covered = {HOPS[hop].status for hop in TUBE_HOPS}

    assert covered >= UNDER_WAY
    assert {HOPS[hop].state for hop in BOX_HOPS} == OPEN_BOXES


@pytest.mark.parametrize("hop", TIMED)
def test_a_more_pressing_band_never_has_longer(hop):
    limits = [HOPS[hop].within[band] for band in Band]

    assert limits == sorted(limits)
    assert len(set(limits)) == len(Band)


@pytest.mark.parametrize("hop", TIMED)
def test_what_began_before_the_latest_start_is_overdue(hop):
    for band, start in latest_starts(hop, NOW):
        assert due(hop, band, start) == NOW
        assert due(hop, band, start - dt.timedelta(seconds=1)) < NOW


def test_a_box_on_the_road_says_itself_when_it_is_due():
    with pytest.raises(ValueError, match="says so"):
        due(Hop.BOX_SENT, Band.P1, NOW)
    assert list(latest_starts(Hop.RECALLED, NOW)) == []


def test_every_row_says_whose_it_is_and_what_to_ask():
    assert all(facts.owner and facts.ask and facts.counted_from for facts in HOPS.values())


def test_the_usual_time_can_be_chosen():
    assert USUALLY_MISSING_AFTER in MISSING_AFTER


@pytest.mark.parametrize(
    ("before", "action", "begins"),
    [
        (None, CustodyAction.LABEL, True),
        (SpecimenStatus.LABELLED, CustodyAction.LABEL, False),
        (SpecimenStatus.LABELLED, CustodyAction.COLLECT, True),
        (SpecimenStatus.COLLECTED, CustodyAction.RELABEL, False),
        (SpecimenStatus.COLLECTED, CustodyAction.HAND_OVER, True),
        (SpecimenStatus.HANDED_OVER, CustodyAction.HAND_OVER, True),
        (SpecimenStatus.HANDED_OVER, CustodyAction.CORRECT_TIME, False),
        (SpecimenStatus.DISPATCHED, CustodyAction.DISPATCH, True),
    ],
)
def test_only_other_hands_begin_a_hop(before, action, begins):
    assert begins_hop(before, action) is begins


def test_every_move_says_whether_it_begins_a_hop():
    assert {begins_hop(None, action) for action in MOVES} == {True, False}


def test_the_runbook_says_what_the_table_says(root):
    lines = (root / "docs" / "runbooks" / "overdue.md").read_text(encoding="utf-8").splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:2] == "| "
    ]
    told = {row[0]: (row[3], row[4]) for row in rows[1:]}

    def limits(hop):
        within = HOPS[hop].within or {}
        return " · ".join(duration_text(span) for span in within.values())

    assert told == {hop.value: (facts.owner, limits(hop)) for hop, facts in HOPS.items()}
