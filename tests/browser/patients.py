"""Invented patients; no two stories share one."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from lab_contingency.requests.rules.identity import grouped_nhs
from tests.factories.world import nhs_number

_SEEDS = itertools.count(400_000, 7)
_SURNAMES = itertools.cycle(
    ("Ashdown", "Brzęk", "Carrow", "Delacroix", "Ekwueme", "Fairweather", "Górski", "Hollins")
)


@dataclass(frozen=True)
class Patient:
    """As on the wristband."""

    nhs: str
    surname: str
    forename: str = "Imani"
    born: str = "04111958"
    born_text: str = "04-Nov-1958"

    @property
    def nhs_text(self) -> str:
        return grouped_nhs(self.nhs)

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Everything that must not stand on a porter's screen."""
        return self.nhs, self.nhs_text, self.surname, self.surname.upper(), self.born_text


def a_patient(surname: str = "") -> Patient:
    """Somebody new."""
    seed = next(_SEEDS)
    return Patient(nhs_number(seed), surname or f"{next(_SURNAMES)}-{_letters(seed)}")


def _letters(seed: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(seed)).title()
