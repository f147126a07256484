"""How a label stock looks to the layout: a small rectangle that is drawn larger on a larger label.

A bigger label is AUTO12 enlarged, with every word in the same place, but bars and squares stay as they
are: they are dots of the printer. All places are mm before enlarging.
"""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from lab_contingency.printing import data_matrix
from lab_contingency.printing.barcode import ROOM
from lab_contingency.printing.stock import LabelStock

LEFT = 1.3
"""Where every line begins, mm."""


class Arrangement(Enum):
    """What a label has room for; the value is the size (mm) its places were measured for."""

    FULL = (50.8, 25.4)
    SMALL = (38.1, 19.05)
    SMALLEST = (25.4, 25.4)


_LEAST = ((Arrangement.FULL, 45.0, 24.9), (Arrangement.SMALL, 38.0, 19.0))


@dataclass(frozen=True, slots=True)
class Face:
    """A label's rectangle in layout mm, and how much larger it is drawn."""

    arrangement: Arrangement
    width: float
    height: float
    scale: float

    @property
    def right(self) -> float:
        """Where the room for words ends."""
        return self.width - 1.2

    @property
    def bars(self) -> float:
        """Room of the bars with the white on both sides, from the left edge."""
        return ROOM / self.scale

    @property
    def quiet(self) -> float:
        """White before the bars: ten of the widest modules."""
        return 2.54 / self.scale

    @property
    def matrix(self) -> float:
        """Side of the Data Matrix with its white border."""
        return data_matrix.WIDTH / self.scale


def arrangement_of(stock: LabelStock) -> Arrangement:
    """Everything, the reduced set with bars, or the reduced set with a Data Matrix alone."""
    for arrangement, width, height in _LEAST:
        if stock.width >= width and stock.height >= height:
            return arrangement
    return Arrangement.SMALLEST


@lru_cache(maxsize=64)
def face_of(stock: LabelStock) -> Face:
    """See a stock as the layout does. It is never drawn smaller than measured, so no letter shrinks."""
    arrangement = arrangement_of(stock)
    width, height = arrangement.value
    scale = max(1.0, min(stock.width / width, stock.height / height))
    return Face(arrangement, stock.width / scale, stock.height / scale, scale)
