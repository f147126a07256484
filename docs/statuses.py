"""Write docs/statuses.md from the tables of moves: `python docs/statuses.py`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def text() -> str:
    """The document."""
    from lab_contingency.requests.rules.statuses import TRANSITIONS, WORDS
    from lab_contingency.specimens.rules import MOVES
    from lab_contingency.specimens.station.rules.jobs import JOB_MOVES, LABEL_MOVES
    from lab_contingency.transport.rules import TRANSITIONS as BOX_MOVES

    lines = ["# Statuses", "", "Made by `python docs/statuses.py` from the tables of moves.", ""]
    lines += [
        "## A requested test",
        "",
        "| action | from | to | may | reason |",
        "|---|---|---|---|---|",
    ]
    for action, move in TRANSITIONS.items():
        sources = ", ".join(sorted(status.value for status in move.sources))
        reason = "must be given" if move.needs_reason else ""
        lines.append(
            f"| {action.value} | {sources} | {move.target.value} | {move.permission.value} | {reason} |"
        )
    lines += [
        "",
        "On screen: "
        + "; ".join(f"*{status.value}* “{words}”" for status, words in WORDS.items())
        + ".",
        "",
    ]
    lines += ["## A tube", "", "| action | from | to | may |", "|---|---|---|---|"]
    for custody, step in MOVES.items():
        sources = ", ".join(
            sorted(source.value if source else "planned" for source in step.sources)
        )
        may = ", ".join(sorted(permission.value for permission in step.permissions))
        lines.append(
            f"| {custody.value} | {sources} | {step.target.value if step.target else 'where it is'} | {may} |"
        )
    lines += ["", "## A box", "", "| action | from | to | may | reason |", "|---|---|---|---|---|"]
    for action, way in BOX_MOVES.items():
        sources = ", ".join(sorted(state.value for state in way.sources))
        may = ", ".join(sorted(permission.value for permission in way.permissions))
        reason = "must be given" if way.needs_reason else ""
        to = way.target.value if way.target else "where it is"
        lines.append(f"| {action.value} | {sources} | {to} | {may} | {reason} |")
    for heading, moves in (("A print job", JOB_MOVES), ("A label of a job", LABEL_MOVES)):
        lines += ["", f"## {heading}", "", "| action | from | to |", "|---|---|---|"]
        for what, leads in moves.items():
            sources = ", ".join(sorted(source.value for source in leads.sources))
            lines.append(f"| {what.value} | {sources} | {leads.target.value} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "statuses.md").write_text(text(), encoding="utf-8")
