"""Which laboratory should do each test of a card. Every suggestion says why in a sentence."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab_contingency.foundation.wording import near_time_text
from lab_contingency.routing.rules.judging import NOT_ON_MENU, Asked, Offer, Refusal

_HURRY = dt.timedelta(hours=6)
_TOLD = 2

Offers = Mapping[str, Sequence[Offer | Refusal]]


@dataclass(frozen=True, slots=True)
class Choice:
    """The laboratory suggested for one test, and why that one."""

    test_code: str
    offer: Offer
    explanation: str


def suggest(
    asked: Iterable[Asked], offers: Offers, already: Mapping[uuid.UUID, uuid.UUID] | None = None
) -> tuple[Choice, ...]:
    """A laboratory for each test that anybody can do; a test that nobody can do is left out.

    A tube stays together and so does a card as far as that makes no test late; then the earliest
    result; then our own laboratories. `already`: where a tube's other tests are done, by tube.
    """
    tests = tuple(asked)
    able = {each.test.code: _able(offers[each.test.code]) for each in tests}
    breadth = _breadth(able.values())
    chosen: list[Choice] = []
    for each in tests:
        mine = able[each.test.code]
        if not mine:
            continue
        siblings = [able[other.test.code] for other in tests if _same_tube(each, other)]
        held = (already or {}).get(each.tube) if each.tube else None
        best = min(mine.values(), key=lambda offer: _rank(offer, siblings, breadth, held))
        together = len([of for of in siblings if best.laboratory_id in of]) > 1
        sentence = explain(each, best, offers[each.test.code], together=together)
        chosen.append(Choice(each.test.code, best, sentence))
    return tuple(chosen)


_Able = Mapping[uuid.UUID, Offer]


def _able(offers: Iterable[Offer | Refusal]) -> _Able:
    return {offer.laboratory_id: offer for offer in offers if isinstance(offer, Offer)}


def _breadth(able: Iterable[_Able]) -> Mapping[uuid.UUID, int]:
    """How many tests of the card each laboratory can do."""
    counted: dict[uuid.UUID, int] = {}
    for offers in able:
        for laboratory_id in offers:
            counted[laboratory_id] = counted.get(laboratory_id, 0) + 1
    return counted


def _same_tube(one: Asked, other: Asked) -> bool:
    return one is other or (one.tube is not None and one.tube == other.tube)


_Rank = tuple[int, int, bool, int, dt.datetime, dt.datetime, bool, str]


def _rank(
    offer: Offer,
    siblings: Sequence[_Able],
    breadth: Mapping[uuid.UUID, int],
    held: uuid.UUID | None,
) -> _Rank:
    """Rank an offer, the smallest best.

    By: tests of the tube in time, tests of the tube at all, already there, tests of the card,
    latest result of the tube, nearest, own, name.
    """
    place = offer.laboratory_id
    there = [able[place] for able in siblings if place in able]
    return (
        -sum(not one.late for one in there),
        -len(there),
        place != held,
        -breadth[place],
        max(one.result_at for one in there),
        offer.arrives_at,
        not offer.own,
        offer.name,
    )


def explain(
    asked: Asked, offer: Offer, offers: Sequence[Offer | Refusal], *, together: bool = False
) -> str:
    """Why this laboratory: what sets it apart, then when the result is about ready."""
    if asked.test.bedside:
        return "at the bedside; recorded here"
    parts = []
    if len([one for one in offers if isinstance(one, Offer)]) == 1:
        parts.append(_only(asked, offer))
    elif together:
        parts.append("keeps the tube together")
    if offer.note:
        parts.append(offer.note)
    parts.append(f"result about {near_time_text(offer.result_at)}")
    if offer.late:
        parts.append(f"needed by {near_time_text(asked.needed_by)}")
    return "; ".join(parts)


def _only(asked: Asked, offer: Offer) -> str:
    hurry = asked.collected_at is not None and offer.expires_at - offer.begins_at < _HURRY
    until = f" before {near_time_text(offer.expires_at)}" if hurry else ""
    return f"only place that can do it{until}"


def nobody_can(answers: Iterable[Offer | Refusal]) -> str:
    """Why no laboratory can: our own first, each reason once."""
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    telling = [each for each in refusals if each.sentence != NOT_ON_MENU] or refusals
    sentences = {each.sentence for each in telling}
    if len(sentences) == 1:
        return sentences.pop()
    parts = dict.fromkeys(f"{each.name}: {each.sentence}" for each in telling[:_TOLD])
    return "; ".join(parts) or "no laboratory is known"
