"""Written forms: keyed once under their own number, seen by whoever keys them too, keyed again for transfusion."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os

import pytest
from sqlalchemy import func, select, update

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.incidents.queries import number_counts
from lab_contingency.incidents.rules import compose, for_tube, pack_number
from lab_contingency.requests.commands import CorrectIdentity
from lab_contingency.requests.models import Request
from lab_contingency.requests.packs.commands import KeyAgain, VoidPacks
from lab_contingency.requests.packs.models import SecondKeying, Transcription
from lab_contingency.requests.packs.pictures import read_picture
from lab_contingency.requests.packs.queries import (
    others_keying,
    picture_bytes,
    pictures_of,
    stock,
    to_key_again,
    transcription_of,
    waits_for_check,
)
from lab_contingency.requests.packs.rules import FIRST_FREE_TUBE, Keyed, VoidReason
from lab_contingency.requests.packs.services import (
    attach_picture,
    begin_keying,
    key_again,
    transcribe_form,
    void_packs,
)
from lab_contingency.requests.services import correct_identity
from tests.factories.packs import PNG, a_pack, keyed, pack_id, packs, written
from tests.factories.world import an_identity
from tests.threads import together

RACES = int(os.environ.get("LAB_RACES", "25"))
PRINTED_AT_ONCE = 25


@pytest.mark.feature(8)
def test_a_written_form_becomes_the_request_with_its_number_and_its_time(world):
    pack = packs(world)
    placed = keyed(world, pack_id(pack.numbers[0]))

    request = session().get_one(Request, placed.request_id)
    held = transcription_of(placed.request_id)
    assert placed.number == request.number == pack.numbers[0]
    assert request.recorded_at - request.requested_at >= dt.timedelta(minutes=59)
    assert request.due_at - request.requested_at == dt.timedelta(hours=1)
    assert request.next_tube == FIRST_FREE_TUBE
    assert (held.written_by, held.keyed_by, held.waits) == ("Dr A. Okafor", "Scientist", False)


@pytest.mark.feature(17)
@pytest.mark.feature(63)
def test_the_books_of_packs_balance_by_ward(world):
    resus = packs(world, 6)
    packs(world, 2, "KCH-AMU")
    keyed(world, pack_id(resus.numbers[0]))
    with unit_of_work():
        void = VoidPacks(resus.numbers[1], resus.numbers[2], VoidReason.SPOILT)
        assert void_packs(void, actor=world.porter) == 2

    rows = {row.ward.code: row for row in stock()}
    held = rows["KCH-ED-RESUS"]
    assert (held.issued, held.left, held.used, held.void) == (6, 3, 1, 2)
    assert held.low
    assert held.sentence == "ED Resus: 3 packs left"
    assert rows["KCH-AMU"].left == 2
    assert not rows["KCH-LIVER"].low
    counts = number_counts()
    assert counts.issued == counts.used + counts.void + counts.left == 8


@pytest.mark.hazard("H11")
def test_a_pack_used_twice_is_refused_and_says_by_whom(world):
    pack = a_pack(world)
    keyed(world, pack)
    number = session().scalars(select(Request.number)).one()

    for scanned in (number, for_tube(number, 3), pack_number(number)):
        with pytest.raises(RuleBroken, match=r"keyed at .* by Scientist"), unit_of_work():
            begin_keying(scanned, actor=world.colleague)
    with pytest.raises(RuleBroken, match="by Scientist"):
        keyed(world, pack, by=world.colleague)


@pytest.mark.hazard("H11")
def test_two_who_have_the_same_form_open_see_each_other(world):
    number = packs(world).numbers[0]
    with unit_of_work():
        pack = begin_keying(number, actor=world.scientist)
    with unit_of_work():
        begin_keying(pack_number(number), actor=world.doctor)

    assert [other.name for other in others_keying(pack, world.doctor)] == ["Scientist"]
    assert [other.name for other in others_keying(pack, world.scientist)] == ["Doctor"]


@pytest.mark.hazard("H11")
def test_of_many_who_key_the_same_form_at_once_one_succeeds_and_the_others_are_told(app, world):
    """Each race: two people, one form. `LAB_RACES=1000` runs as many as hazard 11 asks for."""
    sizes = [min(PRINTED_AT_ONCE, RACES - first) for first in range(0, RACES, PRINTED_AT_ONCE)]
    ids = [pack_id(number) for size in sizes for number in packs(world, size).numbers]
    session().rollback()
    told: list[str] = []

    def race(pack, seed):
        def one(actor):
            def run() -> None:
                with app.app_context():
                    try:
                        keyed(world, pack, by=actor, identity=an_identity(seed))
                    except RuleBroken as refused:
                        told.append(refused.message)

            return run

        return together([one(world.scientist), one(world.doctor)])

    for seed, pack in enumerate(ids, 1):
        assert race(pack, seed) == []

    assert len(told) == len(ids) == RACES
    assert all("stands already" in sentence for sentence in told)
    assert session().scalars(select(func.count(Request.id))).one() == len(ids)
    assert session().scalars(select(func.count(Transcription.id))).one() == len(ids)


def test_the_same_sending_again_is_no_second_keying(world):
    pack = a_pack(world)
    command = written(world, pack)
    with unit_of_work():
        first = transcribe_form(command, actor=world.scientist)
    with unit_of_work():
        again = transcribe_form(command, actor=world.scientist)

    assert (again.request_id, again.repeated) == (first.request_id, True)


def test_a_form_of_another_hospital_is_a_form_of_nobody(world):
    number = packs(world).numbers[0]
    pack = pack_id(number)

    with pytest.raises(RuleBroken) as theirs, unit_of_work():
        begin_keying(number, actor=world.other_doctor)
    with pytest.raises(RuleBroken) as nobodys, unit_of_work():
        begin_keying(compose(41, 1, 999), actor=world.other_doctor)
    with pytest.raises(NotFound):
        keyed(world, pack, by=world.other_doctor)

    assert theirs.value.message == nobodys.value.message


def test_a_void_pack_is_refused_with_its_reason(world):
    number = packs(world).numbers[0]
    with unit_of_work():
        void_packs(VoidPacks(number, "", VoidReason.LOST), actor=world.porter)

    with pytest.raises(RuleBroken, match="void: lost"), unit_of_work():
        begin_keying(number, actor=world.scientist)
    with pytest.raises(RuleBroken, match="void already"), unit_of_work():
        void_packs(VoidPacks(number, "", VoidReason.LOST), actor=world.porter)


@pytest.mark.parametrize(
    ("written_at", "words"),
    [(dt.timedelta(hours=1), "future"), (dt.timedelta(days=-15), "two weeks")],
)
def test_a_time_that_cannot_be_is_refused_on_its_field(world, written_at, words):
    command = written(world, a_pack(world))
    command = dataclasses.replace(command, written_at=clock.now() + written_at)

    with pytest.raises(RuleBroken, match=words) as refused, unit_of_work():
        transcribe_form(command, actor=world.scientist)
    assert refused.value.field == "written_at"


def _transfusion(world):
    placed = keyed(world, a_pack(world), tests=("GS", "FBC"), answers=_ANSWERS)
    held = transcription_of(placed.request_id)
    return placed.request_id, held.id


_ANSWERS = {"transfused_or_pregnant_3_months": "no", "transfusion_reason": "bleeding"}
_SAME = Keyed(an_identity(), frozenset({"GS", "FBC"}))


@pytest.mark.feature(8)
@pytest.mark.feature(54)
def test_a_transfusion_form_waits_for_a_second_person_who_reads_the_same(world):
    request_id, held = _transfusion(world)
    assert waits_for_check(request_id) == "Scientist"

    with pytest.raises(RuleBroken, match="yourself"), unit_of_work():
        key_again(KeyAgain(held, _SAME), actor=world.scientist)
    with unit_of_work():
        assert key_again(KeyAgain(held, _SAME), actor=world.colleague) == ()

    assert waits_for_check(request_id) is None
    assert transcription_of(request_id).checked_by == "Colleague"
    assert to_key_again(world.colleague) == ()


@pytest.mark.feature(54)
def test_what_two_people_read_differently_is_named_and_never_told(world):
    request_id, held = _transfusion(world)
    other = an_identity(2, surname="Wozniak-Neill")
    with unit_of_work():
        found = key_again(KeyAgain(held, Keyed(other, frozenset({"GS"}))), actor=world.colleague)

    assert found == ("surname", "nhs_number", "hospital_number", "tests")
    assert waits_for_check(request_id)
    assert session().scalars(select(SecondKeying.differing)).one() == list(found)
    with unit_of_work():
        key_again(KeyAgain(held, _SAME), actor=world.colleague)
    assert transcription_of(request_id).differed == 1


def test_a_patient_put_right_after_the_check_is_read_again(world):
    request_id, held = _transfusion(world)
    with unit_of_work():
        key_again(KeyAgain(held, _SAME), actor=world.colleague)
    version = session().get_one(Request, request_id).version
    with unit_of_work():
        right = CorrectIdentity(request_id, version, an_identity(3), "misread")
        correct_identity(right, actor=world.scientist)

    assert waits_for_check(request_id)


def test_the_database_refuses_a_check_by_whoever_keyed(world):
    _transfusion(world)
    row = session().scalars(select(Transcription)).one()
    values = {"checked_at": clock.now(), "checked_by": "x", "checked_by_id": row.keyed_by_id}

    with pytest.raises(Exception, match="two_people"), unit_of_work():
        session().execute(update(Transcription).values(values))


def test_a_picture_of_the_form_is_kept_sealed_and_given_back_whole(world):
    pack = a_pack(world)
    data = PNG[:-12] + b"x" * 250_000 + PNG[-12:]
    with unit_of_work():
        attach_picture(pack, read_picture(data), actor=world.scientist)
    (view,) = pictures_of(pack)

    kind, held, patient = picture_bytes(view.id, world.colleague)
    assert (kind.value, held, patient) == ("image/png", data, None)
    with pytest.raises(NotFound):
        picture_bytes(view.id, world.other_doctor)

    placed = keyed(world, pack)
    _, _, patient = picture_bytes(view.id, world.scientist)
    assert patient == session().get_one(Request, placed.request_id).patient_id
    with pytest.raises(NotFound):
        picture_bytes(view.id, world.partner)


def test_no_more_than_six_pictures(world):
    pack, picture = a_pack(world), read_picture(PNG)
    for _ in range(6):
        with unit_of_work():
            attach_picture(pack, picture, actor=world.scientist)

    with pytest.raises(RuleBroken, match="6 pictures"), unit_of_work():
        attach_picture(pack, picture, actor=world.scientist)
