"""Label stocks as data: what a row may say, and what is refused with file, line and sentence."""

import pytest

from lab_contingency.printing.stock import (
    AUTO12,
    LABEL_STOCKS,
    BadStocks,
    SheetLayout,
    label_stocks,
    read_label_stocks,
)

HEADER = "code,name,width,height,page_width,page_height,left,top,across,down,pitch_x,pitch_y"
ROLL = "W60,roll of our own,60,30,,,,,,,,"
SHEET = "W12,sheet of our own,60,30,210,297,10,10,3,8,65,32"


@pytest.fixture
def table(tmp_path):
    def written(*rows: str, header: str = HEADER):
        file = tmp_path / "label_stocks.csv"
        file.write_text("\n".join([header, *rows]), encoding="utf-8")
        return file

    return written


def refused(file) -> str:
    with pytest.raises(BadStocks) as caught:
        read_label_stocks(file)
    return caught.value.message


class TestOurs:
    def test_the_usual_label_is_that_of_auto12(self):
        assert (AUTO12.width, AUTO12.height, AUTO12.sheet) == (50.8, 25.4, None)

    @pytest.mark.parametrize("code", [code for code, s in LABEL_STOCKS.items() if s.sheet])
    def test_the_labels_of_a_sheet_lie_on_it_and_apart(self, code):
        stock = LABEL_STOCKS[code]
        corners = [stock.sheet.corner(place) for place in range(stock.sheet.labels)]
        assert min(x for x, _ in corners) >= 4
        assert max(x for x, _ in corners) + stock.width <= stock.sheet.page_width - 4
        assert max(y for _, y in corners) + stock.height <= stock.sheet.page_height - 4
        assert len({(round(x, 3), round(y, 3)) for x, y in corners}) == len(corners)

    @pytest.mark.parametrize(
        ("code", "labels"),
        [("A4X14", 14), ("A4X16", 16), ("A4X21", 21), ("A4X24", 24), ("A4X40", 40), ("A4X65", 65)],
    )
    def test_a_sheet_holds_what_its_name_says(self, code, labels):
        stock = LABEL_STOCKS[code]
        assert stock.sheet.labels == labels
        assert f"{labels} of" in stock.name

    def test_labels_lie_row_by_row(self):
        sheet = SheetLayout(210, 297, 10, 20, 3, 8, 65, 32)
        assert [sheet.corner(place) for place in (0, 2, 3)] == [(10, 20), (140, 20), (10, 52)]


@pytest.mark.feature(16)
class TestTheSites:
    def test_a_row_of_the_sites_own_file_is_a_stock(self, table):
        stocks = label_stocks(table(ROLL, SHEET))
        assert stocks["W60"].width == 60
        assert stocks["W12"].sheet.labels == 24
        assert stocks["AUTO12"] == AUTO12

    def test_a_site_without_a_file_has_ours(self, tmp_path):
        assert label_stocks(tmp_path / "none.csv") == label_stocks() == LABEL_STOCKS

    def test_a_file_saved_by_a_spreadsheet_is_read(self, table):
        file = table(ROLL)
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n")
        assert [stock.code for stock in read_label_stocks(file)] == ["W60"]

    def test_what_is_built_in_cannot_be_changed_by_a_row(self, table):
        with pytest.raises(BadStocks, match="AUTO12 is built in"):
            label_stocks(table("AUTO12,wider,60,30,,,,,,,,"))

    @pytest.mark.parametrize(
        ("row", "sentence"),
        [
            (",roll,60,30,,,,,,,,", "code and name must be filled"),
            ("W60,,60,30,,,,,,,,", "code and name must be filled"),
            ("W60,roll,wide,30,,,,,,,,", "width must be a number of millimetres, not “wide”"),
            ("W60,roll,nan,30,,,,,,,,", "width must lie between 0 and 300 mm"),
            ("W60,roll,inf,30,,,,,,,,", "width must lie between 0 and 300 mm"),
            ("W60,roll,60,-30,,,,,,,,", "height must lie between 0 and 300 mm"),
            ("W60,roll,30,12,,,,,,,,", "needs 38 × 19 mm, or 25 × 25 mm without bars"),
            ("W60,roll,60,30", "4 cells instead of 12"),
            ("W12,sheet,60,30,210,297,10,10,,8,65,32", "all eight measures, a roll none"),
            ("W12,sheet,60,30,210,297,10,10,3.5,8,65,32", "across must be a whole number"),
            ("W12,sheet,60,30,210,297,10,10,0,8,65,32", "across must be a whole number"),
            ("W12,sheet,60,30,210,297,10,10,3,8,59,32", "The labels overlap"),
            ("W12,sheet,60,30,210,297,10,10,3,8,65,29", "The labels overlap"),
            ("W12,sheet,60,30,210,297,3,10,3,8,65,32", "must end 4 mm before the edge"),
            ("W12,sheet,60,30,210,297,10,10,3,9,65,32", "must end 4 mm before the edge"),
        ],
    )
    def test_a_bad_row_is_refused_with_file_line_and_sentence(self, table, row, sentence):
        message = refused(table(ROLL.replace("W60", "A"), row))
        assert "label_stocks.csv, line 3: " in message
        assert sentence in message

    def test_every_bad_row_is_named_at_once(self, table):
        message = refused(table("A,a,1,1,,,,,,,,", ROLL, "B,b,x,1,,,,,,,,"))
        assert "line 2" in message
        assert "line 4" in message
        assert "line 3" not in message

    def test_a_code_stands_there_once(self, table):
        assert "W60 stands on an earlier line already" in refused(table(ROLL, ROLL))

    def test_other_columns_are_refused(self, table):
        assert "line 1: the columns must be code, name" in refused(table(header="code,name"))

    def test_another_encoding_is_refused(self, table):
        file = table(ROLL)
        file.write_bytes(file.read_bytes() + "é".encode("cp1252"))
        assert "not UTF-8" in refused(file)

    def test_what_is_no_table_is_refused(self, table):
        assert "cannot be read as a table" in refused(table('W60,"roll"x,60,30,,,,,,,,'))
