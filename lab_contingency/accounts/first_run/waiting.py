"""The code on the console, the one browser that gave it, and what that browser has given since."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from lab_contingency.accounts import passphrases
from lab_contingency.accounts.first_run.draft import Draft
from lab_contingency.accounts.first_run.rules import LIFE, TRIES
from lab_contingency.foundation import clock
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.keys import Cost
from lab_contingency.foundation.wording import time_text

Say = Callable[[str, dt.datetime], None]
"""Shows a code on the console, with the moment until which it is good."""


@dataclass(frozen=True, slots=True, repr=False)
class _Code:
    digest: bytes
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True, repr=False)
class _Begun:
    token: str
    ends_at: dt.datetime
    draft: Draft


class FirstRun:
    """One for each application. Without a console (`begin`) it gives no code, so nobody gets in."""

    def __init__(self) -> None:
        self._guard = threading.RLock()
        self._say: Say | None = None
        self._code: _Code | None = None
        self._wrong = 0
        self._begun: _Begun | None = None
        self.finishing = threading.Lock()
        self.finished_at: dt.datetime | None = None
        self.cost: Cost | None = None  # of opening a custodian's slot; None is the real one

    def begin(self, say: Say) -> None:
        """From now on codes stand on the console; the first one at once."""
        self._say = say
        self.look()

    @property
    def is_offered(self) -> bool:
        """Whether there is a console that shows codes."""
        return self._say is not None

    def look(self) -> None:
        """Forget what is too old, and show a new code when there is none that is good."""
        with self._guard:
            now = clock.now()
            if self._begun is not None and self._begun.ends_at <= now:
                self._begun = None
            if self._code is not None and self._code.ends_at <= now:
                self._code = None
            if self._begun is None and self._code is None and self.finished_at is None:
                self._show_code(now)

    def _show_code(self, now: dt.datetime) -> None:
        if self._say is None:
            return
        text, ends_at = passphrases.one_time_secret(), now + LIFE
        self._code, self._wrong = _Code(_digest(text), ends_at), 0
        self._say(text, ends_at)

    def give(self, typed: str) -> str:
        """A token for the browser that typed the right code, which is spent. RuleBroken for any other."""
        with self._guard:
            self.look()
            if self._begun is not None:
                raise RuleBroken(
                    "Set-up goes on in another browser of this server already. Finish it there. If that one was "
                    f"closed: it is forgotten at {time_text(self._begun.ends_at)}, or when the program is started anew.",
                    field="code",
                )
            if self._code is None or not hmac.compare_digest(self._code.digest, _digest(typed)):
                raise self._refused()
            token = secrets.token_urlsafe()
            self._code = None
            self._begun = _Begun(token, clock.now() + LIFE, Draft.new())
            return token

    def _refused(self) -> RuleBroken:
        self._wrong += 1
        if self._wrong < TRIES:
            return RuleBroken(
                "That is not the code that stands on the console now. Read it again.", field="code"
            )
        self._show_code(clock.now())
        return RuleBroken(
            "Ten wrong codes: that code is void. Fetch the new one from the console.", field="code"
        )

    def draft(self, token: str) -> Draft | None:
        """What the browser with this token has given; None for every other, and when it was too long ago."""
        with self._guard:
            self.look()
            begun = self._begun
            if begun is None or not hmac.compare_digest(begun.token, token):
                return None
            return begun.draft

    @property
    def ends_at(self) -> dt.datetime | None:
        """When what was given is forgotten; None when nobody has begun."""
        begun = self._begun
        return begun.ends_at if begun is not None else None

    def keep(self, token: str, draft: Draft) -> None:
        """Remember what a step gave; nothing when it was too long ago meanwhile."""
        with self._guard:
            if self.draft(token) is not None and self._begun is not None:
                self._begun = _Begun(token, self._begun.ends_at, draft)

    def end(self) -> None:
        """It is finished: forget everything, show no further code."""
        with self._guard:
            self._begun = self._code = None
            self.finished_at = clock.now()

    def close(self) -> None:
        """The node was set up in another way: forget everything."""
        with self._guard:
            self._begun = self._code = self._say = None


def _digest(typed: str) -> bytes:
    signs = "".join(sign for sign in typed.casefold() if sign.isalnum())
    return hashlib.sha256(signs.encode()).digest()
