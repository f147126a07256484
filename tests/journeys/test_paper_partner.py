"""A box goes to a laboratory that works on paper; its slip comes back, is typed, checked, released and read."""

from __future__ import annotations

import re
import uuid
from io import BytesIO

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.wording import time_text
from lab_contingency.incidents.rules import grouped
from tests.clients import LabClient, value_of
from tests.factories.packs import PNG
from tests.factories.returns import works_on_paper
from tests.journeys.ward import is_sent_to, receives
from tests.printing import reading

CODE, NAME = "BHR-LAB", "Barking and Havering essential services laboratory"
TYPED = {"NA": "139", "K": "6.9", "UREA": "6.1", "CREA": "80"}
SIGNED = {
    "performed_by": "J. Mensah", "authorised_by": "Dr M. Osei", "arrived_at": "",
}  # fmt: skip


def sends_box(scientist: LabClient, senior: LabClient, request_id: uuid.UUID, tube: str, ward):
    """Routed there, packed, sealed; its id and its return slip."""
    is_sent_to(senior, request_id, ward.laboratory(CODE), "UE")
    begun = scientist.post("transport.start", {"laboratory": str(ward.laboratory(CODE))})
    box = uuid.UUID(re.search(r"[0-9a-f-]{36}", begun.location)[0])
    assert scientist.post("transport.pack", {"number": tube}, consignment_id=box).status == 303
    page = scientist.get("transport.consignment", consignment_id=box)
    form = {"version": value_of(page, "version"), "box": "B14", "seal": "008821"}
    assert scientist.post("transport.seal", form, consignment_id=box).status == 303
    page = scientist.get("transport.consignment", consignment_id=box)
    assert "Print the return slips" in page.words
    paper = scientist.post("returned.print_slips", {}, consignment_id=box)
    assert paper.response.mimetype == "application/pdf"
    again = scientist.post("returned.print_slips", {}, consignment_id=box)
    assert again.status == 422
    assert "why they come out again" in again.words
    return box, paper.data


def types_back(scientist: LabClient, number: str, values: dict[str, str], **changes: str):
    """By number and date of birth, then row after row; its page is kept."""
    opened = scientist.post("returned.scan", {"number": grouped(number), "born": "04-Nov-1958"})
    assert opened.status == 303, opened.words
    slip_id = uuid.UUID(re.search(r"[0-9a-f-]{36}", opened.location)[0])
    page = scientist.get("returned.slip", slip_id=slip_id)
    form = {
        "version": value_of(page, "version"),
        **SIGNED,
        "done_at": time_text(clock.now()),
        **{f"value-UE-{analyte}": text for analyte, text in values.items()},
        **changes,
    }
    return slip_id, scientist.post("returned.type_back", form, slip_id=slip_id)


def keeps_page(clerk: LabClient, slip_id: uuid.UUID):
    data = {"picture": (BytesIO(PNG), "page.png")}
    return clerk.post("returned.attach", data, slip_id=slip_id)


def goes_back_and_is_typed_again(
    scientist: LabClient, colleague: LabClient, number: str, slip_id: uuid.UUID
) -> None:
    """The second person keys the critical value blind and reads it differently."""
    page = colleague.get("returned.check_page", slip_id=slip_id)
    assert "6.9" not in page.words
    assert "Key this one from the page" in page.words
    form = {"version": value_of(page, "version"), "keyed-UE-K": "6.8"}
    unticked = colleague.post("returned.check", form, slip_id=slip_id)
    assert unticked.status == 422
    back = colleague.post("returned.check", {**form, "page_agrees": "y"}, slip_id=slip_id)
    assert "You two did not read the same: Potassium" in colleague.follow(back).words
    page = scientist.get("returned.slip", slip_id=slip_id)
    assert "You typed 6.9. T. Osei reads 6.8." in page.words
    assert types_back(scientist, number, {**TYPED, "K": "6.8"})[1].status == 303


def is_released(colleague: LabClient, senior: LabClient, slip_id: uuid.UUID) -> None:
    """Now both read the same; a senior of ours rings the ward."""
    page = colleague.get("returned.check_page", slip_id=slip_id)
    form = {"version": value_of(page, "version"), "keyed-UE-K": "6.8", "page_agrees": "y"}
    done = colleague.follow(colleague.post("returned.check", form, slip_id=slip_id))
    assert "released to the ward. 1 result is on the call list" in done.words
    assert "Potassium" in senior.get("results.calls").words


def is_read_on_the_ward(ward, request_id: uuid.UUID) -> None:
    """With who issued it, on the screen and on the slip."""
    read = ward.doctor.get("results.read", request_id=request_id)
    assert "6.8" in read.words
    assert f"by Dr M. Osei, {NAME}" in read.words
    slip = ward.doctor.post("results.print_slip", {}, request_id=request_id)
    words = " ".join(reading.text(slip.data).split())
    assert f"Typed by P. Nair, checked by T. Osei, authorised by Dr M. Osei, {NAME}" in words


@pytest.mark.feature(41)
@pytest.mark.hazard("15")
def test_box_slip_typed_checked_released_and_read(ward, client_for):
    with ward.app.app_context():
        works_on_paper(ward.laboratory(CODE))
    request_id = ward.sends(ward.card("UE"))
    (tube,) = ward.labels(request_id)
    ward.takes(request_id, tube)
    scientist, colleague, senior = client_for("nair"), client_for("osei"), client_for("marsh")
    receives(scientist, tube)
    _, paper = sends_box(scientist, senior, request_id, tube, ward)
    (number,) = {n for n in reading.barcodes(paper, 300) if n.startswith("07")}
    assert tube in reading.barcodes(paper, 300)

    wrong = scientist.post("returned.scan", {"number": number, "born": "05-Nov-1958"})
    assert wrong.status == 422
    assert "No slip has this number with this date of birth" in wrong.words
    slip_id, refused = types_back(scientist, number, {**TYPED, "K": "690"})
    assert refused.status == 422
    assert "cannot be potassium" in refused.words
    assert 'value="139"' in refused.text
    _, saved = types_back(scientist, number, TYPED)
    assert "Keep a photo or scan" in scientist.follow(saved).words
    assert keeps_page(scientist, slip_id).status == 303
    assert "somebody else checks" in scientist.get("returned.start").words

    goes_back_and_is_typed_again(scientist, colleague, number, slip_id)
    is_released(colleague, senior, slip_id)
    is_read_on_the_ward(ward, request_id)
    assert client_for("castellan").get("returned.start").status == 403
