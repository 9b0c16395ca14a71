"""Names how much may be encoded at once, so that no request can cost more memory than its child process has."""

from dataclasses import dataclass

MEBI = 1 << 20


@dataclass(frozen=True, kw_only=True)
class EncodingLimits:
    """Upper limits, all inclusive. ``max_inflated_bytes`` counts one file after its compression is undone, ``max_pixel_bytes`` the frames
    of the object before they are compressed. Voxels are counted over all channels of a mask.

    Measured with highdicom 0.28, which holds every frame while it encodes: 10,000 binary frames of 512 × 512 take 1.3 GB, 79 million
    fractions 1.2 GB. Whoever allows more must give the child process more memory.
    """

    max_file_bytes: int = 512 * MEBI
    max_inflated_bytes: int = 1024 * MEBI
    max_files: int = 5000
    max_voxels: int = 256 * MEBI
    max_fractional_voxels: int = 80 * MEBI
    max_planes: int = 20_000
    max_frames: int = 20_000
    max_pixel_bytes: int = 512 * MEBI
    max_channels: int = 1000
    max_header_bytes: int = 256 * MEBI
    """Of all source headers together."""
