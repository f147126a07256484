"""Write docs/access-matrix.csv from the running application: `python docs/access_matrix.py`.

One line an address and method; every change of it is a change of who may do what, and is reviewed as one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docs" / "access-matrix.csv"
sys.path.insert(0, str(ROOT))


def text() -> str:
    """The document, from an application with an empty database of its own."""
    from lab_contingency import create_app
    from lab_contingency.audit.services import set_up_streams
    from lab_contingency.foundation.database import db, unit_of_work
    from lab_contingency.foundation.node import set_up
    from lab_contingency.foundation.settings import Settings
    from lab_contingency.incidents.services import set_up_series
    from tests.architecture import matrix
    from tests.factories.world import make_world

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(Path(folder), None, demonstration=True))
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        with app.app_context():
            db.metadata.create_all(db.engine)
            with unit_of_work():
                set_up(demonstration=True)
                set_up_streams()
                set_up_series()
            table = matrix.make(app, make_world()).table()
            db.session.remove()
            db.engine.dispose()
    return matrix.as_csv(table)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
