"""What is encoded says everything of its provenance, and is refused in a sentence when it cannot be made."""

import contextlib
import warnings
from collections.abc import Callable
from pathlib import Path

import highdicom as hd
import numpy as np
import pytest
from pydicom import Dataset, config

from overlays.dicom.bounds import Bounds
from overlays.dicom.encode.limits import EncodingLimits
from overlays.dicom.encode.masks.mask import Mask
from overlays.dicom.encode.refusal import EncodingRefused, Reason
from overlays.dicom.encode.segmentation import encode_mask, encode_segmentation
from overlays.dicom.encode.work import Work
from overlays.dicom.inspect import inspect
from tests.builders.files import to_bytes
from tests.builders.uids import uid
from tests.dicom.encode import files
from tests.dicom.encode.images import SLIDE_SHAPE, multi_frame, radiograph, slide
from tests.dicom.encode.test_alignment import ORIENTATIONS, turned
from tests.dicom.encode.wishes import (
    IDENTITY,
    LEFT,
    LIVER,
    PREDECESSOR,
    SHAPE,
    SPLEEN,
    affine,
    code,
    document,
    fractions,
    labels,
    placed,
    segment,
    sources,
    work,
    written,
)


def built(description: dict | None = None, mask: Mask | None = None, **more: object) -> Dataset:
    return encode_mask(mask or placed(labels()), work(description, **more)).dataset


def described(**more: object) -> Dataset:
    """The first segment of an object whose first segment is described with more."""
    return built(document(segments=[segment(**more), segment(2, "Spleen", SPLEEN)])).SegmentSequence[0]


def test_equal_arguments_give_equal_bytes() -> None:
    assert to_bytes(built()) == to_bytes(built())


def test_the_caller_s_headers_stay_as_they_are() -> None:
    images = sources()
    before = [to_bytes(image) for image in images]
    built(images=images)
    assert [to_bytes(image) for image in images] == before


@pytest.mark.parametrize("write", [files.nifti, files.nrrd_file, files.npz])
@pytest.mark.parametrize(("order", "flips"), ORIENTATIONS[::7])
def test_every_format_and_orientation_gives_the_same_object(
    tmp_path: Path, write: Callable, order: tuple[int, ...], flips: tuple[bool, ...]
) -> None:
    mask = turned(labels(), order, flips)
    path = write(tmp_path, mask.array, mask.affine)
    assert to_bytes(encode_segmentation(work(files=(path,))).dataset) == to_bytes(built())


@pytest.mark.parametrize("kind", ["npy", "png", "zip"])
def test_formats_without_geometry_give_the_same_object_by_their_planes(tmp_path: Path, kind: str) -> None:
    images = sources()
    description = document() | {"planes": [image.SOPInstanceUID for image in images]}
    array = labels()[::-1]  # the images go from head to feet
    paths = {
        "npy": lambda: [files.npy(tmp_path, array)],
        "png": lambda: files.png_stack(tmp_path, array),
        "zip": lambda: [files.png_archive(tmp_path, array)],
    }[kind]()
    made = encode_segmentation(work(description, images, files=tuple(paths))).dataset
    expected, found = hd.seg.Segmentation.from_dataset(built()), hd.seg.Segmentation.from_dataset(made)
    assert np.array_equal(found.get_volume().array, expected.get_volume().array)
    assert np.array_equal(found.get_volume().affine, expected.get_volume().affine)


def by_planes(images: tuple[Dataset, ...], chosen: list[int], array: np.ndarray | None = None) -> Dataset:
    """Of a mask that lies on some of the images, whose headers say nothing of their distance."""
    for image in images:
        image.pop("SpacingBetweenSlices", None)
    description = document(images) | {"planes": [images[index].SOPInstanceUID for index in chosen]}
    array = np.ones((len(chosen), *SHAPE[1:]), np.uint8) if array is None else array
    return built(description, Mask(array=array, affine=None, format="NumPy"), images=images)


@pytest.mark.parametrize("chosen", [[0, 2, 4], [3, 0], [2]])
def test_planes_on_some_images_have_the_spacing_of_all(chosen: list[int]) -> None:
    images = sources()
    made = by_planes(images, chosen)
    assert made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices == 2.5
    found = {
        float(frame.PlanePositionSequence[0].ImagePositionPatient[2]) for frame in made.PerFrameFunctionalGroupsSequence
    }
    assert found == {float(images[index].ImagePositionPatient[2]) for index in chosen}


def test_planes_on_some_images_have_no_spacing_where_the_images_have_none() -> None:
    images = list(sources())
    images[1].ImagePositionPatient = [-32, -32, 6.5]
    made = by_planes(tuple(images), [0, 2, 4])
    assert "SpacingBetweenSlices" not in made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]


def test_a_series_of_several_times_has_the_spacing_between_its_places() -> None:
    images = sources()
    again = sources()
    for number, image in enumerate(again):
        image.SOPInstanceUID = uid("later", number)
    made = by_planes(images + again, [0, 2])
    assert made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices == 2.5


def test_planes_on_some_images_refer_to_all() -> None:
    images = sources()
    for image in images[3:]:
        image.LossyImageCompression = "01"
    made = by_planes(images, [2, 0])
    named = {image.SOPInstanceUID for image in images}
    series = made.ReferencedSeriesSequence
    assert {item.ReferencedSOPInstanceUID for item in made.SourceImageSequence} == named
    assert [item.SeriesInstanceUID for item in series] == [images[0].SeriesInstanceUID]
    assert {item.ReferencedSOPInstanceUID for item in series[0].ReferencedInstanceSequence} == named
    assert made.LossyImageCompression == "01"
    own = {
        item.ReferencedSOPInstanceUID
        for frame in made.PerFrameFunctionalGroupsSequence
        for item in frame.DerivationImageSequence[0].SourceImageSequence
    }
    assert own == {images[2].SOPInstanceUID, images[0].SOPInstanceUID}


def test_the_object_is_the_caller_s() -> None:
    made = built()
    assert (made.SOPInstanceUID, made.SeriesInstanceUID) == (uid("encoded"), uid("encoded", "series"))
    assert (made.SeriesNumber, made.InstanceNumber) == (700, 3)
    assert [str(made[f"{event}{part}"].value) for event in ("Content", "Series") for part in ("Date", "Time")] == [
        "20260103", "123045", "20260103", "123045",
    ]  # fmt: skip
    assert (made.SpecificCharacterSet, made.PatientID, made.StudyInstanceUID) == (
        "ISO_IR 192",
        "PAT-1",
        uid("ct", "study"),
    )


def test_the_model_is_named_wherever_readers_look(tmp_path: Path) -> None:
    instance = inspect(written(built(), tmp_path), bounds=Bounds()).instance
    claims = {(claim.rank, claim.name, claim.version, claim.manufacturer) for claim in instance.algorithms}
    assert claims == {(rank, "LiverSeg", "2.1.0", "ACME AI") for rank in (1, 2, 3)}


def test_equipment_and_content_are_what_the_description_says() -> None:
    description = document() | {
        "series_description": "series", "content_label": "LIVER", "content_description": "content", "content_creator": "Lee^R",
        "content_qualification": "PRODUCT",
    }  # fmt: skip
    description["model"] |= {
        "serial_number": "SN",
        "device_uid": uid("device"),
        "parameters": {"weights": "abc", "fold": "1"},
    }
    made = built(description)
    assert (made.Manufacturer, made.ManufacturerModelName, made.SoftwareVersions) == ("ACME AI", "LiverSeg", "2.1.0")
    assert (made.DeviceSerialNumber, made.DeviceUID, made.ContentQualification) == ("SN", uid("device"), "PRODUCT")
    assert (made.SeriesDescription, made.ContentLabel, made.ContentDescription) == ("series", "LIVER", "content")
    assert made.ContentCreatorName == "Lee^R"
    algorithm = made.SegmentSequence[0].SegmentationAlgorithmIdentificationSequence[0]
    assert algorithm.AlgorithmParameters == "weights=abc, fold=1"
    assert algorithm.AlgorithmFamilyCodeSequence[0].CodeValue == "123110"


def test_a_segment_is_what_the_description_says() -> None:
    more = {"description": "whole organ", "algorithm_type": "SEMIAUTOMATIC", "colour": "#ff0000", "tracking_id": "T"}
    item = described(type_modifier=LEFT, anatomic_region=LIVER, region_modifier=LEFT, tracking_uid=uid("T"), **more)
    assert (item.SegmentLabel, item.SegmentDescription, item.SegmentAlgorithmType) == (
        "Liver",
        "whole organ",
        "SEMIAUTOMATIC",
    )
    assert (item.TrackingID, item.TrackingUID) == ("T", uid("T"))
    kind, region = item.SegmentedPropertyTypeCodeSequence[0], item.AnatomicRegionSequence[0]
    assert (kind.CodeValue, kind.SegmentedPropertyTypeModifierCodeSequence[0].CodeMeaning) == ("10200004", "Left")
    assert (region.CodeValue, region.AnatomicRegionModifierSequence[0].CodeMeaning) == ("10200004", "Left")


def test_a_colour_is_written_as_cielab(tmp_path: Path) -> None:
    description = document(segments=[segment(colour="#ff8000"), segment(2, "Spleen", SPLEEN)])
    instance = inspect(written(built(description), tmp_path), bounds=Bounds()).instance
    assert np.abs(np.subtract(instance.segments[0].rgb, (255, 128, 0))).max() <= 1


def test_segments_without_a_colour_get_different_ones() -> None:
    colours = {tuple(item.RecommendedDisplayCIELabValue) for item in built().SegmentSequence}
    assert len(colours) == 2


def test_a_segment_drawn_by_hand_names_no_algorithm() -> None:
    item = described(algorithm_type="MANUAL")
    assert "SegmentationAlgorithmIdentificationSequence" not in item
    assert "SegmentAlgorithmName" not in item


def test_every_segment_can_be_tracked() -> None:
    uids = {item.TrackingUID for item in built().SegmentSequence}
    assert len(uids) == 2


def test_every_frame_names_its_source_image() -> None:
    made, by_position = built(), {str(image.ImagePositionPatient): image.SOPInstanceUID for image in sources()}
    for frame in made.PerFrameFunctionalGroupsSequence:
        source = frame.DerivationImageSequence[0].SourceImageSequence[0]
        position = frame.PlanePositionSequence[0].ImagePositionPatient
        assert source.ReferencedSOPInstanceUID == by_position[str(position)]


def test_the_series_of_the_sources_is_listed_whole() -> None:
    listed = built().ReferencedSeriesSequence[0]
    assert listed.SeriesInstanceUID == sources()[0].SeriesInstanceUID
    assert len(listed.ReferencedInstanceSequence) == 5


def test_the_distance_of_planes_is_that_of_the_grid() -> None:
    images = sources()
    for image in images:
        image.SpacingBetweenSlices = 99
    measures = built(images=images).SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert measures.SpacingBetweenSlices == 2.5


def test_a_correction_names_its_parent() -> None:
    made = built(predecessor=PREDECESSOR)
    assert made.SourceInstanceSequence[0].ReferencedSOPInstanceUID == PREDECESSOR.sop_instance_uid


@pytest.mark.parametrize(("overlapping", "said"), [(False, "NO"), (True, "YES")])
def test_whether_segments_overlap_is_said(overlapping: bool, said: str) -> None:
    mask = np.stack([labels() > 0 if overlapping else labels() == 1, labels() == 2], axis=-1).astype(np.uint8)
    assert built(mask=placed(mask)).SegmentsOverlap == said


def test_sources_without_type_2_attributes_and_thickness_will_do(tmp_path: Path) -> None:
    images = sources()
    for image in images:
        for keyword in (
            "SliceThickness",
            "SpacingBetweenSlices",
            "PatientBirthDate",
            "StudyID",
            "AccessionNumber",
            "Manufacturer",
        ):
            del image[keyword]
    made = built(images=images)
    assert made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SliceThickness == 2.5
    assert inspect(written(made, tmp_path), bounds=Bounds()).instance is not None


def test_a_multi_frame_source_is_referred_to_by_frame(tmp_path: Path) -> None:
    image = multi_frame()
    found = hd.seg.segread(written(built(document([image]), images=[image]), tmp_path))
    volume = found.get_volume(combine_segments=True, skip_overlap_checks=True)
    expected = hd.seg.Segmentation.from_dataset(built()).get_volume(combine_segments=True, skip_overlap_checks=True)
    assert np.array_equal(volume.array, expected.array)
    assert np.allclose(volume.affine, expected.affine)
    frame = found.PerFrameFunctionalGroupsSequence[0]
    number = frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber
    group = image.PerFrameFunctionalGroupsSequence[number - 1]
    assert group.PlanePositionSequence[0].ImagePositionPatient == frame.PlanePositionSequence[0].ImagePositionPatient


def loose(array: np.ndarray) -> Mask:
    return Mask(array=array, affine=None, format="NumPy")


@pytest.mark.parametrize("form", ["BINARY", "LABELMAP", "FRACTIONAL"])
def test_a_radiograph_has_one_frame_a_segment(tmp_path: Path, form: str) -> None:
    image = radiograph()
    description = document([image], type=form) | {"planes": [image.SOPInstanceUID]}
    array = fractions() if form == "FRACTIONAL" else labels()
    made = built(description, loose(array[3:4]), images=[image])
    assert made.PatientOrientation == ["L", "F"]
    found = hd.seg.segread(written(made, tmp_path))
    stored = np.atleast_3d(found.pixel_array.T).T
    expected = {
        "BINARY": np.stack([labels()[3] == 1, labels()[3] == 2]),
        "LABELMAP": labels()[3:4],
        "FRACTIONAL": np.rint(np.moveaxis(fractions()[3], -1, 0) * 255),
    }[form]
    assert np.array_equal(stored, expected)


def test_several_planes_without_a_place_in_space_are_refused() -> None:
    first, second = radiograph(), radiograph()
    second.SOPInstanceUID = uid("second")
    description = document([first]) | {"planes": [first.SOPInstanceUID, second.SOPInstanceUID]}
    with pytest.raises(EncodingRefused, match="no Frame of Reference, so that 2 planes"):
        built(description, loose(labels()[2:4]), images=[first, second])


@pytest.mark.parametrize("form", ["BINARY", "LABELMAP"])
def test_a_slide_is_tiled_like_its_source(tmp_path: Path, form: str) -> None:
    image, array = slide(), np.zeros(SLIDE_SHAPE, np.uint8)
    array[0, 3:9, 3:40], array[0, 40:49, 60:69] = 1, 2
    made = built(document([image], type=form) | {"planes": [image.SOPInstanceUID]}, loose(array), images=[image])
    found = hd.seg.segread(written(made, tmp_path))
    assert np.array_equal(found.get_total_pixel_matrix(combine_segments=True), array[0])


def test_class_names_of_totalsegmentator_are_encoded() -> None:
    description = document(class_names="totalsegmentator", segments={"1": "kidney_left", "2": "kidney_cyst_right"})
    kidney, cyst = built(description).SegmentSequence
    kind = kidney.SegmentedPropertyTypeCodeSequence[0]
    assert (kind.CodeMeaning, kind.SegmentedPropertyTypeModifierCodeSequence[0].CodeMeaning) == ("Kidney", "Left")
    assert cyst.AnatomicRegionSequence[0].AnatomicRegionModifierSequence[0].CodeMeaning == "Right"


def refusal(description: dict | None = None, mask: Mask | None = None, **more: object) -> EncodingRefused:
    with pytest.raises(EncodingRefused) as refused:
        built(description, mask, **more)
    return refused.value


def test_a_mask_elsewhere_is_refused_with_both_geometries() -> None:
    there = affine()
    there[2, 3] += 5
    refused = refusal(mask=placed(labels(), there))
    assert refused.reason is Reason.GEOMETRY
    assert refused.sentence.count("first voxel at") == 2


def test_sources_that_are_not_there_are_refused() -> None:
    description = document() | {"sources": [sources()[0].SOPInstanceUID, "1.2.3"]}
    assert refusal(description).sentence == "1 of 2 source images are not there, such as 1.2.3."


def test_images_of_another_series_are_refused() -> None:
    assert refusal(document() | {"sources": {"series": "1.2.3"}}).reason is Reason.SOURCES


def test_only_the_images_that_are_named_are_sources() -> None:
    images = sources()
    description = document() | {"sources": [images[2].SOPInstanceUID]}
    made = built(description, placed(labels()[2:3], _lifted(2)), images=images)
    assert [item.ReferencedSOPInstanceUID for item in made.SourceImageSequence] == [images[2].SOPInstanceUID]


def _lifted(planes: int) -> np.ndarray:
    there = affine()
    there[:3, 3] += planes * there[:3, 0]
    return there


def test_small_images_cannot_be_jpeg_2000() -> None:
    image = radiograph()
    image.Rows = 20
    description = document([image], compression="jpeg-2000") | {"planes": [image.SOPInstanceUID]}
    assert refusal(description, loose(labels()[3:4, :20]), images=[image]).reason is Reason.COMPRESSION


def test_what_the_library_refuses_names_no_patient() -> None:
    images = sources()
    with config.disable_value_validation():
        for image in images:
            image.PatientName, image.PatientSex = "Quixote^Alonso", "Quixote"
    refused = refusal(images=images)
    assert refused.reason is Reason.LIBRARY
    assert "quixote" not in refused.sentence.lower()


def test_described_segments_are_encoded_in_the_order_of_their_numbers() -> None:
    made = built(document(segments=[segment(2, "Spleen", SPLEEN), segment()]))
    assert [item.SegmentLabel for item in made.SegmentSequence] == ["Liver", "Spleen"]
    assert code(SPLEEN).value == made.SegmentSequence[1].SegmentedPropertyTypeCodeSequence[0].CodeValue
    assert made.Rows == SHAPE[1]


def test_an_object_of_too_many_frames_is_refused() -> None:
    with pytest.raises(EncodingRefused, match="would have 5 frames of 809 bytes") as refused:
        encode_mask(placed(labels()), work(), EncodingLimits(max_frames=4))
    assert refused.value.reason is Reason.TOO_LARGE


def test_the_tiles_of_a_slide_are_counted() -> None:
    image = slide()
    image.Rows = image.Columns = 1
    description = document([image]) | {"planes": [image.SOPInstanceUID]}
    array = np.ones(SLIDE_SHAPE, np.uint8)
    with pytest.raises(EncodingRefused, match="would have 3500 frames"):
        encode_mask(loose(array), work(description, images=[image]), EncodingLimits(max_frames=100))


def hostile_headers(number: int) -> list[Dataset]:
    """Headers in which one value or another is missing, empty or nonsense."""
    chance = np.random.default_rng(number)
    images = list(sources()) if number % 3 else [multi_frame()]
    nonsense = [None, "", "nonsense", [], ["1", "2"], -1, 0, [0, 0, 0], [1e308] * 6, ["NaN"] * 3]
    for _ in range(int(chance.integers(1, 4))):
        image = images[int(chance.integers(len(images)))]
        keyword = list(image.dir())[int(chance.integers(len(image.dir())))]
        with config.disable_value_validation(), warnings.catch_warnings(), contextlib.suppress(Exception):
            warnings.simplefilter("ignore")
            if chance.integers(2):
                del image[keyword]
            else:
                setattr(image, keyword, nonsense[int(chance.integers(len(nonsense)))])
    return images


@pytest.mark.parametrize("number", range(60))
def test_hostile_headers_raise_nothing_but_the_core_s_own(number: int) -> None:
    images = hostile_headers(number)
    description = document() | {"sources": {"series": images[0].get("SeriesInstanceUID") or "1.2.3"}}
    with contextlib.suppress(EncodingRefused):
        encode_mask(
            placed(labels()), Work(description=work(description).description, identity=IDENTITY, sources=tuple(images))
        )
