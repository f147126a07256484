"""Return slips to draw. Everybody and everything here is invented."""

from dataclasses import replace

from lab_contingency.incidents.rules import for_tube, with_check_digit
from lab_contingency.printing.content.returns import (
    ReturnAnalyte,
    ReturnSlip,
    ReturnTest,
    ReturnTube,
)
from tests.printing.examples import SIAN
from tests.printing.examples_lists import MADE, form_number

UE = ReturnTest(
    "Urea and electrolytes",
    "Roche cobas",
    (
        ReturnAnalyte("Sodium", "mmol/L", "133–146"),
        ReturnAnalyte("Potassium", "mmol/L", "3.5–5.3"),
        ReturnAnalyte("Urea", "mmol/L", "2.5–7.8"),
        ReturnAnalyte("Creatinine", "µmol/L", "45–84"),
    ),
)
CRP = ReturnTest("C-reactive protein", "", (ReturnAnalyte("CRP", "mg/L", "up to 5"),))
PREGNANCY = ReturnTest(
    "Pregnancy test", "strip", (ReturnAnalyte("HCG", "", choices="Positive / Negative"),)
)
REASONS = ("1 haemolysed", "2 clotted", "3 too little", "4 did not arrive", "5 not done here")
RETURN = ReturnSlip(
    number=with_check_digit(f"07{4711:09d}"),
    title="Return slip",
    laboratory="Northgate General, pathology",
    sender="St Elsewhere Core laboratory",
    patient=SIAN,
    priority="P1 NOW",
    needed_by="24-Nov 06:00",
    request_number="41 1 004711 00 6",
    consignment="01 0 000031 87 4",
    tubes=(
        ReturnTube(for_tube(form_number(4711), 2), "gold SST", "24-Nov 03:05", (UE, CRP)),
        ReturnTube(for_tube(form_number(4711), 4), "grey", "24-Nov 03:05", (PREGNANCY,)),
    ),
    reasons=REASONS,
    send_back=(
        "With the next van to St Elsewhere Core laboratory. Critical? Ring 020 7946 0410 first, at any hour. "
        "Also by fax or as a scan: 020 7946 0411."
    ),
    made=MADE,
)
LONG = replace(RETURN, tubes=(replace(RETURN.tubes[0], tests=(UE, UE, UE, UE, UE, CRP)),))
