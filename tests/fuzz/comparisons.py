"""Compares a broken segmentation with itself and with a sound one, as the review page does of versions."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

from overlays.dicom.bounds import Bounds
from overlays.dicom.compare.compare import Limits, compare_segmentations
from overlays.dicom.instance import Family, Instance
from tests.builders.mutations import base_bytes

LIMITS = Limits(surface_voxels=5000, work=1_000_000)


def comparisons(path: Path, bounds: Bounds, instance: Instance) -> Iterator[Callable[[], object]]:
    """The calls; none for other families."""
    if instance.family is Family.SEGMENTATION:
        sound = path.with_name("sound.dcm")
        if not sound.exists():
            sound.write_bytes(base_bytes("binary"))
        yield partial(_compared, path, path, bounds)
        yield partial(_compared, sound, path, bounds)
        yield partial(_compared, path, sound, bounds)


def _compared(before: Path, after: Path, bounds: Bounds) -> None:
    found = compare_segmentations(before, after, bounds=bounds, scratch=before.parent, limits=LIMITS)
    json.dumps(asdict(found), allow_nan=False)
