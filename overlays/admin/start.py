"""Serves the start page: what this is, and where each kind of user goes."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from overlays.admin.actor import actor_of, allowed
from overlays.governance.permissions import GROUP_OF_SCOPE, Action, Scope
from overlays.governance.vocabulary import ReviewState
from overlays.queries.worklist import counts_by_state


@dataclass(frozen=True, kw_only=True)
class Role:
    """One kind of user: what they do here, and where."""

    title: str
    does: str
    address: str
    link: str
    scope: Scope

    @property
    def group(self) -> str:
        """The group that makes a person one."""
        return GROUP_OF_SCOPE[self.scope]


ROLES = (
    Role(
        title="AI pipeline",
        does="Posts segmentations and reports by STOW-RS, and is told everything that is wrong with them.",
        address="/api/v1/docs/",
        link="Interface",
        scope=Scope.STORE,
    ),
    Role(
        title="Viewer",
        does="Asks before it draws: for every overlay a verdict, its reasons and a label. Fetches only that.",
        address="/api/v1/docs/",
        link="Interface",
        scope=Scope.VIEW,
    ),
    Role(
        title="Radiologist",
        does="Works a list: looks at each overlay on its images, accepts it, or rejects it for a coded reason.",
        address="/admin/overlays/overlayversion/",
        link="Worklist",
        scope=Scope.REVIEW,
    ),
    Role(
        title="AI steward",
        does="Registers model versions, approves, suspends and recalls them, and says who may post for each.",
        address="/admin/overlays/aimodel/",
        link="AI models",
        scope=Scope.MANAGE,
    ),
    Role(
        title="Auditor",
        does="Follows lineage from pixel to source and back, and reads who did what, who was shown what.",
        address="/admin/lineage/",
        link="Lineage",
        scope=Scope.AUDIT,
    ),
)

NUMBERS = (
    ("Awaiting review", (ReviewState.PENDING, ReviewState.IN_REVIEW)),
    ("Accepted", (ReviewState.ACCEPTED,)),
    ("Rejected", (ReviewState.REJECTED,)),
    ("Quarantined", (ReviewState.QUARANTINED,)),
)


@never_cache
@require_safe
def start_page(request: HttpRequest) -> HttpResponse:
    """The page. Needs no login and shows no patient; numbers are for those who may read reviews."""
    numbers = []
    if allowed(request, Action.READ_REVIEWS):
        counts = counts_by_state(actor_of(request))
        numbers = [(title, sum(counts[state] for state in states)) for title, states in NUMBERS]
    return render(request, "overlays/start.html", {"roles": ROLES, "numbers": numbers})
