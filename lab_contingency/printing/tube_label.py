"""One tube's label, 50.8 x 25.4 mm. All places are mm from its top left corner."""

from dataclasses import dataclass, replace

from lab_contingency.printing import marks
from lab_contingency.printing.barcode import QUIET, checked, draw_barcode, grouped
from lab_contingency.printing.content import PatientIdentity, TubeLabel
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.paper import Pen
from lab_contingency.printing.text import (
    BOLD,
    REGULAR,
    Fitted,
    Lettering,
    clean,
    fit,
    fit_in,
    letterings,
    too_long,
    width,
)

LEFT, RIGHT = 1.3, 49.6
BARS_TOP, BARS_HEIGHT = 12.2, 8.8
BARS_LEFT = QUIET
NUMBER = Lettering(BOLD, 2.3)
SMALL = Lettering(REGULAR, 1.9)

_BESIDE = Lettering(REGULAR, 1.8)

_NAME_TOP, _NAME_BOTTOM = 0.5, 8.7
_NAME_ROOM = 38.1 - LEFT
_STAMPS_TOP = 5.75
_IDENTITY_BASELINE = 11.15
_SEX_GAP = 1.2

_TAKEN_LEFT, _TAKEN_TOP = 22.6, 22.2
_COLUMN_LEFT, _COLUMN_TOP, _COLUMN_BOTTOM = 30.6, 11.35, 22.0
_COLUMN_ROOM = RIGHT - _COLUMN_LEFT
_CLOSEST = 0.96
"""Closest lines of the column, as a multiple of their size: capitals and tails just clear."""
_COMFORTABLE = 1.04


@dataclass(frozen=True, slots=True)
class _NamePlan:
    """Sizes (mm) and numbers of lines of surname and forenames; the surname stays the biggest."""

    surname: float
    surname_lines: int
    forenames: float
    forename_lines: int


# From the best to the smallest permitted. What fits none of them is refused.
_NAME_PLANS = (
    _NamePlan(3.9, 1, 3.0, 1),
    _NamePlan(3.9, 1, 2.6, 1),
    _NamePlan(3.5, 1, 3.0, 1),
    _NamePlan(3.5, 1, 2.6, 1),
    _NamePlan(3.1, 1, 2.6, 1),
    _NamePlan(3.5, 1, 2.2, 2),
    _NamePlan(3.1, 1, 2.2, 2),
    _NamePlan(2.8, 2, 2.4, 1),
    _NamePlan(2.8, 1, 2.4, 2),
    _NamePlan(2.8, 2, 2.1, 1),
    _NamePlan(2.5, 1, 2.0, 2),
    _NamePlan(2.3, 2, 1.8, 2),
    _NamePlan(2.1, 2, 1.8, 2),
)


def draw_tube_label(pen: Pen, label: TubeLabel) -> None:
    """Draw the label at the pen's origin."""
    test = marks.stamps(None, test_mark=label.test_mark)
    _draw_name(pen, label.patient, marks.stamps_width(test))
    marks.draw_stamps(pen, LEFT + _NAME_ROOM, _STAMPS_TOP, test)
    marks.draw_priority(pen, 38.6, 0.6, label.priority, label.priority_word)
    _draw_identity(pen, label.patient)
    draw_number(pen, label.number)
    _draw_column(pen, label)
    # COPY takes its room from the box, not the name: what was printed once can be again.
    copy = marks.stamps(label.copy_reason, test_mark=False)
    marks.draw_stamps(pen, _TAKEN_LEFT + marks.stamps_width(copy) - 0.9, _TAKEN_TOP, copy)
    draw_taken_box(pen, marks.stamps_width(copy))


def draw_number(pen: Pen, number: str) -> None:
    """Bars with 2.5 mm of white on both sides, and the same number to read."""
    draw_barcode(pen, BARS_LEFT, BARS_TOP, BARS_HEIGHT, number)
    pen.write(LEFT, 24.0, grouped(checked(number)), NUMBER)


def draw_taken_box(pen: Pen, taken_up: float = 0) -> None:
    """Where time and initials are written at the bedside; `taken_up` mm at its left are in use."""
    left = _TAKEN_LEFT + taken_up
    room = RIGHT - left
    pen.box(left, _TAKEN_TOP, room, 2.8, 0.25)
    for x, word in ((0.7, "taken"), (room * 0.36, ":"), (room * 0.6, "by")):
        pen.write(left + x, _TAKEN_TOP + 2.0, word, SMALL)


def _draw_name(pen: Pen, patient: PatientIdentity, stamped: float) -> None:
    surname, forenames = _fit_name(patient, stamped)
    lines = [(line, surname.lettering) for line in surname.lines]
    lines += [(line, forenames.lettering) for line in forenames.lines]
    baseline = _NAME_TOP
    stretch = (_NAME_BOTTOM - _NAME_TOP) / sum(lettering.size for _, lettering in lines)
    for line, lettering in lines:
        pen.write(LEFT, baseline + 0.81 * stretch * lettering.size, line, lettering)
        baseline += stretch * lettering.size
    last, lettering = lines[-1]
    bold = Lettering(BOLD, lettering.size)
    sex = clean(patient.sex, field="sex", font=BOLD)
    end = LEFT + width(last, lettering) + _SEX_GAP
    pen.write(end, baseline - 0.19 * stretch * lettering.size, sex, bold)


def _fit_name(patient: PatientIdentity, stamped: float) -> tuple[Fitted, Fitted]:
    surname_fits = False
    for plan in _NAME_PLANS:
        surname = fit_in(
            patient.surname,
            field="surname",
            room=_NAME_ROOM,
            lettering=Lettering(BOLD, plan.surname),
            lines=plan.surname_lines,
        )
        surname_fits = surname_fits or surname is not None
        forenames = _fit_forenames(patient, plan, stamped)
        if surname and forenames:
            return surname, forenames
    field = "forenames" if surname_fits else "surname"
    raise CannotPrint(too_long(getattr(patient, field), 2), field=field)


def _fit_forenames(patient: PatientIdentity, plan: _NamePlan, stamped: float) -> Fitted | None:
    """Forenames with room after the last line for the sex and, beside it, for the stamps."""
    lettering = Lettering(REGULAR, plan.forenames)
    sex = clean(patient.sex, field="sex", font=BOLD)
    after = _SEX_GAP + width(sex, Lettering(BOLD, plan.forenames)) + stamped
    for room in (_NAME_ROOM, _NAME_ROOM - after):
        forenames = fit_in(
            patient.forenames,
            field="forenames",
            room=room,
            lettering=lettering,
            lines=plan.forename_lines,
        )
        if forenames and width(forenames.lines[-1], lettering) + after <= _NAME_ROOM:
            return forenames
    return None


def _draw_identity(pen: Pen, patient: PatientIdentity) -> None:
    """Born and NHS number on one bold line, or the hospital number where there is no NHS number."""
    field, identifier = _identifier(patient)
    born = clean(patient.born, field="born", font=BOLD)
    line = fit(
        f"{born}  {identifier}",
        field=field,
        room=RIGHT - LEFT,
        choices=letterings(BOLD, 2.8, 2.5, 2.2, 2.0, 1.8),
    )
    pen.write(LEFT, _IDENTITY_BASELINE, line.lines[0], line.lettering)


def _identifier(patient: PatientIdentity) -> tuple[str, str]:
    if patient.nhs_number:
        return "nhs_number", f"NHS {patient.nhs_number}"
    if patient.hospital_number:
        return "hospital_number", patient.hospital_number
    raise CannotPrint(
        "A label needs an NHS or hospital number. Give the patient a temporary number first.",
        field="hospital_number",
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the column at the right; `beside` stands after it in plain letters."""

    field: str
    text: str
    lettering: Lettering
    lines: int
    beside: str = ""


@dataclass(frozen=True, slots=True)
class _ColumnPlan:
    """Sizes (mm) of tube colour, tests and the rest.

    `close` sets short entries side by side, `run_on` writes all small ones as one paragraph.
    """

    colour: float
    tests: float
    small: float
    close: bool = False
    run_on: bool = False
    tests_font: str = BOLD


# From the best to the smallest permitted.
_COLUMN_PLANS = (
    _ColumnPlan(2.6, 2.5, 1.9),
    _ColumnPlan(2.5, 2.2, 1.8),
    _ColumnPlan(2.4, 2.0, 1.8, close=True),
    _ColumnPlan(2.0, 1.8, 1.8, close=True),
    _ColumnPlan(2.0, 1.8, 1.8, close=True, run_on=True),
    _ColumnPlan(2.0, 1.8, 1.8, close=True, run_on=True, tests_font=REGULAR),
)


_LONGEST_PLAN = _ColumnPlan(2.0, 1.8, 1.8, close=True)
"""By this one it is decided which entry to shorten: it still keeps them apart."""


def _draw_column(pen: Pen, label: TubeLabel) -> None:
    column = _fit_column(label)
    stretch = _stretch([fitted for _, fitted in column])
    pitch = min(1.15, max(_CLOSEST, stretch * 0.97))
    top = _COLUMN_TOP + min(0.5, max(0, (_COLUMN_BOTTOM - _COLUMN_TOP) * (1 - pitch / stretch)))
    for entry, fitted in column:
        step = pitch * fitted.lettering.size
        baseline = top + 0.84 * fitted.lettering.size
        pen.write_lines(_COLUMN_LEFT, baseline, fitted, step)
        top += step * len(fitted.lines)
        if entry.beside:
            pen.write_right(RIGHT, top - step + 0.84 * entry.lettering.size, entry.beside, _BESIDE)


def _fit_column(label: TubeLabel) -> list[tuple[_Entry, Fitted]]:
    for plan in _COLUMN_PLANS:
        for said in _with_and_without_bed(label):
            column = _fit_plan(said, plan)
            if column:
                return column
    if label.tests_if_long:
        return _fit_column(replace(label, tests=label.tests_if_long, tests_if_long=""))
    if label.copy_reason:
        _fit_column(replace(label, copy_reason=None))
        raise CannotPrint(too_long(label.copy_reason), field="copy_reason")
    longest = _longest(label)
    raise CannotPrint(too_long(longest.text, longest.lines), field=longest.field)


def _with_and_without_bed(label: TubeLabel) -> tuple[TubeLabel, ...]:
    """Say the bed after the ward; it is left out before anything is written smaller for it."""
    without = replace(label, bed="")
    if not label.bed:
        return (without,)
    return replace(without, ward=f"{label.ward}, {label.bed}"), without


def _fit_plan(label: TubeLabel, plan: _ColumnPlan) -> list[tuple[_Entry, Fitted]] | None:
    column = [(entry, _fit_entry(entry)) for entry in _entries(label, plan)]
    fitting = [(entry, fitted) for entry, fitted in column if fitted]
    complete = len(fitting) == len(column)
    closest = _CLOSEST if plan.close else _COMFORTABLE
    return fitting if complete and _stretch([f for _, f in fitting]) >= closest else None


def _fit_entry(entry: _Entry) -> Fitted | None:
    return fit_in(
        entry.text,
        field=entry.field,
        room=_COLUMN_ROOM,
        lettering=entry.lettering,
        lines=entry.lines,
    )


def _stretch(fitted: list[Fitted]) -> float:
    """How far the lines may stand apart, as a multiple of their size."""
    high = sum(len(entry.lines) * entry.lettering.size for entry in fitted)
    return (_COLUMN_BOTTOM - _COLUMN_TOP) / high


def _entries(label: TubeLabel, plan: _ColumnPlan) -> list[_Entry]:
    plain, bold = Lettering(REGULAR, plan.small), Lettering(plan.tests_font, plan.tests)
    if plan.run_on:
        return _run_on_entries(label, plan, plain, bold)
    entries = [
        *_tube_entries(label, plan, plain),
        _Entry("notes", label.notes, bold, 2),
        _Entry("tests", label.tests, bold, 5),
        *_place_entries(label, plan, plain),
        _Entry("copy_reason", _copied(label.copy_reason), plain, 2),
    ]
    return [entry for entry in entries if entry.text]


def _run_on_entries(
    label: TubeLabel, plan: _ColumnPlan, plain: Lettering, bold: Lettering
) -> list[_Entry]:
    tube = _tube_entries(label, plan, plain)
    tests = " · ".join(part for part in (label.notes, label.tests) if part)
    rest = (
        *(entry.text for entry in tube[1:]),
        label.draw_order,
        label.ward,
        _copied(label.copy_reason),
    )
    said = " · ".join(part for part in rest if part)
    return [tube[0], _Entry("tests", tests, bold, 5), _Entry("ward", said, plain, 5)]


def _tube_entries(label: TubeLabel, plan: _ColumnPlan, plain: Lettering) -> list[_Entry]:
    colour = _Entry("tube_colour", label.tube_colour.upper(), Lettering(BOLD, plan.colour), 2)
    detail, order = label.tube_detail, label.draw_order
    if not plan.close:
        return [colour, *_together(("tube_detail", detail), ("draw_order", order), plain)]
    clean(detail, field="tube_detail", font=REGULAR)
    taken = width(clean(colour.text, field="tube_colour", font=BOLD), colour.lettering)
    if taken + 1.0 + width(detail, _BESIDE) <= _COLUMN_ROOM:
        return [replace(colour, beside=detail)]
    return [colour, _Entry("tube_detail", detail, plain, 2)]


def _place_entries(label: TubeLabel, plan: _ColumnPlan, plain: Lettering) -> list[_Entry]:
    if not plan.close:
        return [_Entry("ward", label.ward, plain, 2)]
    order = _Entry("draw_order", label.draw_order, plain, 1)
    ward = _Entry("ward", label.ward, plain, 2)
    both = _Entry("ward", f"{label.draw_order} · {label.ward}", plain, 3)
    apart = _lines_needed(order) + _lines_needed(ward)
    return [order, ward] if apart <= _lines_needed(both) else [both]


def _together(
    first: tuple[str, str], second: tuple[str, str], lettering: Lettering
) -> list[_Entry]:
    """Two short texts on one line where they fit, otherwise below each other."""
    both = _Entry(first[0], f"{first[1]} · {second[1]}", lettering, 1)
    if first[1] and second[1] and _fit_entry(both):
        return [both]
    return [_Entry(field, text, lettering, 2) for field, text in (first, second)]


def _copied(reason: str | None) -> str:
    return f"copy: {reason}" if reason else ""


def _longest(label: TubeLabel) -> _Entry:
    """Choose the entry to shorten: what does not fit at all, or takes most lines."""
    entries = _entries(label, _LONGEST_PLAN)
    return max(entries, key=_lines_needed)


def _lines_needed(entry: _Entry) -> int:
    fitted = _fit_entry(entry)
    return len(fitted.lines) if fitted else len(entry.text)
