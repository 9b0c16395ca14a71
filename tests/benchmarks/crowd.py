"""Fills a registry's tables with overlay versions that look like the ones there are; run with a server's environment: FIRST LAST."""

import sys

import django

AT_ONCE = 100_000
OF_ONE_STUDY = 10
OFFSET = 1 << 40
"""Where the ids of the crowd begin: far from what sequences give."""


def main() -> None:
    """Add the versions numbered from the first argument up to the second, ten to a study and a line."""
    django.setup()
    from django.db import connection, transaction

    from overlays.models import Overlay, OverlayVersion, Series, Study

    uuid = {"sqlite": "printf('%%032x', {})", "postgresql": "lpad(to_hex({}), 32, '0')::uuid"}[connection.vendor]
    group = f"({OFFSET} + i)"
    tables = (
        (Study, {"id": group, "study_instance_uid": "'2.25.7' || i"}, 1),
        (Series, {"id": group, "study_id": group, "series_instance_uid": "'2.25.8' || i"}, 1),
        (Overlay, {"id": uuid.format(group), "study_id": group, "line": "'crowd ' || i"}, 1),
        (OverlayVersion, _version(uuid), OF_ONE_STUDY),
    )
    first, last = (int(word) for word in sys.argv[1:])
    for start in range(first, last, AT_ONCE):
        end = min(start + AT_ONCE, last)
        with transaction.atomic(), connection.cursor() as cursor:
            for model, own, each in tables:
                cursor.execute(_insert(model, own), [start * each // OF_ONE_STUDY, end * each // OF_ONE_STUDY - 1])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _version(uuid: str) -> dict[str, str]:
    group = f"({OFFSET} + i / {OF_ONE_STUDY})"
    return {
        "id": f"({OFFSET} + i)",
        "overlay_id": uuid.format(group),
        "study_id": group,
        "series_id": group,
        "number": f"i %% {OF_ONE_STUDY} + 1",
        "sop_instance_uid": "'2.25.9' || i",
    }


def _insert(model: type, own: dict[str, str]) -> str:
    """Copies of the table's first row but for some columns, which follow from a running number ``i``."""
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(own.get(column, f"like_it.{column}") for column in columns)
    template = f"(SELECT * FROM {table} ORDER BY {model._meta.pk.column} LIMIT 1) AS like_it"
    numbers = (
        "WITH RECURSIVE numbers(i) AS (SELECT CAST(%s AS bigint) UNION ALL SELECT i + 1 FROM numbers WHERE i < %s)"
    )
    if model._meta.pk.get_internal_type() == "UUIDField":
        template = template.replace(f"ORDER BY {model._meta.pk.column}", "ORDER BY created_at")
    return f"{numbers} INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM numbers, {template}"


if __name__ == "__main__":
    main()
