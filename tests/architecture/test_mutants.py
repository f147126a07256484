"""Every check taken away, one at a time: the reviewed table or the probes of the scopes notice each."""

from __future__ import annotations

import pytest

from lab_contingency.foundation.web.access import PUBLIC, SIGNED_IN
from tests.architecture import matrix as matrices
from tests.architecture.matrix import IDENTITIES, Matrix, access_words, from_csv
from tests.architecture.mutants import sites, without
from tests.architecture.probes import probes, told
from tests.architecture.routes import SAFE, Route, routes


@pytest.fixture
def matrix(app, world):
    return matrices.make(app, world)


@pytest.fixture
def written(root):
    return from_csv((root / "docs" / "access-matrix.csv").read_text(encoding="utf-8"))


def _first_difference(matrix: Matrix, route: Route, row: dict[str, str]) -> str | None:
    """The first person who gets something else than the reviewed table says."""
    refused_first = sorted(IDENTITIES, key=lambda who: row[who] != "403")
    with matrices.nothing_kept():
        return next((w for w in refused_first if matrix._cell(route, w) != row[w]), None)


@pytest.mark.hazard("T6")
def test_every_permission_taken_away_is_noticed(app, matrix, written):
    behaving, declared, alive = [], [], []
    for route in routes(app):
        if route.access in (PUBLIC, SIGNED_IN):
            continue
        view = app.view_functions[route.endpoint]
        view.lab_access = SIGNED_IN
        try:
            mutant = Route(route.endpoint, route.method, SIGNED_IN, route.arguments)
            row = written[route.endpoint, route.method]
            if _first_difference(matrix, mutant, row):
                behaving.append(mutant)
            elif access_words(view.lab_access) != row["access"]:
                declared.append(route.endpoint)  # every role holds it: only the declaration differs
            else:
                alive.append(route.endpoint)
        finally:
            view.lab_access = route.access

    assert alive == [], "\n".join(alive)
    assert set(declared) == {"incidents.incident", "incidents.menu"}
    assert len(behaving) > 70


@pytest.mark.hazard("T6")
def test_every_scope_taken_away_is_noticed(matrix, world):
    asked = probes(matrix, world)
    expected = {name: told(probe) for name, probe in asked.items()}
    assert len(sites()) > 25
    assert expected == {name: told(probe) for name, probe in asked.items()}

    alive = []
    for site in sites():
        with without(site):
            if all(told(probe) == expected[name] for name, probe in asked.items()):
                alive.append(str(site))

    assert alive == [], "\n".join(alive)


def test_every_token_not_asked_for_is_noticed(app, matrix, written):
    protection = app.extensions["csrf"]
    killed = 0
    for route in routes(app):
        if route.method in SAFE:
            continue
        view = app.view_functions[route.endpoint]
        name = f"{view.__module__}.{view.__name__}"
        protection._exempt_views.add(name)
        try:
            with matrices.nothing_kept():
                assert matrix.token(route) != written[route.endpoint, route.method]["token"], route
            killed += 1
        finally:
            protection._exempt_views.discard(name)
    assert killed > 40


def test_tokens_switched_off_for_all_are_noticed(app, matrix, written):
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    try:
        with matrices.nothing_kept():
            for route in routes(app):
                if route.method not in SAFE:
                    row = written[route.endpoint, route.method]
                    assert matrix.token(route) != row["token"], route
    finally:
        app.config["WTF_CSRF_CHECK_DEFAULT"] = True
