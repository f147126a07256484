"""Who it is, on a label: surname biggest, forenames and sex under it, born and number in bold. mm."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab_contingency.printing.content import PatientIdentity
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.label_face import LEFT
from lab_contingency.printing.pen import Pen
from lab_contingency.printing.text import (
    BOLD,
    REGULAR,
    Fitted,
    Lettering,
    clean,
    fit,
    fit_in,
    letterings,
    reach,
    too_long,
    width,
)

IDENTITY = letterings(BOLD, 2.8, 2.5, 2.2, 2.0, 1.8)

_SEX_GAP = 1.2
# What a line takes at least above and below its baseline, as a part of its size: lines look even.
_ABOVE, _BELOW = 0.75, 0.2
# Of the white that is left over, this part of a line's share stands above it.
_SHARE_ABOVE = 0.7


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


@dataclass(frozen=True, slots=True)
class NameRoom:
    """Where the name may stand, mm; `stamped` at the end of its last line is taken by stamps."""

    top: float
    bottom: float
    wide: float
    stamped: float = 0

    @property
    def high(self) -> float:
        """Height of the room."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class _Line:
    """One line with the room it takes: no accent is cut, none stands in the line above."""

    text: str
    lettering: Lettering
    above: float
    below: float


def draw_name(pen: Pen, patient: PatientIdentity, room: NameRoom) -> None:
    """Write surname, forenames and sex, spread over the height of the room."""
    lines = _fit_name(patient, room)
    share = (room.high - _height(lines)) / len(lines)
    top = baseline = room.top
    for line in lines:
        baseline = top + share * _SHARE_ABOVE + line.above
        pen.write(LEFT, baseline, line.text, line.lettering)
        top += share + line.above + line.below
    last = lines[-1]
    sex = clean(patient.sex, field="sex", font=BOLD)
    end = LEFT + width(last.text, last.lettering) + _SEX_GAP
    pen.write(end, baseline, sex, Lettering(BOLD, last.lettering.size))


def _lines(surname: Fitted, forenames: Fitted) -> list[_Line]:
    made = []
    for fitted in (surname, forenames):
        for text in fitted.lines:
            up, down = reach(text, fitted.lettering)
            size = fitted.lettering.size
            above, below = max(up, _ABOVE * size), max(down, _BELOW * size)
            made.append(_Line(text, fitted.lettering, above, below))
    return made


def _height(lines: Sequence[_Line]) -> float:
    return sum([line.above + line.below for line in lines])


def _fit_name(patient: PatientIdentity, room: NameRoom) -> list[_Line]:
    surname_fits = False
    for plan in _NAME_PLANS:
        surname = fit_in(
            patient.surname,
            field="surname",
            room=room.wide,
            lettering=Lettering(BOLD, plan.surname),
            lines=plan.surname_lines,
        )
        forenames = _fit_forenames(patient, plan, room)
        lines = _lines(surname, forenames) if surname and forenames else []
        if lines and _height(lines) <= room.high:
            return lines
        surname_fits = surname_fits or surname is not None
    field = "forenames" if surname_fits else "surname"
    raise CannotPrint(too_long(getattr(patient, field), 2), field=field)


def _fit_forenames(patient: PatientIdentity, plan: _NamePlan, room: NameRoom) -> Fitted | None:
    """Forenames with room after the last line for the sex and, beside it, for the stamps."""
    lettering = Lettering(REGULAR, plan.forenames)
    sex = clean(patient.sex, field="sex", font=BOLD)
    after = _SEX_GAP + width(sex, Lettering(BOLD, plan.forenames)) + room.stamped
    for wide in (room.wide, room.wide - after):
        forenames = fit_in(
            patient.forenames,
            field="forenames",
            room=wide,
            lettering=lettering,
            lines=plan.forename_lines,
        )
        if forenames and width(forenames.lines[-1], lettering) + after <= room.wide:
            return forenames
    return None


def draw_identity(
    pen: Pen, patient: PatientIdentity, baselines: Sequence[float], room: float
) -> None:
    """Write born and NHS number in bold on one line, or on two where two baselines are given.

    The hospital number stands there where there is no NHS number.
    """
    field, identifier = _identifier(patient)
    born = clean(patient.born, field="born", font=BOLD)
    if len(baselines) == 1:
        born, identifier = "", f"{born}  {identifier}"
    for baseline, name, said in zip(
        reversed(baselines), (field, "born"), (identifier, born), strict=False
    ):
        line = fit(said, field=name, room=room, choices=IDENTITY)
        pen.write(LEFT, baseline, line.lines[0], line.lettering)


def _identifier(patient: PatientIdentity) -> tuple[str, str]:
    if patient.nhs_number:
        return "nhs_number", f"NHS {patient.nhs_number}"
    if patient.hospital_number:
        return "hospital_number", patient.hospital_number
    raise CannotPrint(
        "A label needs an NHS or hospital number. Give the patient a temporary number first.",
        field="hospital_number",
    )
