"""What an answer shows of whom: declared read models, noted while a template reads them, recorded before they leave.

This file knows no patients' data: a field is a number whose bits a higher storey gives a meaning. See ADR 0014.
"""

from __future__ import annotations

import functools
import logging
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, Response, request
from flask.templating import Environment
from flask.typing import ResponseReturnValue

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import db
from lab_contingency.foundation.errors import CannotRecord, LabError
from lab_contingency.foundation.web import access

log = logging.getLogger("lab_contingency")

_Class = TypeVar("_Class", bound=type)
_View = TypeVar("_View", bound=Callable[..., Any])
Fields = int | Callable[[Any], int]

NOTHING = 0
# Attribute by attribute, since most that templates read tell nothing of anybody: {name: {class: fields}}.
_TOLD: dict[str, dict[type, Fields]] = {}
_NAMES: dict[type, frozenset[str]] = {}
_KEPT_OFF: set[type] = set()


@dataclass(slots=True)
class _Ledger:
    """Who is shown by the answer being made: patient (as a number) to the sum of fields."""

    patients: dict[int, int] = field(default_factory=dict)
    list_key: str | None = None
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one answer shows: fields by patient, on which page, and as which refreshing list."""

    patients: Mapping[uuid.UUID, int]
    page: str
    list_key: str | None = None


class Recorder(Protocol):
    """What the audit storey plugs in; raises CannotRecord when nothing could be written down."""

    def __call__(self, shown: Shown, *, actor: Actor) -> None: ...


_ledger: ContextVar[_Ledger | None] = ContextVar("shown", default=None)


def discloses(**fields: Fields) -> Callable[[_Class], _Class]:
    """Say what each attribute of a read model tells of the patient `patient_id` when a template shows it.

    The value is a sum of flags, or a function of the object that gives one; NOTHING says that the
    attribute tells nothing of a patient. The class needs an attribute `patient_id` (None: nobody).
    """

    def declare(kind: _Class) -> _Class:
        for name in (*fields, "patient_id"):
            if not hasattr(kind, name) and name not in getattr(kind, "__dataclass_fields__", {}):
                raise TypeError(f"{kind.__name__} has no {name}")
        for name, held in fields.items():
            if held != NOTHING:
                # A plain number: a flag of an enum takes many times as long to add.
                _TOLD.setdefault(name, {})[kind] = held if callable(held) else int(held)
        _NAMES[kind] = frozenset(fields)
        return kind

    return declare


def not_for_pages(kind: _Class) -> _Class:
    """A read model that is only read by other queries: a template that touches it fails."""
    names = {*getattr(kind, "__dataclass_fields__", {}), *vars(kind)}
    for name in names:
        _TOLD.setdefault(name, {})[kind] = _refuse_reading
    _NAMES[kind] = frozenset()
    _KEPT_OFF.add(kind)
    return kind


def _refuse_reading(obj: Any) -> int:
    raise TypeError(f"{type(obj).__name__} is not for pages: its reading would not be recorded")


def declared_names(kind: type) -> frozenset[str] | None:
    """The attributes that a class speaks of, None where it is not declared."""
    return _NAMES.get(kind)


def is_kept_off_pages(kind: type) -> bool:
    """Whether no template may read it."""
    return kind in _KEPT_OFF


class NotingEnvironment(Environment):
    """Jinja that notes what a template reads of a patient. Reading is showing: see ADR 0014."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """As Jinja does it, with a note."""
        try:
            value = getattr(obj, attribute)
        except AttributeError:
            return super().getattr(obj, attribute)
        told = _TOLD.get(attribute)
        if told is not None:
            fields = told.get(type(obj))
            if fields is not None:
                _note_read(obj, fields, value)
        return value

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`map(attribute='…')` and the like come here."""
        if type(obj) in _NAMES and isinstance(argument, str):
            return self.getattr(obj, argument)
        return super().getitem(obj, argument)


def _note_read(obj: Any, fields: Fields, value: Any) -> None:
    if not isinstance(fields, int):
        fields = int(fields(obj))
    ledger = _ledger.get()
    if not value or ledger is None:
        return
    patient_id = obj.patient_id
    if patient_id is not None and fields:
        patients, number = ledger.patients, patient_id.int
        patients[number] = patients.get(number, 0) | fields


def note_shown(patient_id: uuid.UUID | None, fields: int) -> None:
    """Note by hand what reaches the page past the templates' attributes: choices of a form, a sentence."""
    ledger = _ledger.get()
    if ledger is not None and patient_id is not None and fields:
        ledger.patients[patient_id.int] = ledger.patients.get(patient_id.int, 0) | int(fields)


@contextmanager
def apart() -> Iterator[Mapping[int, int]]:
    """Note what is read in the block by itself, {patient as a number: fields}, and not for the answer."""
    ledger = _Ledger()
    token = _ledger.set(ledger)
    try:
        yield ledger.patients
    finally:
        _ledger.reset(token)


def note_again(shown: Mapping[int, int]) -> None:
    """Note for the answer what was noted apart."""
    ledger = _ledger.get()
    if ledger is not None:
        patients = ledger.patients
        for number, fields in shown.items():
            patients[number] = patients.get(number, 0) | fields


def note_error(error: LabError) -> None:
    """Note what the sentence of an error tells."""
    if error.shows is not None:
        note_shown(*error.shows)


def start_anew() -> None:
    """Forget what was noted: another page takes the place of the one that was being made."""
    if _ledger.get() is not None:
        _ledger.set(_Ledger())


def refreshing(name: str) -> Callable[[_View], _View]:
    """The view's answers are one list that is fetched again and again: only what is new on it is recorded.

    The whole page and its fragments bear the same name. Errors are no answer of the list.
    """

    def decorate(view: _View) -> _View:
        @functools.wraps(view)
        def within(*args: Any, **values: Any) -> Any:
            answer = view(*args, **values)
            ledger = _ledger.get()
            if ledger is not None:
                ledger.list_key = f"{name} {ledger.variant}".strip()
            return answer

        return cast("_View", within)

    return decorate


def list_variant(words: str) -> None:
    """Which of several lists of that name it is, such as a filter; few and of our own making."""
    ledger = _ledger.get()
    if ledger is not None:
        ledger.variant = words


ErrorPage = Callable[[str, str, int], ResponseReturnValue]
"""Title, sentence and status made into a page."""


def install(app: Flask, record: Recorder, error_page: ErrorPage) -> None:
    """Note from the first step of a request on; record as the last one before the answer leaves.

    What cannot be recorded is not shown; `error_page` says so in its place. Call this before anything else adds
    steps: after a request they run in the opposite order.
    """

    @app.before_request
    def begin() -> None:
        _ledger.set(_Ledger())

    @app.after_request
    def finish(answer: Response) -> Response:
        shown = _shown(answer)
        if shown is not None:
            try:
                record(shown, actor=access.actor_or_none() or Actor.system("nobody signed in"))
            except CannotRecord as withheld:
                _withhold(answer, withheld, error_page)
            except Exception as unforeseen:  # noqa: BLE001 - whatever it is, nothing leaves unrecorded
                log.error("disclosure.unforeseen %s", type(unforeseen).__name__)  # noqa: TRY400
                _withhold(answer, CannotRecord(), error_page)
        return answer

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        _ledger.set(None)


_NO_BODY = {204, 304}
_REDIRECTS = range(300, 400)


def _shown(answer: Response) -> Shown | None:
    ledger = _ledger.get()
    if ledger is None or not (ledger.patients or ledger.list_key):
        return None
    if request.method == "HEAD" or answer.status_code in _NO_BODY:
        return None
    if answer.status_code in _REDIRECTS:
        return None
    patients = {uuid.UUID(int=number): flags for number, flags in ledger.patients.items()}
    return Shown(patients, request.endpoint or "", ledger.list_key)


_PLAIN = (
    '<!doctype html><html lang="en-GB"><title>Not shown</title><h1>Not shown</h1><p>{sentence}</p>'
    '<p><a href="/blank-form">Print the blank card</a></p></html>'
)


def _withhold(answer: Response, withheld: CannotRecord, error_page: ErrorPage) -> None:
    """Put a page that shows nobody in place of the answer; its headers stay."""
    log.error("disclosure.not_recorded %s", request.endpoint)
    db.session.rollback()
    start_anew()
    try:
        body, _ = cast("tuple[str, int]", error_page("Not shown", withheld.message, 503))
    except Exception:  # noqa: BLE001 - the page reads the same database
        body = _PLAIN.format(sentence=withheld.message)
    answer.set_data(body)
    answer.status_code = 503
    answer.content_type = "text/html; charset=utf-8"
    answer.headers.pop("Content-Disposition", None)
