"""A client that addresses pages by endpoint, signs in as a person, and checks every page it is shown."""

from __future__ import annotations

import contextvars
import itertools
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask, has_app_context, url_for
from flask.globals import _cv_app
from sqlalchemy import select
from werkzeug.test import TestResponse

from lab_contingency.accounts.models import User
from lab_contingency.foundation.database import db

_URL_ATTRIBUTES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "hx-push-url")
_BY_CHANCE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|name=\"csrf_token\" value=\"[^\"]*\""
)
_IDENTIFYING = re.compile(
    r"\b999[ %\d-]{7,12}\b|\bH\d{7}\b|\d{2}-[A-Z][a-z]{2}-\d{4}|"
    r"[?&](surname|forenames?|born|nhs_number|hospital_number|name)=",
)
_IN_LINE = {
    "a",
    "abbr",
    "b",
    "em",
    "i",
    "kbd",
    "q",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "time",
}
_UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}
_ADDRESSES = itertools.count(1)


class LabClient:
    """One browser of one person. `checks` off for answers that are meant to be broken."""

    def __init__(self, app: Flask, *, checks: bool = True) -> None:
        self.app = app
        self.checks = checks
        self.browser = app.test_client()
        self.browser.environ_base["REMOTE_ADDR"] = f"127.0.1.{next(_ADDRESSES) % 250 + 1}"
        self._base: dict[str, Any] = {}

    def from_elsewhere(self, address: str) -> LabClient:
        """At another computer: over TLS, where a form must say which page it came from."""
        self.browser.environ_base["REMOTE_ADDR"] = address
        self.browser.environ_base["HTTP_REFERER"] = "https://localhost/"
        self._base = {"base_url": "https://localhost"}
        return self

    def sign_in(self, username: str) -> LabClient:
        """With one click, as a person of the demonstration."""
        with self.app.app_context():
            user_id = db.session.scalars(select(User.id).where(User.username == username)).one()
        answer = self.post("accounts.sign_in_demonstration", {"next": "/incident"}, user_id=user_id)
        assert answer.status == 303, answer.text
        return self

    def get(self, endpoint: str, **values: Any) -> Answer:
        """GET a page by the name of its endpoint."""
        return self.open(self.url(endpoint, **values))

    def live(self, endpoint: str, data: dict[str, Any] | None = None, **values: Any) -> Answer:
        """What htmx fetches: POST when there is data, else GET."""
        method = "GET" if data is None else "POST"
        url = self.url(endpoint, **values)
        return self.open(url, method=method, data=data, headers={"HX-Request": "true"})

    def post(self, endpoint: str, data: dict[str, Any] | None = None, **values: Any) -> Answer:
        """POST a form by the name of its endpoint."""
        return self.open(self.url(endpoint, **values), method="POST", data=data or {})

    def follow(self, answer: Answer) -> Answer:
        """The page a redirect leads to."""
        assert answer.status in {302, 303}, answer.text
        return self.open(answer.location)

    def open(self, url: str, **keys: Any) -> Answer:
        """Ask for an address; every page that comes back is looked over."""
        answer = Answer(contextvars.copy_context().run(self._alone, url, keys))
        if has_app_context():
            db.session.rollback()  # the test reads what the request wrote
        if self.checks and answer.is_html and answer.status < 500:
            assert_good_page(answer)
        return answer

    def _alone(self, url: str, keys: dict[str, Any]) -> TestResponse:
        """Without the application context of the test: what a request remembers ends with it."""
        _cv_app.set(None)  # type: ignore[arg-type]
        return self.browser.open(url, **self._base, **keys)

    def url(self, endpoint: str, **values: Any) -> str:
        """The address of an endpoint, without host."""
        with self.app.test_request_context():
            return url_for(endpoint, **values)


class Answer:
    """What came back."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.data = response.get_data()
        self.location = response.headers.get("Location", "")
        self.is_html = response.mimetype == "text/html" and bool(self.data)

    @property
    def text(self) -> str:
        return self.data.decode()

    @property
    def is_whole_page(self) -> bool:
        return self.text.lstrip().lower().startswith("<!doctype")

    @property
    def tree(self) -> Element:
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        if self.is_whole_page:
            return parser.parse(self.text)
        root = Element("fragment")
        root.extend(parser.parseFragment(self.text))
        return root

    @property
    def words(self) -> str:
        """Everything that a person reads in the page's main part, spaces made one."""
        tree = self.tree
        main = tree.find(".//main")
        return words_of(main if main is not None else tree)

    @property
    def h1(self) -> str:
        return words_of(_all(self.tree, "h1")[0])


def without_ids(text: str) -> str:
    """A page without ids and tokens: any figures may stand in them, a year of birth too."""
    return _BY_CHANCE.sub("", text)


def words_of(element: Element) -> str:
    """The text of an element, spaces made one; only what stands in a line runs together."""
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: Element) -> Iterator[str]:
    gap = "" if element.tag in _IN_LINE else " "
    yield gap + (element.text or "" if isinstance(element.tag, str) else "")
    for child in element:
        yield from _pieces(child)
        yield child.tail or ""
    yield gap


def assert_good_page(answer: Answer) -> None:
    """Valid HTML5, one heading that the title repeats, labels, tokens, nothing inline, nothing identifying in URLs."""
    tree = answer.tree  # strict: raises on the first parse error
    problems = [
        *_headings(answer, tree),
        *_ids(tree),
        *_labels(tree),
        *_tokens(tree),
        *_inline(tree),
        *_urls(tree),
    ]
    assert not problems, f"{answer.response.request.path}: " + "; ".join(problems)


def _all(tree: Element, *tags: str) -> list[Element]:
    return [element for element in tree.iter() if element.tag in tags]


def _headings(answer: Answer, tree: Element) -> Iterator[str]:
    if not answer.is_whole_page:
        return
    headings = [words_of(h1) for h1 in _all(tree, "h1")]
    if len(headings) != 1 or not headings[0]:
        yield f"{len(headings)} first headings"
        return
    title = words_of(_all(tree, "title")[0])
    form_refused = any("error-summary" in (e.get("class") or "").split() for e in tree.iter())
    expected = f"Error: {headings[0]}" if answer.status == 422 and form_refused else headings[0]
    if not title.startswith(expected):
        yield f"the title “{title}” does not begin with “{expected}”"
    levels = [int(e.tag[1]) for e in _all(tree, "h1", "h2", "h3", "h4")]
    if any(after > before + 1 for before, after in itertools.pairwise(levels)):
        yield f"a level of heading is left out: {levels}"


def _ids(tree: Element) -> Iterator[str]:
    held = Counter(element.get("id") for element in tree.iter() if element.get("id") is not None)
    yield from (f"id “{name}” stands {count} times" for name, count in held.items() if count > 1)
    if tree.tag == "fragment":
        return
    for element in tree.iter():
        named = [element.get(name) for name in ("aria-labelledby", "aria-describedby", "for")]
        for name in " ".join(filter(None, named)).split():
            if name not in held:
                yield f"<{element.tag}> speaks of “{name}”, which is not on the page"


def _labels(tree: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in _all(tree, "label")}
    within = {id(child) for label in _all(tree, "label") for child in label.iter()}
    for element in _all(tree, "input", "select", "textarea"):
        if element.get("type") in _UNLABELLED_TYPES:
            continue
        spoken = element.get("aria-label") or element.get("aria-labelledby")
        if not (spoken or element.get("id") in labelled or id(element) in within):
            yield f"no label for {element.get('name') or element.get('id')}"
    for element in _all(tree, "button", "a"):
        if not (words_of(element) or element.get("aria-label")):
            yield f"a <{element.tag}> without words"


def _tokens(tree: Element) -> Iterator[str]:
    for form in _all(tree, "form"):
        tokens = [e for e in _all(form, "input") if e.get("name") == "csrf_token"]
        if (form.get("method") or "get").lower() == "post" and not (
            tokens and tokens[0].get("value")
        ):
            yield f"no token in the form to {form.get('action') or 'this page'}"
        if (form.get("method") or "get").lower() == "get" and tokens:
            yield "a token in a form that is sent with GET"


def _inline(tree: Element) -> Iterator[str]:
    for element in tree.iter():
        if not isinstance(element.tag, str):  # a comment
            continue
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            yield f"inline <{element.tag}>"
        for name in element.attrib:
            if name == "style" or name.startswith("on"):
                yield f"inline {name}= on <{element.tag}>"


def _urls(tree: Element) -> Iterator[str]:
    for element in tree.iter():
        for name in _URL_ATTRIBUTES:
            url = without_ids(element.get(name) or "")
            if _IDENTIFYING.search(url) and not url.startswith("data:"):
                yield f"a patient's identifier in {name}={url}"
            if url.startswith(("javascript:", "http:", "https:", "//")):
                yield f"{name}={url} leads elsewhere"


def options_of(answer: Answer, name: str) -> list[str]:
    """The values a list on the page offers."""
    lists: Iterable[Element] = (e for e in _all(answer.tree, "select") if e.get("name") == name)
    return [option.get("value") or "" for each in lists for option in _all(each, "option")]


def value_of(answer: Answer, name: str) -> str:
    """The value of the first field of that name."""
    fields = (e for e in _all(answer.tree, "input") if e.get("name") == name)
    return next(fields).get("value") or ""


def stranger_id() -> uuid.UUID:
    """An id that nothing has."""
    return uuid.UUID("00000000-0000-7000-8000-000000000000")


def send_form(client: LabClient, endpoint: str, page: Answer | None = None, **data: Any) -> Answer:
    """Post a form with the version its page carries; path arguments are those ending in _id or test_code."""
    path = {each: data.pop(each) for each in tuple(data) if each.endswith("_id") or each == "test_code"}  # fmt: skip
    page = page or client.get(endpoint, **path)
    return client.post(endpoint, {"version": value_of(page, "version"), **data}, **path)
