"""Draws what may be retrieved as a picture: an image as it is, a result over its image with its label on it (PS3.18 10.4.1.1.3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from overlays.dicom.faults import Unreadable
from overlays.dicom.frames import FrameBroken, FrameNotFound
from overlays.dicom.pictures import Window, drawn
from overlays.dicom.pictures_map import MapMarks
from overlays.dicom.pictures_marks import SegmentMarks
from overlays.dicom.pictures_pixels import NoPicture
from overlays.dicom.pictures_words import with_words
from overlays.dicom.sandbox import SandboxFailure, SandboxRefused
from overlays.governance.actor import Actor
from overlays.governance.errors import NotFound, Unavailable
from overlays.governance.vocabulary import Purpose, Verdict
from overlays.models import OverlayVersion
from overlays.queries.archive_files import Archived
from overlays.queries.archive_objects import one_of_archive
from overlays.queries.decoder import decoder
from overlays.queries.dicomweb_retrieve import NOTHING, Retrievable
from overlays.queries.dicomweb_search import visible
from overlays.queries.drawing import Drawing, Picture, Plane
from overlays.queries.drawings import FORM, GROUND, drawing_of
from overlays.queries.gate import rulings_for_instances
from overlays.queries.picture_notes import notes_on
from overlays.queries.source_images import Stored
from overlays.queries.stored_bytes import path_of


class CannotDraw(Exception):
    """There is no picture of it; ``sentence`` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Look:
    """How it is to be shown. ``window`` is that of the image below; ``size`` width and height that it has to fit in; ``region`` the part
    of it: left, top, width, height in its pixels; ``notes`` what stands on it beside its label.
    """

    window: Window | None = None
    size: tuple[int, int] | None = None
    region: tuple[int, int, int, int] | None = None
    notes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A picture, 8-bit grey or RGB, and what is written on it."""

    pixels: np.ndarray
    words: str


def words_on(item: Retrievable, *, actor: Actor, purpose: Purpose) -> str:
    """The label of a result and its warning, as the render policy words them now; empty for an image.

    Raises NotFound for what the policy has come to withhold.
    """
    if not item.is_version:
        return ""
    (ruling,) = rulings_for_instances(actor=actor, wanted=[(item.instance, None)], purpose=purpose)
    if ruling.verdict is Verdict.WITHHOLD:
        raise NotFound(NOTHING)
    return " — ".join(part for part in (ruling.label, ruling.warning) if part)


def picture_of(
    item: Retrievable, *, actor: Actor, purpose: Purpose, frame: int | None, look: Look, bearer: str | None = None
) -> Drawn:
    """One frame of it; None: the first of an image, of a result the page with most on it.

    ``bearer`` is the caller's token where the archive is to say what its holder may see. Raises NotFound, CannotDraw and Unavailable;
    ArchiveFailed and ArchiveTooSlow where an image in the archive cannot be had.
    """
    label = words_on(item, actor=actor, purpose=purpose)
    words = " — ".join(filter(None, (label, notes_on(item.instance, look.notes))))
    try:
        made = _result(item, actor, purpose, frame, look, bearer) if item.is_version else _image(item, frame, look)
    except FrameNotFound as fault:
        raise NotFound(str(fault)) from None
    except SandboxRefused as refused:
        raise CannotDraw(refused.sentence) from None
    except SandboxFailure as failure:
        raise Unavailable(f"It cannot be drawn now: {failure.sentence}") from None
    except (NoPicture, Unreadable, FrameBroken) as fault:
        raise CannotDraw(f"It cannot be drawn: {fault}") from None
    made = _fitted(_cut(made, look.region), look.size)
    return Drawn(pixels=with_words(made, words) if words else made, words=f"{FORM} {words}")


def _image(item: Retrievable, frame: int | None, look: Look) -> np.ndarray:
    return drawn(path_of(item.sha256), number=frame or 1, window=look.window, sandbox=decoder())


def _result(
    item: Retrievable, actor: Actor, purpose: Purpose, frame: int | None, look: Look, bearer: str | None
) -> np.ndarray:
    drawing = drawing_of(OverlayVersion.objects.get(sop_instance_uid=item.instance), strict=True)
    if not drawing.planes:
        raise CannotDraw(drawing.note or "There is nothing of it that can be drawn.")
    plane = drawing.planes[drawing.first] if frame is None else _plane_of(drawing, item, frame)
    rows, columns = plane.marks.rows, plane.marks.columns
    base = np.full((rows, columns, 3), GROUND, np.uint8)
    if plane.picture and _may_be_seen(plane.picture, item, actor, purpose, bearer):
        if look.window and plane.picture.slide is None:
            below = drawn(
                plane.picture.place.path(), number=plane.picture.number, window=look.window, sandbox=decoder()
            )
        else:
            below = plane.picture.drawn(drawing.windows[0], decoder())
        base = np.asarray(Image.fromarray(np.ascontiguousarray(below)).convert("RGB").resize((columns, rows)))
    return plane.marks.over(base, drawing.colours, sandbox=decoder())


def _may_be_seen(picture: Picture, item: Retrievable, actor: Actor, purpose: Purpose, bearer: str | None) -> bool:
    """Whether the image below is within the caller's grant: a result may name images of other studies."""
    match picture.place:
        case Stored(sha256=sha256):
            own = item.sha256 == sha256
            return own or visible(actor=actor, purpose=purpose).sources.filter(bytes__sha256=sha256).exists()
        case Archived(known=image):
            where = {"study": image.study_instance_uid, "series": image.series_instance_uid}
            return one_of_archive(actor=actor, **where, instance=image.sop_instance_uid, bearer=bearer) is not None
    raise TypeError(f"an image is in an unknown place: {type(picture.place).__name__}")


def _plane_of(drawing: Drawing, item: Retrievable, frame: int) -> Plane:
    """The page with the frame, and nothing but that frame on it."""
    for plane in drawing.planes:
        if isinstance(plane.marks, SegmentMarks | MapMarks):
            for place in plane.marks.frames:
                if place.number == frame:
                    return replace(plane, marks=replace(plane.marks, frames=(place,)))
        elif plane.picture and plane.picture.place == Stored(item.sha256) and plane.picture.number == frame:
            return plane
    raise CannotDraw(f"Frame {frame} lies on none of its images.")


def _cut(pixels: np.ndarray, region: tuple[int, int, int, int] | None) -> np.ndarray:
    if region is None:
        return pixels
    left, top, width, height = region
    found = pixels[top : top + height, left : left + width]
    if not found.size:
        raise CannotDraw("The region of the viewport lies beside the picture.")
    return found


def _fitted(pixels: np.ndarray, size: tuple[int, int] | None) -> np.ndarray:
    """As large as fits, with its proportions kept (PS3.18 8.3.5.1.3)."""
    if size is None:
        return pixels
    rows, columns = pixels.shape[:2]
    factor = min(size[0] / columns, size[1] / rows)
    wanted = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize(wanted, Image.Resampling.BILINEAR))


def drawable(items: Sequence[Retrievable]) -> list[Retrievable]:
    """Those that may stand for the whole in a thumbnail, the best first: images with pixels from the middle on, then results."""
    images = [item for item in items if not item.is_version and item.pixels]
    middle = len(images) // 2
    return [*images[middle:], *images[:middle], *(item for item in items if item.is_version)]
