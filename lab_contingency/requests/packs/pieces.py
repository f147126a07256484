"""Pictures in sealed pieces: a change of keys never holds many whole ones. Every table of pieces is alike."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Iterator
from typing import Protocol

from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal, unseal

_PIECE = 96 * 1024


class Piece(Protocol):
    """A stored piece."""

    @property
    def id(self) -> uuid.UUID:
        """Its row."""

    @property
    def sealed(self) -> str:
        """Its bytes, sealed and bound to the row."""


def sealed_pieces(table: str, data: bytes) -> Iterator[tuple[uuid.UUID, int, str]]:
    """Row id, ordinal and sealed bytes of each piece, for the rows of a table."""
    for ordinal, start in enumerate(range(0, len(data), _PIECE)):
        row_id = new_id()
        said = {"data": base64.b64encode(data[start : start + _PIECE]).decode("ascii")}
        yield row_id, ordinal, seal(table, row_id, said)


def count_of_pieces(data: bytes) -> int:
    """How many pieces it takes."""
    return -(-len(data) // _PIECE)


def opened_pieces(table: str, pieces: Iterable[Piece]) -> bytes:
    """The whole again, from its pieces in order."""
    return b"".join(
        base64.b64decode(unseal(table, piece.id, piece.sealed)["data"]) for piece in pieces
    )
