"""A month's recharge as files: CSV and a workbook, with no cell that can be taken for a formula."""

from __future__ import annotations

import csv
import io

import xlsxwriter

from lab_contingency.oversight.documents import safe_cell
from lab_contingency.oversight.recharge.queries import Recharge
from lab_contingency.oversight.recharge.rules import CHARGED, Line, pounds

HEADS = (
    "Month", "ODS code", "Organisation", "Laboratory", "Test code", "Test", "What", "Charged",
    "Number", "Price (GBP)", "Sum (GBP)", "Copy",
)  # fmt: skip
_WIDTHS = (9, 9, 38, 34, 10, 34, 14, 9, 9, 12, 13, 13)
_NUMBER, _PRICE, _SUM = (HEADS.index(head) for head in ("Number", "Price (GBP)", "Sum (GBP)"))


def recharge_csv(report: Recharge, watermark: str) -> bytes:
    """One row a test and price; UTF-8 with its mark, which spreadsheets ask for."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    rows.writerow(HEADS)
    for line in _lines(report):
        cells = (*_words(report, line), str(line.count), *_money(line), watermark)
        rows.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def recharge_xlsx(report: Recharge, watermark: str) -> bytes:
    """The same rows as a workbook, numbers as numbers, with the sum under them."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(report.month.value)
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    for column, (head, width) in enumerate(zip(HEADS, _WIDTHS, strict=True)):
        sheet.write_string(0, column, head, bold)
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    lines = _lines(report)
    for place, line in enumerate(lines, start=1):
        for column, word in enumerate(_words(report, line)):
            sheet.write_string(place, column, word)
        sheet.write_number(place, _NUMBER, line.count)
        if line.pence is not None:
            sheet.write_number(place, _PRICE, line.pence / 100, money)
        sheet.write_number(place, _SUM, line.sum_pence / 100, money)
        sheet.write_string(place, len(HEADS) - 1, watermark)
    sheet.write_string(len(lines) + 1, 2, "In all", bold)
    sheet.write_number(len(lines) + 1, _SUM, report.sum_pence / 100, money)
    book.close()
    return out.getvalue()


def _lines(report: Recharge) -> list[Line]:
    return [line for account in report.accounts for line in account.lines]


def _words(report: Recharge, line: Line) -> tuple[str, ...]:
    return (
        report.month.value,
        line.organisation_code,
        line.organisation,
        line.laboratory,
        line.test_code,
        line.test,
        line.work.value,
        "yes" if CHARGED[line.work] else "no",
    )


def _money(line: Line) -> tuple[str, str]:
    price = "" if line.pence is None else pounds(line.pence).replace(",", "")
    return price, pounds(line.sum_pence).replace(",", "")
