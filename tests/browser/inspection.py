"""What must be true of every page a person is shown: axe finds nothing, nothing has to be scrolled sideways."""

from __future__ import annotations

import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (1280, 390)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BREADTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
_WIPE = "() => document.querySelectorAll('[style=\"\"]').forEach(e => e.removeAttribute('style'))"
_TOO_WIDE = """() => [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(e => e.tagName + '.' + e.className).slice(0, 5).join(', ')"""


class Inspector:
    """Looks each kind of page over once, at the width of a desk and of a telephone.

    With script off axe never ends, for it waits for timers of the page: then the breadth alone is looked at.
    """

    def __init__(self, shots: Path | None, *, script: bool = True) -> None:
        self._script = script
        self.seen: set[str] = set()
        self._axe = Axe()
        self._shots = shots

    def look_over(self, page: Page, *, about: str = "") -> None:
        """Fail with what is wrong; `about` tells two states of one page apart."""
        name = self._name(page, about)
        if name in self.seen:
            return
        self.seen.add(name)
        size = page.viewport_size
        problems = [problem for width in WIDTHS for problem in self._at(page, name, width)]
        if size:
            page.set_viewport_size(size)
        assert not problems, f"{name}: " + "\n".join(problems)

    def _name(self, page: Page, about: str) -> str:
        path = page.url.split("://", 1)[1].partition("/")[2].split("?")[0]
        refused = "-refused" if page.locator(".error-summary, .field-error").count() else ""
        words = re.sub(r"[^a-z-]+", "-", _ID.sub("id", path)).strip("-") or "home"
        return f"{words}{'-' + about if about else ''}{refused}"

    def _at(self, page: Page, name: str, width: int) -> list[str]:
        page.set_viewport_size({"width": width, "height": 900})
        found = self._axe.run(page).response["violations"] if self._script else []
        problems = [
            f"at {width} axe {each['id']}: {each['help']}: {node['target']} {node['html'][:160]}"
            for each in found
            for node in each["nodes"][:3]
        ]
        needed, there = page.evaluate(_BREADTHS)
        if needed > there:
            problems.append(f"at {width} it scrolls sideways: {page.evaluate(_TOO_WIDE)}")
        if self._shots:
            self._shots.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self._shots / f"{name}-{width}.png", full_page=True)
        page.evaluate(_WIPE)  # looking leaves empty style attributes behind, which no page may have
        return problems
