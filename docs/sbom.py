"""The list of what is installed, made from the pins: `python docs/sbom.py` writes docs/sbom.json (CycloneDX 1.6)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_VENDORED = re.compile(
    r"^\| `([^`]+\.(?:css|js|wasm))` \| ([\w.-]+)[^|]*\| ([^ |]+) \| ([^ |]+) \| `([0-9a-f]{64})`",
    re.MULTILINE,
)


def text() -> str:
    """The file as it should stand."""
    components = [*_packages(), *_vendored()]
    made = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}
    return json.dumps(made, indent=1, sort_keys=True) + "\n"


def _packages() -> list[dict[str, Any]]:
    """Names and versions; the hashes of the files that may be installed stand beside the pins."""
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return [
        {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{version}",
        }
        for name, version in _PIN.findall(pins)
    ]


def _vendored() -> list[dict[str, Any]]:
    listed = (ROOT / "static" / "vendor" / "VENDORED.md").read_text(encoding="utf-8")
    return [
        {
            "type": "library",
            "name": name,
            "version": version,
            "description": f"static/vendor/{file}",
            "licenses": [{"license": {"id": licence}}],
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }
        for file, name, version, licence, digest in _VENDORED.findall(listed)
    ]


if __name__ == "__main__":
    (ROOT / "docs" / "sbom.json").write_text(text(), encoding="utf-8")
