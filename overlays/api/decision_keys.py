"""Tells everybody the public keys that check signed render decisions."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from overlays.api.answers import DecisionKeysAnswer
from overlays.api.decision_form import ByAccept
from overlays.queries.decision_keys import public_keys

KEPT_SECONDS = 300


class KeySet(JSONRenderer):
    """A JWK Set under its own media type (RFC 7517 8.5.2)."""

    media_type = "application/jwk-set+json"
    format = "jwks"


class DecisionKeys(APIView):
    """The keys with which render decisions are signed; for everybody, without a token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer, KeySet)
    content_negotiation_class = ByAccept

    @extend_schema(
        auth=[],
        responses={(200, "application/json"): DecisionKeysAnswer, (200, KeySet.media_type): DecisionKeysAnswer},
        operation_id="decision_keys",
    )
    def get(self, request: Request) -> Response:
        """The JWK Set: every key that signed a decision which has not expired, and the one that will sign next."""
        headers = {"Cache-Control": f"public, max-age={KEPT_SECONDS}"}
        return Response({"keys": public_keys(timezone.now())}, headers=headers)
