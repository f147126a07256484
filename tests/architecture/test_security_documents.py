"""What the documents on security say is what the code does."""

from __future__ import annotations

import importlib.util
import math
import re
from pathlib import Path

from lab_contingency import storeys
from lab_contingency.accounts import passphrases, rules
from lab_contingency.accounts.emergencies import EMERGENCY_LIFE
from lab_contingency.accounts.keys.rules import TRIES
from lab_contingency.accounts.models import User
from lab_contingency.foundation.configuration import _LARGEST_FORM
from lab_contingency.foundation.database import db
from lab_contingency.foundation.keys import NAMES
from lab_contingency.foundation.serving.limits import Limits
from lab_contingency.oversight.views.leaks import LARGEST_UPLOAD
from lab_contingency.requests.rules import looking

ROOT = Path(__file__).resolve().parents[2]
HEADINGS = (
    "Signing in",
    "Sessions",
    "What is taken in",
    "What costs much, and its limit",
    "Connections",
    "What is written down where",
    "Parts from elsewhere",
)
LOGGER = re.compile(r"getLogger\(\"(lab_contingency[\w.]*)\"\)")


def _said(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def _minutes(delta) -> int:
    return int(delta.total_seconds() // 60)


def test_the_figures_are_those_of_the_code():
    said = _said("security-decisions.md")
    limits = Limits()
    idle = {kind.value: _minutes(delta) for kind, delta in rules.IDLE.items()}

    for sentence in (
        f"{rules.PASSPHRASE_SHORTEST} to {rules.PASSPHRASE_LONGEST} signs",
        f"{int(rules.ONE_TIME_SECRET_LIFE.total_seconds() // 3600)} hours, opens only",
        f"{rules.GUESSES} in {_minutes(rules.GUESSES_WITHIN)} minutes for a name",
        f"| wrong PINs | {rules.PIN_TRIES},",
        f"| custodians' tries | {TRIES} in",
        f"an envelope for {_minutes(EMERGENCY_LIFE)} minutes",
        f"ends after {int(rules.SIGN_IN_LIFE.total_seconds() // 3600)} hours",
        f"ward, phone, unknown {idle['ward']} minutes",
        f"bench, print station {idle['bench']}; triage wall {idle['triage wall']}",
        f"{int(rules.IDLE_GRACE.total_seconds())} seconds later the server ends it",
        f"| a form | {_LARGEST_FORM // 1024**2} MB; the header {limits.header // 1024} KB |",
        f"{LARGEST_UPLOAD // 1024**2} MB by page",
        f"{looking._USUAL.patients} in {_minutes(looking._USUAL.within)} minutes for each person",
        f"{looking.LOOK_TRIES} in {_minutes(looking.LOOK_TRIES_WITHIN)} minutes |",
        f"| {limits.connections}, {limits.threads}, {limits.waiting}; then 503",
        f"handshake {limits.handshake:.0f} s, request {limits.request:.0f} s",
        f"silence {limits.quiet:.0f} s, answer {limits.draining:.0f} s",
    ):
        assert sentence in said, sentence
    assert idle["phone"] == idle["ward"] == _minutes(rules.IDLE_UNKNOWN)
    assert idle["print station"] == idle["bench"]


def test_every_heading_that_is_asked_for_is_there():
    said = _said("security-decisions.md")
    parts = re.split(r"^## ", said, flags=re.MULTILINE)[1:]

    assert [part.splitlines()[0].partition(" (")[0] for part in parts] == list(HEADINGS)
    assert all(len(part.split()) > 30 for part in parts)
    for matter in (
        "at any number of devices",
        "ways in",
        "with the date of birth",
        "within 2 days",
    ):
        assert matter in said


def test_a_chosen_passphrase_has_no_end():
    """The one column that says when a secret ends is emptied by choosing."""
    ends = [column.name for column in User.__table__.columns if "expires" in column.name]

    assert ends == ["secret_expires_at"]
    chosen = (ROOT / "lab_contingency" / "accounts" / "services.py").read_text(encoding="utf-8")
    assert "user.secret_expires_at = None" in chosen.partition("def choose_passphrase")[2]


def test_every_code_has_bits_enough():
    per_sign = math.log2(len(passphrases._SPOKEN))
    secret, code = passphrases.one_time_secret(), passphrases.spoken_code()

    assert len(set(passphrases._SPOKEN)) == len(passphrases._SPOKEN)
    assert len(secret.replace("-", "")) * per_sign > 79
    assert len(code.replace("-", "")) * per_sign > 39


def test_passphrases_are_hashed_with_the_work_that_is_said():
    work = "m=65536,t=3,p=2"
    assert (
        passphrases.PasswordHasher(time_cost=3, memory_cost=65536, parallelism=2)
        .hash("words")
        .startswith(f"$argon2id$v=19${work}$")
    )
    source = (ROOT / "lab_contingency" / "accounts" / "passphrases.py").read_text(encoding="utf-8")
    assert "_hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=2)" in source
    assert "argon2id, 64 MiB, 3 passes, 2 lanes" in _said("keys.md")


def test_every_table_has_its_class():
    storeys.import_models()
    said = _said("data-classes.md")
    classes = dict(re.findall(r"`(\w+)` \| ([A-F](?:, [A-F])*)", said))

    assert set(classes) == set(db.metadata.tables)
    sealed = {name for name, table in db.metadata.tables.items() if "sealed" in table.columns}
    assert {name for name in sealed if not {"A", "D"} & set(classes[name].split(", "))} == set()
    assert all(f"| **{letter}**" in said for letter in "ABCDEF")


def test_every_key_of_the_ring_is_in_the_inventory():
    said = _said("keys.md")

    assert set(re.findall(r"^\| `(\w+)` \|", said, flags=re.MULTILINE)) == set(NAMES)
    for held in ("root", "authority", "server certificate", "recovery sheet", "key file", "PIN"):
        assert f"| {held} |" in said


def test_every_logger_is_in_the_inventory():
    used = {
        name
        for path in (*(ROOT / "lab_contingency").rglob("*.py"), ROOT / "wsgi.py")
        for name in LOGGER.findall(path.read_text(encoding="utf-8"))
    }

    assert used
    assert {name for name in used if f"`{name}`" not in _said("security-decisions.md")} == set()


def test_the_list_of_parts_is_that_of_the_pins():
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "docs" / "sbom.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert _said("sbom.json") == module.text()
    pins = re.findall(
        r"^[\w.-]+(?:\[\w+\])?==", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    assert _said("sbom.json").count('"purl"') == len(pins)
