"""Serves the page on which a reader looks at one version and judges it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from overlays.admin import drawings
from overlays.admin.actor import actor_of, allowed
from overlays.admin.plain_text import require_plain
from overlays.admin.read_only import asking, page
from overlays.admin.review_content import is_told
from overlays.admin.review_context import review_context
from overlays.governance.actor import Actor
from overlays.governance.errors import Conflict, Invalid, TransitionRefused
from overlays.governance.permissions import Action
from overlays.governance.vocabulary import ReviewState
from overlays.models import OverlayVersion
from overlays.queries.review_page import VersionPage, find_version, ruling_for_review, version_page
from overlays.queries.worklist import next_awaiting
from overlays.services.review import accept, reject
from overlays.services.take_into_review import record_opening, release_review, start_review


def address(version: OverlayVersion) -> str:
    """Where a version is looked at."""
    return reverse("admin:overlays_overlayversion_review", args=[version.pk])


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the reader sent: kept on the page when it is refused."""

    act: str = ""
    comment: str = ""
    reason: str = ""
    seen_sha256: str = ""
    seen_state: str = ""
    and_next: bool = False
    error: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Given":
        """The fields of the form."""
        sent = request.POST
        return cls(
            act=sent.get("act", ""),
            comment=sent.get("comment", ""),
            reason=sent.get("reason", ""),
            seen_sha256=sent.get("seen_sha256", ""),
            seen_state=sent.get("seen_state", ""),
            and_next=sent.get("then") == "next",
        )

    def with_error(self, sentence: str) -> "Given":
        """The same, refused."""
        return replace(self, error=sentence)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@asking(Action.READ_REVIEWS)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The page (GET), and the reader's acts on it (POST); a refused act comes back with its sentence and the input."""
    actor = actor_of(request)
    if request.method == "POST":
        return _act(request, actor, pk)
    shown = version_page(actor=actor, pk=pk)
    looks = request.method == "GET"  # HEAD brings nothing before anybody's eyes
    if looks and shown.drawn and actor.may(Action.REVIEW) and _can_be_seen(shown.version):
        record_opening(actor=actor, at=timezone.now(), version=shown.version)
    return _render(request, actor, shown, Given(), 200)


def _render(request: HttpRequest, actor: Actor, shown: VersionPage, given: Given, status: int) -> HttpResponse:
    drawing, note = None, ""
    if shown.drawn and allowed(request, Action.DECIDE_REVIEW):
        drawing = drawings.described(shown.version)
        note = "" if drawing else drawings.note_without_pages(shown.version)
    context = review_context(actor, shown, drawing)
    following = next_awaiting(actor, shown.version)
    return page(
        request,
        "overlays/review.html",
        f"{context['maker']} · {shown.version.overlay.kind} version {shown.version.number}",
        status=status,
        given=given,
        note_without_pages=note,
        following=address(following) if following else "",
        is_fullwidth="1",
        **context,
    )


def _act(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    actor.require(Action.REVIEW)
    version, given = find_version(actor, pk), Given.of(request)
    if given.act not in ACTS:
        return _refused(request, actor, pk, given, Invalid("The page knows no such act."), 400)
    try:
        require_plain({"comment": given.comment, "reason": given.reason})
        done = ACTS[given.act](actor, version, given)
    except Conflict as refused:
        return _refused(request, actor, pk, given, refused, 409)
    except Invalid as refused:
        return _refused(request, actor, pk, given, refused, 400)
    following = next_awaiting(actor, version) if given.act in ("accept", "reject") else None
    if following is None and given.and_next:
        messages.success(request, f"{done} Nothing else waits for review.")
        return HttpResponseRedirect(reverse("admin:overlays_overlayversion_changelist"))
    if following is None or given.and_next:
        messages.success(request, done)
        return HttpResponseRedirect(address(following or version))
    link = format_html('{} <a class="ov-next" href="{}">Open the next one that waits</a>', done, address(following))
    messages.success(request, link)
    return HttpResponseRedirect(address(version))


def _refused(
    request: HttpRequest, actor: Actor, pk: int, given: Given, refused: Conflict | Invalid, status: int
) -> HttpResponse:
    return _render(request, actor, version_page(actor=actor, pk=pk), given.with_error(refused.sentence), status)


def _can_be_seen(version: OverlayVersion) -> bool:
    """Whether this page can show the content at all: in words, or as a drawing."""
    return is_told(version) or drawings.described(version) is not None


def _require_seen(given: Given) -> None:
    """A verdict says in which state the version was seen."""
    if given.seen_state not in set(ReviewState):
        raise Invalid("The form does not say in which state you saw the version. Open it again.")


def _accept(actor: Actor, version: OverlayVersion, given: Given) -> str:
    _require_seen(given)
    is_present = (given.seen_sha256, given.seen_state) == (version.sha256, version.review_state)
    # What is stale or withheld the service tells better: why it is, not that it cannot be drawn.
    if is_present and drawings.may_draw(ruling_for_review(actor, version)) and not _can_be_seen(version):
        raise TransitionRefused("This page cannot draw the version, so it cannot be accepted here.")
    accept(
        actor=actor,
        at=timezone.now(),
        sop_instance_uid=version.sop_instance_uid,
        seen_sha256=given.seen_sha256,
        seen_state=given.seen_state,
        comment=given.comment.strip(),
    )
    return f"Version {version.number} is accepted."


def _reject(actor: Actor, version: OverlayVersion, given: Given) -> str:
    if not given.reason:
        raise Invalid("Choose the reason for the rejection.")
    _require_seen(given)
    reject(
        actor=actor,
        at=timezone.now(),
        sop_instance_uid=version.sop_instance_uid,
        seen_sha256=given.seen_sha256,
        seen_state=given.seen_state,
        reason_code=given.reason,
        comment=given.comment.strip(),
    )
    return f"Version {version.number} is rejected."


def _start(actor: Actor, version: OverlayVersion, given: Given) -> str:
    start_review(actor=actor, at=timezone.now(), sop_instance_uid=version.sop_instance_uid)
    return f"Version {version.number} is in review by you."


def _release(actor: Actor, version: OverlayVersion, given: Given) -> str:
    release_review(actor=actor, at=timezone.now(), sop_instance_uid=version.sop_instance_uid)
    return f"Version {version.number} is back among the pending ones."


ACTS: dict[str, Callable[[Actor, OverlayVersion, Given], str]] = {
    "accept": _accept,
    "reject": _reject,
    "start": _start,
    "release": _release,
}
"""What a reader can do on the page, each a service; it answers with a sentence."""
