"""Tells Django of the app, and installs after each migration what migrations alone cannot keep."""

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate


def _after_migrate(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **_: object) -> None:
    from django.contrib.auth.models import Group

    from overlays.governance.permissions import GROUP_OF_SCOPE
    from overlays.models import triggers

    triggers.install(connections[using])
    for name in GROUP_OF_SCOPE.values():
        Group.objects.using(using).get_or_create(name=name)


class OverlaysConfig(AppConfig):
    """The registry's app."""

    name = "overlays"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the handler, and register the checks of what must stand in the database."""
        from overlays import checks  # noqa: F401

        post_migrate.connect(_after_migrate, sender=self)
