"""Finds the calls in a syntax tree that write to the database, however they come by the row, the manager or the cursor."""

import ast
from collections.abc import Iterator
from functools import cache

WRITING = {
    name
    for plain in ("save", "create", "bulk_create", "bulk_update", "delete", "get_or_create", "update_or_create")
    for name in (plain, f"a{plain}")
} | {"save_base", "_raw_delete", "aupdate", "save_m2m"}
"""Methods of models, managers and query sets that write, whatever they are called on."""
UPDATING = {"update"}
"""A query set's takes keywords alone; a dictionary's and a digest's take one thing by position."""
RELATING = {"add", "aadd", "remove", "aremove", "set", "aset", "clear", "aclear"}
"""Methods of related managers, and of sets and dictionaries too: told apart by the name that they are called on."""
RAW = {"cursor", "execute", "executemany", "callproc", "raw", "extra", "copy"}
"""Methods by which SQL of one's own reaches the database; ``copy`` of a cursor only."""


@cache
def related_names() -> frozenset[str]:
    """Every name under which a row gives access to many others."""
    from django.apps import apps

    reverse = {
        relation.get_accessor_name()
        for model in apps.get_models()
        for relation in model._meta.related_objects
        if relation.multiple
    }
    return frozenset(reverse | {field.name for model in apps.get_models() for field in model._meta.many_to_many})


def writing_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text (receiver and method) of each call that writes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _writes(node):
            yield node.lineno, ast.unparse(node.func)


def _writes(call: ast.Call) -> bool:
    method, receiver = call.func.attr, call.func.value
    if method in WRITING:
        return True
    if method in UPDATING:
        return bool(call.keywords) and not call.args
    if method in RELATING:
        return isinstance(receiver, ast.Attribute) and receiver.attr in related_names()
    if method == "copy":
        return "cursor" in ast.unparse(receiver).lower()
    return method in RAW
