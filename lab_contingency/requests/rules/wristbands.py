"""What a wristband’s code says, and whether it is that of the patient on the card."""

from __future__ import annotations

import datetime as dt
import enum
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

import nhs_number

from lab_contingency.places.rules import BandSettings
from lab_contingency.requests.rules.gs1 import BORN, GSRN, IDENTIFIERS, is_gs1, read_gs1
from lab_contingency.requests.rules.identity import Identity

_NHS = re.compile(r"[0-9]{10}")
_HOSPITAL = re.compile(r"[A-Z0-9][A-Z0-9/-]{2,14}")
_PREFIX_DIGITS, _NHS_DIGITS = 7, 10


class CodeKind(enum.StrEnum):
    """What the wristband was recognised by."""

    NHS = "NHS number"
    HOSPITAL = "hospital number"
    GS1 = "GS1 code"


class Agreement(enum.StrEnum):
    """What a wristband says about the card."""

    AGREES = "agrees"
    DIFFERS = "differs"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Wristband:
    """What one code holds; "" or None for what it does not. `gsrn_nhs` stands in a GSRN of unknown make."""

    kind: CodeKind
    nhs: str = ""
    hospital: str = ""
    born: dt.date | None = None
    gsrn_nhs: str = ""
    names: tuple[str, ...] = ()


def read_wristband(scanned: str, settings: BandSettings, held: str = "") -> Wristband:
    """Read a wristband’s code; ValueError with a sentence for what is none, or not whole.

    `held`: the hospital number on the card, which is recognised whatever form such numbers have here.
    """
    text = re.sub(r"\s(?<!\x1d)", "", scanned).upper()
    if is_gs1(text):
        return _read_gs1(text, settings)
    bare = re.sub(r"^\][A-Z]\d", "", text)
    if bare == held or _has_form(bare, settings.hospital_form):
        return Wristband(CodeKind.HOSPITAL, hospital=bare)
    if _NHS.fullmatch(bare) and nhs_number.is_valid(bare):
        return Wristband(CodeKind.NHS, nhs=bare)
    if _NHS.fullmatch(bare) and settings.hospital_form:
        raise ValueError(
            "The last digit does not fit the other nine of an NHS number. Scan the wristband again."
        )
    if settings.hospital_form or not _HOSPITAL.fullmatch(bare):
        raise ValueError(
            "That is no wristband of this hospital and no number of ours: perhaps a label of the main "
            "system or of another laboratory. Scan the wristband, the form or our label."
        )
    return Wristband(CodeKind.HOSPITAL, hospital=bare)


def _has_form(text: str, forms: str) -> bool:
    """Whether it looks like one of the forms, which stand one after the other."""
    return any(len(form) == len(text) and all(map(_fits, text, form)) for form in forms.split())


def _fits(sign: str, form: str) -> bool:
    if form == "#":
        return sign in string.digits
    return sign in string.ascii_uppercase if form == "@" else sign == form


def _read_gs1(text: str, settings: BandSettings) -> Wristband:
    held = read_gs1(text)
    gsrn = held.get(GSRN, "")
    inner = gsrn[_PREFIX_DIGITS : _PREFIX_DIGITS + _NHS_DIGITS]
    of_the_nhs = bool(settings.gsrn_prefix) and gsrn.startswith(settings.gsrn_prefix)
    nhs = held.get(settings.nhs_ai, "")[:_NHS_DIGITS] or (inner if of_the_nhs else "")
    band = Wristband(
        CodeKind.GS1,
        nhs=nhs,
        hospital=held.get(settings.hospital_ai, ""),
        born=_date(held.get(BORN, "")),
        gsrn_nhs="" if nhs else inner,
        names=tuple(IDENTIFIERS[ai].name for ai in held),
    )
    if not (gsrn or band.nhs or band.hospital or band.born):
        raise ValueError(
            f"That is a GS1 code of something else ({', '.join(band.names)}). "
            "Scan the code on the wristband."
        )
    return band


def _date(digits: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").date() if digits else None  # noqa: DTZ007
    except ValueError:
        raise ValueError(
            "The date of birth in this code is none. Scan the wristband again."
        ) from None


def compare(band: Wristband, identity: Identity) -> Agreement:
    """Whether a number on the wristband is the patient’s. One thing that differs outweighs all that agrees."""
    found = set(_compared(band, identity))
    if False in found or (band.born is not None and band.born != identity.born):
        return Agreement.DIFFERS
    return Agreement.AGREES if True in found else Agreement.CANNOT_TELL


def _compared(band: Wristband, identity: Identity) -> Iterator[bool]:
    if band.nhs and identity.nhs_number:
        # Some hospitals give out ten digits too, and without its form nobody knows which it is.
        yield band.nhs in (identity.nhs_number, identity.hospital_number)
    elif band.nhs and band.nhs == identity.hospital_number:
        yield True
    if band.hospital and identity.hospital_number:
        yield _same_hospital_number(band.hospital, identity)
    # A GSRN whose make nobody has set proves a patient by agreeing; that it differs proves nothing.
    if band.gsrn_nhs and band.gsrn_nhs == identity.nhs_number:
        yield True


def _same_hospital_number(value: str, identity: Identity) -> bool:
    """Alone, after the code of the hospital that issued it, or as one of several words of the code."""
    number = identity.hospital_number
    words = re.split(r"[^A-Z0-9/-]+", value)
    return number in words or f"{identity.issuer}{number}" in words


def cannot_tell(band: Wristband) -> str:
    """What the code does not say, and which to read instead."""
    if band.kind is CodeKind.NHS:
        return (
            "The card has no NHS number to compare this wristband with. "
            "Scan the hospital number on the wristband."
        )
    if band.kind is CodeKind.HOSPITAL:
        return (
            "The card has no hospital number to compare this wristband with. "
            "Scan or type the NHS number on the wristband."
        )
    held = ", ".join(band.names)
    return (
        f"This code holds: {held}. It does not say the NHS number or the hospital number that the card has. "
        "Scan the other code of the wristband, or type the number that stands on it."
    )
