"""Is the Lambda authorizer of AWS HealthImaging for DICOMweb: needs neither a database nor the registry's settings.

The function to name is ``registry.oidc.healthimaging.handler``; its environment has OIDC_ISSUERS and HEALTHIMAGING_ROLES as
docs/identity.md describes them, the registry's own provider among the issuers with the shape ``registry``.
"""

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from uuid import uuid4

from django.core.exceptions import ImproperlyConfigured

from overlays.governance.archive_access import Roles, access, checked_roles
from registry.json_setting import read_json
from registry.oidc.errors import TokenRefused
from registry.oidc.external_actor import external_actor
from registry.oidc.issuers import Issuer, configured
from registry.oidc.signed_claims import check

logger = logging.getLogger(__name__)

DENIED = {"isTokenValid": False, "roleArn": ""}


def handler(event: Mapping, context: object) -> dict[str, object]:
    """The answer to one event; whatever goes wrong is a denial. Signature, claims and scopes decide; revocation is not seen here.

    Raises ImproperlyConfigured, and then answers nothing at all.
    """
    issuers, roles = _configuration()
    correlation_id = getattr(context, "aws_request_id", "") or str(uuid4())
    try:
        return answer(event, issuers=issuers, roles=roles, at=datetime.now(UTC), correlation_id=correlation_id)
    except Exception as fault:  # noqa: BLE001 -- an authorizer fails closed
        logger.error("denied: %s (request %s)", type(fault).__name__, correlation_id)
        return dict(DENIED)


def answer(
    event: Mapping, *, issuers: Mapping[str, Issuer], roles: Roles, at: datetime, correlation_id: str
) -> dict[str, object]:
    """The answer to one event at one time. Each one is logged, without the token."""
    token, data_store, operation = (event.get(name) for name in ("bearerToken", "datastoreId", "operation"))
    if not all(isinstance(value, str) for value in (token, data_store, operation)):
        logger.info("denied: the event is malformed (request %s)", correlation_id)
        return dict(DENIED)
    try:
        holder = external_actor(check(token, issuers, at=at), correlation_id)
    except TokenRefused as refusal:
        logger.info("denied: %s (request %s)", refusal.reason, correlation_id)
        return dict(DENIED)
    found = access(holder, data_store=data_store, operation=operation, roles=roles)
    logger.info("%s, %s: %s (request %s)", holder.key, found.why, operation[:64].encode(), correlation_id)
    return {"isTokenValid": True, "roleArn": found.role}


@cache
def _configuration() -> tuple[Mapping[str, Issuer], Roles]:
    try:
        issuers = configured(read_json(os.environ.get("OIDC_ISSUERS", "[]"), list))
        return issuers, checked_roles(read_json(os.environ.get("HEALTHIMAGING_ROLES", "{}"), dict))
    except ValueError as fault:
        raise ImproperlyConfigured(str(fault)) from None
