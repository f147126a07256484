"""A box comes with a tube too few; the tube that was left behind is found, goes after it, and both results are read."""

from __future__ import annotations

import re
import uuid

import pytest

from lab_contingency.incidents.rules import grouped
from tests.clients import LabClient, value_of
from tests.journeys.test_one_blood_count import COUNT, types
from tests.journeys.ward import compares, is_sent_to, receives
from tests.printing import reading

CODE = "SWLP-LAB"
THERE = "South West London Pathology"


def packs(scientist: LabClient, *tubes: str) -> tuple[uuid.UUID, str]:
    """Begun with the first tube, sealed with all; the box and the number on its manifest."""
    begun = scientist.post("transport.start", {"number": tubes[0], "laboratory": ""})
    assert begun.status == 303, begun.words
    box = uuid.UUID(re.search(r"[0-9a-f-]{36}", begun.location)[0])
    for tube in tubes[1:]:
        assert scientist.post("transport.pack", {"number": tube}, consignment_id=box).status == 303
    page = scientist.get("transport.consignment", consignment_id=box)
    form = {"version": value_of(page, "version"), "box": "B14", "seal": "008821"}
    assert scientist.post("transport.seal", form, consignment_id=box).status == 303
    paper = scientist.post("transport.print_manifest", {}, consignment_id=box)
    (number,) = {each for each in reading.barcodes(paper.data, 300) if each.startswith("01")}
    return box, number


def carries(porter: LabClient, number: str, tubes: int) -> None:
    """The porter finds the box by its number and gives it to a courier; no name is on either page."""
    page = porter.follow(porter.post("transport.scan_box", {"number": number}))
    form = {each: value_of(page, each) for each in ("key", "from_name", "at_place")}
    form |= {"to_name": "Courier 7", "items": str(tubes), "occurred_at": ""}
    box = re.search(r"[0-9a-f-]{36}", page.text)[0]
    given = porter.post("transport.note_hand_over", form, consignment_id=box)
    said = porter.follow(given)
    assert "Noted: Courier 7 has it now." in said.words
    assert "WOŹNIAK" not in (page.text + said.text).upper()


def unpacks(partner: LabClient, box: uuid.UUID, *tubes: str) -> str:
    """Opened, each tube scanned out of it, closed; what the page then says."""
    page = partner.get("transport.consignment", consignment_id=box)
    form = {"version": value_of(page, "version")}
    assert partner.post("transport.unpack", form, consignment_id=box).status == 303
    for tube in tubes:
        out = partner.post("transport.unpack_tube", {"number": tube}, consignment_id=box)
        assert out.status == 303, out.words
    page = partner.get("transport.consignment", consignment_id=box)
    form = {"version": value_of(page, "version")}
    return partner.follow(partner.post("transport.finish", form, consignment_id=box)).words


def is_found_where_it_was_packed(scientist: LabClient, box: uuid.UUID) -> None:
    """The difference has an owner, and an end."""
    page = scientist.get("transport.consignment", consignment_id=box)
    (difference,) = set(re.findall(r"/discrepancies/([0-9a-f-]{36})", page.text))
    page = scientist.get("transport.discrepancy", discrepancy_id=difference)
    assert "duty scientist, King's core laboratory" in page.words
    form = {"settlement": "found where it was packed", "words": "behind the rack"}
    settled = scientist.post("transport.settle", form, discrepancy_id=difference)
    assert "Settled." in scientist.follow(settled).words


@pytest.mark.feature(35)
@pytest.mark.feature(45)
@pytest.mark.hazard("H05")
def test_a_tube_that_was_left_behind_goes_after_its_box_and_both_results_are_read(ward, client_for):
    request_id = ward.sends(ward.card("FBC", "CRP"))
    tubes = ward.labels(request_id)
    ward.takes(request_id, *tubes)
    scientist, senior = client_for("nair"), client_for("marsh")
    porter, partner = client_for("porter.rowe"), client_for("castellan")
    for tube in tubes:
        receives(scientist, tube)
    is_sent_to(senior, request_id, ward.laboratory(CODE), "FBC", "CRP")

    box, number = packs(scientist, *tubes)
    carries(porter, number, 2)
    assert grouped(number) in partner.get("tracking.to_us").words
    assert "2 packed: 1 arrived, 1 missing." in unpacks(partner, box, tubes[0])
    assert "missing" in ward.doctor.get("tracking.request", request_id=request_id).words.lower()

    is_found_where_it_was_packed(scientist, box)
    second, number = packs(scientist, tubes[1])
    carries(porter, number, 1)
    assert "1 packed: 1 arrived." in unpacks(partner, second, tubes[1])

    assert types(partner, request_id, {**COUNT, "CRP": "188"}).status == 303
    compares(client_for("swlp.second"), "results.check", request_id, "FBC", "CRP")
    compares(client_for("swlp.senior"), "results.authorise", request_id, "FBC", "CRP")
    read = ward.doctor.get("results.read", request_id=request_id).words
    assert "Haemoglobin 74" in read
    assert "188" in read
    assert THERE in read
