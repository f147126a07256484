"""Rich content for the papers. Everybody and everything here is invented."""

from dataclasses import replace

from lab_contingency.printing.content import (
    Answer,
    BlankRequestForm,
    Collection,
    CriticalNote,
    HandwrittenTube,
    NumberOnlyLabel,
    PatientIdentity,
    PrintedBy,
    Requester,
    RequestForm,
    ResultGroup,
    ResultRow,
    ResultSlip,
    TestGroup,
    TestLine,
    TubeLabel,
    UrgencyBand,
    WriteOnLabel,
)

SIAN = PatientIdentity(
    "WOŹNIAK-O’NEILL",
    "Siân",
    "04-Nov-1958",
    "F",
    "999 217 3858",
    "H0123456 (St Elsewhere)",
)
LONG_NAMED = PatientIdentity(
    "FEATHERSTONEHAUGH-CHOLMONDELEY-WORTHINGTON",
    "Maximilian Bartholomew Christopher-James",
    "29-Feb-2024",
    "M",
    None,
    "H0123456 (St Elsewhere)",
)

LABEL = TubeLabel(
    number="411004711033",
    patient=SIAN,
    priority="P1",
    priority_word="NOW",
    tube_colour="lavender",
    tube_detail="EDTA 4 mL",
    draw_order="tube 3 of 5",
    tests="FBC",
    ward="ED Resus 2",
)

TUBES = (
    replace(
        LABEL,
        number="411004711011",
        tube_colour="light blue",
        tube_detail="citrate 2.7 mL",
        draw_order="tube 1 of 5",
        tests="COAG",
    ),
    replace(
        LABEL,
        number="411004711022",
        tube_colour="gold",
        tube_detail="SST 5 mL",
        draw_order="tube 2 of 5",
        tests="UE LFT CRP",
    ),
    LABEL,
    HandwrittenTube("tube 4 of 5", "pink", "Group & antibody screen"),
    replace(
        LABEL,
        number="411004711054",
        tube_colour="grey",
        tube_detail="fluoride 2 mL",
        draw_order="tube 5 of 5",
        notes="ON ICE",
        tests="LAC",
    ),
)

GROUPS = tuple(
    TestGroup(
        heading,
        tuple(
            TestLine(f"{heading[:4]} test {n}", "light blue", ticked=n == 1) for n in range(count)
        ),
    )
    for heading, count in (
        ("Haematology", 6),
        ("Clotting", 5),
        ("Chemistry", 25),
        ("Poisons", 3),
        ("Drug levels", 9),
        ("Transfusion, tube by hand", 4),
        ("Blood gas, at the bedside", 3),
        ("Infection", 4),
    )
)
BANDS = (
    UrgencyBand("P1", "NOW", "life-threatening", "60 min", ticked=True),
    UrgencyBand("P2", "TODAY", "emergency admission, decision today", "2 h"),
    UrgencyBand("P3", "DAYS", "treatment in 3–4 days", "24 h"),
    UrgencyBand("P4", "LATER", "deferred, stored or declined", "no promise"),
)
MADE = PrintedBy("printed 24-Nov-2026 03:07 by A. Okafor", "copy 1")

FORM = RequestForm(
    number="411004711006",
    title="Urgent pathology request",
    place="St Elsewhere Hospital · incident 3",
    made=MADE,
    patient=SIAN,
    requester=Requester(
        "ED Resus 2", "12A", "bleep 2222", "Dr A. Okafor", "Dr P. Mehta", "ED Resus printer"
    ),
    tube_system="BD colours",
    groups=GROUPS,
    bands=BANDS,
    reason="Major haemorrhage",
    needed_by="03:45",
    clinical_details="Haematemesis, BP 84/50. On apixaban, last 20:00.\n?variceal. Theatre 04:00.",
    anticoagulant="Apixaban",
    infection_risk="None known",
    collection=Collection("24-Nov 03:05", "A. Okafor", "vein"),
    answers=(Answer("Transfused in the last 3 months", "no"),),
    labels=TUBES,
    tubes=(1, 2, 3, 4, 5),
)
BLANK = BlankRequestForm(
    number="411004800004",
    title="Urgent pathology request",
    place="St Elsewhere Hospital · paper pack 17",
    made=MADE,
    tube_system="BD colours",
    groups=tuple(
        replace(group, tests=tuple(replace(test, ticked=False) for test in group.tests))
        for group in GROUPS
    ),
    bands=tuple(replace(band, ticked=False) for band in BANDS),
    questions=("Transfused in the last 3 months",),
    labels=(
        WriteOnLabel("411004800022", "GOLD SST 5 mL"),
        HandwrittenTube("tube 4", "pink"),
    ),
)

POTASSIUM = ResultRow("Potassium", "6.8", "mmol/L", "3.5–5.3", "4.4", "critical", "▲▲")
CREATININE = ResultRow(
    "Creatinine",
    "212",
    "µmol/L",
    "45–84",
    "134",
    "high",
    "▲",
    status="amended",
    state="amended",
    old_value="122",
    reason="Digits exchanged on entry, put right 03:58 by T. Osei.",
)
SLIP = ResultSlip(
    number="411004711006",
    title="Result slip",
    request_number="41 1 000014 00 3",
    laboratory="St Elsewhere Core laboratory. Made while the main system is down.",
    extent="PART OF THE REQUEST",
    finality="these results final",
    version="version 2 of 2",
    patient=SIAN,
    to="ED Resus 2",
    asked_by="Dr A. Okafor",
    priority="P1 NOW",
    taken="24-Nov 03:05",
    received="03:10",
    authorised="03:36 Dr H. Marsh",
    interval_heading="Interval (F)",
    before_heading="23 Nov 13:05",
    groups=(
        ResultGroup(
            "Urea and electrolytes, gold SST",
            "sample 25 min old",
            "St Elsewhere Core laboratory",
            "indirect ISE",
            (POTASSIUM, CREATININE),
        ),
    ),
    made=PrintedBy("printed 24-Nov-2026 03:58 by P. Nair", "copy 1"),
    criticals=(
        CriticalNote(
            "Potassium 6.8 mmol/L.",
            "Telephoned 03:51 to J. Ferreira, nurse in charge, ED Resus.",
            "Read back: yes.",
        ),
    ),
    comments=("Haemolysis not seen.",),
    still_to_come="LFT, expected 04:10. Group and screen: tube not received.",
    typed_by="P. Nair",
    checked_by="T. Osei",
    authorised_by="Dr H. Marsh",
)


def slip_of(rows: int) -> ResultSlip:
    """A slip with so many rows in one group."""
    group = SLIP.groups[0]
    many = tuple(replace(POTASSIUM, name=f"Analyte {n}") for n in range(1, rows + 1))
    return replace(SLIP, groups=(replace(group, rows=many),))


LABEL_SAMPLES = {
    "label": ("AUTO12", LABEL),
    "label-copy": (
        "AUTO12",
        replace(
            LABEL,
            priority="P2",
            priority_word="TODAY",
            tube_colour="light blue",
            tube_detail="citrate 2.7 mL",
            notes="ON ICE",
            test_mark=True,
            copy_reason="printer jam",
        ),
    ),
    "label-long-name": (
        "AUTO12",
        replace(LABEL, patient=LONG_NAMED, priority="P3", priority_word="DAYS"),
    ),
    "label-large": ("R63X38", LABEL),
    "label-small": ("R38X19", LABEL),
    "label-smallest": ("R25X25", LABEL),
    "label-number": (
        "AUTO12",
        NumberOnlyLabel("411004711044", ("tube 4 pink", "Group & antibody screen")),
    ),
    "label-pack": ("AUTO12", WriteOnLabel("411004800022", "GOLD SST 5 mL")),
}
"""One label of each kind with the code of its stock, for the pictures of every paper."""
