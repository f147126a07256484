"""Unsealing while the database may be away: tries are counted in memory, and recorded once it is open."""

from __future__ import annotations

import datetime as dt
import ipaddress
import logging
import threading
from collections import deque
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from lab_contingency.accounts.keys.rules import TRIES, TRIES_WITHIN
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock, sealing
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.keys import Opener, Passphrase, Slot, WrongSecret

log = logging.getLogger("lab_contingency")
_MOST_NOTED = 200
_SLOW = "Too many tries. Wait five minutes, or open it at the server itself."
CUSTODIAN = "custodian"


@dataclass(frozen=True, slots=True)
class _Noted:
    action: str
    at: dt.datetime
    actor: Actor
    slot: str


class Throttle:
    """Ten tries in five minutes from the network, and ten of their own from the server's keyboard.

    Kept apart, so that somebody on the network cannot lock out a custodian who stands at the server.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._tries: dict[bool, deque[dt.datetime]] = {True: deque(), False: deque()}

    def count(self, address: str) -> None:
        """Count a try; RuleBroken when there were too many."""
        now = clock.now()
        with self._guard:
            tries = self._tries[_is_here(address)]
            while tries and tries[0] <= now - TRIES_WITHIN:
                tries.popleft()
            if len(tries) >= TRIES:
                raise RuleBroken(_SLOW, field="passphrase")
            tries.append(now)


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


@dataclass
class Unsealing:
    """What one application remembers of tries: how many, and what is still to be recorded."""

    throttle: Throttle
    one: threading.Lock
    noted: deque[_Noted]

    @classmethod
    def new(cls) -> Unsealing:
        """Nothing tried yet."""
        return cls(Throttle(), threading.Lock(), deque(maxlen=_MOST_NOTED))

    def open_with(self, opener: Opener, *, address: str) -> Slot:
        """Open the node; WrongSecret or RuleBroken. One try at a time: each takes a quarter of a gigabyte."""
        self.throttle.count(address)
        with self.one:
            try:
                slot = sealing.open_with(opener)
            except WrongSecret:
                self._note("keys:refused", _slot_id(opener), "unknown", address)
                raise
        self._note("keys:opened", slot.id, slot.name, address)
        self.record_noted()
        return slot

    def _note(self, action: str, slot: str, name: str, address: str) -> None:
        actor = Actor(user_id=None, name=name, role=CUSTODIAN, address=address)
        self.noted.append(_Noted(action, clock.now(), actor, slot))

    def record_noted(self) -> None:
        """Write what was noted while nothing could be; kept when the database is away."""
        if not self.noted or sealing.is_sealed():
            return
        waiting = list(self.noted)
        try:
            with unit_of_work():
                for each in waiting:
                    record(each.action, None, actor=each.actor, occurred_at=each.at, slot=each.slot)
        except SQLAlchemyError:
            log.warning("The database is away: who opened the keys is recorded when it is back.")
            return
        for each in waiting:
            if each in self.noted:
                self.noted.remove(each)


def _slot_id(opener: Opener) -> str:
    return opener.slot_id if isinstance(opener, Passphrase) else ""
