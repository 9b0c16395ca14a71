"""Values in space become a parametric map whose numbers every reader gets back as they were."""

from pathlib import Path

import highdicom as hd
import nibabel
import numpy as np
import pydicom
import pytest

from overlays.dicom.bounds import Bounds
from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.parametric_map import encode_parametric_map
from overlays.dicom.encode.refusal import EncodingRefused, MaskTooLarge, Reason
from overlays.dicom.inspect import inspect
from overlays.dicom.model_identity import claimed_model
from tests.builders import ct_series
from tests.dicom.encode.works import LIVER, code, errors, errors_of_dciodvfy, predecessor_of, work, written

NO_UNITS = code("1", "UCUM", "no units")
PROBABILITY = code("110849", "DCM", "Class activation")
MAP = {"label": "LIVER", "unit": NO_UNITS, "quantity": PROBABILITY}


@pytest.fixture(scope="module")
def images() -> list:
    found = ct_series()
    for image in found:
        image.pop("SpacingBetweenSlices", None)
    return found


def heat(images, dtype=np.float32) -> np.ndarray:
    """Planes by rows by columns, from 0 to 1, none like another."""
    shape = (len(images), images[0].Rows, images[0].Columns)
    return (np.arange(np.prod(shape)).reshape(shape) / (np.prod(shape) - 1)).astype(dtype)


def file_of(array: np.ndarray, folder: Path) -> Path:
    path = folder / "map.npy"
    np.save(path, array)
    return path


def encode(images, array, folder, *, maps=(MAP,), planes=True, limits=None, predecessor=None, **section):
    more = {"planes": [str(image.SOPInstanceUID) for image in images]} if planes else {}
    files = [file_of(array, folder)] if isinstance(array, np.ndarray) else [array]
    asked = work(
        "parametric_map",
        {"maps": list(maps)} | section,
        sources=images,
        files=files,
        predecessor=predecessor,
        **more,
    )
    return encode_parametric_map(asked, limits)


KINDS = {
    "float": (np.float32, {}),
    "double": (np.float64, {}),
    "integers": (np.float32, {"stored_as": "uint16"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_sound(images, tmp_path, kind):
    dtype, section = KINDS[kind]
    path = written(encode(images, heat(images, dtype), tmp_path, **section), tmp_path)
    assert (errors(path), errors_of_dciodvfy(path)) == ([], [])


def test_planes_on_some_images_have_the_spacing_of_all_and_refer_to_all(images, tmp_path):
    chosen = [str(images[0].SOPInstanceUID), str(images[2].SOPInstanceUID)]
    file = file_of(heat(images[:2]), tmp_path)
    asked = work("parametric_map", {"maps": [MAP]}, sources=images, files=[file], planes=chosen)
    found = encode_parametric_map(asked).dataset
    assert found.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices == 2.5
    assert (
        len(found.SourceImageSequence)
        == len(found.ReferencedSeriesSequence[0].ReferencedInstanceSequence)
        == len(images)
    )
    assert found.NumberOfFrames == 2


def test_pydicom_and_highdicom_read_the_floats_as_they_were(images, tmp_path):
    values = heat(images)
    found = pydicom.dcmread(written(encode(images, values, tmp_path), tmp_path))
    frames = np.frombuffer(found.FloatPixelData, "<f4").reshape(values.shape)
    place = {float(image.ImagePositionPatient[2]): plane for image, plane in zip(images, values, strict=True)}
    positions = [
        float(frame.PlanePositionSequence[0].ImagePositionPatient[2])
        for frame in found.PerFrameFunctionalGroupsSequence
    ]
    expected = np.stack([place[position] for position in positions])
    assert np.array_equal(frames, expected)
    assert np.array_equal(hd.pm.ParametricMap.from_dataset(found).get_frames(), expected)


def test_floats_may_come_as_nifti_and_are_placed_by_its_affine(images, tmp_path):
    values = heat(images)
    affine = np.diag((-0.75, -0.75, 2.5, 1.0))
    affine[:3, 3] = 32.0, 32.0, 0.0
    nibabel.save(nibabel.Nifti1Image(values.transpose(2, 1, 0), affine), tmp_path / "map.nii.gz")
    by_affine = encode(images, tmp_path / "map.nii.gz", tmp_path, planes=False).dataset
    assert by_affine.FloatPixelData == encode(images, values, tmp_path).dataset.FloatPixelData


def test_integers_mean_what_the_floats_were_to_within_half_a_step(images, tmp_path):
    values = heat(images) * 7 - 3
    made = encode(images, values, tmp_path, stored_as="uint16")
    found = pydicom.dcmread(written(made, tmp_path))
    assert (found.BitsAllocated, [remark.code for remark in made.remarks]) == (16, ["quantized"])
    real = hd.pm.ParametricMap.from_dataset(found).get_frames(apply_real_world_transform=True)
    assert np.abs(np.sort(real.ravel()) - np.sort(values.ravel())).max() <= 7 / 65535 / 2 + 1e-6


def test_small_whole_numbers_stay_what_they_are(images, tmp_path):
    values = (heat(images) * 1000).astype(np.uint16)
    made = encode(images, values, tmp_path, stored_as="uint16")
    found = pydicom.dcmread(written(made, tmp_path))
    assert (sorted(found.pixel_array.ravel().tolist()), made.remarks) == (sorted(values.ravel().tolist()), ())


def test_doubles_that_lose_digits_are_told(images, tmp_path):
    assert [remark.code for remark in encode(images, heat(images, np.float64), tmp_path).remarks] == ["rounded"]


@pytest.mark.parametrize("storage", ["float32", "uint16"])
def test_each_channel_is_a_map_of_its_own(images, tmp_path, storage):
    values = np.stack([heat(images), heat(images) * 2], axis=-1)
    maps = [MAP, MAP | {"label": "SPLEEN"}]
    path = written(encode(images, values, tmp_path, maps=maps, stored_as=storage), tmp_path)
    instance = inspect(path, bounds=Bounds()).instance
    assert (instance.number_of_frames, {each.label for each in instance.value_mappings}) == (8, {"LIVER", "SPLEEN"})
    assert (errors(path), errors_of_dciodvfy(path)) == ([], [])
    frames = hd.pm.ParametricMap.from_dataset(pydicom.dcmread(path)).get_frames(apply_real_world_transform=True)
    assert np.allclose(np.sort(frames.ravel()), np.sort(values.ravel()), atol=2 / 65535)


def test_unit_quantity_range_and_window_are_told(images, tmp_path):
    maps = [MAP | {"range": [0, 1], "explanation": "how sure"}]
    window = {"center": 0.25, "width": 0.5}
    built = encode(images, heat(images), tmp_path, maps=maps, window=window).dataset
    shared = built.SharedFunctionalGroupsSequence[0]
    mapping, voi = shared.RealWorldValueMappingSequence[0], shared.FrameVOILUTSequence[0]
    assert (mapping.LUTLabel, mapping.LUTExplanation) == ("LIVER", "how sure")
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == "1"
    assert mapping.QuantityDefinitionSequence[0].ConceptCodeSequence[0].CodeValue == PROBABILITY["value"]
    assert (mapping.DoubleFloatRealWorldValueFirstValueMapped, mapping.DoubleFloatRealWorldValueLastValueMapped) == (
        0,
        1,
    )
    assert (float(voi.WindowCenter), float(voi.WindowWidth)) == (0.25, 0.5)


def test_the_window_of_integers_counts_their_steps(images, tmp_path):
    window = {"center": 0.5, "width": 1}
    built = encode(images, heat(images), tmp_path, window=window, stored_as="uint16").dataset
    voi = built.SharedFunctionalGroupsSequence[0].FrameVOILUTSequence[0]
    assert (round(float(voi.WindowCenter)), round(float(voi.WindowWidth))) == (32768, 65535)


def test_every_frame_names_the_image_it_was_derived_from(images, tmp_path):
    instance = inspect(written(encode(images, heat(images), tmp_path), tmp_path), bounds=Bounds()).instance
    assert {each.sop_instance_uid for each in instance.references} == {str(image.SOPInstanceUID) for image in images}


def test_its_model_version_is_read_from_it(images, tmp_path):
    instance = inspect(written(encode(images, heat(images), tmp_path), tmp_path), bounds=Bounds()).instance
    claim, findings = claimed_model(instance, None)
    assert ((claim.name, claim.version, claim.manufacturer), findings) == (("LiverSeg", "2.1.0", "ACME AI"), ())


def test_a_correction_names_its_predecessor(images, tmp_path):
    before = encode(images, heat(images), tmp_path).dataset
    again = encode(images, heat(images), tmp_path, predecessor=predecessor_of(before))
    path = written(again, tmp_path)
    assert inspect(path, bounds=Bounds()).instance.predecessors == (str(before.SOPInstanceUID),)
    assert (errors(path), errors_of_dciodvfy(path)) == ([], [])


def test_the_same_work_gives_the_same_bytes(images, tmp_path):
    first = written(encode(images, heat(images), tmp_path), tmp_path).read_bytes()
    assert written(encode(images, heat(images), tmp_path), tmp_path).read_bytes() == first


@pytest.mark.parametrize(
    ("section", "path", "said"),
    [
        ({"maps": [MAP, MAP]}, "$.parametric_map.maps[1].label", "before this one"),
        ({"maps": [MAP | {"unit": LIVER}]}, "$.parametric_map.maps[0].unit.scheme", "UCUM"),
        ({"maps": [MAP | {"range": [1, 1]}]}, "$.parametric_map.maps[0].range", "less than"),
        ({"maps": [MAP | {"range": [1]}]}, "$.parametric_map.maps[0].range", "At least 2"),
        ({"maps": [MAP | {"label": "x" * 17}]}, "$.parametric_map.maps[0].label", "at most 16"),
        ({"maps": []}, "$.parametric_map.maps", "At least 1"),
        ({"maps": [MAP], "window": {"center": 1, "width": 0}}, "$.parametric_map.window.width", "more than 0"),
        ({"maps": [MAP], "stored_as": "float64"}, "$.parametric_map.stored_as", "float32"),
    ],
)
def test_a_section_that_says_nonsense_is_refused(images, tmp_path, section, path, said):
    with pytest.raises(EncodingRefused) as caught:
        encode(images, heat(images), tmp_path, **section)
    (fault,) = caught.value.faults
    assert (caught.value.reason, fault.path) == (Reason.DESCRIPTION, path)
    assert said in fault.sentence


@pytest.mark.parametrize(
    ("values", "section", "said"),
    [
        (np.nan, {}, "no finite numbers"),
        (np.inf, {}, "no finite numbers"),
        (1e39, {}, "beyond single precision"),
        (1.5, {"maps": [MAP | {"range": [0, 1]}]}, "its range is 0 to 1"),
    ],
)
def test_values_that_are_none_are_refused(images, tmp_path, values, section, said):
    array = heat(images, np.float64)
    array[1, 2, 3] = values
    with pytest.raises(EncodingRefused, match=said) as caught:
        encode(images, array, tmp_path, **section)
    assert caught.value.reason is Reason.MASK_VALUES


def test_channels_without_a_description_are_refused(images, tmp_path):
    with pytest.raises(EncodingRefused, match=r"2 channel\(s\); 1 map"):
        encode(images, np.stack([heat(images)] * 2, axis=-1), tmp_path)


def test_more_voxels_than_are_taken_are_refused(images, tmp_path):
    with pytest.raises(MaskTooLarge, match="16384 voxels; 1000"):
        encode(images, heat(images), tmp_path, limits=EncodingLimits(max_fractional_voxels=1000))
