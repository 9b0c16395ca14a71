"""Names how much may be encoded at once, so that no request can cost more memory than its child process has."""

from dataclasses import dataclass

MEBI = 1 << 20


@dataclass(frozen=True, kw_only=True)
class EncodingLimits:
    """Upper limits, all inclusive. ``max_inflated_bytes`` counts one file after its compression is undone.

    Voxels are counted over all channels of a mask. A fractional segmentation needs about 16 bytes a voxel while it is made
    (measured with highdicom 0.28), a binary one about 3.
    """

    max_file_bytes: int = 512 * MEBI
    max_inflated_bytes: int = 1024 * MEBI
    max_files: int = 5000
    max_voxels: int = 256 * MEBI
    max_fractional_voxels: int = 80 * MEBI
    max_planes: int = 20_000
    max_channels: int = 1000
    max_header_bytes: int = 256 * MEBI
    """Of all source headers together."""
