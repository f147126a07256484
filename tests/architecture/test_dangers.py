"""What the source must not do, found by reading it: other programs, foreign addresses, weak cryptography."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*sorted((ROOT / "lab_contingency").rglob("*.py")), ROOT / "wsgi.py"]
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
RUNS_OR_MAKES = {
    "subprocess", "pty", "pickle", "marshal", "shelve", "dill", "yaml", "xml", "lxml", "runpy", "code",
    "ctypes", "cffi",
}  # fmt: skip
# The one place that runs another program: words in a list, of which the one that a person typed is checked.
PRINT_COMMAND = "lab_contingency/specimens/station/lines/command.py"
CALLS = {"eval", "exec", "compile", "__import__", "system", "popen", "execv", "execve", "spawnv", "startfile"}  # fmt: skip
ASKS = {"urllib.request", "http.client", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "telnetlib", "urllib3"}  # fmt: skip
CRYPTOGRAPHY = {"cryptography", "argon2", "hashlib", "hmac", "secrets", "ssl", "pyotp"}
OTHER_CRYPTOGRAPHY = {"Crypto", "Cryptodome", "nacl", "rsa", "passlib", "bcrypt", "jwt", "jose", "OpenSSL", "M2Crypto"}  # fmt: skip
# Made in loops over words that stand in the same file.
MADE_OF_OUR_WORDS = {
    "lab_contingency/catalogue/rules/judging.py",
    "lab_contingency/results/rules/calls.py",
}
SECRETS = re.compile(r"(^|_)(passphrase|pin|token|mac|secret|signature|hash)(_|$)")


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for path in SOURCES:
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _imported(unwanted: set[str]) -> list[tuple[str, str]]:
    return [
        (file, name)
        for file, tree in _trees()
        for name in _imports(tree)
        if name in unwanted or name.partition(".")[0] in unwanted
    ]


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    for file, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield file, ast.unparse(node.func), node


def test_the_program_runs_the_print_command_and_no_other_and_makes_no_object_of_what_it_reads():
    assert _imported(RUNS_OR_MAKES) == [(PRINT_COMMAND, "subprocess")]
    source = (ROOT / PRINT_COMMAND).read_text(encoding="utf-8")
    assert "shell" not in re.sub(r'"""[\s\S]*?"""', "", source)
    assert source.count("subprocess.run(") == 1
    found = [
        (file, name)
        for file, name, _ in _calls()
        if name in CALLS or (name.startswith("os.") and name.rpartition(".")[2] in CALLS)
    ]
    assert found == []


def test_the_program_asks_no_address():
    assert _imported(ASKS) == []
    asked = [
        (file, name)
        for file, name, _ in _calls()
        if name.endswith((".create_connection", ".urlopen")) or name == "urlopen"
    ]
    assert asked == []


def test_no_template_is_made_of_text():
    made = [
        (file, name)
        for file, name, _ in _calls()
        if name.endswith(("render_template_string", ".from_string")) or name == "Template"
    ]
    assert made == []


def test_no_pattern_is_made_of_what_somebody_typed():
    """Each pattern is a literal, made of names of the module in capitals, or of a function that takes nothing."""
    for file, name, call in _calls():
        if name in {"re.compile", "re.match", "re.fullmatch", "re.search", "re.sub", "re.split"}:
            pattern = call.args[0]
            if file in MADE_OF_OUR_WORDS or (isinstance(pattern, ast.Call) and not pattern.args):
                continue
            for part in ast.walk(pattern):
                if isinstance(part, ast.Name):
                    fixed = part.id.strip("_").isupper() or part.id == "re"
                    assert fixed, (file, ast.unparse(call))


def test_cryptography_comes_from_the_two_libraries_only():
    assert _imported(OTHER_CRYPTOGRAPHY) == []
    modes = re.compile(r"\b(modes\.|ECB|CBC|PKCS1v15|TripleDES|ARC4|Blowfish|algorithms\.AES\b)")
    text = {file.name: file.read_text(encoding="utf-8") for file in SOURCES}
    assert [name for name, source in text.items() if modes.search(source)] == []


def test_no_broken_hash_is_used():
    broken = re.compile(r"\b(md5|sha1|SHA1|MD5|md4)\b")
    found = [(file, name) for file, name, _ in _calls() if broken.search(name)]
    assert found == []


def test_randomness_comes_from_the_systems_source():
    drawing = [
        (file, name)
        for file, tree in _trees()
        if not file.startswith("lab_contingency/rehearsal/")  # invented patients
        if file != "lab_contingency/audit/chains.py"  # which of sixteen equal chains
        for name in _imports(tree)
        if name.partition(".")[0] == "random"
    ]
    assert drawing == []


def test_secrets_are_not_compared_by_signs():
    """Two values that only who knows them may have are compared by `hmac.compare_digest`, or by a library."""
    found = []
    for file, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                left, right = node.left, node.comparators[0]
                names = [
                    part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "")
                    for part in (left, right)
                ]
                if all(SECRETS.search(name) for name in names):
                    found.append((file, ast.unparse(node)))
    assert found == []


def test_no_script_listens_to_messages_of_other_windows():
    """The one channel between windows is a BroadcastChannel, which no other origin can join."""
    listening = re.compile(r"addEventListener\([\"']message[\"']|onmessage|postMessage\(")
    unwanted = re.compile(r"document\.domain|window\.name|innerHTML|\beval\(")
    for file in SCRIPTS:
        text = file.read_text(encoding="utf-8")
        assert unwanted.findall(text) == [], file.name
        for line in text.splitlines():
            if listening.search(line):
                assert re.search(r"\bchannel\b", line), (file.name, line)
        if listening.search(text):
            assert "new BroadcastChannel(" in text


def test_browsers_store_nothing_but_the_switch_of_keys():
    stores = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.")
    kept = re.compile(r"localStorage\.(?:getItem|setItem|removeItem)\(SWITCH\b")
    for file in SCRIPTS:
        text = file.read_text(encoding="utf-8")
        assert len(stores.findall(text)) == len(kept.findall(text)), file.name
