"""How often one may try to open the node, and what each key is for."""

from __future__ import annotations

import datetime as dt

TRIES = 10
TRIES_WITHIN = dt.timedelta(minutes=5)

PURPOSES: dict[str, tuple[str, str]] = {
    "field": ("Records", "Old records are sealed anew, then the old version is dropped."),
    "index": (
        "Finding by number",
        "Old look-up digests are made anew, then the old version is dropped.",
    ),
    "session": ("Signing in", "Everybody else signs in again at once."),
    "audit": ("Chain of the record", "Older versions stay: they verify what they chained."),
    "export": ("Files that leave", "Older versions stay: they open files sealed with them."),
    "signing": ("Signatures", "Older versions stay: they verify what they signed."),
    "pepper": ("PINs", "Older versions stay until everybody has chosen a new PIN."),
}
"""Each key: its name on the page, and what follows from rotating it."""

COPIES_STAY = (
    "Rotating protects what is written from now on and, once finished, what stands here. "
    "A copy of the database taken before still opens with the old key."
)
NOT_ROTATION = (
    "Removing a slot is not rotation: whoever kept a copy of keys.json from before still opens that copy with it. "
    "Rotate the keys as well if somebody may have one."
)
