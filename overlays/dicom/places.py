"""Holds where an object says that its frames and marks lie, for comparison with what the registry knows of its sources."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class FramePlane:
    """One frame that names source images, counted from 1: Image Position and Orientation (Patient) in millimetres and cosines."""

    number: int
    position: tuple[float, float, float]
    orientation: tuple[float, ...]
    between: float | None
    """Spacing Between Slices, in millimetres."""
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PixelMarks:
    """The box around all that is drawn on the pixels of one image: least and greatest column and row, as the object counts them."""

    sop_instance_uid: str
    low: tuple[float, float]
    high: tuple[float, float]
    path: str
    """Of the first of them."""
    on_matrix: bool
    """Whether they count from the total pixel matrix of a tiled image rather than from a frame."""
