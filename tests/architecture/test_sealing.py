"""Rules about what is sealed: every sealed record can be found and sealed anew, every memory of it emptied."""

from __future__ import annotations

import ast

from sqlalchemy import String, Text, Uuid

from lab_contingency.foundation.database import append_only, db
from lab_contingency.foundation.database.sealed_columns import indexed_tables, sealed_columns
from lab_contingency.storeys import import_models
from tests.architecture.test_source import PACKAGE, SOURCES

import_models()
# Caches whose values hold nothing that was opened: lay-out, catalogue, places.
HOLD_NOTHING_OPENED = {
    "_counting",
    "_known_uuid",
    "_static_url",
    "_digest",
    "_dots_of_letter",
    "_letter_reach",
    "_listed",
    "_nobody",
    "_chip",
    "_outline",
    "_places_of_bits",
    "_powers_of_two",
    "_read",
    "_row_of_squares",
    "_stretches",
    "_squares_of_frame",
    "_squares_of_pair",
    "card_form_class",
    "catalogue",
    "face_of",
    "regular",
    "typeface",
    "widths",
}


def _tables_sealed_in_the_source() -> set[str]:
    """The models whose name is handed to `seal()`, and that the result goes nowhere but into `sealed`."""
    found = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        constants = {
            target.id: ast.unparse(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "seal":
                said = ast.unparse(node.args[0])
                found.add(constants.get(said, said).removesuffix(".__tablename__"))
    return found


def test_every_table_that_is_sealed_is_found_for_sealing_anew():
    listed = {each.table for each in sealed_columns(db.metadata)}
    models = {mapper.class_.__name__: mapper.local_table for mapper in _mappers()}
    sealed = _tables_sealed_in_the_source()

    assert len(sealed) > 10
    assert {name for name in sealed if models[name] not in listed} == set()


def test_a_sealed_record_goes_into_a_column_named_sealed_and_nowhere_else():
    astray = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            holds = getattr(node, "value", None)
            if holds is None or not _is_seal(holds):
                continue
            if isinstance(node, ast.keyword) and node.arg == "sealed":
                continue
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            if isinstance(target, ast.Attribute) and target.attr == "sealed":
                continue
            if isinstance(node, ast.Return):  # a helper whose caller is looked at by its name
                continue
            astray.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")

    assert astray == []


def _is_seal(node: ast.AST) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_seal(node.body) or _is_seal(node.orelse)
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "seal"


def _mappers():
    from lab_contingency.foundation.database import Base

    return Base.registry.mappers


def test_a_sealed_table_is_bound_to_one_uuid():
    for each in sealed_columns(db.metadata):
        assert isinstance(each.id.type, Uuid), each.table.name
        assert isinstance(each.sealed.type, String | Text), each.table.name


def test_every_append_only_table_lets_its_sealed_record_and_nothing_else_be_sealed_anew():
    for each in sealed_columns(db.metadata):
        kept = append_only.protected_columns(each.table.name)
        if kept is not None:
            assert "sealed" not in kept
            assert kept, each.table.name


def test_every_blind_index_is_found_for_making_anew():
    kept = {
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_index")
    }
    found = {
        f"{each.record.table.name}.{column.name}"
        for each in indexed_tables(db.metadata)
        for column in each.columns
    }

    # A wrong guess counts for five minutes only; it is not worth making anew.
    assert kept - found == {"failed_sign_in.name_index"}


def test_every_memory_of_opened_records_is_emptied_when_the_node_is_sealed():
    emptied = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            names = [ast.unparse(each).partition("(")[0] for each in node.decorator_list]
            if {"cache", "lru_cache"} & set(names) and node.name not in HOLD_NOTHING_OPENED:
                assert names[0] == "forgotten_when_sealed", f"{path.name}: {node.name}"
                emptied.append(node.name)
    assert emptied
