"""The node: its number, its restore epoch, and whether it is a demonstration. One row."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import Base, session
from lab_contingency.foundation.errors import StartRefused

DEFAULT_NUMBER = 41


class Node(Base):
    """The node's number (10–99) and epoch (0–9) open every number that it issues."""

    __tablename__ = "node"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("number BETWEEN 10 AND 99", name="number_two_digits"),
        CheckConstraint("epoch BETWEEN 0 AND 9", name="epoch_one_digit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    number: Mapped[int]
    epoch: Mapped[int]
    demonstration: Mapped[bool]
    created_at: Mapped[dt.datetime]


def held_node() -> Node | None:
    """The row, or None in a fresh database."""
    return session().scalars(select(Node)).one_or_none()


def this_node() -> Node:
    """The row; StartRefused when the database was never set up."""
    row = held_node()
    if row is None:
        raise StartRefused("This database was never set up. Start the program once with wsgi.py.")
    return row


def set_up(*, demonstration: bool, number: int = DEFAULT_NUMBER) -> Node:
    """Mark a fresh database, once. A live database never becomes a demonstration, nor the reverse."""
    row = held_node()
    if row is None:
        row = Node(
            id=1, number=number, epoch=1, demonstration=demonstration, created_at=clock.now()
        )
        session().add(row)
        session().flush()
    elif row.demonstration is not demonstration:
        held, asked = ("demonstration", "live") if row.demonstration else ("live", "demonstration")
        raise StartRefused(
            f"This is a {held} database and was asked for as a {asked} one. "
            "Choose another folder (--data, LAB_DATA) or another database (LAB_DATABASE_URL)."
        )
    return row
