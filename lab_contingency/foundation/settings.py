"""Where things are and how the program was asked to run; read once, at the start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIVE_FILE = "lab.sqlite3"
DEMONSTRATION_FILE = "demonstration.sqlite3"


@dataclass(frozen=True, slots=True)
class Settings:
    """`data` is the folder of database, keys and files; `database_url` None means SQLite in that folder.

    `key_file` opens the keys without a person, for an unattended restart. `names` are further names or
    addresses under which people reach this server. `printers` are networks, with ports, where label
    printers may stand beyond the private addresses. `high_water` is the file that keeps how far the numbers
    have gone; it belongs in no backup.
    """

    data: Path
    database_url: str | None = None
    demonstration: bool = False
    key_file: Path | None = None
    names: tuple[str, ...] = ()
    printers: tuple[str, ...] = ()
    high_water: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """LAB_DATA (folder, `instance/` if unset), LAB_DATABASE_URL, LAB_DEMO=1, LAB_KEY_FILE, LAB_PRINTERS, LAB_HIGH_WATER."""
        data = Path(environment.get("LAB_DATA") or ROOT / "instance").resolve()
        url = environment.get("LAB_DATABASE_URL") or None
        demonstration = environment.get("LAB_DEMO") == "1" or (
            # A folder that holds only the demonstration is meant as one.
            url is None and (data / DEMONSTRATION_FILE).exists() and not (data / LIVE_FILE).exists()
        )
        return cls(
            data,
            url,
            demonstration,
            key_file=_path(environment.get("LAB_KEY_FILE")),
            printers=tuple(environment.get("LAB_PRINTERS", "").split()),
            high_water=_path(environment.get("LAB_HIGH_WATER")),
        )

    def as_demonstration(self) -> Settings:
        """The same place, but its demonstration database."""
        return replace(self, demonstration=True)

    @property
    def sqlalchemy_url(self) -> str:
        """The address SQLAlchemy opens."""
        if self.database_url is not None:
            return _with_driver(self.database_url)
        return f"sqlite:///{self.file}"

    @property
    def file(self) -> Path:
        """The SQLite database in the folder."""
        return self.data / (DEMONSTRATION_FILE if self.demonstration else LIVE_FILE)

    @property
    def high_water_file(self) -> Path:
        """The side file of the numbers, in a folder of its own; a demonstration never touches the live one."""
        name = "demonstration.marks" if self.demonstration else "live.marks"
        held = self.high_water or self.data / "numbers" / "high-water"
        return held.with_name(f"{held.name}-{name}")

    @property
    def keys_file(self) -> Path:
        """Keys of the demonstration never open the live database."""
        return self.data / ("keys-demonstration.json" if self.demonstration else "keys.json")


def _path(said: str | None) -> Path | None:
    return Path(said).resolve() if said else None


def _with_driver(url: str) -> str:
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url
