"""Puts what an object of each family says of its content into facts, tables and lines for the review page."""

from collections.abc import Callable

from overlays.admin.words import KINDS, day
from overlays.models import OverlayVersion

DOCUMENTS = frozenset(("SR", "KO"))
DEEPEST = 12
"""Of a content tree, as far as it is indented."""
CONVERSION, CAPTURED, BURNED_IN, DERIVATION, IMAGE_TYPE = "00080064", "00181012", "00280301", "00082111", "00080008"


def is_told(version: OverlayVersion) -> bool:
    """Whether the page shows the whole content in words: of documents, and of presentation states that draw nothing."""
    if version.overlay.kind == "PR":
        layers = (version.content.get("display") or {}).get("layers", ())
        return not any(layer["graphics"] or layer["texts"] for layer in layers)
    return version.overlay.kind in DOCUMENTS


def content_of(version: OverlayVersion) -> dict | None:
    """Title, facts, tables (title, head, rows) and lines of the content; None where the viewer's list of segments says it all."""
    kind = version.overlay.kind
    if kind not in _CONTENT:
        return None
    found = {"title": version.content.get("title") or KINDS[kind], "facts": [], "tables": [], "lines": []}
    return found | _CONTENT[kind](version)


def _code(code: dict | None) -> str:
    if not code:
        return ""
    return f"{code['meaning']} ({code['value']}, {code['scheme']})" if code["value"] else code["meaning"]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _table(title: str, head: list[str], rows: list[list[str]]) -> dict:
    return {"title": title, "head": head, "rows": rows}


def _of_document(version: OverlayVersion) -> dict:
    lines = version.content.get("tree", ())
    title, code = version.content.get("title", ""), lines[0].get("code", "") if lines else ""
    return {
        "title": (f"{title} ({code})" if code else title) or KINDS[version.overlay.kind],
        "is_cut": any(line.get("cut") for line in lines),
        "groups": version.content.get("groups", ()),
        "lines": [line | {"indent": min(line["depth"], DEEPEST)} for line in lines],
    }


def _of_map(version: OverlayVersion) -> dict:
    rows = [
        [
            mapping["label"],
            mapping["explanation"],
            _code(mapping["quantity"]),
            _code(mapping["unit"]),
            "by table"
            if mapping["slope"] is None
            else f"{mapping['slope']:g} × stored + {mapping['intercept'] or 0:g}",
            f"{_number(mapping['first'])} to {_number(mapping['last'])}" if mapping["first"] is not None else "",
        ]
        for mapping in version.content.get("mappings", ())
    ]
    head = ["Mapping", "Explanation", "Quantity", "Unit", "Real world value", "Stored values mapped"]
    return {"tables": [_table("What the values mean", head, rows)]}


def _of_presentation_state(version: OverlayVersion) -> dict:
    display = version.content.get("display") or {}
    windows = ", ".join(f"centre {center:g}, width {width:g}" for center, width in display.get("windows", ()))
    palettes = {"": "none", "own": "held by the object itself"}
    rows = [
        [
            layer["name"],
            _number(layer["order"]),
            layer["description"],
            str(layer["graphics"]),
            "\n".join(layer["texts"]),
        ]
        for layer in display.get("layers", ())
    ]
    return {
        "facts": [
            ("Windows", windows or "none"),
            ("Palette", palettes.get(display.get("palette", ""), display.get("palette", ""))),
            ("Blending", "; ".join(display.get("blending", ())) or "none"),
        ],
        "tables": [_table("Layers", ["Layer", "Order", "Description", "Graphics", "Texts"], rows)],
    }


def _of_structure_set(version: OverlayVersion) -> dict:
    rows = [
        [
            str(region["number"]),
            region["name"] + (f"\n{region['description']}" if region["description"] else ""),
            _code(region["property_type"]) or region["interpreted_type"],
            region["generation_algorithm"],
            f"{region['contours']:,}",
            f"{region['points']:,}",
        ]
        for region in version.content.get("regions", ())
    ]
    approval = version.content.get("approval_status", "") or "not stated"
    return {
        "facts": [("Approval status", f"{approval}, says the object; the registry's verdict is another thing")],
        "tables": [_table("Regions of interest", ["No.", "Name", "Type", "Made", "Contours", "Points"], rows)],
    }


def _of_annotations(version: OverlayVersion) -> dict:
    rows = [
        [
            group["label"],
            _code(group["property_type"]),
            group["graphic_type"].lower(),
            f"{group['annotations']:,}",
            " · ".join(filter(None, (group["generation_type"].lower(), group["algorithm_name"]))),
            ", ".join(group["measurements"]),
        ]
        for group in version.content.get("annotations", ())
    ]
    head = ["Group", "Type", "Shapes", "Annotations", "Made", "Measurements"]
    return {"tables": [_table("Groups", head, rows)]}


def _of_capture(version: OverlayVersion) -> dict:
    def said(tag: str) -> str:
        values = version.attributes.get(tag, {}).get("Value") or ()
        return " · ".join(str(value) for value in values)

    facts = [
        ("Made of", said(DERIVATION)),
        ("Kind of picture", said(IMAGE_TYPE)),
        ("Conversion", said(CONVERSION)),
        ("Captured", day(said(CAPTURED))),
        ("Text burned in", said(BURNED_IN).lower()),
    ]
    return {"facts": [(name, value or "not stated") for name, value in facts]}


_CONTENT: dict[str, Callable[[OverlayVersion], dict]] = {
    "SR": _of_document,
    "KO": _of_document,
    "PM": _of_map,
    "PR": _of_presentation_state,
    "RTSTRUCT": _of_structure_set,
    "ANN": _of_annotations,
    "SC": _of_capture,
}
