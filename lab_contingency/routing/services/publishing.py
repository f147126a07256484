"""Publishing downwards: routing tells today's menu what nobody can do, and takes it back. See ADR 0029."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from sqlalchemy import select

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.vocabulary import Discipline, Test
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.incidents.commands import NobodyCan
from lab_contingency.incidents.queries import Stop, decisions, open_incident
from lab_contingency.incidents.services import publish_nobody_can, withdraw_nobody_can
from lab_contingency.places.models import Laboratory
from lab_contingency.places.queries import sites
from lab_contingency.routing.queries.facts import Setting, setting_at
from lab_contingency.routing.queries.fresh import answers_for_fresh, is_known, later
from lab_contingency.routing.rules import Offer, Refusal
from lab_contingency.routing.rules.publishing import (
    ROOM_TO_RETURN,
    STEADY_FOR,
    Published,
    anybody,
    change,
    moments_to_try,
    why_nobody,
)

ROUTING = Actor.system("routing")


@dataclass(frozen=True, slots=True)
class PublishedNow:
    """What one look changed: tests that nobody can do any more, and those that somebody can again."""

    stopped: tuple[tuple[uuid.UUID, str], ...] = ()
    again: tuple[tuple[uuid.UUID, str], ...] = ()


@dataclass(slots=True)
class _Found:
    cannot: list[NobodyCan] = field(default_factory=list)
    again: list[tuple[uuid.UUID, str]] = field(default_factory=list)


def lock_places() -> None:
    """One after the other, so that the last place of an hour is given once; foreign keys go on."""
    rows = select(Laboratory.id).order_by(Laboratory.id)
    session().execute(rows.with_for_update(key_share=True)).all()


# Within a block that publishes once: the disciplines to look at when it ends.
_put_off: ContextVar[set[Discipline] | None] = ContextVar("put off", default=None)


@contextmanager
def published_together() -> Iterator[None]:
    """Publish once at the end for everything that is assigned in the block."""
    gathered: set[Discipline] = set()
    token = _put_off.set(gathered)
    try:
        yield
    finally:
        _put_off.reset(token)
    if gathered:
        publish_what_cannot_be_done(gathered)


def publish_what_cannot_be_done(disciplines: Iterable[Discipline] | None = None) -> PublishedNow:
    """Look at every site and test (of these disciplines) and publish what changed since the last look.

    Whoever changes what laboratories can do calls it in the same unit of work; the server looks besides.
    Without an incident, and for a site of which the network knows nothing, nothing is said.
    """
    wanted = frozenset(Discipline if disciplines is None else disciplines)
    waiting = _put_off.get()
    if waiting is not None:
        waiting |= wanted
        return PublishedNow()
    if open_incident() is None:
        return PublishedNow()
    lock_places()
    found = _looked_at(setting_at(clock.now()), _tests(wanted))
    publish_nobody_can(found.cannot, actor=ROUTING)
    withdraw_nobody_can(found.again, actor=ROUTING)
    stopped = tuple((one.site_id, one.test_code) for one in found.cannot)
    return PublishedNow(stopped, tuple(found.again))


def something_to_publish() -> bool:
    """Whether a look would change anything: reads only."""
    if open_incident() is None:
        return False
    found = _looked_at(setting_at(clock.now()), _tests(frozenset(Discipline)))
    return bool(found.cannot or found.again)


def _tests(disciplines: frozenset[Discipline]) -> Sequence[Test]:
    return [test for test in catalogue().tests.values() if test.discipline in disciplines]


def _looked_at(setting: Setting, tests: Sequence[Test]) -> _Found:
    published, found = decisions().found, _Found()
    for site in sites():
        standing = published.get(site.id, {})
        if is_known(setting, site.id):
            for test in tests:
                _look_at(setting, site.id, test, standing.get(test.code), found)
        else:
            found.again += [(site.id, test.code) for test in tests if test.code in standing]
    return found


def _look_at(
    setting: Setting,
    site_id: uuid.UUID,
    test: Test,
    stop: Stop | None,
    found: _Found,
) -> None:
    nobody = not anybody(answers_for_fresh(setting, site_id, test))
    lasting = stop is not None and not nobody and _lasts(setting, site_id, test)
    match change(stands=stop is not None, nobody=nobody, lasting=lasting):
        case Published.PUBLISH:
            found.cannot.append(_finding(setting, site_id, test))
        case Published.WITHDRAW:
            found.again.append((site_id, test.code))
        case Published.LEAVE:
            if stop is not None and stop.until is not None and stop.until <= setting.now:
                found.cannot.append(
                    _finding(setting, site_id, test)
                )  # the forecast did not come true


def _lasts(setting: Setting, site_id: uuid.UUID, test: Test) -> bool:
    """Whether several tests find somebody, now and for a while."""
    return all(
        anybody(answers_for_fresh(later(setting, after), site_id, test, before=ROOM_TO_RETURN - 1))
        for after in (dt.timedelta(0), *STEADY_FOR)
    )


def _finding(setting: Setting, site_id: uuid.UUID, test: Test) -> NobodyCan:
    answers = tuple(answers_for_fresh(setting, site_id, test))
    ring = _ring(setting, site_id)
    return NobodyCan(
        site_id=site_id,
        test_code=test.code,
        reason=why_nobody(answers),
        instead=f"If it cannot wait, ring {ring}." if ring else "",
        until=_until(setting, site_id, test, answers),
    )


def _until(
    setting: Setting, site_id: uuid.UUID, test: Test, answers: Sequence[Offer | Refusal]
) -> dt.datetime | None:
    """From when on somebody can again, as far as is known now; None when that is not known."""
    for moment in moments_to_try(answers, test.reject_after, setting.now):
        if anybody(answers_for_fresh(later(setting, moment - setting.now), site_id, test)):
            return moment
    return None


def _ring(setting: Setting, site_id: uuid.UUID) -> str:
    """The site's own laboratory, or else one of ours that has a telephone."""
    own = [lab for lab in setting.snapshot.laboratories.values() if lab.own and lab.telephone]
    first = sorted(own, key=lambda lab: lab.site_id != site_id)[:1]
    return "".join(f"{lab.name}, {lab.telephone}" for lab in first)
