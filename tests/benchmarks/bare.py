"""Is the least that Django can do for a render decision: check a token's signature, ask one question. Settings, URLs and view in one."""

import os
from pathlib import Path

import jwt
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponseForbidden, JsonResponse
from django.urls import path

from registry import database

SECRET_KEY = "of-no-use"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = __name__
USE_TZ = True
DATABASES = {
    "default": database.configuration(os.environ.get("DATABASE_URL", ""), Path(os.environ.get("DATA_DIR", ".")), 10)
}
_PEM = os.environ.get("BARE_PUBLIC_KEY", "").encode()
_KEY = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).prepare_key(_PEM) if _PEM else None
_QUERY = (
    "SELECT v.sop_instance_uid, v.review_state, v.verification FROM overlays_overlayversion v "
    "JOIN overlays_study s ON s.id = v.study_id WHERE s.study_instance_uid = %s"
)


def view(request: HttpRequest, study: str) -> JsonResponse | HttpResponseForbidden:
    """The versions of a study, for whoever brings a token with a good signature."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    try:
        jwt.decode(token, _KEY, algorithms=["RS256"], options={"verify_aud": False})
    except jwt.InvalidTokenError:
        return HttpResponseForbidden()
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, [study])
        return JsonResponse({"versions": cursor.fetchall()})


urlpatterns = [path("bare/<str:study>", view)]


def application(environ: dict, start_response: object) -> object:
    """The WSGI application, made at the first request."""
    global _application
    if _application is None:
        os.environ["DJANGO_SETTINGS_MODULE"] = __name__
        _application = get_wsgi_application()
    return _application(environ, start_response)


_application = None
