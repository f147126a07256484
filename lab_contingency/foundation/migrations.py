"""Alembic, set up so that a failed migration leaves nothing behind and types need no imports.

`op.make_append_only(table)` adds the triggers of `database.append_only`; autogenerate writes it for
every new table that its model protects.
"""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import renderers
from alembic.operations import MigrateOperation, Operations, ops
from flask import Flask
from flask_migrate import Migrate, upgrade
from sqlalchemy.types import TypeDecorator

from lab_contingency.foundation.database import append_only, db
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


def _render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Types of ours are written as the type they are stored as."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


@Operations.register_operation("make_append_only")
class MakeAppendOnly(MigrateOperation):
    """Triggers that refuse to change or delete the rows of one table."""

    def __init__(self, table: str) -> None:
        self.table = table

    @classmethod
    def make_append_only(cls, operations: Operations, table: str) -> None:
        """`op.make_append_only("audit_event")`."""
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
    for statement in append_only.statements(operation.table, operations.get_bind().dialect.name):
        operations.execute(statement)


@Operations.implementation_for(DropRefusals)
def _drop_refusals(operations: Operations, _operation: DropRefusals) -> None:
    if operations.get_bind().dialect.name == "postgresql":
        operations.execute("DROP FUNCTION refuse_change()")


@renderers.dispatch_for(MakeAppendOnly)
def _render_make_append_only(_context: Any, operation: MakeAppendOnly) -> str:
    return f'op.make_append_only("{operation.table}")'


@renderers.dispatch_for(DropRefusals)
def _render_drop_refusals(_context: Any, _operation: DropRefusals) -> str:
    return "op.drop_refusals()"


def add_append_only(_context: Any, revision: Any, directives: list[Any]) -> None:
    """Let autogenerate write the triggers of new tables; a revision that changes nothing is left out."""
    script = directives[0]
    if script.upgrade_ops.is_empty():
        directives.clear()
        return
    new = [each for each in script.upgrade_ops.ops if isinstance(each, ops.CreateTableOp)]
    held = db.metadata.tables
    protected = [each.table_name for each in new if append_only.is_protected(held[each.table_name])]
    script.upgrade_ops.ops.extend(MakeAppendOnly(name) for name in protected)
    if protected and not any(revision):
        script.downgrade_ops.ops.append(DropRefusals())
