"""Content for lists and single sheets. Everybody and everything here is invented."""

from dataclasses import replace

from lab_contingency.audit.anchors import code_of, words_of
from lab_contingency.incidents.rules import for_tube, with_check_digit
from lab_contingency.printing.content import PatientIdentity, PrintedBy
from lab_contingency.printing.content.lists import (
    BenchGroup,
    BenchList,
    BenchRow,
    CallSheet,
    CallSheets,
    DeliveryList,
    DeliveryRow,
    Rung,
    TriedCall,
)
from lab_contingency.printing.content.sheets import (
    HandOver,
    HandoverSheet,
    Manifest,
    ManifestRow,
    OpenLine,
    Party,
    RejectionSlip,
    StageCount,
)
from tests.printing.examples import LONG_NAMED, SIAN

MADE = PrintedBy(
    "printed 24-Nov-2026 03:58 by P. Nair", "copy 1", test_mark=True, mark="K7QM2XRD4T"
)
GRACE = PatientIdentity("OYELARAN", "Grace", "30-Jul-1994", "F", "999 627 7414", None)
ANITA = PatientIdentity("PATEL", "Anita", "17-Jan-1988", "F", "999 664 8027", None)
ANIKA = PatientIdentity("PATEL", "Anika", "11-Sep-1991", "F", "999 200 7316", None)
DESMOND = PatientIdentity("LOCKHART", "Desmond", "29-Feb-1952", "M", "999 042 6196", None)
FOXTROT = PatientIdentity(
    "FOXTROT", "Whisky (not identified)", "01-Jan-1980", "U", None, "RJZ4839201 (King’s)"
)


def slip_number(sequence: int) -> str:
    """The number of a slip."""
    return with_check_digit(f"02{sequence:09d}")


def form_number(sequence: int) -> str:
    """The number of a form."""
    return with_check_digit(f"411{sequence:06d}00")


DELIVERY = DeliveryList(
    number=with_check_digit(f"06{31:09d}"),
    title="Slips to deliver",
    place="St Elsewhere Core laboratory · incident 3",
    destination="ED Resus",
    destination_detail="St Elsewhere Hospital · telephone 020 7946 0302",
    due="04:15",
    made=MADE,
    rows=(
        DeliveryRow(slip_number(4711), SIAN, "P1 NOW", "version 2 of 2"),
        DeliveryRow(slip_number(4712), ANITA, "P1 NOW", "version 1", similar=True),
        DeliveryRow(slip_number(4713), ANIKA, "P2 TODAY", "version 1", similar=True),
        DeliveryRow(slip_number(4699), DESMOND, "P2 TODAY", "version 1, copy 2"),
        DeliveryRow(slip_number(4714), FOXTROT, "P3 DAYS", "version 1"),
    ),
)

_RESUS = BenchRow(
    number=for_tube(form_number(4711), 3),
    patient=SIAN,
    tests="FBC, film",
    tube="lavender EDTA",
    priority="P1 NOW",
    clock="OVERDUE 12 min",
    unusable="unusable at 07:05",
    taken="taken 24-Nov 03:05",
    ward="ED Resus, bed 2",
    telephone="bleep 2222",
)
BENCH = BenchList(
    title="Bench worklist",
    laboratory="St Elsewhere Core laboratory · incident 3",
    said="7 tubes of 6 patients, 1 overdue",
    made=MADE,
    groups=(
        BenchGroup(
            "Haematology",
            (
                _RESUS,
                replace(
                    _RESUS,
                    number=for_tube(form_number(4702), 3),
                    patient=GRACE,
                    priority="P2 TODAY",
                    clock="due 04:40",
                    tests="FBC",
                    ward="Acute medical unit, bed 11",
                    telephone="ext 4410",
                ),
                replace(
                    _RESUS,
                    number=for_tube(form_number(4677), 1),
                    patient=DESMOND,
                    priority="P3 DAYS",
                    clock="due 12:00",
                    tests="FBC",
                    ward="Ward 7",
                    telephone="ext 4107",
                ),
            ),
        ),
        BenchGroup(
            "Chemistry",
            (
                replace(
                    _RESUS,
                    number=for_tube(form_number(4711), 2),
                    tests="U&E, LFT, CRP",
                    tube="gold SST",
                    clock="due 04:05",
                ),
                replace(
                    _RESUS,
                    number=for_tube(form_number(4690), 1),
                    patient=ANITA,
                    tests="Paracetamol",
                    tube="gold SST",
                    priority="P2 TODAY",
                    clock="due 05:10",
                    similar=True,
                ),
                replace(
                    _RESUS,
                    number=for_tube(form_number(4681), 1),
                    patient=ANIKA,
                    tests="Paracetamol, salicylate",
                    tube="gold SST",
                    priority="P2 TODAY",
                    clock="due 05:30",
                    similar=True,
                ),
                replace(
                    _RESUS,
                    number=None,
                    patient=FOXTROT,
                    tests="Lactate",
                    tube="",
                    priority="P2 TODAY",
                    clock="due 05:40",
                    unusable="",
                ),
            ),
        ),
    ),
)

LADDER = (
    Rung("Who asked: Dr A. Okafor", "bleep 2222", "now"),
    Rung("ED Resus, nurse in charge", "020 7946 0302", "now"),
    Rung("Consultant Dr P. Mehta, by switchboard", "0", "after two tries"),
    Rung("Send a runner with the slip; tell the coordinator", "", "from 04:21"),
)
CALL = CallSheet(
    number=form_number(4711),
    patient=SIAN,
    result="Potassium 6.8 mmol/L",
    status="checked, not authorised",
    priority="P1 NOW",
    call_by="04:31",
    ward="ED Resus, bed 2",
    laboratory="St Elsewhere Core laboratory · incident 3",
    script=(
        "Siân Woźniak-O’Neill, born 4 November 1958.",
        "Potassium, six point eight, millimoles per litre.",
        "Blood taken at 03:05 today. Before, on 23 November, 13:05, it was four point four.",
        "Please read that back to me.",
    ),
    unit="mmol/L",
    ladder=LADDER,
    tried=(
        TriedCall("03:38", "bleep 2222", "no answer", "Dr H. Marsh"),
        TriedCall("03:43", "bleep 2222", "no answer", "Dr H. Marsh"),
    ),
    tries=2,
)
CALLS = CallSheets(
    title="Calls to make",
    laboratory="St Elsewhere Core laboratory · incident 3",
    said="2 calls, the first by 04:31",
    made=MADE,
    calls=(
        CALL,
        replace(
            CALL,
            number=form_number(4690),
            patient=ANITA,
            result="Sodium 119 mmol/L",
            call_by="04:50",
            priority="P2 TODAY",
            script=(
                "Anita Patel, born 17 January 1988.",
                "Sodium, one hundred and nineteen, millimoles per litre.",
                "Blood taken at 01:55 today.",
                "Please read that back to me.",
            ),
            tried=(),
            tries=0,
            similar=True,
            wait="Being put right: wait for the new value before you ring.",
        ),
    ),
)

REJECTION = RejectionSlip(
    number=for_tube(form_number(4711), 2),
    title="Tube rejected",
    laboratory="St Elsewhere Core laboratory · incident 3",
    status="To be taken again, if the answer is still needed",
    patient=SIAN,
    to="ED Resus, bed 2",
    asked_by="Dr A. Okafor",
    priority="P1 NOW",
    tube="Tube 2, gold SST 5 mL",
    tests="U&E, LFT, CRP",
    taken="24-Nov 03:05",
    rejected="24-Nov 03:24",
    rejected_by="P. Nair",
    why="Haemolysed",
    note="Marked, serum cherry red; potassium would be far too high.",
    next_steps=(
        "Take it again without force, from a vein.",
        "Ask for its label: “Take it again” on the screen, or a blank form from the paper pack.",
        "Use the new label with the new number. This number is not used again.",
        "No screen? Ring the laboratory, 020 7946 0410.",
    ),
    made=MADE,
    request_number="41 1 004711 00 6",
)

_DIGEST = "b0c4f1d29a7e6358" * 4
HANDOVER = HandoverSheet(
    title="Hand-over of the shift",
    place="St Elsewhere Core laboratory · incident 3, main system down since 23-Nov 02:10",
    status="as of 24-Nov-2026 07:30",
    made=MADE,
    stages=(
        StageCount("Triage: to decide", 4, 0, "since 07:12"),
        StageCount("To collect: label or blood still wanted", 6, 1, "since 05:50"),
        StageCount("On the way to a laboratory", 9, 0, "since 07:05"),
        StageCount("On the bench: to type", 12, 2, "since 04:40"),
        StageCount("To check or authorise", 3, 0, "since 07:21"),
        StageCount("To telephone", 1, 1, "since 06:58"),
        StageCount("Slips to print", 5, 0, "since 07:02"),
        StageCount("Slips not yet delivered", 2, 1, "since 06:40"),
    ),
    calls=(OpenLine("41 1 004711 00 6", "Potassium, critical", "ED Resus", "07:28", overdue=True),),
    overdue=(
        OpenLine("41 1 004690 00 2", "Paracetamol: on the bench", "Ward 7", "07:10", overdue=True),
        OpenLine(
            "41 1 004681 00 1", "INR: on the way", "Acute medical unit", "07:15", overdue=True
        ),
    ),
    more="",
    notes="Analyser 2 stopped at 05:40, engineer due 09:00. Lithium heparin tubes run low at ED.",
    from_whom="P. Nair",
    to_whom="",
    anchor_words=tuple(words_of(_DIGEST).split()),
    anchor_code=code_of(_DIGEST),
    checkpoint="Checkpoint 17, 24-Nov-2026 07:30",
    scanned=f"LAB-ANCHOR/1 node=41 n=17 at=2026-11-24T07:30:12.000000Z digest={_DIGEST}",
)

_ROW = ManifestRow(
    number=for_tube(form_number(4702), 3),
    patient=GRACE,
    tube="lavender EDTA",
    tests="FBC",
    priority="P2 TODAY",
    taken="24-Nov 02:40",
    use_by="25-Nov 02:40",
    needed_by="04:40",
)
MANIFEST = Manifest(
    number=with_check_digit(f"01{3187:09d}"),
    title="Consignment manifest",
    made=MADE,
    sender=Party(
        "St Elsewhere, Core laboratory",
        "1 Example Road, Elsewhere · reception 020 7946 0410",
        "Responsible: P. Nair, ext 4310, all night",
    ),
    receiver=Party(
        "Northgate General, pathology",
        "Loading bay C, ring the night bell · 020 7946 0733",
        "Expecting you: R. Castellan",
    ),
    temperature="15–25 °C",
    leaves="03:20",
    due="03:45",
    box="B14",
    seal="008821",
    rows=(
        _ROW,
        replace(
            _ROW, number=for_tube(form_number(4702), 2), tube="gold SST", tests="U&E LFT Urate"
        ),
        replace(
            _ROW,
            number=for_tube(form_number(4690), 1),
            patient=ANITA,
            tube="gold SST",
            tests="Paracetamol",
            similar=True,
        ),
        replace(
            _ROW,
            number=for_tube(form_number(4681), 1),
            patient=ANIKA,
            tube="light blue citrate",
            tests="INR",
            similar=True,
        ),
        replace(_ROW, number=for_tube(form_number(4677), 1), patient=DESMOND, priority="P3 DAYS"),
    ),
    instructions=(
        "If something is missing or spoiled: write it below, ring ext 4310 before you start. Send results with "
        "your own units and intervals, on the return slips in the blue envelope."
    ),
    hand_overs=(
        HandOver("Packed", "P. Nair", "03:14", "5"),
        HandOver("Courier took"),
        HandOver("Laboratory got"),
    ),
)
LONG_DELIVERY = replace(
    DELIVERY,
    rows=tuple(
        DeliveryRow(slip_number(5000 + n), LONG_NAMED, "P2 TODAY", "version 1") for n in range(23)
    ),
)
