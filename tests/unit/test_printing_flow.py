import pytest

from lab_contingency.printing.columns import row_height, set_columns
from lab_contingency.printing.content import TestGroup, TestLine
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.flow import Block, flow


def block(height: float, field: str = "row", **more) -> Block:
    return Block(height, lambda _pen: None, field, **more)


def heights(pages) -> list[list[float]]:
    return [[piece.height for piece in page] for page in pages]


class TestFlow:
    def test_blocks_fill_a_page_before_the_next_begins(self):
        assert heights(flow([block(4), block(4), block(4)], 8, 10)) == [[4, 4], [4]]

    def test_a_heading_goes_with_its_first_row(self):
        blocks = [block(5), block(2, keep=True), block(4)]
        assert heights(flow(blocks, 10, 10)) == [[5], [2, 4]]

    def test_what_is_repeated_stands_above_the_row_that_begins_a_page(self):
        again = block(1)
        blocks = [block(4, again=again), block(4, again=again)]
        assert heights(flow(blocks, 5, 10)) == [[4], [1, 4]]

    def test_a_block_higher_than_a_page_is_refused_and_named(self):
        with pytest.raises(CannotPrint) as refused:
            flow([block(4), block(40, "comment")], 8, 10)
        assert refused.value.field == "comment"


class TestColumns:
    def test_groups_are_spread_evenly_over_four_columns(self):
        columns = set_columns([group("A", 8), group("B", 8), group("C", 8), group("D", 4)], 44)
        assert len(columns.columns) == 4
        assert columns.rows < 12

    def test_a_heading_never_stands_last_in_a_column(self):
        columns = set_columns([group(name, 7) for name in "ABCDEFG"], 44)
        assert [type(pieces[-1]).__name__ for pieces in columns.columns[:3]] == ["_Test"] * 3

    def test_rows_are_never_lower_than_what_can_be_read(self):
        columns = set_columns([group("A", 200)], 44)
        with pytest.raises(CannotPrint) as refused:
            row_height(columns, 72)
        assert refused.value.field == "groups"

    def test_rows_are_never_higher_than_needed(self):
        assert row_height(set_columns([group("A", 4)], 44), 500) == 5.0


def group(heading: str, count: int) -> TestGroup:
    return TestGroup(heading, tuple(TestLine(f"{heading}{n}", "gold") for n in range(count)))
