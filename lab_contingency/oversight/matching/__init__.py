"""Finding identifiers in fragments of any kind: what is known, looking, unwrapping, reading. Knows no database."""

from lab_contingency.oversight.matching.known import Known, Sure
from lab_contingency.oversight.matching.reading import Caps, match_streams, pieces_of
from lab_contingency.oversight.matching.scanning import Finding

__all__ = ["Caps", "Finding", "Known", "Sure", "match_streams", "pieces_of"]
