"""Opening tells sound objects, legal ones that the library cannot read, and broken ones apart."""

import zlib

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEGLSLossless, RLELossless

from overlays.dicom.child_tasks import TASKS
from overlays.dicom.frames import pack_bits
from overlays.dicom.sandbox import Sandbox, SandboxRefused, Task
from overlays.dicom.transfer_syntaxes import DEFLATED_IMAGE_FRAME
from overlays.management.demo.phantom_objects import Kind
from tests.dicom import small
from tests.dicom.recoded import as_deflated_frames, as_one_bit_rle, recoded, rle, save

MASKS = list(small.masks().values())


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(size=1) as pool:
        yield pool


@pytest.fixture(scope="module")
def sources():
    return small.images()


@pytest.fixture(scope="module")
def binary(sources, tmp_path_factory):
    return small.save(small.segments(sources), tmp_path_factory.mktemp("open") / "binary.dcm")


@pytest.fixture
def changed(binary, tmp_path):
    """A copy of the binary segmentation after a change."""

    def make(change, name="changed.dcm"):
        dataset = dcmread(binary)
        change(dataset)
        save(dataset, tmp_path / name)
        return tmp_path / name

    return make


def test_every_task_has_a_function():
    assert set(TASKS) == set(Task)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_sound_segmentation_is_readable(sandbox, sources, kind, tmp_path):
    answer = sandbox.run(Task.OPEN, small.save(small.segments(sources, kind), tmp_path / "seg.dcm"))

    assert answer.result["readable"] is True
    assert answer.result["frames"] == (4 if kind is Kind.LABELMAP else 5)
    assert answer.result["segments"] == [1, 2]


def test_a_deflated_segmentation_is_readable(sandbox, changed):
    path = changed(lambda dataset: setattr(dataset.file_meta, "TransferSyntaxUID", DeflatedExplicitVRLittleEndian))

    assert sandbox.run(Task.OPEN, path).result == {"readable": True, "frames": 5, "segments": [1, 2]}


def test_a_sound_report_is_readable(sandbox, sources, binary, tmp_path):
    path = small.save(small.document(sources, dcmread(binary)), tmp_path / "sr.dcm")
    result = sandbox.run(Task.OPEN, path).result

    assert (result["readable"], result["groups"], result["evidence"]) == (True, 2, 6)


def test_a_report_with_an_empty_measurement_is_legal_but_unreadable(sandbox, sources, binary, tmp_path):
    report = small.document(sources, dcmread(binary))
    empty_one_measurement(report)
    result = sandbox.run(Task.OPEN, small.save(report, tmp_path / "sr.dcm")).result

    assert (result["readable"], result["known_limit"]) == (False, True)
    assert "(0040,A300)" in result["reason"]


def test_a_relationship_by_reference_is_legal_but_unreadable(sandbox, sources, binary, tmp_path):
    path = small.save(small.document(sources, dcmread(binary)), tmp_path / "sr.dcm")
    report = dcmread(path)
    group = report.ContentSequence[-1].ContentSequence[0]
    number = next(item for item in group.ContentSequence if item.ValueType == "NUM")
    reference = Dataset()
    reference.RelationshipType, reference.ReferencedContentItemIdentifier = "INFERRED FROM", [1, 1]
    number.ContentSequence = [reference]
    save(report, path)
    result = sandbox.run(Task.OPEN, path).result

    assert (result["readable"], result["known_limit"], result["groups"]) == (False, True, 2)
    assert "(0040,DB73)" in result["reason"]


def empty_one_measurement(item: Dataset) -> bool:
    for child in item.get("ContentSequence", ()):
        if child.ValueType == "NUM":
            child.MeasuredValueSequence = []
            return True
        if empty_one_measurement(child):
            return True
    return False


def test_a_report_of_another_class_has_no_reader(sandbox, sources, binary, tmp_path):
    report = small.document(sources, dcmread(binary))
    report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"

    assert sandbox.run(Task.OPEN, small.save(report, tmp_path / "sr.dcm")).result["known_limit"] is True


@pytest.mark.parametrize("packed", [True, False], ids=["bits packed", "one byte a pixel"])
def test_one_bit_rle_is_legal_but_unreadable(sandbox, changed, packed):
    result = sandbox.run(Task.OPEN, changed(lambda dataset: as_one_bit_rle(dataset, packed=packed))).result

    assert (result["readable"], result["known_limit"], result["frames"]) == (False, True, 5)


def test_deflated_frames_are_legal_but_unreadable(sandbox, changed):
    result = sandbox.run(Task.OPEN, changed(as_deflated_frames)).result

    assert (result["readable"], result["known_limit"], result["frames"], result["segments"]) == (False, True, 5, [1, 2])


def test_a_known_limit_does_not_cover_a_broken_frame(sandbox, changed):
    path = changed(lambda dataset: recoded(dataset, RLELossless, lambda _: rle(bytes(90))))

    with pytest.raises(SandboxRefused, match="FrameBroken"):
        sandbox.run(Task.OPEN, path)


def test_a_deflated_frame_that_inflates_too_far_is_cut(sandbox, changed):
    path = changed(
        lambda dataset: recoded(dataset, DEFLATED_IMAGE_FRAME, lambda _: zlib.compress(bytes(9))[2:-4] + b"\0")
    )

    with pytest.raises(SandboxRefused, match="inflates to"):
        sandbox.run(Task.OPEN, path)


def test_a_missing_sequence_is_refused_with_its_name(sandbox, changed):
    with pytest.raises(SandboxRefused, match="SegmentSequence"):
        sandbox.run(Task.OPEN, changed(lambda dataset: delattr(dataset, "SegmentSequence")))


def test_frames_far_apart_are_refused_before_a_volume_is_built(sandbox, changed):
    def stretch(dataset):
        dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices = 0.0000001

    with pytest.raises(SandboxRefused, match=r"voxels|spacing|Spacing"):
        sandbox.run(Task.OPEN, changed(stretch), most_voxels=100)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n" + bytes(200), bytes(200) + b"DICM", bytes(5000)])
def test_garbage_is_refused(sandbox, tmp_path, data):
    path = tmp_path / "garbage.dcm"
    path.write_bytes(data)

    with pytest.raises(SandboxRefused):
        sandbox.run(Task.OPEN, path)


def test_a_truncated_object_is_refused(sandbox, binary, tmp_path):
    path = tmp_path / "short.dcm"
    path.write_bytes(binary.read_bytes()[:-40])

    with pytest.raises(SandboxRefused):
        sandbox.run(Task.OPEN, path)


def test_a_file_that_is_not_there_is_refused(sandbox, tmp_path):
    with pytest.raises(SandboxRefused, match="FileNotFoundError"):
        sandbox.run(Task.OPEN, tmp_path / "none.dcm")


@pytest.mark.parametrize("compressed", [None, JPEGLSLossless], ids=["native", "compressed"])
def test_an_image_is_readable(sandbox, sources, tmp_path, compressed):
    path = small.save(sources[1], tmp_path / "image.dcm")
    if compressed:
        image = dcmread(path)
        image.compress(compressed, generate_instance_uid=False)
        image.save_as(path)

    assert sandbox.run(Task.OPEN, path).result == {"readable": True, "frames": 1, "segments": []}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda dataset: None, id="native"),
        pytest.param(lambda dataset: as_one_bit_rle(dataset, packed=True), id="one bit RLE"),
        pytest.param(as_deflated_frames, id="deflated frames"),
        pytest.param(
            lambda dataset: setattr(dataset.file_meta, "TransferSyntaxUID", DeflatedExplicitVRLittleEndian),
            id="deflated",
        ),
    ],
)
@pytest.mark.parametrize("number", [1, 4])
def test_a_frame_is_given_as_packed_bits(sandbox, changed, binary, change, number):
    expected = pack_bits(dcmread(binary).pixel_array[number - 1])
    answer = sandbox.run(Task.FRAME, changed(change), number=number)

    assert answer.payload == expected
    assert answer.result == {
        "rows": 17,
        "columns": 15,
        "samples_per_pixel": 1,
        "bits_allocated": 1,
        "photometric_interpretation": "MONOCHROME2",
    }


def test_a_frame_of_sixteen_bits_is_little_endian(sandbox, sources, tmp_path):
    path = small.save(sources[2], tmp_path / "image.dcm")
    image = dcmread(path)
    image.compress(JPEGLSLossless, generate_instance_uid=False)
    image.save_as(path)

    assert sandbox.run(Task.FRAME, path, number=1).payload == sources[2].PixelData.ljust(510, b"\x00")


@pytest.mark.parametrize("number", [0, 6])
def test_a_frame_that_is_not_there_is_refused(sandbox, binary, number):
    with pytest.raises(SandboxRefused, match="FrameNotFound"):
        sandbox.run(Task.FRAME, binary, number=number)
