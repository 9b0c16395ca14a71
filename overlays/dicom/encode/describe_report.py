"""Reads the section of a description that says what a measurement report shall hold: its groups, what they measure and where."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from overlays.dicom.encode.json_schema import CODE, UID, faults_of, record, text
from overlays.dicom.encode.refusal import DescriptionFault, EncodingRefused, Reason
from overlays.dicom.instance import Code

MOST_GROUPS = 1000
MOST_VALUES = 200
MOST_REGIONS = 1000
MOST_POINTS = 100_000
LARGEST_NUMBER = 1e300
"""Beyond, what JSON calls a number is none (FD)."""

POINTS_OF_GRAPHIC: dict[str, tuple[int, int]] = {
    "POINT": (1, 1),
    "MULTIPOINT": (1, MOST_POINTS),
    "POLYLINE": (2, MOST_POINTS),
    "CIRCLE": (2, 2),
    "ELLIPSE": (4, 4),
}
"""Graphic Type of SCOORD, with the fewest and most points (PS3.3 C.18.6.1.2)."""
POINTS_OF_GRAPHIC_3D: dict[str, tuple[int, int]] = {
    "POINT": (1, 1),
    "MULTIPOINT": (1, MOST_POINTS),
    "POLYLINE": (2, MOST_POINTS),
    "POLYGON": (4, MOST_POINTS),
    "ELLIPSE": (4, 4),
    "ELLIPSOID": (6, 6),
}
"""Graphic Type of SCOORD3D (PS3.3 C.18.9.1.2)."""
OF_SURFACES = frozenset(("POLYGON", "ELLIPSE"))
"""What several regions in space can be together: slices of one surface (PS3.16 TID 1411)."""

PLACES = ("segment", "regions", "regions_3d", "images")
"""Where a group measures: one of these, or nowhere in particular."""

_NUMBER = {"type": "number", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}
_COUNT = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}


def _points(size: int) -> dict:
    point = {"type": "array", "items": _NUMBER, "minItems": size, "maxItems": size}
    return {"type": "array", "items": point, "minItems": 1, "maxItems": MOST_POINTS}


MEASUREMENT = record(
    {"name": CODE, "value": _NUMBER, "unit": CODE, "derivation": CODE, "method": CODE},
    required=("name", "value", "unit"),
)
EVALUATION = record({"name": CODE, "value": CODE}, required=("name", "value"))
REGION = record(
    {"image": UID, "frame": _COUNT, "type": {"enum": list(POINTS_OF_GRAPHIC)}, "points": _points(2)},
    required=("image", "type", "points"),
)
REGION_3D = record({"type": {"enum": list(POINTS_OF_GRAPHIC_3D)}, "points": _points(3)}, required=("type", "points"))
SEGMENT = record(
    {
        "instance": UID,
        "number": {"type": "integer", "minimum": 1, "maximum": 65535},
        "frames": {"type": "array", "items": _COUNT, "minItems": 1, "maxItems": 10_000},
    },
    required=("instance", "number"),
)
GROUP = record(
    {
        "tracking_id": text(64),
        "tracking_uid": UID,
        "finding_category": CODE,
        "finding": CODE,
        "site": CODE,
        "laterality": CODE,
        "method": CODE,
        "geometric_purpose": CODE,
        "segment": SEGMENT,
        "regions": {"type": "array", "items": REGION, "minItems": 1, "maxItems": MOST_REGIONS},
        "regions_3d": {"type": "array", "items": REGION_3D, "minItems": 1, "maxItems": MOST_REGIONS},
        "images": {"type": "array", "items": UID, "minItems": 1, "maxItems": MOST_REGIONS},
        "measurements": {"type": "array", "items": MEASUREMENT, "minItems": 1, "maxItems": MOST_VALUES},
        "evaluations": {"type": "array", "items": EVALUATION, "minItems": 1, "maxItems": MOST_VALUES},
    },
    required=("tracking_id",),
)
REPORT = record(
    {"procedure": CODE, "groups": {"type": "array", "items": GROUP, "minItems": 1, "maxItems": MOST_GROUPS}},
    required=("groups",),
)
"""JSON Schema 2020-12 of the section ``report``."""


@dataclass(frozen=True, kw_only=True)
class MeasurementWish:
    """One number with its unit (PS3.16 TID 1419, TID 300)."""

    name: Code
    value: float
    unit: Code
    derivation: Code | None = None
    method: Code | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluationWish:
    """One answer that is a code (PS3.16 TID 1501)."""

    name: Code
    value: Code


@dataclass(frozen=True, kw_only=True)
class RegionWish:
    """An outline: in an image, points being (column, row) with the outer corner of the first pixel at (0, 0); or in space, points being
    millimetres in the patient and ``image`` empty.
    """

    graphic: str
    points: tuple[tuple[float, ...], ...]
    image: str = ""
    frame: int | None = None


@dataclass(frozen=True, kw_only=True)
class SegmentWish:
    """A segment of a segmentation, or some of its frames."""

    instance: str
    number: int
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GroupWish:
    """One measurement group (PS3.16 TID 1410, 1411, 1501). At most one of ``segment``, ``regions``, ``regions_3d``, ``images``."""

    tracking_id: str
    tracking_uid: str = ""
    finding_category: Code | None = None
    finding: Code | None = None
    site: Code | None = None
    laterality: Code | None = None
    method: Code | None = None
    geometric_purpose: Code | None = None
    segment: SegmentWish | None = None
    regions: tuple[RegionWish, ...] = ()
    regions_3d: tuple[RegionWish, ...] = ()
    images: tuple[str, ...] = ()
    measurements: tuple[MeasurementWish, ...] = ()
    evaluations: tuple[EvaluationWish, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReportWish:
    """The report: which procedure it is about (None: the sources tell), and its groups."""

    groups: tuple[GroupWish, ...]
    procedure: Code | None = None


def read_report(section: Mapping) -> ReportWish:
    """What the section says. Raises EncodingRefused (reason DESCRIPTION) with every fault."""
    found = faults_of(REPORT, dict(section), "$.report") or tuple(_across(section))
    if found:
        raise EncodingRefused(Reason.DESCRIPTION, "The section report does not describe a report.", found)
    return ReportWish(
        groups=tuple(_group(group) for group in section["groups"]), procedure=_code(section.get("procedure"))
    )


def named_segmentations(section: Mapping) -> tuple[str, ...]:
    """SOP Instance UIDs of the segmentations that a section measures, once each; whether the section is sound is not asked."""
    groups = section.get("groups")
    segments = [group.get("segment") for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []
    named = [segment.get("instance") for segment in segments if isinstance(segment, dict)]
    return tuple(dict.fromkeys(uid for uid in named if isinstance(uid, str)))


def _code(item: Mapping | None) -> Code | None:
    return Code(**item) if item else None


def _group(item: Mapping) -> GroupWish:
    coded = ("finding_category", "finding", "site", "laterality", "method", "geometric_purpose")
    segment = item.get("segment")
    return GroupWish(
        tracking_id=item["tracking_id"],
        tracking_uid=item.get("tracking_uid", ""),
        **{key: _code(item.get(key)) for key in coded},
        segment=_segment(segment) if segment else None,
        regions=tuple(_region(each) for each in item.get("regions", ())),
        regions_3d=tuple(_region(each) for each in item.get("regions_3d", ())),
        images=tuple(item.get("images", ())),
        measurements=tuple(
            MeasurementWish(
                name=Code(**each["name"]),
                value=float(each["value"]),
                unit=Code(**each["unit"]),
                derivation=_code(each.get("derivation")),
                method=_code(each.get("method")),
            )
            for each in item.get("measurements", ())
        ),
        evaluations=tuple(
            EvaluationWish(name=Code(**each["name"]), value=Code(**each["value"]))
            for each in item.get("evaluations", ())
        ),
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)  # JSON's 1.0 is a whole number too


def _segment(item: Mapping) -> SegmentWish:
    frames = tuple(int(number) for number in item.get("frames", ()))
    return SegmentWish(instance=item["instance"], number=int(item["number"]), frames=frames)


def _region(item: Mapping) -> RegionWish:
    points = tuple(tuple(float(value) for value in point) for point in item["points"])
    return RegionWish(graphic=item["type"], points=points, image=item.get("image", ""), frame=_whole(item.get("frame")))


def _across(section: Mapping) -> Iterator[DescriptionFault]:
    seen: set[str] = set()
    for number, group in enumerate(section["groups"]):
        path = f"$.report.groups[{number}]"
        uid = group.get("tracking_uid", "")
        if uid and uid in seen:
            yield DescriptionFault(f"{path}.tracking_uid", f"{uid} belongs to a group before this one.")
        seen.add(uid)
        places = [place for place in PLACES if place in group]
        if len(places) > 1:
            yield DescriptionFault(path, f"A group measures in one place; {' and '.join(places)} are given.")
        if not any(key in group for key in ("finding", "measurements", "evaluations")):
            yield DescriptionFault(path, "A group has a finding, measurements or evaluations.")
        if "laterality" in group and "site" not in group:
            yield DescriptionFault(f"{path}.laterality", "A side belongs to a site, which is missing.")
        if "geometric_purpose" in group and not {"segment", "regions", "regions_3d"} & set(group):
            yield DescriptionFault(f"{path}.geometric_purpose", "Only a region or segment has a geometric purpose.")
        for index, measurement in enumerate(group.get("measurements", ())):
            scheme = measurement["unit"]["scheme"]
            if scheme != "UCUM":
                where = f"{path}.measurements[{index}].unit.scheme"
                yield DescriptionFault(where, f"Units are coded in UCUM (PS3.16 CID 82), not in {scheme}.")
        yield from _graphics(group.get("regions", ()), POINTS_OF_GRAPHIC, f"{path}.regions")
        yield from _graphics(group.get("regions_3d", ()), POINTS_OF_GRAPHIC_3D, f"{path}.regions_3d")
        yield from _surface(group.get("regions_3d", ()), f"{path}.regions_3d")


def _graphics(
    regions: Sequence[Mapping], points_of: Mapping[str, tuple[int, int]], path: str
) -> Iterator[DescriptionFault]:
    for number, region in enumerate(regions):
        kind, points = region["type"], region["points"]
        fewest, most = points_of[kind]
        if not fewest <= len(points) <= most:
            wanted = f"{fewest}" if fewest == most else f"at least {fewest}"
            yield DescriptionFault(f"{path}[{number}].points", f"{kind} has {wanted} points, not {len(points)}.")
        elif kind == "POLYGON" and points[0] != points[-1]:
            yield DescriptionFault(f"{path}[{number}].points", "A POLYGON ends with the point that it begins with.")


def _surface(regions: Sequence[Mapping], path: str) -> Iterator[DescriptionFault]:
    kinds = sorted({region["type"] for region in regions})
    if len(regions) > 1 and (len(kinds) > 1 or kinds[0] not in OF_SURFACES):
        said = " and ".join(kinds)
        yield DescriptionFault(
            path, f"Several regions in space are slices of one surface, all POLYGON or all ELLIPSE; {said} are given."
        )
