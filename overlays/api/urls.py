"""Mounts the addresses of the JSON API."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.permissions import AllowAny

from overlays.api.audit import AuditEntries
from overlays.api.authorizers import HealthImaging
from overlays.api.changes import Changes
from overlays.api.comparisons import ComparisonOfVersions
from overlays.api.decision_keys import DecisionKeys
from overlays.api.encodings import Encodings
from overlays.api.launches import Launches
from overlays.api.lineage import Lineage
from overlays.api.models import Models, ModelVersions, ModelVersionStatus, Poster, Posters
from overlays.api.overlays import OverlayDetail, Overlays, OverlayVersions, Reviews, Version
from overlays.api.rejection_reasons import RejectionReasons
from overlays.api.render_decisions import DisplayReceipts, RenderDecisions, StudyRenderDecisions
from overlays.api.validations import Validations

_open = {"authentication_classes": [], "permission_classes": [AllowAny]}

urlpatterns = [
    path("studies/<str:study>/render-decisions", StudyRenderDecisions.as_view(), name="study-render-decisions"),
    path("render-decisions", RenderDecisions.as_view(), name="render-decisions"),
    path("decision-keys", DecisionKeys.as_view(), name="decision-keys"),
    path("display-receipts", DisplayReceipts.as_view(), name="display-receipts"),
    path("changes", Changes.as_view(), name="changes"),
    path("launches", Launches.as_view(), name="launches"),
    path("overlays", Overlays.as_view(), name="overlays"),
    path("overlays/<uuid:overlay>", OverlayDetail.as_view(), name="overlay"),
    path("overlays/<uuid:overlay>/versions", OverlayVersions.as_view(), name="overlay-versions"),
    path("versions/<str:sop_uid>", Version.as_view(), name="version"),
    path("versions/<str:sop_uid>/reviews", Reviews.as_view(), name="reviews"),
    path("versions/<str:sop_uid>/comparisons/<str:other_sop_uid>", ComparisonOfVersions.as_view(), name="comparison"),
    path("rejection-reasons", RejectionReasons.as_view(), name="rejection-reasons"),
    path("models", Models.as_view(), name="models"),
    path("models/<int:model>/versions", ModelVersions.as_view(), name="model-versions"),
    path("models/<int:model>/posters", Posters.as_view(), name="posters"),
    path("models/<int:model>/posters/<str:client_id>", Poster.as_view(), name="poster"),
    path("model-versions/<int:version>/status", ModelVersionStatus.as_view(), name="model-version-status"),
    path("encodings", Encodings.as_view(), name="encodings"),
    path("validations", Validations.as_view(), name="validations"),
    path("lineage", Lineage.as_view(), name="lineage"),
    path("authorizers/healthimaging", HealthImaging.as_view(), name="authorizer-healthimaging"),
    path("audit/entries", AuditEntries.as_view(), name="audit-entries"),
    path("schema/", SpectacularAPIView.as_view(**_open), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema", **_open), name="docs"),
]
