"""People who go through every page and fill in every form they find with planted words."""

from __future__ import annotations

import io
import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from sqlalchemy import Integer, cast, literal, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import unseal
from lab_contingency.requests.models import PatientIdentity, Request
from lab_contingency.results.models import CriticalCall
from lab_contingency.specimens.queries import tubes_of
from tests.architecture.routes import Route, routes
from tests.canaries import Planted
from tests.clients import Answer, LabClient
from tests.factories.thousand import Canary

PEOPLE = (
    "doctor", "other_doctor", "porter", "scientist", "colleague", "senior", "partner", "governance",
)  # fmt: skip
_LEAVE = ("/sign-out", "/sign-in", "/lock", "/devices", "/incident", "/menu")
_NUMBERS = {"number", "nhs_number"}
_TYPED = {"text", "search", "tel", "number", "password", "email", ""}
_FIELDS = (
    "number", "nhs_number", "surname", "forenames", "reason", "reason_text", "text", "note", "why",
    "value", "contact", "measures", "comment", "bed", "person", "telephone", "contact_name",
)  # fmt: skip
_MOST_OF_A_ROUTE = 3
_UPLOAD = 600_000  # more than a form keeps in memory by itself


@dataclass
class Exercise:
    """Who is about, what they type, and what came of it."""

    app: Flask
    canaries: list[Canary]
    night: list[Planted]
    clients: dict[str, LabClient] = field(default_factory=dict)
    sent: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    asked_by_get: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.clients = {name: LabClient(self.app, checks=False).sign_in(name) for name in PEOPLE}
        self._next = itertools.cycle(self.canaries)

    def everything(self) -> None:
        """Every page of every person, and every form on it."""
        pages = [route for route in routes(self.app) if route.method == "GET"]
        for name, route in itertools.product(PEOPLE, pages):
            for url in self._addresses(route):
                answer = self.clients[name].open(url)
                if answer.is_html and answer.status == 200:
                    self._fill_in(name, route.endpoint, answer)

    def every_address(self, leave: tuple[str, ...]) -> None:
        """What no form was found for: each address that takes something is sent planted words all the same."""
        for route in routes(self.app):
            if route.method == "POST" and not route.endpoint.startswith(leave):
                (url, *_) = self._addresses(route)
                for name in PEOPLE:
                    self._send(name, url, {said: self.typed(said) for said in _FIELDS})

    def _addresses(self, route: Route) -> Iterator[str]:
        """A few of each kind, another few with each person."""
        requests = list(session().scalars(select(Request.id).order_by(Request.number.desc())))
        calls = list(session().scalars(select(CriticalCall.id)))
        session().rollback()
        place = next(self._next).place
        for step in range(_MOST_OF_A_ROUTE if route.arguments else 1):
            known: dict[str, object] = {}
            if "request_id" in route.arguments:
                request_id = requests[(place + step * 7) % min(len(requests), 45)]
                known = {"request_id": request_id}
                if "planned_tube_id" in route.arguments:
                    known["planned_tube_id"] = tubes_of(request_id)[0].planned_tube_id
            if "call_id" in route.arguments:
                known["call_id"] = calls[(place + step) % len(calls)]
            session().rollback()
            yield route.url(self.app, **known)

    def _fill_in(self, name: str, endpoint: str, answer: Answer) -> None:
        tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
        for form in (each for each in tree.iter() if each.tag == "form"):
            action = form.get("action") or answer.response.request.path
            if action.startswith(_LEAVE):
                continue
            if (form.get("method") or "get").lower() == "get":
                self.asked_by_get |= {endpoint} if list(_typed(form)) else set()
                continue
            for keep in (True, False):
                key = (name, f"{action.rstrip('0123456789abcdef-')} {keep}")
                if len(self.sent.setdefault(key, set())) < 2:
                    got = self._send(name, action, self.filled(form, keep=keep))
                    self.sent[key].add(got.status)

    def _send(self, name: str, action: str, data: dict[str, Any]) -> Answer:
        got = self._posted(name, action, data)
        return self.clients[name].follow(got) if got.status in {302, 303} else got

    def _posted(self, name: str, url: str, data: dict[str, Any]) -> Answer:
        """Made up in memory: the client of the tests would keep a large part in a file of its own."""
        if not any(isinstance(each, tuple) for each in data.values()):
            return self.clients[name].open(url, method="POST", data=data)
        parts = {k: FileStorage(*v) if isinstance(v, tuple) else v for k, v in data.items()}
        stream, _, boundary = stream_encode_multipart(parts, use_tempfile=False)
        kind = f'multipart/form-data; boundary="{boundary}"'
        body = stream.read()
        return self.clients[name].open(url, method="POST", data=body, content_type=kind)

    def filled(self, form: Element, *, keep: bool) -> dict[str, Any]:
        """What a person might send: planted words wherever something can be typed."""
        data: dict[str, Any] = {}
        for each in form.iter():
            said = each.get("name")
            if not said:
                continue
            held, kind = each.get("value") or "", (each.get("type") or "").lower()
            if each.tag == "textarea" or (each.tag == "input" and kind in _TYPED):
                data[said] = held if keep and held else self.typed(said)
            elif each.tag == "input" and kind == "file":
                word = self.typed(said).encode()
                data[said] = (io.BytesIO(word * (_UPLOAD // len(word))), "found.txt")
            elif each.tag == "select":
                data[said] = _chosen(each)
            elif kind in {"radio", "checkbox", "hidden"} or each.tag == "button":
                data.setdefault(said, held)
        return data

    def typed(self, field_name: str) -> str:
        """The next patient's number where a number is asked for, else one of their words."""
        one = next(self._next)
        return one.identity.nhs_number if field_name in _NUMBERS else one.said("frag")

    # What no form on a page leads to

    def wrong_sign_ins(self) -> set[int]:
        """A patient's name and number typed where a user name belongs, and as the passphrase."""
        found = set()
        for one in self.canaries[:6]:
            for name in (one.identity.surname, one.identity.nhs_number, one.odd):
                client = LabClient(self.app, checks=False)
                data = {"username": name, "passphrase": one.said("frag"), "code": one.odd}
                found.add(client.post("accounts.sign_in_with_passphrase", data).status)
        return found

    def not_found(self) -> set[int]:
        """Numbers of nobody, scanned everywhere; addresses that do not exist."""
        found = set()
        for one, name in zip(self.canaries, PEOPLE * 2, strict=False):
            for endpoint in ("tracking.where", "custody.scan", "results.find_on_bench", "specimens.receive_scan"):  # fmt: skip
                for said in (one.said("frag"), one.identity.nhs_number, one.identity.surname):
                    found.add(self.clients[name].post(endpoint, {"number": said}).status)
        return found

    def looks(self, request_id: uuid.UUID, one: Planted) -> set[int]:
        """Beyond one's place, with a reason in words: right, and with what nobody has."""
        number = session().scalars(select(Request.number).where(Request.id == request_id)).one()
        session().rollback()
        born, found = one.identity.born, set()
        reason = {"reason": "other", "issuer": "", "text": one.said("rmk")}
        asked = {"number": number, "born": f"{born.day} {born.month} {born.year}", **reason}
        for name in ("other_doctor", "doctor"):
            found.add(self.clients[name].post("tracking.ask_to_look", asked).status)
            nobody = {**asked, "number": next(self._next).identity.nhs_number}
            found.add(self.clients[name].post("tracking.ask_to_look", nobody).status)
        return found

    def comes(self, name: str) -> LabClient:
        """Another browser of the same person."""
        return LabClient(self.app, checks=False).sign_in(name)

    def locks(self, client: LabClient, one: Canary) -> int:
        """With a card half filled."""
        text = f"surname={one.identity.surname}&nhs_number={one.identity.nhs_number}"
        data = {"draft_of": "request", "draft": text, "resume": "/requests/new"}
        return client.post("accounts.lock", data).status

    def drafts(self) -> set[int]:
        """A card kept at the lock, kept again by the next, and dropped when it is taken up."""
        found = {self.locks(self.comes("doctor"), one) for one in self.canaries[:4]}
        again = self.comes("doctor")
        found.add(again.post("requests.draft", {"do": "take"}).status)
        return found

    def uploads(self) -> set[int]:
        """Large files, where they are asked for and where they are not."""
        found = set()
        for one, (name, endpoint) in zip(
            self.canaries, (("governance", "oversight.match"), ("doctor", "requests.send")), strict=False
        ):  # fmt: skip
            word = f"{one.identity.surname} {one.identity.nhs_number}\n".encode()
            part = (io.BytesIO(word * (_UPLOAD // len(word))), f"{one.said('frag')}.txt")
            url = self.clients[name].url(endpoint)
            found.add(self._posted(name, url, {"files": part}).status)
        return found

    def label_of(self, one: Canary) -> bytes:
        """The labels of a patient's request, as the doctor's browser gets them."""
        rows = select(Request.id, PatientIdentity.id, PatientIdentity.sealed)
        joined = rows.join(PatientIdentity, Request.identity_id == PatientIdentity.id)
        for request_id, row_id, sealed in session().execute(joined).all():
            if (
                unseal(PatientIdentity.__tablename__, row_id, sealed)["surname"]
                == one.identity.surname
            ):
                session().rollback()
                answer = self.clients["doctor"].post(
                    "specimens.labels", {"reason": "LOST"}, request_id=request_id
                )
                assert answer.data.startswith(b"%PDF-"), answer.text
                return answer.data
        raise AssertionError("no such request")

    def faults(self) -> set[int]:
        """A page that fails with planted words in its message, in its form, and in a statement."""
        found = set()
        held = self.app.view_functions["requests.send"]
        try:
            for one, fault in zip(self.canaries, (_raise, _fail_in_database), strict=False):
                self.app.view_functions["requests.send"] = wraps(held)(partial(fault, one))
                data = {"surname": one.identity.surname, "clinical_details": one.said("clin")}
                found.add(self.clients["doctor"].post("requests.send", data).status)
        finally:
            self.app.view_functions["requests.send"] = held
        return found


def _raise(one: Canary) -> str:
    raise RuntimeError(f"{one.identity.surname} {one.identity.nhs_number}")


def _fail_in_database(one: Canary) -> str:
    if session().get_bind().dialect.name == "sqlite":
        wrong = select(literal(one.said("frag")).op("->")(literal(one.odd)))
    else:
        wrong = select(cast(literal(one.said("frag")), Integer))
    session().execute(wrong).all()
    raise AssertionError("the database took it")


def _typed(form: Element) -> Iterator[Element]:
    for each in form.iter():
        if each.tag == "textarea" or (each.tag == "input" and each.get("type") in {"text", None}):
            yield each


def _chosen(field_: Element) -> str:
    values = [each.get("value") or "" for each in field_.iter() if each.tag == "option"]
    return next((value for value in values if value), "")
