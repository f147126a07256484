"""A thousand rounds with one thing wrong, every one stopped; and a thousand with nothing wrong, none held up."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.commands import CorrectIdentity
from lab_contingency.requests.models import PatientIdentity, Request
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.queries.patients import read_identity
from lab_contingency.requests.services import correct_identity
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import CollectTubes, ReadAtBedside
from lab_contingency.specimens.models import Identification, Specimen
from lab_contingency.specimens.queries import TubeView, tubes_of
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.specimens.rules.matching import Stop
from tests.factories.tubes import label
from tests.factories.world import World, a_request, an_identity
from tests.factories.wristbands import codes_of

CASES = {"sqlite": 1000, "postgresql": 150}
TESTS = (("FBC", "UE", "COAG"), ("FBC", "GLU"), ("UE", "TROP", "FBC", "GLU"), ("FBC", "GS"))
GROUP = {"transfused_or_pregnant_3_months": "no"}
TWINS = ("Ayo", "Ada")


@dataclass(frozen=True)
class Card:
    """One patient’s card with its labels printed; `old` are labels that no longer count, by tube."""

    request_id: object
    form: str
    bands: tuple[str, ...]
    tubes: tuple[TubeView, ...]
    old: tuple[str, ...]


@dataclass(frozen=True)
class Scan:
    """What is scanned, with the kind of tube in the hand."""

    text: str
    holding: str = ""


@pytest.fixture
def cards(world) -> list[Card]:
    """Twins of one name among them, and patients whose labels were replaced."""
    return [_a_card(world, seed) for seed in range(1, 13)]


def _a_card(world: World, seed: int) -> Card:
    twin = {"surname": "Twin", "forenames": TWINS[seed % 2]} if seed > 10 else {}
    who = an_identity(seed, hospital_number=f"H{seed:07d}", **twin)
    request_id = a_request(
        world, identity=who, tests=TESTS[seed % len(TESTS)], answers=GROUP
    ).request_id
    old = [one.number for one in label(world, request_id).labels]
    if seed % 3:
        old = []
    else:
        _put_right(world, request_id)
        label(world, request_id)
    row = session().get_one(Request, request_id)
    held = read_identity(session().get_one(PatientIdentity, row.identity_id))
    return Card(request_id, row.number, tuple(codes_of(held)), tubes_of(request_id), tuple(old))


def _put_right(world: World, request_id: object) -> None:
    view = request_view(request_id, world.doctor)  # type: ignore[arg-type]
    held = view.patient.identity
    right = an_identity(
        nhs_number=held.nhs_number, hospital_number=held.hospital_number, forenames="Siân Mair"
    )
    with unit_of_work():
        correct_identity(
            CorrectIdentity(view.id, view.version, right, "wristband read again"),
            actor=world.doctor,
        )
        services.void_labels(
            view.id, "the patient on the request was corrected.", actor=world.doctor
        )


def _labelled(card: Card) -> list[TubeView]:
    return [tube for tube in card.tubes if tube.number]


def _right_round(card: Card, dice: random.Random) -> list[Scan]:
    """Wristband, form and every label, each once, in any order."""
    scans = [Scan(dice.choice(card.bands)), Scan(card.form)]
    scans += [Scan(tube.number or "", tube.kind) for tube in _labelled(card)]
    dice.shuffle(scans)
    return scans


def _saves(world: World, card: Card) -> None:
    everything = tuple(tube.planned_tube_id for tube in card.tubes)
    command = CollectTubes(card.request_id, everything, clock.now(), "A. Okafor")  # type: ignore[arg-type]
    services.collect(command, actor=world.doctor)


def _read(world: World, card: Card, scan: Scan) -> services.Read:
    command = ReadAtBedside(card.request_id, scan.text, scan.holding)  # type: ignore[arg-type]
    return services.read_at_bedside(command, actor=world.doctor)


def _dice(case: int) -> random.Random:
    """The same case comes out alike each time."""
    return random.Random(case)  # noqa: S311 - no secret


# One thing wrong each: what stands in the place of what.


def _another_wristband(card: Card, other: Card, scans: list[Scan], dice: random.Random) -> Stop:
    _replace(scans, card.bands, Scan(dice.choice(other.bands)))
    return Stop.OTHER_WRISTBAND


def _another_form(card: Card, other: Card, scans: list[Scan], _dice: random.Random) -> Stop:
    _replace(scans, (card.form,), Scan(other.form))
    return Stop.OTHER_FORM


def _another_label(card: Card, other: Card, scans: list[Scan], dice: random.Random) -> Stop:
    mine, theirs = dice.choice(_labelled(card)), dice.choice(_labelled(other))
    _replace(scans, (mine.number or "",), Scan(theirs.number or "", mine.kind))
    return Stop.OTHER_LABEL


def _another_tube(card: Card, other: Card, scans: list[Scan], dice: random.Random) -> Stop:
    mine = dice.choice(_labelled(card))
    kinds = {tube.kind for tube in (*card.tubes, *other.tubes)} - {mine.kind}
    _replace(scans, (mine.number or "",), Scan(mine.number or "", dice.choice(sorted(kinds))))
    return Stop.OTHER_TUBE


def _two_swapped(card: Card, _other: Card, scans: list[Scan], dice: random.Random) -> Stop:
    one, two = dice.sample(_labelled(card), 2)
    swapped = {one.number: two.number, two.number: one.number}
    scans[:] = [Scan(swapped.get(scan.text) or scan.text, scan.holding) for scan in scans]
    return Stop.OTHER_TUBE


def _an_old_label(card: Card, _other: Card, scans: list[Scan], dice: random.Random) -> Stop:
    at = dice.randrange(len(card.old))
    mine = _labelled(card)[at]
    _replace(scans, (mine.number or "",), Scan(card.old[at], mine.kind))
    return Stop.OLD_LABEL


WRONGS = (
    _another_wristband, _another_form, _another_label, _another_tube, _two_swapped, _an_old_label,
)  # fmt: skip


def _replace(scans: list[Scan], texts: tuple[str, ...], wrong: Scan) -> None:
    at = next(n for n, scan in enumerate(scans) if scan.text in texts)
    scans[at] = wrong


def _fits(wrong: object, card: Card) -> bool:
    if wrong is _two_swapped:
        return len(_labelled(card)) > 1
    return wrong is not _an_old_label or bool(card.old)


def _taken() -> tuple[int, int]:
    taken = select(func.count(Specimen.id)).where(Specimen.status == SpecimenStatus.COLLECTED)
    identified = select(func.count(Identification.id))
    return session().execute(taken).scalar_one(), session().execute(identified).scalar_one()


@pytest.mark.feature(23)
@pytest.mark.hazard("H01")
@pytest.mark.hazard("H02")
@pytest.mark.hazard("H16")
@pytest.mark.hazard("H18")
def test_a_round_with_one_thing_wrong_is_stopped_and_nothing_is_saved(world, cards):
    met = dict.fromkeys(Stop, 0)
    for case in range(CASES[db.engine.dialect.name]):
        dice = _dice(case)
        wrong = dice.choice(WRONGS)
        card = dice.choice([one for one in cards if _fits(wrong, one)])
        other = dice.choice([one for one in cards if one is not card])
        scans = _right_round(card, dice)
        expected = wrong(card, other, scans, dice)

        stops = [read.stop for scan in scans if (read := _read(world, card, scan)).stop]

        assert set(stops) == {expected}, (case, wrong.__name__)
        with pytest.raises(RuleBroken):
            _saves(world, card)
        assert _taken() == (0, 0), (case, wrong.__name__)
        met[expected] += 1
        session().rollback()

    assert min(met.values()) >= CASES[db.engine.dialect.name] / 20


@pytest.mark.feature(23)
@pytest.mark.hazard("H01")
def test_a_round_with_nothing_wrong_is_never_held_up_whatever_the_order(world, cards):
    for case in range(CASES[db.engine.dialect.name]):
        dice = _dice(case)
        card = dice.choice(cards)

        stops = [_read(world, card, scan).stop for scan in _right_round(card, dice)]
        _saves(world, card)

        assert set(stops) == {None}, case
        assert _taken() == (len(card.tubes), len(card.tubes)), case
        session().rollback()


@pytest.mark.hazard("H32")
def test_a_misread_number_is_asked_for_again_and_counts_for_nothing(world, cards):
    """One digit wrong, or two neighbours swapped: in the form’s, the label’s and the NHS number."""
    card = cards[0]
    tube = _labelled(card)[0]
    for right in (card.form, tube.number or "", card.bands[0]):
        for wrong in sorted(_misread(right)):
            with pytest.raises(RuleBroken):
                _read(world, card, Scan(wrong, tube.kind))
    session().rollback()


def _misread(right: str) -> set[str]:
    digits = {
        right[:at] + digit + right[at + 1 :] for at in range(len(right)) for digit in "0123456789"
    }
    swaps = {
        right[:at] + right[at + 1] + right[at] + right[at + 2 :] for at in range(len(right) - 1)
    }
    return (digits | swaps) - {right}
