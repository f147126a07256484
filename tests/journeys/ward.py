"""What happens to every request before the laboratory has it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from flask import Flask

from lab_contingency.incidents.rules import grouped
from lab_contingency.places.queries import laboratories, ward_by_code
from lab_contingency.specimens.queries import tubes_of
from tests.clients import LabClient, value_of
from tests.factories.tubes import wristband
from tests.factories.world import nhs_number
from tests.printing import reading

DPI = 300


class Ward:
    """ED Resus: its doctor, and the card that everybody fills in alike."""

    def __init__(self, app: Flask, client_for: Callable[..., LabClient]) -> None:
        self.app = app
        self.client_for = client_for
        self.doctor = client_for("okafor")

    @property
    def place(self) -> uuid.UUID:
        """The ward's id."""
        with self.app.app_context():
            return ward_by_code("KCH-ED-RESUS").id

    def card(self, *tests: str, **changes: object) -> dict[str, object]:
        """A card as a browser sends it, its key taken from the page."""
        page = self.doctor.get("requests.new")
        with self.app.app_context():
            here = ward_by_code("KCH-ED-RESUS")
        held = {
            "idempotency_key": value_of(page, "idempotency_key"),
            "nhs_number": nhs_number(410_000),
            "born": "04-Nov-1958",
            "sex": "F",
            "surname": "Woźniak-O’Neill",
            "forenames": "Siân",
            "issuer": "RJZ",
            "ward": str(here.id),
            "bed": "4",
            "destination": "",
            "callback": "bleep 2222",
            "requested_by": "Dr A. Okafor",
            "tests": list(tests),
            "band": "P1",
            "reason_code": "SEPSIS",
            "clinical_details": "Rigors",
            "anticoagulant": "none",
            "infection_risk": "none known",
            "collection_method": "vein",
            "do": "send",
        }
        return {**held, **changes}

    def sends(self, card: dict[str, object]) -> uuid.UUID:
        """Sign and send; returns the request."""
        answer = self.doctor.post("requests.send", card)
        assert answer.status == 303, answer.words
        return uuid.UUID(re.search(r"[0-9a-f-]{36}", answer.location)[0])

    def labels(self, request_id: uuid.UUID) -> list[str]:
        """Print; returns the numbers decoded from the labels."""
        paper = self.doctor.post("specimens.labels", request_id=request_id)
        assert paper.response.mimetype == "application/pdf"
        pages = range(reading.pages(paper.data))
        return [text for page in pages for text in reading.barcodes(paper.data, DPI, page)]

    def takes(self, request_id: uuid.UUID, *numbers: str) -> None:
        """Read the wristband, scan each label from the tube in the hand, and save."""
        page = self.doctor.follow(
            self.doctor.post("specimens.collect_scan", {"number": numbers[0]})
        )
        with self.app.app_context():
            scans = [(wristband(request_id), ""), *self._in_hand(request_id, numbers)]
        for number, holding in scans:
            scan = {"number": number, "holding": holding, "version": value_of(page, "version")}
            page = self.doctor.post("specimens.collected", scan, request_id=request_id)
        ticked = [str(holding) for _, holding in scans[1:]]
        assert "All agree. Save" in page.words
        form = {
            "version": value_of(page, "version"),
            "tubes": ticked,
            "collected_at": value_of(page, "collected_at"),
            "collected_by": "Dr A. Okafor",
            "method": "vein",
            "do": "save",
        }
        answer = self.doctor.post("specimens.collected", form, request_id=request_id)
        assert answer.status == 303, answer.words

    def _in_hand(self, request_id: uuid.UUID, numbers: tuple[str, ...]) -> list[tuple[str, str]]:
        """Each label with the tube that it belongs on."""
        tubes = {tube.number: str(tube.planned_tube_id) for tube in tubes_of(request_id)}
        return [(number, tubes[number]) for number in numbers]

    def laboratory(self, code: str) -> uuid.UUID:
        """The id of a laboratory."""
        with self.app.app_context():
            return next(each.id for each in laboratories() if each.code == code)


def receives(scientist: LabClient, number: str) -> None:
    """Scan one tube in."""
    page = scientist.follow(scientist.post("specimens.receive_scan", {"number": number}))
    assert grouped(number) in page.words


def is_sent_to(senior: LabClient, request_id: uuid.UUID, there: uuid.UUID, *tests: str) -> None:
    """The senior chooses that laboratory for each test."""
    page = senior.get("routing.request", request_id=request_id)
    chosen = {f"laboratory-{test}": str(there) for test in tests}
    form = {"version": value_of(page, "version"), "reason": "", **chosen}
    assert senior.post("routing.choose", form, request_id=request_id).status == 303


def compares(client: LabClient, endpoint: str, request_id: uuid.UUID, *tests: str) -> None:
    """Check or authorise whole tests."""
    page = client.get("results.check_page", request_id=request_id)
    form = {"version": value_of(page, "version"), "tests": list(tests)}
    answer = client.post(endpoint, form, request_id=request_id)
    assert answer.status == 303, answer.words


def box(page_text: str, label: str) -> str:
    """The name of the box that a label belongs to."""
    field = re.search(rf'<label for="([^"]+)">{re.escape(label)}</label>', page_text)[1]
    return re.search(rf'id="{re.escape(field)}" name="([^"]+)"', page_text)[1]
