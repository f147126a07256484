"""Alembic, set up so that a failed migration leaves nothing behind and types need no imports.

`op.make_append_only(table)` adds the triggers of `database.append_only`, `op.make_sealed_append_only(table)`
the one for sealed records; autogenerate writes them for every new table that its model protects.
`op.drop_append_only(table)` takes all of them away, to be made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations
from alembic.operations.ops import CreateTableOp, MigrationScript
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import Migrate, upgrade
from sqlalchemy import JSON, Column
from sqlalchemy.types import TypeDecorator

from lab_contingency.foundation.database import append_only, db
from lab_contingency.foundation.database.sealed_columns import SEALED
from lab_contingency.foundation.settings import ROOT

FOLDER = ROOT / "migrations"
_migrate = Migrate()


def install(app: Flask) -> None:
    """Make `flask db …` work."""
    _migrate.init_app(
        app,
        db,
        directory=str(FOLDER),
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
        render_item=_render_item,
    )


def bring_up_to_date() -> None:
    """Run all migrations that the database lacks."""
    upgrade(directory=str(FOLDER))


def _render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Types of ours are written as the type they are stored as."""
    if kind != "type":
        return False
    if isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    if isinstance(item, JSON):  # Alembic would leave out an import
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


@Operations.register_operation("make_append_only")
class MakeAppendOnly(MigrateOperation):
    """Triggers that refuse to change or delete the rows of one table."""

    def __init__(self, table: str, columns: Sequence[str] = ()) -> None:
        self.table = table
        self.columns = tuple(columns)

    @classmethod
    def make_append_only(
        cls, operations: Operations, table: str, columns: Sequence[str] = ()
    ) -> None:
        """`op.make_append_only("audit_event")`."""
        operations.invoke(cls(table, columns))


@Operations.register_operation("make_sealed_append_only")
class MakeSealedAppendOnly(MigrateOperation):
    """The trigger that lets a sealed record only be sealed anew with another key."""

    def __init__(self, table: str) -> None:
        self.table = table

    @classmethod
    def make_sealed_append_only(cls, operations: Operations, table: str) -> None:
        """`op.make_sealed_append_only("slip")`."""
        operations.invoke(cls(table))


@Operations.register_operation("drop_append_only")
class DropAppendOnly(MigrateOperation):
    """All triggers of one table, to be made anew in the same migration."""

    def __init__(self, table: str) -> None:
        self.table = table

    @classmethod
    def drop_append_only(cls, operations: Operations, table: str) -> None:
        """`op.drop_append_only("slip")`."""
        operations.invoke(cls(table))


@Operations.register_operation("drop_refusals")
class DropRefusals(MigrateOperation):
    """What the triggers called, once the last of their tables is gone."""

    @classmethod
    def drop_refusals(cls, operations: Operations) -> None:
        """`op.drop_refusals()`."""
        operations.invoke(cls())


@Operations.implementation_for(MakeAppendOnly)
def _make_append_only(operations: Operations, operation: MakeAppendOnly) -> None:
    dialect = operations.get_bind().dialect.name
    for statement in append_only.statements(operation.table, dialect, operation.columns):
        operations.execute(statement)


@Operations.implementation_for(MakeSealedAppendOnly)
def _make_sealed_append_only(operations: Operations, operation: MakeSealedAppendOnly) -> None:
    dialect = operations.get_bind().dialect.name
    for statement in append_only.sealed_statements(operation.table, dialect):
        operations.execute(statement)


@Operations.implementation_for(DropAppendOnly)
def _drop_append_only(operations: Operations, operation: DropAppendOnly) -> None:
    dialect = operations.get_bind().dialect.name
    for statement in append_only.removals(operation.table, dialect):
        operations.execute(statement)


@Operations.implementation_for(DropRefusals)
def _drop_refusals(operations: Operations, _operation: DropRefusals) -> None:
    if operations.get_bind().dialect.name == "postgresql":
        operations.execute("DROP FUNCTION refuse_change()")


@renderers.dispatch_for(MakeAppendOnly)
def _render_make_append_only(_context: AutogenContext, operation: MakeAppendOnly) -> str:
    more = f", {list(operation.columns)!r}" if operation.columns else ""
    return f'op.make_append_only("{operation.table}"{more})'


@renderers.dispatch_for(MakeSealedAppendOnly)
def _render_sealed(_context: AutogenContext, operation: MakeSealedAppendOnly) -> str:
    return f'op.make_sealed_append_only("{operation.table}")'


@renderers.dispatch_for(DropRefusals)
def _render_drop_refusals(_context: AutogenContext, _operation: DropRefusals) -> str:
    return "op.drop_refusals()"


def add_append_only(
    _context: MigrationContext, revision: Sequence[str | None], directives: list[MigrationScript]
) -> None:
    """Let autogenerate write the triggers of new tables."""
    script = directives[0]
    forwards, backwards = script.upgrade_ops, script.downgrade_ops
    if forwards is None or backwards is None:
        return
    made = [each for each in forwards.ops if isinstance(each, CreateTableOp)]
    new = [each.table_name for each in made]
    found = {name: append_only.protected_columns(name) for name in new}
    protected = {name: columns for name, columns in found.items() if columns is not None}
    forwards.ops.extend(MakeAppendOnly(name, columns) for name, columns in protected.items())
    sealed = {
        each.table_name
        for each in made
        if SEALED in {c.name for c in each.columns if isinstance(c, Column)}
    }
    forwards.ops.extend(MakeSealedAppendOnly(name) for name in protected if name in sealed)
    if protected and not any(revision):
        backwards.ops.append(DropRefusals())
