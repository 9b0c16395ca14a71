"""Serves the pictures that the review page and the worklist are made of, to readers, and only what the policy lets them see."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from overlays.admin.actor import actor_of
from overlays.admin.read_only import asking
from overlays.dicom.faults import Unreadable
from overlays.dicom.frames import FrameBroken, FrameNotFound
from overlays.dicom.pictures_colours import COLOURS
from overlays.dicom.pictures_marks import FILL, OUTLINE
from overlays.dicom.pictures_pixels import NoPicture
from overlays.dicom.pictures_values import SCALES, WHOLE
from overlays.dicom.sandbox import SandboxBusy, SandboxFailure
from overlays.governance.errors import ArchiveFailed, ArchiveTooSlow, NotFound
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import Verdict
from overlays.models import OverlayVersion
from overlays.queries.drawing import WINDOWS, Drawing
from overlays.queries.drawings import counts_of, drawing_of, image_of, layer_of, thumbnail_of, together_of
from overlays.queries.gate import Ruling
from overlays.queries.review_page import find_version, ruling_for_review

UNDRAWABLE = (
    NoPicture,
    Unreadable,
    FrameBroken,
    FrameNotFound,
    FileNotFoundError,
    NotImplementedError,
    SandboxBusy,
    SandboxFailure,
)
"""What keeps a stored object from being drawn; NotImplementedError, a store that has no files of its own."""
STEPS = range(0, 256, 15)
"""Of the colours of a map's values, those that its legend is made of."""


STYLE_UNKNOWN = "Layers are not drawn in that way."


def may_draw(ruling: Ruling) -> bool:
    """Whether the policy lets a reader see it."""
    return ruling.verdict is not Verdict.WITHHOLD


def thumbnail_address(version: OverlayVersion) -> str:
    """Where the thumbnail of a version is."""
    return reverse("admin:overlays_overlayversion_thumbnail", args=[version.pk, version.sha256[:16]])


def styles_of(drawing: Drawing) -> tuple[str, ...]:
    """In which ways things are drawn: a map in its scales, all others filled or outlined."""
    return tuple(drawing.scales) if drawing.scales is not None else (FILL, OUTLINE)


def described(version: OverlayVersion) -> dict | None:
    """What the viewer's template and script need to page through a version; None when there is nothing that can be drawn."""
    try:
        drawing = drawing_of(version)
    except UNDRAWABLE:
        return None
    if not drawing.planes:
        return None
    has_images = any(plane.picture for plane in drawing.planes)
    base = reverse("admin:overlays_overlayversion_overview", args=[version.pk, drawing.key]).removesuffix(
        "overview.json"
    )
    return {
        "slices": len(drawing.planes),
        "first": drawing.first,
        "image": f"{base}{{slice}}/image-{{window}}.png" if has_images else "",
        "bare": [index for index, plane in enumerate(drawing.planes) if plane.picture is None],
        "layer": f"{base}{{slice}}/{{segment}}-{{style}}.png",
        "together": f"{base}{{slice}}/all-{{style}}.png" if drawing.gathers else "",
        "overview": f"{base}overview.json",
        "segments": [
            {"number": each.number, "label": each.label, "detail": each.detail, "colour": each.colour}
            for each in drawing.legend
        ],
        "title": drawing.title,
        "outlined": drawing.outlined,
        "opacity": drawing.opacity,
        "page": drawing.page,
        "present": [plane.marks.numbers for plane in drawing.planes],
        "labelmap": drawing.by_pixels,
        "windows": [(name, WINDOWS[name][0]) for name in drawing.windows],
        "aspect": drawing.planes[drawing.first].aspect,
        "aspects": [plane.aspect for plane in drawing.planes],
        "note": drawing.note,
        "scales": None if drawing.scales is None else _scales(drawing),
        "ramp": [] if drawing.scales is None else [[round(part) for part in COLOURS[step]] for step in STEPS],
    }


def note_without_pages(version: OverlayVersion) -> str:
    """What is to be said of a version that has no page; empty where there is nothing to say, or it cannot be read."""
    try:
        drawing = drawing_of(version)
    except UNDRAWABLE:
        return ""
    return "" if drawing.planes else drawing.note


def _scales(drawing: Drawing) -> list[dict]:
    units = drawing.units or {}
    return [
        {
            "name": name,
            "text": SCALES[name],
            "ends": [
                {
                    "number": number,
                    "low": f"{low:.4g}" if name == WHOLE else f"≤ {low:.4g}",
                    "high": f"{high:.4g}" if name == WHOLE else f"≥ {high:.4g}",
                    "unit": units.get(number, ""),
                }
                for number, (low, high) in ranges.items()
            ],
        }
        for name, ranges in (drawing.scales or {}).items()
    ]


def _permitted(request: HttpRequest, pk: int) -> OverlayVersion:
    """The version, which the policy lets this reader see. Raises NotFound otherwise: the two are not told apart."""
    actor = actor_of(request)
    version = find_version(actor, pk)
    if not may_draw(ruling_for_review(actor, version)):
        raise NotFound(f"There is no drawing of version {pk}.")
    return version


def _answer(request: HttpRequest, etag: str, make: Callable[[], HttpResponse]) -> HttpResponse:
    """The picture; 304 to whoever has it, a sentence when it cannot be made.

    A browser may keep it but asks each time: a recall counts at once.
    """
    etag = f'"{etag}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            response = make()
        except (IndexError, LookupError) as error:
            raise NotFound("There is no such page of the drawing.") from error
        except FileNotFoundError:
            return _told("The store has lost the bytes.", 500)
        except ArchiveFailed as error:
            return _told(error.sentence, 504 if isinstance(error, ArchiveTooSlow) else 502)
        except SandboxBusy as error:
            response = _told(error.sentence, 503)
            response.headers["Retry-After"] = "5"
            return response
        except SandboxFailure as error:
            return _told(error.sentence, 422)
        except UNDRAWABLE as error:
            return _told(f"It cannot be drawn: {error}", 422)
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _told(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")


def _drawing(request: HttpRequest, pk: int, key: str) -> Drawing:
    try:
        drawing = drawing_of(_permitted(request, pk))
    except UNDRAWABLE as error:
        raise NotFound("The version cannot be drawn.") from error
    if drawing.key != key:
        raise NotFound("The drawing has changed: load the page again.")
    return drawing


@require_safe
@asking(Action.DECIDE_REVIEW, cacheable=True)
def image(request: HttpRequest, pk: int, key: str, index: int, window: str) -> HttpResponse:
    """The image of one page."""
    drawing = _drawing(request, pk, key)
    return _answer(request, f"{key}-{index}-{window}", lambda: _png(image_of(drawing, index, window)))


@require_safe
@asking(Action.DECIDE_REVIEW, cacheable=True)
def layer(request: HttpRequest, pk: int, key: str, index: int, segment: int, style: str) -> HttpResponse:
    """One segment on one page."""
    drawing = _drawing(request, pk, key)
    if style not in styles_of(drawing):
        raise NotFound(STYLE_UNKNOWN)
    return _answer(request, f"{key}-{index}-{segment}-{style}", lambda: _png(layer_of(drawing, index, segment, style)))


@require_safe
@asking(Action.DECIDE_REVIEW, cacheable=True)
def together(request: HttpRequest, pk: int, key: str, index: int, style: str) -> HttpResponse:
    """All segments on one page."""
    drawing = _drawing(request, pk, key)
    if style not in styles_of(drawing):
        raise NotFound(STYLE_UNKNOWN)
    return _answer(request, f"{key}-{index}-all-{style}", lambda: _png(together_of(drawing, index, style)))


@require_safe
@asking(Action.DECIDE_REVIEW, cacheable=True)
def overview(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """How many pixels of each segment are on each page; ``counts`` is null where there are too many frames to count."""
    drawing = _drawing(request, pk, key)
    return _answer(request, f"{key}-overview", lambda: JsonResponse({"counts": counts_of(drawing)}))


@require_safe
@asking(Action.DECIDE_REVIEW, cacheable=True)
def thumbnail(request: HttpRequest, pk: int, digest: str) -> HttpResponse:
    """The page with most on it, small; on a dark ground where no image is held."""
    version = _permitted(request, pk)
    if not version.sha256.startswith(digest) or len(digest) != 16:
        raise NotFound("There is no such thumbnail.")
    return _answer(request, f"{digest}-thumbnail", lambda: _thumbnail(version))


def _thumbnail(version: OverlayVersion) -> HttpResponse:
    """Raises ArchiveFailed rather than drawing without the image: the browser keeps the picture."""
    drawing = drawing_of(version, strict=True)
    if not drawing.planes:
        raise LookupError("there is no page")
    return _png(thumbnail_of(drawing))


def _png(data: bytes) -> HttpResponse:
    return HttpResponse(data, content_type="image/png")


def urls() -> list:
    """The addresses of this module, below the worklist's."""
    name = "overlays_overlayversion_{}".format
    return [
        path("<int:pk>/thumbnail/<slug:digest>.png", thumbnail, name=name("thumbnail")),
        path("<int:pk>/drawing/<slug:key>/overview.json", overview, name=name("overview")),
        path("<int:pk>/drawing/<slug:key>/<int:index>/image-<slug:window>.png", image, name=name("image")),
        path("<int:pk>/drawing/<slug:key>/<int:index>/all-<slug:style>.png", together, name=name("together")),
        path("<int:pk>/drawing/<slug:key>/<int:index>/<int:segment>-<slug:style>.png", layer, name=name("layer")),
    ]
