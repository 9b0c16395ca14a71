"""Asserts today's defects of highdicom 0.28 and pydicom 3.0, each with the place that works around it.

A test that fails here tells that a release has mended one: delete the workaround that its message names, and the test.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import highdicom as hd
import numpy as np
import pytest
from highdicom import pr, sr
from pydicom import Dataset, dcmread
from pydicom.sr.codedict import codes
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from overlays.dicom.transfer_syntaxes import DEFLATED_IMAGE_FRAME
from tests.builders import ct_series, report, segmentation, uid
from tests.builders.key_objects import key_objects
from tests.builders.parametric_maps import parametric_map
from tests.dicom import small
from tests.dicom.recoded import as_deflated_frames, as_one_bit_rle, save

NEW = {
    "series_instance_uid": uid("defect", "series"),
    "series_number": 1,
    "sop_instance_uid": uid("defect", "instance"),
    "instance_number": 1,
    "manufacturer": "ACME AI",
    "manufacturer_model_name": "LiverSeg",
    "software_versions": "2.1.0",
    "device_serial_number": "SN-1",
}


@contextmanager
def still_raised(*errors: type[Exception], match: str = "", place: str) -> Iterator[None]:
    """The defect is there while one of these errors is raised; ``place`` works around it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with pytest.raises(errors, match=match):
                yield
        except pytest.fail.Exception as mended:
            raise AssertionError(f"mended: {place} is no longer needed") from mended


def quietly(build: Callable, *args: object, **more: object):
    """What the library builds, without its warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return build(*args, **more)


def of_liver() -> hd.seg.SegmentDescription:
    return hd.seg.SegmentDescription(1, "Liver", codes.SCT.Organ, codes.SCT.Liver, "MANUAL")


@pytest.fixture(scope="module")
def unaligned() -> Dataset:
    """A binary segmentation whose frames, of 17 by 15 pixels, do not begin on a byte."""
    return small.segments(small.images())


@pytest.mark.parametrize("made", [{"segments": ("Liver",)}, {"kind": "LABELMAP"}], ids=["one segment", "label map"])
def test_a_reference_to_a_segment_is_not_made_from_what_highdicom_wrote(made):
    found = hd.seg.Segmentation.from_dataset(segmentation(**made))
    with still_raised(AttributeError, match="SegmentIdentificationSequence", place="encode/report.py, _of_segment"):
        sr.ReferencedSegment.from_segmentation(found, segment_number=1)


def test_segments_of_a_label_map_are_counted_wrongly():
    found = hd.seg.Segmentation.from_dataset(segmentation(kind="LABELMAP"))
    assert len(found.segment_numbers) == 2
    assert found.number_of_segments == 1, "mended: child_open.py need not count segment_numbers"


def test_a_window_of_a_pseudo_colour_state_is_refused_whatever_it_is():
    ramp = np.arange(256, dtype=np.uint16) * 257
    tables = (hd.PaletteColorLUT(0, ramp, colour) for colour in ("red", "green", "blue"))
    with still_raised(TypeError, match="isinstance", place="encode/presentation.py, _built"):
        pr.PseudoColorSoftcopyPresentationState(
            ct_series(),
            palette_color_lut_transformation=hd.PaletteColorLUTTransformation(*tables),
            content_label="AI_PR",
            voi_lut_transformations=[pr.SoftcopyVOILUTTransformation(window_center=40.0, window_width=400.0)],
            **NEW,
        )


@pytest.mark.parametrize("method", ["get_frame", "get_stored_frame"])
@pytest.mark.parametrize("kind", ["FLOAT", "DOUBLE"])
def test_a_single_frame_of_a_floating_point_map_is_not_given(kind, method):
    found = hd.pm.ParametricMap.from_dataset(parametric_map(kind=kind))
    with still_raised(AttributeError, match="PixelRepresentation", place="float_pixels.py"):
        getattr(found, method)(1)


def test_a_fractional_mask_of_the_caller_is_scaled_in_place():
    images = ct_series()
    mask = np.ones((len(images), images[0].Rows, images[0].Columns, 1), np.uint8)
    description = [of_liver()]
    quietly(hd.seg.Segmentation, images, mask, "FRACTIONAL", description, fractional_type="PROBABILITY", **NEW)
    assert mask.max() == 255, "mended: encode/mask_values.py need not hand over an array of its own"


@pytest.mark.parametrize("packed", [True, False], ids=["bits packed", "one byte a pixel"])
def test_one_bit_frames_in_rle_are_not_decoded(unaligned, packed, tmp_path):
    stored = dcmread(small.save(unaligned, tmp_path / "native.dcm"))
    as_one_bit_rle(stored, packed=packed)
    save(stored, tmp_path / "rle.dcm")
    with still_raised(RuntimeError, place="frames.py, one_bit_rle_frame, and child_limits.py, ONE_BIT_RLE"):
        _ = dcmread(tmp_path / "rle.dcm").pixel_array


def test_frames_that_do_not_begin_on_a_byte_are_not_read_one_by_one(unaligned, tmp_path):
    path = small.save(unaligned, tmp_path / "seg.dcm")
    with still_raised(ValueError, match="reshape", place="child_open.py, _can_be_lazy"):
        _ = [hd.seg.segread(path, lazy_frame_retrieval=True).get_stored_frame(number) for number in (1, 2, 3, 4, 5)]


def test_a_deflated_object_is_not_read_frame_by_frame(unaligned, tmp_path):
    deflated = dcmread(small.save(unaligned, tmp_path / "seg.dcm"))
    deflated.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    deflated.save_as(tmp_path / "deflated.dcm")
    with still_raised(ValueError, match="Deflated", place="child_open.py, _can_be_lazy"):
        hd.seg.segread(tmp_path / "deflated.dcm", lazy_frame_retrieval=True)


def test_deflated_image_frames_are_not_known(unaligned, tmp_path):
    assert not UID(DEFLATED_IMAGE_FRAME).is_transfer_syntax, "mended: transfer_syntaxes.py, DEFLATED_IMAGE_FRAME"
    stored = dcmread(small.save(unaligned, tmp_path / "native.dcm"))
    as_deflated_frames(stored)
    save(stored, tmp_path / "frames.dcm")
    with still_raised(ValueError, place="child_open.py, own_frame, and child_limits.py, DEFLATED_FRAMES"):
        hd.seg.segread(tmp_path / "frames.dcm")


def test_a_measurement_without_a_value_makes_a_report_unreadable():
    document = report()
    empty_one_measurement(document)
    with still_raised(IndexError, AttributeError, place="child_open.py, _remove_empty_measurements"):
        sr.Comprehensive3DSR.from_dataset(document)


def empty_one_measurement(item: Dataset) -> bool:
    for child in item.get("ContentSequence", ()):
        if child.ValueType == "NUM":
            child.MeasuredValueSequence = []
            return True
        if empty_one_measurement(child):
            return True
    return False


def test_a_selection_that_states_no_template_is_unreadable():
    document = key_objects()
    del document.ContentTemplateSequence
    with still_raised(AttributeError, match="ContentTemplateSequence", place="child_selected.py, open_selection"):
        hd.ko.KeyObjectSelectionDocument.from_dataset(document)


def test_an_image_without_an_attribute_of_type_2_cannot_be_segmented():
    images = ct_series()
    for image in images:
        del image.AccessionNumber
    mask = np.ones((len(images), images[0].Rows, images[0].Columns), np.uint8)
    with still_raised(AttributeError, match="AccessionNumber", place="encode/library.py, complete_header"):
        hd.seg.Segmentation(images, mask, "BINARY", [of_liver()], **NEW)


def test_laterality_is_left_out_of_maps():
    images = ct_series()
    mapping = hd.pm.RealWorldValueMapping(
        lut_label="P", lut_explanation="p", unit=codes.UCUM.NoUnits, value_range=(0.0, 1.0), slope=1.0, intercept=0.0
    )
    built = quietly(
        hd.pm.ParametricMap,
        images,
        np.zeros((len(images), images[0].Rows, images[0].Columns), np.float32),
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[mapping],
        window_center=0.5,
        window_width=1.0,
        **NEW,
    )
    assert "Laterality" not in built, "mended: encode/parametric_map.py and encode/presentation.py need not add it"


def test_a_reference_to_frames_of_a_segment_gives_the_number_beside_them():
    source = sr.SourceImageForSegmentation("1.2.840.10008.5.1.4.1.1.2", uid("defect", "image"))
    reference = sr.ReferencedSegmentationFrame(segmentation().SOPClassUID, uid("defect"), [1], 1, source)
    assert "ReferencedSegmentNumber" in reference[0].ReferencedSOPSequence[0], "mended: encode/report.py, _of_segment"


def test_highdicom_lists_itself_as_processing_equipment():
    """Not a defect but a trap: code 109102 is where a model may name itself."""
    named = [item.get("ManufacturerModelName") for item in segmentation().ContributingEquipmentSequence]
    assert "highdicom" in named, "mended: read_algorithms.py, ENCODER_LIBRARIES"
