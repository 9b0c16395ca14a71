"""Holds what one DICOM instance says of itself, as far as the registry needs to know it."""

from dataclasses import dataclass, field
from enum import StrEnum

from overlays.dicom.places import FramePlane, PixelMarks

Position = tuple[float, float, float]
"""Millimetres in the patient's coordinates (PS3.3 C.7.6.2.1.1)."""


class Family(StrEnum):
    """The kinds of object the registry takes in."""

    SEGMENTATION = "SEG"
    STRUCTURED_REPORT = "SR"
    PARAMETRIC_MAP = "PM"
    PRESENTATION_STATE = "PR"
    KEY_OBJECTS = "KO"
    STRUCTURE_SET = "RTSTRUCT"
    ANNOTATIONS = "ANN"
    SECONDARY_CAPTURE = "SC"
    """A picture that something drew: always taken for a result, never for a source, so that it cannot pass ungoverned."""
    IMAGE = "IMAGE"
    """A source image, accepted where the registry itself holds the sources."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """A coded concept (PS3.3 8.8): value, scheme, meaning."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Patient:
    """The patient as the object names them (PS3.3 C.7.1.1). Never written to a log."""

    patient_id: str = ""
    issuer: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True, kw_only=True)
class StudyAttributes:
    """General Study (PS3.3 C.7.2.1); dates and times as written (DA, TM)."""

    date: str = ""
    time: str = ""
    accession_number: str = ""
    study_id: str = ""
    description: str = ""
    referring_physician: str = ""


@dataclass(frozen=True, kw_only=True)
class SeriesAttributes:
    """General Series (PS3.3 C.7.3.1)."""

    number: int | None = None
    description: str = ""
    date: str = ""
    time: str = ""
    body_part: str = ""


@dataclass(frozen=True, kw_only=True)
class Equipment:
    """General Equipment (PS3.3 C.7.5.1): what wrote the object."""

    manufacturer: str = ""
    model_name: str = ""
    serial_number: str = ""
    software_versions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AlgorithmClaim:
    """One place of the object that names the algorithm, and what it says there.

    ``place`` is a tag path. ``rank`` orders the places as the registry believes them: 1 algorithm identification of a segment
    (0062,0007), of a region (3006,0037), of a group of annotations (006A,0008) or TID 4019; 2 Contributing Equipment with purpose
    109102; 3 equipment together with Segment Algorithm Name.
    """

    rank: int
    place: str
    name: str
    version: str
    manufacturer: str = ""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One item of Segment Sequence (PS3.3 C.8.20.2)."""

    number: int
    label: str
    description: str = ""
    category: Code | None = None
    property_type: Code | None = None
    algorithm_type: str = ""
    algorithm_name: str = ""
    tracking_id: str = ""
    tracking_uid: str = ""
    rgb: tuple[int, int, int] | None = None
    """Recommended Display CIELab Value turned into sRGB, 0 to 255 each."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One numeric content item of a measurement group (PS3.3 C.18.1)."""

    name: str
    value: str
    """As written; without one, why there is none, as far as it is said."""
    unit: str
    code: str = ""
    """Of what is measured: value and scheme."""


@dataclass(frozen=True, kw_only=True)
class MeasurementGroup:
    """One group of measurements of a TID 1500 report, for people to read."""

    tracking_id: str = ""
    tracking_uid: str = ""
    finding: str = ""
    finding_code: str = ""
    """Value and scheme of the finding, where it is a code."""
    measurements: tuple[Measurement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ContentLine:
    """One content item of a report or key object selection, for people to read: how deep, under which relationship, name and value."""

    depth: int
    relationship: str
    value_type: str
    name: str
    value: str
    code: str = ""
    """Of the name: value and scheme. The meaning beside a code may contradict it."""
    cut: bool = False
    """Whether the object holds more of the value."""


@dataclass(frozen=True, kw_only=True)
class RegionOfInterest:
    """One item of Structure Set ROI Sequence with what the other two sequences say of it (PS3.3 C.8.8.5, C.8.8.6, C.8.8.8)."""

    number: int
    name: str
    description: str = ""
    frame_of_reference_uid: str = ""
    generation_algorithm: str = ""
    interpreted_type: str = ""
    property_type: Code | None = None
    rgb: tuple[int, int, int] | None = None
    contours: int = 0
    points: int = 0
    geometric_types: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ContourPlane:
    """Where the contours lie that a structure set draws on one image: the middle of one of them."""

    sop_instance_uid: str
    centre: Position


@dataclass(frozen=True, kw_only=True)
class AnnotationGroup:
    """One item of Annotation Group Sequence (PS3.3 C.37.1.2)."""

    number: int
    label: str
    uid: str = ""
    category: Code | None = None
    property_type: Code | None = None
    graphic_type: str = ""
    annotations: int = 0
    generation_type: str = ""
    algorithm_name: str = ""
    measurements: tuple[str, ...] = ()
    rgb: tuple[int, int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class ValueMapping:
    """What the numbers of a parametric map mean (PS3.3 C.7.6.16.2.11): label, quantity, unit and the straight line to real world values."""

    label: str
    explanation: str = ""
    quantity: Code | None = None
    unit: Code | None = None
    slope: float | None = None
    intercept: float | None = None
    first: float | None = None
    last: float | None = None


@dataclass(frozen=True, kw_only=True)
class GraphicLayer:
    """One layer of graphics of a presentation state, with what lies on it (PS3.3 C.10.5, C.10.7)."""

    name: str
    order: int | None = None
    description: str = ""
    graphics: int = 0
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DisplayAdvice:
    """How a presentation state wants its images shown (PS3.3 C.11): windows as (center, width), palettes and blending by name."""

    layers: tuple[GraphicLayer, ...] = ()
    windows: tuple[tuple[float, float], ...] = ()
    palette: str = ""
    """Palette Color Lookup Table UID or label, `own` for one that the object holds itself, empty for none."""
    blending: tuple[str, ...] = ()
    """One entry for each blending step: its mode and opacity."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A reference to a source instance; study and series are empty where the object does not say."""

    sop_instance_uid: str
    sop_class_uid: str = ""
    series_instance_uid: str = ""
    study_instance_uid: str = ""
    frame_numbers: tuple[int, ...] = ()
    """Frames of the source that are named, ascending; none where the reference is to the whole instance."""
    segment_numbers: tuple[int, ...] = ()
    """Segments of the source that are named, ascending, where it is a segmentation."""
    frame_of_reference_uid: str = ""
    """The one under which a structure set lists the instance."""


Point = tuple[float, float, float]
"""Millimetres, patient coordinates."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Rows, columns and their place in space (PS3.3 C.7.6.2, C.7.6.16.2): millimetres, patient coordinates."""

    rows: int
    columns: int
    pixel_spacing: tuple[float, float] | None = None
    orientation: tuple[float, ...] | None = None
    position: tuple[float, float, float] | None = None
    """Of the first frame, or of the image."""


@dataclass(frozen=True, kw_only=True)
class PixelLayout:
    """Where pixel data lies in the stored bytes, and in which form (PS3.5 8.1.1, Annex A.4).

    ``offset`` counts bytes from the start of the stored file to the first byte of the value; ``length`` is None when encapsulated.
    With ``deflated`` the stored file holds no such byte: the offset then counts from the start of the inflated data set.
    """

    offset: int
    length: int | None
    rows: int
    columns: int
    frames: int
    samples_per_pixel: int
    bits_allocated: int
    bits_stored: int
    pixel_representation: int
    photometric_interpretation: str
    encapsulated: bool
    deflated: bool = False
    keyword: str = "PixelData"
    """The element that holds them: Pixel Data, Float Pixel Data or Double Float Pixel Data (PS3.3 C.7.6.3, C.7.6.24, C.7.6.25)."""

    @property
    def floating(self) -> bool:
        """Whether pixels are floating point numbers, of 32 or 64 bits as allocated."""
        return self.keyword != "PixelData"


@dataclass(frozen=True, kw_only=True)
class Instance:
    """What the object says. Text is stripped of padding; absent text is empty, absent numbers are None."""

    family: Family
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    transfer_syntax_uid: str
    modality: str
    patient: Patient
    study: StudyAttributes
    series: SeriesAttributes
    equipment: Equipment
    instance_number: int | None = None
    content_date: str = ""
    content_time: str = ""
    frame_of_reference_uid: str = ""
    number_of_frames: int | None = None
    grid: Grid | None = None
    extent: tuple[Point, ...] = ()
    """The corners of the box through the outermost pixels of all frames; none where they do not share one orientation."""
    lossy: bool | None = None
    """Lossy Image Compression, None where it is not said."""
    pixels: PixelLayout | None = None
    segmentation_type: str = ""
    content_label: str = ""
    content_description: str = ""
    content_creator: str = ""
    content_qualification: str = ""
    segments: tuple[Segment, ...] = ()
    document_title: Code | None = None
    template: str = ""
    completion_flag: str = ""
    verification_flag: str = ""
    measurement_groups: tuple[MeasurementGroup, ...] = ()
    content_tree: tuple[ContentLine, ...] = ()
    regions: tuple[RegionOfInterest, ...] = ()
    contour_planes: tuple[ContourPlane, ...] = ()
    contour_extremes: tuple[Point, ...] = ()
    """Middles of the contours that lie farthest out."""
    frame_planes: tuple[FramePlane, ...] = ()
    """Of the frames that name sources."""
    pixel_marks: tuple[PixelMarks, ...] = ()
    """What is drawn on the pixels of an image, by the image."""
    spaces: tuple[str, ...] = ()
    """Frames of reference of a report's coordinates in space."""
    annotation_groups: tuple[AnnotationGroup, ...] = ()
    value_mappings: tuple[ValueMapping, ...] = ()
    display: DisplayAdvice | None = None
    approval_status: str = ""
    """Approval Status of a structure set (PS3.3 C.8.8.16), a fact of whoever wrote it and never a verdict of the registry."""
    algorithms: tuple[AlgorithmClaim, ...] = ()
    references: tuple[Reference, ...] = ()
    """Every source instance it names, once each, in the order met: Derivation Image, Referenced Series, evidence, content references."""
    predecessors: tuple[str, ...] = ()
    """SOP Instance UIDs of Predecessor Documents, Predecessor Structure Set and Source Instance Sequence."""
    attributes: dict = field(default_factory=dict, hash=False)
    """Attributes for searches, in the DICOM JSON model (PS3.18 F.2): of sequences what can be
    searched, no value over 1 kB, no bulk data.
    """


@dataclass(frozen=True, kw_only=True)
class KnownSource:
    """A source instance that the registry knows, for comparison with what an object claims of it."""

    sop_instance_uid: str
    sop_class_uid: str
    series_instance_uid: str
    study_instance_uid: str
    patient_id: str
    patient_name: str
    frame_of_reference_uid: str
    grid: Grid | None
    number_of_frames: int | None
    lossy: bool = False
    """Whether its pixels were ever compressed with loss (PS3.3 C.7.6.1.1.5)."""
    segment_numbers: frozenset[int] | None = None
    """Those that it describes; None where it is no segmentation."""
    matrix: tuple[int, int] | None = None
    """Rows and columns of the total pixel matrix of a tiled image (PS3.3 C.8.12.14)."""
