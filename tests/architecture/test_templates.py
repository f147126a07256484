"""Rules about the templates and what they load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
COMMENTS = re.compile(r"{#.*?#}", re.DOTALL)


def _name(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


def _source(path: Path) -> str:
    return COMMENTS.sub("", path.read_text())


def _is_page(path: Path) -> bool:
    return "{% extends" in _source(path)


PAGES = [path for path in FILES if _is_page(path)]
# Components are a kit: one that no page uses yet is no mistake.
PARTS = [
    path
    for path in FILES
    if not _is_page(path) and path.parent not in (TEMPLATES, TEMPLATES / "components")
]


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_every_template_compiles(app, path):
    app.jinja_env.get_template(_name(path))


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_a_page_stands_in_the_frame_and_has_a_title(path):
    source = _source(path)

    assert re.search(r"{% extends ['\"][\w/]+\.html['\"] %}", source)
    assert "{% block title %}" in source or "base.html" not in source


@pytest.mark.parametrize("path", PARTS, ids=_name)
def test_what_is_no_page_is_part_of_one_or_fetched_for_one(path):
    name = _name(path)
    sources = [_source(other) for other in FILES if other != path]
    views = "".join(p.read_text() for p in (ROOT / "lab_contingency").rglob("*.py"))

    assert any(name in source for source in sources) or f'"{name}"' in views


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_no_template_holds_style_script_or_unescaped_text(path):
    source = _source(path)

    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"\|\s*safe\b|autoescape false|Markup", source)


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_every_form_that_is_sent_carries_its_token(path):
    for form in re.findall(r"<form\b.*?</form>", _source(path), re.DOTALL):
        if 'method="post"' in form:
            assert "csrf_token" in form or "hidden(" in form or "hidden_tag()" in form, form[:120]


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_every_static_file_that_is_named_is_there(path):
    for name in re.findall(r"static_url\('([^']+)'\)", _source(path)):
        assert (ROOT / "static" / name).is_file(), name


def test_nothing_is_loaded_from_elsewhere():
    for path in [
        *FILES,
        *(ROOT / "static" / "css").glob("*.css"),
        *(ROOT / "static" / "js").glob("*.js"),
    ]:
        addresses = re.findall(r"https?://[^\s'\")]+", path.read_text())
        assert [a for a in addresses if not a.startswith("http://www.w3.org/")] == [], path


def test_every_page_of_a_view_exists():
    for path in (ROOT / "lab_contingency").rglob("*.py"):
        for name in re.findall(r"render_template\(\s*\"([^\"]+)\"", path.read_text()):
            assert (TEMPLATES / name).is_file(), (path, name)


def test_words_for_people_neither_shout_nor_apologise():
    for path in FILES:
        text = re.sub(r"{[{%].*?[%}]}|<[^>]+>", " ", _source(path), flags=re.DOTALL)
        assert not re.search(
            r"\b(sorry|oops|please|invalid|successfully)\b|\w!(\s|$)", text, re.IGNORECASE
        ), _name(path)
