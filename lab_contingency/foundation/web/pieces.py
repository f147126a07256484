"""Parts of a page that are made once and stand on many answers, with whom each of them shows.

A piece is rendered as every template is, by the environment that notes what is read; what was noted stays
with the HTML. A template puts a piece onto a page, as it does with a text that is HTML already, and with
that it is noted again: a part kept in memory is recorded each time it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from lab_contingency.foundation.web import disclosure


@disclosure.not_for_pages  # a template writes it; its attributes would go past the record
@dataclass(frozen=True, slots=True)
class Piece:
    """HTML made by templates, and the sum of fields it shows by patient (as a number)."""

    html: str
    shows: Mapping[int, int]

    def __html__(self) -> str:
        """What a template writes; notes whom it shows for the answer that is being made."""
        disclosure.note_again(self.shows)
        return self.html

    def filled(self, place: str, html: str) -> Piece:
        """With `html` wherever `place` stands: what differs from answer to answer and tells of no patient."""
        return replace(self, html=self.html.replace(place, html))


def piece(make: Callable[[], str]) -> Piece:
    """Render with a ledger of its own: nothing is shown yet."""
    with disclosure.apart() as noted:
        html = make()
    return Piece(html, noted)


def joined(pieces: Iterable[Piece]) -> Piece:
    """One piece of several, in their order."""
    held = list(pieces)
    shows: dict[int, int] = {}
    for each in held:
        for number, fields in each.shows.items():
            shows[number] = shows.get(number, 0) | fields
    return Piece("".join(each.html for each in held), shows)
