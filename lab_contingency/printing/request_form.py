"""The request form, A4: six numbered boxes, the laboratory's box, the tube labels at the foot."""

from collections.abc import Sequence

from lab_contingency.printing import form_boxes as boxes
from lab_contingency.printing import marks
from lab_contingency.printing.barcode import WIDTH, checked, draw_barcode, grouped
from lab_contingency.printing.columns import GAP, Columns, draw_columns, row_height, set_columns
from lab_contingency.printing.content import (
    Answer,
    BlankRequestForm,
    Collection,
    HandwrittenTube,
    Label,
    PatientIdentity,
    Requester,
    RequestForm,
    TubeLabel,
)
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.labels import draw_label
from lab_contingency.printing.other_labels import draw_handwritten_tube
from lab_contingency.printing.paper import Paper
from lab_contingency.printing.pen import NoPaper, Pen
from lab_contingency.printing.ruled import BAND, NOTE, PAD, draw_band
from lab_contingency.printing.stock import A4, AUTO12
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    REGULAR,
    Lettering,
    clean,
    fit,
    letterings,
    width,
)

_TOP = 6.5
_STAMP = 3.2
_HEADER = 20.5
_LABELS_TOP = 239.4
_LABEL_PITCH = AUTO12.height + 1.6
_SLOTS_ACROSS = 3
_FIRST_SLOTS = 5
"""Labels on the first page; the sixth place is the number for the notes."""
_MORE_SLOTS = 27
_TUBES_OF_A_BLANK = (1, 2, 3, 4, 5, 6)
_FRAME_BOTTOM = 233.6
_URGENCY_LOWEST = BAND + 34.0

FormLabel = Label | HandwrittenTube


def request_form_pdf(form: RequestForm | BlankRequestForm) -> bytes:
    """Draw the form, filled or blank, on one A4 page; labels beyond five go on further pages."""
    return request_forms_pdf((form,))


def request_forms_pdf(forms: Sequence[RequestForm | BlankRequestForm]) -> bytes:
    """Draw forms one after the other; nothing comes out if one of them cannot be printed."""
    if not forms:
        raise CannotPrint("There is no form to print.", field="forms")
    paper = Paper(A4, "Pathology request form", forms[0].made.mark)
    for form in forms:
        draw_request_form(paper, form)
    return paper.finish()


def try_request_form(form: RequestForm) -> None:
    """Draw for nobody, on nothing: CannotPrint when the form could not be printed."""
    draw_request_form(NoPaper(), form)


def draw_request_form(paper: Paper | NoPaper, form: RequestForm | BlankRequestForm) -> None:
    """Draw one form on the next pages of a paper."""
    number = form.number
    filled = form if isinstance(form, RequestForm) else _emptied(form)
    labels: Sequence[FormLabel] = form.labels
    pages = 1 + -(-max(0, len(labels) - _FIRST_SLOTS) // _MORE_SLOTS)
    pen = paper.page()
    _draw_form(pen.moved(A4.margin, _TOP), filled, number, pages)
    _draw_foot(pen.moved(A4.margin, 0), labels[:_FIRST_SLOTS], number)
    for page in range(2, pages + 1):
        first = _FIRST_SLOTS + (page - 2) * _MORE_SLOTS
        more = labels[first : first + _MORE_SLOTS]
        _draw_more(paper.page().moved(A4.margin, _TOP), filled, more, f"page {page} of {pages}")


def _emptied(blank: BlankRequestForm) -> RequestForm:
    """Turn a blank form into a filled one in which nothing is written."""
    return RequestForm(
        number=blank.number or "",
        title=blank.title,
        place=blank.place,
        made=blank.made,
        patient=PatientIdentity("", "", "", "", None, None),
        requester=Requester(blank.ward, "", "", "", "", ""),
        tube_system=blank.tube_system,
        groups=blank.groups,
        bands=blank.bands,
        reason="",
        needed_by="",
        clinical_details="",
        anticoagulant="",
        infection_risk="",
        collection=Collection("", "", ""),
        answers=tuple(Answer(question, "") for question in blank.questions),
        labels=(),
        tubes=_TUBES_OF_A_BLANK,
        lead=blank.lead,
    )


def _draw_form(pen: Pen, form: RequestForm, number: str | None, pages: int) -> None:
    _draw_header(pen, form, f"page 1 of {pages}")
    _draw_panel(pen, number)
    if form.made.mark:
        middle = boxes.WIDE - 5.0 - WIDTH / 2
        pen.write_centred(middle, 19.6, marks.watermark(form.made.mark), NOTE)
    people = pen.moved(0, _HEADER)
    boxes.draw_patient(people, form)
    boxes.draw_requester(people.moved(boxes.PATIENT_WIDE, 0), form)
    people.line(boxes.PATIENT_WIDE, 0, boxes.PATIENT_WIDE, boxes.PEOPLE_HIGH, thick=0.25)
    _draw_middle(people.moved(0, boxes.PEOPLE_HIGH), form)
    bottom = _FRAME_BOTTOM - _TOP
    boxes.draw_later(pen.moved(0, bottom - boxes.LATER_HIGH))
    laboratory = pen.moved(0, bottom - boxes.LATER_HIGH - boxes.LABORATORY_HIGH)
    boxes.draw_laboratory(laboratory, form.tubes)
    pen.box(0, 0, boxes.WIDE, bottom, 0.5)


def _draw_middle(pen: Pen, form: RequestForm) -> None:
    """Share the height between tests, urgency and questions: the rows of tests give way first."""
    column = (boxes.WIDE - 2 * PAD - 3 * GAP) / 4
    columns = set_columns(form.groups, column)
    above = _TOP + _HEADER + boxes.PEOPLE_HIGH
    room = _FRAME_BOTTOM - above - boxes.LATER_HIGH - boxes.LABORATORY_HIGH
    asked = boxes.answers_height(form)
    row = row_height(columns, room - asked - _URGENCY_LOWEST - BAND - 1.4)
    tests = BAND + 1.4 + row * columns.rows
    _draw_tests(pen, form, columns, column, row)
    lower = room - tests - asked
    _draw_lower(pen.moved(0, tests), form, lower)
    boxes.draw_answers(pen.moved(0, tests + lower), form)


def _draw_tests(pen: Pen, form: RequestForm, columns: Columns, column: float, row: float) -> None:
    system = clean(form.tube_system, field="tube_system", font=REGULAR)
    draw_band(pen, boxes.WIDE, "3 Tests", f"tube cap beside each, {system}")
    draw_columns(pen.moved(PAD, BAND + 0.3), columns, column, row)


def _draw_lower(pen: Pen, form: RequestForm, high: float) -> None:
    details, collection = boxes.URGENCY_WIDE, boxes.URGENCY_WIDE + boxes.DETAILS_WIDE
    boxes.draw_urgency(pen, form)
    boxes.draw_details(pen.moved(details, 0), form, high)
    boxes.draw_collection(pen.moved(collection, 0), form)
    for x in (details, collection):
        pen.line(x, 0, x, high, thick=0.25)


def _draw_header(pen: Pen, form: RequestForm, page: str) -> None:
    room = boxes.WIDE - 2 * 3.4 - WIDTH - 8
    made = form.made
    words = marks.stamps(made.copy_reason, test_mark=made.test_mark)
    free = room - marks.stamps_width(words, _STAMP)
    title = fit(form.title, field="title", room=free, choices=letterings(BOLD, 6.4, 5.6, 4.8))
    pen.write(3.4, 7.4, title.lines[0], title.lettering)
    if form.again:
        _draw_again(pen.moved(3.4, 0), form.again, room)
    else:
        pen.write(3.4, 11.7, clean(form.lead, field="lead", font=REGULAR), NOTE)
    beside = 62.0 if form.again and made.copy_reason else 0.0
    place = fit(
        form.place, field="place", room=room - beside, choices=letterings(REGULAR, 2.6, 2.3, 2.0)
    )
    pen.write(3.4, 15.2, place.lines[0], place.lettering)
    printed = f"{made.printed} · {made.copy_number} · {page}"
    said = fit(printed, field="printed", room=room, choices=letterings(REGULAR, 2.4, 2.2, 2.0))
    pen.write(3.4, 18.6, said.lines[0], said.lettering)
    marks.draw_stamps(pen, 3.4 + room, 3.6, words, _STAMP)
    if made.copy_reason:
        _draw_copy_reason(pen.moved(0, 3.5 if form.again else 0), made.copy_reason, 3.4 + room)


def _draw_again(pen: Pen, why: str, room: float) -> None:
    """Draw white on black why a tube is taken again."""
    said = fit(
        why, field="again", room=room - 2.4, choices=letterings(BOLD, 2.6, 2.4, 2.2, 2.0, 1.9)
    )
    pen.fill(0, 9.0, room, 3.8)
    pen.write(1.2, 11.8, said.lines[0], said.lettering, white=True)


def _draw_copy_reason(pen: Pen, reason: str, right: float) -> None:
    said = fit(
        f"copy: {reason}", field="copy_reason", room=60, choices=letterings(BOLD, 2.4, 2.1, 1.9)
    )
    pen.write_right(right, 11.7, said.lines[0], said.lettering)


def _draw_panel(pen: Pen, number: str | None) -> None:
    """Draw the number as bars and digits, or the place for it."""
    left = boxes.WIDE - 5.0 - WIDTH
    if number is None:
        pen.dashed(_corners(left - 22, 2.2, WIDTH + 24.5, 16.2))
        pen.write_centred(left + 1, 16.8, "stick a label or write the number", NOTE)
        return
    draw_barcode(pen, left, 2.6, 10.0, number)
    digits = Lettering(MONO, 3.1)
    pen.write_centred(left + WIDTH / 2, 16.6, grouped(checked(number)), digits)


def _corners(x: float, y: float, wide: float, high: float) -> list[tuple[float, float]]:
    return [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y)]


def _draw_foot(pen: Pen, labels: Sequence[FormLabel], number: str | None) -> None:
    if not labels and number is None:
        return
    top = _FRAME_BOTTOM + 1.9
    pen.dashed([(0, top), (boxes.WIDE, top)])
    _draw_label_heading(pen.moved(0, top), labels)
    slots = pen.moved(0, _LABELS_TOP)
    _draw_labels(slots, labels)
    if number is not None:
        _draw_spare(_slot(slots, _FIRST_SLOTS), number)


def _draw_label_heading(pen: Pen, labels: Sequence[FormLabel]) -> None:
    tubes = [label for label in labels if isinstance(label, TubeLabel | HandwrittenTube)]
    named = ", ".join(label.tube_colour for label in tubes)
    in_order = len(tubes) == len(labels) and named
    heading = f"Tube labels, in order of draw: {named}" if in_order else "Tube labels"
    note = "peel, and stick at the bedside"
    room = boxes.WIDE - width(note, NOTE) - 4
    said = fit(heading, field="labels", room=room, choices=letterings(BOLD, 2.5, 2.2, 1.9))
    pen.write(0, 3.1, said.lines[0], said.lettering)
    pen.write_right(boxes.WIDE, 3.1, note, NOTE)


def _draw_labels(pen: Pen, labels: Sequence[FormLabel]) -> None:
    for place, label in enumerate(labels):
        at = _slot(pen, place)
        if isinstance(label, HandwrittenTube):
            draw_handwritten_tube(at, label)
        else:
            at.dashed(_corners(0, 0, AUTO12.width, AUTO12.height), 0.1)
            draw_label(at, label)


def _slot(pen: Pen, place: int) -> Pen:
    down, across = divmod(place, _SLOTS_ACROSS)
    step = (boxes.WIDE - AUTO12.width) / (_SLOTS_ACROSS - 1)
    return pen.moved(across * step, down * _LABEL_PITCH)


def _draw_spare(pen: Pen, number: str) -> None:
    pen.dashed(_corners(0, 0, AUTO12.width, AUTO12.height))
    middle = AUTO12.width / 2
    draw_barcode(pen, middle - WIDTH / 2, 2.8, 9.0, number)
    pen.write_centred(middle, 16.2, grouped(number), Lettering(MONO, 2.9))
    pen.write_centred(middle, 21.6, "for the notes", NOTE)


def _draw_more(pen: Pen, form: RequestForm, labels: Sequence[FormLabel], page: str) -> None:
    """Draw a further page of labels, headed by the number and the three identifiers."""
    number = grouped(form.number) if form.number else ""
    pen.write(0, 3.9, number, Lettering(BOLD, 3.2))
    made = form.made
    parts = (made.printed, made.copy_number, marks.watermark(made.mark), page)
    said = clean(" · ".join(part for part in parts if part), field="printed", font=REGULAR)
    pen.write(38, 3.9, said, NOTE)
    words = marks.stamps(made.copy_reason, test_mark=made.test_mark)
    marks.draw_stamps(pen, boxes.WIDE, 0.6, words, _STAMP)
    _draw_identity(pen.moved(0, 8.3), form.patient)
    _draw_label_heading(pen.moved(0, 9.5), labels)
    _draw_labels(pen.moved(0, 14.5), labels)


def _draw_identity(pen: Pen, who: PatientIdentity) -> None:
    number = who.nhs_number or who.hospital_number or ""
    parts = (who.surname, who.forenames, who.born, who.sex, number)
    said = fit(
        "  ".join(part for part in parts if part),
        field="surname",
        room=boxes.WIDE,
        choices=letterings(BOLD, 3.2, 2.8, 2.4, 2.1),
    )
    pen.write(0, 0, said.lines[0], said.lettering)
