"""What stands at a partner laboratory in the demonstration: announced, come, and a question about it."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RulesBroken
from lab_contingency.places.queries import laboratory_by_code
from lab_contingency.rehearsal.day.staff import Staff
from lab_contingency.requests.models import Request
from lab_contingency.routing.commands import ChooseLaboratories
from lab_contingency.routing.services import choose_laboratories
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.services import receive
from lab_contingency.transport.commands import SendOne
from lab_contingency.transport.questions.commands import AskQuestion
from lab_contingency.transport.questions.rules import QuestionKind
from lab_contingency.transport.questions.services import ask_question
from lab_contingency.transport.services import send_one

PARTNER = "SWLP-LAB"
_ANNOUNCED, _SENT = "9992995394", "9996692329"
_AGO = dt.timedelta(minutes=3)


def add_partner_examples(staff: Staff) -> None:
    """One tube announced, one that came, with a question. Nothing while the partner is shut at this hour."""
    place = laboratory_by_code(PARTNER)
    bench = staff.benches.get(place.id) if place else None
    if place is None or bench is None:
        return
    try:
        _choose(_ANNOUNCED, {"DDIM": place.id}, staff.triage)
        _choose(_SENT, {"FBC": place.id}, staff.triage)
    except RulesBroken:
        return
    _send(_SENT, place.id, bench.types)


def _request(nhs_number: str) -> uuid.UUID:
    key = f"example-{nhs_number}"
    return session().scalars(select(Request.id).where(Request.idempotency_key == key)).one()


def _choose(nhs_number: str, places: dict[str, uuid.UUID], actor: Actor) -> None:
    with unit_of_work():
        choose_laboratories(ChooseLaboratories(_request(nhs_number), None, places), actor=actor)


def _send(nhs_number: str, laboratory_id: uuid.UUID, scientist: Actor) -> None:
    request_id = _request(nhs_number)
    tube = next(each for each in tubes_of(request_id) if "FBC" in each.test_words)
    holder = Actor.system("demonstration")
    with clock.at(clock.now() - _AGO), unit_of_work():
        send_one(SendOne(str(tube.number), laboratory_id, "courier"), actor=holder)
    with unit_of_work():
        receive(str(tube.number), laboratory_id, actor=scientist)
        asked = AskQuestion(
            request_id,
            tube.planned_tube_id,
            None,
            QuestionKind.TIME,
            "The tube says 09:10, the form 10:10.",
        )
        ask_question(asked, actor=scientist)
