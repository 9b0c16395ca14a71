"""Signs a render decision, so that whoever holds it can check it without asking (RFC 7515, RFC 7519)."""

from datetime import datetime

from django.conf import settings
from jwt import api_jws
from rest_framework.renderers import JSONRenderer

from overlays.queries.decision_keys import ALGORITHM, SigningKey

TYPE = "render-decision+jwt"
"""The header ``typ``: no checker of access tokens or id_tokens accepts it, and no checker of decisions another (RFC 8725 3.11)."""


def signed_decision(body: dict, *, subject: str, evaluated_at: datetime, expires_at: datetime, key: SigningKey) -> str:
    """The answer as a compact JWS: the members of the body, and the claims iss, sub, iat, exp and jti.

    Times are whole seconds since 1970, cut, so that none is later than the body says.
    """
    claims = {
        "iss": settings.SITE_URL,
        "sub": subject,
        "iat": int(evaluated_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": body["decision_id"],
    }
    payload = JSONRenderer().render(body | claims)
    return api_jws.encode(payload, key.private, algorithm=ALGORITHM, headers={"typ": TYPE, "kid": key.kid})
