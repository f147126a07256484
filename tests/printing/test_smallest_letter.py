"""Nothing on any paper is smaller than the smallest permitted letter."""

import re
from dataclasses import replace
from io import BytesIO

import pypdf
import pytest

from lab_contingency.printing.bench_list import bench_list_pdf
from lab_contingency.printing.call_sheets import call_sheets_pdf
from lab_contingency.printing.delivery_list import delivery_list_pdf
from lab_contingency.printing.handover_sheet import handover_sheet_pdf
from lab_contingency.printing.labels import labels_pdf
from lab_contingency.printing.manifest import manifest_pdf
from lab_contingency.printing.recovery_sheet import recovery_sheet_pdf
from lab_contingency.printing.rejection_slip import rejection_slip_pdf
from lab_contingency.printing.request_form import request_form_pdf
from lab_contingency.printing.result_slip import result_slip_pdf
from lab_contingency.printing.return_slip import return_slips_pdf
from lab_contingency.printing.sheet import sheet_pdf
from lab_contingency.printing.stock import SMALLEST_LETTER
from tests.printing.examples import BLANK, FORM, LABEL, LONG_NAMED, SLIP
from tests.printing.examples_lists import (
    BENCH,
    CALLS,
    HANDOVER,
    LONG_DELIVERY,
    MANIFEST,
    REJECTION,
)
from tests.printing.examples_returns import RETURN
from tests.printing.reading import MM
from tests.printing.test_recovery_sheet import RECOVERY
from tests.printing.test_sheet import SHEET

CROWDED = replace(
    LABEL,
    patient=LONG_NAMED,
    tests="UE LFT CRP BONE MG AMY TROP PARA SALI",
    ward="Acute Medical Unit bay 4",
    test_mark=True,
)
PAPERS = {
    "label": labels_pdf([LABEL, CROWDED]),
    "form": request_form_pdf(replace(FORM, patient=LONG_NAMED)),
    "blank form": request_form_pdf(BLANK),
    "slip": result_slip_pdf([replace(SLIP, patient=LONG_NAMED)]),
    "sheet": sheet_pdf(SHEET),
    "recovery sheet": recovery_sheet_pdf(RECOVERY),
    "delivery list": delivery_list_pdf(LONG_DELIVERY),
    "bench worklist": bench_list_pdf(BENCH),
    "call sheets": call_sheets_pdf(CALLS),
    "rejection slip": rejection_slip_pdf(replace(REJECTION, patient=LONG_NAMED)),
    "hand-over sheet": handover_sheet_pdf(HANDOVER),
    "manifest": manifest_pdf(MANIFEST),
    "return slip": return_slips_pdf([RETURN]),
}


@pytest.mark.parametrize("paper", PAPERS)
def test_every_letter_can_be_read(paper):
    streams = [page.get_contents() for page in pypdf.PdfReader(BytesIO(PAPERS[paper])).pages]
    sizes = [
        float(size) / MM
        for stream in streams
        for size in re.findall(rb"/F\S+ ([0-9.]+) Tf", stream.get_data())
    ]
    assert sizes
    assert min(sizes) >= SMALLEST_LETTER - 0.001
