"""Builds what an object says of itself from its scanned data set."""

from overlays.dicom.dataset import DataSet
from overlays.dicom.instance import Equipment, Family, Instance, Patient, SeriesAttributes, StudyAttributes
from overlays.dicom.read_algorithms import read_algorithms
from overlays.dicom.read_pixels import read_grid
from overlays.dicom.read_references import predecessors, references_of_image, references_of_report
from overlays.dicom.read_report import measurement_groups
from overlays.dicom.read_segments import read_segments
from overlays.dicom.search_attributes import search_attributes
from overlays.dicom.subject import Subject


def read_instance(subject: Subject) -> Instance:
    """The instance. Raises ValueError when the data set was not read or its class is not taken in."""
    family, root = subject.family, subject.data_set
    if family is None:
        raise ValueError("the SOP class is not taken in")
    common = _common(root)
    if family is Family.STRUCTURED_REPORT:
        specific = _of_report(subject, root)
    elif family is Family.SEGMENTATION:
        specific = _of_segmentation(subject, root)
    else:
        specific = {"references": references_of_image(root, subject.groups, subject.listed)}
    if family is not Family.STRUCTURED_REPORT:
        specific |= {
            "pixels": subject.layout,
            "grid": read_grid(root, subject.groups),
            "number_of_frames": root.integer("NumberOfFrames"),
        }
    return Instance(
        family=family,
        transfer_syntax_uid=subject.transfer_syntax,
        algorithms=() if family is Family.IMAGE else read_algorithms(root, subject.content),
        predecessors=predecessors(root),
        attributes=search_attributes(root),
        **common,
        **specific,
    )


def _common(root: DataSet) -> dict:
    return {
        "sop_class_uid": root.text("SOPClassUID"),
        "sop_instance_uid": root.text("SOPInstanceUID"),
        "study_instance_uid": root.text("StudyInstanceUID"),
        "series_instance_uid": root.text("SeriesInstanceUID"),
        "modality": root.text("Modality"),
        "instance_number": root.integer("InstanceNumber"),
        "content_date": root.text("ContentDate"),
        "content_time": root.text("ContentTime"),
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


def _of_segmentation(subject: Subject, root: DataSet) -> dict:
    return {
        "segmentation_type": subject.segmentation_type,
        "content_label": root.text("ContentLabel"),
        "content_description": root.text("ContentDescription"),
        "content_creator": root.text("ContentCreatorName"),
        "content_qualification": root.text("ContentQualification"),
        "segments": read_segments(root),
        "references": references_of_image(root, subject.groups, subject.listed),
    }


def _of_report(subject: Subject, root: DataSet) -> dict:
    template = root.first("ContentTemplateSequence")
    return {
        "document_title": root.code("ConceptNameCodeSequence"),
        "template": template.text("TemplateIdentifier") if template else "",
        "completion_flag": root.text("CompletionFlag"),
        "verification_flag": root.text("VerificationFlag"),
        "measurement_groups": measurement_groups(subject.content),
        "references": references_of_report(subject.content, subject.listed),
    }
