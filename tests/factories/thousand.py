"""Very many planted patients: each field holds a word that stands nowhere else, in plain letters and in odd ones."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.wording import date_text
from lab_contingency.requests.commands import WithdrawTests
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.identity import Identity, Sex
from lab_contingency.requests.services import place_request, withdraw_tests
from tests.canaries import KINDS, Planted
from tests.factories.world import World, a_card, nhs_number

_LETTERS = "bdfghkmptwz"
_ODD = ("Żółw", "Nguyễn", "Ðørå", "Škvař", "Çelikö")
_KINDS = ("surn", "fore", "bedn", "reqr", "cons", "call", "clin", "reas", "pers", "cmnt", "frag")
_UNIT = 250
_LEFT_OPEN = 40
# A ward is a place, no patient; the staff who carry planted words are none either.
_NOT_SEALED = {"ward"}


@dataclass(frozen=True)
class Canary:
    """One patient of the thousand."""

    place: int

    @property
    def letters(self) -> str:
        rest, last = divmod(self.place, len(_LETTERS))
        first, middle = divmod(rest, len(_LETTERS))
        return _LETTERS[first] + _LETTERS[middle] + _LETTERS[last]

    def said(self, kind: str) -> str:
        """The word of one field: `Zxbdfsurn`."""
        return f"Zx{self.letters}{kind}"

    @property
    def odd(self) -> str:
        """A name that no plain alphabet holds: `Żółwbdf`."""
        return _ODD[self.place % len(_ODD)] + self.letters

    @property
    def identity(self) -> Identity:
        """As sealed."""
        return Identity(
            surname=f"{self.said('surn')} {self.odd}",
            forenames=f"{self.said('fore')} {self.odd}",
            # Nothing else in the house is of these years.
            born=dt.date(1904, 1, 1) + dt.timedelta(days=self.place),
            sex=(Sex.FEMALE, Sex.MALE, Sex.UNKNOWN)[self.place % 3],
            nhs_number=nhs_number(20_000 + 17 * self.place),
            hospital_number=f"ZX{self.place:05d}HN",
            issuer="RJZ",
        )

    def card(self) -> dict[str, object]:
        """Every field that a person fills in."""
        return {
            "identity": self.identity,
            "bed": self.said("bedn"),
            "requested_by": self.said("reqr"),
            "consultant": self.said("cons"),
            "callback": self.said("call"),
            "clinical_details": f"{self.said('clin')} {self.odd}",
            "reason_code": "OTHER",
            "reason_text": self.said("reas"),
            "band": Band.P2,
        }

    def words(self) -> frozenset[str]:
        """Everything that must not be found."""
        who = self.identity
        said = (self.said(kind) for kind in _KINDS)
        return frozenset(
            (*said, self.odd, who.hospital_number, date_text(who.born), who.born.isoformat())
        )


def plant(world: World, count: int) -> list[Canary]:
    """Place a request for each, a few hundred in a unit of work; all but the first are taken back again.

    Their rows stay, and no list of open work grows so long that every page takes a second.
    """
    made = [Canary(place) for place in range(count)]
    for some in _units(made):
        with unit_of_work():
            for one in some:
                placed = place_request(a_card(world, **one.card()), actor=world.doctor)
                if one.place >= _LEFT_OPEN:
                    taken = WithdrawTests(placed.request_id, None, ("FBC",), one.said("reas"))
                    withdraw_tests(taken, actor=world.doctor)
    return made


def _units(made: list[Canary]) -> list[list[Canary]]:
    return [made[start : start + _UNIT] for start in range(0, len(made), _UNIT)]


def words_of(made: list[Canary], night: list[Planted]) -> frozenset[str]:
    """The words of the thousand and of those who went through everything."""
    kinds = set(KINDS) - _NOT_SEALED
    theirs = (one.said(kind) for one in night for kind in kinds)
    return frozenset(itertools.chain(theirs, *(one.words() for one in made)))


def numbers_of(made: list[Canary], night: list[Planted]) -> frozenset[str]:
    """Their NHS numbers."""
    held = (one.identity.nhs_number for one in (*made, *night))
    return frozenset(number for number in held if number)
