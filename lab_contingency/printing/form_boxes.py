"""The boxes of the request form. Each is drawn from the pen's origin; sizes and places in mm."""

from collections.abc import Sequence

from lab_contingency.printing.content import RequestForm, UrgencyBand
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.marks import draw_tick_box
from lab_contingency.printing.paper import Pen
from lab_contingency.printing.ruled import (
    BAND,
    CAPTION,
    FIELD,
    HEADING,
    PAD,
    Field,
    draw_band,
    draw_field,
    draw_fields,
)
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    REGULAR,
    Lettering,
    can_show,
    clean,
    fit,
    letterings,
    paragraphs,
    too_long,
    width,
)

WIDE = 192.0
PATIENT_WIDE = 115.0
URGENCY_WIDE, DETAILS_WIDE = 68.0, 84.0
PEOPLE_HIGH = BAND + 3 * FIELD + 0.8
LABORATORY_HIGH = BAND + 2 * FIELD
LATER_HIGH = BAND + FIELD
ANSWERS_ACROSS = 3
_TUBES_NAMED = 9

_LINES_EACH = 4.75
# Sizes of clinical details with the distance of their lines; the plain letters hold the most.
_DETAIL_SIZES = (
    (Lettering(MONO, 3.2), 4.7),
    (Lettering(MONO, 2.8), 3.9),
    (Lettering(MONO, 2.5), 3.4),
    (Lettering(REGULAR, 2.5), 3.1),
    (Lettering(REGULAR, 2.2), 2.75),
    (Lettering(REGULAR, 2.0), 2.45),
)


def draw_patient(pen: Pen, form: RequestForm) -> None:
    """Draw box 1."""
    draw_band(pen, PATIENT_WIDE, "1 Patient")
    who = form.patient
    rows = (
        (
            Field("surname", "Surname", who.surname, 50),
            Field("forenames", "Forename", who.forenames, 40),
            Field("sex", "Sex", who.sex, 14.6),
        ),
        (
            Field("nhs_number", "NHS number", who.nhs_number or "", 50),
            Field("born", "Date of birth", who.born, 40),
        ),
        (Field("hospital_number", "Hospital number", who.hospital_number or "", 110.6),),
    )
    _draw_rows(pen, rows)


def draw_requester(pen: Pen, form: RequestForm) -> None:
    """Draw box 2."""
    wide = WIDE - PATIENT_WIDE
    draw_band(pen, wide, "2 Requester, and where the result goes")
    asks = form.requester
    half = (wide - 2 * PAD - 3) / 2
    rows = (
        (
            Field("ward", "Ward or place", asks.ward, half),
            Field("bed", "Bed", asks.bed, half),
        ),
        (
            Field("phone_result_to", "Phone result to", asks.phone_result_to, half),
            Field("slip_goes_to", "Slip goes to", asks.slip_goes_to, half),
        ),
        (
            Field("requested_by", _asked_caption(asks.requested_by), asks.requested_by, half),
            Field("consultant", "Consultant", asks.consultant, half),
        ),
    )
    _draw_rows(pen, rows)


def _asked_caption(requested_by: str) -> str:
    """Whoever writes by hand says when: a card knows it."""
    return "Requested by" if requested_by else "Requested by, day and time"


def _draw_rows(pen: Pen, rows: tuple[tuple[Field, ...], ...]) -> None:
    for place, fields in enumerate(rows):
        draw_fields(pen.moved(PAD, BAND + place * FIELD), fields)


def draw_urgency(pen: Pen, form: RequestForm) -> None:
    """Draw box 4."""
    draw_band(pen, URGENCY_WIDE, "4 Urgency")
    for place, band in enumerate(form.bands):
        _draw_urgency_band(pen.moved(PAD, BAND + 1.2 + place * _LINES_EACH), band)
    fields = (
        Field("reason", "Reason", form.reason, 41),
        Field("needed_by", "Needed by", form.needed_by, 19.6),
    )
    draw_fields(pen.moved(PAD, BAND + 1.0 + len(form.bands) * _LINES_EACH), fields)


def _draw_urgency_band(pen: Pen, band: UrgencyBand) -> None:
    draw_tick_box(pen, 0, 3.4, 2.9, ticked=band.ticked)
    font = BOLD if band.ticked else REGULAR
    named = clean(f"{band.priority} {band.word}", field="priority_word", font=BOLD)
    pen.write(4.2, 3.2, named, Lettering(BOLD, 2.7))
    right, small = URGENCY_WIDE - 2 * PAD, Lettering(font, 2.3)
    target = clean(band.target, field="target", font=font)
    pen.write_right(right, 3.2, target, small)
    said = fit(
        band.meaning,
        field="meaning",
        room=right - 19 - width(target, small) - 1.5,
        choices=letterings(font, 2.4, 2.2),
        lines=2,
    )
    raised = 1.1 * (len(said.lines) - 1)
    pen.write_lines(19, 3.2 - raised, said, 2.2)


def draw_details(pen: Pen, form: RequestForm, high: float) -> None:
    """Draw box 5, `high` mm: clinical details above anticoagulant and infection risk."""
    draw_band(pen, DETAILS_WIDE, "5 Clinical details")
    bottom = high - FIELD - 0.3
    room = bottom - BAND - 1.0
    if form.clinical_details:
        _draw_clinical(pen.moved(PAD, BAND + 0.6), form.clinical_details, room)
    else:
        for place in range(1, int(room / 6) + 1):
            pen.line(PAD, BAND + 6 * place, DETAILS_WIDE - PAD, BAND + 6 * place, grey=0.55)
    half = (DETAILS_WIDE - 2 * PAD - 3) / 2
    fields = (
        Field("anticoagulant", "Anticoagulant", form.anticoagulant, half),
        Field("infection_risk", "Infection risk", form.infection_risk, half),
    )
    draw_fields(pen.moved(PAD, bottom), fields)


def _draw_clinical(pen: Pen, details: str, room: float) -> None:
    for lettering, pitch in _DETAIL_SIZES:
        if lettering.font == MONO and not can_show(
            details.replace("\n", "").replace("\r", ""), MONO
        ):
            continue
        lines = paragraphs(
            details, field="clinical_details", room=DETAILS_WIDE - 2 * PAD, lettering=lettering
        )
        if len(lines) * pitch <= room:
            for place, line in enumerate(lines):
                pen.write(0, 0.78 * pitch + place * pitch, line, lettering)
            return
    raise CannotPrint(too_long(details, int(room / _DETAIL_SIZES[-1][1])), field="clinical_details")


def draw_collection(pen: Pen, form: RequestForm) -> None:
    """Draw box 6."""
    wide = WIDE - URGENCY_WIDE - DETAILS_WIDE
    draw_band(pen, wide, "6 Collection")
    taken = form.collection
    captions = (
        ("taken", "Taken, day and time", taken.taken),
        ("taken_by", "Taken by", taken.taken_by),
        ("how", "How", taken.how),
    )
    for place, (name, caption, value) in enumerate(captions):
        field = Field(name, caption, value, wide - 2 * PAD)
        draw_field(pen.moved(PAD, BAND + place * FIELD), field)


def answers_height(form: RequestForm) -> float:
    """Measure the box of questions; 0 where no test asks one."""
    rows = -(-len(form.answers) // ANSWERS_ACROSS)
    return BAND + rows * FIELD if rows else 0


def draw_answers(pen: Pen, form: RequestForm) -> None:
    """Draw what the ticked tests ask, and the answers."""
    if not form.answers:
        return
    draw_band(pen, WIDE, "Asked by the tests")
    wide = (WIDE - 2 * PAD - 3 * (ANSWERS_ACROSS - 1)) / ANSWERS_ACROSS
    for place, answer in enumerate(form.answers):
        down, across = divmod(place, ANSWERS_ACROSS)
        question = fit(
            answer.question, field="answers", room=wide, choices=letterings(REGULAR, 2.2, 2.0, 1.8)
        )
        at = pen.moved(PAD + across * (wide + 3), BAND + down * FIELD)
        draw_field(at, Field("answers", "", answer.answer, wide))
        at.write(0, CAPTION.size + 0.5, question.lines[0], question.lettering)


def draw_laboratory(pen: Pen, tubes: Sequence[int]) -> None:
    """Draw the box that only the laboratory writes in."""
    pen.line(0, 0, WIDE, 0, thick=0.3)
    pen.write(PAD, 3.5, "Laboratory use only", HEADING)
    pen.stripes(0, BAND, WIDE, LABORATORY_HIGH - BAND)
    pen.line(0, BAND, WIDE, BAND)
    rows = (
        ("Received", "By", _tubes_caption(tubes), "Condition", "Sent to", "At"),
        ("Phoned to", "At", "Read back", "Their number", "Rejected, why", "Signed"),
    )
    wide = (WIDE - 2 * PAD - 5 * 2.6) / 6
    for down, captions in enumerate(rows):
        for across, caption in enumerate(captions):
            at = pen.moved(PAD + across * (wide + 2.6), BAND + down * FIELD)
            at.fill(-0.6, 0.15 if down == 0 else 0, wide + 1.2, FIELD - 0.9, 1)
            draw_field(at, Field("", caption, "", wide))
            if caption == "Read back":
                draw_tick_box(at, 12.0, 2.9, 2.2, ticked=False)


def _tubes_caption(tubes: Sequence[int]) -> str:
    """Name each planned tube, to be ticked off."""
    if not tubes:
        return "No tubes"
    if len(tubes) > _TUBES_NAMED:
        return f"Tubes {tubes[0]} to {tubes[-1]}"
    return " ".join(("Tubes", *(str(ordinal) for ordinal in tubes)))


def draw_later(pen: Pen) -> None:
    """Draw the line for tests added by telephone."""
    draw_band(pen, WIDE, "Added later, by telephone", "same tubes, if enough and in time")
    fields = (
        Field("", "test", "", 70),
        Field("", "asked by", "", 38),
        Field("", "taken down by", "", 38),
        Field("", "time", "", 32.6),
    )
    draw_fields(pen.moved(PAD, BAND), fields)
