"""A written form becomes a request: keyed once, under the number that stands on it."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.incidents.rules import grouped
from lab_contingency.incidents.services import use_number
from lab_contingency.places.queries import ward
from lab_contingency.requests.commands import PlacedRequest
from lab_contingency.requests.models import Request
from lab_contingency.requests.packs.commands import TranscribeForm
from lab_contingency.requests.packs.models import FormKeying, PaperPack, Transcription
from lab_contingency.requests.packs.queries import reachable, used_words
from lab_contingency.requests.packs.rules import (
    FIRST_FREE_TUBE,
    VOID_WORDS,
    WRITTEN_BEFORE,
    PackState,
    needs_check,
)
from lab_contingency.requests.packs.services.stock import NO_PACK, form_number, locked_pack
from lab_contingency.requests.services import OnPaper, place_request, reach


def begin_keying(scanned: str, *, actor: Actor) -> uuid.UUID:
    """Somebody takes up a written form; whoever takes up the same sees them. Returns the pack.

    RuleBroken when it was keyed already (and by whom), is void, or came from no pack.
    """
    number = form_number(scanned)
    pack = locked_pack(number)
    if pack is None or not _is_reachable(pack, actor):
        raise RuleBroken(NO_PACK, field="number")
    _refuse_spent(pack)
    note_keying(pack.id, actor=actor)
    record("paper_pack:keying_begun", pack.id, actor=actor, number=number)
    return pack.id


def _is_reachable(pack: PaperPack, actor: Actor) -> bool:
    statement = select(PaperPack.id).where(PaperPack.id == pack.id, reachable(actor))
    return session().scalars(statement).first() is not None


def _refuse_spent(pack: PaperPack) -> None:
    if pack.state is PackState.USED:
        raise RuleBroken(
            f"Form {grouped(pack.number)} stands already: {used_words(pack)}. Nothing was saved again.",
            field="number",
        )
    if pack.void_reason is not None:
        raise RuleBroken(
            f"Form {grouped(pack.number)} is void: {VOID_WORDS[pack.void_reason]}. "
            "Ring the ward, and key what it wrote on a form that counts.",
            field="number",
        )


def note_keying(pack_id: uuid.UUID, *, actor: Actor) -> None:
    """Note that the person has the form open now."""
    if actor.user_id is None:
        return
    now = clock.now()
    statement = locked(
        select(FormKeying).where(FormKeying.pack_id == pack_id, FormKeying.user_id == actor.user_id)
    )
    row = session().scalars(statement).one_or_none()
    if row is None:
        row = FormKeying(
            id=new_id(),
            pack_id=pack_id,
            user_id=actor.user_id,
            by_name=actor.name,
            begun_at=now,
            seen_at=now,
        )
        session().add(row)
    row.seen_at = now
    session().flush()


def transcribe_form(command: TranscribeForm, *, actor: Actor) -> PlacedRequest:
    """Save a keyed form once; of several who key it at the same time one succeeds, and the others are told.

    Its time is when it was written; when it was keyed stands beside it. A transfusion request waits for a
    second person before anybody may take its tube in.
    """
    pack = _locked(command.pack_id, actor)
    if pack.request_id is not None and (same := _sent_before(pack.request_id, command)):
        return same
    _refuse_spent(pack)
    _refuse_times(command)
    if ward(command.card.ward_id).site.id != ward(pack.ward_id).site.id:
        raise RuleBroken(
            "Choose a ward of the hospital that the pack was printed for.", field="ward"
        )
    paper = OnPaper(pack.number, command.written_at, FIRST_FREE_TUBE)
    use_number(pack.number)
    placed = place_request(command.card, actor=actor, paper=paper)
    pack.state, pack.request_id = PackState.USED, placed.request_id
    _add_transcription(command, pack, placed.request_id, actor)
    if actor.laboratory_id is not None:
        reach(placed.request_id, actor.laboratory_id, actor=actor)
    return placed


def _locked(pack_id: uuid.UUID, actor: Actor) -> PaperPack:
    statement = locked(select(PaperPack).where(PaperPack.id == pack_id, reachable(actor)))
    row = session().scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _sent_before(request_id: uuid.UUID, command: TranscribeForm) -> PlacedRequest | None:
    """The same sending of the same person again: a double click, not a second keying."""
    row = session().get_one(Request, request_id)
    if row.idempotency_key != command.card.idempotency_key:
        return None
    return PlacedRequest(row.id, row.number, repeated=True)


def _refuse_times(command: TranscribeForm) -> None:
    now = clock.now()
    if command.written_at > now + dt.timedelta(minutes=10):
        raise RuleBroken("The form cannot have been written in the future.", field="written_at")
    if command.written_at < now - WRITTEN_BEFORE:
        raise RuleBroken("That is more than two weeks ago. Check the day.", field="written_at")


def _add_transcription(
    command: TranscribeForm, pack: PaperPack, request_id: uuid.UUID, actor: Actor
) -> None:
    row_id = new_id()
    tests = catalogue().tests_of(command.card.tests)
    row = Transcription(
        id=row_id,
        request_id=request_id,
        pack_id=pack.id,
        written_at=command.written_at,
        keyed_at=clock.now(),
        keyed_by=actor.name,
        keyed_by_id=actor.user_id,
        check_needed=needs_check(tests),
        sealed=seal(Transcription.__tablename__, row_id, {"written_by": command.written_by}),
    )
    session().add(row)
    session().flush()
    record(
        "request:transcribed",
        request_id,
        actor=actor,
        occurred_at=command.written_at,
        number=pack.number,
        check_needed=row.check_needed,
    )
