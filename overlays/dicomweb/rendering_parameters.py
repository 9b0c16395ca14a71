"""Reads the query parameters of rendered resources (PS3.18 8.3.5)."""

import math
import re
from dataclasses import dataclass

from django.http import QueryDict

from overlays.dicom.pictures import LINEAR, LINEAR_EXACT, SIGMOID, Window
from overlays.governance.errors import Invalid
from overlays.queries.picture_notes import NOTES
from overlays.queries.rendered import Look

LARGEST_SIDE = 4096
QUALITY = 85
THUMBNAIL = (160, 160)
FUNCTIONS = {"linear": LINEAR, "linear-exact": LINEAR_EXACT, "sigmoid": SIGMOID}
"""Of a window, as the parameter names them (PS3.18 8.3.5.1.4)."""
_NUMBER = r"[+-]?\d{1,9}(?:\.\d{1,6})?(?:[eE][+-]?\d{1,2})?"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How to draw it, and how well to keep it, 1 to 100, where the form loses anything."""

    look: Look
    quality: int


def read(query: QueryDict, *, thumbnail: bool) -> Wanted:
    """The parameters. Raises Invalid for one that is malformed or not supported: a picture that is not what was asked for misleads."""
    known = {"viewport"} if thumbnail else {"viewport", "window", "quality", "iccprofile", "annotation"}
    for name, values in query.lists():
        if name not in known:
            raise Invalid(
                f"{name[:40]!r} is no parameter that is supported here; those are {', '.join(sorted(known))}."
            )
        if len(values) > 1:
            raise Invalid(f"{name} is given {len(values)} times.")
    if query.get("iccprofile", "no") != "no":
        raise Invalid("iccprofile: pictures have no ICC profile; only 'no' is supported.")
    size, region = _viewport(query["viewport"], thumbnail) if "viewport" in query else (None, None)
    return Wanted(
        look=Look(
            window=_window(query["window"]) if "window" in query else None,
            size=size or (THUMBNAIL if thumbnail else None),
            region=region,
            notes=_notes(query["annotation"]) if "annotation" in query else frozenset(),
        ),
        quality=_quality(query.get("quality", str(QUALITY))),
    )


def _viewport(text: str, thumbnail: bool) -> tuple[tuple[int, int], tuple[int, int, int, int] | None]:
    parts = text.split(",")
    if not all(re.fullmatch(r"\d{1,6}", part, re.ASCII) for part in parts) or len(parts) not in (
        (2,) if thumbnail else (2, 6)
    ):
        raise Invalid(
            f"viewport is width,height{'' if thumbnail else ' or width,height,left,top,width,height'}; not {text[:60]!r}."
        )
    numbers = [int(part) for part in parts]
    if not all(1 <= side <= LARGEST_SIDE for side in numbers[:2]) or 0 in numbers[4:]:
        raise Invalid(f"viewport: its sides are 1 to {LARGEST_SIDE}, and its region is not empty.")
    return (numbers[0], numbers[1]), tuple(numbers[2:]) or None


def _window(text: str) -> Window:
    found = re.fullmatch(rf"({_NUMBER}),({_NUMBER}),([a-z-]+)", text, re.ASCII)
    function = FUNCTIONS.get(found[3]) if found else None
    least = 1 if function == LINEAR else 0  # PS3.3 C.11.2.1.2, C.11.2.1.3
    if function is None or not math.isfinite(float(found[1]) + float(found[2])):
        raise Invalid(f"window is center,width,function, one of {', '.join(FUNCTIONS)}; not {text[:60]!r}.")
    if float(found[2]) < least or float(found[2]) == 0:
        raise Invalid(f"window: the width of {found[3]} is {'1 or more' if least else 'more than 0'}.")
    return Window(float(found[1]), float(found[2]), function)


def _notes(text: str) -> frozenset[str]:
    wanted = text.split(",")
    if not set(wanted) <= set(NOTES):
        raise Invalid(f"annotation is {' or '.join(NOTES)}, or both joined by a comma; not {text[:60]!r}.")
    return frozenset(wanted)


def _quality(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or not 1 <= int(text) <= 100:
        raise Invalid(f"quality is a whole number, 1 to 100, not {text[:20]!r}.")
    return int(text)
