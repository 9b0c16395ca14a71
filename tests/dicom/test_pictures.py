"""A picture shows the stored pixels through the object's own window."""

import io
from copy import deepcopy

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import JPEGLSLossless, RLELossless

from overlays.dicom.frames import FrameNotFound
from overlays.dicom.pictures import Advice, Window, drawn, image_png
from overlays.dicom.pictures_pixels import NoPicture
from overlays.dicom.sandbox import Sandbox
from tests.dicom import small


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(size=1) as pool:
        yield pool


@pytest.fixture(scope="module")
def source():
    return small.images()[0]


@pytest.fixture
def image(source, tmp_path):
    def make(compressed=None, **attributes):
        changed = deepcopy(source)
        for keyword, value in attributes.items():
            if value is None:
                delattr(changed, keyword)
            else:
                setattr(changed, keyword, value)
        if compressed is not None:
            changed.compress(compressed, generate_instance_uid=False)
        return small.save(changed, tmp_path / "image.dcm")

    return make


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def test_a_picture_has_the_size_of_the_frame(image):
    picture = opened(image_png(image()))

    assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (15, 17))


def test_the_window_spreads_the_ramp_from_black_to_white(image):
    row = drawn(image())[0]

    assert row[0] == 0
    assert row[-1] == 255
    assert (np.diff(row.astype(int)) > 0).all()


def test_a_window_can_be_demanded(image):
    narrow = drawn(image(), window=Window(40, 2))

    assert set(np.unique(narrow)) <= {0, 128, 255}


def test_the_centre_of_the_window_is_middle_grey(image):
    values = np.full((17, 15), 1024 + 40, "<u2")

    assert np.abs(drawn(image(PixelData=values.tobytes())).astype(int) - 128).max() <= 1


@pytest.mark.parametrize(
    ("function", "greys"),
    [("", (0, 128, 255)), ("LINEAR_EXACT", (0, 128, 255)), ("SIGMOID", (30, 128, 225)), ("CUBIC", (0, 128, 255))],
)
def test_the_function_of_the_window_is_applied(function, greys, image):
    values = np.full((17, 15), 1024, "<u2")
    values[0, :3] = 1024 - 200, 1024, 1024 + 200
    drawn_there = drawn(image(PixelData=values.tobytes(), WindowCenter=0, WindowWidth=400, VOILUTFunction=function))

    assert np.abs(drawn_there[0, :3].astype(int) - greys).max() <= 1


def test_an_exact_window_of_width_one_is_a_ramp(image):
    values = np.zeros((17, 15), "<u2")
    values[0, 1], values[0, 2] = 2, 4
    made = image(
        PixelData=values.tobytes(),
        RescaleSlope=0.25,
        RescaleIntercept=0,
        WindowCenter=0.5,
        WindowWidth=1,
        VOILUTFunction="LINEAR_EXACT",
    )

    assert drawn(made)[0, :3].tolist() == [0, 128, 255]


def test_a_frame_has_its_own_rescaling_and_window(image):
    frames = []
    for intercept, center in ((-1024, 40), (0, 1064)):
        groups, rescale, window = Dataset(), Dataset(), Dataset()
        rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 1, intercept, "HU"
        window.WindowCenter, window.WindowWidth = center, 400
        groups.PixelValueTransformationSequence, groups.FrameVOILUTSequence = [rescale], [window]
        frames.append(groups)
    path = image(
        NumberOfFrames=2,
        PixelData=np.full((2, 17, 15), 1064, "<u2").tobytes(),
        **dict.fromkeys(("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth")),
        PerFrameFunctionalGroupsSequence=frames,
    )

    greys = [int(drawn(path, number=1)[0, 0]), int(drawn(path, number=2)[0, 0])]
    preset = [int(drawn(path, number=number, window=Window(40, 400))[0, 0]) for number in (1, 2)]

    assert np.abs(np.subtract((*greys, *preset), (128, 128, 128, 255))).max() <= 1


def test_without_a_window_the_percentiles_are_used(image):
    row = drawn(image(WindowCenter=None, WindowWidth=None))[0]

    assert (row[0], row[-1]) == (0, 255)


def test_padding_does_not_count_for_the_percentiles(image):
    values = np.tile(np.linspace(1000, 1100, 15).astype("<u2"), (17, 1))
    values[:9] = 0
    row = drawn(image(WindowCenter=None, WindowWidth=None, PixelPaddingValue=0, PixelData=values.tobytes()))[-1]

    assert (row[0], row[-1]) == (0, 255)
    assert 100 < row[7] < 155


def test_monochrome1_is_inverted(image):
    plain = drawn(image())

    assert np.array_equal(drawn(image(PhotometricInterpretation="MONOCHROME1")), 255 - plain)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("inverse", [True, False])
def test_advice_on_polarity_overrides_photometric_interpretation(image, photometric, inverse):
    plain = drawn(image())
    wanted = 255 - plain if inverse else plain
    made = drawn(image(PhotometricInterpretation=photometric), advice=Advice(inverse=inverse))
    assert np.array_equal(made, wanted)


def test_advice_without_polarity_leaves_it_to_the_image(image):
    stored = image(PhotometricInterpretation="MONOCHROME1")
    assert np.array_equal(drawn(stored, advice=Advice()), drawn(stored))


def test_bits_above_bits_stored_are_ignored(image, source):
    values = np.frombuffer(source.PixelData, "<u2") | 0xF000

    assert np.array_equal(drawn(image(PixelData=values.astype("<u2").tobytes())), drawn(image()))


def test_signed_pixels_keep_their_sign(image, source):
    values = np.frombuffer(source.PixelData, "<u2").astype("<i2") - 1024
    signed = image(PixelData=values.tobytes(), PixelRepresentation=1, RescaleIntercept=0)

    assert np.array_equal(drawn(signed), drawn(image()))


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_is_drawn_as_it_is(image, planar):
    colours = np.random.default_rng(1).integers(0, 256, (17, 15, 3)).astype(np.uint8)
    stored = np.moveaxis(colours, -1, 0) if planar else colours
    path = image(
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=planar,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelData=stored.tobytes() + b"\x00",
    )

    assert np.array_equal(drawn(path), colours)


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless], ids=lambda uid: uid.name)
def test_a_compressed_image_is_decoded_in_the_sandbox(image, sandbox, syntax):
    plain = drawn(image())

    assert np.array_equal(drawn(image(compressed=syntax), sandbox=sandbox), plain)


def test_a_compressed_image_without_a_sandbox_has_no_picture(image):
    with pytest.raises(NoPicture, match="sandbox"):
        image_png(image(compressed=RLELossless))


def test_a_picture_is_made_smaller_but_keeps_its_proportions(image):
    assert opened(image_png(image(), longest=8)).size == (7, 8)


def test_a_small_picture_is_not_made_larger(image):
    assert opened(image_png(image(), longest=100)).size == (15, 17)


def test_a_palette_image_without_its_palette_is_refused_with_a_sentence(image):
    with pytest.raises(NoPicture, match="palette color lookup table"):
        image_png(image(PhotometricInterpretation="PALETTE COLOR"))


def test_an_object_without_pixels_is_refused(image):
    with pytest.raises(NoPicture, match="7FE0,0010"):
        image_png(image(PixelData=None))


def test_a_frame_that_is_not_there_is_not_found(image):
    with pytest.raises(FrameNotFound):
        image_png(image(), number=2)
