"""Reads the services as syntax trees: whether a deed asks first, and whether an entry is written inside a transaction."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import modules, name_of, tree

ASKING = {"require", "require_everywhere"}
CALLERS_TRANSACTION = "caller's transaction"
"""What a function's docstring says when its callers open the transaction."""


@dataclass(frozen=True)
class Function:
    """A function at the top of a module."""

    module: str
    node: ast.FunctionDef

    @property
    def name(self) -> str:
        """Its own name."""
        return self.node.name


def body_of(function: ast.FunctionDef) -> list[ast.stmt]:
    """Its statements after the docstring."""
    return function.body[1:] if ast.get_docstring(function) else function.body


def _calls(node: ast.AST) -> list[ast.Call]:
    return [each for each in ast.walk(node) if isinstance(each, ast.Call)]


def _asks_actor(call: ast.Call, names: set[str]) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in names and ast.unparse(call.func.value) == "actor"


def asks_first(function: ast.FunctionDef, local: dict[str, ast.FunctionDef]) -> bool:
    """Whether nothing is called before the actor's permission was asked, and a refusal raises.

    The first statement that calls anything is ``actor.require…(…)``; or an ``if`` about ``actor.may(…)`` that ends in raise; or hands
    all over to a function of the module that does so. Learning what the actor may (``x = actor.may(…)``) can precede it.
    """
    for statement in body_of(function):
        calls = _calls(statement)
        if not calls or _only_learns(statement, calls):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            return _asks_actor(statement.value, ASKING) and all(_asks_actor(call, ASKING | {"may"}) for call in calls)
        if isinstance(statement, ast.If):
            asked = [call for call in _calls(statement.test) if _asks_actor(call, {"may"})]
            others = {ast.unparse(call.func) for call in _calls(statement.test) if call not in asked}
            return bool(asked) and others <= {"any", "all"} and isinstance(statement.body[-1], ast.Raise)
        if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Call):
            called = statement.value.func
            inside = [call for call in calls if call is not statement.value]
            return (
                isinstance(called, ast.Name)
                and called.id in local
                and not inside
                and asks_first(local[called.id], local)
            )
        return False
    return False


def _only_learns(statement: ast.stmt, calls: list[ast.Call]) -> bool:
    return isinstance(statement, ast.Assign) and all(_asks_actor(call, {"may"}) for call in calls)


class Transactions:
    """The calls among functions of some modules, and which of them happen inside a transaction."""

    def __init__(self, *packages: str) -> None:
        self._paths = modules(*packages)
        self._functions = {
            (name_of(path), node.name): node
            for path in self._paths
            for node in tree(path).body
            if isinstance(node, ast.FunctionDef)
        }
        self._sites: dict[tuple[str, str], list[tuple[tuple[str, str], bool]]] = {}
        for (module, name), node in self._functions.items():
            meant = _names(module, next(path for path in self._paths if name_of(path) == module))
            for called, inside in _calls_by_transaction(node):
                target = meant.get(called)
                if target in self._functions:
                    self._sites.setdefault(target, []).append(((module, name), inside))

    def callers_outside(self, module: str, name: str) -> list[str]:
        """The functions that reach this one without having opened a transaction, and without saying that their callers do."""
        return sorted(self._open(module, name, frozenset()))

    def _open(self, module: str, name: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        for caller, inside in self._sites.get((module, name), []):
            if inside or caller in seen:
                continue
            if self._sites.get(caller):
                yield from self._open(*caller, seen | {caller})
            elif CALLERS_TRANSACTION not in " ".join((ast.get_docstring(self._functions[caller]) or "").split()):
                yield ".".join(caller)


def _names(module: str, path: Path) -> dict[str, tuple[str, str]]:
    """What each bare name of a module means: its own functions, and those it imports."""
    own = {node.name: (module, node.name) for node in tree(path).body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            own |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    return own


def _calls_by_transaction(node: ast.AST, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """Every call of a bare name under the node, and whether it stands inside ``with transaction.atomic():``."""
    if isinstance(node, ast.With):
        inside = inside or any(ast.unparse(item.context_expr).startswith("transaction.atomic(") for item in node.items)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield node.func.id, inside
    for child in ast.iter_child_nodes(node):
        yield from _calls_by_transaction(child, inside)
