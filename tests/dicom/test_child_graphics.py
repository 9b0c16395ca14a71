"""Opening maps, annotations, structure sets and plain reports tells sound objects and limits of the library apart."""

import numpy as np
import pytest

from overlays.dicom import child_graphics
from overlays.dicom.sandbox import Sandbox, SandboxRefused, Task
from tests.builders.files import deflated, from_bytes, to_bytes
from tests.builders.mutations import MUTATIONS, base_bytes
from tests.builders.parametric_maps import parametric_map, probabilities


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(size=1) as pool:
        yield pool


@pytest.fixture
def opened(sandbox, tmp_path):
    def make(content: bytes, **arguments) -> dict:
        path = tmp_path / "object.dcm"
        path.write_bytes(content)
        return sandbox.run(Task.OPEN, path, **arguments).result

    return make


@pytest.mark.parametrize("name", ["map", "double map", "whole map"])
def test_a_sound_map_is_readable(opened, name: str) -> None:
    assert opened(base_bytes(name)) == {"readable": True, "frames": 4, "segments": []}


def test_a_deflated_map_is_readable(opened) -> None:
    assert opened(deflated(base_bytes("map")))["readable"] is True


def test_a_map_whose_dimension_index_points_elsewhere_is_a_known_limit(opened) -> None:
    wrong = next(each for each in MUTATIONS if each.name == "a map's pointer into the wrong group")
    result = opened(wrong.content())
    assert (result["readable"], result["known_limit"], result["frames"]) == (False, True, 4)


def test_a_map_too_far_apart_for_a_volume_is_refused(opened) -> None:
    with pytest.raises(SandboxRefused, match="voxels"):
        opened(base_bytes("map"), most_voxels=100)


def test_a_map_too_short_is_refused(opened) -> None:
    short = next(each for each in MUTATIONS if each.name == "a map too short")
    with pytest.raises(SandboxRefused):
        opened(short.content())


@pytest.mark.parametrize("name", ["annotations", "annotations in space"])
def test_sound_annotations_are_readable(opened, name: str) -> None:
    result = opened(base_bytes(name))
    assert (result["readable"], result["groups"], result["annotations"]) == (True, 2, 8)


def test_annotations_without_coordinates_are_refused(opened) -> None:
    wrong = next(each for each in MUTATIONS if each.name == "no coordinates")
    with pytest.raises(SandboxRefused):
        opened(wrong.content())


def test_more_annotations_than_the_library_can_hold_are_a_known_limit(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(child_graphics, "MOST_ANNOTATIONS", 7)
    path = tmp_path / "object.dcm"
    path.write_bytes(base_bytes("annotations"))
    assert child_graphics.open_annotations(path)["known_limit"] is True


def test_a_structure_set_has_no_reader_but_is_read(opened) -> None:
    result = opened(base_bytes("structure set"))
    assert (result["readable"], result["known_limit"], result["regions"]) == (False, True, 2)


def test_coordinates_beyond_a_bound_are_left_to_the_rules(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(child_graphics, "MOST_COORDINATE_BYTES", 1)
    wrong = next(each for each in MUTATIONS if each.name == "a coordinate that is a word")
    path = tmp_path / "object.dcm"
    path.write_bytes(wrong.content())
    assert child_graphics.open_structure_set(path)["regions"] == 2


def test_a_plain_report_has_no_reader_but_is_read(opened) -> None:
    result = opened(base_bytes("basic text"))
    assert (result["readable"], result["known_limit"]) == (False, True)
    assert result["elements"] > 100


@pytest.mark.parametrize(("kind", "form"), [("FLOAT", "<f4"), ("DOUBLE", "<f8"), ("INTEGER", "<u2")])
@pytest.mark.parametrize("packed", [False, True], ids=["native", "deflated"])
def test_a_frame_of_a_map_is_its_numbers(sandbox, tmp_path, kind: str, form: str, packed: bool) -> None:
    content = to_bytes(parametric_map(kind=kind))
    path = tmp_path / "map.dcm"
    path.write_bytes(deflated(content) if packed else content)
    answer = sandbox.run(Task.FRAME, path, number=3)
    found = np.frombuffer(answer.payload, form).reshape(answer.result["rows"], answer.result["columns"])
    image = from_bytes(base_bytes("ct"))
    scale = 1000 if kind == "INTEGER" else 1
    assert np.allclose(found, scale * probabilities([image] * 4)[1], atol=1e-6)
