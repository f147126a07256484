"""PostgreSQL's own log repeats no values: switched off where the role may, read back at the start."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
import sqlalchemy
from sqlalchemy import Engine, event

from lab_contingency.foundation.database import engine as engines
from lab_contingency.foundation.errors import StartRefused

ROLE = "plain_program"


@pytest.fixture
def opened(postgresql) -> Iterator[Callable[..., Engine]]:
    """An engine with our settings; with `plain`, as a role that is no superuser."""
    made: list[Engine] = []
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {ROLE}")
        connection.execute(f"CREATE ROLE {ROLE}")

    def engine(*, plain: bool = False, spoil: tuple[str, ...] = ()) -> Engine:
        url = postgresql.replace("postgresql://", "postgresql+psycopg://")
        options = {"options": f"-c role={ROLE}"} if plain else {}
        one = sqlalchemy.create_engine(url, connect_args=options)
        engines.attach(one)

        def spoilt(connection, _record) -> None:
            for each in spoil:
                connection.execute(each)
            connection.commit()

        event.listen(one, "connect", spoilt)
        made.append(one)
        return one

    yield engine
    for one in made:
        one.dispose()
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"DROP ROLE {ROLE}")


def _held(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        return {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in engines.POSTGRESQL_QUIET
        }


def test_a_superusers_connections_are_quiet(opened):
    engine = opened()

    assert _held(engine) == engines.POSTGRESQL_QUIET
    engines.check_settings(engine)


def test_a_plain_role_is_quiet_where_it_may_and_starts(opened):
    engine = opened(plain=True)

    held = _held(engine)
    assert held["log_parameter_max_length_on_error"] == "0"
    assert held["log_error_verbosity"] == "default"
    engines.check_settings(engine)


@pytest.mark.hazard("T02")
@pytest.mark.parametrize(
    "spoil",
    [
        ("SET log_parameter_max_length = -1", "SET log_statement = 'all'"),
        ("SET log_parameter_max_length = -1", "SET log_min_duration_statement = 500"),
        ("SET log_parameter_max_length_on_error = -1",),
    ],
)
def test_a_server_that_would_log_values_stops_the_start(opened, spoil):
    with pytest.raises(StartRefused, match="values of statements"):
        engines.check_settings(opened(spoil=spoil))


def test_statements_may_be_logged_without_their_values(opened):
    engines.check_settings(opened(spoil=("SET log_statement = 'all'",)))
