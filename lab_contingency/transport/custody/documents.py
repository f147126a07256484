"""One tube’s way as frozen content for paper."""

from __future__ import annotations

from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.wording import day_time_text, duration_text, full_time_text
from lab_contingency.printing.content import PrintedBy
from lab_contingency.printing.hands_sheet import HandRow, HandsSheet
from lab_contingency.transport.custody.queries.hands import Hand, TubeHands


def hands_sheet(tube: TubeHands, watermark: str, *, actor: Actor) -> HandsSheet:
    """Everything on the sheet; it names no patient."""
    now = clock.now()
    return HandsSheet(
        title=f"Hands of tube {tube.number}",
        number=tube.scanned,
        place=f"{tube.ward} · {tube.band.text}",
        said=f"{tube.words}: {tube.holder} · as of {full_time_text(now)}",
        made=PrintedBy(
            printed=f"printed {full_time_text(now)} by {actor.name}",
            copy_number="copy 1",
            test_mark=node.this_node().demonstration,
            mark=watermark,
        ),
        rows=tuple(map(_row, tube.hands)),
    )


def _row(hand: Hand) -> HandRow:
    return HandRow(
        at=day_time_text(hand.at),
        noted=f"noted {day_time_text(hand.noted_at)}" if hand.noted_at else "",
        what=hand.what,
        late=f"late by {duration_text(hand.late)}" if hand.late else "",
        from_whom=hand.from_whom or "–",
        to_whom=" · ".join(part for part in (hand.to_whom, hand.place) if part),
        by_name=hand.by_name,
    )
