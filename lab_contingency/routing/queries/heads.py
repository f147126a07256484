"""The counts and filters above the queue."""

from __future__ import annotations

from dataclasses import dataclass

from lab_contingency.foundation.wording import and_text
from lab_contingency.requests.rules.bands import Band
from lab_contingency.routing.queries.queue import QueueView
from lab_contingency.routing.queries.waiting import Filter, Show


@dataclass(frozen=True, slots=True)
class Count:
    """One number of a group: of a band, or with words and an icon."""

    count: int
    band: str = ""
    text: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter: what it is called, how many it finds, where it leads (`query` of the address)."""

    text: str
    count: int
    query: dict[str, str]
    current: bool


@dataclass(frozen=True, slots=True)
class Heads:
    """Everything above the rows, and the line below them."""

    bands: tuple[Count, ...]
    clocks: tuple[Count, ...]
    chips: tuple[Chip, ...]
    below: str


def queue_heads(view: QueueView, chosen: Filter) -> Heads:
    """Write them."""
    held = view.counts
    return Heads(
        bands=tuple(Count(held.bands.get(band, 0), band=band.value) for band in Band),
        clocks=(
            Count(held.overdue, text="overdue", icon="clock"),
            Count(held.expiring, text="unusable in 30 min", icon="hourglass"),
        ),
        chips=_chips(view, chosen),
        below=_below(view),
    )


def _chips(view: QueueView, chosen: Filter) -> tuple[Chip, ...]:
    held = view.counts
    plain = (
        (Show.ALL, "All", held.total),
        (Show.TO_DECIDE, "To decide", held.to_decide),
        (Show.HELD, "Held", held.held),
        (Show.NOT_RECEIVED, "Not yet received", held.not_received),
    )
    chips = [
        Chip(text, number, {} if show is Show.ALL else {"show": show.value}, chosen.show is show)
        for show, text, number in plain
    ]
    by_name = sorted(held.sites, key=lambda site: view.sites[site])
    if len(by_name) > 1:
        chips += [
            Chip(
                view.sites[site],
                held.sites[site],
                {"show": Show.SITE.value, "site": str(site)},
                chosen.site_id == site,
            )
            for site in by_name
        ]
    return tuple(chips)


def _below(view: QueueView) -> str:
    """`19 more below: 5 P3 and 14 P4`."""
    if not view.below:
        return ""
    parts = and_text([f"{number} {band.value}" for band, number in view.below.items()])
    return f"{sum(view.below.values())} more not shown here: {parts}."
