"""Planted patients, and a recorder that reads in the bytes of every answer whose data went out, field by field.

It knows the pages' HTML and the papers' text, and nothing of what the program notes about them.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import urllib.parse
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pypdf
from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.foundation.wording import date_text
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.identity import Identity, Sex, grouped_nhs
from lab_contingency.results.models import CriticalCall
from tests.factories.world import nhs_number

_LETTERS = "bdfghkmptwz"
KINDS = {
    "name": Field.NAME,
    "fore": Field.NAME,
    "ward": Field.PLACE,
    "bed": Field.PLACE,
    "call": Field.CONTACT,
    "reqr": Field.CONTACT,
    "cons": Field.CONTACT,
    "pers": Field.CONTACT,
    "clin": Field.CLINICAL,
    "rmk": Field.REMARKS,
}
PLANTED = re.compile(rf"Zq([{_LETTERS}]{{2}})({'|'.join(KINDS)})", re.IGNORECASE)
_OURS = re.compile(r"(?<!\d)(\d{2}) ?(\d) ?(\d{6}) ?\d{2} ?\d(?!\d)")
_REQUEST = re.compile(r"/requests/([0-9a-f-]{36})")
_CALL = re.compile(r"/calls/([0-9a-f-]{36})")


@dataclass
class Planted:
    """One patient whose every field is unmistakable."""

    place: int
    patient_id: uuid.UUID | None = None
    requests: list[uuid.UUID] = field(default_factory=list)
    values: set[str] = field(default_factory=set)
    coded: set[str] = field(default_factory=set)  # reasons that were chosen, in their words

    @property
    def tag(self) -> str:
        return "Zq" + _LETTERS[self.place // len(_LETTERS)] + _LETTERS[self.place % len(_LETTERS)]

    def said(self, kind: str) -> str:
        return self.tag + kind

    @property
    def number_known(self) -> bool:
        return self.place % 4 != 3

    @property
    def identity(self) -> Identity:
        return Identity(
            surname=self.said("name"),
            forenames=self.said("fore"),
            born=dt.date(1931 + self.place, self.place % 12 + 1, self.place % 27 + 1),
            sex=(Sex.FEMALE, Sex.MALE, Sex.UNKNOWN)[self.place % 3],
            nhs_number=nhs_number(700 + 13 * self.place) if self.number_known else "",
            hospital_number=f"H55{self.place:05d}"
            if self.place % 3 or not self.number_known
            else "",
            issuer="RJZ" if self.place % 3 or not self.number_known else "",
        )

    def value(self, whole: int) -> str:
        """A result that nobody else has: `4.37`."""
        text = f"{whole}.{37 + self.place}"
        self.values.add(text)
        return text


@dataclass(frozen=True)
class Answered:
    """What one answer held, by patient."""

    at: dt.datetime
    address: str
    path: str
    status: int
    shown: dict[uuid.UUID, Field]


class Node:
    """An element of a page."""

    def __init__(self, tag: str, attributes: dict[str, str | None], parent: Node | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Node | str] = []
        self.held: set[uuid.UUID] | None = None

    @property
    def classes(self) -> set[str]:
        return set((self.attributes.get("class") or "").split())

    def nodes(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.nodes()


_VOID = {"meta", "link", "input", "br", "img", "col", "hr", "path", "rect", "circle", "polyline"}


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.now = Node("root", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs), self.now)
        self.now.children.append(node)
        if tag not in _VOID and not (tag == "option" and self.now.tag == "datalist"):
            self.now = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.now.children.append(Node(tag, dict(attrs), self.now))

    def handle_endtag(self, tag: str) -> None:
        at: Node | None = self.now
        while at is not None and at.tag != tag:
            at = at.parent
        if at is not None and at.parent is not None:
            self.now = at.parent

    def handle_data(self, data: str) -> None:
        self.now.children.append(data)


_SPOKEN = ("aria-label", "title", "alt", "placeholder", "value")
_ROWS = {"tr", "tbody", "li", "section", "article"}
_UNREAD = {"head", "script", "style", "template", "datalist"}


class Reader:
    """Reads an answer and says whose fields stand in it."""

    def __init__(self, planted: Iterable[Planted]) -> None:
        self.by_letters = {one.tag[2:].casefold(): one for one in planted}
        self.all = list(self.by_letters.values())
        self.requests: dict[uuid.UUID, Planted] = {}
        self.learn()

    def learn(self) -> None:
        """Look up ids and numbers of what exists by now."""
        rows = session().execute(select(Request.id, Request.patient_id, Request.number)).all()
        by_patient = {one.patient_id: one for one in self.all if one.patient_id}
        self.requests = {row.id: by_patient[row.patient_id] for row in rows}
        self.numbers = {row.number[:9]: by_patient[row.patient_id] for row in rows}
        calls = session().execute(select(CriticalCall.id, CriticalCall.request_id))
        self.calls = {row.id: self.requests[row.request_id] for row in calls}
        self.tests: dict[uuid.UUID, re.Pattern[str]] = {}
        names: dict[uuid.UUID, set[str]] = {}
        asked = select(RequestedTest.request_id, RequestedTest.test_code)
        for request_id, code in session().execute(asked):
            test = catalogue().test(code)
            analytes = {each.name for each in catalogue().analytes_of(code)}
            whose = self.requests[request_id].patient_id
            names.setdefault(whose, set()).update({test.label, test.name, *analytes})
        for patient_id, said in names.items():
            pattern = "|".join(sorted((re.escape(name) for name in said), key=len, reverse=True))
            self.tests[patient_id] = re.compile(rf"(?<![\w-])({pattern})(?![\w-])")
        session().rollback()
        self.marks = self._marks()

    def _marks(self) -> list[tuple[re.Pattern[str], Planted, Field]]:
        found = []
        for one in self.all:
            who = one.identity
            born = [date_text(who.born), f"{who.born.day} {who.born:%B} {who.born.year}"]
            marks = {Field.BORN: born, Field.RESULTS: sorted(one.values)}
            if who.nhs_number:
                marks[Field.NHS_NUMBER] = [grouped_nhs(who.nhs_number), who.nhs_number]
            if who.hospital_number:
                marks[Field.HOSPITAL_NUMBER] = [who.hospital_number]
            sex = re.escape(who.sex.text)
            day = re.escape(born[0])
            marks_of_sex = re.compile(
                rf"{day} · {sex} ·|Born {day} Sex {sex}\b|\b{day} ?Sex ?{sex}|"
                rf"\b{day} ?{sex} ?(?=\d|H\d|not known)"
            )
            found.append((marks_of_sex, one, Field.SEX))
            for kind, texts in marks.items():
                if texts:
                    pattern = "|".join(re.escape(text) for text in texts)
                    found.append((re.compile(rf"(?<![\d.])({pattern})(?![\d])"), one, kind))
        return found

    def read(
        self, path: str, kind: str, body: bytes, brought: dict[str, list[str]]
    ) -> dict[uuid.UUID, Field]:
        """Fields by patient. `brought` is the form the request itself sent."""
        found: dict[uuid.UUID, Field] = {}

        def note(one: Planted | None, fields: Field) -> None:
            if one is not None and one.patient_id is not None and fields:
                found[one.patient_id] = found.get(one.patient_id, Field(0)) | fields

        if kind == "application/pdf":
            self._read_paper(path, body, note)
        elif kind == "text/html":
            self._read_page(path, body.decode(), brought, note)
        elif kind == "text/csv":
            self._planted(body.decode("utf-8-sig"), note)
        return found

    def _planted(self, text: str, note: Callable[[Planted | None, Field], None]) -> None:
        for letters, kind in PLANTED.findall(text):
            note(self.by_letters.get(letters.casefold()), KINDS[kind.casefold()])
        for pattern, one, fields in self.marks:
            if pattern.search(text):
                note(one, fields)

    # pages

    def _read_page(
        self,
        path: str,
        html: str,
        brought: dict[str, list[str]],
        note: Callable[[Planted | None, Field], None],
    ) -> None:
        tree = _Tree()
        tree.feed(html)
        pieces = list(_pieces(tree.root, brought))
        self._planted(" ".join(" ".join(text for text, _ in pieces).split()), note)
        whose_page = self._of_address(path)
        self.last_looked_up = self._typed(brought)
        for text, node in pieces:
            self._read_piece(text, node, whose_page, note)
        for node in tree.root.nodes():
            if node.classes & {"g-critical", "is-critical"}:
                note(self._owner(node, whose_page), Field.RESULTS)
            if _is_chosen_sex(node, brought):
                note(self._looked_up(tree.root), Field.SEX)

    def _of_address(self, path: str) -> Planted | None:
        if found := _REQUEST.search(path):
            return self.requests.get(uuid.UUID(found[1]))
        if found := _CALL.search(path):
            return self.calls.get(uuid.UUID(found[1]))
        return None

    def _typed(self, brought: dict[str, list[str]]) -> Planted | None:
        digits = "".join(brought.get("nhs_number", [""])[0].split())
        return next((one for one in self.all if digits and one.identity.nhs_number == digits), None)

    def _looked_up(self, root: Node) -> Planted | None:
        for node in root.nodes():
            if node.attributes.get("name") == "filled":
                letters = (node.attributes.get("value") or "").partition(";")[0]
                return next((one for one in self.all if str(one.patient_id) == letters), None)
        return None

    def _read_piece(
        self,
        text: str,
        node: Node,
        whose_page: Planted | None,
        note: Callable[[Planted | None, Field], None],
    ) -> None:
        if "test-message" in _classes_above(node):
            if "Repeat:" in text or "was asked" in text:
                note(self.last_looked_up, Field.TESTS)
            return
        owner = self._named(text) or self._owner(node, whose_page)
        if owner is None or owner.patient_id is None:
            return
        tests = self.tests.get(owner.patient_id)
        if tests and tests.search(text) and not _is_on_the_card(node):
            note(owner, Field.TESTS)
        if any(words in text for words in owner.coded):
            note(owner, Field.REMARKS)
        above = _classes_above(node)
        if above & {"g-flag", "g-change", "g-before"} and text.strip():
            note(owner, Field.RESULTS)
        if text.strip() in {"critical", "CRITICAL"} or "one critical" in text:
            note(owner, Field.RESULTS)

    def _named(self, text: str) -> Planted | None:
        """The patient whom the words themselves name, such as the next one to ring about."""
        letters = {found[0].casefold() for found in PLANTED.findall(text)}
        return self.by_letters.get(letters.pop()) if len(letters) == 1 else None

    last_looked_up: Planted | None = None

    def _owner(self, node: Node, whose_page: Planted | None) -> Planted | None:
        """The patient whose row it stands in, or whose page it is."""
        at: Node | None = node
        while at is not None:
            if at.tag in _ROWS:
                held = self._held(at)
                if len(held) == 1:
                    return self._by_id(next(iter(held)))
            at = at.parent
        return whose_page

    def _by_id(self, patient_id: uuid.UUID) -> Planted:
        return next(one for one in self.all if one.patient_id == patient_id)

    def _held(self, node: Node) -> set[uuid.UUID]:
        if node.held is None:
            found = (one for each in node.nodes() for one in self._of_node(each))
            node.held = {one.patient_id for one in found if one is not None and one.patient_id}
        return node.held

    def _of_node(self, node: Node) -> Iterator[Planted | None]:
        for name in ("href", "action", "formaction"):
            yield self._of_address(node.attributes.get(name) or "")
        if not _is_unchosen(node):
            text = " ".join(child for child in node.children if isinstance(child, str))
            yield from (self.by_letters.get(found[0].casefold()) for found in PLANTED.findall(text))
            yield from self._of_numbers(text)

    def _of_numbers(self, text: str) -> list[Planted]:
        keys = ("".join(found) for found in _OURS.findall(text))
        return [self.numbers[key] for key in keys if key in self.numbers]

    # paper

    def _read_paper(
        self, path: str, body: bytes, note: Callable[[Planted | None, Field], None]
    ) -> None:
        for page in pypdf.PdfReader(io.BytesIO(body)).pages:
            raw = page.extract_text()
            text = " ".join(raw.split())
            self._planted(text, note)
            self._planted("".join(raw.split()), note)
            shown = {letters.casefold() for letters, _ in PLANTED.findall(text)}
            whose = [self.by_letters[each] for each in shown] or self._of_numbers(text)[:1]
            for one in whose:
                self._read_about(one, text, note)

    def _read_about(
        self, one: Planted, text: str, note: Callable[[Planted | None, Field], None]
    ) -> None:
        # A form lists every test there is, with ticks that are no text.
        if "3 Tests" in text or self.tests[one.patient_id].search(text):
            note(one, Field.TESTS)
        sex = re.escape(one.identity.sex.text)
        if re.search(rf"(Sex|{re.escape(one.said('fore'))})\W+{sex}\b", text):
            note(one, Field.SEX)


def _classes_above(node: Node) -> set[str]:
    found: set[str] = set()
    at: Node | None = node
    while at is not None:
        found |= at.classes
        at = at.parent
    return found


def _is_on_the_card(node: Node) -> bool:
    """An empty card offers every test there is to everybody; what is ticked on it the person ticked."""
    at: Node | None = node
    while at is not None:
        if at.tag == "form" and at.attributes.get("action") == "/requests/new":
            return True
        at = at.parent
    return False


# Of the print station: how much waits for which ward. Of the packs: how many paper forms lie where.
_OF_WARDS = {"wards", "stock", "stock-low"}


def _pieces(node: Node, brought: dict[str, list[str]]) -> Iterator[tuple[str, Node]]:
    """Every text of the page that a person or a program reads, without what the request itself brought."""
    if node.tag in _UNREAD or _is_unchosen(node):
        return
    if node.attributes.get("id") in _OF_WARDS:
        return
    echo = _is_echo(node, brought)
    for name in _SPOKEN:
        said = node.attributes.get(name)
        if said and not (name == "value" and (echo or _is_a_tick(node))):
            yield said, node
    for child in node.children:
        if isinstance(child, Node):
            yield from _pieces(child, brought)
        elif not (echo and node.tag == "textarea"):
            yield child, node


def _is_unchosen(node: Node) -> bool:
    return node.tag == "option" and "selected" not in node.attributes


def _is_a_tick(node: Node) -> bool:
    return node.attributes.get("type") in {"radio", "checkbox"}


def _is_echo(node: Node, brought: dict[str, list[str]]) -> bool:
    name = node.attributes.get("name")
    if name not in brought:
        return False
    said = node.attributes.get("value")
    if node.tag == "textarea":
        said = "".join(child for child in node.children if isinstance(child, str))
    return (said or "").strip() in {each.strip() for each in brought[name]}


def _is_chosen_sex(node: Node, brought: dict[str, list[str]]) -> bool:
    held = node.attributes
    chosen = held.get("name") == "sex" and held.get("type") == "radio" and "checked" in held
    return chosen and held.get("value") not in brought.get("sex", [])


class Recorder:
    """Wraps the program and keeps, of every answer, when and to which address whose fields went out."""

    def __init__(self, program: Callable[..., Any], reader: Reader) -> None:
        self.program, self.reader = program, reader
        self.answers: list[Answered] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(sent)
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            begun.append((status, headers))
            return start_response(status, headers, exc_info)

        answer = self.program(environ, start)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        status, headers = begun[-1]
        self._keep(environ, int(status.split()[0]), dict(headers), body, sent)
        return [body]

    def _keep(
        self,
        environ: dict[str, Any],
        status: int,
        headers: dict[str, str],
        body: bytes,
        sent: bytes,
    ) -> None:
        kind = headers.get("Content-Type", "").split(";")[0]
        brought = urllib.parse.parse_qs(sent.decode(), keep_blank_values=True)
        shown = self.reader.read(environ["PATH_INFO"], kind, body, brought)
        self.answers.append(
            Answered(clock.now(), environ["REMOTE_ADDR"], environ["PATH_INFO"], status, shown)
        )
