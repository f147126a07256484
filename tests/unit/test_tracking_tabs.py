"""What stands in the bar at a desk and on a phone, and what is folded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.accounts.rules import Role
from lab_contingency.tracking.queries.work import DUTIES
from lab_contingency.tracking.rules import (
    MORE_WIDTH,
    NARROW_BAR,
    WIDE_BAR,
    tab_width,
    tabs_in_line,
)
from lab_contingency.tracking.shell import PORTERS_PARTS, _parts, standing


@given(st.lists(st.floats(40, 200), max_size=14), st.booleans())
def test_what_stands_fits_in_one_line_with_more_where_anything_is_folded(widths, more):
    for room in (WIDE_BAR, NARROW_BAR):
        stand = tabs_in_line(widths, room, more=more)
        folded = more or stand < len(widths)
        assert sum(widths[:stand]) + (MORE_WIDTH if folded else 0) <= room
        if stand < len(widths):
            assert sum(widths[: stand + 1]) + MORE_WIDTH > room or sum(widths) > room


def test_tabs_that_fit_stay_and_twelve_do_not_break_the_bar():
    twelve = [tab_width(label, counted=True) for label in ("Consignments",) * 12]

    assert tabs_in_line([100] * 4, 400, more=False) == 4
    assert tabs_in_line([100] * 4, 400, more=True) == 3
    assert 0 < tabs_in_line(twelve, WIDE_BAR, more=False) < 12
    assert tabs_in_line(twelve, NARROW_BAR, more=False) == 1


@pytest.mark.parametrize("role", Role)
def test_every_role_reaches_what_it_does_first_without_unfolding_anything(role):
    wide, narrow = standing(role)
    tabs = [duty.endpoint for duty in DUTIES[role] if duty.tab]

    assert tabs[: len(wide)] == [each for each in tabs if each in wide]
    assert tabs[: len(narrow)] == [each for each in tabs if each in narrow]
    assert tabs[0] in wide & narrow


def test_porters_have_equal_parts_at_most_four_of_them_on_a_phone():
    desk, phone = PORTERS_PARTS

    assert _parts(4, phone, more=False) == 4
    assert _parts(4, phone, more=True) == 3
    assert _parts(6, phone, more=False) == 3
    assert _parts(6, desk, more=False) == 6
