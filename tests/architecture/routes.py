"""Every route of the application, with addresses to call it by."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flask import Flask
from werkzeug.routing import IntegerConverter, UUIDConverter

from lab_contingency.accounts.rules import GRANTS, Role
from lab_contingency.foundation.web.access import PUBLIC, SIGNED_IN, access_of
from tests.clients import stranger_id

SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    endpoint: str
    method: str
    access: object
    arguments: Mapping[str, object] = field(default_factory=dict)

    def url(self, app: Flask, **known: object) -> str:
        """Its address; arguments nobody knows are those of something that does not exist."""
        values = {name: known.get(name, value) for name, value in self.arguments.items()}
        with app.test_request_context():
            return app.url_for(self.endpoint, **values)

    def allows(self, role: Role | None) -> bool:
        """Whether the declaration lets the role pass; None is somebody not signed in."""
        if self.access == PUBLIC:
            return True
        if role is None:
            return False
        return self.access == SIGNED_IN or bool(GRANTS[role].permissions & set(self.access))


def routes(app: Flask) -> Iterator[Route]:
    """All of them but the static files."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if rule.endpoint != "static":
                access = access_of(app, rule.endpoint)
                arguments = {name: _stand_in(kind) for name, kind in rule._converters.items()}
                yield Route(rule.endpoint, method, access, arguments)


def _stand_in(converter: object) -> object:
    if isinstance(converter, UUIDConverter):
        return uuid.UUID(str(stranger_id()))
    return 1 if isinstance(converter, IntegerConverter) else "none"
