"""Compares what was measured with the bars, and writes the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Bar(StrEnum):
    """On which side of the bar a ratio has to lie."""

    AT_MOST = "≤"
    AT_LEAST = "≥"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison: ``ours`` and ``other`` in ``unit``, their ratio against a bar.

    Without ``other``, ``ours`` itself is held against the bar; without ``bar``, the row informs only. ``other_name`` says what was
    measured beside.
    """

    what: str
    unit: str
    ours: float
    bar: float | None = None
    side: Bar = Bar.AT_MOST
    other: float | None = None
    other_name: str = ""

    @property
    def value(self) -> float:
        """What is held against the bar."""
        return self.ours if self.other is None else self.ours / self.other

    @property
    def met(self) -> bool:
        """Whether the bar is met; always, where there is none."""
        if self.bar is None:
            return True
        return self.value <= self.bar if self.side is Bar.AT_MOST else self.value >= self.bar

    @property
    def outcome(self) -> str:
        """Met or missed, and by which factor."""
        if self.bar is None:
            return "for information"
        if not self.value:
            return "met" if self.met else "missed"
        factor = self.bar / self.value if self.side is Bar.AT_MOST else self.value / self.bar
        return f"met, {factor:.2g} × to spare" if self.met else f"**missed by {1 / factor:.2g} ×**"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ratio(value: float) -> str:
    return f"1/{1 / value:,.1f}" if 0 < value < 0.67 else f"{value:.2f}"


def markdown(rows: Sequence[Row], *, absent: Sequence[str]) -> str:
    """The table; ``absent`` are sentences on what could not be compared."""
    lines = ["| What | Ours | Beside it | Ratio | Bar | |", "|---|---|---|---|---|---|"]
    for row in rows:
        ours = f"{_number(row.ours)} {row.unit}"
        other = f"{_number(row.other)} {row.unit} ({row.other_name})" if row.other is not None else ""
        ratio = "" if row.other is None else _ratio(row.value)
        bar = (
            ""
            if row.bar is None
            else f"{row.side} {_number(row.bar) + ' ' + row.unit if not ratio else _ratio(row.bar)}"
        )
        lines.append(f"| {row.what} | {ours} | {other} | {ratio} | {bar} | {row.outcome} |")
    return "\n".join([*lines, *(f"\n{sentence}" for sentence in absent)])
