"""Every read model that holds what was sealed says what its attributes tell of the patient, or stays off pages."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab_contingency.foundation.web.disclosure import declared_names, is_kept_off_pages

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lab_contingency"
SHAPES = ("*/queries.py", "*/queries/*.py", "*/*/queries.py", "*/*/queries/*.py")
QUERIES = sorted({path for shape in SHAPES for path in PACKAGE.glob(shape)})
# Not of patients: places, people, the catalogue, incidents, the record itself.
OTHER = {"places", "accounts", "catalogue", "incidents", "network", "audit"}

pytestmark = pytest.mark.feature(97)


def _modules() -> Iterator[tuple[Path, object]]:
    for path in QUERIES:
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[1] not in OTHER:
            yield path, importlib.import_module(".".join(parts).removesuffix(".__init__"))


def _classes(module: object) -> list[type]:
    name = module.__name__
    return [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if dataclasses.is_dataclass(kind)
        and kind.__module__ == name
        and not kind.__name__.startswith("_")
    ]


def _unseals(path: Path) -> bool:
    calls = (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id == "unseal" for call in calls)


def _is_settled(kind: type) -> bool:
    return declared_names(kind) is not None


ALL = [(path, kind) for path, module in _modules() for kind in _classes(module)]
WITH_TEXT = re.compile(r"\bstr\b")
NOT_OF_A_PATIENT = {
    "TubeChip", "CardLine", "CardGroup", "StripTube", "Strip", "PreparedName", "TypedPatient",
    "WardQueue", "Found", "Counts", "Chip", "Count", "Heads", "Place", "QueueTube", "Suggestion",
    "Answer", "Destination", "QueueView", "Filter", "Waiting", "Snapshot", "Duty", "TestBench",
    "CallState", "Whose", "Change", "TubePlace", "ExportView", "LeavingView", "MatchLine", "CheckpointView", "RecordFilter", "Person", "Noted",
    "PackView", "KeyedNow", "PictureView", "PartnerList", "Rung",
    "Load", "LastEnquiry", "WardRound",
    "Hand",
}  # fmt: skip


@pytest.mark.parametrize(
    "kind", [k for p, k in ALL if _unseals(p)], ids=lambda k: f"{k.__module__}.{k.__name__}"
)
def test_where_something_is_unsealed_every_read_model_is_declared(kind):
    texts = [f for f in dataclasses.fields(kind) if WITH_TEXT.search(str(f.type))]
    assert _is_settled(kind) or kind.__name__ in NOT_OF_A_PATIENT or not texts, (
        f"say with @discloses what {kind.__name__} tells of whom, or keep it off pages"
    )


@pytest.mark.parametrize(
    "kind",
    [k for _, k in ALL if _is_settled(k) and not is_kept_off_pages(k)],
    ids=lambda k: f"{k.__module__}.{k.__name__}",
)
def test_a_declared_read_model_speaks_of_every_text_it_has(kind):
    hints = {f.name: str(f.type) for f in dataclasses.fields(kind)}
    for name, held in inspect.getmembers(kind, lambda each: isinstance(each, property)):
        hints[name] = str(typing.get_type_hints(held.fget).get("return"))
    texts = {name for name, hint in hints.items() if re.search(r"\bstr\b", hint)}

    assert texts - declared_names(kind) == set()


@pytest.mark.parametrize("kind", [k for _, k in ALL], ids=lambda k: f"{k.__module__}.{k.__name__}")
def test_what_holds_a_patients_read_model_says_what_its_own_texts_tell(kind):
    """A text beside a patient was made of something: it tells of them, or it is said that it does not."""
    held = {name for f in dataclasses.fields(kind) for name in re.findall(r"\w+", str(f.type))}
    declared = {k.__name__ for _, k in ALL if _is_settled(k)}
    texts = [f.name for f in dataclasses.fields(kind) if WITH_TEXT.search(str(f.type))]

    if held & declared and texts and kind.__name__ not in NOT_OF_A_PATIENT:
        assert _is_settled(kind), texts


def test_no_template_reaches_past_the_noting():
    for path in (ROOT / "templates").rglob("*.html"):
        source = path.read_text()
        assert not re.search(
            r"\|\s*attr\b|\.identity\b|\.value\.(words|text|comment|reason)", source
        ), path


def test_every_row_of_the_database_stays_behind_the_read_models():
    """What a view hands to a template is never an object of the database."""
    found = [*PACKAGE.glob("*/views*"), *PACKAGE.glob("*/*/views*")]
    for path in (each for each in found if each.parent.name not in ("queries", "__pycache__")):
        for file in [path] if path.is_file() else path.glob("*.py"):
            assert ".models import" not in file.read_text(), file
