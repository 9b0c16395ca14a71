"""A description is read whole or refused with every fault, each at its JSON path."""

import json
from copy import deepcopy

import pytest

from overlays.dicom.encode.description import (
    LARGEST_DESCRIPTION,
    MOST_VALUES,
    Kind,
    parse_description,
    read_description,
)
from overlays.dicom.encode.json_schema import MOST_FAULTS
from overlays.dicom.encode.refusal import EncodingRefused, Reason
from overlays.dicom.encode.segment_description import Compression, SegmentationType
from tests.builders.uids import uid
from tests.dicom.encode.wishes import LEFT, document, segment


def changed(path: str, value: object) -> dict:
    """The sound description with one value set; a path of keys and numbers with dots."""
    found = deepcopy(document())
    *parents, last = path.split(".")
    place = found
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place[key]
    place[int(last) if isinstance(place, list) else last] = value
    return found


def faults(description: object) -> dict[str, str]:
    parsed, found = parse_description(description)
    assert parsed is None
    return {fault.path: fault.sentence for fault in found}


def test_what_is_not_said_has_a_default() -> None:
    parsed, found = parse_description(document())
    assert found == ()
    assert parsed.kind is Kind.SEGMENTATION
    assert (parsed.series_description, parsed.content_description) == ("LiverSeg 2.1.0", "LiverSeg 2.1.0")
    assert (parsed.content_creator, parsed.content_qualification) == ("LiverSeg", "RESEARCH")
    assert (parsed.model.family.value, parsed.model.family.scheme) == ("123110", "DCM")
    assert (parsed.segmentation.form, parsed.segmentation.compression) == (SegmentationType.BINARY, Compression.NONE)
    assert [segment.algorithm_type for segment in parsed.segmentation.segments] == ["AUTOMATIC", "AUTOMATIC"]


def test_everything_that_can_be_said_is_kept() -> None:
    description = document(
        type="FRACTIONAL", fractional_type="OCCUPANCY", maximum_fractional_value=100, compression="rle"
    )
    description["sources"] = [uid("one"), uid("two")]
    description |= {"planes": [uid("two")], "content_label": "LIVER", "predecessor": uid("old")}
    description["model"] |= {
        "parameters": {"weights": "abc"},
        "device_uid": uid("device"),
        "udi": "(01)1",
        "serial_number": "7",
    }
    more = {"colour": "#0A14ff", "tracking_id": "t", "tracking_uid": uid("t"), "description": "two\nlines"}
    description["segmentation"]["segments"] = [segment(9, anatomic_region=LEFT, type_modifier=LEFT, **more)]
    parsed, found = parse_description(description)
    assert found == ()
    assert (parsed.sources, parsed.source_series) == ((uid("one"), uid("two")), "")
    assert (parsed.planes, parsed.content_label, parsed.predecessor) == ((uid("two"),), "LIVER", uid("old"))
    assert dict(parsed.model.parameters) == {"weights": "abc"}
    wish = parsed.segmentation
    assert (wish.fractional_type, wish.maximum_fractional_value, wish.compression) == (
        "OCCUPANCY",
        100,
        Compression.RLE,
    )
    assert (wish.segments[0].number, wish.segments[0].colour) == (9, (10, 20, 255))
    assert (wish.segments[0].tracking_uid, wish.segments[0].type_modifier.meaning) == (uid("t"), "Left")


@pytest.mark.parametrize(
    ("path", "value", "where", "says"),
    [
        ("surprise", 1, "$", 'The key "surprise" is not known'),
        ("kind", "volume", "$.kind", '"volume" is not one of segmentation'),
        ("model", {"name": "a", "version": "1"}, "$.model", "manufacturer is missing"),
        ("model.name", "x" * 65, "$.model.name", "65 characters; at most 64"),
        ("model.name", " ", "$.model.name", "blank"),
        ("model.name", "a\\b", "$.model.name", "free of backslashes"),
        ("model.version", 2, "$.model.version", "A text belongs here, not 2."),
        ("model.version", "\ud800", "$.model.version", "free of backslashes"),
        ("model.weights", "a", "$.model", "weights"),
        ("model.parameters", {"a": 1}, "$.model.parameters.a", "A text belongs here"),
        ("model.device_uid", "1.2.x", "$.model.device_uid", "is not a UID"),
        ("model.device_uid", "1.2.03", "$.model.device_uid", "is not a UID"),
        ("model.device_uid", "1.2.3\n", "$.model.device_uid", "is not a UID"),
        ("model.family", {"value": "1", "scheme": "DCM"}, "$.model.family", "meaning is missing"),
        ("sources", [], "$.sources", "At least 1"),
        ("sources", ["1.2", "1.3", "1.2"], "$.sources[2]", "named twice"),
        ("sources", "1.2", "$.sources", "A list or an object belongs here"),
        ("sources", {}, "$.sources", "series is missing"),
        ("planes", ["1.2", "1.2"], "$.planes[1]", "named twice"),
        ("content_label", "liver", "$.content_label", "is not 1 to 16 of the characters"),
        ("content_creator", "a^b^c^d^e^f", "$.content_creator", "is not a name of a person"),
        ("content_creator", "Lee^R=a=b=c", "$.content_creator", "is not a name of a person"),
        ("content_creator", "Lee^R=" + "x" * 65, "$.content_creator", "is not a name of a person"),
        ("content_creator", "x" * 65, "$.content_creator", "is not a name of a person"),
        ("content_creator", "^^=^", "$.content_creator", "is not a name of a person"),
        ("content_creator", "Lee\\R", "$.content_creator", "free of backslashes"),
        ("content_qualification", "CLINICAL", "$.content_qualification", "RESEARCH, PRODUCT, SERVICE"),
        ("report", {}, "$.report", "has no section report"),
        ("segmentation.type", "SURFACE", "$.segmentation.type", "is not one of BINARY"),
        ("segmentation.compression", "zip", "$.segmentation.compression", "is not one of none"),
        ("segmentation.compression", "rle", "$.segmentation.compression", "not taken for the type BINARY"),
        ("segmentation.compression", "jpeg-ls", "$.segmentation.compression", "not taken for the type BINARY"),
        ("segmentation.fractional_type", "PROBABILITY", "$.segmentation.fractional_type", "has no fractions"),
        ("segmentation.maximum_fractional_value", 256, "$.segmentation.maximum_fractional_value", "at most 255"),
        ("segmentation.segments", [], "$.segmentation.segments", "At least 1"),
        ("segmentation.segments", {"1": "liver"}, "$.segmentation", "class_names is missing"),
        ("segmentation.class_names", "totalsegmentator", "$.segmentation.class_names", "need no class names"),
        ("segmentation.segments.1.number", 1, "$.segmentation.segments[1].number", "belongs to a segment before"),
        ("segmentation.segments", [segment(1, file="a"), segment(2, file="a")], "$.segmentation.segments[1].file", "a segment before"),
        ("segmentation.segments.0.file", "", "$.segmentation.segments[0].file", "blank"),
        ("segmentation.segments.0.number", 0, "$.segmentation.segments[0].number", "at least 1"),
        ("segmentation.segments.0.number", True, "$.segmentation.segments[0].number", "not true"),
        ("segmentation.segments.0.number", 65536, "$.segmentation.segments[0].number", "at most 65535"),
        ("segmentation.segments.0.colour", "red", "$.segmentation.segments[0].colour", "is not a colour such as"),
        ("segmentation.segments.0.tracking_uid", "1.2", "$.segmentation.segments[0]", "tracking_id is missing"),
        ("segmentation.segments.0.region_modifier", LEFT, "$.segmentation.segments[0]", "anatomic_region is missing"),
        ("segmentation.segments.0.algorithm_type", "AI", "$.segmentation.segments[0].algorithm_type", "AUTOMATIC"),
        ("segmentation.segments.0.mask", "AI", "$.segmentation.segments[0]", 'The key "mask" is not known'),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_path(path: str, value: object, where: str, says: str) -> None:
    found = faults(changed(path, value))
    assert list(found) == [where]
    assert says in found[where]


@pytest.mark.parametrize(
    "name", ["Lee^R^^Dr.^PhD", "Yamada^Tarou=山田^太郎=やまだ^たろう", "=".join(["x" * 64] * 3), "^R"]
)
def test_a_name_of_a_person_is_taken_as_a_creator(name: str) -> None:
    parsed, found = parse_description(document() | {"content_creator": name})
    assert found == ()
    assert parsed.content_creator == name


def test_all_faults_are_told_at_once() -> None:
    description = changed("model.name", "")
    description["sources"] = {"series": "x"}
    description["segmentation"]["segments"][1]["label"] = 5
    assert set(faults(description)) == {"$.model.name", "$.sources.series", "$.segmentation.segments[1].label"}


def test_a_kind_without_its_section_is_at_fault() -> None:
    description = document()
    del description["segmentation"]
    assert faults(description) == {"$": "segmentation is missing: it says what is encoded."}


def test_class_names_become_codes() -> None:
    section = {"class_names": "totalsegmentator", "segments": {"2": "kidney_left", "1": "spleen"}}
    parsed, _ = parse_description(document() | {"segmentation": section})
    assert [(segment.number, segment.label) for segment in parsed.segmentation.segments] == [
        (1, "spleen"),
        (2, "kidney_left"),
    ]
    assert parsed.segmentation.segments[1].type_modifier.meaning == "Left"


def test_class_names_without_a_code_are_refused_by_name() -> None:
    section = {"class_names": "totalsegmentator", "segments": {"1": "spleen", "2": "unicorn", "3": "liver_vessels"}}
    found = faults(document() | {"segmentation": section})
    assert list(found) == ["$.segmentation.segments['2']", "$.segmentation.segments['3']"]
    assert '"unicorn"' in found["$.segmentation.segments['2']"]


@pytest.mark.parametrize("key", ["0", "70000", "01", "one", "1\n"])
def test_class_names_stand_under_mask_values(key: str) -> None:
    section = {"class_names": "totalsegmentator", "segments": {key: "spleen"}}
    assert list(faults(document() | {"segmentation": section})) == ["$.segmentation.segments"]


def refusal_of(content: bytes | dict) -> EncodingRefused:
    with pytest.raises(EncodingRefused) as refused:
        read_description(content if isinstance(content, bytes) else json.dumps(content).encode())
    return refused.value


@pytest.mark.parametrize(
    "more",
    [{f"key {number}": 1 for number in range(500)}, {"sources": ["1.2"] * 5000, "planes": ["1.2"] * 5000}],
)
def test_a_hundred_faults_are_told_and_that_there_are_more(more: dict) -> None:
    found = refusal_of(document() | more).faults
    assert len(found) == MOST_FAULTS + 1
    assert "more fault(s)" in found[-1].sentence


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("sources", [5] * 20_001, "At most 20000 are taken, not 20001."),
        ("segmentation.segments", [5] * 1001, "At most 1000 are taken, not 1001."),
        ("segmentation.segments", {"x": 5} | dict.fromkeys(map(str, range(1, 1001)), 5), "At most 1000 are taken"),
        ("model.parameters", dict.fromkeys(map(str, range(51)), 5), "At most 50 are taken, not 51."),
        ("model.name", "\\" * 65, "65 characters"),
    ],
)
def test_of_what_is_too_large_nothing_else_is_looked_at(path: str, value: object, says: str) -> None:
    found = [fault for fault in refusal_of(changed(path, value)).faults if fault.path.startswith(f"$.{path}")]
    assert len(found) == 1
    assert says in found[0].sentence


def test_more_values_than_are_taken_are_refused_before_they_are_read() -> None:
    (fault,) = refusal_of(b"{" + b"[]," * MOST_VALUES).faults
    assert str(MOST_VALUES) in fault.sentence


def test_commas_of_texts_are_no_values() -> None:
    assert not any(
        str(MOST_VALUES) in fault.sentence for fault in refusal_of(changed("model.name", '",["' * MOST_VALUES)).faults
    )


@pytest.mark.parametrize("word", ["1e400", "-1e400", "NaN", "Infinity"])
def test_a_number_that_is_not_finite_is_told_at_its_path(word: str) -> None:
    text = json.dumps(document() | {"report": {"groups": [{"measurements": [{"value": 0.125}]}]}}).replace(
        "0.125", word
    )
    found = {fault.path: fault.sentence for fault in refusal_of(text.encode()).faults}
    assert "no finite number" in found["$.report.groups[0].measurements[0].value"]


@pytest.mark.parametrize(
    "value", [None, [], "text", 5, 1e400, {}, {"kind": []}, {"kind": {"a": 1}, "sources": 5, "planes": 7}]
)
def test_other_json_is_refused_without_an_exception(value: object) -> None:
    assert faults(value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"kind": NaN}',
        b'{"kind": 1' + b"0" * 10_000 + b"}",
        b'{"kind": "report", "kind": "report"}',
        b" " * (LARGEST_DESCRIPTION + 1),
    ],
)
def test_bytes_that_hold_no_description_are_refused(content: bytes) -> None:
    with pytest.raises(EncodingRefused) as refused:
        read_description(content)
    assert refused.value.reason is Reason.DESCRIPTION
    assert refused.value.faults


def test_the_refusal_of_bytes_carries_every_fault() -> None:
    with pytest.raises(EncodingRefused) as refused:
        read_description(json.dumps(changed("model.name", "") | {"x": 1}).encode())
    assert [fault.path for fault in refused.value.faults] == ["$", "$.model.name"]
