"""Every state is a word of governance, in the database too, and changes only through governance's tables."""

import ast
import re
from enum import StrEnum

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import CheckConstraint, Field

from overlays.governance.actor import ActorKind
from overlays.governance.events import Event
from overlays.governance.vocabulary import Decision, ModelStatus, Purpose, ReviewState, Verification
from tests.architecture.tree import modules, name_of, tree

VOCABULARY_OF: dict[str, type[StrEnum]] = {
    "AuditEntry.event": Event,
    "AuditEntry.actor_kind": ActorKind,
    "ModelVersion.status": ModelStatus,
    "ModelStatusChange.before": ModelStatus,
    "ModelStatusChange.after": ModelStatus,
    "OverlayVersion.review_state": ReviewState,
    "OverlayVersion.verification": Verification,
    "RenderDecision.purpose": Purpose,
    "Review.decision": Decision,
    "Launch.purpose": Purpose,
}
"""Every column that holds a word of a vocabulary."""

FIELDS: dict[str, Field] = {
    f"{model.__name__}.{field.name}": field
    for model in apps.get_app_config("overlays").get_models()
    for field in model._meta.concrete_fields
}

FIRST_STATES = {ReviewState.VALIDATING, ReviewState.PENDING, ReviewState.QUARANTINED}
STORES = ("overlays.services.store_version", "_create")
LOOKS_UP = "overlays.services.verify_sources"


def test_every_column_with_choices_has_its_vocabulary():
    assert {name for name, field in FIELDS.items() if field.choices} == set(VOCABULARY_OF)


def _words(constraint: CheckConstraint, field: str) -> set[str]:
    ((lookup, words),) = constraint.condition.children
    assert (lookup, constraint.condition.negated) == (f"{field}__in", False)
    return set(words)


@pytest.mark.parametrize("column", VOCABULARY_OF)
def test_the_check_constraint_is_the_vocabulary(column):
    field, words = FIELDS[column], {str(word) for word in VOCABULARY_OF[column]}
    wanted = f"_{field.name}_known"
    (check,) = [each for each in field.model._meta.constraints if each.name.endswith(wanted)]
    assert _words(check, field.name) == words == {value for value, _ in field.choices}


def _definition(table: str, constraint: str) -> str:
    """A check constraint as the database has it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [constraint])
            return cursor.fetchone()[0]
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [table])
        return re.search(rf'CONSTRAINT "{constraint}" CHECK \((.*?\))\)', cursor.fetchone()[0]).group(1)


@pytest.mark.django_db
@pytest.mark.parametrize("column", VOCABULARY_OF)
def test_the_database_has_the_same_words(column):
    meta, name = FIELDS[column].model._meta, FIELDS[column].name
    definition = _definition(meta.db_table, f"{meta.db_table}_{name}_known")
    assert set(re.findall(r"'([^']*)'", definition)) == {str(word) for word in VOCABULARY_OF[column]}


def _functions(path) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)}


def _assignments(function: ast.FunctionDef, column: str):
    """Line and value of each statement of the function that sets the column of a row, a part of several or by update()."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=True))
                yield from (
                    (node.lineno, value)
                    for each, value in pairs
                    if isinstance(each, ast.Attribute) and each.attr == column
                )
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in {"create", "update", "get_or_create", "update_or_create"}:
                yield from ((node.lineno, word.value) for word in node.keywords if word.arg == column)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr":
            yield from ((node.lineno, node.args[2]) for name in node.args[1:2] if ast.unparse(name) == repr(column))


def _from_table(value: ast.expr, function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> bool:
    """Whether the value is what ``after`` answered: at once, by a name of the function, or as handed over by all its callers."""
    if isinstance(value, ast.Attribute) and value.attr == "value":
        return _from_table(value.value, function, functions)
    if isinstance(value, ast.Call):
        return ast.unparse(value.func) == "after"
    if not isinstance(value, ast.Name):
        return False
    bound = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == value.id for target in node.targets)
    ]
    if bound:
        return all(_from_table(each, function, functions) for each in bound)
    names = [argument.arg for argument in function.args.args]
    if not function.name.startswith("_") or value.id not in names:
        return False
    handed = [
        (call.args[names.index(value.id)], caller)
        for caller in functions.values()
        for call in ast.walk(caller)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == function.name
    ]
    return bool(handed) and all(_from_table(each, caller, functions) for each, caller in handed)


def _unruled(source: ast.Module, column: str = "review_state"):
    functions = {node.name: node for node in ast.walk(source) if isinstance(node, ast.FunctionDef)}
    for function in functions.values():
        for line, value in _assignments(function, column):
            if not _from_table(value, function, functions):
                yield function.name, line


WRITERS = modules(
    "overlays/services", "overlays/models", "overlays/queries", "overlays/api", "overlays/admin", "registry"
)


@pytest.mark.parametrize("path", WRITERS, ids=name_of)
def test_a_review_state_is_what_the_table_says(path):
    assert [(name_of(path), name) for name, _ in _unruled(tree(path)) if (name_of(path), name) != STORES] == []


def test_a_version_is_stored_in_a_first_state():
    (path,) = [path for path in modules("overlays/services") if name_of(path) == STORES[0]]
    function = _functions(path)[STORES[1]]
    named = {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "ReviewState"
    }
    assert named <= {state.name for state in FIRST_STATES}


@pytest.mark.parametrize("path", modules("overlays/services"), ids=name_of)
def test_a_status_is_set_only_after_the_table_was_asked(path):
    for function in _functions(path).values():
        asked = [
            node.lineno
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "require_status_change"
        ]
        assert all(asked and min(asked) < line for line, _ in _assignments(function, "status"))


@pytest.mark.parametrize("path", WRITERS, ids=name_of)
def test_a_verification_is_set_by_the_look_up_alone(path):
    for function in _functions(path).values():
        places = {(name_of(path), function.name)} if list(_assignments(function, "verification")) else set()
        assert places <= {STORES, (LOOKS_UP, "note_verification")}


@pytest.mark.parametrize(
    "body",
    [
        "version.review_state = 'accepted'",
        "version.review_state = ReviewState.ACCEPTED.value",
        "version.review_state, version.at = state, at",
        "state = ReviewState.ACCEPTED\n    version.review_state = state.value",
        "versions.update(review_state=ReviewState.ACCEPTED.value)",
        "setattr(version, 'review_state', 'accepted')",
    ],
)
def test_a_state_that_no_table_gave_is_found(body):
    assert list(_unruled(ast.parse(f"def deed(version, state):\n    {body}\n")))


@pytest.mark.parametrize(
    "source",
    [
        "def deed(version):\n    version.review_state = after(version.review_state, act).value\n",
        "def deed(version):\n    state = after(a, b)\n    version.review_state = state.value\n",
        "def deed(version):\n    _write(version, after(a, b))\ndef _write(version, state):\n    version.review_state = state.value\n",
    ],
)
def test_a_state_that_the_table_gave_is_well(source):
    assert not list(_unruled(ast.parse(source)))
