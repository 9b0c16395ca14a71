"""A map is drawn in the colours of its real world values, transparent where there are none."""

import copy
import io

import numpy as np
import pytest
from PIL import Image

from overlays.dicom import pictures_values
from overlays.dicom.pictures_colours import COLOURS, coloured
from overlays.dicom.pictures_map import MapMarks
from overlays.dicom.pictures_values import read_value_map
from overlays.dicom.sandbox import Sandbox
from tests.builders import ct_series, to_bytes
from tests.builders.files import deflated
from tests.builders.parametric_maps import parametric_map


@pytest.fixture
def reading(tmp_path):
    def read(content, **more):
        path = tmp_path / "map.dcm"
        path.write_bytes(content if isinstance(content, bytes) else to_bytes(content))
        return read_value_map(path, **more)

    return read


def layer(value_map, frame: int, style: str = "whole") -> np.ndarray:
    marks = MapMarks(value_map, value_map.places[frame : frame + 1])
    return np.asarray(Image.open(io.BytesIO(marks.layer(1, style, (0, 0, 0)))))


@pytest.mark.parametrize("kind", ["FLOAT", "DOUBLE", "INTEGER"])
def test_low_values_are_dark_and_high_ones_bright(kind, reading):
    picture = layer(reading(parametric_map(kind=kind)), 1).astype(int)
    assert picture[2, 2, :3].sum() < picture[32, 32, :3].sum() < picture[60, 60, :3].sum()
    assert (picture[2:, 2:, 3] == 255).all()


def test_the_scales_are_those_of_the_values(reading):
    ranges = reading(parametric_map()).ranges
    assert ranges["whole"][1] == pytest.approx((0.0, 0.885), abs=0.01)
    low, high = ranges["middle"][1]
    assert ranges["whole"][1][0] < low < high < ranges["whole"][1][1]
    assert ranges["own"][1] == pytest.approx((0.0, 1.0), abs=0.01)


def test_an_integer_map_has_the_same_real_world_values(reading):
    assert reading(parametric_map(kind="INTEGER")).ranges["whole"][1] == pytest.approx((0.0, 0.885), abs=0.01)


def test_values_come_by_a_table_where_the_mapping_has_one(reading):
    built = parametric_map(kind="INTEGER")
    for groups in (built.SharedFunctionalGroupsSequence[0], *built.PerFrameFunctionalGroupsSequence):
        for item in groups.get("RealWorldValueMappingSequence", []):
            del item.RealWorldValueSlope, item.RealWorldValueIntercept
            item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 0, 1000
            item.RealWorldValueLUTData = [float(number) * 2 for number in range(1001)]
    assert reading(built).ranges["whole"][1][1] == pytest.approx(1770, abs=10)


def test_what_is_no_number_is_transparent(reading):
    built = parametric_map()
    values = np.frombuffer(built.FloatPixelData, "<f4").copy()
    values[: 64 * 32] = np.nan
    values[64 * 32 : 64 * 33] = np.inf
    built.FloatPixelData = values.tobytes()
    alpha = layer(reading(built), 0)[:, :, 3]
    assert not alpha[:33].any()
    assert alpha[33:].all()


def test_a_signalling_nan_is_no_number_either(reading):
    built = parametric_map()
    built.FloatPixelData = b"\x01\x00\x80\x7f" + built.FloatPixelData[4:]
    assert layer(reading(built), 0)[0, 0, 3] == 0


def test_padding_is_transparent(reading):
    built = parametric_map(kind="INTEGER")
    values = np.frombuffer(built.PixelData, "<u2").copy()
    values[: 64 * 10] = 900
    built.PixelData = values.tobytes()
    built.add_new("PixelPaddingValue", "US", 900)
    assert not layer(reading(built), 0)[:10, :, 3].any()


def test_a_constant_map_is_drawn(reading):
    built = parametric_map()
    built.FloatPixelData = np.full(len(built.FloatPixelData) // 4, 0.5, "<f4").tobytes()
    assert layer(reading(built), 0)[:, :, 3].all()


def test_values_as_large_as_floats_get_break_nothing(reading):
    built = parametric_map(kind="DOUBLE")
    values = np.frombuffer(built.DoubleFloatPixelData, "<f8").copy()
    values[0], values[1] = -1.7e308, 1.7e308
    built.DoubleFloatPixelData = values.tobytes()
    assert layer(reading(built), 0).shape == (64, 64, 4)


def test_a_deflated_map_is_decoded_in_the_sandbox(reading):
    with Sandbox(size=1) as sandbox:
        found = reading(deflated(to_bytes(parametric_map())), sandbox=sandbox)
    assert found.ranges["whole"][1] == pytest.approx((0.0, 0.885), abs=0.01)


def test_over_an_image_only_the_values_are_coloured(reading):
    value_map = reading(parametric_map())
    picture = MapMarks(value_map, value_map.places[:1]).over(np.full((64, 64), 50, np.uint8), {})
    assert (np.ptp(picture[40:, 40:].astype(int), axis=2) > 10).any()


def test_the_colours_grow_lighter_from_end_to_end():
    light = COLOURS @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(light) > 0).all()


def test_values_beyond_the_scale_have_the_colours_of_its_ends():
    values = np.array([[-1.0, 0.0, 0.5, 1.0, 7.0, np.nan]])
    picture = coloured(values, np.isfinite(values), 0.0, 1.0)
    assert picture[0, :, 3].tolist() == [255, 255, 255, 255, 255, 0]
    assert (picture[0, 0] == picture[0, 1]).all()
    assert (picture[0, 3] == picture[0, 4]).all()


def floats(frames: np.ndarray):
    """A map of these values."""
    built = parametric_map(sources=ct_series(slices=len(frames)))
    built.FloatPixelData = frames.astype("<f4").tobytes()
    return built


@pytest.mark.parametrize("style", ["middle", "whole", "own"])
def test_negative_values_are_drawn(style, reading):
    values = np.zeros((4, 64, 64))
    values[:, 10:20, 10:20], values[:, 30:40, 30:40] = -5, 5
    picture = layer(reading(floats(values)), 1, style)
    assert picture[10:20, 10:20, 3].all()
    assert picture[30:40, 30:40, 3].all()


def test_a_small_region_of_low_values_is_drawn_in_the_colour_of_the_lower_end(reading):
    values = np.random.default_rng(0).normal(1500, 50, (4, 64, 64))
    values[:, :2], values[:, 30:35, 30:35] = 0, 600
    picture = layer(reading(floats(values)), 1, "middle")
    assert picture[30:35, 30:35, 3].all()
    assert (picture[32, 32, :3] == COLOURS[0]).all()


@pytest.mark.parametrize(("style", "opaque"), [("middle", False), ("own", False), ("whole", True)])
def test_zero_is_transparent_but_from_the_lowest_to_the_highest_value(style, opaque, reading):
    values = np.full((4, 64, 64), 0.5)
    values[:, :2] = 0
    assert layer(reading(floats(values)), 1, style)[:2, :, 3].all() == opaque


def test_the_highest_value_of_any_frame_ends_the_widest_scale(reading):
    values = np.random.default_rng(0).random((60, 64, 64))
    values[13, 20:22, 20:22] = 1000
    found = reading(floats(values))
    assert (found.ranges["whole"][1][1], found.looked_at) == (1000, 60)


def test_of_a_very_large_map_a_few_frames_are_looked_at(reading, monkeypatch):
    monkeypatch.setattr(pictures_values, "MOST_VALUES", 59 * 64 * 64)
    assert reading(floats(np.ones((60, 64, 64)))).looked_at == 24


def test_stored_values_that_the_table_does_not_map_are_transparent_and_counted(reading):
    built = parametric_map(kind="INTEGER")
    for groups in (built.SharedFunctionalGroupsSequence[0], *built.PerFrameFunctionalGroupsSequence):
        for item in groups.get("RealWorldValueMappingSequence", []):
            del item.RealWorldValueSlope, item.RealWorldValueIntercept
            item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 100, 102
            item.RealWorldValueLUTData = [1.0, 2.0, 3.0]
    stored = np.frombuffer(built.PixelData, "<u2").reshape(4, 64, 64)
    mapped = (stored >= 100) & (stored <= 102)
    found = reading(built)
    assert ((layer(found, 1)[:, :, 3] > 0) == mapped[1]).all()
    assert found.unmapped == np.count_nonzero(~mapped)


def test_padding_is_not_counted_as_unmapped(reading):
    built = parametric_map(kind="INTEGER")
    for groups in (built.SharedFunctionalGroupsSequence[0], *built.PerFrameFunctionalGroupsSequence):
        for item in groups.get("RealWorldValueMappingSequence", []):
            del item.RealWorldValueSlope, item.RealWorldValueIntercept
            item.RealWorldValueLUTData = [1.0] * 1001
    values = np.frombuffer(built.PixelData, "<u2").copy()
    values[:100] = 2000
    built.PixelData = values.tobytes()
    built.add_new("PixelPaddingValue", "US", 2000)
    assert reading(built).unmapped == 0


def test_further_mappings_of_a_frame_are_known_of(reading):
    built = parametric_map()
    for groups in (built.SharedFunctionalGroupsSequence[0], *built.PerFrameFunctionalGroupsSequence):
        if items := groups.get("RealWorldValueMappingSequence"):
            items.append(copy.deepcopy(items[0]))
            items[1].RealWorldValueSlope = 100.0
    assert all(line.several and line.slope == 1 for _, line in reading(built).of_frame)
