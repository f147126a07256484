"""Codes of wristbands, as printers of hospitals make them."""

from __future__ import annotations

from collections.abc import Iterator

from lab_contingency.requests.rules.gs1 import has_check_digit
from lab_contingency.requests.rules.identity import Identity

NHS_PREFIX = "5050898"


def gsrn(seventeen: str) -> str:
    """Eighteen digits with their check digit."""
    return next(seventeen + digit for digit in "0123456789" if has_check_digit(seventeen + digit))


def codes_of(identity: Identity) -> Iterator[str]:
    """Every way in which King’s wristbands say who this is."""
    held = gsrn(NHS_PREFIX + identity.nhs_number)
    number = f"{identity.issuer},{identity.hospital_number}"
    yield identity.nhs_number
    yield identity.hospital_number
    yield f"8018{held}"
    yield f"(8018){held}(91){number}"
    yield f"]d28018{held}91{number}\x1d7250{identity.born:%Y%m%d}"
