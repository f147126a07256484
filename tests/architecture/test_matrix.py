"""Who gets what, compared with the reviewed table, for every address, method and kind of person."""

from __future__ import annotations

import pytest

from tests.architecture import matrix as matrices
from tests.architecture.matrix import IDENTITIES, PEOPLE, as_csv, differences, from_csv
from tests.architecture.routes import routes


@pytest.fixture
def matrix(app, world):
    return matrices.make(app, world)


@pytest.fixture
def written(root):
    return from_csv((root / "docs" / "access-matrix.csv").read_text(encoding="utf-8"))


@pytest.mark.hazard("T6")
def test_everybody_gets_what_the_reviewed_table_says(matrix, written):
    found = differences(written, matrix.table())

    assert found == [], "\n".join(
        ["Wrong, or a change of access: python docs/access_matrix.py writes it anew.", *found]
    )


def test_the_table_is_written_in_one_order_with_every_address(app, root, written):
    text = (root / "docs" / "access-matrix.csv").read_text(encoding="utf-8")

    assert as_csv(written) == text
    assert set(written) == {(route.endpoint, route.method) for route in routes(app)}


def test_a_difference_says_which_line_and_what(written):
    key = ("results.read", "GET")
    other = {**written, key: {**written[key], "porter": "page"}}

    assert differences(written, other) == [
        "results.read GET, porter: the file says '403', the application 'page'"
    ]
    assert differences({}, {key: written[key]}) == ["results.read GET: not in the file"]
    assert differences(written, {}) != []


def test_nobody_without_a_sign_in_that_stands_gets_anything_of_a_patient(written):
    for row in written.values():
        if row["access"] != "public":
            assert {row[who] for who in ("anonymous", "ended", "disabled")} == {"sign-in"}, row


def test_a_look_opens_pages_that_show_and_no_action(written):
    """Of King's request the other site's doctor gets more when looking: these two pages, nothing else."""
    opened = {
        key
        for key, row in written.items()
        if row["looking"] != row["other site"] and not key[0].startswith("tracking.look")
    }

    assert opened - {("tracking.end_look", "POST")} == {
        ("results.read", "GET"),
        ("tracking.request", "GET"),
    }


def test_no_form_is_taken_without_its_token(written):
    for (endpoint, method), row in written.items():
        assert row["token"] == ("" if method == "GET" else "needed"), endpoint


def test_the_columns_are_people_of_the_world(world):
    assert set(PEOPLE.values()) <= set(world.people)
    assert IDENTITIES[0] == "anonymous"
