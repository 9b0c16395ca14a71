"""Hands lineage out, and records that it was."""

import csv
import io
import json
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from overlays.governance.actor import Actor
from overlays.governance.events import Event
from overlays.governance.permissions import Action
from overlays.queries.lineage import Graph, Node, lineage
from overlays.services.audit import record


class LineageFormat(StrEnum):
    """In which form lineage leaves."""

    JSON = "json"
    CSV = "csv"


CSV_COLUMNS = (
    "subject_kind",
    "subject",
    "subject_label",
    "relation",
    "object_kind",
    "object",
    "object_label",
    "instances",
    "hole",
)

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def export_lineage(
    *,
    actor: Actor,
    at: datetime,
    format: LineageFormat,  # noqa: A002 -- the name of the parameter in the address
    overlay: UUID | None = None,
    study: str | None = None,
    source: str | None = None,
    model_version: int | None = None,
) -> str:
    """The lineage as text in the wanted form. Raises NotPermitted, Invalid (not exactly one thing asked for)."""
    actor.require(Action.READ_LINEAGE)
    graph = lineage(actor=actor, overlay=overlay, study=study, source=source, model_version=model_version)
    asked = {"overlay": overlay, "study": study, "source": source, "model_version": model_version}
    (by, value) = next((name, value) for name, value in asked.items() if value is not None)
    with transaction.atomic():
        record(
            actor=actor,
            at=at,
            event=Event.LINEAGE_EXPORTED,
            subject=str(value),
            study=study or "",
            by=by,
            format=format.value,
            nodes=len(graph.nodes),
        )
    return {LineageFormat.JSON: _json, LineageFormat.CSV: _csv}[format](graph, by, str(value))


def _json(graph: Graph, by: str, value: str) -> str:
    body = {
        "schema": 1,
        "asked": {by: value},
        "truncated": graph.truncated,
        "nodes": [
            {"kind": node.kind, "key": node.key, "label": node.label, "facts": node.facts, "hole": node.hole or None}
            for node in graph.nodes
        ],
        "edges": [
            {
                "subject": edge.subject,
                "relation": edge.relation,
                "object": edge.object,
                "instances": list(edge.instances),
            }
            for edge in graph.edges
        ],
        "holes": [{"key": node.key, "sentence": f"{node.label}: {node.hole}."} for node in graph.holes],
    }
    return json.dumps(body, ensure_ascii=False)


def _cell(text: str) -> str:
    """The text, made harmless for spreadsheets that would run it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _csv(graph: Graph, by: str, value: str) -> str:
    nodes: dict[str, Node] = {node.key: node for node in graph.nodes}
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for edge in graph.edges:
        subject, target = nodes[edge.subject], nodes[edge.object]
        row = (
            subject.kind,
            subject.key,
            subject.label,
            edge.relation,
            target.kind,
            target.key,
            target.label,
            " ".join(edge.instances),
            "; ".join(filter(None, (subject.hole, target.hole))),
        )
        writer.writerow([_cell(text) for text in row])
    return sheet.getvalue()
