"""Tells Django about the two identity apps: the provider's tables, and the registry's own layer over them."""

from django.apps import AppConfig
from oidc_provider.apps import OIDCProviderConfig


class ProviderConfig(OIDCProviderConfig):
    """The provider's models with the key type of its own migrations.

    Upstream names none, so that a project whose default is another type would be asked to migrate the installed package.
    """

    default_auto_field = "django.db.models.AutoField"


class IdentityConfig(AppConfig):
    """The layer over the provider; listed before it, so that its templates win."""

    name = "registry.oidc"
    label = "identity"
    verbose_name = "Identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, the OpenAPI description of the bearer scheme, and what is noted of each login."""
        from django.contrib.auth.signals import user_logged_in

        from registry.oidc import checks, openapi, signed_in  # noqa: F401 - importing registers them

        user_logged_in.connect(signed_in.note, dispatch_uid="identity.signed_in")
