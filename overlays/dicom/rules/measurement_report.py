"""Rules about measurement reports (PS3.16 TID 1500), asked of reports that say they are one."""

from collections.abc import Callable, Iterator

from overlays.dicom.content_tree import ContentItem
from overlays.dicom.read_report import MEASUREMENT_GROUP, TRACKING_IDENTIFIER, TRACKING_UNIQUE_IDENTIFIER
from overlays.dicom.rules.rule import REPORTS, Breach, Rule, rules, warning
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

LANGUAGE = ("121049", "DCM")
OBSERVERS = (("121008", "DCM"), ("121012", "DCM"))
"""Person Observer Name, Device Observer UID: the items without which TID 1003 and TID 1004 say nothing."""
PROCEDURE_REPORTED = ("121058", "DCM")
IMAGE_LIBRARY = ("111028", "DCM")
IMAGING_MEASUREMENTS = ("126010", "DCM")
DERIVED_MEASUREMENTS = ("126011", "DCM")
QUALITATIVE_EVALUATIONS = ("C0034375", "UMLS")
REGIONS = (
    ("111030", "DCM"),  # Image Region
    ("121191", "DCM"),  # Referenced Segment
    ("121214", "DCM"),  # Referenced Segmentation Frame
    ("121231", "DCM"),  # Volume Surface
    ("130488", "DCM"),  # Region in Space
)
ROI_TEMPLATES = ("1410", "1411")


def _is_one(subject: Subject) -> bool:
    template = subject.data_set.first("ContentTemplateSequence")
    return template is not None and template.text("TemplateIdentifier") == "1500"


def _lacks(code: tuple[str, str], sentence: str) -> Callable[[Subject], Iterator[Breach]]:
    """A check that the root has a child of this name."""

    def check(subject: Subject) -> Iterator[Breach]:
        root = subject.content[0]
        if _is_one(subject) and root.children and not root.named(code):
            yield path("ContentSequence"), sentence

    return check


def _observer(subject: Subject) -> Iterator[Breach]:
    root = subject.content[0]
    if _is_one(subject) and root.children and not root.named(*OBSERVERS):
        yield path("ContentSequence"), "The report names neither the person nor the device that observed."


def _measurements(subject: Subject) -> Iterator[Breach]:
    root = subject.content[0]
    if not _is_one(subject) or not root.children:
        return
    held = root.named(IMAGING_MEASUREMENTS, DERIVED_MEASUREMENTS, QUALITATIVE_EVALUATIONS)
    if not held:
        yield path("ContentSequence"), "The report has neither measurements nor qualitative evaluations."
    for container in held:
        if not container.children:
            yield container.data_set.place("ContentSequence"), "The container of measurements or evaluations is empty."


def _groups(subject: Subject) -> Iterator[ContentItem]:
    for item in subject.content if _is_one(subject) else ():
        if item.name is not None and (item.name.value, item.name.scheme) == MEASUREMENT_GROUP and item.children:
            yield item


def _tracked(subject: Subject) -> Iterator[Breach]:
    for group in _groups(subject):
        missing = [
            word
            for word, code in (
                ("tracking identifier", TRACKING_IDENTIFIER),
                ("tracking unique identifier", TRACKING_UNIQUE_IDENTIFIER),
            )
            if not group.named(code)
        ]
        if missing:
            yield group.data_set.place("ContentSequence"), f"The measurement group has no {' and no '.join(missing)}."


def _located(subject: Subject) -> Iterator[Breach]:
    """Of groups that say they measure a region."""
    for group in _groups(subject):
        template = group.data_set.first("ContentTemplateSequence")
        if template is None or template.text("TemplateIdentifier") not in ROI_TEMPLATES:
            continue
        if not group.named(*REGIONS) and not any(
            child.value_type in ("SCOORD", "SCOORD3D") for child in group.children
        ):
            yield group.data_set.place("ContentSequence"), "The measurement group refers to no region and no segment."


def _says_something(subject: Subject) -> Iterator[Breach]:
    """A measurement, or an evaluation that is coded or written; one of what was found or where is none."""
    about = {("121071", "DCM"), ("276214006", "SCT"), ("363698007", "SCT")}
    for group in _groups(subject):
        said = any(
            child.value_type in ("NUM", "CODE", "TEXT")
            and child.relationship == "CONTAINS"
            and (child.name is None or (child.name.value, child.name.scheme) not in about)
            for child in group.children
        )
        if not said:
            yield (
                group.data_set.place("ContentSequence"),
                "The measurement group holds neither a measurement nor an evaluation.",
            )


RULES: tuple[Rule, ...] = rules(
    (
        warning,
        "SR-023",
        "A measurement report states its language.",
        "PS3.16 TID 1500, TID 1204",
        _lacks(LANGUAGE, "The report does not state its language."),
    ),
    (warning, "SR-024", "A measurement report names its observer.", "PS3.16 TID 1500, TID 1001", _observer),
    (
        warning,
        "SR-025",
        "A measurement report names the procedure reported.",
        "PS3.16 TID 1500",
        _lacks(PROCEDURE_REPORTED, "The report does not name the procedure that it reports on."),
    ),
    (
        warning,
        "SR-026",
        "A measurement report has an image library.",
        "PS3.16 TID 1500, TID 1600",
        _lacks(IMAGE_LIBRARY, "The report has no image library, by which readers find the images without the archive."),
    ),
    (warning, "SR-027", "A measurement report holds measurements or evaluations.", "PS3.16 TID 1500", _measurements),
    (
        warning,
        "SR-028",
        "Measurement groups can be followed by a tracking identifier and UID.",
        "PS3.16 TID 1410, TID 1411, TID 1501",
        _tracked,
    ),
    (warning, "SR-029", "Groups about a region refer to it.", "PS3.16 TID 1410, TID 1411", _located),
    (
        warning,
        "SR-030",
        "Measurement groups hold a measurement or an evaluation.",
        "PS3.16 TID 1410, TID 1411, TID 1501",
        _says_something,
    ),
    applies=REPORTS,
)
