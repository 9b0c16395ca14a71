"""Only services write."""

import ast

import pytest

from tests.architecture.tree import imports, modules, name_of, tree
from tests.architecture.writes import writing_calls

WITHOUT_ROWS = {"services", "dicom", "governance"}  # the services may; the pure folders know no database (law 2)
OUTSIDE_SERVICES = [path for path in modules("overlays") if not WITHOUT_ROWS & set(path.parts)]

NO_WRITE: dict[tuple[str, str], str] = {
    ("overlays.apps", "Group.objects.using(using).get_or_create"): "makes the groups of the roles after migrating",
    ("overlays.models.append_only", "super().update"): "what is append-only lets derived columns change",
    ("overlays.models.append_only", "super().save"): "what is append-only is inserted once",
    ("overlays.models.append_only", "super().delete"): "what is append-only refuses it",
    ("overlays.models.triggers", "connection.cursor"): "installs, lists and lifts the triggers",
    ("overlays.models.triggers", "cursor.execute"): "the same",
    ("overlays.queries.compiled", "connection.cursor"): "reads by a SELECT that the ORM made",
    ("overlays.queries.compiled", "cursor.execute"): "the same",
    ("overlays.queries.snapshots", "connection.cursor"): "asks which transactions are open",
    ("overlays.queries.snapshots", "cursor.execute"): "the same",
    ("overlays.queries.dicomweb_search", "found[key].series.add"): "a set of UIDs",
}
"""Calls outside the services that look like writes, or are the tables' own machinery: where, what, and why they may stand."""


@pytest.mark.parametrize("path", OUTSIDE_SERVICES, ids=name_of)
def test_nothing_but_services_writes(path):
    name = name_of(path)
    assert not [f"line {line}: {what}" for line, what in writing_calls(tree(path)) if (name, what) not in NO_WRITE]


def test_every_exception_is_needed():
    found = {(name_of(path), what) for path in OUTSIDE_SERVICES for _, what in writing_calls(tree(path))}
    assert not NO_WRITE.keys() - found - {("overlays.models.append_only", "super().delete")}


@pytest.mark.parametrize("path", modules("registry"), ids=name_of)
def test_the_project_does_not_touch_the_tables_of_the_app(path):
    models = {name for name in imports(path) if name.startswith("overlays.models")}
    assert models <= {"overlays.models", "overlays.models.triggers"}


@pytest.mark.parametrize(
    "written",
    [
        "version.save()",
        "version.delete()",
        "study.versions.create(number=1)",
        "OverlayVersion.objects.create(number=1)",
        "OverlayVersion._default_manager.get_or_create(pk=1)",
        "OverlayVersion._base_manager.using('default').bulk_create(rows)",
        "rows.update(review_state='accepted')",
        "OverlayVersion.objects.filter(pk=1).update(number=1)",
        "person.groups.set(groups)",
        "group.user_set.add(person)",
        "model.posters.clear()",
        "connection.cursor()",
        "cursor.execute('DELETE FROM overlays_review')",
        "cursor.copy('COPY overlays_review FROM STDIN')",
        "Study.objects.raw('SELECT 1')",
        "await row.asave()",
    ],
)
def test_a_write_in_any_form_is_found(written):
    body = written.removeprefix("await ")
    assert list(writing_calls(ast.parse(body)))


@pytest.mark.parametrize(
    "harmless", ["seen.add(uid)", "found.update(pairs)", "digest.update(data)", "Study.objects.filter(pk=1).first()"]
)
def test_what_writes_nothing_is_not_taken_for_a_write(harmless):
    assert not list(writing_calls(ast.parse(harmless)))
