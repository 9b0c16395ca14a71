"""Names the limits under which an object is read, so that none can cost more than the registry is willing to pay."""

from dataclasses import dataclass, fields

GIBIBYTE = 1 << 30
MEBI = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Upper limits, all inclusive and all at least 1.

    ``max_depth`` counts sequences inside sequences (the deepest object met in practice has 6); ``max_items`` counts items of all
    sequences plus fragments of encapsulated pixel data: a segmentation needs about 8 a frame. ``max_volume_voxels`` bounds what may be
    built in memory from a header's geometry. Sizes are bytes.

    Raises ValueError when a limit is not a positive whole number.
    """

    max_bytes: int = GIBIBYTE
    max_inflated_bytes: int = GIBIBYTE
    max_depth: int = 16
    max_items: int = 200_000
    max_elements: int = 5_000_000
    max_frames: int = 100_000
    max_pixels_per_frame: int = 64 * MEBI
    max_volume_voxels: int = 512 * MEBI
    max_segments: int = 4096
    max_elements_of_one_data_set: int = 20_000
    max_value_bytes: int = 16 * MEBI
    """Of one value other than pixels, coordinates of contours and annotations, and their measurements (``scan.LONG_VALUES``): what a
    reader may take into memory at once."""
    max_findings_per_rule: int = 20

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not int or value < 1:
                raise ValueError(f"{field.name} must be a positive whole number, not {value!r}")
