"""The pages of boxes through the browser's door: packing, handing over on a phone, unpacking, settling."""

import re

import pytest
from sqlalchemy import select

from lab_contingency.audit.models import Leaving
from lab_contingency.foundation.database import session
from lab_contingency.incidents.rules import grouped
from lab_contingency.transport.models import Consignment, ManifestPrint
from tests.clients import stranger_id, value_of
from tests.factories.boxes import (
    a_box,
    a_tube_for,
    differences,
    finish,
    held,
    on_the_way,
    opened,
    seal,
    tubes_for,
)
from tests.factories.world import an_identity, make_world
from tests.printing.reading import joined, text

pytestmark = pytest.mark.feature(35)
PATIENT = re.compile("Woźniak|WOŹNIAK|999 ?0|Haematemesis")


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def test_a_box_is_packed_by_scanning_and_sealed(app, world, client_for):
    first, second = tubes_for(world, 2)
    scientist = client_for("scientist")
    page = scientist.follow(scientist.post("transport.start", {"number": first, "laboratory": ""}))
    assert "1 tube" in page.words
    box_id = session().scalars(select(Consignment.id)).one()
    there = {"consignment_id": box_id}

    assert (
        scientist.post("transport.pack", {"number": second, "which": "in"}, **there).status == 303
    )
    again = scientist.post("transport.pack", {"number": second, "which": "in"}, **there)
    assert again.status == 422
    assert "in this box already" in again.words
    assert (
        scientist.post("transport.pack", {"number": second, "which": "out"}, **there).status == 303
    )
    scientist.post("transport.pack", {"number": second, "which": "in"}, **there)

    page = scientist.get("transport.consignment", **there)
    assert "Seal with 2 tubes" in page.words
    short = scientist.post("transport.seal", {"version": value_of(page, "version")}, **there)
    assert "Type the number on the seal." in short.words
    data = {"version": value_of(page, "version"), "box": "B14", "seal": "008821"}
    sealed = scientist.follow(scientist.post("transport.seal", data, **there))
    assert "Sealed. Print the manifest" in sealed.words
    assert "box " + grouped(held(box_id).number) in scientist.get("transport.send_out").words


def test_a_tube_bound_elsewhere_is_refused_on_the_scan_field_and_the_text_stays(world, client_for):
    box_id = a_box(world, tubes_for(world, 1))
    other = a_tube_for(world, "SWLP-LAB", 9)
    answer = client_for("scientist").post(
        "transport.pack", {"number": other, "which": "in"}, consignment_id=box_id
    )
    assert answer.status == 422
    assert "Put it into a box for there." in answer.words


@pytest.mark.feature(45)
def test_a_porter_hands_a_box_over_and_sees_no_patient(world, client_for):
    box_id = seal(world, a_box(world, tubes_for(world, 2)))
    number, porter = held(box_id).number, client_for("porter")
    found = porter.follow(porter.post("transport.scan_box", {"number": grouped(number)}))
    assert value_of(found, "from_name") == "Scientist"
    data = {
        "key": value_of(found, "key"),
        "from_name": "Scientist",
        "to_name": "Courier 7",
        "at_place": "loading bay",
        "items": "3",
        "occurred_at": "",
    }
    wrong = porter.post("transport.note_hand_over", data, consignment_id=box_id)
    assert wrong.status == 422
    assert "you counted 3. Do not take it" in wrong.words
    assert value_of(wrong, "to_name") == "Courier 7"
    data["items"] = "2"
    for _ in range(2):
        page = porter.follow(porter.post("transport.note_hand_over", data, consignment_id=box_id))
        assert "Noted: Courier 7 has it now." in page.words
    listed = porter.get("transport.hand_over", consignment_id=box_id)
    assert listed.words.count("Courier 7, loading bay") == 1
    for shown in (found, wrong, page, listed, porter.get("transport.boxes")):
        assert not PATIENT.search(shown.text)


def test_what_is_no_box_is_refused_by_name(world, client_for):
    number = a_tube_for(world)
    porter = client_for("porter")
    assert "no number of a box" in porter.post("transport.scan_box", {"number": number}).words
    unknown = porter.post("transport.scan_box", {"number": "010000000000"})
    assert unknown.status == 422


def test_a_box_is_unpacked_with_one_missing_and_settled(world, client_for):
    here, gone = tubes_for(world, 2)
    box_id = on_the_way(world, [here, gone])
    there = {"consignment_id": box_id}
    scientist, other = client_for("scientist"), client_for("other_scientist")
    found = other.post("transport.find", {"number": held(box_id).number})
    page = other.follow(found)
    version = {"version": value_of(page, "version")}
    other.post("transport.unpack", version, **there)
    other.post("transport.unpack_tube", {"number": here, "condition": "as expected"}, **there)
    page = other.get("transport.consignment", **there)
    assert "1 still inside" in page.words
    assert "Finish: 1 tube is missing" in page.words
    done = other.follow(
        other.post("transport.finish", {"version": value_of(page, "version")}, **there)
    )
    assert "2 packed: 1 arrived, 1 missing." in done.words

    (row,) = differences(box_id)
    mine = {"discrepancy_id": row.id}
    assert grouped(gone) in scientist.get("transport.consignments").words
    page = scientist.get("transport.discrepancy", **mine)
    assert "duty scientist, King's core laboratory" in page.words
    empty = scientist.post("transport.settle", {"settlement": "lost", "words": ""}, **mine)
    assert "Say in words what was found." in empty.words
    handed = {"owner": "P. Nair", "laboratory": str(world.laboratories["STH-LAB"])}
    assert (
        "P. Nair looks after it now."
        in scientist.follow(scientist.post("transport.name_owner", handed, **mine)).words
    )
    ended = {"settlement": "lost", "words": "van searched"}
    page = scientist.follow(scientist.post("transport.settle", ended, **mine))
    assert "lost: “van searched”" in page.words
    assert "Every box agreed" in scientist.get("transport.consignments").words


@pytest.mark.feature(37)
def test_buttons_are_those_that_the_state_and_the_role_allow(world, client_for):
    box_id = on_the_way(world, tubes_for(world, 1))
    there = {"consignment_id": box_id}
    scientist, senior = client_for("scientist"), client_for("senior")
    words = scientist.get("transport.consignment", **there).words
    assert "Call it back" in words
    assert "Send it to another laboratory" not in words
    page = senior.get("transport.consignment", **there)
    assert "Send it to another laboratory" in page.words
    data = {
        "version": value_of(page, "version"),
        "laboratory": str(world.laboratories["SWLP-LAB"]),
        "reason": "power cut there",
    }
    page = senior.follow(senior.post("transport.reroute", data, **there))
    assert "It goes to South West London Pathology" in page.words
    no_reason = {"version": value_of(page, "version"), "action": "recall", "reason": ""}
    refused = scientist.post("transport.move", no_reason, **there)
    assert "Say why." in refused.words
    no_reason["reason"] = "wrong box"
    assert (
        "Called back."
        in scientist.follow(scientist.post("transport.move", no_reason, **there)).words
    )
    stale = scientist.post("transport.move", no_reason, **there)
    assert stale.status == 409
    page = scientist.get("transport.consignment", **there)
    back = {"version": value_of(page, "version"), "reason": "was not needed", "tubes": []}
    assert (
        "but for 1: find them"
        in scientist.follow(scientist.post("transport.bring_back", back, **there)).words
    )


def test_a_box_of_other_places_does_not_exist(world, client_for):
    box_id = on_the_way(world, tubes_for(world, 1))
    partner = client_for("partner")
    theirs = partner.get("transport.consignment", consignment_id=box_id)
    nobody = partner.get("transport.consignment", consignment_id=stranger_id())
    assert theirs.status == nobody.status == 404
    finish(world, opened(world, tubes_for(world, 1, first=7)))
    row = session().execute(select(Consignment.id)).first()
    assert row is not None
    assert partner.get("transport.consignments").words.count("01 4") == 0


def manifest(client, box_id, reason=""):
    answer = client.post("transport.print_manifest", {"reason": reason}, consignment_id=box_id)
    return answer


@pytest.mark.hazard("H05")
def test_the_manifest_comes_out_is_registered_and_a_second_one_says_copy(world, client_for):
    numbers = [
        a_tube_for(world, identity=an_identity(1, surname="Patel", forenames="Anita")),
        a_tube_for(world, identity=an_identity(2, surname="Patel", forenames="Anika")),
    ]
    box_id = a_box(world, numbers)
    scientist = client_for("scientist")
    assert "Seal the box first" in manifest(scientist, box_id).words
    seal(world, box_id)
    answer = manifest(scientist, box_id)
    assert answer.response.mimetype == "application/pdf"
    said = joined(answer.response.data)
    for words in (
        "UN3373", grouped(held(box_id).number), "King's core laboratory", "St Thomas' core laboratory",
        "room temperature", "B14", "008821", "PATEL Anita", "SIMILAR NAME", grouped(numbers[0]),
    ):  # fmt: skip
        assert "".join(words.split()) in said, words
    assert "COPY" not in said
    again = manifest(scientist, box_id)
    assert again.status == 422
    assert "printed before" in again.words
    copy = text(manifest(scientist, box_id, "TORN").response.data)
    assert "COPY" in copy
    assert [
        row.copy for row in session().scalars(select(ManifestPrint).order_by(ManifestPrint.copy))
    ] == [1, 2]
    leavings = (
        session().scalars(select(Leaving.kind).where(Leaving.kind == "consignment manifest")).all()
    )
    assert len(leavings) == 2
