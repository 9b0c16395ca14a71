"""Builds what an object says of itself from its scanned data set."""

from collections.abc import Callable

from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import Equipment, Family, Instance, Patient, SeriesAttributes, StudyAttributes
from overlays.dicom.read_algorithms import read_algorithms
from overlays.dicom.read_annotations import read_annotation_groups
from overlays.dicom.read_extent import read_extent
from overlays.dicom.read_parametric_map import read_value_mappings
from overlays.dicom.read_pixels import read_grid
from overlays.dicom.read_places import (
    marks_of_annotations,
    marks_of_graphics,
    read_contour_extremes,
    read_frame_planes,
    read_spaces,
)
from overlays.dicom.read_presentation import read_display_advice
from overlays.dicom.read_references import (
    predecessors,
    references_of_annotations,
    references_of_capture,
    references_of_image,
    references_of_presentation_state,
    references_of_report,
    references_of_structure_set,
)
from overlays.dicom.read_report import (
    DEVICE_OBSERVER_NAME,
    KEY_OBJECT_DESCRIPTION,
    PERSON_OBSERVER_NAME,
    content_lines,
    measurement_groups,
    value_of_child,
)
from overlays.dicom.read_segments import read_segments
from overlays.dicom.read_structure_set import frame_of_reference, read_contour_planes, read_regions
from overlays.dicom.search_attributes import search_attributes
from overlays.dicom.subject import Subject


def read_instance(subject: Subject) -> Instance:
    """The instance. Raises ValueError when the data set was not read or its class is not taken in."""
    family, root = subject.family, subject.data_set
    if family is None:
        raise ValueError("the SOP class is not taken in")
    return Instance(
        family=family,
        transfer_syntax_uid=subject.transfer_syntax,
        algorithms=() if family is Family.IMAGE else read_algorithms(root, subject.content),
        predecessors=predecessors(root, family),
        attributes=search_attributes(root),
        **(_common(root) | READERS[family](subject, root)),
    )


def _common(root: DataSet) -> dict:
    return {
        "sop_class_uid": root.text("SOPClassUID"),
        "sop_instance_uid": root.text("SOPInstanceUID"),
        "study_instance_uid": root.text("StudyInstanceUID"),
        "series_instance_uid": root.text("SeriesInstanceUID"),
        "modality": root.text("Modality"),
        "instance_number": root.integer("InstanceNumber"),
        "content_date": root.text("ContentDate") or root.text("PresentationCreationDate"),
        "content_time": root.text("ContentTime") or root.text("PresentationCreationTime"),
        "frame_of_reference_uid": root.text("FrameOfReferenceUID"),
        "patient": Patient(
            patient_id=root.text("PatientID"),
            issuer=root.text("IssuerOfPatientID"),
            name=root.text("PatientName"),
            birth_date=root.text("PatientBirthDate"),
            sex=root.text("PatientSex"),
        ),
        "study": StudyAttributes(
            date=root.text("StudyDate"),
            time=root.text("StudyTime"),
            accession_number=root.text("AccessionNumber"),
            study_id=root.text("StudyID"),
            description=root.text("StudyDescription"),
            referring_physician=root.text("ReferringPhysicianName"),
        ),
        "series": SeriesAttributes(
            number=root.integer("SeriesNumber"),
            description=root.text("SeriesDescription"),
            date=root.text("SeriesDate"),
            time=root.text("SeriesTime"),
            body_part=root.text("BodyPartExamined"),
        ),
        "equipment": Equipment(
            manufacturer=root.text("Manufacturer"),
            model_name=root.text("ManufacturerModelName"),
            serial_number=root.text("DeviceSerialNumber"),
            software_versions=root.texts("SoftwareVersions"),
        ),
    }


def _of_image(subject: Subject, root: DataSet) -> dict:
    return {
        "references": references_of_image(root, subject.groups, subject.listed),
        "pixels": subject.layout,
        "grid": read_grid(root, subject.groups),
        "extent": read_extent(root, subject.groups),
        "lossy": None if root.is_empty("LossyImageCompression") else root.text("LossyImageCompression") == "01",
        "number_of_frames": root.integer("NumberOfFrames"),
    }


def _of_content(root: DataSet) -> dict:
    """Content Identification (PS3.3 10.9)."""
    return {
        "content_label": root.text("ContentLabel"),
        "content_description": root.text("ContentDescription"),
        "content_creator": root.text("ContentCreatorName"),
        "content_qualification": root.text("ContentQualification"),
    }


def _of_segmentation(subject: Subject, root: DataSet) -> dict:
    return {
        "segmentation_type": subject.segmentation_type,
        "segments": read_segments(root),
        "frame_planes": read_frame_planes(subject.groups),
        **_of_content(root),
        **_of_image(subject, root),
    }


def _of_document(subject: Subject, root: DataSet) -> dict:
    template = root.first("ContentTemplateSequence")
    return {
        "document_title": root.code("ConceptNameCodeSequence"),
        "template": template.text("TemplateIdentifier") if template else "",
        "completion_flag": root.text("CompletionFlag"),
        "verification_flag": root.text("VerificationFlag"),
        "measurement_groups": measurement_groups(subject.content),
        "references": references_of_report(subject.content, subject.listed),
        "content_tree": content_lines(subject.content),
        "spaces": read_spaces(subject.content),
    }


def _of_parametric_map(subject: Subject, root: DataSet) -> dict:
    return {
        "value_mappings": read_value_mappings(subject),
        "frame_planes": read_frame_planes(subject.groups),
        **_of_content(root),
        **_of_image(subject, root),
    }


def _of_presentation_state(subject: Subject, root: DataSet) -> dict:
    return {
        "display": read_display_advice(root),
        "pixel_marks": marks_of_graphics(root),
        "references": references_of_presentation_state(root, subject.listed),
        **_of_content(root),
    }


def _of_key_objects(subject: Subject, root: DataSet) -> dict:
    """PS3.16 TID 2010: the description of the selection, and the person or device that chose."""
    return {
        "content_description": value_of_child(subject.content[0], KEY_OBJECT_DESCRIPTION),
        "content_creator": value_of_child(subject.content[0], PERSON_OBSERVER_NAME, DEVICE_OBSERVER_NAME),
        **_of_document(subject, root),
    }


def _of_capture(subject: Subject, root: DataSet) -> dict:
    return {
        **_of_image(subject, root),
        "references": references_of_capture(root, subject.groups, subject.listed),
        "content_description": root.text("DerivationDescription"),
    }


def _of_structure_set(subject: Subject, root: DataSet) -> dict:
    return {
        "regions": read_regions(root, subject.structure),
        "contour_planes": read_contour_planes(subject.structure),
        "contour_extremes": read_contour_extremes(subject.structure),
        "frame_of_reference_uid": frame_of_reference(root),
        "approval_status": root.text("ApprovalStatus"),
        "references": references_of_structure_set(root, subject.listed),
        "content_label": root.text("StructureSetLabel"),
        "content_description": root.text("StructureSetDescription") or root.text("StructureSetName"),
    }


def _of_annotations(subject: Subject, root: DataSet) -> dict:
    return {
        "annotation_groups": read_annotation_groups(root),
        "pixel_marks": marks_of_annotations(root),
        "references": references_of_annotations(root, subject.listed),
        **_of_content(root),
    }


READERS: dict[Family, Callable[[Subject, DataSet], dict]] = {
    Family.SEGMENTATION: _of_segmentation,
    Family.STRUCTURED_REPORT: _of_document,
    Family.PARAMETRIC_MAP: _of_parametric_map,
    Family.PRESENTATION_STATE: _of_presentation_state,
    Family.KEY_OBJECTS: _of_key_objects,
    Family.STRUCTURE_SET: _of_structure_set,
    Family.ANNOTATIONS: _of_annotations,
    Family.SECONDARY_CAPTURE: _of_capture,
    Family.IMAGE: _of_image,
}
"""What is read beside that which all objects have in common, or in its stead."""
