from dataclasses import replace

import pytest

from lab_contingency.foundation.keys import RecoverySecret
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.recovery_sheet import RecoverySheet, recovery_sheet_pdf
from tests.printing.reading import barcodes, fonts_outside, joined, pages, size_mm, text

SECRET = RecoverySecret(bytes(range(40, 60)))
RECOVERY = RecoverySheet(
    node="41",
    made="24-Nov-2026 03:07",
    site="King’s College Hospital",
    groups=SECRET.groups,
)


@pytest.mark.hazard("H37")
@pytest.mark.parametrize("dpi", [203, 300])
def test_the_code_on_the_paper_is_the_secret(dpi):
    (code,) = barcodes(recovery_sheet_pdf(RECOVERY), dpi)

    assert RecoverySecret.from_text(code) == SECRET


@pytest.mark.hazard("H37")
def test_the_groups_read_from_the_paper_are_the_secret():
    words = text(recovery_sheet_pdf(RECOVERY)).split()
    typed = [word for word in words if word in SECRET.groups]

    assert RecoverySecret.from_text(" ".join(typed)) == SECRET


def test_it_says_of_which_node_it_is_and_how_to_keep_and_use_it():
    pdf = recovery_sheet_pdf(RECOVERY)
    words = joined(pdf)

    assert pages(pdf) == 1
    assert size_mm(pdf) == pytest.approx((210, 297), abs=0.1)
    assert fonts_outside(pdf) == set()
    for said in (
        "41",
        "24-Nov-2026 03:07",
        "King’s College Hospital",
        "sealed in an envelope",
        "in another building",
        "use the recovery sheet",
        "new-recovery-sheet",
    ):
        assert said.replace(" ", "") in words
    assert "TEST" not in words
    assert "TEST" in joined(recovery_sheet_pdf(replace(RECOVERY, test_mark=True)))


def test_a_site_not_known_yet_leaves_a_line_to_write_on():
    assert "Site" in text(recovery_sheet_pdf(replace(RECOVERY, site="")))


@pytest.mark.parametrize("groups", [(), ("ABC",), ("ab-cd",), ("ABCDÉ",)])
def test_groups_of_another_shape_are_refused(groups):
    with pytest.raises(CannotPrint) as refused:
        recovery_sheet_pdf(replace(RECOVERY, groups=groups))
    assert refused.value.field == "groups"


def test_equal_content_gives_equal_bytes():
    assert recovery_sheet_pdf(RECOVERY) == recovery_sheet_pdf(RECOVERY)
