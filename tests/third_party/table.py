"""Writes verdicts as one aligned table, and the explanations below it."""

from collections.abc import Iterable, Sequence

from tests.third_party.explained import explanations
from tests.third_party.verdicts import Verdicts

HEAD = ("object", "family", "bytes", "highdicom", "dciodvfy", "ours", "warnings", "s", "MB")
NUMBERS = {2, 6, 7, 8}
LONGEST_NAME = 58


def table(rows: Sequence[Verdicts]) -> str:
    """One line for each object; columns of numbers stand to the right."""
    cells = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = []
    for line in cells:
        padded = (
            cell.rjust(width) if column in NUMBERS else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        lines.append("  ".join(padded).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def explained(rows: Iterable[Verdicts]) -> tuple[str, int]:
    """The explanations, by object, and how many objects have one that is missing."""
    lines, missing = [], 0
    for row in rows:
        found = explanations(row)
        if found:
            lines.append(short(row.name))
        lines.extend(f"  {'UNEXPLAINED ' if each.missing else ''}{each.sentence}" for each in found)
        missing += any(each.missing for each in found)
    return "\n".join(lines), missing


def short(name: str) -> str:
    """A path short enough for a column: without folders that say nothing, and without its middle."""
    kept = "/".join(part for part in name.split("/") if part not in DULL)
    return kept if len(kept) <= LONGEST_NAME else f"{kept[:24]}…{kept[-(LONGEST_NAME - 25) :]}"


DULL = frozenset(
    (
        "data",
        "src",
        "tests",
        "test",
        "test_files",
        "Tests",
        "DicomCoreTests",
        "Fixtures",
        "data_store",
        "examples",
        "In",
    )
)


def _cells(row: Verdicts) -> tuple[str, ...]:
    library = row.highdicom.partition(":")[0]
    errors = len(row.dciodvfy)
    warnings = len(row.findings) - len(row.errors)
    return (
        short(row.name),
        row.family or "-",
        str(row.size),
        library,
        f"{errors} error{'s' * (errors != 1)}",
        _ours(row),
        str(warnings),
        f"{row.seconds:.2f}",
        str(row.grown >> 20),
    )


def _ours(row: Verdicts) -> str:
    if row.failure:
        return f"FAILED: {row.failure}"
    if row.accepted:
        return "accepted"
    rules = row.rules or ("on opening",)
    more = f" and {len(rules) - 4} more" if len(rules) > 4 else ""
    return f"refused: {', '.join(rules[:4])}{more}"
