"""Rules about the source: one commit, one clock, small files, and nothing that stands upside down."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lab_contingency"
SOURCES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 400
PURE = {"rules", "commands"}
# What a rule never knows: the web, the database, keys, files, randomness.
IMPURE = re.compile(
    r"^(flask|sqlalchemy|wtforms|jinja2|werkzeug|os|pathlib|secrets|random|csv|io|sqlite3|psycopg|"
    r"lab_contingency\.foundation\.(database|web|sealing|keys|node|settings|identity|migrations|actor)|"
    r"lab_contingency\.\w+\.(models|queries|services|forms|views|documents))(\.|$)"
)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield f"{node.module}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def _furniture(path: Path) -> str:
    """`rules`, `views` …, whether a file or a folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[1] if len(parts) > 1 else parts[0]


def test_imports_run_downwards_only():
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 broken" in run.stdout


def test_exactly_one_commit_stands_in_the_source():
    found = [path for path in SOURCES for call in _calls(path) if call.endswith(".commit")]

    assert found == [PACKAGE / "foundation" / "database" / "session.py"]


@pytest.mark.parametrize("call", ["now", "utcnow", "today", "fromtimestamp"])
def test_the_time_comes_from_the_clock(call):
    allowed = {PACKAGE / "foundation" / "clock.py"}
    shape = re.compile(rf"^(dt\.|datetime\.)?(datetime|date)\.{call}$")

    assert {path for path in SOURCES for called in _calls(path) if shape.match(called)} <= allowed


def test_nobody_waits_for_or_reads_another_clock():
    found = {
        (path.name, call) for path in SOURCES for call in _calls(path) if call.startswith("time.")
    }

    assert {call for _, call in found} <= {"time.monotonic", "time.perf_counter"}


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if _furniture(p) in PURE], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_rules_and_commands_know_neither_web_nor_database(path):
    assert [name for name in _imports(path) if IMPURE.match(name)] == []


@pytest.mark.parametrize(
    "path",
    [p for p in SOURCES if _furniture(p) == "rules"],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_rules_are_told_the_time(path):
    assert [call for call in _calls(path) if call in {"clock.now", "now"}] == []


def test_printing_knows_nothing_of_the_house_but_its_errors():
    ours = {
        name
        for path in (PACKAGE / "printing").rglob("*.py")
        for name in _imports(path)
        if name.startswith("lab_contingency.") and not name.startswith("lab_contingency.printing")
    }

    assert {".".join(name.split(".")[:3]) for name in ours} <= {
        "lab_contingency.foundation",
        "lab_contingency.foundation.errors",
    }


def test_views_write_only_through_services():
    for path in SOURCES:
        if _furniture(path) == "views":
            called = set(_calls(path))
            assert not {
                c
                for c in called
                if re.search(r"(session\(\)|db\.session)\.(add|delete|execute)$", c)
            }, path


def test_models_are_plain():
    assert not [path for path in SOURCES if "db.Model" in path.read_text()]


def _files() -> list[Path]:
    folders = ("lab_contingency", "templates", "static/css", "static/js")
    kinds = {".py", ".html", ".css", ".js"}
    return [p for f in folders for p in (ROOT / f).rglob("*") if p.suffix in kinds]


def test_no_file_outgrows_a_reading():
    assert {p: n for p in _files() if (n := len(p.read_text().splitlines())) > MOST_LINES} == {}


TEXTS = {
    ".py",
    ".html",
    ".css",
    ".js",
    ".md",
    ".toml",
    ".ini",
    ".mako",
    ".txt",
    ".in",
    ".csv",
    ".yml",
    ".svg",
    "",
}
SKIPPED = {".git", ".venv", "instance", "vendor", "__pycache__", "node_modules"}


def _tree() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        yield from (ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file())
        return
    for path in ROOT.rglob("*"):
        if path.is_file() and not SKIPPED & set(path.relative_to(ROOT).parts):
            yield path


def test_the_tree_says_nothing_of_the_place_where_it_was_made():
    # Put together here, so that this file does not hold them.
    words = (
        "/" + "work/",
        "/" + "home/",
        "/" + "root/",
        "/" + "Users/",
        "/t" + "mp/",
        "clau" + "de",
        "anthro" + "pic",
        "chat" + "gpt",
        "co" + "pilot",
    )
    found = []
    for path in _tree():
        if path.suffix in TEXTS and "vendor" not in path.parts:
            text = path.read_text(errors="replace").casefold()
            found += [
                (str(path.relative_to(ROOT)), word) for word in words if word.casefold() in text
            ]

    assert found == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_what_is_installed_is_pinned_with_hashes(name):
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]

    assert len(lines) > 20
    for line in lines:
        assert re.match(r"^[\w.\[\]-]+==\S+( ;[^-]*)?\s+(--hash=sha256:[0-9a-f]{64}\s*)+$", line), (
            line[:80]
        )


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_everything_asked_for_is_among_the_pins(name):
    asked = (ROOT / f"{name}.in").read_text().splitlines()
    pinned = (ROOT / f"{name}.txt").read_text()

    for line in asked:
        wanted = re.sub(r"\s*[#;].*", "", line).strip()
        if wanted and not wanted.startswith("-"):
            package = re.split(r"[=\[]", wanted)[0].casefold().replace("_", "-")
            assert re.search(rf"^{re.escape(package)}(\[[^\]]*\])?==", pinned, re.MULTILINE), (
                package
            )


_SECRET_NAME = re.compile(
    r"(secret|passphrase|password|passwd|token|(api|private|secret)_?key)$", re.IGNORECASE
)
_LONG_RANDOM = re.compile(r"^(?:[0-9a-f]{32,}|[A-Za-z0-9+/_-]{40,}={0,2})$")
_PEM = "-----BEGIN"


def _constants(path: Path) -> Iterator[tuple[str, str]]:
    """Name (of the variable, keyword or key; '' for none) and text of every constant in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield from ((ast.unparse(each), _text(node.value)) for each in node.targets)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
            yield ast.unparse(node.target), _text(node.value)
        elif isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant):
            yield node.arg or "", _text(node.value)
        elif isinstance(node, ast.Constant):
            yield "", _text(node)


def _text(constant: ast.Constant) -> str:
    value = constant.value
    return value.decode("latin-1") if isinstance(value, bytes) else str(value or "")


def _looks_secret(name: str, text: str) -> bool:
    if name.casefold() == text.casefold() or len(set(text)) == len(text):
        return False  # a word that names itself; the signs of an alphabet
    named = bool(_SECRET_NAME.search(name.strip("'\"]"))) and len(text) > 5 and " " not in text
    mixed = len(set(text)) > 12 and any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    return named or _PEM in text or (bool(_LONG_RANDOM.match(text)) and mixed)


@pytest.mark.feature(74)
def test_no_key_passphrase_or_token_stands_in_the_source():
    found = {
        (path.relative_to(ROOT).as_posix(), name, text[:60])
        for path in [*SOURCES, ROOT / "wsgi.py"]
        for name, text in _constants(path)
        if _looks_secret(name, text)
    }

    assert found == set()


@pytest.mark.feature(74)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app.secret_key", "changeme-now"),
        ("app.config['SECRET_KEY']", "development"),
        ("PASSWORD", "hunter22"),
        ("", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c"),
        ("_ROOT", "bXkgdmVyeSBzZWNyZXQgcm9vdCBrZXkgb2YgMzIgYnl0ZXM0NTY3="),
        ("", "-----BEGIN PRIVATE KEY-----"),
    ],
)
def test_the_look_for_secrets_would_find_them(name, text):
    assert _looks_secret(name, text)
