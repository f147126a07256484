"""Jinja as the pages need it: escaping everywhere, loud about misspelt names, static files with their hash."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from flask import Flask, request, url_for
from jinja2 import ChainableUndefined, ChoiceLoader, FileSystemLoader, PackageLoader
from jinja2.utils import missing

from lab_contingency.foundation import wording
from lab_contingency.foundation.settings import ROOT
from lab_contingency.foundation.web.disclosure import NotingEnvironment

_NO_ID = uuid.UUID(int=0)
STATIC = ROOT / "static"


class HalfStrict(ChainableUndefined):
    """A misspelt top-level name fails; `a.b.c` may be quiet, as the design system's macros need it."""

    def __str__(self) -> str:
        if self._undefined_obj is missing:
            self._fail_with_undefined_error()
        return ""

    __html__ = __str__


def install(app: Flask) -> None:
    """Set up before anything touches `jinja_env`."""
    app.jinja_environment = NotingEnvironment
    app.jinja_options = {
        "autoescape": True,  # Flask's default leaves the macros' .jinja files unescaped
        "undefined": HalfStrict,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(ROOT / "templates"), PackageLoader("nhsuk_frontend_jinja")]
    )
    app.jinja_env.globals["static_url"] = static_url
    app.jinja_env.globals["address_of"] = address_of
    for name in (
        "date_text",
        "time_text",
        "day_time_text",
        "near_time_text",
        "full_time_text",
        "duration_text",
    ):
        app.jinja_env.filters[name] = getattr(wording, name)
    app.jinja_env.globals["count_text"] = wording.count_text
    app.jinja_env.globals["until_text"] = wording.until_text
    app.jinja_env.filters["and_text"] = wording.and_text


def static_url(name: str) -> str:
    """The file's address with a digest of its content, so that browsers may keep it for ever."""
    return _static_url(request.script_root, name)


@lru_cache(maxsize=256)
def _static_url(_root: str, name: str) -> str:
    """Kept for as long as the program runs: a page names a dozen files, and they do not change."""
    return url_for("static", filename=name, v=_digest(name))


def address_of(endpoint: str, name: str) -> Callable[[uuid.UUID], str]:
    """The addresses of one page for many ids, worked out once: a list of fifty rows asks for fifty.

    `name` is the id's name in the rule. In a template: `{% set page_of = address_of('a.b', 'c_id') %}`.
    """
    values: dict[str, Any] = {name: _NO_ID}
    before, _, after = url_for(endpoint, **values).partition(str(_NO_ID))
    return lambda held: f"{before}{held}{after}"


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def add_context(app: Flask, **providers: Any) -> None:
    """Make names available to every template; each provider is called once a page."""
    app.context_processor(lambda: {name: provide() for name, provide in providers.items()})
