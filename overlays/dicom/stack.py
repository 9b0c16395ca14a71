"""Says how the frames of a multi-frame object stand in space: behind each other, and how far apart."""

from dataclasses import dataclass

import numpy as np

from overlays.dicom.functional_groups import FunctionalGroups

SPACING_TOLERANCE = 0.01
"""Share of the spacing by which a distance may miss a multiple of it, as highdicom 0.28 takes it."""
SAME_PLACE = 1e-3
"""Millimetres within which frames lie in one plane: positions are written with so many digits."""
ASIDE_TOLERANCE = 0.1
"""Millimetres by which a frame may lie beside the line of the first."""
UNIT_TOLERANCE = 2e-3
"""By which the axes of an orientation may miss being unit vectors at right angles."""
FARTHEST = 1e9
"""Millimetres beyond which a position is none that could be reckoned with."""


@dataclass(frozen=True)
class Stack:
    """``distances`` different places along the normal, ``spacing`` millimetres apart at least.

    ``planes`` counts them with those left out between, None where the distances are no multiples of the smallest. ``astray`` is the
    index, from 0, of the frame that lies farthest beside the line of the first, and ``aside`` how far in millimetres; None and the
    largest that is tolerated otherwise.
    """

    distances: int
    spacing: float
    planes: int | None
    astray: int | None
    aside: float


def stack_of(groups: FunctionalGroups) -> Stack | None:
    """The stack; None unless at least two places share one orientation, and all are finite."""
    frames = groups.per_frame
    orientations = {groups.orientation(frame) for frame in frames}
    if len(orientations) != 1:
        return None
    orientation = orientations.pop()
    positions = [groups.position(frame) for frame in frames]
    if not orientation or len(orientation) != 6 or not all(position and len(position) == 3 for position in positions):
        return None
    axes, points = np.array(orientation, float).reshape(2, 3), np.array(positions, float)
    if not (np.abs(axes) <= 2).all() or not (np.abs(points) <= FARTHEST).all():
        return None
    if np.abs(axes @ axes.T - np.eye(2)).max() > UNIT_TOLERANCE:
        return None
    along = points @ np.cross(*axes)
    places = np.unique(along)
    places = places[np.concatenate(([True], np.diff(places) > SAME_PLACE))]
    if len(places) < 2:
        return None
    aside = np.abs((points - points[0]) @ axes.T).max(axis=1)
    farthest = int(aside.argmax())
    astray = farthest if aside[farthest] > ASIDE_TOLERANCE else None
    spacing = float(np.diff(places).min())
    # The mean spacing, for rounding in the positions adds up along the stack.
    steps = np.round(np.diff(places) / spacing)
    mean = float((places[-1] - places[0]) / steps.sum())
    missed = np.abs((places - places[0]) / mean - np.concatenate(([0], np.cumsum(steps))))
    regular = bool((missed <= SPACING_TOLERANCE).all())
    planes = int(steps.sum()) + 1 if regular else None
    return Stack(len(places), spacing, planes, astray, float(aside[farthest]))
