"""Rules about the contours of a structure set that readers would draw twice, fill otherwise, or not at all (PS3.3 C.8.8.6)."""

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np

from overlays.dicom.contours import MAX_PLACED_VALUES, Contour
from overlays.dicom.dataset import DataSet
from overlays.dicom.long_values import BINARY_PIECE, decimals
from overlays.dicom.rules.rule import STRUCTURE_SETS, Breach, Rule, error, rules, warning
from overlays.dicom.subject import Subject

CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")


def _once(subject: Subject) -> Iterator[Breach]:
    seen: set[int] = set()
    for region in subject.structure.drawn:
        if region.number is not None and region.number in seen:
            yield (
                subject.data_set.scan.place(region.row),
                f"The contours of region {region.number} stand in two items, of which readers take one.",
            )
        seen.add(region.number or 0)


def _area(subject: Subject) -> Iterator[Breach]:
    left = MAX_PLACED_VALUES
    for contour in subject.structure.contours():
        left -= contour.values
        if contour.geometric_type not in CLOSED or not contour.points or contour.values != 3 * contour.points:
            continue
        if contour.points < 3:
            yield (
                contour.place("NumberOfContourPoints"),
                f"A closed contour goes round an area; {contour.points} points do not.",
            )
        elif left >= 0 and contour.row not in subject.structure.planes and _one_point(contour):
            yield contour.place("ContourData"), "All points of the contour are the same."


def _one_point(contour: Contour) -> bool:
    numbers = decimals(contour.scan, contour.data_row) if contour.data_row is not None else None
    if numbers is None or len(numbers) != contour.values or not np.isfinite(numbers).all():
        return False
    points = numbers.reshape(-1, 3)
    return bool((points == points[0]).all())


def _one_image(subject: Subject) -> Iterator[Breach]:
    for contour in subject.structure.contours():
        if len(contour.images) > 1 and contour.geometric_type in CLOSED:
            yield (
                contour.place("ContourImageSequence"),
                f"A closed contour lies in the plane of one image; it names {len(contour.images)}.",
            )


def _different(subject: Subject) -> Iterator[Breach]:
    for region in subject.structure.drawn:
        seen: set[bytes] = set()
        for contour in region.contours:
            digest = _digest(contour)
            if digest in seen:
                yield (
                    contour.place("ContourData"),
                    "The same contour stands in the region already; filled readers may cancel both.",
                )
            if digest:
                seen.add(digest)


def _digest(contour: Contour) -> bytes:
    row, found = contour.data_row, blake2b(digest_size=16)
    if row is None or not contour.values:
        return b""
    start, end = contour.scan.offsets[row], contour.scan.offsets[row] + contour.scan.lengths[row]
    for at in range(start, end, BINARY_PIECE):
        found.update(contour.scan.data[at : min(at + BINARY_PIECE, end)])
    return found.digest()


def _colour(subject: Subject) -> Iterator[Breach]:
    for region in subject.structure.drawn:
        item = DataSet(subject.data_set.scan, region.row)
        if region.rgb is None and not item.is_empty("ROIDisplayColor"):
            yield (
                item.place("ROIDisplayColor"),
                f"A colour is red, green and blue from 0 to 255 each; found {item.text('ROIDisplayColor')[:48]!r}.",
            )


def _one_filling(subject: Subject) -> Iterator[Breach]:
    for region in subject.structure.drawn:
        if {contour.geometric_type for contour in region.contours}.issuperset(CLOSED):
            yield (
                subject.data_set.scan.place(region.row),
                "Contours of one region are all CLOSED_PLANAR or all CLOSEDPLANAR_XOR; found both, which readers fill in different ways.",
            )


RULES: tuple[Rule, ...] = rules(
    (error, "RTS-016", "The contours of a region stand in one item.", "PS3.3 C.8.8.6", _once),
    (warning, "RTS-017", "Closed contours go round an area.", "PS3.3 C.8.8.6.1", _area),
    (warning, "RTS-018", "A closed contour names one image.", "PS3.3 C.8.8.6", _one_image),
    (warning, "RTS-019", "No contour stands twice in a region.", "PS3.3 C.8.8.6.3", _different),
    (warning, "RTS-020", "Colours of regions have three parts from 0 to 255.", "PS3.3 C.8.8.6", _colour),
    (
        error,
        "RTS-024",
        "Closed contours of one region are filled in one way.",
        "PS3.3 C.8.8.6.3",
        _one_filling,
    ),
    applies=STRUCTURE_SETS,
)
