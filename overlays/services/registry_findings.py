"""Words the findings that only the registry can make: what contradicts what it already knows, or who may do what."""

from overlays.dicom.findings import Finding, Severity

SENTENCES: dict[str, tuple[str, str]] = {
    "REG-001": (
        "(0020,000D) StudyInstanceUID",
        "The instance belongs to the study {found}; it was posted to the study {posted_to}.",
    ),
    "REG-002": (
        "(0008,0018) SOPInstanceUID",
        "The instance {uid} is stored already with other bytes: {stored}posted sha256 {posted}.",
    ),
    "REG-003": ("", "The client {client} may not post for the model {model}."),
    "REG-004": ("(0020,000D) StudyInstanceUID", "The grant does not reach the study {study}."),
    "REG-005": ("(0008,0016) SOPClassUID", "This registry keeps no source images; it was posted a {name}."),
    "REG-006": (
        "(0020,000E) SeriesInstanceUID",
        "The series {series} is known as part of another study than {study}.",
    ),
    "REG-007": (
        "(0042,0013) SourceInstanceSequence",
        "A correction names the version it corrects, one of its kind on the same series that readers may see, or follows one its "
        "author was shown; neither was found.",
    ),
    "REG-008": ("(7FE0,0010) PixelData", "highdicom cannot read the instance: {said}"),
    "REG-009": ("", "{actor} may not {action}."),
    "REG-010": (
        "(0010,0020) PatientID",
        "The patient is another than the one that earlier overlays of this study name; its sources are not known.",
    ),
    "REG-011": ("(0010,0020) PatientID", "The patient is another than that of the study's other source images."),
    "REG-012": (
        "(0008,2112) SourceImageSequence",
        "{count} of the {total} source instances it names are not in the archive; the first is {first}.",
    ),
    "REG-013": ("(7FE0,0010) PixelData", "The instance could not be decoded within the limits: {said}"),
    "REG-014": (
        "(7FE0,0010) PixelData",
        "highdicom is still reading this large object; until it has passed, the version is withheld.",
    ),
    "REG-015": ("", "The instance is stored already, and was withdrawn; posting it again does not bring it back."),
    "REG-016": ("(0010,0020) PatientID", "The patient is another than that of the study's source images."),
    "REG-017": (
        "(0008,2112) SourceImageSequence",
        "{count} of the {total} source instances it names are secondary captures, the first {first}: what something drew does not verify "
        "a source.",
    ),
    "REG-018": (
        "(0008,2112) SourceImageSequence",
        "{count} of the {total} source instances it names lie in studies that the grant does not reach.",
    ),
    "REG-019": (
        "(0008,2112) SourceImageSequence",
        "{count} of the {total} source instances it names could not be looked up: the archive did not tell; they will be looked up again.",
    ),
    "REG-020": (
        "(0020,9113) PlanePositionSequence",
        "OHIF up to 3.14.0-beta.6 saves a segmentation whose segments overlap with frames at the places of others. "
        "Draw what is wrong anew, in a new segmentation, under the label that it has.",
    ),
    "REG-021": (
        "(0062,0002) SegmentSequence",
        "{count} of the {total} segments of the version that it corrects are not in it, by their labels.",
    ),
    "REG-022": ("(0010,0020) PatientID", "The patient is another than that of the version that it corrects."),
}
"""Every rule: the path it speaks of, and its sentence."""


def finding(rule: str, severity: Severity = Severity.ERROR, **values: object) -> Finding:
    """The finding of a rule. Raises KeyError for an unknown rule, or when the sentence lacks a value."""
    path, sentence = SENTENCES[rule]
    return Finding(rule=rule, severity=severity, path=path, sentence=sentence.format_map(values))
