"""Refuses to start with an identity configuration that would accept the wrong tokens."""

from pathlib import Path

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from oidc_provider.lib.utils.common import get_issuer

from registry.oidc.staff_login import staff_login
from registry.oidc.verify import issuers


@register
def identity(app_configs, **kwargs) -> list[Error]:
    """Errors of the settings of identity, all of them."""
    faults = []
    if not getattr(settings, "SITE_URL", None):
        faults.append(Error("SITE_URL is not set: the issuer would follow the Host header.", id="identity.E001"))
    try:
        known = issuers()
    except (ImproperlyConfigured, OSError, ValueError) as fault:
        faults.append(Error(f"OIDC_ISSUERS cannot be used: {fault}", id="identity.E002"))
        known = {}
    embedded = [issuer for issuer in known.values() if issuer.embedded]
    if len(embedded) > 1:
        faults.append(Error("OIDC_ISSUERS has more than one embedded provider.", id="identity.E003"))
    for issuer in embedded:
        if getattr(settings, "SITE_URL", None) and issuer.issuer != get_issuer():
            faults.append(
                Error(f"The embedded provider is {get_issuer()}, not {issuer.issuer}.", id="identity.E004"),
            )
        if settings.OVERLAYS_RESOURCE not in issuer.audiences:
            faults.append(Error("OVERLAYS_RESOURCE is no audience of the embedded provider.", id="identity.E005"))
    try:
        external = staff_login()
    except ImproperlyConfigured as fault:
        faults.append(Error(f"The external login cannot be used: {fault}", id="identity.E008"))
    else:
        trusted = known.get(external.issuer) if external else None
        if trusted and external.client_id in trusted.audiences:
            sentence = (
                "The client of STAFF_LOGIN is an audience in OIDC_ISSUERS: its id_tokens would pass for access tokens."
            )
            faults.append(Error(sentence, id="identity.E010"))
        if external is None and not settings.LOCAL_LOGIN:
            faults.append(
                Error("LOCAL_LOGIN is off, and there is no STAFF_LOGIN: nobody could sign in.", id="identity.E009")
            )
    if getattr(settings, "OIDC_GRANT_TYPE_PASSWORD_ENABLE", False):
        faults.append(Error("The password grant stays off (RFC 9700 2.4).", id="identity.E006"))
    if not _layer_is_first():
        faults.append(Error("registry.oidc comes before the provider in INSTALLED_APPS.", id="identity.E007"))
    return faults


def _layer_is_first() -> bool:
    try:
        origin = get_template("oidc_provider/authorize.html").origin.name
    except TemplateDoesNotExist:
        return False
    return Path(__file__).parent in Path(origin).parents
