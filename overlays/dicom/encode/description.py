"""Reads the JSON description of a result that shall be encoded: what made it, from which images, and what it is called."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from overlays.dicom.encode.json_schema import CODE, PERSON, UID, faults_of, record, shown, text
from overlays.dicom.encode.refusal import DescriptionFault, EncodingRefused, Reason
from overlays.dicom.encode.segment_description import SEGMENTATION, SegmentationWish, read_segmentation
from overlays.dicom.instance import Code

LARGEST_DESCRIPTION = 4 << 20
"""Bytes of JSON."""
MOST_VALUES = 400_000
"""Values in it, lists and objects counted too: reading more of them costs more than any result needs."""
MOST_SOURCES = 20_000

MANUAL = "MANUAL"
BY_PERSON = "Made by a person"

ARTIFICIAL_INTELLIGENCE = Code(value="123110", scheme="DCM", meaning="Artificial Intelligence")


class Kind(StrEnum):
    """What is encoded; the value is also the key of the section that says more."""

    SEGMENTATION = "segmentation"
    REPORT = "report"
    PARAMETRIC_MAP = "parametric_map"
    PRESENTATION_STATE = "presentation_state"


MODEL = record(
    {
        "name": text(64),
        "version": text(64),
        "manufacturer": text(64),
        "family": CODE,
        "parameters": {
            "type": "object",
            "maxProperties": 50,
            "propertyNames": text(64),
            "additionalProperties": text(128),
        },
        "device_uid": UID,
        "serial_number": text(64),
        "udi": text(64 * 16),
    },
    required=("name", "version", "manufacturer"),
)

SCHEMA = record(
    {
        "kind": {"enum": [str(kind) for kind in Kind]},
        "model": MODEL,
        "sources": {
            "type": ["array", "object"],
            "items": UID,
            "minItems": 1,
            "maxItems": MOST_SOURCES,
            "properties": {"series": UID},
            "required": ["series"],
            "additionalProperties": False,
        },
        "planes": {"type": "array", "items": UID, "minItems": 1, "maxItems": MOST_SOURCES},
        "series_description": text(64),
        "content_label": {
            "type": "string",
            "pattern": r"^[A-Z0-9_][A-Z0-9_ ]{0,15}$(?!\n)",
            "description": "1 to 16 of the characters A-Z, 0-9, underscore and blank (CS)",
        },
        "content_description": text(64),
        "content_creator": PERSON,
        "content_qualification": {"enum": ["RESEARCH", "PRODUCT", "SERVICE"]},
        "predecessor": UID,
        "segmentation": SEGMENTATION,
        "report": {"type": "object"},
        "parametric_map": {"type": "object"},
        "presentation_state": {"type": "object"},
    },
    required=("kind", "model", "sources"),
)
SCHEMA_OF_READER = SCHEMA | {"required": ["kind", "sources"]}
"""JSON Schema 2020-12, of pipelines and of persons. The sections of reports, maps and presentation states have schemas of their own
beside their encoders.
"""


@dataclass(frozen=True, kw_only=True)
class Model:
    """The model version that made the result (PS3.3 10.16, C.7.5.1). Empty text: not said."""

    name: str
    version: str
    manufacturer: str
    family: Code = ARTIFICIAL_INTELLIGENCE
    """CID 7162."""
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    device_uid: str = ""
    serial_number: str = ""
    udi: str = ""


@dataclass(frozen=True, kw_only=True)
class Description:
    """What the client says of the result.

    ``model`` is None where a person made it alone: by hand, or with a reader's token and no model named. ``reader`` is the person with
    whose token it came, empty for a pipeline.

    ``sources`` are SOP Instance UIDs, empty where a whole series is meant, whose UID is then ``source_series``. ``planes`` are the
    SOP Instance UIDs of the images on which the planes of a mask without geometry lie, in the order of the array. ``section`` is
    the raw JSON under the key of the kind; for a segmentation it is read into ``segmentation``.
    """

    kind: Kind
    model: Model | None
    reader: str = ""
    sources: tuple[str, ...] = ()
    source_series: str = ""
    planes: tuple[str, ...] = ()
    series_description: str
    content_label: str = "AI_RESULT"
    content_description: str
    content_creator: str
    content_qualification: str = "RESEARCH"
    predecessor: str = ""
    segmentation: SegmentationWish | None = None
    section: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def read_description(content: bytes, *, reader: str = "") -> Description:
    """The description in a JSON text of at most 4 MiB in UTF-8; ``reader`` is the person with whose token it came, as PN.

    Raises EncodingRefused (reason DESCRIPTION) with every fault.
    """
    if len(content) > LARGEST_DESCRIPTION:
        raise _refused(
            DescriptionFault("$", f"The description has {len(content)} bytes; {LARGEST_DESCRIPTION} are taken.")
        )
    if _count_values(content) > MOST_VALUES:
        raise _refused(DescriptionFault("$", f"The description has more than {MOST_VALUES} values."))
    try:
        document = json.loads(content.decode("utf-8"), object_pairs_hook=_once)
    except _Twice as twice:
        raise _refused(DescriptionFault("$", twice.args[0])) from None
    except (ValueError, RecursionError):
        raise _refused(DescriptionFault("$", "The description is not a JSON text in UTF-8.")) from None
    endless = tuple(_not_finite(document)) if isinstance(document, dict) else ()
    if endless:
        raise _refused(*endless)
    description, faults = parse_description(document, reader=reader)
    if description is None:
        raise _refused(*faults)
    return description


def parse_description(document: object, *, reader: str = "") -> tuple[Description | None, tuple[DescriptionFault, ...]]:
    """The description that a JSON value holds, or None and every fault of it. Never raises on what :func:`json.loads` gives."""
    faults = faults_of(SCHEMA_OF_READER if reader else SCHEMA, document)
    if isinstance(document, dict):
        faults += tuple(_across(document, {fault.path for fault in faults}))
    if faults:
        return None, faults
    segmentation = None
    if document["kind"] == Kind.SEGMENTATION:
        segmentation, faults = read_segmentation(document["segmentation"], "$.segmentation")
        if segmentation is None:
            return None, faults
        if reader:
            segmentation = _by_hand(segmentation, document["segmentation"]["segments"])
        helped = [segment for segment in segmentation.segments if segment.algorithm_type != MANUAL]
        if helped and "model" not in document:
            said = f"model is missing: segment {helped[0].number} is {helped[0].algorithm_type}."
            return None, (DescriptionFault("$", said),)
    return _read(document, segmentation, reader), ()


def _by_hand(segmentation: SegmentationWish, given: list | dict) -> SegmentationWish:
    """What a person stores is made by hand where it does not say otherwise."""
    said = {item["number"] for item in given if "algorithm_type" in item} if isinstance(given, list) else set()
    segments = (
        segment if segment.number in said else replace(segment, algorithm_type=MANUAL)
        for segment in segmentation.segments
    )
    return replace(segmentation, segments=tuple(segments))


def _model(document: dict, segmentation: SegmentationWish | None) -> Model | None:
    """The model that took part; of a segmentation by hand none did, whatever is named."""
    by_hand = segmentation and all(segment.algorithm_type == MANUAL for segment in segmentation.segments)
    if by_hand or "model" not in document:
        return None
    model = dict(document["model"])
    if "family" in model:
        model["family"] = Code(**model["family"])
    model["parameters"] = MappingProxyType(dict(model.get("parameters", {})))
    return Model(**model)


def _read(document: dict, segmentation: SegmentationWish | None, reader: str) -> Description:
    sources = document["sources"]
    kind, model = Kind(document["kind"]), _model(document, segmentation)
    title = f"{model.name} {model.version}"[:64].rstrip() if model else BY_PERSON
    said = ("content_label", "content_qualification", "predecessor")
    defaults = {} if model else {"content_label": "BY_PERSON"}
    return Description(
        kind=kind,
        model=model,
        reader=reader,
        sources=tuple(sources) if isinstance(sources, list) else (),
        source_series=sources["series"] if isinstance(sources, dict) else "",
        planes=tuple(document.get("planes", ())),
        series_description=document.get("series_description", title),
        content_description=document.get("content_description", title),
        content_creator=reader or document.get("content_creator", _as_person(document["model"]["name"])),
        segmentation=segmentation,
        section=MappingProxyType(document[kind]),
        **defaults | {key: document[key] for key in said if key in document},
    )


def _across(document: dict, wrong: set[str]):
    """What a schema does not say well: a kind has its section and no other; no image is named twice."""
    kind = document.get("kind")
    sections = {str(kind) for kind in Kind}
    if isinstance(kind, str) and kind in sections:
        if kind not in document:
            yield DescriptionFault("$", f"{kind} is missing: it says what is encoded.")
        for other in sorted(sections & set(document) - {kind}):
            yield DescriptionFault(f"$.{other}", f"A description of the kind {kind} has no section {other}.")
    for key in ("sources", "planes"):
        value = document.get(key)
        if isinstance(value, list) and not any(path.startswith(f"$.{key}") for path in wrong):
            seen: set[str] = set()
            for number, uid in enumerate(value):
                if uid in seen:
                    yield DescriptionFault(f"$.{key}[{number}]", f"The instance {uid} is named twice.")
                seen.add(uid)
    if "planes" in document and "presentation_state" in document:
        yield DescriptionFault("$.planes", "A presentation state has no planes.")


def _as_person(name: str) -> str:
    """A model's name where the standard wants a name of a person (PN): without the delimiters of its parts."""
    return name.replace("^", " ").replace("=", " ").strip() or "AI"


class _Twice(Exception):
    pass


def _once(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice("A key stands twice in one object of the description.")
    return found


_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def _count_values(content: bytes) -> int:
    """At least as many as there are values in a JSON text, told from its punctuation."""
    bare = _TEXT.sub(b"", content)
    return 1 + sum(bare.count(mark) for mark in (b",", b"[", b"{"))


def _not_finite(document: object) -> Iterator[DescriptionFault]:
    """Where a number is too large to be held, or none: JSON has a form for the one, and Python takes one for the other."""
    waiting: list[tuple[str, object]] = [("$", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            inner = [(f"{path}.{key[:64]}", item) for key, item in value.items() if type(item) in _HOLDING]
        elif isinstance(value, list):
            inner = [(f"{path}[{number}]", item) for number, item in enumerate(value) if type(item) in _HOLDING]
        else:
            inner = []
            if not math.isfinite(value):
                yield DescriptionFault(path, f"{shown(value)} stands here, which is no finite number.")
        waiting += reversed(inner)


_HOLDING = (dict, list, float)


def _refused(*faults: DescriptionFault) -> EncodingRefused:
    more = f" And {len(faults) - 1} more fault(s)." if len(faults) > 1 else ""
    return EncodingRefused(Reason.DESCRIPTION, f"{faults[0].path}: {faults[0].sentence}{more}", faults)
