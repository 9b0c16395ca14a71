"""Tests what is read of a parametric map."""

from pathlib import Path

import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.inspect import inspect
from overlays.dicom.instance import Code, Family, Instance, ValueMapping
from tests.builders import ct_series, to_bytes
from tests.builders.parametric_maps import parametric_map

PROBABILITY = Code(value="122157", scheme="DCM", meaning="Probability")
NO_UNITS = Code(value="1", scheme="UCUM", meaning="no units")


@pytest.fixture
def read(tmp_path: Path):
    def reading(data_set) -> Instance:
        path = tmp_path / "object.dcm"
        path.write_bytes(to_bytes(data_set))
        return inspect(path, bounds=Bounds()).instance

    return reading


@pytest.mark.parametrize(
    ("kind", "keyword", "bits"),
    [("FLOAT", "FloatPixelData", 32), ("DOUBLE", "DoubleFloatPixelData", 64), ("INTEGER", "PixelData", 16)],
)
def test_pixels_of_every_element_have_a_layout(read, kind: str, keyword: str, bits: int) -> None:
    made = parametric_map(kind=kind)
    instance = read(made)
    layout = instance.pixels
    assert (instance.family, layout.keyword, layout.bits_allocated, layout.bits_stored) == (
        Family.PARAMETRIC_MAP,
        keyword,
        bits,
        bits,
    )
    assert to_bytes(made)[layout.offset : layout.offset + layout.length] == made[keyword].value


def test_the_meaning_of_floating_point_pixels_is_read(read) -> None:
    assert read(parametric_map()).value_mappings == (
        ValueMapping(
            label="PROBABILITY",
            explanation="Probability of liver",
            quantity=PROBABILITY,
            unit=NO_UNITS,
            slope=1.0,
            intercept=0.0,
            first=0.0,
            last=1.0,
        ),
    )


def test_the_meaning_of_whole_pixels_is_read(read) -> None:
    (mapping,) = read(parametric_map(kind="INTEGER")).value_mappings
    assert (mapping.slope, mapping.intercept, mapping.first, mapping.last) == (0.001, 0.0, 0.0, 1000.0)


def test_a_mapping_without_quantity_or_line_is_read_as_far_as_it_goes(read) -> None:
    made = parametric_map()
    item = made.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence[0]
    del item.QuantityDefinitionSequence
    del item.RealWorldValueSlope
    item.RealWorldValueIntercept = float("nan")
    (mapping,) = read(made).value_mappings
    assert (mapping.quantity, mapping.slope, mapping.intercept) == (None, None, None)


def test_sources_are_those_of_the_frames_with_their_series(read) -> None:
    images = ct_series()
    references = read(parametric_map(sources=images)).references
    assert {reference.sop_instance_uid for reference in references} == {image.SOPInstanceUID for image in images}
    assert {reference.series_instance_uid for reference in references} == {images[0].SeriesInstanceUID}
