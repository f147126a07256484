"""The demonstration's people as the sign-in page shows them: one card a role, everybody else as a button."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lab_contingency.accounts.queries import DemonstrationPerson
from lab_contingency.accounts.rules import Role

THINGS_TO_TRY: dict[Role, tuple[str, str, str]] = {
    Role.REQUESTER: (
        "Fill in the card for a bleeding patient",
        "See which test is not offered, and why",
        "Ask “where is it?” for one tube",
    ),
    Role.PORTER: (
        "Print the labels of one ward",
        "Print a label again and say why",
        "Scan a tube on its way",
    ),
    Role.LABORATORY: (
        "Receive four tubes by scanning",
        "Type a full blood count from the keyboard",
        "Type 740 for haemoglobin and be stopped",
    ),
    Role.SENIOR: (
        "Work the queue without the mouse",
        "Telephone a potassium of 6.8",
        "Change P1 to P2 and say why",
    ),
    Role.COORDINATOR: (
        "Change the message on every page",
        "Take a test off today’s menu",
        "Offer it again",
    ),
    Role.PARTNER: (
        "See only what was sent here",
        "Type a result, ask us a question",
        "Refuse one tube with a reason",
    ),
}


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person with a key to choose them and three things to try."""

    key: int
    person: DemonstrationPerson
    things: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Trying:
    """The first person of each of the six roles, their colleagues, and people of other places."""

    cards: tuple[PersonCard, ...]
    colleagues: tuple[DemonstrationPerson, ...]
    elsewhere: tuple[DemonstrationPerson, ...]


def arrange(people: Iterable[DemonstrationPerson]) -> Trying:
    """Split the people, who come in the order of the roles."""
    cards: dict[Role, PersonCard] = {}
    others: list[DemonstrationPerson] = []
    for person in people:
        if person.role in THINGS_TO_TRY and person.role not in cards:
            cards[person.role] = PersonCard(len(cards) + 1, person, THINGS_TO_TRY[person.role])
        else:
            others.append(person)
    known = {card.person.place for card in cards.values() if card.person.role is not Role.PARTNER}
    return Trying(
        tuple(cards.values()),
        tuple(person for person in others if person.place in known),
        tuple(person for person in others if person.place not in known),
    )
