"""Asks how far two stored segmentations agree."""

import json
from dataclasses import asdict
from functools import cache

from django.conf import settings

from overlays.dicom.bounds import Bounds
from overlays.dicom.compare.figures import Comparison, comparison_from
from overlays.dicom.sandbox import Sandbox, SandboxBusy, SandboxFailure, Task
from overlays.governance.actor import Actor
from overlays.governance.errors import DifferentGeometry, NotComparable, NotFound, Unavailable
from overlays.models import OverlayVersion
from overlays.queries.derived import derived_path, keep
from overlays.queries.dicomweb_objects import on_disk
from overlays.queries.readable import may_read_content, readable_version

FORM = 3
"""Part of the name of a kept comparison: raise it when the same bytes come to be compared otherwise."""
ADDRESS_SPACE = 6 << 30
"""Bytes that a comparing child may map: two objects of the largest size, inflated, and half of it for what it works out."""

_REFUSALS = {"not_comparable": NotComparable, "different_geometry": DifferentGeometry}


@cache
def comparer() -> Sandbox:
    """A child of its own, so that no reader waits for a picture behind a comparison; it ends after each, with all its memory."""
    return Sandbox(
        size=1,
        seconds=settings.OVERLAYS_DECODER_SECONDS,
        memory_bytes=ADDRESS_SPACE,
        file_bytes=Bounds().max_inflated_bytes,  # a deflated object is inflated into a file
        tasks_per_child=1,
    )


def readable_comparison(*, actor: Actor, before: str, after: str) -> Comparison:
    """The comparison of two versions by SOP Instance UID, for whoever may read what both say of the patient.

    Raises NotPermitted, NotFound (also where the actor may not read the content of one), and what ``comparison_of`` raises.
    """
    versions = [readable_version(actor, uid) for uid in (before, after)]
    for version in versions:
        if not may_read_content(actor, version):
            raise NotFound(f"There is no content of version {version.sop_instance_uid} to compare.")
    return comparison_of(*versions)


def comparison_of(before: OverlayVersion, after: OverlayVersion) -> Comparison:
    """The comparison of two versions, which the asker may read; the bytes are immutable, so it is worked out once and kept.

    Raises NotComparable, DifferentGeometry, and Unavailable while another comparison is at work.
    """
    for version in (before, after):
        if version.overlay.kind != "SEG":
            raise NotComparable(f"Version {version.sop_instance_uid} is no segmentation, and only these are compared.")
    kept = derived_path(f"{before.sha256}-{after.sha256}.comparison-{FORM}.json")
    if kept is not None and kept.exists():
        return comparison_from(json.loads(kept.read_bytes()))
    found = _compared(before.sha256, after.sha256)
    if kept is not None:
        keep(kept, json.dumps(asdict(found)).encode())
    return found


def _compared(before: str, after: str) -> Comparison:
    try:
        with on_disk(before) as one, on_disk(after) as other:
            answer = comparer().run(Task.COMPARE, one, other=str(other.resolve())).result
        refused = answer.get("not_comparable")
        if refused is not None:
            raise _REFUSALS[refused["code"]](str(refused["sentence"]))
        return comparison_from(answer["comparison"])
    except SandboxBusy:
        raise Unavailable("Another comparison is at work; this one is made when it is asked for again.") from None
    except SandboxFailure as failure:
        raise NotComparable(f"The two could not be compared. {failure.sentence}") from None
    except (KeyError, TypeError, ValueError):
        raise NotComparable(
            "The two could not be compared. The comparing process gave no answer that is one."
        ) from None
