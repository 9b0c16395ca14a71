"""Django's settings; what a deployment may change comes from ``environment``."""

from pathlib import Path

from corsheaders.defaults import default_headers

from registry import database, environment, secret_key
from registry.unfold import UNFOLD  # noqa: F401
from registry.viewer.app_config import of_ohif

BASE_DIR = Path(__file__).resolve().parent.parent
_given = environment.read()
DATA_DIR = (BASE_DIR / _given["DATA_DIR"]).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

SITE_URL = _given["SITE_URL"]
VIEWER_DIR = BASE_DIR / _given["VIEWER_DIR"]
VIEWER_URL = _given["VIEWER_URL"]
SECRET_KEY = _given["SECRET_KEY"] or secret_key.kept_in(DATA_DIR)
DEBUG = False
_hosts = {url.split("//")[1].split(":")[0] for url in (SITE_URL, VIEWER_URL) if url}
ALLOWED_HOSTS = sorted({*_hosts, "127.0.0.1", "localhost", *_given["ALLOWED_HOSTS"]})
CSRF_TRUSTED_ORIGINS = [SITE_URL]
_https = SITE_URL.startswith("https:")
SESSION_COOKIE_AGE = _given["SESSION_IDLE_SECONDS"]  # counted from the last use: registry.middleware.session_in_use
TRUSTED_PROXIES = _given["TRUSTED_PROXIES"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "overlays.apps.OverlaysConfig",  # before unfold: its templates come first
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "registry.oidc.apps.IdentityConfig",  # before the provider: its templates come first
    "registry.oidc.apps.ProviderConfig",
]
MIDDLEWARE = [
    "registry.middleware.client_address",
    "registry.middleware.correlation_id",
    "registry.middleware.content_security_policy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "registry.middleware.BodyLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "registry.middleware.session_in_use",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "registry.urls"
WSGI_APPLICATION = "registry.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database.configuration(_given["DATABASE_URL"], DATA_DIR, _given["DATABASE_POOL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "bytes": {"BACKEND": "registry.storage.DurableFolder", "OPTIONS": {"location": DATA_DIR / "bytes"}},
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True  # static files are served from where they lie, so that nothing has to be collected first

LANGUAGE_CODE = "en"
TIME_ZONE = _given["TIME_ZONE"]
USE_TZ = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler"
]  # no form here sends a file: none is spooled

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

OVERLAYS_SOURCE_STORE = _given["SOURCE_STORE"]
OVERLAYS_ARCHIVE_URL = _given["SOURCE_DICOMWEB_URL"]
OVERLAYS_ARCHIVE_CREDENTIALS = _given["SOURCE_DICOMWEB_AUTH"]
OVERLAYS_ARCHIVE_FORWARD_TOKEN = _given["SOURCE_FORWARD_TOKEN"] == "yes"  # noqa: S105 -- a setting, no secret
OVERLAYS_ARCHIVE_SECONDS = _given["SOURCE_SECONDS"]
OVERLAYS_ARCHIVE_RETRIES = _given["SOURCE_RETRIES"]
OVERLAYS_ARCHIVE_PASSES = _given["SOURCE_PASSES"]
OVERLAYS_PROXY_SECRET = _given["PROXY_SECRET"]
OVERLAYS_MAX_INSTANCE_BYTES = _given["MAX_INSTANCE_BYTES"]
OVERLAYS_MAX_REQUEST_BYTES = _given["MAX_REQUEST_BYTES"]
OVERLAYS_READ_LATER_BYTES = _given["READ_LATER_BYTES"]
OVERLAYS_RULES = _given["RULES"]
OVERLAYS_DECISION_SECONDS = _given["DECISION_SECONDS"]
OVERLAYS_HEALTHIMAGING_ROLES = _given["HEALTHIMAGING_ROLES"]
# What is configured comes first, and holds.
OVERLAYS_VIEWERS = _given["VIEWERS"] | of_ohif(VIEWER_URL) | _given["VIEWERS"]
OVERLAYS_LAUNCH_SECONDS = _given["LAUNCH_SECONDS"]
OVERLAYS_DECODER_PROCESSES = _given["DECODER_PROCESSES"]
OVERLAYS_DECODER_SECONDS = _given["DECODER_SECONDS"]

OVERLAYS_RESOURCE = f"{SITE_URL}/api"  # aud of every access token; never the id of a client
OIDC_ISSUERS = [
    {"issuer": f"{SITE_URL}/oidc", "embedded": True, "audiences": [OVERLAYS_RESOURCE]},
    *_given["OIDC_ISSUERS"],
]
STAFF_LOGIN = _given["STAFF_LOGIN"]
LOCAL_LOGIN = _given["LOCAL_LOGIN"] == "yes"
OIDC_TOKEN_EXPIRE = _given["TOKEN_SECONDS"]
OIDC_CODE_EXPIRE = 60
OIDC_IDTOKEN_EXPIRE = _given["TOKEN_SECONDS"]
OIDC_REFRESH_EXPIRE = 12 * 3600
OIDC_IDTOKEN_SUB_GENERATOR = "registry.oidc.claims.sub"
OIDC_IDTOKEN_PROCESSING_HOOK = "registry.oidc.claims.idtoken"
OIDC_EXTRA_SCOPE_CLAIMS = "registry.oidc.claims.Claims"

CORS_ALLOWED_ORIGINS = [*_given["CORS_ALLOWED_ORIGINS"], *([VIEWER_URL] if VIEWER_URL else [])]
CORS_URLS_REGEX = r"^/(oidc/(token|userinfo|revoke|jwks|\.well-known)|api/|dicom-web/|review/dicom-web/)"
if OVERLAYS_PROXY_SECRET:  # what the proxy is told of Access-Control-Allow-Origin, it tells of the image
    CORS_URLS_REGEX += "|^/proxy/image$"
CORS_ALLOW_HEADERS = [*default_headers, "if-match", "if-none-match", "if-range", "range"]
CORS_EXPOSE_HEADERS = ["X-Request-Id", "ETag", "Warning", "Content-Location", "Content-Range", "Accept-Ranges"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["registry.oidc.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["registry.permission.StatesItsAction"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "registry.problems.problem",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AI overlay provenance and governance registry",
    "DESCRIPTION": "What may be rendered, where it came from, who reviewed it, who was shown it.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {"ReviewStateEnum": "overlays.models.choices.REVIEW_STATES"},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": _given["LOG_LEVEL"]},
    # These libraries write values of the objects they read, patients' among them, into their messages.
    "loggers": {"highdicom": {"level": "CRITICAL"}, "pydicom": {"level": "CRITICAL"}},
}
