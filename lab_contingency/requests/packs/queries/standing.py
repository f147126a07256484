"""Reading packs: stock by ward, who keys what, what waits for a second person."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, func, select, true

from lab_contingency.accounts.rules import Role
from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.models import Ward
from lab_contingency.places.queries import WardView, ward, wards
from lab_contingency.requests.models import Request
from lab_contingency.requests.packs.models import (
    FormKeying,
    PaperPack,
    SecondKeying,
    Transcription,
)
from lab_contingency.requests.packs.rules import (
    KEYING_SEEN,
    LOW_STOCK,
    VOID_WORDS,
    PackState,
)
from lab_contingency.requests.scope import within

_SHOWN = 200
_KEYERS = {Role.LABORATORY.value, Role.SENIOR.value}


@dataclass(frozen=True, slots=True)
class WardStock:
    """The packs of one ward: issued = left + used + void."""

    ward: WardView
    issued: int
    left: int
    used: int
    void: int
    printed_at: dt.datetime | None

    @property
    def low(self) -> bool:
        """Whether somebody should print more: few are left where there were some."""
        return self.issued > 0 and self.left <= LOW_STOCK

    @property
    def sentence(self) -> str:
        """“ED Resus: 4 packs left”."""
        left = "1 pack left" if self.left == 1 else f"{self.left or 'no'} packs left"
        return f"{self.ward.name}: {left}"


@dataclass(frozen=True, slots=True)
class PackView:
    """One pack."""

    id: uuid.UUID
    number: str
    state: PackState
    ward: WardView
    printed_at: dt.datetime
    request_id: uuid.UUID | None
    words: str

    @property
    def number_text(self) -> str:
        """Grouped as printed."""
        return grouped(self.number)


@dataclass(frozen=True, slots=True)
class KeyedNow:
    """Somebody else who has the same form open."""

    name: str
    begun_at: dt.datetime


@discloses(
    written_by=Field.CONTACT,
    **dict.fromkeys(("number", "number_text", "keyed_by", "checked_by"), NOTHING),
)
@dataclass(frozen=True, slots=True)
class TranscriptionView:
    """How a form came from paper: written, keyed, keyed again."""

    patient_id: uuid.UUID
    id: uuid.UUID
    request_id: uuid.UUID
    pack_id: uuid.UUID
    number: str
    written_by: str
    written_at: dt.datetime
    keyed_by: str
    keyed_by_id: uuid.UUID | None
    keyed_at: dt.datetime
    check_needed: bool
    checked_by: str | None
    checked_at: dt.datetime | None
    differed: int

    @property
    def number_text(self) -> str:
        """Grouped as printed."""
        return grouped(self.number)

    @property
    def waits(self) -> bool:
        """Whether a second person must still key it."""
        return self.check_needed and self.checked_at is None


def stock(site_id: uuid.UUID | None = None) -> tuple[WardStock, ...]:
    """Every ward (of a site) with its packs, the lowest first where packs are kept, then by name."""
    counted: dict[uuid.UUID, dict[PackState, int]] = {}
    latest: dict[uuid.UUID, dt.datetime] = {}
    statement = select(
        PaperPack.ward_id, PaperPack.state, func.count(), func.max(PaperPack.printed_at)
    ).group_by(PaperPack.ward_id, PaperPack.state)
    for ward_id, state, count, printed_at in session().execute(statement):
        counted.setdefault(ward_id, {})[state] = count
        at = printed_at if printed_at.tzinfo else printed_at.replace(tzinfo=dt.UTC)
        latest[ward_id] = max(at, latest.get(ward_id, at))
    rows = [
        _stock(place, counted.get(place.id, {}), latest.get(place.id)) for place in wards(site_id)
    ]
    return tuple(
        sorted(rows, key=lambda row: (not row.low, not row.issued, row.left, row.ward.name))
    )


def _stock(
    place: WardView, counted: Mapping[PackState, int], printed_at: dt.datetime | None
) -> WardStock:
    left, used, void = (
        counted.get(state, 0) for state in (PackState.ISSUED, PackState.USED, PackState.VOID)
    )
    return WardStock(place, left + used + void, left, used, void, printed_at)


def reachable(actor: Actor) -> ColumnElement[bool]:
    """The condition on `PaperPack` for whose forms this actor may key.

    Requesters: of the wards of their site. Laboratories of the node: any that is carried to them.
    """
    if actor.role in _KEYERS or actor.role == "system":
        return true()
    if actor.role == Role.REQUESTER.value and actor.site_id is not None:
        return PaperPack.ward_id.in_(select(Ward.id).where(Ward.site_id == actor.site_id))
    return false()


def pack_view(pack_id: uuid.UUID, actor: Actor) -> PackView:
    """One pack whose form the actor may key; NotFound."""
    return _one(PaperPack.id == pack_id, actor)


def _one(condition: ColumnElement[bool], actor: Actor) -> PackView:
    row = session().scalars(select(PaperPack).where(condition, reachable(actor))).one_or_none()
    if row is None:
        raise NotFound
    return PackView(
        row.id,
        row.number,
        row.state,
        ward(row.ward_id),
        row.printed_at,
        row.request_id,
        _words(row),
    )


def _words(row: PaperPack) -> str:
    if row.state is PackState.USED:
        return used_words(row)
    if row.void_reason is not None:
        return f"void: {VOID_WORDS[row.void_reason]}"
    return "not keyed yet"


def used_words(pack: PaperPack) -> str:
    """“it was keyed at 03:12 by A. Okafor”: who used the pack, for whoever comes second."""
    row = (
        session()
        .scalars(select(Transcription).where(Transcription.pack_id == pack.id))
        .one_or_none()
    )
    if row is None:
        return "it was used"
    return f"it was keyed at {near_time_text(row.keyed_at)} by {row.keyed_by}"


def refuse_not_keyed(form_number: str, actor: Actor) -> None:
    """RuleBroken when that number stands on a pack whose form nobody has keyed, or that is void.

    For whoever may key it, and for porters, who carry it. Anybody else is told what strangers are told.
    """
    mine = true() if actor.role == Role.PORTER.value else reachable(actor)
    statement = select(PaperPack).where(PaperPack.number == form_number, mine)
    row = session().scalars(statement).one_or_none()
    if row is None or row.state is PackState.USED:
        return
    if row.void_reason is not None:
        raise RuleBroken(
            f"This label belongs to a pack that is void: {VOID_WORDS[row.void_reason]}. "
            "Keep the tube aside and ring the ward.",
            field="number",
        )
    said = (
        "Carry tube and form together: the laboratory keys it."
        if actor.role == Role.PORTER.value
        else "Scan the form under “Forms” and key it, then scan the tube again."
    )
    raise RuleBroken(
        f"The form of this pack, for {ward(row.ward_id).name}, was not keyed yet. {said}",
        field="number",
    )


def is_from_pack(request_id: uuid.UUID) -> bool:
    """Whether the request was keyed from a pack, so that its tubes bear the pack's labels."""
    statement = select(PaperPack.id).where(PaperPack.request_id == request_id)
    return session().scalars(statement).first() is not None


def others_keying(pack_id: uuid.UUID, actor: Actor) -> tuple[KeyedNow, ...]:
    """Who else has the form open now."""
    statement = (
        select(FormKeying)
        .where(
            FormKeying.pack_id == pack_id,
            FormKeying.user_id != actor.user_id,
            FormKeying.seen_at > clock.now() - KEYING_SEEN,
        )
        .order_by(FormKeying.begun_at)
    )
    return tuple(KeyedNow(row.by_name, row.begun_at) for row in session().scalars(statement))


def transcription_of(request_id: uuid.UUID) -> TranscriptionView | None:
    """How the request came from paper, or None for a card. For who may see the request."""
    found = _transcriptions(Transcription.request_id == request_id, true())
    return found[0] if found else None


def transcription(transcription_id: uuid.UUID, actor: Actor) -> TranscriptionView:
    """One of them in the actor's scope; NotFound."""
    found = _transcriptions(Transcription.id == transcription_id, within(actor))
    if not found:
        raise NotFound
    return found[0]


def to_key_again(actor: Actor) -> tuple[TranscriptionView, ...]:
    """Forms in the actor's scope that wait for a second person, oldest first; the actor's own among them."""
    waiting = Transcription.check_needed & Transcription.checked_at.is_(None)
    return _transcriptions(waiting, within(actor))


def waits_for_check(request_id: uuid.UUID) -> str | None:
    """Who keyed a request that a second person must key before blood is touched, or None."""
    statement = select(Transcription.keyed_by).where(
        Transcription.request_id == request_id,
        Transcription.check_needed,
        Transcription.checked_at.is_(None),
    )
    return session().scalars(statement).one_or_none()


def _transcriptions(
    condition: ColumnElement[bool], scope: ColumnElement[bool]
) -> tuple[TranscriptionView, ...]:
    statement = (
        select(Transcription, Request.patient_id, Request.number)
        .join(Request, Request.id == Transcription.request_id)
        .where(condition, scope)
        .order_by(Transcription.keyed_at)
        .limit(_SHOWN)
    )
    rows = session().execute(statement).all()
    tries = _tries([row.Transcription.id for row in rows])
    return tuple(_transcription(*row, tries.get(row.Transcription.id, 0)) for row in rows)


def _tries(ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    statement = (
        select(SecondKeying.transcription_id, func.count())
        .where(SecondKeying.transcription_id.in_(ids))
        .group_by(SecondKeying.transcription_id)
    )
    return dict(session().execute(statement).all())


def _transcription(
    row: Transcription, patient_id: uuid.UUID, number: str, tries: int
) -> TranscriptionView:
    held = unseal(Transcription.__tablename__, row.id, row.sealed)
    return TranscriptionView(
        patient_id=patient_id,
        id=row.id,
        request_id=row.request_id,
        pack_id=row.pack_id,
        number=number,
        written_by=held["written_by"],
        written_at=row.written_at,
        keyed_by=row.keyed_by,
        keyed_by_id=row.keyed_by_id,
        keyed_at=row.keyed_at,
        check_needed=row.check_needed,
        checked_by=row.checked_by,
        checked_at=row.checked_at,
        differed=tries - (row.checked_at is not None),
    )
