"""Accepting several requests together: what can be accepted is, and for each other the answer says why not."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken, RulesBroken
from lab_contingency.requests.services import lock_request
from lab_contingency.routing.commands import AcceptChosen, Routed
from lab_contingency.routing.services.assigning import accept_and_assign
from lab_contingency.routing.services.publishing import published_together

CHANGED = "Somebody else changed it. Look at what is there now, then accept it if it still holds."
GONE = "It is no longer in your queue. Nothing is left to do."


@dataclass(frozen=True, slots=True)
class AcceptedTogether:
    """What came of each row: where its tests went, or the sentence why it was not accepted."""

    routed: Mapping[uuid.UUID, Routed]
    refused: Mapping[uuid.UUID, str]


def accept_chosen(command: AcceptChosen, *, actor: Actor) -> AcceptedTogether:
    """Accept every chosen row that stands as it was shown, each as if it were alone.

    All of them are locked before the first is accepted, in the one order that everybody uses, so that
    two people never wait for each other. A row that is refused leaves nothing behind.
    """
    rows = {row.request_id: row for row in command.rows}
    routed: dict[uuid.UUID, Routed] = {}
    refused: dict[uuid.UUID, str] = {}
    for request_id in sorted(rows):
        with noting(refused, request_id):
            lock_request(request_id, actor=actor, version=rows[request_id].version)
    with published_together():
        for request_id in [each for each in rows if each not in refused]:
            with noting(refused, request_id):
                routed[request_id] = accept_and_assign(request_id, actor=actor)
    return AcceptedTogether(routed, refused)


@contextmanager
def noting(refused: dict[uuid.UUID, str], request_id: uuid.UUID) -> Iterator[None]:
    """A refusal undoes this row alone, and is noted in words."""
    try:
        with session().begin_nested():
            yield
    except ChangedByAnother:
        refused[request_id] = CHANGED
    except NotFound:
        refused[request_id] = GONE
    except (RuleBroken, RulesBroken) as why:
        refused[request_id] = why.message
