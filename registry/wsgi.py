"""The WSGI application: the registry, and the viewer's origin where there is one."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from registry.viewer.serve import ViewerOrigin

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
application = get_wsgi_application()
if settings.VIEWER_URL:
    application = ViewerOrigin(
        application,
        origin=settings.VIEWER_URL,
        site=settings.SITE_URL,
        folder=settings.VIEWER_DIR,
        passes=settings.OVERLAYS_ARCHIVE_PASSES,
    )
