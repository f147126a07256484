"""Documents that are made from the code, or name files of it, are true."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest


def test_the_table_of_statuses_is_the_one_in_the_code(root):
    spec = importlib.util.spec_from_file_location("statuses", root / "docs" / "statuses.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (root / "docs" / "statuses.md").read_text(encoding="utf-8") == module.text()


@pytest.fixture(scope="module")
def papers():
    root = Path(__file__).resolve().parents[2]
    spec = importlib.util.spec_from_file_location("papers", root / "docs/pictures/papers.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["papers"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_page_of_papers_is_the_one_the_command_writes(root, papers):
    assert (root / "docs" / "paper.md").read_text(encoding="utf-8") == papers.text()
    taken = {file.stem for file in papers.FOLDER.glob("*.png")}
    assert taken == {paper.file for paper in papers.PAPERS}


def test_every_paper_that_can_be_drawn_has_its_picture(root, papers):
    """A new function `…_pdf` of the printing storey needs its entry: a sentence and a picture."""
    drawn = {
        name
        for file in (root / "lab_contingency" / "printing").rglob("*.py")
        for name in re.findall(
            r"^def ([a-z]\w*_pdf)\(", file.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    shown = {name for paper in papers.PAPERS for name in paper.draw.__code__.co_names}
    one_or_many = {"request_forms_pdf"}  # the same form as request_form_pdf
    assert drawn - one_or_many <= shown


@pytest.mark.parametrize("document", ["docs/architecture.md", "README.md", "CONTRIBUTING.md"])
def test_a_document_names_only_files_that_exist(root, document):
    text = (root / document).read_text(encoding="utf-8")
    named = re.findall(
        r"`((?:docs|lab_contingency|tests|migrations|static|templates)/[\w./-]+)`", text
    )
    assert [name for name in named if not (root / name).exists()] == []


def test_every_decision_has_its_own_number(root):
    numbers = [file.name[:4] for file in (root / "docs" / "adr").glob("*.md")]
    assert len(numbers) == len(set(numbers)) >= 11


def test_the_test_command_of_the_readme_is_the_one_that_runs_on_a_clean_machine(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    command = readme.split("<!-- the test command -->")[1].split("<!-- end -->")[0].strip()
    assert " -m pytest" in command
    assert "<!-- the test command -->" in (root / ".ci" / "run").read_text(encoding="utf-8")


def test_every_vendored_file_stands_in_the_list_with_its_hash(root):
    import hashlib

    listed = (root / "static" / "vendor" / "VENDORED.md").read_text(encoding="utf-8")
    files = [
        f
        for f in (root / "static" / "vendor").rglob("*")
        if f.is_file() and f.suffix in {".css", ".js", ".wasm"}
    ]
    assert files
    assert [f.name for f in files if hashlib.sha256(f.read_bytes()).hexdigest() not in listed] == []
