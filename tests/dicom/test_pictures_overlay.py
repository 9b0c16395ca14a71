"""Layers show each segment where its frames lie, and nothing elsewhere."""

import io

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

from overlays.dicom.instance import Grid
from overlays.dicom.laying import SourcePlane, laid
from overlays.dicom.pictures_overlay import (
    coverage,
    edge,
    layer_png,
    layers,
    read_overlay,
)
from overlays.dicom.sandbox import Sandbox
from overlays.management.demo.phantom_objects import Kind
from overlays.management.demo.phantom_trunk import Structure
from tests.dicom import small
from tests.dicom.recoded import as_one_bit_rle

COLOURS = {1: (255, 0, 0), 2: (0, 0, 255)}
LIVER, SPLEEN = (small.masks()[structure] for structure in (Structure.LIVER, Structure.SPLEEN))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("overlay")


@pytest.fixture(scope="module")
def sources():
    return small.images()


@pytest.fixture(scope="module")
def images(sources, folder):
    return {image.SOPInstanceUID: small.save(image, folder / f"{image.InstanceNumber}.dcm") for image in sources}


@pytest.fixture(scope="module")
def overlays(sources, folder):
    return {kind: read_overlay(small.save(small.segments(sources, kind), folder / f"{kind}.dcm")) for kind in Kind}


def placed(sources, overlay):
    """Slices of the overlay by index of the source image."""
    planes = [
        SourcePlane(
            image.SOPInstanceUID,
            Grid(
                rows=17,
                columns=15,
                orientation=tuple(map(float, image.ImageOrientationPatient)),
                position=tuple(map(float, image.ImagePositionPatient)),
            ),
        )
        for image in sources
    ]
    found = {each.sop_instance_uid: each for each in laid(planes, overlay.places).slices}
    return [found[image.SOPInstanceUID] for image in sources]


@pytest.mark.parametrize(("kind", "full"), [(Kind.BINARY, 255), (Kind.LABELMAP, 255), (Kind.FRACTIONAL, 128)])
@pytest.mark.parametrize("index", range(5))
def test_a_segment_covers_its_mask_on_every_slice(sources, overlays, kind, full, index):
    overlay = overlays[kind]
    covered = coverage(overlay, placed(sources, overlay)[index].frames)
    expected = {number: mask[index] for number, mask in ((1, LIVER), (2, SPLEEN)) if mask[index].any()}

    assert set(covered) == set(expected)
    assert all(np.array_equal(covered[number], mask * np.uint8(full)) for number, mask in expected.items())


def test_a_layer_has_the_colour_and_the_shape_of_its_segment(sources, overlays):
    overlay = overlays[Kind.BINARY]
    first, second = layers(overlay, placed(sources, overlay)[3].frames, COLOURS)
    pixels = np.asarray(Image.open(io.BytesIO(first.png)).convert("RGBA"))

    assert (first.segment_number, second.segment_number) == (1, 2)
    assert np.array_equal(pixels[..., 3] == 255, LIVER[3])
    assert set(map(tuple, pixels[LIVER[3]][:, :3].tolist())) == {(255, 0, 0)}


def test_a_layer_of_whole_pixels_takes_one_bit_each():
    png = layer_png(np.array([[0, 255], [255, 0]], np.uint8), (1, 2, 3))

    assert png[24] == 1


def test_a_layer_of_shares_is_transparent_by_value():
    values = np.array([[0, 64], [128, 255]], np.uint8)
    pixels = np.asarray(Image.open(io.BytesIO(layer_png(values, (1, 2, 3)))).convert("RGBA"))

    assert np.array_equal(pixels[..., 3], values)
    assert (pixels[..., :3] == (1, 2, 3)).all()


def test_a_segmentation_in_one_bit_rle_is_decoded_in_the_sandbox(sources, overlays, folder):
    plain = overlays[Kind.BINARY]
    changed = dcmread(plain.path)
    as_one_bit_rle(changed, packed=True)
    overlay = read_overlay(small.save(changed, folder / "rle.dcm"))
    frames = placed(sources, overlay)[3].frames
    with Sandbox(size=1) as sandbox:
        covered = coverage(overlay, frames, sandbox=sandbox)

    assert np.array_equal(covered[1] == 255, LIVER[3])
    assert np.array_equal(covered[2] == 255, SPLEEN[3])


def test_the_edge_of_a_square_is_its_rim():
    square = np.zeros((6, 6), bool)
    square[1:5, 1:5] = True

    assert np.count_nonzero(edge(square)) == 12
