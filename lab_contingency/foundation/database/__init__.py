"""The database: base class, connections, sessions and the one unit of work."""

from lab_contingency.foundation.database.base import Base, UTCDateTime
from lab_contingency.foundation.database.session import (
    add_rows,
    db,
    explain_constraint,
    install,
    locked,
    session,
    unit_of_work,
    when_begun,
)

__all__ = [
    "Base",
    "UTCDateTime",
    "add_rows",
    "db",
    "explain_constraint",
    "install",
    "locked",
    "session",
    "unit_of_work",
    "when_begun",
]
