"""Rules about pixel data, for everything that has pixels (PS3.5 section 8, PS3.3 C.7.6.3)."""

from collections.abc import Iterator

from overlays.dicom.instance import Family, PixelLayout
from overlays.dicom.read_pixels import PIXELS
from overlays.dicom.rules.rule import IMAGES, Breach, Rule, error
from overlays.dicom.subject import Subject
from overlays.dicom.tags import path

BITS_ALLOCATED = (1, 8, 16, 32, 64)


def native_length(layout: PixelLayout) -> int:
    """Bytes of native pixel data before padding: pixels of 1 bit are packed across frames (PS3.5 8.1.1, Annex D)."""
    samples = layout.samples_per_pixel
    if layout.photometric_interpretation == "YBR_FULL_422" and samples == 3:
        samples = 2
    return (layout.frames * layout.rows * layout.columns * samples * layout.bits_allocated + 7) // 8


def _rows(subject: Subject) -> Iterator[Breach]:
    for keyword in ("Rows", "Columns"):
        found = subject.data_set.integer(keyword)
        if found is None or found < 1:
            yield path(keyword), f"{keyword} must be at least 1; found {found}."


def _present(subject: Subject) -> Iterator[Breach]:
    if not any(keyword in subject.data_set for keyword in PIXELS):
        yield path("PixelData"), "The object has no pixel data."


def _bits(subject: Subject) -> Iterator[Breach]:
    allocated = subject.data_set.integer("BitsAllocated")
    if allocated not in BITS_ALLOCATED:
        yield (
            path("BitsAllocated"),
            f"Bits Allocated must be one of {', '.join(map(str, BITS_ALLOCATED))}; found {allocated}.",
        )


def _usable(subject: Subject) -> PixelLayout | None:
    layout = subject.layout
    if (
        layout is None
        or layout.rows < 1
        or layout.columns < 1
        or layout.frames < 1
        or layout.bits_allocated not in BITS_ALLOCATED
    ):
        return None
    return None if layout.frames > subject.bounds.max_frames else layout


def _native_length(subject: Subject) -> Iterator[Breach]:
    layout = _usable(subject)
    if layout is None or layout.length is None or not _claims_agree(subject):
        return
    wanted = native_length(layout)
    if layout.length != wanted + wanted % 2:
        yield (
            path(layout.keyword),
            f"{layout.frames} frames of {layout.rows} by {layout.columns} pixels have {wanted + wanted % 2} bytes; found {layout.length}.",
        )


def _claims_agree(subject: Subject) -> bool:
    """Whether the attributes that give the length are sound themselves; where they are not, another rule tells it."""
    groups = subject.data_set.count("PerFrameFunctionalGroupsSequence")
    return not groups or subject.tiled_full or subject.data_set.integer("NumberOfFrames") == groups


def _fragments(subject: Subject) -> Iterator[Breach]:
    layout, row = _usable(subject), subject.data_set.row_of("PixelData")
    if layout is None or not layout.encapsulated or row is None or not _claims_agree(subject):
        return
    scan = subject.data_set.scan
    found = scan.fragments[row]
    fragments = len(found) // 2 - 1
    if fragments < 0:
        yield path("PixelData"), "Encapsulated pixel data begins with a Basic Offset Table; found nothing."
        return
    table = found[1] // 4
    told_apart = (
        table > 0 or layout.frames == 1 or "ExtendedOffsetTable" in subject.data_set or subject.family is Family.IMAGE
    )
    if table not in (0, layout.frames):
        yield path("PixelData"), f"The Basic Offset Table has {table} entries for {layout.frames} frames."
    elif fragments < layout.frames or (fragments != layout.frames and not told_apart):
        yield path("PixelData"), f"{layout.frames} frames are claimed, but {fragments} fragments found."


RULES: tuple[Rule, ...] = (
    error("IMG-001", "Rows and Columns are at least 1.", "PS3.3 C.7.6.3", _rows, applies=IMAGES),
    error("IMG-002", "There is pixel data.", "PS3.3 C.7.6.3", _present, applies=IMAGES),
    error("IMG-003", "Bits Allocated is one that a reader knows.", "PS3.5 8.1.1", _bits, applies=IMAGES),
    error(
        "IMG-004",
        "Native pixel data has exactly the length of its frames.",
        "PS3.5 8.1.1, Annex D",
        _native_length,
        applies=IMAGES,
    ),
    error(
        "IMG-005", "Encapsulated pixel data holds as many frames as claimed.", "PS3.5 A.4", _fragments, applies=IMAGES
    ),
)
